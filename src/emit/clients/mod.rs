//! The plan as settings of the programs that people work with, and merged into their own files.

mod cant_merge;
mod json;
pub(super) mod servers;
mod toml;
mod yaml;

use super::artifact::Template;
pub use cant_merge::CantMerge;

/// A program that talks to LM Studio's server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Client {
    /// Claude Code.
    ClaudeCode,
    /// Codex.
    Codex,
    /// aider.
    Aider,
    /// Crush.
    Crush,
    /// opencode.
    Opencode,
    /// Zed.
    Zed,
    /// Continue.
    Continue,
    /// Visual Studio Code's chat.
    VsCode,
}

/// How a client's file is written, which decides how ours is merged into it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Language {
    /// JSON, with comments where the client takes them.
    Json,
    /// TOML.
    Toml,
    /// YAML.
    Yaml,
    /// Anything: the file is ours as a whole.
    Whole,
}

/// The folder that a client's file is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Base {
    /// The user's home.
    Home,
    /// The user's configuration folder: `~/.config`, on a Mac too.
    Config,
    /// Where Visual Studio Code keeps a user's files.
    VsCodeUser,
    /// LM Studio's home.
    LmStudio,
    /// The folder that a variable names, else this one in the user's home.
    Named(&'static str, &'static str),
}

/// A file of a client.
#[derive(Debug, Clone, Copy)]
pub struct ClientFile {
    pub(super) template: Template,
    language: Language,
    /// The folder.
    pub base: Base,
    /// Its names below that, the usual one last: the first that is there is meant.
    pub names: &'static [&'static str],
}

impl ClientFile {
    /// Its name among a plan's files.
    #[must_use]
    pub const fn path(&self) -> &'static str {
        self.template.0
    }

    /// What the user's file becomes: ours, merged into what is there.
    ///
    /// # Errors
    /// When what is there can't be read, or ours can't stand in it.
    pub fn merged(&self, existing: &str, ours: &str) -> Result<String, CantMerge> {
        match self.language {
            Language::Json => json::merged(existing, ours),
            Language::Toml => toml::merged(existing, ours),
            Language::Yaml => yaml::merged(existing, ours),
            Language::Whole => Ok(ours.to_owned()),
        }
    }
}

impl Client {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::ClaudeCode,
        Self::Codex,
        Self::Aider,
        Self::Crush,
        Self::Opencode,
        Self::Zed,
        Self::Continue,
        Self::VsCode,
    ];

    /// Its name in settings and on the command line.
    #[must_use]
    pub const fn id(self) -> &'static str {
        match self {
            Self::ClaudeCode => "claude-code",
            Self::Codex => "codex",
            Self::Aider => "aider",
            Self::Crush => "crush",
            Self::Opencode => "opencode",
            Self::Zed => "zed",
            Self::Continue => "continue",
            Self::VsCode => "vscode",
        }
    }

    /// The one of this name.
    #[must_use]
    pub fn from_id(id: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|client| client.id() == id)
    }

    /// Whether it has use for models that converse alone: not for those that complete or embed.
    #[must_use]
    pub const fn converses(self) -> bool {
        !matches!(self, Self::Continue)
    }

    /// Its files.
    #[must_use]
    pub const fn files(self) -> &'static [ClientFile] {
        match self {
            Self::ClaudeCode => &CLAUDE_CODE,
            Self::Codex => &CODEX,
            Self::Aider => &AIDER,
            Self::Crush => &CRUSH,
            Self::Opencode => &OPENCODE,
            Self::Zed => &ZED,
            Self::Continue => &CONTINUE,
            Self::VsCode => &VS_CODE,
        }
    }
}

const CLAUDE_CODE: [ClientFile; 1] = [ClientFile {
    template: (
        "clients/claude-code.json",
        include_str!("../templates/clients/claude-code.json"),
        false,
        "Claude Code: `claude --settings` takes it",
    ),
    language: Language::Json,
    base: Base::Named("CLAUDE_CONFIG_DIR", ".claude"),
    names: &["settings.json"],
}];
const CODEX: [ClientFile; 1] = [ClientFile {
    template: (
        "clients/codex.toml",
        include_str!("../templates/clients/codex.toml"),
        false,
        "Codex: provider and model",
    ),
    language: Language::Toml,
    base: Base::Named("CODEX_HOME", ".codex"),
    names: &["config.toml"],
}];
const AIDER: [ClientFile; 2] = [
    ClientFile {
        template: (
            "clients/aider.conf.yml",
            include_str!("../templates/clients/aider.conf.yml"),
            false,
            "aider: server and model",
        ),
        language: Language::Yaml,
        base: Base::Home,
        names: &[".aider.conf.yml"],
    },
    ClientFile {
        template: (
            "clients/aider.model.metadata.json",
            include_str!("../templates/clients/aider.model.metadata.json"),
            false,
            "aider: the models' contexts",
        ),
        language: Language::Json,
        base: Base::Home,
        names: &[".aider.model.metadata.json"],
    },
];
const CRUSH: [ClientFile; 1] = [ClientFile {
    template: (
        "clients/crush.json",
        include_str!("../templates/clients/crush.json"),
        false,
        "Crush: provider and models",
    ),
    language: Language::Json,
    base: Base::Config,
    names: &["crush/crush.json"],
}];
const OPENCODE: [ClientFile; 1] = [ClientFile {
    template: (
        "clients/opencode.json",
        include_str!("../templates/clients/opencode.json"),
        false,
        "opencode: provider and models",
    ),
    language: Language::Json,
    base: Base::Config,
    names: &["opencode/opencode.jsonc", "opencode/opencode.json"],
}];
const ZED: [ClientFile; 1] = [ClientFile {
    template: (
        "clients/zed.json",
        include_str!("../templates/clients/zed.json"),
        false,
        "Zed: provider and model",
    ),
    language: Language::Json,
    base: Base::Config,
    names: &["zed/settings.json"],
}];
const CONTINUE: [ClientFile; 1] = [ClientFile {
    template: (
        "clients/continue.yaml",
        include_str!("../templates/clients/continue.yaml"),
        false,
        "Continue: models",
    ),
    language: Language::Yaml,
    base: Base::Named("CONTINUE_GLOBAL_DIR", ".continue"),
    names: &["config.yaml"],
}];
const VS_CODE: [ClientFile; 1] = [ClientFile {
    template: (
        "clients/vscode-chatLanguageModels.json",
        include_str!("../templates/clients/vscode-chatLanguageModels.json"),
        false,
        "VS Code chat: a custom endpoint",
    ),
    language: Language::Json,
    base: Base::VsCodeUser,
    names: &["chatLanguageModels.json"],
}];
