//! What to ask, in which order.

use serde_json::{Value, json};

use super::document::Series;
use super::prompts::{Prompts, Test};

/// Tokens generated after a deep prompt: enough for a steady decode speed.
const DEPTH_TOKENS: u32 = 128;
/// Tokens of each stream of a concurrency series.
const STREAM_TOKENS: u32 = 256;
/// Words of the prompt that finds how many tokens a word is.
const CALIBRATION_WORDS: u32 = 400;
/// Tokens left free beside prompt and answer: the template's, and the error of aiming.
const SPARE_TOKENS: u32 = 256;

/// One request to make.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Job {
    /// Its part of the run.
    pub series: Series,
    /// Which test.
    pub test: String,
    /// Which run of it, from 1.
    pub run: u32,
    /// The depth aimed at.
    pub depth_tokens: Option<u32>,
    /// Requests at once.
    pub concurrency: u32,
    /// Which of them, from 1.
    pub stream: u32,
    /// What is asked.
    pub prompt: String,
    /// Most tokens to generate.
    pub max_tokens: u32,
}

impl Job {
    fn of(series: Series, test: &Test, run: u32) -> Self {
        Self {
            series,
            test: test.id.clone(),
            run,
            depth_tokens: None,
            concurrency: 1,
            stream: 1,
            prompt: test.prompt.clone(),
            max_tokens: test.max_tokens,
        }
    }

    /// The body of the request.
    #[must_use]
    pub fn body(&self, model: &str, temperature: f64, streamed: bool) -> Value {
        let mut body = json!({
            "model": model,
            "messages": [{ "role": "user", "content": self.prompt }],
            "max_tokens": self.max_tokens,
            "temperature": temperature,
            "stream": streamed,
        });
        if streamed {
            body["stream_options"] = json!({ "include_usage": true });
        }
        body
    }
}

/// Requests before the rest, which bring the weights into memory; they count nowhere.
#[must_use]
pub fn warm_up(prompts: &Prompts, requests: u32) -> Vec<Job> {
    let tests = prompts.tests.iter().cycle();
    (1..=requests)
        .zip(tests)
        .map(|(run, test)| Job::of(Series::WarmUp, test, run))
        .collect()
}

/// The standard tests. Each run goes through all of them, so that a prompt does not follow itself
/// and be answered from its own cache.
#[must_use]
pub fn standard(prompts: &Prompts, runs: u32) -> Vec<Job> {
    (1..=runs)
        .flat_map(|run| {
            prompts
                .tests
                .iter()
                .map(move |t| Job::of(Series::Standard, t, run))
        })
        .collect()
}

/// One round of a soak.
#[must_use]
pub fn soak_round(prompts: &Prompts, round: u32) -> Vec<Job> {
    prompts
        .tests
        .iter()
        .map(|t| Job::of(Series::Soak, t, round))
        .collect()
}

/// The request for a server's own figures.
#[must_use]
pub fn cross_check(prompts: &Prompts) -> Option<Job> {
    let test = prompts.test("instruction")?;
    Some(Job::of(Series::CrossCheck, test, 1))
}

/// One round with this many streams: the same test on every stream, told apart at its front so
/// that none answers from another's cache.
#[must_use]
pub fn concurrent(prompts: &Prompts, streams: u32, run: u32) -> Vec<Job> {
    let Some(test) = prompts.test("medium") else {
        return Vec::new();
    };
    (1..=streams)
        .map(|stream| Job {
            concurrency: streams,
            stream,
            prompt: format!("({streams}.{run}.{stream}) {}", test.prompt),
            max_tokens: STREAM_TOKENS.min(test.max_tokens),
            ..Job::of(Series::Concurrency, test, run)
        })
        .collect()
}

/// The request that finds how many tokens a word of filler is.
#[must_use]
pub fn calibration(prompts: &Prompts, nonce: u64) -> Job {
    Job {
        series: Series::Calibration,
        test: "filler".to_owned(),
        run: 1,
        depth_tokens: None,
        concurrency: 1,
        stream: 1,
        prompt: prompts.filled(CALIBRATION_WORDS, nonce),
        max_tokens: 1,
    }
}

/// Tokens per word, from what the server counted of the calibration's prompt.
#[must_use]
pub fn tokens_per_word(prompt_tokens: u32) -> f64 {
    f64::from(prompt_tokens) / f64::from(CALIBRATION_WORDS)
}

/// A request after about `depth` tokens of context.
#[must_use]
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a count of words, far below 2^32, from a positive quotient"
)]
pub fn deep(prompts: &Prompts, depth: u32, run: u32, tokens_per_word: f64, nonce: u64) -> Job {
    let words = (f64::from(depth) / tokens_per_word.max(0.1)).round() as u32;
    Job {
        series: Series::Depth,
        test: "filler".to_owned(),
        run,
        depth_tokens: Some(depth),
        concurrency: 1,
        stream: 1,
        prompt: prompts.filled(words, nonce),
        max_tokens: DEPTH_TOKENS,
    }
}

/// Why a depth can't be measured in a context, where it can't.
#[must_use]
pub fn too_deep(depth: u32, context: u32) -> Option<String> {
    (depth.saturating_add(DEPTH_TOKENS + SPARE_TOKENS) > context).then(|| {
        format!(
            "a depth of {depth} tokens was left out: with its answer it does not fit the context of {context} that the model is loaded with"
        )
    })
}
