//! The prompts of the standard tests, and text to fill a context with.

use serde::Deserialize;

use crate::toml_text;
use crate::toml_text::TomlError;

const FILES: [(&str, &str); 2] = [
    (
        "profiles/prompts/zh.toml",
        include_str!("../../profiles/prompts/zh.toml"),
    ),
    (
        "profiles/prompts/en.toml",
        include_str!("../../profiles/prompts/en.toml"),
    ),
];

/// The language of a set of prompts.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Language {
    /// The study's own prompts, in Chinese.
    Zh,
    /// The same questions in English.
    En,
}

/// The standard tests in one language.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Prompts {
    /// The language.
    pub language: Language,
    /// Where the prompts come from.
    pub source: String,
    /// Words that a deep context is filled with.
    filler: Vec<String>,
    /// What is asked after the filler.
    question: String,
    /// The tests, in the order of a run.
    pub tests: Vec<Test>,
}

/// One standard test.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Test {
    /// Its id, by which measurements name it: `short`, `medium`, `long`, `reasoning`,
    /// `instruction`.
    pub id: String,
    /// What it tests, for people.
    pub name: String,
    /// Most tokens to generate.
    pub max_tokens: u32,
    /// What is asked.
    pub prompt: String,
}

impl Prompts {
    /// The shipped set of a language.
    ///
    /// # Errors
    /// When a shipped file is broken, which a test rules out.
    pub fn of(language: Language) -> Result<Self, TomlError> {
        let (path, text) = FILES[match language {
            Language::Zh => 0,
            Language::En => 1,
        }];
        toml_text::parse(path, text)
    }

    /// A test by its id.
    #[must_use]
    pub fn test(&self, id: &str) -> Option<&Test> {
        self.tests.iter().find(|t| t.id == id)
    }

    /// A prompt of `words` words of filler and the question. `nonce` stands at its front, so that
    /// no server can answer from a cache of an earlier prompt.
    #[must_use]
    pub fn filled(&self, words: u32, nonce: u64) -> String {
        // A fixed mixing step (xorshift64): the same nonce gives the same text everywhere.
        let mut state = nonce.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
        let mut text = format!("{nonce:016x}");
        for _ in 0..words {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            let count = self.filler.len().max(1) as u64;
            let pick = usize::try_from(state % count).unwrap_or(0);
            text.push(' ');
            text.push_str(self.filler.get(pick).map_or("word", String::as_str));
        }
        text.push_str("\n\n");
        text.push_str(&self.question);
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_languages_ask_the_five_tests_with_the_studys_limits() {
        for language in [Language::Zh, Language::En] {
            let set = Prompts::of(language).unwrap();
            assert_eq!(set.language, language);
            let limits: Vec<(&str, u32)> = set
                .tests
                .iter()
                .map(|t| (t.id.as_str(), t.max_tokens))
                .collect();
            assert_eq!(
                limits,
                [
                    ("short", 100),
                    ("medium", 500),
                    ("long", 2000),
                    ("reasoning", 500),
                    ("instruction", 400)
                ]
            );
        }
    }

    #[test]
    fn filler_differs_from_its_first_character_on() {
        let set = Prompts::of(Language::En).unwrap();
        let (one, two) = (set.filled(50, 1), set.filled(50, 2));
        assert_eq!(one, set.filled(50, 1));
        assert_eq!(
            one.split_whitespace().count(),
            two.split_whitespace().count()
        );
        let shared = one.bytes().zip(two.bytes()).take_while(|(a, b)| a == b);
        assert!(shared.count() < 16);
    }
}
