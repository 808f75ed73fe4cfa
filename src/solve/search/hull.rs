//! How much worth several parts can reach within a memory, from above.
//!
//! The bound is the linear relaxation of the multiple-choice knapsack (Sinha and Zoltners 1979):
//! each class may mix its items, so its worth follows the upper concave hull of its front; the
//! hulls of several classes add up to one concave hull, steepest gain per byte first. Whole numbers
//! throughout: a bound of `n` is never lost to rounding, and never gained by it.

use crate::solve::search::entry::{Entry, Worth};

/// A concave, rising hull of worth over memory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Hull {
    /// Corners, memory rising.
    corners: Vec<Corner>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Corner {
    memory: Worth,
    worth: Worth,
}

impl Corner {
    /// Whether the way from `self` to `b` rises less steeply than the way on from `b` to `c`, or
    /// as steeply: then `b` is no corner.
    const fn no_corner(self, b: Self, c: Self) -> bool {
        (b.worth - self.worth) * (c.memory - b.memory)
            <= (c.worth - b.worth) * (b.memory - self.memory)
    }
}

impl Hull {
    /// Nothing to serve: worth nothing.
    pub(super) fn zero() -> Self {
        Self {
            corners: vec![Corner {
                memory: 0,
                worth: 0,
            }],
        }
    }

    /// The hull of a front against one of its memories.
    pub(super) fn of(front: &[Entry], dimension: usize) -> Self {
        let mut points: Vec<Corner> = front
            .iter()
            .map(|e| Corner {
                memory: Worth::from(e.memory[dimension]),
                worth: e.worth,
            })
            .collect();
        points.sort_unstable_by_key(|p| (p.memory, -p.worth));
        let mut corners: Vec<Corner> = Vec::new();
        for point in points {
            if corners.last().is_some_and(|last| point.worth <= last.worth) {
                continue;
            }
            while let [.., a, b] = corners[..]
                && a.no_corner(b, point)
            {
                corners.pop();
            }
            corners.push(point);
        }
        Self { corners }
    }

    /// Both together: the steepest gains first, whosever they are.
    pub(super) fn plus(&self, other: &Self) -> Self {
        let (a, b) = (&self.corners, &other.corners);
        let start = Corner {
            memory: a[0].memory + b[0].memory,
            worth: a[0].worth + b[0].worth,
        };
        let mut corners = vec![start];
        let (mut i, mut j) = (0, 0);
        let step = |of: &[Corner], n: usize| {
            of.get(n + 1)
                .map(|next| (next.memory - of[n].memory, next.worth - of[n].worth))
        };
        loop {
            let (memory, worth) = match (step(a, i), step(b, j)) {
                (None, None) => break,
                (Some(s), None) => {
                    i += 1;
                    s
                }
                (None, Some(s)) => {
                    j += 1;
                    s
                }
                (Some(s), Some(t)) if s.1 * t.0 >= t.1 * s.0 => {
                    i += 1;
                    s
                }
                (Some(_), Some(t)) => {
                    j += 1;
                    t
                }
            };
            let last = corners[corners.len() - 1];
            corners.push(Corner {
                memory: last.memory + memory,
                worth: last.worth + worth,
            });
        }
        Self { corners }
    }

    /// What the sum of hulls is [`Self::at`] a room, without making it.
    pub(super) fn sum_at<'c>(hulls: impl Iterator<Item = &'c Self>, room: u64) -> Option<Worth> {
        let mut rests: Vec<&[Corner]> = hulls.map(|c| &c.corners[..]).collect();
        let mut worth: Worth = rests.iter().map(|c| c[0].worth).sum();
        let least: Worth = rests.iter().map(|c| c[0].memory).sum();
        let mut left = Worth::from(room)
            .checked_sub(least)
            .filter(|left| *left >= 0)?;
        let step = |of: &[Corner]| match of {
            [from, to, ..] => Some((to.memory - from.memory, to.worth - from.worth)),
            _ => None,
        };
        loop {
            let steps = rests.iter_mut().filter_map(|c| Some((step(c)?, c)));
            let steepest = steps.reduce(|a, b| {
                let steeper = b.0.1 * a.0.0 > a.0.1 * b.0.0;
                if steeper { b } else { a }
            });
            let Some(((memory, gain), rest)) = steepest else {
                return Some(worth);
            };
            if memory > left {
                let part = (gain * left).div_euclid(memory);
                return Some(worth + part);
            }
            worth += gain;
            left -= memory;
            *rest = &rest[1..];
        }
    }

    /// The most worth within `room`, rounded down; none where not even the smallest items fit.
    pub(super) fn at(&self, room: u64) -> Option<Worth> {
        let (before, after, room) = self.around(room)?;
        let Some(after) = after else {
            return Some(before.worth);
        };
        let rise = (after.worth - before.worth) * (room - before.memory);
        let rise = rise.div_euclid(after.memory - before.memory);
        Some(before.worth + rise)
    }

    /// Whether a worth of `wanted`, or any where none is, may be had within `room`.
    pub(super) fn reaches(&self, room: u64, wanted: Option<Worth>) -> bool {
        let Some((before, after, room)) = self.around(room) else {
            return false;
        };
        let Some(wanted) = wanted else { return true };
        // Without a division: this is asked most often.
        before.worth >= wanted
            || after.is_some_and(|after| {
                (after.worth - before.worth) * (room - before.memory)
                    >= (wanted - before.worth) * (after.memory - before.memory)
            })
    }

    /// The corners on both sides of `room`.
    fn around(&self, room: u64) -> Option<(Corner, Option<Corner>, Worth)> {
        let room = Worth::from(room);
        let next = self.corners.partition_point(|c| c.memory <= room);
        let before = *self.corners.get(next.checked_sub(1)?)?;
        Some((before, self.corners.get(next).copied(), room))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(memory: u64, worth: Worth) -> Entry {
        Entry {
            item: 0,
            memory: [memory, 0, 0],
            worth,
        }
    }

    #[test]
    fn a_hull_leaves_out_what_lies_below_it_and_rounds_down() {
        let hull = Hull::of(&[entry(1, 10), entry(2, 11), entry(3, 20)], 0);
        assert_eq!(hull.at(0), None);
        assert_eq!(hull.at(1), Some(10));
        assert_eq!(hull.at(2), Some(15));
        assert_eq!(hull.at(9), Some(20));
        assert!(hull.reaches(2, Some(15)) && !hull.reaches(2, Some(16)) && !hull.reaches(0, None));
    }

    #[test]
    fn two_hulls_spend_memory_where_it_gains_most() {
        let steep = Hull::of(&[entry(1, 0), entry(2, 100)], 0);
        let flat = Hull::of(&[entry(1, 0), entry(11, 100)], 0);
        let both = steep.plus(&flat);
        assert_eq!(both.at(3), Some(100));
        assert_eq!(both.at(8), Some(150));
        assert_eq!(both.at(13), Some(200));
        for room in 0..15 {
            assert_eq!(
                Hull::sum_at([&flat, &steep].into_iter(), room),
                both.at(room)
            );
        }
    }
}
