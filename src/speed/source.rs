//! What a figure of speed rests on, put into words only where somebody asks: the solver weighs
//! thousands of figures and shows a handful.

use std::fmt;
use std::rc::Rc;

/// What a figure rests on.
#[derive(Debug, Clone, PartialEq)]
pub enum Source {
    /// In words.
    Words(Rc<str>),
    /// What one stream rests on, and what several gain in sum.
    Streams {
        /// Of one stream.
        alone: Rc<Self>,
        /// How many.
        streams: u32,
        /// Tokens of all over those of one.
        times: f64,
        /// Runs of several streams that this was seen in; 0 where it is assumed.
        runs: usize,
    },
    /// Both.
    Both(Rc<(Self, Self)>),
}

impl Source {
    /// What a figure made of two rests on.
    pub(super) fn and(&self, other: &Self) -> Self {
        if self == other {
            return self.clone();
        }
        Self::Both(Rc::new((self.clone(), other.clone())))
    }
}

impl From<&str> for Source {
    fn from(words: &str) -> Self {
        Self::Words(words.into())
    }
}

impl From<String> for Source {
    fn from(words: String) -> Self {
        Self::Words(words.into())
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Words(words) => f.write_str(words),
            Self::Streams {
                alone,
                streams,
                times,
                runs,
            } => {
                write!(f, "{alone}; {streams} streams in sum: x {times:.2}, ")?;
                match runs {
                    0 => f.write_str("assumed"),
                    n => write!(f, "from {n} runs of several streams"),
                }
            }
            Self::Both(both) => write!(f, "{}; {}", both.0, both.1),
        }
    }
}
