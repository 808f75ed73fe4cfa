//! planner's own MCP server in the settings of the programs that agents run in, and the skill that
//! tells an agent when to ask it.

use serde::Serialize;

use super::{Base, CantMerge, ClientFile, Language, json, toml};
use crate::emit::error::EmitError;
use crate::emit::render::render;

/// A program that agents run in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Host {
    /// Claude Code.
    ClaudeCode,
    /// Codex.
    Codex,
    /// opencode.
    Opencode,
    /// Zed.
    Zed,
    /// LM Studio's own chat.
    LmStudio,
}

impl Host {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::ClaudeCode,
        Self::Codex,
        Self::Opencode,
        Self::Zed,
        Self::LmStudio,
    ];

    /// Where the server is in its settings.
    const fn entry(self) -> [&'static str; 2] {
        let servers = match self {
            Self::ClaudeCode | Self::LmStudio => "mcpServers",
            Self::Codex => "mcp_servers",
            Self::Opencode => "mcp",
            Self::Zed => "context_servers",
        };
        [servers, "planner"]
    }

    const fn files(self) -> &'static [ClientFile] {
        match self {
            Self::ClaudeCode => &CLAUDE_CODE,
            Self::Codex => &CODEX,
            Self::Opencode => &OPENCODE,
            Self::Zed => &ZED,
            Self::LmStudio => &LM_STUDIO,
        }
    }
}

/// What is left of a user's file when the server is taken out of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Left {
    /// This text.
    Text(String),
    /// Nothing: the file is ours as a whole.
    Nothing,
    /// All of it: the server is not in it.
    All,
    /// It was ours as a whole, and somebody has changed it.
    Changed,
}

/// Takes the server out of what one of a host's files says now: `ours` is what planner adds to it.
///
/// # Errors
/// When the text can't be read.
pub fn without_server(
    host: Host,
    file: &ClientFile,
    ours: &str,
    now: &str,
) -> Result<Left, CantMerge> {
    let entry = host.entry();
    let left = match file.language {
        Language::Json => json::without(now, &entry)?,
        Language::Toml => toml::without(now, &entry)?,
        Language::Yaml | Language::Whole => {
            return Ok(if now == ours {
                Left::Nothing
            } else {
                Left::Changed
            });
        }
    };
    Ok(left.map_or(Left::All, Left::Text))
}

#[derive(Serialize)]
struct Values<'a> {
    command: &'a str,
}

/// The files of a host that start the server by this command, each with what to add to it.
///
/// # Errors
/// When the command can't stand in one.
pub fn server_files(
    host: Host,
    command: &str,
) -> Result<Vec<(&'static ClientFile, String)>, EmitError> {
    let files = host.files().iter();
    files
        .map(|file| {
            let (path, template, ..) = file.template;
            Ok((file, render(path, template, &Values { command })?))
        })
        .collect()
}

macro_rules! template {
    ($name:literal, $purpose:literal) => {
        (
            concat!("mcp/", $name),
            include_str!(concat!("../templates/mcp/", $name)),
            false,
            $purpose,
        )
    };
}

/// A skill in the folder that a program looks for them in.
const fn skill(base: Base, names: &'static [&'static str]) -> ClientFile {
    ClientFile {
        template: template!("SKILL.md", "when an agent asks planner"),
        language: Language::Whole,
        base,
        names,
    }
}

const CLAUDE_CODE: [ClientFile; 2] = [
    ClientFile {
        template: template!("claude-code.json", "Claude Code: a server of the user's"),
        language: Language::Json,
        base: Base::Named("CLAUDE_CONFIG_DIR", ""),
        names: &[".claude.json"],
    },
    skill(
        Base::Named("CLAUDE_CONFIG_DIR", ".claude"),
        &["skills/planner/SKILL.md"],
    ),
];
const CODEX: [ClientFile; 2] = [
    ClientFile {
        template: template!("codex.toml", "Codex: a server"),
        language: Language::Toml,
        base: Base::Named("CODEX_HOME", ".codex"),
        names: &["config.toml"],
    },
    skill(Base::Home, &[".agents/skills/planner/SKILL.md"]),
];
const OPENCODE: [ClientFile; 2] = [
    ClientFile {
        template: template!("opencode.json", "opencode: a local server"),
        language: Language::Json,
        base: Base::Config,
        names: &["opencode/opencode.jsonc", "opencode/opencode.json"],
    },
    skill(Base::Home, &[".agents/skills/planner/SKILL.md"]),
];
const ZED: [ClientFile; 1] = [ClientFile {
    template: template!("zed.json", "Zed: a context server"),
    language: Language::Json,
    base: Base::Config,
    names: &["zed/settings.json"],
}];
const LM_STUDIO: [ClientFile; 1] = [ClientFile {
    template: template!("lmstudio.json", "LM Studio: a server of its chat"),
    language: Language::Json,
    base: Base::LmStudio,
    names: &["mcp.json"],
}];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_with_quotes_and_spaces_stays_one_word() {
        let command = "/my apps/it's \"planner\"";
        for host in Host::ALL {
            let files = server_files(host, command).unwrap();
            let (file, text) = &files[0];
            let merged = file.merged("", text).unwrap();
            // A second time changes nothing, and another program's path takes the first one's place.
            assert_eq!(file.merged(&merged, text).unwrap(), merged, "{host:?}");
            let moved = &server_files(host, "/elsewhere/planner").unwrap()[0].1;
            let moved = file.merged(&merged, moved).unwrap();
            assert!(moved.contains("/elsewhere/planner") && !moved.contains("my apps"));
            let json: Option<serde_json::Value> = serde_json::from_str(&merged).ok();
            let found = match json {
                Some(json) => json
                    .pointer("/mcpServers/planner/command")
                    .cloned()
                    .or_else(|| json.pointer("/context_servers/planner/command").cloned())
                    .or_else(|| json.pointer("/mcp/planner/command/0").cloned()),
                None => {
                    let toml: ::toml::Value = ::toml::from_str(&merged).unwrap();
                    let command = toml["mcp_servers"]["planner"]["command"].as_str().unwrap();
                    Some(command.into())
                }
            };
            assert_eq!(found.unwrap(), command, "{host:?}: {merged}");
        }
    }
}
