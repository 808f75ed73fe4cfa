//! The frozen constants of the ability model, fitted over the whole catalog.
//!
//! `constants*.toml` are written by a test (see `tests/it/quality/mod.rs`) and never by hand. Being
//! frozen, they let a model be placed by its own scores alone: a new one moves no other.

use serde::{Deserialize, Serialize};

use std::collections::BTreeMap;
use std::sync::LazyLock;

use super::matrix::{Pair, Symmetric};
use crate::catalog::roles::Role;
use crate::catalog::schema::Reporter;
use crate::shipped;
use crate::toml_text::TomlError;

/// The constants inside the binary; none if a file were broken, which a test rules out.
static SHIPPED: LazyLock<Constants> = LazyLock::new(|| Space::General.shipped());
static EMBEDDING: LazyLock<Constants> = LazyLock::new(|| Space::Embedding.shipped());
static VISION: LazyLock<Constants> = LazyLock::new(|| Space::Vision.shipped());
static COMPLETION: LazyLock<Constants> = LazyLock::new(|| Space::Completion.shipped());

/// Abilities that say nothing of each other: each has benchmarks and constants of its own.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Space {
    /// Language, knowledge, reasoning, code.
    #[default]
    General,
    /// Vectors of text.
    Embedding,
    /// Pictures.
    Vision,
    /// Filling in the middle of code.
    Completion,
}

impl Space {
    /// All.
    pub const ALL: [Self; 4] = [
        Self::General,
        Self::Embedding,
        Self::Vision,
        Self::Completion,
    ];

    /// Where the work of a role is judged.
    #[must_use]
    pub const fn of(role: Role) -> Self {
        match role {
            Role::Chat => Self::General,
            Role::Autocomplete => Self::Completion,
            Role::Embedding => Self::Embedding,
            Role::Vision => Self::Vision,
        }
    }

    /// The file of its constants in the repository.
    #[must_use]
    pub const fn file(self) -> &'static str {
        match self {
            Self::General => "src/quality/constants.toml",
            Self::Embedding => "src/quality/constants-embedding.toml",
            Self::Vision => "src/quality/constants-vision.toml",
            Self::Completion => "src/quality/constants-completion.toml",
        }
    }

    fn shipped(self) -> Constants {
        Constants::read(self).unwrap_or_default()
    }
}

/// How many facts of a model its expected ability is drawn from: see [`super::prior::facts`].
pub const FACTS: usize = 5;

/// How far a vendor's own runs may flatter all its scores alike, in log odds: what is left of the
/// scatter between vendors and third parties when their own scatter is taken off.
pub const FLATTERY: f64 = 0.12;
/// The same of publishers whom nobody has checked: assumed to be twice the 0.15 by which the mean
/// gaps of the checked ones differ from each other.
const UNCHECKED_FLATTERY: f64 = 0.30;

/// All that was fitted.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Constants {
    /// The abilities that they are of.
    #[serde(skip)]
    pub space: Space,
    /// The release assumed of a model whose date nobody gives, in years: the mean of the others.
    pub released_mean: f64,
    /// What each fact adds to a model's ability, then to its tilt.
    pub slopes: [[f64; FACTS]; 2],
    /// Publishers of whom third parties found at least three figures again.
    pub checked: Vec<String>,
    /// The benchmarks that at least six models published.
    pub benchmarks: Vec<Benchmark>,
    /// The models that others of their maker are judged by.
    pub siblings: Vec<Sibling>,
}

/// What a benchmark asks: log odds = difficulty + loading x (ability, tilt) + a deviation of the
/// model's own.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Benchmark {
    /// Its name in the catalog.
    pub name: String,
    /// Models it was fitted on.
    pub models: u32,
    /// The kind of reporter that most of its figures come from.
    pub reporter: Reporter,
    /// Log odds of a model of ability and tilt 0: higher is easier.
    pub difficulty: f64,
    /// How steeply it rises with ability, and with tilt (code and agents against knowledge).
    pub loading: Pair,
    /// Variance of models' own deviations, log odds squared.
    pub variance: f64,
    /// Covariance of difficulty and loadings: (0,0), (0,1), (0,2), (1,1), (1,2), (2,2).
    pub covariance: [f64; 6],
}

/// How far a model lies from what its facts let expect, seen through its own scores alone.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sibling {
    /// Id: nobody is its own sibling.
    pub model: String,
    /// Its publisher.
    pub publisher: String,
    /// Release, in years.
    pub released: f64,
    /// Doublings of parameters over 100 billion.
    pub size: f64,
    /// Doublings of active parameters over 10 billion.
    pub active: f64,
    /// It thinks.
    pub reasoning: bool,
    /// How much its ability, then its tilt, lies above expectation.
    pub residual: Pair,
    /// Variance of each.
    pub variance: Pair,
    /// What was published of it by benchmark, in log odds, less what its vendor is taken to add.
    pub figures: BTreeMap<String, f64>,
}

impl Constants {
    /// The constants inside the binary, of what models are mostly asked to do.
    #[must_use]
    pub fn shipped() -> &'static Self {
        &SHIPPED
    }

    /// Those by which the work of a role is judged.
    #[must_use]
    pub fn of(role: Role) -> &'static Self {
        Self::in_space(Space::of(role))
    }

    /// Those of abilities that are judged alike.
    #[must_use]
    pub fn in_space(space: Space) -> &'static Self {
        match space {
            Space::General => &SHIPPED,
            Space::Embedding => &EMBEDDING,
            Space::Vision => &VISION,
            Space::Completion => &COMPLETION,
        }
    }

    /// Reads a file inside the binary.
    ///
    /// # Errors
    /// When it is broken, which a test rules out.
    pub fn read(space: Space) -> Result<Self, TomlError> {
        let read: Self = shipped::read(space.file())?;
        Ok(Self { space, ..read })
    }

    /// How far a publisher's own figures may all be too high, in log odds (one standard deviation).
    #[must_use]
    pub fn flattery(&self, publisher: &str) -> f64 {
        if self.has_checked(publisher) {
            FLATTERY
        } else {
            UNCHECKED_FLATTERY
        }
    }

    /// Whether third parties found enough of a publisher's figures again.
    #[must_use]
    pub fn has_checked(&self, publisher: &str) -> bool {
        self.checked.iter().any(|p| p == publisher)
    }

    /// What is known of a benchmark.
    #[must_use]
    pub fn benchmark(&self, name: &str) -> Option<&Benchmark> {
        self.benchmarks.iter().find(|b| b.name == name)
    }
}

impl Benchmark {
    /// Expected log odds of a model of this ability and tilt.
    #[must_use]
    pub fn log_odds(&self, place: Pair) -> f64 {
        self.difficulty + super::matrix::dot(self.loading, place)
    }

    /// How log odds change when a model's ability and tilt do: never upwards by less of them.
    #[must_use]
    pub fn change(&self, shift: Pair) -> f64 {
        super::matrix::dot(self.loading, shift).min(0.0)
    }

    /// Variance of the expectation for a model of this place because the constants are fitted.
    #[must_use]
    pub fn fitted_variance(&self, place: Pair) -> f64 {
        let [dd, da, dt, aa, at, tt] = self.covariance;
        let loadings = Symmetric {
            a: aa,
            b: at,
            c: tt,
        };
        dd + 2.0 * super::matrix::dot([da, dt], place) + loadings.quadratic(place)
    }
}
