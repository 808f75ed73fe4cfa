//! The fit behind `src/quality/constants.toml`: expectation and maximization over all published
//! scores of a catalog, with nothing but the crate's own placement inside.

use std::collections::{BTreeMap, BTreeSet};

use planner::catalog::roles::Role;
use planner::catalog::schema::{Model, Reporter, Score};
use planner::quality::constants::{Benchmark, Constants, FACTS, FLATTERY, Sibling, Space};
use planner::quality::evidence::{Evidence, evidence};
use planner::quality::matrix::{Pair, Symmetric};
use planner::quality::place::Place;
use planner::quality::prior::{active, expected, facts, release, size, spread};

/// Rounds: the expected scores settle to a tenth of a point within thirty.
const ROUNDS: usize = 40;
/// Models that must have published a benchmark for it to be fitted: from five small models the
/// difficulty of a new benchmark is off by two in log odds for large ones.
const FEWEST: usize = 6;
/// Loadings start near one for ability and near the benchmark's side for tilt, and are held there as
/// tightly as those of the benchmarks that many publish lie (0.38 and 0.28).
const LOADING_SD: Pair = [0.4, 0.25];
/// How many scores the common variance of deviations weighs like, in each benchmark's own.
const SHRINKAGE: f64 = 6.0;

/// Indexes are made from other benchmarks, an Elo has no log odds, and a hard subset is not the
/// test whose name it bears.
const OUTSIDE: [&str; 6] = [
    "AA Intelligence Index",
    "AA Intelligence Index (2025 edition)",
    "Artificial Analysis Coding Index",
    "Artificial Analysis Coding Agent Index",
    "Arena (Elo)",
    "SWE-bench Pro (AA hard subset)",
];

/// Code and agents pull one way, knowledge and reasoning the other.
fn side(benchmark: &str) -> f64 {
    let starts = |names: &[&str]| names.iter().any(|n| benchmark.starts_with(n));
    if starts(&["LiveCodeBench"]) {
        -0.5
    } else if starts(&[
        "SWE",
        "Terminal",
        "tau",
        "Aider",
        "GAIA",
        "Toolathlon",
        "MCP",
        "Automation",
        "DeepSWE",
        "NL2Repo",
        "HLE (tools)",
    ]) {
        1.0
    } else if starts(&["GPQA", "HLE", "AIME", "MMLU", "SciCode"]) {
        -1.0
    } else {
        0.0
    }
}

fn start(benchmark: &str) -> [f64; 3] {
    [0.0, 1.0, 0.35 * side(benchmark)]
}

/// The benchmarks by which roles other than conversation are judged, each in a space of its own.
fn benchmarks_of(space: Space) -> BTreeSet<String> {
    let tasks = planner::task::embedded().unwrap();
    let of_space = tasks.values().filter(|task| Space::of(task.role) == space);
    of_space
        .flat_map(|task| task.benchmarks.iter().map(|b| b.name.clone()))
        .collect()
}

/// The kind of reporter that most figures of each benchmark of a space come from.
fn reporters(models: &[Model], space: Space) -> BTreeMap<&str, Reporter> {
    let mut counts: BTreeMap<&str, BTreeMap<Reporter, usize>> = BTreeMap::new();
    let scores = models.iter().flat_map(|m| &m.scores);
    let own = benchmarks_of(space);
    let others = Space::ALL.into_iter().filter(|s| *s != Space::General);
    let elsewhere: BTreeSet<String> = others.flat_map(benchmarks_of).collect();
    let judged = |name: &str| match space {
        Space::General => !elsewhere.contains(name) && !OUTSIDE.contains(&name),
        _ => own.contains(name),
    };
    for s in scores.filter(|s| s.effort.is_none() && judged(&s.benchmark)) {
        *counts
            .entry(&s.benchmark)
            .or_default()
            .entry(s.reporter)
            .or_default() += 1;
    }
    let most = |of: BTreeMap<Reporter, usize>| of.into_iter().max_by_key(|(_, n)| *n).unwrap().0;
    counts
        .into_iter()
        .map(|(name, of)| (name, most(of)))
        .collect()
}

/// What the fit knows of each model.
struct Seen<'a> {
    model: &'a Model,
    facts: [f64; FACTS],
    evidence: Vec<Evidence<'a>>,
}

/// Fits the constants on these models.
pub(super) fn fit(models: &[Model]) -> Constants {
    fit_in(models, Space::General)
}

/// Fits those of a space, on the models that are for its roles; the release of one whose date is not
/// known is the mean of theirs.
pub(super) fn fit_in(models: &[Model], space: Space) -> Constants {
    let role = match space {
        Space::General => None,
        Space::Embedding => Some(Role::Embedding),
        Space::Vision => Some(Role::Vision),
        Space::Completion => Some(Role::Autocomplete),
    };
    let within = |m: &&Model| role.is_none_or(|role| m.unfit(role).is_none());
    let models: &[Model] = &models.iter().filter(within).cloned().collect::<Vec<_>>();
    let reporters = reporters(models, space);
    let dates: Vec<f64> = models.iter().filter_map(release).collect();
    let released_mean = mean(&dates);
    let seen: Vec<Seen<'_>> = models
        .iter()
        .map(|model| Seen {
            model,
            facts: facts(model, released_mean),
            evidence: evidence(&model.scores, |name| reporters.get(name).copied()),
        })
        .collect();
    let mut constants = Constants {
        space,
        released_mean,
        checked: checked(models),
        slopes: [[0.0, 1.0, 0.0, 0.0, 0.5], [0.0; FACTS]],
        benchmarks: reporters
            .iter()
            .filter_map(|(name, reporter)| first(name, *reporter, &seen))
            .collect(),
        siblings: Vec::new(),
    };
    let mut variance = spread();
    for _ in 0..ROUNDS {
        let places: Vec<Place<'_>> = seen
            .iter()
            .map(|s| place(&constants, variance, s))
            .collect();
        constants.slopes = [0, 1].map(|i| regress(&seen, &places, i));
        variance = [0, 1].map(|i| {
            let residual = |(s, p): (&Seen<'_>, &Place<'_>)| {
                let off = p.mean[i] - expected(&constants.slopes, &s.facts)[i];
                off * off + [p.covariance.a, p.covariance.c][i]
            };
            (seen.iter().zip(&places).map(residual).sum::<f64>() + 0.4) / (seen.len() as f64 + 4.0)
        });
        benchmarks(&mut constants.benchmarks, &places);
        rescale(&mut constants, &mut variance);
    }
    constants.siblings = seen.iter().filter_map(|s| sibling(&constants, s)).collect();
    constants
}

/// Publishers of whom third parties measured enough again.
pub(super) fn checked(models: &[Model]) -> Vec<String> {
    let mut again: BTreeMap<&str, usize> = BTreeMap::new();
    for m in models {
        let by_vendor = |benchmark: &str| {
            let mut same = m.scores.iter().filter(|s| s.benchmark == benchmark);
            same.any(|s| s.reporter == Reporter::Vendor)
        };
        let by_others = |s: &&Score| s.reporter == Reporter::ThirdParty;
        let theirs = m.scores.iter().filter(by_others);
        let both = theirs.filter(|s| by_vendor(&s.benchmark)).count();
        *again.entry(&m.publisher).or_default() += both;
    }
    let enough = again.into_iter().filter(|(_, n)| *n >= 3);
    enough.map(|(publisher, _)| publisher.to_owned()).collect()
}

fn mean(of: &[f64]) -> f64 {
    of.iter().sum::<f64>() / of.len() as f64
}

fn first(name: &str, reporter: Reporter, seen: &[Seen<'_>]) -> Option<Benchmark> {
    let all: Vec<f64> = seen
        .iter()
        .flat_map(|s| &s.evidence)
        .filter(|e| e.benchmark == name)
        .map(|e| e.log_odds)
        .collect();
    let [_, ability, tilt] = start(name);
    (all.len() >= FEWEST).then(|| Benchmark {
        name: name.to_owned(),
        models: u32::try_from(all.len()).unwrap(),
        reporter,
        difficulty: mean(&all),
        loading: [ability, tilt],
        variance: 0.1,
        covariance: [0.0; 6],
    })
}

fn place<'a>(constants: &Constants, variance: Pair, seen: &Seen<'a>) -> Place<'a> {
    let prior = expected(&constants.slopes, &seen.facts);
    Place::from_evidence(
        &constants.benchmarks,
        (prior, Symmetric::diagonal(variance)),
        FLATTERY,
        seen.evidence.clone(),
    )
}

/// What each fact adds to one coordinate: least squares, all but the constant held near zero.
fn regress(seen: &[Seen<'_>], places: &[Place<'_>], i: usize) -> [f64; FACTS] {
    let mut matrix = vec![vec![0.0; FACTS]; FACTS];
    let mut right = [0.0; FACTS];
    for (j, row) in matrix.iter_mut().enumerate() {
        row[j] = if j == 0 { 0.01 } else { 1.0 };
    }
    for (s, p) in seen.iter().zip(places) {
        for j in 0..FACTS {
            right[j] += s.facts[j] * p.mean[i];
            for (entry, fact) in matrix[j].iter_mut().zip(s.facts) {
                *entry += s.facts[j] * fact;
            }
        }
    }
    solve(matrix, &right).try_into().unwrap()
}

/// Gauss's elimination with the largest pivot: not the crate's own solver.
fn solve(mut matrix: Vec<Vec<f64>>, right: &[f64]) -> Vec<f64> {
    let n = right.len();
    let mut x = right.to_vec();
    for i in 0..n {
        let pivot = (i..n)
            .max_by(|a, b| matrix[*a][i].abs().total_cmp(&matrix[*b][i].abs()))
            .unwrap();
        matrix.swap(i, pivot);
        x.swap(i, pivot);
        for j in 0..n {
            if j != i {
                let by = matrix[j][i] / matrix[i][i];
                let pivot = matrix[i].clone();
                for (entry, above) in matrix[j].iter_mut().zip(pivot) {
                    *entry -= by * above;
                }
                x[j] -= by * x[i];
            }
        }
    }
    (0..n).map(|i| x[i] / matrix[i][i]).collect()
}

/// Every benchmark's constants by the places of the models that published it.
fn benchmarks(all: &mut [Benchmark], places: &[Place<'_>]) {
    let mut variances: Vec<f64> = all.iter().map(|b| b.variance).collect();
    variances.sort_by(f64::total_cmp);
    let common = variances[variances.len() / 2];
    for b in all {
        let rows: Vec<Row<'_, '_>> = places
            .iter()
            .filter_map(|p| {
                let (e, w) = p.evidence.iter().find(|(e, _)| e.benchmark == b.name)?;
                Some((p, e, *w))
            })
            .collect();
        let held = [0.05, LOADING_SD[0].powi(-2), LOADING_SD[1].powi(-2)];
        let (mut solved, mut certain) = loadings(b, &rows, held, start(&b.name));
        // What asks for knowledge or for following instructions gains nothing by a turn to code.
        if solved[2] * side(&b.name) < 0.0 || (side(&b.name) == 0.0 && solved[2] > 0.0) {
            let [difficulty, ability, _] = start(&b.name);
            let fixed = [held[0], held[1], 1e8];
            (solved, certain) = loadings(b, &rows, fixed, [difficulty, ability, 0.0]);
            solved[2] = 0.0;
        }
        (b.difficulty, b.loading) = (solved[0], [solved[1], solved[2]]);
        b.covariance = upper(&certain);
        let own = |(p, e, weight): &Row<'_, '_>| {
            let off = e.log_odds - b.log_odds(p.mean);
            let square = weight * (off * off + p.covariance.quadratic(b.loading));
            let trust = b.variance / (b.variance + e.variance);
            trust * trust * square + trust * e.variance
        };
        let sum: f64 = rows.iter().map(own).sum();
        b.variance = (sum + SHRINKAGE * common) / (rows.len() as f64 + SHRINKAGE);
    }
}

/// A model's place and figure on a benchmark, and the figure's weight.
type Row<'p, 'm> = (&'p Place<'m>, &'p Evidence<'m>, f64);

/// Difficulty and loadings of a benchmark, held near where they start, and how certain they are.
fn loadings(
    b: &Benchmark,
    rows: &[Row<'_, '_>],
    held: [f64; 3],
    start: [f64; 3],
) -> (Vec<f64>, Vec<Vec<f64>>) {
    let mut matrix = vec![vec![0.0; 3]; 3];
    let mut right = [0.0; 3];
    for j in 0..3 {
        matrix[j][j] = held[j];
        right[j] = held[j] * start[j];
    }
    let mut certain = matrix.clone();
    for (p, e, weight) in rows {
        let z = [1.0, p.mean[0], p.mean[1]];
        let c = p.covariance;
        let unsure = [[0.0, 0.0, 0.0], [0.0, c.a, c.b], [0.0, c.b, c.c]];
        let counts = weight / (b.variance + e.variance);
        for j in 0..3 {
            right[j] += counts * e.log_odds * z[j];
            for k in 0..3 {
                matrix[j][k] += counts * (z[j] * z[k] + unsure[j][k]);
                certain[j][k] += z[j] * z[k] / (b.variance + e.variance);
            }
        }
    }
    (solve(matrix, &right), certain)
}

/// The upper triangle of the inverse of three by three.
fn upper(matrix: &[Vec<f64>]) -> [f64; 6] {
    let column = |i: usize| {
        let unit = [0, 1, 2].map(|j| f64::from(u8::from(i == j)));
        solve(matrix.to_vec(), &unit)
    };
    let [x, y, z] = [0, 1, 2].map(column);
    [x[0], y[0], z[0], y[1], z[1], z[2]]
}

/// Ability's unit: the mean loading of the benchmarks that many publish is one.
fn rescale(constants: &mut Constants, variance: &mut Pair) {
    let many: Vec<f64> = constants
        .benchmarks
        .iter()
        .filter(|b| b.models >= 15)
        .map(|b| b.loading[0])
        .collect();
    if many.is_empty() {
        return;
    }
    let unit = mean(&many);
    for b in &mut constants.benchmarks {
        b.loading[0] /= unit;
        let by = [1.0, unit, 1.0, unit * unit, unit, 1.0];
        b.covariance = [0, 1, 2, 3, 4, 5].map(|i| b.covariance[i] / by[i]);
    }
    constants.slopes[0] = constants.slopes[0].map(|s| s * unit);
    variance[0] *= unit * unit;
}

/// How far a model's own scores put it from what its facts let expect: what is left when a weak
/// prior around that is taken out again.
fn sibling(constants: &Constants, seen: &Seen<'_>) -> Option<Sibling> {
    let released = release(seen.model)?;
    let weak = place(constants, [1.0; 2], seen);
    let from = expected(&constants.slopes, &seen.facts);
    let left = [weak.covariance.a, weak.covariance.c];
    if weak.evidence.is_empty() {
        return None;
    }
    let coordinate = |i: usize| {
        if left[i] > 0.8 {
            return (0.0, 9.0);
        }
        let variance = 1.0 / (1.0 / left[i] - 1.0);
        ((weak.mean[i] - from[i]) * (1.0 + variance), variance)
    };
    let [(a, va), (t, vt)] = [coordinate(0), coordinate(1)];
    Some(Sibling {
        model: seen.model.id.clone(),
        publisher: seen.model.publisher.clone(),
        released,
        size: size(seen.model),
        active: active(seen.model),
        reasoning: seen.model.reasoning,
        residual: [a, t],
        variance: [va, vt],
        figures: (weak.evidence.iter())
            .map(|(e, _)| (e.benchmark.to_owned(), weak.sober(e)))
            .collect(),
    })
}

/// The constants as the file has them: one benchmark, one sibling a line.
pub(super) fn written(constants: &Constants) -> String {
    let list = |of: &[f64]| {
        let all: Vec<String> = of.iter().map(|x| format!("{x:.5}")).collect();
        format!("[{}]", all.join(", "))
    };
    let mut out = String::from(
        "# Generated over the whole catalog; to write it anew:\n\
         # PLANNER_WRITE_CONSTANTS=1 cargo test --test it quality::the_frozen\n",
    );
    out += &format!("released_mean = {:.5}\n", constants.released_mean);
    out += &format!("checked = {:?}\n", constants.checked);
    let slopes = constants.slopes.map(|s| list(&s)).join(", ");
    out += &format!("slopes = [{slopes}]\n\nbenchmarks = [\n");
    for b in &constants.benchmarks {
        let reporter = serde_json::to_string(&b.reporter).unwrap();
        out += &format!(
            "    {{ name = {:?}, models = {}, reporter = {reporter}, difficulty = {:.5}, loading = {}, variance = {:.5}, covariance = {} }},\n",
            b.name,
            b.models,
            b.difficulty,
            list(&b.loading),
            b.variance,
            list(&b.covariance)
        );
    }
    out += "]\n\nsiblings = [\n";
    for s in &constants.siblings {
        let figures = s.figures.iter();
        let figures: Vec<String> = figures.map(|(b, x)| format!("{b:?} = {x:.3}")).collect();
        out += &format!(
            "    {{ model = {:?}, publisher = {:?}, released = {:.4}, size = {:.4}, active = {:.4}, reasoning = {}, residual = {}, variance = {}, figures = {{ {} }} }},\n",
            s.model,
            s.publisher,
            s.released,
            s.size,
            s.active,
            s.reasoning,
            list(&s.residual),
            list(&s.variance),
            figures.join(", ")
        );
    }
    out + "]\n"
}
