//! Every way to split the tasks among the members of a set, and to say which member meets each pin.

/// What one member of a set is to do: sets of tasks and of pins as bits.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Part {
    /// The tasks that it serves; none where it idles.
    pub(super) tasks: usize,
    /// The pins that it meets, and serves where it serves a task.
    pub(super) pins: u64,
}

/// Goes through every way to split `tasks` and `pins` among at most `models` members, where each
/// part `can` be, until `visit` says to stop; whether it went to the end. A part that can't be stays
/// one when more is added to it.
pub(super) fn each_partition(
    tasks: usize,
    pins: usize,
    models: usize,
    can: &dyn Fn(Part) -> bool,
    visit: &mut dyn FnMut(&[Part]) -> bool,
) -> bool {
    let pins = (0..pins).map(|pin| Part {
        tasks: 0,
        pins: 1 << pin,
    });
    let tasks = (0..tasks).map(|task| Part {
        tasks: 1 << task,
        pins: 0,
    });
    let mut growing = Growing {
        duties: pins.chain(tasks).collect(),
        models,
        can,
        visit,
        parts: Vec::new(),
    };
    growing.grow(0)
}

struct Growing<'a> {
    duties: Vec<Part>,
    models: usize,
    can: &'a dyn Fn(Part) -> bool,
    visit: &'a mut dyn FnMut(&[Part]) -> bool,
    parts: Vec<Part>,
}

impl Growing<'_> {
    /// Gives the duties from this one on to each part in turn, and to one of their own.
    fn grow(&mut self, next: usize) -> bool {
        let Some(&duty) = self.duties.get(next) else {
            return (self.visit)(&self.parts);
        };
        for n in 0..self.parts.len() {
            let before = self.parts[n];
            self.parts[n] = Part {
                tasks: before.tasks | duty.tasks,
                pins: before.pins | duty.pins,
            };
            let goes_on = !(self.can)(self.parts[n]) || self.grow(next + 1);
            self.parts[n] = before;
            if !goes_on {
                return false;
            }
        }
        if self.parts.len() == self.models || !(self.can)(duty) {
            return true;
        }
        self.parts.push(duty);
        let goes_on = self.grow(next + 1);
        self.parts.pop();
        goes_on
    }
}

/// How many ways there are to split so many duties among at most `models` members: the Stirling
/// numbers of the second kind, added up.
pub(super) fn count(duties: usize, models: usize) -> u64 {
    let mut of = vec![0_u64; models.min(duties) + 1];
    of[0] = 1;
    for _ in 0..duties {
        for k in (1..of.len()).rev() {
            let joined = of[k].saturating_mul(k as u64);
            of[k] = joined.saturating_add(of[k - 1]);
        }
        of[0] = 0;
    }
    of.iter().fold(0, |sum, n| sum.saturating_add(*n))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn partitions_are_as_many_as_stirling_counted() {
        // Stirling numbers of the second kind: S(5,1..=4) = 1, 15, 25, 10; S(8,1..=3) = 1, 127, 966.
        let all = |tasks, pins, models| {
            let mut all = Vec::new();
            each_partition(tasks, pins, models, &|_| true, &mut |parts| {
                all.push(parts.to_vec());
                true
            });
            all
        };
        assert_eq!(all(5, 0, 4).len(), 51);
        assert_eq!(all(8, 0, 3).len(), 1094);
        assert_eq!(all(3, 2, 4).len(), 51);
        assert!(
            all(5, 0, 4)
                .iter()
                .all(|p| p.iter().map(|part| part.tasks).sum::<usize>() == 31)
        );
        assert_eq!((count(5, 4), count(8, 3), count(0, 3)), (51, 1094, 1));
    }
}
