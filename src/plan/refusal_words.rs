//! Why a variant is no candidate, in words.

use std::fmt;

use super::refusal::{Refusal, Shortfall, Wait};
use crate::basis::Basis;
use crate::catalog::roles::Role;
use crate::units::{apart, tokens};

impl fmt::Display for Wait {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::FirstToken => "to the first token",
            Self::Turn => "a turn",
        })
    }
}

/// ` at a depth of 48,000`, where it is one.
fn at(depth: u32) -> String {
    match depth {
        0 => String::new(),
        depth => format!(" at a depth of {}", tokens(depth)),
    }
}

/// `measured`, or the end of a prediction that counts.
fn counted(basis: Basis) -> String {
    match basis {
        Basis::Predicted => "the low end of a prediction, which is what counts".to_owned(),
        basis => basis.to_string(),
    }
}

impl Refusal {
    /// Too slow, in words.
    fn fmt_slow(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooSlow {
                tokens_per_second: Some(tps),
                basis: Some(basis),
                depth_tokens,
                least,
            } => write!(
                f,
                "{tps:.1} t/s ({}){}, below the {least} t/s asked for",
                counted(*basis),
                at(*depth_tokens)
            ),
            Self::TooSlow { least, .. } => {
                write!(f, "speed unknown, and at least {least} t/s was asked for")
            }
            Self::TooLong {
                wait,
                seconds: Some(seconds),
                basis: Some(basis),
                most,
            } => write!(
                f,
                "{seconds:.1} s {wait} ({basis}), above the {most} s asked for"
            ),
            Self::TooLong { wait, most, .. } => {
                write!(
                    f,
                    "speed unknown, and at most {most} s {wait} was asked for"
                )
            }
            _ => Ok(()),
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLarge {
                needed_bytes,
                budget_bytes,
                of_gpu,
                context,
            } => {
                let (needed, budget) = apart(*needed_bytes, *budget_bytes);
                let memory = if *of_gpu { "GPU memory" } else { "memory" };
                let at = tokens(*context);
                write!(
                    f,
                    "needs {needed} of {memory} at {at} tokens; {budget} may be used"
                )
            }
            Self::BelowFloor { task, shortfall } => write!(f, "{task}: {shortfall}"),
            Self::NoContextReaches => {
                f.write_str("no context that fits reaches the floors of a task")
            }
            Self::TooSlow { .. } | Self::TooLong { .. } => self.fmt_slow(f),
            Self::Excluded => f.write_str("excluded"),
            Self::NotInstalled => f.write_str("not on the disk"),
            Self::TooMuchToDownload {
                needed_bytes,
                most_bytes,
            } => write!(
                f,
                "{} to download, and `--disk` allows {}",
                needed_bytes.both(),
                most_bytes.both()
            ),
            Self::OtherEngine { engine } => write!(f, "runs in {engine}, which was not asked for"),
            Self::OneKvType { keys, values } => write!(
                f,
                "llama.cpp stores its keys and values in one type, and {keys} and {values} were asked for"
            ),
            Self::QuantizedKeys { because } => write!(
                f,
                "quantized keys were asked for, and they are known to harm it: {because}"
            ),
            Self::SuspectMeasurement { campaign, because } => {
                write!(
                    f,
                    "its only measurement in `{campaign}` is suspect: {because}"
                )
            }
            Self::NotMeasured {
                campaign: Some(campaign),
            } => write!(f, "not measured in `{campaign}` on this class of machine"),
            Self::NotMeasured { campaign: None } => {
                f.write_str("not measured on this class of machine")
            }
            Self::NotTrainedFor { trained, asked } => write!(
                f,
                "trained for {} tokens, and {} were asked for",
                tokens(*trained),
                tokens(*asked)
            ),
            Self::NoSuchEffort { asked } => {
                write!(f, "thinks, and is not known to take the effort `{asked}`")
            }
            Self::NotInLmStudio { engine } => write!(f, "runs in {engine}, not in LM Studio"),
            Self::FailsToLoad { seen } => write!(f, "was seen not to load: {seen}"),
            Self::NeedsAppleSilicon => f.write_str("MLX needs Apple silicon"),
            Self::NoArchitecture => {
                f.write_str("memory unknown: no confirmed architecture figures in the catalog")
            }
        }
    }
}

impl fmt::Display for Shortfall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Speed {
                tokens_per_second: tps,
                predicted: Some((_, high)),
                depth_tokens,
                least,
            } => write!(
                f,
                "{tps:.1} t/s{}, predicted (at most {high:.1}), is below its floor of {least} t/s",
                at(*depth_tokens)
            ),
            Self::Speed {
                tokens_per_second: tps,
                predicted: None,
                depth_tokens,
                least,
            } => write!(
                f,
                "{tps:.1} t/s{} is below its floor of {least} t/s",
                at(*depth_tokens)
            ),
            Self::Wait {
                wait,
                seconds,
                most,
            } => write!(f, "{seconds:.1} s {wait} is above its floor of {most} s"),
            Self::Quality { points, least } => write!(
                f,
                "{points:.1} points of quality expected, below its floor of {least}"
            ),
            Self::ToolUse => f.write_str("its publisher does not say that it calls tools"),
            Self::Purpose { made_for } => write!(f, "made for {made_for} alone"),
            Self::Role { lacks } => f.write_str(match lacks {
                Role::Chat => "does not converse",
                Role::Vision => "not known to take pictures with this file",
                Role::Autocomplete => "not known to fill in the middle of code",
                Role::Embedding => "no embedding model",
            }),
            Self::Context { context, least } => write!(
                f,
                "a context of {} is below its floor of {}",
                tokens(*context),
                tokens(*least)
            ),
            Self::PassRate { rate, least } => write!(
                f,
                "a pass rate of {:.0} % is below its floor of {:.0} %",
                rate * 100.0,
                least * 100.0
            ),
            Self::Precision {
                bits_per_weight,
                least,
            } => write!(
                f,
                "{bits_per_weight:.3} bits per weight are below its floor of {least}"
            ),
        }
    }
}
