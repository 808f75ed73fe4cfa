//! What a request demands of the time that turns take.

use crate::plan::refusal::{Refusal, Wait};
use crate::plan::request::Request;
use crate::speed::{Estimate, Figure};

/// Whether a turn is as quick as the request demands; what is not known is not.
pub(super) fn quick_enough(request: &Request, turn: Option<&Estimate>) -> Result<(), Refusal> {
    if let Some(least) = request.min_tokens_per_second {
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
    let first = turn.map(|turn| (turn.deciding_first_token(), turn.first_token_warm().basis()));
    let whole = turn.map(|turn| (turn.deciding_seconds(), turn.seconds_per_turn().basis()));
    let demands = [
        (Wait::FirstToken, request.max_first_token_seconds, first),
        (Wait::Turn, request.max_turn_seconds, whole),
    ];
    for (wait, most, takes) in demands {
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
