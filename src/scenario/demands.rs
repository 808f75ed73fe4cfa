//! What a request demands of the time that turns take.

use crate::plan::refusal::{Refusal, Wait};
use crate::plan::request::Demands;
use crate::speed::{Estimate, Figure};

/// Whether a turn is expected to be as quick as is demanded, as floors are held, and decodes as fast
/// at the low end of a prediction; what is not known is not.
///
/// # Errors
/// The first demand that it does not meet, in the order speed, first token, turn.
pub fn quick_enough(demands: Demands, turn: Option<&Estimate>) -> Result<(), Refusal> {
    if let Some(least) = demands.min_tokens_per_second {
        let decode = turn.map(|turn| &turn.decode);
        if decode.is_none_or(|decode| decode.deciding() < least) {
            return Err(Refusal::TooSlow {
                tokens_per_second: decode.map(Figure::deciding),
                basis: decode.map(Figure::basis),
                depth_tokens: turn.map_or(0, |turn| turn.work.depth_tokens),
                least,
            });
        }
    }
    let expected = |figure: &Figure| (figure.value(), figure.basis());
    let first = turn.map(|turn| expected(&turn.first_token_warm()));
    let whole = turn.map(|turn| {
        let seconds = turn.expected_seconds_of(&turn.work);
        (seconds, turn.seconds_per_turn().basis())
    });
    let waits = [
        (Wait::FirstToken, demands.max_first_token_seconds, first),
        (Wait::Turn, demands.max_turn_seconds, whole),
    ];
    for (wait, most, takes) in waits {
        let Some(most) = most else { continue };
        if takes.is_none_or(|(seconds, _)| seconds > most) {
            return Err(Refusal::TooLong {
                wait,
                seconds: takes.map(|(seconds, _)| seconds),
                basis: takes.map(|(_, basis)| basis),
                most,
            });
        }
    }
    Ok(())
}
