//! Of the sets of one split that are worth as much as the best known, the first by name.
//!
//! A depth-first search again, but item by item in the order of their names, so that what is left
//! to search shrinks with each set found to what begins with the same names or earlier ones. Where
//! many sets are equal the first is soon found, and all others are ruled out by their beginnings.
//! What takes long is made smaller; where that takes long too, few are equal, and meeting in the
//! middle finds the first of them.

use std::cell::OnceCell;
use std::rc::Rc;

use crate::solve::problem::Taken;
use crate::solve::search::entry::{Entry, Worth, less};
use crate::solve::search::hull::Hull;
use crate::solve::search::incumbent::Incumbent;
use crate::solve::search::split::Split;
use crate::solve::search::{meet_in_the_middle, reduce};

/// Steps for each entry that is left before sets are taken to be seldom equal.
const STEPS_BEFORE_SELDOM: u64 = 8;

/// Offers the first set by name that is worth as much as the best known, where it comes before it.
/// `room` is what such sets may take: no more than the best known, whose memory they have.
pub(super) fn search(split: &Split, room: Taken, incumbent: &mut Incumbent<'_>) {
    let Some(wanted) = incumbent.wanted() else {
        return;
    };
    if !incumbent.may_come_first(&[], split.parts().len()) {
        return;
    }
    let steps = |split: &Split| u64::try_from(split.entries()).unwrap_or(1);
    if walk(split, room, wanted, steps(split), incumbent) {
        return;
    }
    let Some((split, room)) = reduce::reduced(split, room, wanted) else {
        return;
    };
    let steps = STEPS_BEFORE_SELDOM * steps(&split);
    if walk(&split, room, wanted, steps, incumbent) {
        return;
    }
    if meet_in_the_middle::can_serve(&split, room) {
        meet_in_the_middle::search(&split, room, incumbent);
    } else {
        walk(&split, room, wanted, u64::MAX, incumbent);
    }
}

/// Whether it went to its end, or had to stop for good, in so many steps.
fn walk(
    split: &Split,
    room: Taken,
    wanted: Worth,
    steps: u64,
    incumbent: &mut Incumbent<'_>,
) -> bool {
    incumbent.pause_after(steps);
    let parts = split.parts().len();
    let mut walk = Walk {
        split,
        entries: OnceCell::new(),
        open: vec![OnceCell::new(); 1 << parts],
        picked: vec![usize::MAX; parts],
        begin: Vec::with_capacity(parts),
    };
    let all = Branch {
        open: (1 << parts) - 1,
        room,
        wanted,
    };
    walk.go(all, incumbent);
    incumbent.was_not_paused()
}

/// Entries of all classes by name, with the places of their classes.
fn by_name(split: &Split, which: impl Fn(&Entry) -> bool) -> Vec<(Entry, usize)> {
    let classes = split.parts().iter().enumerate();
    let entries = classes.flat_map(|(part, front)| front.entries().iter().map(move |e| (e, part)));
    let entries = entries.filter(|(e, _)| which(e));
    let mut entries: Vec<(Entry, usize)> = entries.map(|(e, part)| (*e, part)).collect();
    entries.sort_unstable_by_key(|(e, part)| (e.item, *part));
    entries
}

struct Walk<'s> {
    split: &'s Split,
    /// All entries, once they are needed.
    entries: OnceCell<Rc<[(Entry, usize)]>>,
    /// By classes that are open, as bits, their bounds by memory that binds.
    open: Vec<OnceCell<Vec<Hull>>>,
    /// The item of each class.
    picked: Vec<usize>,
    /// The items picked so far, rising.
    begin: Vec<usize>,
}

#[derive(Clone, Copy)]
struct Branch {
    /// The classes that have no item, as bits.
    open: usize,
    room: Taken,
    /// What is still wanted of the open classes.
    wanted: Worth,
}

impl Walk<'_> {
    fn go(&mut self, at: Branch, incumbent: &mut Incumbent<'_>) {
        if at.open.count_ones() <= 1 {
            self.end(at, incumbent);
            return;
        }
        let split = self.split;
        let Some(&last) = self.begin.last() else {
            // Few may stand first, and only they are sorted.
            let parts = self.picked.len();
            let firsts = by_name(split, |e| incumbent.may_come_first(&[e.item], parts));
            self.go_on_with(&firsts, at, incumbent);
            return;
        };
        let all = self.entries.get_or_init(|| by_name(split, |_| true).into());
        let all = Rc::clone(all);
        let from = all.partition_point(|(e, _)| e.item <= last);
        self.go_on_with(&all[from..], at, incumbent);
    }

    /// Picks each of these in turn, which come by name.
    fn go_on_with(
        &mut self,
        entries: &[(Entry, usize)],
        at: Branch,
        incumbent: &mut Incumbent<'_>,
    ) {
        for &(e, part) in entries {
            if at.open >> part & 1 == 0 {
                continue;
            }
            self.begin.push(e.item);
            let parts = self.picked.len();
            let stop = !incumbent.may_come_first(&self.begin, parts) || incumbent.step();
            if !stop && let Some(to) = self.with(at, e, part) {
                self.picked[part] = e.item;
                self.go(to, incumbent);
            }
            self.begin.pop();
            if stop {
                return;
            }
        }
    }

    /// The branch with one more entry; none where what is left can't be worth enough.
    fn with(&self, at: Branch, e: Entry, part: usize) -> Option<Branch> {
        let to = Branch {
            open: at.open & !(1 << part),
            room: less(at.room, e.memory)?,
            wanted: at.wanted - e.worth,
        };
        let hulls = self.open[to.open].get_or_init(|| self.split.bounds_of(to.open));
        let mut each = hulls.iter().zip(to.room);
        each.all(|(hull, room)| hull.reaches(room, Some(to.wanted)))
            .then_some(to)
    }

    /// Looks the last class up.
    fn end(&mut self, at: Branch, incumbent: &mut Incumbent<'_>) {
        let part = at.open.trailing_zeros() as usize;
        let Some(front) = self.split.parts().get(part) else {
            return;
        };
        if let Some(last) = front.best_within(at.room, Some(at.wanted)) {
            self.picked[part] = last.item;
            incumbent.offer(self.split.parts(), &self.picked);
        }
    }
}
