//! The maximal sets of models that memory holds together: none of them holds another model.

use crate::memory::limits::{Demand, Limits};

/// Models that sets are looked for among, at most: their number may double with each.
pub const MOST: usize = 16;

/// All maximal sets, each by the numbers of its models, rising; the sets in the order of these
/// numbers. A model that does not fit alone is in none.
#[must_use]
pub fn maximal(models: &[Demand], limits: &Limits) -> Vec<Vec<usize>> {
    let fit = |n: &usize| limits.holds(models[*n]);
    let numbers: Vec<usize> = (0..models.len()).filter(fit).collect();
    let mut search = Search {
        models,
        limits,
        numbers: &numbers,
        found: Vec::new(),
    };
    search.from(0, &mut Vec::new(), Demand::default());
    search.found
}

/// The most models of which any so many are in memory together: what a router that counts models
/// may keep. 0 where none fits.
#[must_use]
pub fn largest_that_always_fits(models: &[Demand], limits: &Limits) -> usize {
    // What takes most of each limit may be different models, so that both are looked at alone.
    let most = |of: fn(&Demand) -> u64| {
        let mut all: Vec<u64> = models.iter().map(of).collect();
        all.sort_unstable_by(|a, b| b.cmp(a));
        all
    };
    let (gpu, total) = (most(|d| d.gpu.0), most(|d| d.total.0));
    let mut sum = Demand::default();
    let one_more = gpu.iter().zip(&total).take_while(|(gpu, total)| {
        sum.gpu.0 += **gpu;
        sum.total.0 += **total;
        limits.holds(sum)
    });
    one_more.count()
}

struct Search<'a> {
    models: &'a [Demand],
    limits: &'a Limits,
    /// The models that fit alone.
    numbers: &'a [usize],
    found: Vec<Vec<usize>>,
}

impl Search<'_> {
    /// All maximal sets that begin so: with each model in turn, where it fits, before those without.
    fn from(&mut self, next: usize, chosen: &mut Vec<usize>, taken: Demand) {
        let Some(&number) = self.numbers.get(next) else {
            let left_out = self.numbers.iter().filter(|n| !chosen.contains(n));
            let mut more = left_out.map(|n| taken + self.models[*n]);
            if !chosen.is_empty() && more.all(|more| !self.limits.holds(more)) {
                self.found.push(chosen.clone());
            }
            return;
        };
        let with = taken + self.models[number];
        if self.limits.holds(with) {
            chosen.push(number);
            self.from(next + 1, chosen, with);
            chosen.pop();
        }
        if self.may_be_left_out(next, taken) {
            self.from(next + 1, chosen, taken);
        }
    }

    /// Whether a model that is left out could still fail to fit: beside all that may yet come.
    fn may_be_left_out(&self, next: usize, taken: Demand) -> bool {
        let rest = self.numbers[next..].iter().map(|n| self.models[*n]);
        let all = rest.fold(taken, |sum, demand| sum + demand);
        !self.limits.holds(all)
    }
}
