//! Making a hard split smaller: once a good set is known, much of what is open can't beat it.
//!
//! An entry goes when, with it, the linear relaxation of the other parts does not reach the worth
//! that is wanted. Of what stays, every sum of memories lies on one lattice (where all sizes are even,
//! no set fills an odd room), so the room is rounded down to it. Both make the relaxation
//! tighter, which lets more entries go.

use std::rc::Rc;

use crate::solve::bound::Curve;
use crate::solve::slots::{Entry, gcd};
use crate::solve::split::{Front, Split};

/// What is left of a split that may still be worth `wanted`, and the room that it can fill; none
/// where nothing is.
pub(super) fn reduced(split: &Split, room: [u64; 2], wanted: i64) -> Option<(Split, [u64; 2])> {
    let (mut split, mut room) = (split.clone(), room);
    loop {
        let fronts = split.parts().iter().enumerate().map(|(n, part)| {
            let others = split.bounds_without(n);
            let stays = |e: &&Entry| may_reach(&others, e, room, wanted);
            let staying = part.entries().iter().filter(stays).copied().collect();
            Front::new(staying, others.len()).map(Rc::new)
        });
        let fronts: Vec<Rc<Front>> = fronts.collect::<Option<_>>()?;
        let before = split.entries();
        split = Split::new(fronts);
        let tighter = on_lattice(&split, room)?;
        let same = tighter == room && split.entries() == before;
        room = tighter;
        if split.bound(room)? < wanted {
            return None;
        }
        if same {
            return Some((split, room));
        }
    }
}

fn may_reach(others: &[Curve], entry: &Entry, room: [u64; 2], wanted: i64) -> bool {
    others.iter().enumerate().all(|(d, curve)| {
        room[d]
            .checked_sub(entry.memory[d])
            .is_some_and(|left| curve.reaches(left, wanted - entry.worth))
    })
}

/// The most of the room that sums of one entry of each part can take; none where all take more.
///
/// Each part's memories differ from its first one's by multiples of one step, so all sums are the
/// sum of the first ones and some multiple of it.
fn on_lattice(split: &Split, room: [u64; 2]) -> Option<[u64; 2]> {
    let mut tighter = room;
    for d in 0..split.dimensions() {
        let (mut least, mut step) = (0, 0);
        for part in split.parts() {
            let first = part.entries()[0].memory[d];
            least += first;
            let apart = part.entries().iter().map(|e| e.memory[d].abs_diff(first));
            step = apart.fold(step, gcd);
        }
        // With two memories the first entry need not be the least of the second: keep to the
        // same residue below the room.
        let beyond = i128::from(room[d]) - i128::from(least);
        let rest = if step == 0 {
            beyond
        } else {
            beyond.rem_euclid(i128::from(step))
        };
        tighter[d] = room[d].checked_sub(u64::try_from(rest).ok()?)?;
    }
    Some(tighter)
}
