//! The exact solve over all contexts: coarse where nothing depends on it, fine where something does.
//!
//! A span of contexts is priced at what its shortest takes and the most that any of them scores, so
//! that each set of candidates is at least as good with its spans in the place of its candidates.
//! Where the best set over spans holds only spans whose shortest context is worth as much as the
//! span, that set is one of candidates, and none is better. Else the variants that it holds are told
//! apart as finely as they need among themselves, and all is solved again. The spans that no set as
//! good as those found can hold are left out meanwhile; whether they could be is seen at the end.

use crate::plan::request::Request;
use crate::scenario::pool::Pool;
use crate::scenario::problem::Question;
use crate::scenario::span::Span;
use crate::solve;
use crate::solve::{BUDGETS, Deadline, Found, Item, Problem, Solution, Status, Taken};

/// A span at its price.
type Priced = (Span, Item);

/// Spans, and what was found over them.
type Known = (Vec<Priced>, Found);

/// The best sets of a question over all contexts; their items are numbers of candidates.
pub(super) fn solve(
    pool: &Pool<'_>,
    question: &Question<'_>,
    request: &Request,
    deadline: Deadline<'_>,
) -> Found {
    let mut parts = Parts::new(pool, question, request, deadline);
    let mut least = question.known.filter(|_| question.is_free());
    let (mut best, mut before) = (None, None);
    loop {
        let spans = parts.reaching(least);
        let found = parts.solved(&spans, question.sets);
        let open = parts.open(&spans, &found);
        if open.is_empty() {
            if found.is_proven() && !is_all(&found, question.sets, least) {
                least = None;
                continue;
            }
            parts.keep();
            return numbered(pool, &spans, found);
        }
        best = parts.proven_best(&spans, &found, &open).or(best);
        if !found.is_proven() || deadline.passed() {
            let found = parts.better_known(before, (spans, found));
            return found.headed_by(best, pool);
        }
        let count = parts.len();
        let worst = parts.told_apart(&spans, &found, &open);
        if parts.len() == count {
            parts.split(&spans, open);
        }
        let whole = found.solutions.len() == question.sets;
        least = worst.filter(|_| whole && question.is_free());
        before = Some((spans, found));
    }
}

/// Whether no set that was left out, all being worth less than `least`, could be among those found.
fn is_all(found: &Found, sets: usize, least: Option<i64>) -> bool {
    let as_good = |set: &Solution| least.is_none_or(|least| set.objective >= least);
    let whole = found.solutions.len() == sets;
    (least.is_none() || whole) && found.solutions.iter().all(as_good)
}

/// All contexts of a pool in spans, by ladder.
struct Parts<'q> {
    pool: &'q Pool<'q>,
    question: &'q Question<'q>,
    request: &'q Request,
    deadline: Deadline<'q>,
    of_ladder: Vec<Vec<Priced>>,
}

impl<'q> Parts<'q> {
    fn new(
        pool: &'q Pool<'_>,
        question: &'q Question<'_>,
        request: &'q Request,
        deadline: Deadline<'q>,
    ) -> Self {
        let mut of_ladder = vec![Vec::new(); pool.ladders.len()];
        for span in pool.spans.borrow().iter() {
            of_ladder[span.ladder].push((*span, question.priced(*span)));
        }
        Self {
            pool,
            question,
            request,
            deadline,
            of_ladder,
        }
    }

    /// Keeps for the next solve what was told apart for this one.
    fn keep(&self) {
        let spans = self.of_ladder.iter().flatten().map(|(span, _)| *span);
        self.pool.spans.replace(spans.collect());
    }

    /// How many spans there are.
    fn len(&self) -> usize {
        self.of_ladder.iter().map(Vec::len).sum()
    }

    fn solved(&self, spans: &[Priced], sets: usize) -> Found {
        let problem = self.question.problem(spans, sets);
        solve::solve(&problem, self.request.method, self.deadline)
    }

    /// The spans that may be part of a set which is worth so much: those that serve a task so well
    /// that it is reached where all others are served as well as can be.
    fn reaching(&self, least: Option<i64>) -> Vec<Priced> {
        let free = self.question.is_free();
        let of_use = |(_, item): &&Priced| !free || item.scores.iter().any(Option::is_some);
        let all = || self.of_ladder.iter().flatten().filter(of_use);
        let Some(least) = least else {
            return all().cloned().collect();
        };
        let mut most = vec![0; self.question.tasks];
        for (_, item) in all() {
            for (most, score) in most.iter_mut().zip(&item.scores) {
                *most = (*most).max(score.unwrap_or(0));
            }
        }
        let together: i64 = most.iter().sum();
        let reaches = |(_, item): &&Priced| {
            let mut scores = item.scores.iter().zip(&most);
            scores.any(|(score, most)| score.is_some_and(|s| together - most + s >= least))
        };
        all().filter(reaches).cloned().collect()
    }

    /// The places of the spans in the sets that stand for several contexts of other worth, rising,
    /// each with the rung where it is to be split: the longest that fits beside the others.
    fn open(&self, spans: &[Priced], found: &Found) -> Vec<(usize, usize)> {
        let mut open: Vec<(usize, usize)> = Vec::new();
        for set in &found.solutions {
            for &i in &set.items {
                let told = open.iter().any(|(place, _)| *place == i);
                if told || self.is_exact(&spans[i], set, i) {
                    continue;
                }
                let others = set.items.iter().filter(|&&j| j != i);
                let taken = others.fold([0; BUDGETS], |mut sum: Taken, &j| {
                    let more = spans[j].1.memory;
                    sum.iter_mut()
                        .zip(more)
                        .for_each(|(sum, more)| *sum += more);
                    sum
                });
                open.push((i, self.longest(spans[i].0, taken)));
            }
        }
        open.sort_unstable();
        open
    }

    /// Whether the shortest context of a span is worth as much to a set as the span.
    fn is_exact(&self, (span, item): &Priced, set: &Solution, i: usize) -> bool {
        if span.from == span.to {
            return true;
        }
        let shortest = self.question.priced(span.shortest());
        let mut servers = set.servers.iter().enumerate();
        match set.idle.contains(&i) {
            true => shortest.idle_worth == item.idle_worth,
            false => servers.all(|(t, &s)| s != i || shortest.scores[t] == item.scores[t]),
        }
    }

    /// The longest context of a span that fits beside what is taken.
    fn longest(&self, span: Span, taken: Taken) -> usize {
        let fits = |rung: usize| {
            let item = self.question.priced(Span::one(span.ladder, rung));
            (0..BUDGETS).all(|d| taken[d] + item.memory[d] <= self.question.budgets[d])
        };
        if fits(span.to) {
            return span.to;
        }
        let (mut fit, mut beyond) = (span.from, span.to);
        while fit + 1 < beyond {
            let middle = fit.midpoint(beyond);
            if fits(middle) {
                fit = middle;
            } else {
                beyond = middle;
            }
        }
        fit
    }

    fn split(&mut self, spans: &[Priced], open: Vec<(usize, usize)>) {
        let question = self.question;
        for (place, at) in open {
            let span = spans[place].0;
            let parts = &mut self.of_ladder[span.ladder];
            if let Some(own) = parts.iter().position(|(other, _)| *other == span) {
                let finer = span.split(at).into_iter();
                parts.splice(own..=own, finer.map(|part| (part, question.priced(part))));
            }
        }
    }

    /// Tells the contexts of the variants of each set with open spans apart until the best that these
    /// variants give is known; the worth of the worst set, unless the deadline comes first.
    fn told_apart(
        &mut self,
        spans: &[Priced],
        found: &Found,
        open: &[(usize, usize)],
    ) -> Option<i64> {
        let mut worst = None;
        for set in &found.solutions {
            let is_open = |i: &usize| open.iter().any(|(place, _)| place == i);
            let worth = match set.items.iter().any(is_open) {
                true => self.best_among(set.items.iter().map(|&i| spans[i].0.ladder))?,
                false => set.objective,
            };
            worst = worst.map_or(Some(worth), |worst: i64| Some(worst.min(worth)));
        }
        worst
    }

    fn best_among(&mut self, ladders: impl Iterator<Item = usize>) -> Option<i64> {
        let mut ladders: Vec<usize> = ladders.collect();
        ladders.sort_unstable();
        loop {
            let own = ladders.iter().flat_map(|&l| &self.of_ladder[l]);
            let spans: Vec<Priced> = own.cloned().collect();
            let found = self.solved(&spans, 1);
            let open = self.open(&spans, &found);
            if open.is_empty() || !found.is_proven() {
                return Some(found.solutions.first()?.objective).filter(|_| open.is_empty());
            }
            self.split(&spans, open);
        }
    }

    /// The best set over spans where it is one of candidates: then no other is better, whatever is
    /// still open of the runners-up.
    fn proven_best(
        &self,
        spans: &[Priced],
        found: &Found,
        open: &[(usize, usize)],
    ) -> Option<Solution> {
        let first = found.solutions.first().filter(|_| found.is_proven())?;
        let is_open = |i: &usize| open.iter().any(|(place, _)| place == i);
        let exact = !first.items.iter().any(is_open);
        exact.then(|| in_numbers(self.pool, spans, first.clone()))
    }

    /// What was known before or is known now, whichever found the better set.
    fn better_known(&self, before: Option<Known>, now: Known) -> Found {
        let known = |(spans, found): Known| self.cut_short(&spans, found);
        let best = |found: &Found| found.solutions.first().map(|set| set.objective);
        let now = known(now);
        match before.map(known).filter(|before| best(before) > best(&now)) {
            Some(before) => before,
            None => now,
        }
    }

    /// What is known where the deadline came first: the sets with each span at its shortest context,
    /// where that serves, and the bound of the spans.
    fn cut_short(&self, spans: &[Priced], found: Found) -> Found {
        let shortest = spans.iter().map(|(span, _)| span.shortest());
        let shortest: Vec<Priced> = shortest
            .map(|span| (span, self.question.priced(span)))
            .collect();
        let exact: Problem = self.question.problem(&shortest, self.question.sets);
        let sets = found.solutions.iter();
        let mut solutions: Vec<Solution> = sets.filter_map(|set| set.rescored(&exact)).collect();
        solutions.sort_by(Solution::rank);
        let status = match solutions.is_empty() {
            true => Status::NothingFound,
            false => Status::BestFound,
        };
        let found = Found {
            solutions,
            status,
            ..found
        };
        numbered(self.pool, &shortest, found)
    }
}

/// What was found with the numbers of the candidates, each span at its shortest context.
fn numbered(pool: &Pool<'_>, spans: &[Priced], mut found: Found) -> Found {
    let sets = found.solutions.into_iter();
    found.solutions = sets.map(|set| in_numbers(pool, spans, set)).collect();
    found
}

fn in_numbers(pool: &Pool<'_>, spans: &[Priced], mut set: Solution) -> Solution {
    let all = [&mut set.items, &mut set.servers, &mut set.idle];
    for item in all.into_iter().flatten() {
        *item = pool.number(spans[*item].0);
    }
    set
}

impl Found {
    /// The same with a proven best set at its head, and no runner-up that holds all its models.
    fn headed_by(mut self, best: Option<Solution>, pool: &Pool<'_>) -> Self {
        let Some(best) = best else {
            return self;
        };
        let model = |i: &usize| pool.base(*i).model_number;
        let head: Vec<usize> = best.items.iter().map(model).collect();
        self.solutions.retain(|set| {
            let models: Vec<usize> = set.items.iter().map(model).collect();
            !head.iter().all(|model| models.contains(model))
        });
        self.bound = Some(best.objective);
        self.status = Status::Proven;
        self.solutions.insert(0, best);
        self
    }
}
