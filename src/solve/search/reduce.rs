//! Making a hard split smaller: once a good set is known, much of what is open can't beat it.
//!
//! The reduction of the multiple-choice knapsack (Sinha and Zoltners 1979, Pisinger 1995): an entry goes when, with it, the linear relaxation of the other parts does not reach the worth
//! that is wanted. Of what stays, every sum of memories lies on one lattice (where all sizes are even,
//! no set fills an odd room), so the room is rounded down to it. Both make the relaxation
//! tighter, which lets more entries go. That is repeated for as long as it makes a difference: where
//! each time a few entries go, it costs more than going through them.

use std::rc::Rc;

use crate::solve::problem::Taken;
use crate::solve::search::entry::{Entry, Worth};
use crate::solve::search::front::Front;
use crate::solve::search::hull::Hull;
use crate::solve::search::lattice::Lattice;
use crate::solve::search::split::Split;

/// One entry in so many, or fewer, is little.
const LITTLE: usize = 8;

/// What is left of a split that may still be worth `wanted`, and the room that it can fill; none
/// where nothing is.
pub(super) fn reduced(split: &Split, room: Taken, wanted: Worth) -> Option<(Split, Taken)> {
    let (mut split, mut room) = (split.clone(), room);
    let all = (1 << split.parts().len()) - 1;
    loop {
        let fronts = split.parts().iter().enumerate().map(|(n, part)| {
            let others = split.bounds_of(all & !(1 << n));
            let stays = |e: &&Entry| may_reach(&others, e, room, wanted);
            let staying = part.entries().iter().filter(stays).copied().collect();
            Front::new(part.part, staying, others.len()).map(Rc::new)
        });
        let fronts: Vec<Rc<Front>> = fronts.collect::<Option<_>>()?;
        let before = split.entries();
        split = Split::new(fronts);
        let tighter = on_lattice(&split, room)?;
        let little = tighter == room && split.entries() + before / LITTLE >= before;
        room = tighter;
        if split.bound(room)? < wanted {
            return None;
        }
        if little {
            return Some((split, room));
        }
    }
}

fn may_reach(others: &[Hull], entry: &Entry, room: Taken, wanted: Worth) -> bool {
    others.iter().enumerate().all(|(d, hull)| {
        room[d]
            .checked_sub(entry.memory[d])
            .is_some_and(|left| hull.reaches(left, Some(wanted - entry.worth)))
    })
}

/// The most of the room that sums of one entry of each class can take; none where all take more.
fn on_lattice(split: &Split, room: Taken) -> Option<Taken> {
    let mut tighter = room;
    for d in 0..split.dimensions() {
        tighter[d] = Lattice::of(split.parts(), d).round_down(room[d])?;
    }
    Some(tighter)
}
