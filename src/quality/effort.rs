//! What less thinking costs in quality: measured where scores at that effort were published, else as
//! the models that were scored both ways.

use super::constants::{Benchmark, Constants, Space};
use super::evidence::evidence_at;
use super::matrix::Pair;
use crate::catalog::effort::{Effort, Thinking};
use crate::catalog::schema::Model;

/// How thinking switched off moves ability and tilt, in log odds: the least squares of fifty
/// benchmarks of models that were published both ways (Qwen3 of seven sizes, DeepSeek V4 Pro).
const WITHOUT_THINKING: Pair = [-0.76, 1.34];
/// The same of questions about pictures: the least squares of MMMU, MathVista and ChartQA of nine models
/// that were published both ways (Qwen3-VL of six sizes, Qwen3-Omni, GLM-4.5V, Nemotron Nano V2 VL).
const WITHOUT_THINKING_OF_PICTURES: Pair = [-0.20, 0.0];
/// How far models differ in that, as a share of it (one standard deviation): 0.25 between those.
const SHARE: f64 = 0.3;
/// What is left on one benchmark, log odds.
const REST: f64 = 0.27;
/// How far two runs of one benchmark scatter, log odds.
const SCATTER: f64 = 0.2;

/// How far an effort takes a model from its headline figures towards one that does not think: by
/// what DeepSeek published of V4 Pro at three efforts, and of V4.1 Flash at a quarter.
const fn towards_off(effort: Effort) -> f64 {
    match effort {
        Effort::Off => 1.0,
        Effort::Low => 0.7,
        Effort::Medium => 0.4,
        Effort::High => 0.2,
        Effort::Max => 0.0,
    }
}

/// How far an effort takes a model from its highest, which headline figures are from, to thinking
/// switched off.
#[must_use]
pub fn less(model: &Model, effort: Effort) -> f64 {
    let most = model.thinking.as_ref().map_or(Effort::Max, Thinking::most);
    let way = if model.reasoning {
        towards_off(effort) - towards_off(most)
    } else {
        0.0
    };
    way.max(0.0)
}

/// How thinking switched off is expected to change a benchmark, in log odds: never upwards.
#[must_use]
pub fn without_thinking(space: Space, benchmark: &Benchmark) -> f64 {
    benchmark.change(match space {
        Space::Vision => WITHOUT_THINKING_OF_PICTURES,
        Space::General | Space::Embedding | Space::Completion => WITHOUT_THINKING,
    })
}

/// A figure that was published at less than the highest effort.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Published<'m> {
    benchmark: &'m str,
    /// Way of its effort to thinking switched off.
    less: f64,
    log_odds: f64,
}

/// What an effort costs a model.
#[derive(Debug, Clone, PartialEq)]
pub struct Cost<'m> {
    space: Space,
    /// What thinking switched off costs this model, as a share of what is expected.
    share: f64,
    /// Standard error of that.
    error: f64,
    /// Way of the effort to thinking switched off.
    less: f64,
    published: Vec<Published<'m>>,
}

/// A change in log odds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Change {
    /// What is expected.
    pub(super) mean: f64,
    /// Its standard error that all benchmarks share.
    pub(super) shared: f64,
    /// That of this benchmark alone.
    pub(super) own: f64,
}

impl<'m> Cost<'m> {
    /// Of a model whose benchmarks are expected at `headline` log odds, with a variance; none where
    /// the effort costs nothing.
    ///
    /// What was published at any effort tells how much others cost, on other benchmarks too.
    pub(super) fn new(
        constants: &Constants,
        model: &'m Model,
        effort: Effort,
        headline: impl Fn(&Benchmark) -> (f64, f64),
    ) -> Option<Self> {
        let less_by = less(model, effort);
        if less_by <= 0.0 {
            return None;
        }
        let usual = |name: &str| constants.benchmark(name).map(|b| b.reporter);
        let published = Effort::ALL.into_iter().flat_map(|effort| {
            let figures = evidence_at(&model.scores, Some(effort), usual);
            figures.into_iter().map(move |figure| Published {
                benchmark: figure.benchmark,
                less: less(model, effort),
                log_odds: figure.log_odds,
            })
        });
        let published: Vec<Published<'m>> = published.filter(|p| p.less > 0.0).collect();
        let mut precision = SHARE.powi(-2);
        let mut reached = precision;
        for figure in &published {
            let Some(benchmark) = constants.benchmark(figure.benchmark) else {
                continue;
            };
            let expected = figure.less * without_thinking(constants.space, benchmark);
            let (before, variance) = headline(benchmark);
            let counts = 1.0 / (REST * REST + SCATTER * SCATTER + variance);
            precision += counts * expected * expected;
            reached += counts * expected * (figure.log_odds - before);
        }
        Some(Self {
            space: constants.space,
            share: (reached / precision).max(0.0),
            error: 1.0 / precision.sqrt(),
            less: less_by,
            published,
        })
    }

    /// What it does to a benchmark that is expected at these log odds: what was published at the
    /// nearest effort, in proportion, else what is expected.
    pub(super) fn change(&self, benchmark: &Benchmark, before: f64) -> Change {
        let here = self
            .published
            .iter()
            .filter(|p| p.benchmark == benchmark.name);
        let away = |p: &Published<'_>| (p.less - self.less).abs();
        if let Some(nearest) = here.min_by(|a, b| away(a).total_cmp(&away(b))) {
            let share = self.less / nearest.less;
            return Change {
                mean: (nearest.log_odds - before).min(0.0) * share,
                shared: 0.0,
                own: (SCATTER * share).hypot(REST * away(nearest)),
            };
        }
        let whole = self.less * without_thinking(self.space, benchmark);
        Change {
            mean: whole * self.share,
            shared: whole * self.error,
            own: REST * self.less,
        }
    }
}
