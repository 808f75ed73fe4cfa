//! `study.toml`: which models to measure, and how.

use serde::Deserialize;

use crate::fault::Hinted;
use crate::measure::prompts::Language;
use crate::plan::bounds::MOST_AGENTS;
use crate::toml_text;
use crate::toml_text::{TomlError, nothing_hidden};

/// A study as its file says it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StudyFile {
    /// `model/variant` of each model, in the order in which they are measured.
    pub variants: Vec<String>,
    /// The task whose settings they are loaded with.
    #[serde(default = "code")]
    pub task: String,
    /// Context in tokens; what the task and the depths need when left out.
    #[serde(default)]
    pub context: Option<u32>,
    /// Runs of the five standard tests.
    #[serde(default = "three")]
    pub runs: u32,
    /// Depths to measure at, in tokens.
    #[serde(default)]
    pub depths: Vec<u32>,
    /// Numbers of requests at once to measure.
    #[serde(default)]
    pub streams: Vec<u32>,
    /// Language of the standard tests.
    #[serde(default = "zh")]
    pub language: Language,
    /// The chip of this machine, where planner can't read it.
    #[serde(default)]
    pub chip: Option<String>,
    /// Whether each model is asked the small tasks that ship.
    #[serde(default)]
    pub quality: bool,
    /// A folder of the user's own tasks, seen from the study's file.
    #[serde(default)]
    pub tasks: Option<String>,
    /// Whether code of answers runs where nothing holds it.
    #[serde(default)]
    pub unsandboxed: bool,
}

fn code() -> String {
    "code".to_owned()
}

const fn three() -> u32 {
    3
}

/// As the catalog's first study asked.
const fn zh() -> Language {
    Language::Zh
}

/// Why a file is no study.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotAStudy {
    /// Not the TOML of one.
    #[error(transparent)]
    Toml(#[from] TomlError),
    /// It makes no sense.
    #[error("{path}: {what}")]
    Nonsense {
        /// The file.
        path: String,
        /// What is wrong with it.
        what: String,
    },
}

impl Hinted for NotAStudy {
    fn hint(&self) -> Option<String> {
        match self {
            Self::Toml(error) => error.hint(),
            Self::Nonsense { .. } => Some(
                "write `variants = [\"MODEL/VARIANT\", ...]`, each once, and up to 16 depths and streams above zero"
                    .to_owned(),
            ),
        }
    }
}

impl StudyFile {
    /// Reads a study.
    ///
    /// # Errors
    /// With the place of what is wrong.
    pub fn parse(path: &str, text: &str) -> Result<Self, NotAStudy> {
        nothing_hidden(path, text)?;
        let study: Self = toml_text::parse(path, text)?;
        match study.problem() {
            None => Ok(study),
            Some(what) => Err(NotAStudy::Nonsense {
                path: path.to_owned(),
                what,
            }),
        }
    }

    fn problem(&self) -> Option<String> {
        const MOST: usize = 16;
        let variants = &self.variants;
        if variants.is_empty() {
            return Some("it names no variants".to_owned());
        }
        if let Some(n) = (1..variants.len()).find(|n| variants[..*n].contains(&variants[*n])) {
            return Some(format!("it names `{}` twice", variants[n]));
        }
        if self.depths.len() > MOST || self.streams.len() > MOST {
            return Some(format!("it has more than {MOST} depths or streams"));
        }
        if self.streams.iter().any(|s| !(1..=MOST_AGENTS).contains(s)) {
            return Some(format!("streams go from 1 to {MOST_AGENTS}"));
        }
        let nothing = !self.times() && !self.quality && self.tasks.is_none();
        if nothing || self.runs > 1000 {
            return Some(format!(
                "{} runs, and nothing else, measure nothing",
                self.runs
            ));
        }
        None
    }

    /// Whether it asks for speeds.
    #[must_use]
    pub fn times(&self) -> bool {
        self.runs > 0 || !self.depths.is_empty() || !self.streams.is_empty()
    }

    /// Most requests at once.
    #[must_use]
    pub fn most_streams(&self) -> Option<u32> {
        self.streams.iter().copied().max()
    }

    /// The greatest depth.
    #[must_use]
    pub fn greatest_depth(&self) -> Option<u32> {
        self.depths.iter().copied().max().filter(|depth| *depth > 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_study_names_variants_once_and_measures_something() {
        let study = StudyFile::parse("s.toml", "variants = [\"a/b\"]\ndepths = [0, 4096]").unwrap();
        assert_eq!((study.runs, study.greatest_depth()), (3, Some(4096)));
        assert_eq!((study.task.as_str(), study.most_streams()), ("code", None));
        let tasks = StudyFile::parse("s.toml", "variants = [\"a/b\"]\nruns = 0\nquality = true");
        assert!(tasks.is_ok_and(|study| study.quality && !study.times()));
        for (text, words) in [
            ("variants = []", "no variants"),
            ("variants = [\"a/b\", \"c/d\", \"a/b\"]", "`a/b` twice"),
            ("variants = [\"a/b\"]\nruns = 0", "measure nothing"),
            ("variants = [\"a/b\"]\nquality = 1", "true or false"),
            ("variants = [\"a/b\"]\nstreams = [0]", "from 1 to 64"),
            ("variants = [\"a/b\"]\ndepth = [1]", "depths"),
            ("variant = 1", "variants"),
            ("", "variants"),
        ] {
            let error = StudyFile::parse("s.toml", text).unwrap_err().to_string();
            assert!(error.contains(words), "{text}: {error}");
        }
    }
}
