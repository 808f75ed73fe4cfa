//! What hides: the home folder's path, and all lines and fields that nobody named.

use crate::doctor::bundle::Fault;
use crate::machine::reading::NotRead;

/// What must not be seen.
pub(super) struct Veil<'a> {
    home: Option<&'a str>,
}

impl<'a> Veil<'a> {
    /// The user's home folder, where it is known.
    pub(super) const fn of(home: Option<&'a str>) -> Self {
        Self { home }
    }

    /// Without the home folder's path, and so without the user's name.
    pub(super) fn words(&self, text: &mut String) {
        if let Some(home) = self.home.filter(|h| h.len() > 1) {
            *text = text.replace(home, "~");
        }
    }

    pub(super) fn fault(&self, fault: &mut Fault) {
        self.words(&mut fault.error);
        fault.hint.iter_mut().for_each(|hint| self.words(hint));
    }

    /// An answer of which this is kept; of a reason, its words.
    pub(super) fn kept(&self, answer: &mut Result<String, NotRead>, keep: impl Fn(&str) -> String) {
        match answer {
            Ok(text) => *text = keep(text),
            Err(why) => self.why(why),
        }
    }

    pub(super) fn why(&self, why: &mut NotRead) {
        let mut words = why.to_string();
        self.words(&mut words);
        *why = NotRead::NotHere(words);
    }
}

/// The lines of a text that are like this.
pub(super) fn lines(text: &str, keep: impl Fn(&str) -> bool) -> String {
    let kept = text.lines().filter(|l| keep(l));
    kept.map(|l| format!("{l}\n")).collect()
}
