//! How long a turn takes, in words.

use crate::catalog::effort::Setting;
use crate::plan::document::{Ranged, Turn, TurnTime};
use crate::units::thousands;

/// Times from here on are told in minutes.
const MINUTES_FROM: f64 = 120.0;

/// `a turn at 48,000 tokens: about 23 s (18 to 30), 900 tokens written at 31 t/s; first token 3.1 s
/// at each turn, 95 s at the start of a session; predicted`.
pub(super) fn words(t: &Turn, named: bool) -> String {
    if reads_alone(t) {
        return format!(
            "a text of {} tokens for {}: read in about {}, {} tokens a second; {}",
            thousands(u64::from(t.depth_tokens)),
            t.task,
            range(&t.seconds_per_turn),
            pace(t),
            t.seconds_per_turn.basis,
        );
    }
    let of = if named {
        format!("a turn of {}", t.task)
    } else {
        "a turn".to_owned()
    };
    let agents = if t.streams > 1 {
        format!(", {} at once", t.streams)
    } else {
        String::new()
    };
    let asked = asked(t.effort);
    let band = t.output_range.map_or_else(String::new, |range| {
        let [low, high] = [range.low, range.high].map(|n| thousands(u64::from(n)));
        format!(" ({low} to {high})")
    });
    format!(
        "{of} at {} tokens{agents}{asked}: about {}, {} tokens{band} written at {:.1} t/s; first token {} at each turn, {} at the start of a session; {}",
        thousands(u64::from(t.depth_tokens)),
        range(&t.seconds_per_turn),
        thousands(u64::from(t.output_tokens)),
        t.decode_tokens_per_second.value,
        seconds(t.first_token_warm_seconds.value),
        seconds(t.first_token_cold_seconds.value),
        t.seconds_per_turn.basis,
    )
}

/// `, 14 s a turn at 48,000 tokens (31 t/s, predicted)`, of several tasks one after the other;
/// nothing where none is known.
pub(super) fn times(turns: &[TurnTime]) -> String {
    let several = turns.len() > 1;
    let each = turns.iter().map(|t| {
        let of = if several {
            format!(" of {}", t.task)
        } else {
            String::new()
        };
        let time = &t.seconds_per_turn;
        let at = t.pace.map_or(String::new(), |pace| {
            let depth = thousands(u64::from(pace.depth_tokens));
            let at_once = match pace.streams {
                1 => String::new(),
                n => format!(" with {n} at once"),
            };
            let speed = pace.decode_tokens_per_second.value;
            format!(
                " at {depth} tokens{at_once} ({speed:.0} t/s, {})",
                time.basis
            )
        });
        let effort = t.effort.words();
        let effort = effort.map_or_else(String::new, |words| format!(" with {words}"));
        format!(", {} a turn{of}{at}{effort}", seconds(time.value))
    });
    each.collect()
}

/// Whether a turn writes nothing: its text is read, and turned into a vector.
pub(super) const fn reads_alone(t: &Turn) -> bool {
    t.output_tokens == 0
}

/// Tokens per second: of what is written, or where nothing is, of what is read.
pub(super) fn pace(t: &Turn) -> String {
    if reads_alone(t) {
        tokens_read(t.prefill_tokens_per_second.value)
    } else {
        format!("{:.0}", t.decode_tokens_per_second.value)
    }
}

/// Tokens read in a second, which nobody knows to more than two digits.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "some thousands of tokens"
)]
fn tokens_read(per_second: f64) -> String {
    thousands((per_second / 100.0).round() as u64 * 100)
}

/// Seconds to the first token of a turn; nothing where none is written.
pub(super) fn first_token(t: &Turn) -> String {
    match reads_alone(t) {
        true => "-".to_owned(),
        false => seconds(t.first_token_warm_seconds.value),
    }
}

/// `, thinking off`, where something has to be set.
pub(super) fn asked(effort: Setting) -> String {
    let words = effort.words();
    words.map_or_else(String::new, |words| format!(", {words}"))
}

/// `23 s (18 to 30)`.
pub(super) fn range(time: &Ranged) -> String {
    let per = unit(time.value).0;
    let end = |s: f64| number(s / per);
    format!(
        "{} ({} to {})",
        seconds(time.value),
        end(time.low),
        end(time.high)
    )
}

/// By how many percent turns are longer than others: below zero where they are shorter.
pub(super) fn percent_longer(turns: f64, others: f64) -> f64 {
    100.0 * (turns / others - 1.0)
}

/// `turns 4.0 times as long`, `turns 12 % longer`, `turns 17 % shorter`.
pub(super) fn longer(turns: f64, others: f64) -> String {
    match percent_longer(turns, others) {
        more if more >= 100.0 => format!("turns {:.1} times as long", turns / others),
        more if more < 0.0 => format!("turns {:.0} % shorter", -more),
        more => format!("turns {more:.0} % longer"),
    }
}

/// `3.1 s`, `23 s`, `4.5 min`.
pub(super) fn seconds(seconds: f64) -> String {
    let (per, unit) = unit(seconds);
    format!("{} {unit}", number(seconds / per))
}

const fn unit(seconds: f64) -> (f64, &'static str) {
    if seconds < MINUTES_FROM {
        (1.0, "s")
    } else {
        (60.0, "min")
    }
}

fn number(n: f64) -> String {
    if n < 0.095 {
        format!("{n:.2}")
    } else if n < 10.0 {
        format!("{n:.1}")
    } else {
        format!("{n:.0}")
    }
}
