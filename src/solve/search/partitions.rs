//! Every way to split the tasks among the members of a set, and to say which member meets each pin.

/// What one member of a set is to do: sets of tasks and of pins as bits.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Part {
    /// The tasks that it serves; none where it idles.
    pub(super) tasks: usize,
    /// The pins that it meets, and serves where it serves a task.
    pub(super) pins: u64,
}

/// Every way to split `tasks` and `pins` among at most `models` members, where each part `can` be;
/// fewer members first. A part that can't be stays one when more is added to it.
pub(super) fn partitions(
    tasks: usize,
    pins: usize,
    models: usize,
    can: &dyn Fn(Part) -> bool,
) -> Vec<Vec<Part>> {
    let pins = (0..pins).map(|pin| Part {
        tasks: 0,
        pins: 1 << pin,
    });
    let tasks = (0..tasks).map(|task| Part {
        tasks: 1 << task,
        pins: 0,
    });
    let mut all: Vec<Vec<Part>> = vec![Vec::new()];
    for duty in pins.chain(tasks) {
        let mut grown = Vec::with_capacity(all.len() * 2);
        for partition in all {
            for n in 0..partition.len() {
                let joined = Part {
                    tasks: partition[n].tasks | duty.tasks,
                    pins: partition[n].pins | duty.pins,
                };
                if can(joined) {
                    let mut partition = partition.clone();
                    partition[n] = joined;
                    grown.push(partition);
                }
            }
            if partition.len() < models && can(duty) {
                let mut apart = partition;
                apart.push(duty);
                grown.push(apart);
            }
        }
        all = grown;
    }
    all.sort_by_key(Vec::len);
    all
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
        let all = |tasks, models| partitions(tasks, 0, models, &|_| true);
        assert_eq!(all(5, 4).len(), 51);
        assert_eq!(all(8, 3).len(), 1094);
        assert_eq!(partitions(3, 2, 4, &|_| true).len(), 51);
        assert!(
            all(5, 4)
                .iter()
                .all(|p| p.iter().map(|part| part.tasks).sum::<usize>() == 31)
        );
        assert_eq!((count(5, 4), count(8, 3), count(0, 3)), (51, 1094, 1));
    }
}
