//! What the file and the environment say, and where each value comes from.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

use anyhow::{Result, bail};
use serde::Serialize;
use toml::Spanned;

use super::check;
use super::key::{Key, Written};
use crate::app::prices;
use crate::edge::{environment, files, places};
use crate::fault;
use crate::suggest;
use crate::toml_text;

/// Version of the shape of what `config` answers.
const SCHEMA: u32 = 1;

/// Where a value comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Origin {
    /// A variable of the environment.
    Environment {
        /// Its name.
        variable: String,
    },
    /// The file.
    File {
        /// Its line, from 1.
        line: usize,
    },
    /// Nobody said it.
    BuiltIn,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Environment { variable } => f.write_str(variable),
            Self::File { line } => write!(f, "config.toml, line {line}"),
            Self::BuiltIn => f.write_str("built in"),
        }
    }
}

/// A default with where it comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Setting {
    /// Which.
    pub key: Key,
    /// Its values: one, but for tasks, clients and prices (`MACHINE=PRICE`); none where nobody said one.
    pub values: Vec<String>,
    /// Where they come from.
    pub origin: Origin,
}

/// Every default.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Config {
    settings: BTreeMap<Key, Setting>,
}

/// What `config` answers.
#[derive(Debug, Serialize)]
pub struct Shown {
    /// Version of this shape.
    pub schema: u32,
    /// The file, whether it is there or not.
    pub path: Option<PathBuf>,
    /// Every key.
    pub settings: Vec<Setting>,
}

impl Config {
    /// The values of a key; empty where nobody said one.
    #[must_use]
    pub fn values(&self, key: Key) -> &[String] {
        self.settings.get(&key).map_or(&[], |s| &s.values)
    }

    /// What was said of a key, and where; none where nobody said anything.
    #[must_use]
    pub fn told(&self, key: Key) -> Option<&Setting> {
        self.settings.get(&key)
    }

    /// What machines cost, by their ids.
    #[must_use]
    pub fn prices(&self) -> Vec<(String, f64)> {
        let of_all = self.values(Key::Price).iter();
        of_all.filter_map(|text| prices::parse(text).ok()).collect()
    }
}

/// The user's defaults.
///
/// # Errors
/// When the file can't be read, or a value makes no sense: with file and line, or the variable.
pub fn load() -> Result<Config> {
    let mut config = match places::config_path().filter(|path| files::is_there(path)) {
        Some(path) => of_text(&path, &files::read_text(&path)?)?,
        None => Config::default(),
    };
    for key in Key::ALL {
        let Some(text) = environment::variable(key.variable()) else {
            continue;
        };
        let values = key.values_of(&text);
        if let Err(problem) = check::value(key, &values) {
            bail!(fault!(
                "{}={text}: {problem}", key.variable();
                "{}", key.usage(Written::Variable)
            ));
        }
        // Tasks and a mix are one choice: the nearer one counts.
        config.settings.retain(|other, _| !key.replaces(*other));
        let origin = Origin::Environment {
            variable: key.variable().to_owned(),
        };
        let setting = Setting {
            key,
            values,
            origin,
        };
        config.settings.insert(key, setting);
    }
    Ok(config)
}

/// What a file says.
pub(super) fn of_text(path: &Path, text: &str) -> Result<Config> {
    let shown = path.display().to_string();
    let document: BTreeMap<String, Spanned<toml::Value>> = toml_text::parse(&shown, text)?;
    let mut config = Config::default();
    for (name, value) in document {
        let before = text.get(..value.span().start).unwrap_or("");
        let line = toml_text::line_of(before);
        let Some(key) = Key::named(&name) else {
            let known = Key::ALL.map(Key::name);
            let near = suggest::nearest(&name, known);
            bail!(fault!(
                "{shown}, line {line}: unknown key `{name}`{}", suggest::or_nothing(near.as_deref());
                "known are `{}`", known.join("`, `")
            ));
        };
        let problem = match key.values_in(value.as_ref()) {
            Some(values) => match check::value(key, &values) {
                Ok(()) => {
                    let origin = Origin::File { line };
                    let setting = Setting {
                        key,
                        values,
                        origin,
                    };
                    config.settings.insert(key, setting);
                    continue;
                }
                Err(problem) => problem,
            },
            None => "this kind of value can't stand here".to_owned(),
        };
        bail!(fault!("{shown}, line {line}: `{name}`: {problem}"; "{}", key.usage(Written::File)));
    }
    let line = |key| match config.settings.get(&key).map(|s: &Setting| &s.origin) {
        Some(Origin::File { line }) => Some(*line),
        _ => None,
    };
    if let Some((_, line)) = line(Key::For).zip(line(Key::Tasks)) {
        bail!(fault!(
            "{shown}, line {line}: `tasks` and `for` are both given";
            "keep one: a mix by name, or tasks"
        ));
    }
    Ok(config)
}

/// Every key with its value and where that comes from.
///
/// # Errors
/// As [`load`].
pub fn show() -> Result<Shown> {
    let config = load()?;
    let setting = |key: Key| {
        let built_in = || Setting {
            key,
            values: Vec::new(),
            origin: Origin::BuiltIn,
        };
        config.settings.get(&key).cloned().unwrap_or_else(built_in)
    };
    Ok(Shown {
        schema: SCHEMA,
        path: places::config_path(),
        settings: Key::ALL.map(setting).to_vec(),
    })
}

/// Where the file is, or would be.
///
/// # Errors
/// When the home folder is not known.
pub fn path() -> Result<PathBuf> {
    places::config_path()
        .ok_or_else(|| fault!("the home folder is not known"; "set HOME or XDG_CONFIG_HOME").into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Config> {
        of_text(Path::new("config.toml"), text)
    }

    #[test]
    fn values_are_read_as_people_write_them() {
        let text = "machine = \"m4-max-64gb\"\ntasks = [\"code=2\", \"chat\"]\ndepth = \"60k\"\nagents = 3\n[price]\nm4-max-64gb = 2999\n";
        let config = read(text).unwrap();
        assert_eq!(config.values(Key::Machine), ["m4-max-64gb"]);
        assert_eq!(config.values(Key::Tasks), ["code=2", "chat"]);
        assert_eq!(
            (config.values(Key::Depth), config.values(Key::Agents)),
            (&["60k".to_owned()][..], &["3".to_owned()][..])
        );
        assert_eq!(config.prices(), [("m4-max-64gb".to_owned(), 2999.0)]);
    }

    #[test]
    fn what_makes_no_sense_is_refused_with_its_line() {
        for (text, line, words) in [
            ("machine = \"m4-max-65gb\"", 1, "m4-max-64gb"),
            ("\n\ndepth = -4", 3, "depth"),
            ("# a\nmachin = \"x\"", 2, "did you mean `machine`"),
            ("for = \"coding\"\ntasks = [\"code\"]", 2, "both"),
            ("tasks = [\"code\", \"cod\"]", 1, "did you mean `code`"),
            ("engine = \"vllm\"", 1, "llama.cpp"),
            ("agents = [1]", 1, "kind of value"),
            ("[price]\nnone = 5", 1, "none"),
            ("reserve = \"24\"", 1, "24"),
            ("clients = [\"opencod\"]", 1, "did you mean `opencode`"),
            ("for = \"codin\"", 1, "did you mean `coding`"),
        ] {
            let error = format!("{:#}", read(text).unwrap_err());
            assert!(
                error.contains(&format!("config.toml, line {line}: ")),
                "{error}"
            );
            assert!(error.contains(words), "{words} in {error}");
        }
    }
}
