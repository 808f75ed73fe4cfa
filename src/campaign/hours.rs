//! How long the requests of a study take with a model, from its speeds.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::measure::prompts::{Language, Prompts, Test};
use crate::measure::schedule::{DEPTH_TOKENS, NEW_TOKENS, STREAM_TOKENS};
use crate::scenario::{Candidate, Scenario, turn_of};
use crate::speed::Workload;

/// What each model of a study is asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Job {
    /// Runs of the standard tests.
    pub runs: u32,
    /// Depths, in tokens.
    pub depths: Vec<u32>,
    /// Numbers of requests at once.
    pub streams: Vec<u32>,
}

impl Job {
    /// As `planner study run --help` shows one.
    #[must_use]
    pub fn usual() -> Self {
        Self {
            runs: 3,
            depths: vec![0, 4096, 32_768],
            streams: vec![1, 2],
        }
    }
}

/// Seconds, as expected and at the slow end of every prediction.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Minutes {
    pub(super) expected: f64,
    pub(super) most: f64,
}

/// A request: tokens read, of those new, tokens written at most, how many at once, and how many such.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Asked {
    depth: u32,
    new: u32,
    output: u32,
    streams: u32,
    times: u32,
}

/// Seconds of all requests of a study with a model; none where a speed is not known.
pub(super) fn measuring(scenario: &Scenario<'_>, c: &Candidate<'_>, job: &Job) -> Option<Minutes> {
    let prompts = Prompts::of(Language::Zh).ok()?;
    let seconds = requests(&prompts, job).into_iter().map(|asked| {
        let work = Workload {
            depth_tokens: asked.depth,
            new_tokens: asked.new,
            output_tokens: asked.output,
            output_range: (asked.output, asked.output),
            first_prompt_tokens: asked.depth,
            streams: asked.streams,
        };
        let turn = turn_of(scenario, c, work)?;
        // What is new is all of it, or follows what the engine has read just before.
        let reading = match asked.new == asked.depth {
            true => &turn.reading_first,
            false => &turn.reading,
        };
        let times = f64::from(asked.times);
        let output = f64::from(asked.output);
        Some(Minutes {
            expected: times * (reading.value() + output / turn.decode.value()),
            most: times * (reading.deciding_time() + output / turn.decode.deciding()),
        })
    });
    seconds.sum()
}

impl std::iter::Sum for Minutes {
    fn sum<I: Iterator<Item = Self>>(all: I) -> Self {
        all.fold(Self::default(), |a, b| Self {
            expected: a.expected + b.expected,
            most: a.most + b.most,
        })
    }
}

/// The requests of a study, each answer as long as it may be.
fn requests(prompts: &Prompts, job: &Job) -> Vec<Asked> {
    let runs = job.runs.max(1);
    // No prompt has more tokens than characters.
    let length = |t: &Test| u32::try_from(t.prompt.chars().count()).unwrap_or(u32::MAX);
    let test = |t: &Test, streams: u32, output: u32, times: u32| Asked {
        depth: length(t),
        new: length(t),
        output,
        streams,
        times,
    };
    let mut all: Vec<Asked> = prompts
        .tests
        .iter()
        .map(|t| test(t, 1, t.max_tokens, job.runs))
        .collect();
    // The warm-up, and LM Studio's own figures.
    let once = prompts
        .tests
        .first()
        .into_iter()
        .chain(prompts.test("instruction"));
    all.extend(once.map(|t| test(t, 1, t.max_tokens, 1)));
    let medium = prompts.test("medium");
    for &streams in &job.streams {
        all.extend(medium.map(|t| test(t, streams, STREAM_TOKENS, runs)));
    }
    for &depth in &job.depths {
        let cold = |output, times| Asked {
            depth,
            new: depth,
            output,
            streams: 1,
            times,
        };
        all.push(cold(DEPTH_TOKENS, runs));
        if depth == 0 {
            continue;
        }
        all.push(Asked {
            depth: depth.saturating_add(NEW_TOKENS),
            new: NEW_TOKENS,
            output: DEPTH_TOKENS,
            streams: 1,
            times: runs,
        });
        for &streams in job.streams.iter().filter(|s| **s > 1) {
            all.push(cold(1, runs.saturating_mul(streams)));
            all.push(Asked {
                depth,
                new: 1,
                output: STREAM_TOKENS,
                streams,
                times: runs,
            });
        }
    }
    all
}
