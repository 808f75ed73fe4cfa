//! What a time limit left undone of an answer.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::scenario::error::RecommendError;

/// A part of an answer that is missing, or not complete.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "part", rename_all = "snake_case")]
pub enum Unfinished {
    /// Whether memory decides.
    Memory,
    /// How far weights may go.
    Weights {
        /// Weights whose range is told.
        done: usize,
        /// All of them.
        of: usize,
    },
    /// What predicted speeds could change.
    Speeds,
    /// The answer if every prediction came true.
    Hopeful,
    /// Why not a model.
    WhyNot,
    /// The single changes that would bring it in.
    Flips,
    /// A change to try.
    Change {
        /// In words.
        change: String,
    },
    /// What a machine would give.
    Machine {
        /// Its id.
        id: String,
    },
}

/// A part of an answer, or its name among what is unfinished where the time limit came first.
pub(super) fn in_time<T>(
    part: Result<T, RecommendError>,
    unfinished: &mut Vec<Unfinished>,
    name: Unfinished,
) -> Result<Option<T>, RecommendError> {
    match part {
        Ok(part) => Ok(Some(part)),
        Err(RecommendError::OutOfTime) => {
            // Two questions may stop at the same part.
            if !unfinished.contains(&name) {
                unfinished.push(name);
            }
            Ok(None)
        }
        Err(other) => Err(other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_that_two_questions_leave_undone_is_named_once() {
        let mut unfinished = Vec::new();
        for part in [Unfinished::Flips, Unfinished::Memory, Unfinished::Flips] {
            let ended: Result<(), _> = Err(RecommendError::OutOfTime);
            assert_eq!(in_time(ended, &mut unfinished, part), Ok(None));
        }
        assert_eq!(unfinished, [Unfinished::Flips, Unfinished::Memory]);
    }
}
