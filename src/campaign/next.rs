//! What a study of so many hours should measure: what could change the answer, by how much, and how
//! long each takes with its download and its load.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::hours::{Job, Minutes, measuring};
use crate::advise::gaps::{Gap, Gaps};
use crate::apply::promises::DISK_BYTES_PER_SECOND;
use crate::plan::document::{MachineSummary, WeightedTask};
use crate::scenario::{Candidate, Ladder, Prepared, Scenario};
use crate::units::Bytes;

/// Version of this document's shape.
const NEXT_SCHEMA: u32 = 1;
/// Bytes per second of a download where nobody says. Assumed: 200 Mbit/s.
const DOWNLOAD_BYTES_PER_SECOND: u64 = 25_000_000;
/// Gains are told apart in steps of this, as scores are.
const STEP: f64 = 1e-5;

/// What is asked.
#[derive(Debug, Clone, PartialEq)]
pub struct Evening {
    /// Seconds that it may take.
    pub seconds: f64,
    /// Bytes per second of a download, where it is known.
    pub download: Option<Bytes>,
    /// The variants on the disk.
    pub here: Vec<String>,
    /// What each model is asked.
    pub job: Job,
}

/// What `study next` answers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct NextStudy {
    /// Version of this shape.
    pub schema: u32,
    /// Which program made it.
    pub generator: String,
    /// The day of the catalog that it rests on, where that is known.
    pub catalog_date: Option<String>,
    /// The machine that it is for.
    pub machine: MachineSummary,
    /// The tasks whose answer it could change.
    pub tasks: Vec<WeightedTask>,
    /// What each model is asked.
    pub job: Job,
    /// Seconds that it may take.
    pub seconds_allowed: f64,
    /// Bytes per second of a download that it counts on.
    pub download_bytes_per_second: Bytes,
    /// Nobody said how fast downloads are.
    pub download_speed_assumed: bool,
    /// Bytes per second that a load reads where none was measured: assumed.
    pub load_bytes_per_second: f64,
    /// What to measure, the most rewarding first.
    pub measure: Vec<Measuring>,
    /// Seconds that all of it is expected to take.
    pub seconds_expected: f64,
    /// Seconds that it takes at most, if every prediction comes out at its slow end: no more than allowed.
    pub seconds_most: f64,
    /// What has to be downloaded for it.
    pub download_bytes: Bytes,
    /// What could change the answer too, and has no room in the time.
    pub left_out: Vec<Measuring>,
    /// Predicted variants that the time limit left untried.
    pub untried: usize,
}

/// One model to measure.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Measuring {
    /// `model/variant`.
    pub variant: String,
    /// Gain in score if it turned out as fast as it may be.
    pub gain: f64,
    /// Whether other models would then be kept loaded.
    pub changes_loadout: bool,
    /// Its files are on the disk.
    pub on_disk: bool,
    /// What has to be downloaded.
    pub download_bytes: Bytes,
    /// Seconds of that.
    pub download_seconds: f64,
    /// Seconds of loading it.
    pub load_seconds: f64,
    /// Whether those were measured on this chip; else its files are read at the assumed speed.
    pub load_measured: bool,
    /// Seconds of the requests as they are expected.
    pub measure_seconds: f64,
    /// The same at the slow end of the predictions.
    pub measure_seconds_most: f64,
}

impl Measuring {
    /// Seconds of all of it that are expected.
    #[must_use]
    pub fn seconds(&self) -> f64 {
        self.download_seconds + self.load_seconds + self.measure_seconds
    }

    /// The same at most.
    #[must_use]
    pub fn seconds_most(&self) -> f64 {
        self.download_seconds + self.load_seconds + self.measure_seconds_most
    }
}

impl NextStudy {
    /// The file that `study run` takes.
    #[must_use]
    pub fn file(&self) -> String {
        let quoted = |text: &str| toml::Value::from(text).to_string();
        let variants = self
            .measure
            .iter()
            .map(|m| format!("  {},\n", quoted(&m.variant)));
        let variants: String = variants.collect();
        let task = self.tasks.first().map_or("code", |task| &task.id);
        format!(
            "variants = [\n{variants}]\ntask = {}\nruns = {}\ndepths = {:?}\nstreams = {:?}\n",
            quoted(task),
            self.job.runs,
            self.job.depths,
            self.job.streams
        )
    }
}

/// Picks what to measure of what could change the answer.
#[must_use]
pub fn next(scenario: &Scenario<'_>, gaps: &Gaps, evening: &Evening) -> NextStudy {
    let prepared = Prepared::to_vary(scenario);
    let speed = evening.download.unwrap_or(Bytes(DOWNLOAD_BYTES_PER_SECOND));
    let bases = || prepared.pool.ladders.iter().map(Ladder::base);
    let one = |gap: &Gap| {
        let c = bases().find(|c| c.name() == gap.variant)?;
        measuring_of(scenario, c, gap, (evening, speed))
    };
    let all: Vec<Measuring> = gaps.gaps.iter().filter_map(one).collect();
    let costs: Vec<(u64, u64)> = all
        .iter()
        .map(|m| (worth(m.gain), whole(m.seconds_most().ceil())))
        .collect();
    let picked = best_within(&costs, whole(evening.seconds.floor()));
    let of = |wanted: bool| -> Vec<Measuring> {
        let kept = all
            .iter()
            .zip(&picked)
            .filter(|(_, picked)| **picked == wanted);
        kept.map(|(m, _)| m.clone()).collect()
    };
    let measure = of(true);
    NextStudy {
        schema: NEXT_SCHEMA,
        generator: gaps.generator.clone(),
        catalog_date: gaps.catalog_date.clone(),
        machine: gaps.machine.clone(),
        tasks: gaps.tasks.clone(),
        job: evening.job.clone(),
        seconds_allowed: evening.seconds,
        download_bytes_per_second: speed,
        download_speed_assumed: evening.download.is_none(),
        load_bytes_per_second: DISK_BYTES_PER_SECOND,
        seconds_expected: measure.iter().map(Measuring::seconds).sum(),
        seconds_most: measure.iter().map(Measuring::seconds_most).sum(),
        download_bytes: measure.iter().map(|m| m.download_bytes).sum(),
        left_out: of(false),
        measure,
        untried: gaps.untried,
    }
}

fn measuring_of(
    scenario: &Scenario<'_>,
    c: &Candidate<'_>,
    gap: &Gap,
    (evening, speed): (&Evening, Bytes),
) -> Option<Measuring> {
    let on_disk = evening.here.contains(&gap.variant);
    let files = c.model.download_bytes(c.variant, false);
    let download_bytes = if on_disk { Bytes::ZERO } else { files };
    let Minutes { expected, most } = measuring(scenario, c, &evening.job)?;
    let measured = c.reliability.load_seconds;
    Some(Measuring {
        variant: gap.variant.clone(),
        gain: gap.gain,
        changes_loadout: gap.changes_loadout,
        on_disk,
        download_bytes,
        download_seconds: number(download_bytes) / number(speed).max(1.0),
        load_seconds: measured.unwrap_or(number(files) / DISK_BYTES_PER_SECOND),
        load_measured: measured.is_some(),
        measure_seconds: expected,
        measure_seconds_most: most,
    })
}

/// Which of some things, each of a worth and a cost, are worth most together within a budget: of
/// equal ones those that cost less, then the first.
fn best_within(things: &[(u64, u64)], budget: u64) -> Vec<bool> {
    // By number of things looked at and worth the least cost: worths are small, costs need not be.
    let total: u64 = things.iter().map(|(worth, _)| worth).sum();
    let places = usize::try_from(total).unwrap_or(0) + 1;
    let mut least = vec![vec![None; places]; things.len() + 1];
    least[things.len()][0] = Some(0_u64);
    for (n, (worth, cost)) in things.iter().enumerate().rev() {
        let worth = usize::try_from(*worth).unwrap_or(usize::MAX);
        for w in 0..places {
            let without = least[n + 1][w];
            let with = w.checked_sub(worth).and_then(|w| least[n + 1][w]);
            let with = with.and_then(|c: u64| c.checked_add(*cost));
            least[n][w] = with.into_iter().chain(without).min();
        }
    }
    let fits = |w: &usize| least[0][*w].is_some_and(|cost| cost <= budget);
    let mut left = (0..places).rev().find(fits).unwrap_or(0);
    let mut picked = Vec::with_capacity(things.len());
    for (n, (worth, cost)) in things.iter().enumerate() {
        let worth = usize::try_from(*worth).unwrap_or(usize::MAX);
        let rest = left.checked_sub(worth).and_then(|w| least[n + 1][w]);
        let with = rest.and_then(|c| c.checked_add(*cost));
        let take = with.is_some() && with == least[n][left];
        picked.push(take);
        if take {
            left -= worth;
        }
    }
    picked
}

#[expect(clippy::cast_precision_loss, reason = "a size for a rate")]
const fn number(bytes: Bytes) -> f64 {
    bytes.0 as f64
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a gain is a score below 1"
)]
fn worth(gain: f64) -> u64 {
    (gain / STEP).round().max(1.0) as u64
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "seconds of some days"
)]
fn whole(seconds: f64) -> u64 {
    seconds.clamp(0.0, 1e12) as u64
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_is_picked_is_worth_most_of_all_that_fits(
            things in prop::collection::vec((1_u64..40, 0_u64..60), 0..9),
            budget in 0_u64..200,
        ) {
            let picked = best_within(&things, budget);
            let sums = |mask: usize| {
                let of = things.iter().enumerate().filter(|(n, _)| mask >> n & 1 == 1);
                of.fold((0, 0), |(w, c), (_, (worth, cost))| (w + worth, c + cost))
            };
            let all = (0..1 << things.len()).map(sums).filter(|(_, cost)| *cost <= budget);
            let best = all.min_by_key(|(worth, cost)| (std::cmp::Reverse(*worth), *cost)).unwrap();
            let mask = picked.iter().enumerate().fold(0, |m, (n, p)| m | usize::from(*p) << n);
            prop_assert_eq!(sums(mask), best);
        }
    }
}
