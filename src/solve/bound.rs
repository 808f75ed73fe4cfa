//! How much worth several parts can reach within a memory, from above.
//!
//! The bound is the linear relaxation: each part may mix the items of its front, so its worth
//! follows the upper concave hull of the front; the hulls of several parts add up to one concave
//! curve, steepest gain per MiB first. Whole numbers throughout: a bound of `n` is never lost to
//! rounding, and never gained by it.

use crate::solve::slots::Entry;

/// A concave, rising curve of worth over memory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Curve {
    /// Corners, memory rising.
    corners: Vec<Corner>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Corner {
    memory: i64,
    worth: i64,
}

impl Corner {
    /// Whether the way from `self` to `b` rises less steeply than the way on from `b` to `c`, or
    /// as steeply: then `b` is no corner.
    const fn no_corner(self, b: Self, c: Self) -> bool {
        times(b.worth - self.worth, c.memory - b.memory)
            <= times(c.worth - b.worth, b.memory - self.memory)
    }
}

/// A product that cannot overflow.
const fn times(a: i64, b: i64) -> i128 {
    a as i128 * b as i128
}

fn signed(mib: u64) -> i64 {
    i64::try_from(mib).unwrap_or(i64::MAX)
}

impl Curve {
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
    pub(super) fn hull(front: &[Entry], dimension: usize) -> Self {
        let mut points: Vec<Corner> = front
            .iter()
            .map(|e| Corner {
                memory: signed(e.memory[dimension]),
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
                (Some(s), Some(t)) if times(s.1, t.0) >= times(t.1, s.0) => {
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

    /// What the sum of curves is [`Self::at`] a room, without making it.
    pub(super) fn sum_at<'c>(curves: impl Iterator<Item = &'c Self>, room: u64) -> Option<i64> {
        let mut rests: Vec<&[Corner]> = curves.map(|c| &c.corners[..]).collect();
        let mut worth: i64 = rests.iter().map(|c| c[0].worth).sum();
        let least: i64 = rests.iter().map(|c| c[0].memory).sum();
        let mut left = signed(room).checked_sub(least).filter(|left| *left >= 0)?;
        let step = |of: &[Corner]| match of {
            [from, to, ..] => Some((to.memory - from.memory, to.worth - from.worth)),
            _ => None,
        };
        loop {
            let steps = rests.iter_mut().filter_map(|c| Some((step(c)?, c)));
            let steepest = steps.reduce(|a, b| {
                let steeper = times(b.0.1, a.0.0) > times(a.0.1, b.0.0);
                if steeper { b } else { a }
            });
            let Some(((memory, gain), rest)) = steepest else {
                return Some(worth);
            };
            if memory > left {
                let part = times(gain, left).div_euclid(i128::from(memory));
                return Some(worth + i64::try_from(part).unwrap_or(i64::MAX));
            }
            worth += gain;
            left -= memory;
            *rest = &rest[1..];
        }
    }

    /// The most worth within `room`, rounded down; none where not even the smallest items fit.
    pub(super) fn at(&self, room: u64) -> Option<i64> {
        let (before, after, room) = self.around(room)?;
        let Some(after) = after else {
            return Some(before.worth);
        };
        let rise = times(after.worth - before.worth, room - before.memory);
        let rise = rise.div_euclid(i128::from(after.memory - before.memory));
        Some(before.worth + i64::try_from(rise).unwrap_or(i64::MAX))
    }

    /// Whether a worth of `wanted` may be had within `room`.
    pub(super) fn reaches(&self, room: u64, wanted: i64) -> bool {
        let Some((before, after, room)) = self.around(room) else {
            return false;
        };
        // Without a division: this is asked most often.
        before.worth >= wanted
            || after.is_some_and(|after| {
                times(after.worth - before.worth, room - before.memory)
                    >= times(wanted - before.worth, after.memory - before.memory)
            })
    }

    /// The corners on both sides of `room`.
    fn around(&self, room: u64) -> Option<(Corner, Option<Corner>, i64)> {
        let room = signed(room);
        let next = self.corners.partition_point(|c| c.memory <= room);
        let before = *self.corners.get(next.checked_sub(1)?)?;
        Some((before, self.corners.get(next).copied(), room))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(memory: u64, worth: i64) -> Entry {
        Entry {
            item: 0,
            memory: [memory, 0],
            worth,
        }
    }

    #[test]
    fn a_hull_leaves_out_what_lies_below_it_and_rounds_down() {
        let curve = Curve::hull(&[entry(1, 10), entry(2, 11), entry(3, 20)], 0);
        assert_eq!(curve.at(0), None);
        assert_eq!(curve.at(1), Some(10));
        assert_eq!(curve.at(2), Some(15));
        assert_eq!(curve.at(9), Some(20));
        assert!(curve.reaches(2, 15) && !curve.reaches(2, 16) && !curve.reaches(0, -99));
    }

    #[test]
    fn two_curves_spend_memory_where_it_gains_most() {
        let steep = Curve::hull(&[entry(1, 0), entry(2, 100)], 0);
        let flat = Curve::hull(&[entry(1, 0), entry(11, 100)], 0);
        let both = steep.plus(&flat);
        assert_eq!(both.at(3), Some(100));
        assert_eq!(both.at(8), Some(150));
        assert_eq!(both.at(13), Some(200));
        for room in 0..15 {
            assert_eq!(
                Curve::sum_at([&flat, &steep].into_iter(), room),
                both.at(room)
            );
        }
    }
}
