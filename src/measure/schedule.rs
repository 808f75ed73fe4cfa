//! What to ask, in which order.

use serde_json::{Value, json};

use super::document::Series;
use super::problem::{Problem, ProblemKind};
use super::prompts::{Prompts, Test};

/// Tokens generated after a deep prompt: enough for a steady decode speed.
pub const DEPTH_TOKENS: u32 = 128;
/// Tokens of each stream of a concurrency series.
pub const STREAM_TOKENS: u32 = 256;
/// Words of the prompt that finds how many tokens a word is.
const CALIBRATION_WORDS: u32 = 400;
/// Tokens that a warm prompt has more than the cold one before it: a usual turn's.
pub const NEW_TOKENS: u32 = 1024;
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
    /// A standard test. A mark of a few characters stands before its prompt, another one each time:
    /// servers keep prompts that they have read, and would answer the second run from the first.
    fn of(series: Series, test: &Test, run: u32, nonce: u64) -> Self {
        let mark = mixed(nonce ^ (u64::from(run) << 8) ^ series as u64) & 0xffff;
        Self {
            series,
            test: test.id.clone(),
            run,
            depth_tokens: None,
            concurrency: 1,
            stream: 1,
            prompt: format!("[{mark:04x}] {}", test.prompt),
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

/// A number that looks like no other (the finishing step of splitmix64).
const fn mixed(n: u64) -> u64 {
    let n = (n ^ (n >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let n = (n ^ (n >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    n ^ (n >> 31)
}

/// Requests before the rest, which bring the weights into memory; they count nowhere.
#[must_use]
pub fn warm_up(prompts: &Prompts, requests: u32, nonce: u64) -> Vec<Job> {
    let tests = prompts.tests.iter().cycle();
    (1..=requests)
        .zip(tests)
        .map(|(run, test)| Job::of(Series::WarmUp, test, run, nonce))
        .collect()
}

/// The standard tests. Each run goes through all of them before the next.
#[must_use]
pub fn standard(prompts: &Prompts, runs: u32, nonce: u64) -> Vec<Job> {
    (1..=runs)
        .flat_map(|run| {
            prompts
                .tests
                .iter()
                .map(move |t| Job::of(Series::Standard, t, run, nonce))
        })
        .collect()
}

/// One round of a soak.
#[must_use]
pub fn soak_round(prompts: &Prompts, round: u32, nonce: u64) -> Vec<Job> {
    prompts
        .tests
        .iter()
        .map(|t| Job::of(Series::Soak, t, round, nonce))
        .collect()
}

/// The request for a server's own figures.
#[must_use]
pub fn cross_check(prompts: &Prompts, nonce: u64) -> Option<Job> {
    let test = prompts.test("instruction")?;
    Some(Job::of(Series::CrossCheck, test, 1, nonce))
}

/// One round with this many streams: the same test on every stream, each with a mark of its own.
#[must_use]
pub fn concurrent(prompts: &Prompts, streams: u32, run: u32, nonce: u64) -> Vec<Job> {
    let Some(test) = prompts.test("medium") else {
        return Vec::new();
    };
    (1..=streams)
        .map(|stream| Job {
            concurrency: streams,
            stream,
            max_tokens: STREAM_TOKENS.min(test.max_tokens),
            ..Job::of(
                Series::Concurrency,
                test,
                run,
                nonce ^ (u64::from(streams) << 40) ^ (u64::from(stream) << 24),
            )
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

/// Text of about so many tokens.
#[derive(Debug, Clone, Copy)]
pub struct Filler<'a> {
    /// Its words.
    pub prompts: &'a Prompts,
    /// By the server's count.
    pub tokens_per_word: f64,
}

impl Filler<'_> {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a count of words, far below 2^32, from a positive quotient"
    )]
    fn prompt(&self, tokens: u32, nonce: u64) -> String {
        let words = (f64::from(tokens) / self.tokens_per_word.max(0.1)).round() as u32;
        self.prompts.filled(words, nonce)
    }

    /// A request after about `depth` tokens of context that the server has not seen.
    #[must_use]
    pub fn deep(&self, depth: u32, run: u32, nonce: u64) -> Job {
        Job {
            series: Series::Depth,
            test: "filler".to_owned(),
            run,
            depth_tokens: Some(depth),
            concurrency: 1,
            stream: 1,
            prompt: self.prompt(depth, nonce),
            max_tokens: DEPTH_TOKENS,
        }
    }

    /// What follows a deep request: its prompt with as much more as a turn brings. None from an
    /// empty context.
    #[must_use]
    pub fn warm(&self, cold: &Job, nonce: u64) -> Option<Job> {
        let depth = cold.depth_tokens.filter(|depth| *depth > 0)?;
        Some(Job {
            series: Series::Warm,
            prompt: self.prompt(depth.saturating_add(NEW_TOKENS), nonce),
            ..cold.clone()
        })
    }

    /// One round of streams that are each `depth` tokens deep, and before it what has each of them
    /// read alone, so that the round is one of decoding.
    #[must_use]
    pub fn deep_at_once(&self, depth: u32, streams: u32, run: u32, nonce: u64) -> [Vec<Job>; 2] {
        let at_once: Vec<Job> = (1..=streams)
            .map(|stream| Job {
                series: Series::Concurrency,
                concurrency: streams,
                stream,
                max_tokens: STREAM_TOKENS,
                ..self.deep(depth, run, nonce ^ (u64::from(stream) << 24))
            })
            .collect();
        let alone = at_once.iter().map(|job| Job {
            series: Series::WarmUp,
            concurrency: 1,
            max_tokens: 1,
            ..job.clone()
        });
        [alone.collect(), at_once]
    }
}

/// Why an answer says nothing of the depth that was asked for, where it does not: the server counted
/// less than half of the prompt.
#[must_use]
pub fn not_reached(job: &Job, prompt_tokens: Option<u32>) -> Option<Problem> {
    let (depth, counted) = (job.depth_tokens?, prompt_tokens?);
    (u64::from(counted) * 2 < u64::from(depth)).then(|| {
        Problem::new(
            ProblemKind::ShortPrompt,
            format!(
                "a prompt of about {depth} tokens was sent, and the server counted {counted}: its speed is not one at that depth"
            ),
        )
        .hint("the server cuts prompts, or counts only what was not cached: load the model with a longer context, and look into the server's log")
    })
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

/// Why so many streams of a depth can't be measured in a context that they share, where they can't.
#[must_use]
pub fn too_many(depth: u32, streams: u32, context: u32) -> Option<String> {
    let each = depth.saturating_add(STREAM_TOKENS + SPARE_TOKENS);
    (each.saturating_mul(streams) > context).then(|| {
        format!(
            "{streams} streams of {depth} tokens were left out: together they do not fit the context of {context} that the model is loaded with"
        )
    })
}

/// Whether a warm prompt, with what it has more, fits a context.
#[must_use]
pub const fn holds_warm(depth: u32, context: u32) -> bool {
    depth.saturating_add(NEW_TOKENS + DEPTH_TOKENS + SPARE_TOKENS) <= context
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measure::prompts::Language;

    #[test]
    fn a_prompt_that_the_server_cuts_reaches_no_depth() {
        let prompts = Prompts::of(Language::En).unwrap();
        let filler = Filler {
            prompts: &prompts,
            tokens_per_word: 1.3,
        };
        let at = |depth| filler.deep(depth, 1, 7);
        assert!(not_reached(&at(4096), Some(20)).is_some());
        // A word more or less is no other depth, and an empty context is reached by any prompt.
        assert_eq!(not_reached(&at(4096), Some(3800)), None);
        assert_eq!(not_reached(&at(0), Some(20)), None);
        assert_eq!(not_reached(&at(4096), None), None);
    }

    #[test]
    fn no_prompt_is_asked_twice_and_each_holds_its_test() {
        let prompts = Prompts::of(Language::Zh).unwrap();
        let mut jobs = warm_up(&prompts, 2, 7);
        jobs.extend(standard(&prompts, 3, 7));
        jobs.extend(soak_round(&prompts, 1, 7));
        jobs.extend(concurrent(&prompts, 2, 1, 7));
        jobs.extend(concurrent(&prompts, 4, 1, 7));
        for job in &jobs {
            let (mark, prompt) = job.prompt.split_once(' ').unwrap();
            assert_eq!(prompt, prompts.test(&job.test).unwrap().prompt);
            assert_eq!(mark.len(), 6);
        }
        let mut texts: Vec<&str> = jobs.iter().map(|j| j.prompt.as_str()).collect();
        texts.sort_unstable();
        texts.dedup();
        assert_eq!(texts.len(), jobs.len());
    }

    #[test]
    fn a_warm_prompt_begins_as_the_cold_one_before_it() {
        let prompts = Prompts::of(Language::En).unwrap();
        let filler = Filler {
            prompts: &prompts,
            tokens_per_word: 1.0,
        };
        let cold = filler.deep(3000, 1, 7);
        let warm = filler.warm(&cold, 7).unwrap();
        let shared = cold.prompt.rsplit_once("\n\n").unwrap().0;
        assert!(warm.prompt.starts_with(shared));
        let words = |job: &Job| job.prompt.split_whitespace().count();
        assert_eq!(words(&warm) - words(&cold), 1024);
        assert_eq!(filler.warm(&filler.deep(0, 1, 7), 7), None);
        let [alone, at_once] = filler.deep_at_once(3000, 3, 1, 7);
        for (one, again) in alone.iter().zip(&at_once) {
            assert_eq!((&one.prompt, one.max_tokens), (&again.prompt, 1));
        }
        assert_ne!(at_once[0].prompt, at_once[1].prompt);
    }

    #[test]
    fn a_depth_that_does_not_fit_is_told() {
        assert_eq!(too_deep(4096, 8192), None);
        assert!(too_deep(8192, 8192).unwrap().contains("8192"));
    }
}
