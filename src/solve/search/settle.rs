//! One split settled: the methods that find its best set, the cheapest first.
//!
//! What branch and bound does not settle soon is made smaller ([`reduce`]), and at last, where that
//! can be, settled by meeting in the middle.

use crate::solve::problem::Taken;
use crate::solve::search::incumbent::Incumbent;
use crate::solve::search::split::Split;
use crate::solve::search::{meet_in_the_middle, reduce};

/// Steps for each of its entries before a split counts as hard: first on all of it, then on what is
/// left of it.
const STEPS_BEFORE_HARD: u64 = 4;

/// Offers the best set of a split, where it is better than the best known.
pub(super) fn settle(split: Split, room: Taken, incumbent: &mut Incumbent<'_>) {
    if split.parts().len() <= 2 {
        split.descend_for(u64::MAX, room, incumbent);
        return;
    }
    if incumbent.wanted().is_none() {
        split.improve(room, incumbent);
    }
    let (mut split, mut room) = (split, room);
    for _ in 0..2 {
        let steps = STEPS_BEFORE_HARD * u64::try_from(split.entries()).unwrap_or(1);
        if split.descend_for(steps, room, incumbent) {
            return;
        }
        if let Some(wanted) = incumbent.wanted() {
            match reduce::reduced(&split, room, wanted) {
                Some(smaller) => (split, room) = smaller,
                None => return,
            }
        }
    }
    if meet_in_the_middle::can_serve(&split, room) {
        meet_in_the_middle::search(&split, room, incumbent);
    } else {
        split.descend_for(u64::MAX, room, incumbent);
    }
}
