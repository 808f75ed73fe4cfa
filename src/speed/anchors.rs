//! What was measured with a file, by Mac: points of depth and seconds that a prediction passes
//! through on its own Mac, and does not cross on others.

use super::file::File;
use super::job::{Gpu, most_cores};
use super::measured::{Filter, in_lm_studio, run_decode, wall_clock_mean};
use super::observed::stretch;
use super::prefill::Stretch;
use super::source::Source;
use super::statistics::{SHALLOW_DEPTH, median};
use crate::catalog::schema::Measurement;
use crate::machine::ChipFigures;
use crate::machine::profile::Chip;

/// A measured figure stands for depths that differ by no more than this part of its own.
const NEAR: f64 = 0.25;
/// By how much a run is let to tell that all other depths are slower or faster than the model says.
const CARRIED: (f64, f64) = (0.67, 1.5);

/// Runs at one depth, or of prompts of one length.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Anchor {
    pub(super) depth: f64,
    /// Of a token, or by how much the whole prompt took longer than the formula says.
    pub(super) seconds: f64,
    /// The fastest and the slowest run.
    pub(super) range: (f64, f64),
    pub(super) runs: usize,
    /// The owner's own: no other source that differs.
    pub(super) own: bool,
    /// Tokens by whole time, of the median run.
    pub(super) wall_clock: Option<f64>,
    pub(super) source: Source,
}

/// The anchors of one file on one class of Mac, by depth.
#[derive(Debug, Clone)]
pub(super) struct OnMac {
    /// The GPUs that it holds for.
    pub(super) gpus: Vec<Gpu>,
    chip: String,
    cores: Option<u32>,
    pub(super) anchors: Vec<Anchor>,
}

impl OnMac {
    /// One run at an empty context and nothing else: what an owner's measurement would be.
    pub(super) fn measured(chip: &ChipFigures, gpu: Gpu, tokens_per_second: f64) -> Self {
        let seconds = 1.0 / tokens_per_second;
        Self {
            gpus: vec![gpu],
            chip: chip.id.clone(),
            cores: None,
            anchors: vec![Anchor {
                depth: 0.0,
                seconds,
                range: (seconds, seconds),
                runs: 1,
                own: true,
                wall_clock: None,
                source: "assumed".into(),
            }],
        }
    }

    /// Whether it is this machine's.
    pub(super) fn is_of(&self, chip: &ChipFigures, most: u32) -> bool {
        self.chip == chip.id
            && self
                .cores
                .is_none_or(|c| c == chip.gpu_cores.unwrap_or(most))
    }

    /// The anchor that stands for a depth; all depths up to `shallow` are alike.
    pub(super) fn near(&self, depth: f64, shallow: f64) -> Option<&Anchor> {
        self.anchors
            .iter()
            .filter(|a| {
                let both_shallow = a.depth <= shallow && depth <= shallow;
                both_shallow || (a.depth - depth).abs() <= NEAR * a.depth.max(depth)
            })
            .min_by(|a, b| (a.depth - depth).abs().total_cmp(&(b.depth - depth).abs()))
    }

    /// Seconds of a token at a depth: a line between two anchors; beyond them the model's own rise.
    /// A shallow first one stands for an empty context.
    pub(super) fn token(&self, depth: f64, model: impl Fn(f64) -> f64) -> Option<f64> {
        let (first, last) = (self.anchors.first()?, self.anchors.last()?);
        let carried = |a: &Anchor| {
            let ratio = (a.seconds / model(a.depth)).clamp(CARRIED.0, CARRIED.1);
            a.seconds + (model(depth) - model(a.depth)) * ratio
        };
        if depth <= first.depth && first.depth <= f64::from(SHALLOW_DEPTH) {
            return Some(first.seconds);
        }
        if depth <= first.depth {
            return Some(carried(first).max(first.seconds * 0.3));
        }
        if depth >= last.depth {
            return Some(carried(last));
        }
        let after = self.anchors.partition_point(|a| a.depth <= depth);
        let (a, b) = (self.anchors.get(after - 1)?, self.anchors.get(after)?);
        let part = (depth - a.depth) / (b.depth - a.depth);
        Some(a.seconds + part * (b.seconds - a.seconds))
    }

    /// By how much prompts of a length take longer than the formula says.
    pub(super) fn ratio(&self, tokens: f64) -> Option<f64> {
        let (first, last) = (self.anchors.first()?, self.anchors.last()?);
        if tokens <= first.depth {
            return Some(first.seconds);
        }
        if tokens >= last.depth {
            return Some(last.seconds);
        }
        let after = self.anchors.partition_point(|a| a.depth <= tokens);
        let (a, b) = (self.anchors.get(after - 1)?, self.anchors.get(after)?);
        let part = (tokens / a.depth).ln() / (b.depth / a.depth).ln();
        Some((a.seconds.ln() + part * (b.seconds / a.seconds).ln()).exp())
    }

    /// The same of what is read at such a depth after others: what only short prompts pay is not
    /// paid there, so that it never falls with depth.
    pub(super) fn ratio_after(&self, end: f64) -> Option<f64> {
        let deeper = self.anchors.iter().filter(|a| a.depth >= end);
        let least = deeper.map(|a| a.seconds).fold(f64::INFINITY, f64::min);
        self.ratio(end).map(|ratio| ratio.min(least))
    }
}

/// One run, as an anchor is made of.
struct Run<'a> {
    measurement: &'a Measurement,
    depth: f64,
    seconds: f64,
}

/// Decoding: a token's seconds by depth. Macs whose bins have one bandwidth are one class.
pub(super) fn decode(file: &File<'_>, chips: &[Chip], filter: Filter<'_>) -> Vec<OnMac> {
    let read = |m: &Measurement, _: &Gpu| {
        let depth = f64::from(m.depth_tokens.unwrap_or(0));
        run_decode(m)
            .filter(|tps| *tps > 0.0)
            .map(|tps| (depth, 1.0 / tps))
    };
    let mut all = by_mac(file, chips, filter, true, read);
    all.iter_mut().for_each(|on| rising(&mut on.anchors));
    all
}

/// Reading: measured seconds over the formula's, by length of the prompt.
pub(super) fn prefill(
    file: &File<'_>,
    chips: &[Chip],
    filter: Filter<'_>,
    formula: impl Fn(&Gpu, &Stretch) -> f64,
) -> Vec<OnMac> {
    let read = |m: &Measurement, gpu: &Gpu| {
        let speed = m.prefill_tokens_per_second.filter(|s| *s > 0.0)?;
        let read = stretch(m, &file.job, file.program).filter(|s| s.tokens >= 400.0)?;
        let ratio = read.tokens / speed / formula(gpu, &read);
        Some((read.from + read.tokens, ratio))
    };
    by_mac(file, chips, filter, false, read)
}

fn by_mac(
    file: &File<'_>,
    chips: &[Chip],
    filter: Filter<'_>,
    bins_alike: bool,
    read: impl Fn(&Measurement, &Gpu) -> Option<(f64, f64)>,
) -> Vec<OnMac> {
    let mut all: Vec<(OnMac, Vec<Run<'_>>)> = Vec::new();
    // Runs on one machine mostly stand together.
    let mut before: Option<(u32, ChipFigures)> = None;
    for m in file
        .model
        .measurements_of(file.variant)
        .filter(|m| counts(m, file, filter))
    {
        let Some(chip) = chips.iter().find(|c| c.id == m.chip) else {
            continue;
        };
        let own = m.gpu_cores.unwrap_or_else(|| most_cores(chip));
        let same = before
            .take()
            .filter(|(cores, of)| *cores == own && of.id == chip.id);
        let new = || (own, ChipFigures::of(chip, Some(own)));
        let (_, figures) = &*before.insert(same.unwrap_or_else(new));
        let one = bins_alike && figures.one_bandwidth;
        let cores = if one { None } else { figures.gpu_cores };
        let Some(gpu) = Gpu::of(figures, most_cores(chip)) else {
            continue;
        };
        let Some((depth, seconds)) = read(m, &gpu) else {
            continue;
        };
        let run = Run {
            measurement: m,
            depth,
            seconds,
        };
        let known = all
            .iter_mut()
            .find(|(on, _)| on.chip == m.chip && on.cores == cores);
        if let Some((_, runs)) = known {
            runs.push(run);
        } else {
            let on = OnMac {
                gpus: if one {
                    Gpu::bins(chip).collect()
                } else {
                    vec![gpu]
                },
                chip: m.chip.clone(),
                cores,
                anchors: Vec::new(),
            };
            all.push((on, vec![run]));
        }
    }
    all.into_iter()
        .map(|(on, runs)| OnMac {
            anchors: anchors(runs),
            ..on
        })
        .collect()
}

/// Made with the variant's own engine, one request at a time, not suspect.
fn counts(m: &Measurement, file: &File<'_>, filter: Filter<'_>) -> bool {
    m.engine == file.variant.engine
        && m.concurrency == 1
        && m.suspect.is_none()
        && filter
            .campaign
            .is_none_or(|c| m.campaign.as_deref() == Some(c))
}

/// Runs at one depth as one anchor: the owner's own before published ones, LM Studio's before the
/// bare engine's, then the median.
fn anchors(mut runs: Vec<Run<'_>>) -> Vec<Anchor> {
    let shallow = f64::from(SHALLOW_DEPTH);
    runs.sort_by(|a, b| a.depth.total_cmp(&b.depth));
    let together = |a: &Run<'_>, b: &Run<'_>| {
        b.depth <= shallow && a.depth <= 1.0_f64.max(b.depth / 16.0) + 512.0
            || (b.depth - a.depth).abs() <= 0.05 * b.depth
    };
    runs.chunk_by(together).filter_map(anchor).collect()
}

fn anchor(runs: &[Run<'_>]) -> Option<Anchor> {
    let mut kept: Vec<&Run<'_>> = runs.iter().collect();
    for better in [|m: &Measurement| m.own, in_lm_studio] {
        if kept.iter().any(|r| better(r.measurement)) {
            kept.retain(|r| better(r.measurement));
        }
    }
    let seconds: Vec<f64> = kept.iter().map(|r| r.seconds).collect();
    let first = kept.first()?.measurement;
    let app = first.app.as_deref().unwrap_or(&first.engine);
    let date = first.date.as_deref().and_then(|d| d.get(..d.len().min(10)));
    let date = date.map_or(String::new(), |d| format!(", {d}"));
    let more = if kept.len() > 1 {
        format!(" and {} more", kept.len() - 1)
    } else {
        String::new()
    };
    Some(Anchor {
        depth: median(kept.iter().map(|r| r.depth).collect())?,
        range: (
            seconds.iter().copied().fold(f64::INFINITY, f64::min),
            seconds.iter().copied().fold(0.0, f64::max),
        ),
        seconds: median(seconds)?,
        runs: kept.len(),
        own: first.own,
        wall_clock: median(
            kept.iter()
                .filter_map(|r| wall_clock_mean(r.measurement))
                .collect(),
        ),
        source: format!("{app}{date}: {}{more}", first.source).into(),
    })
}

/// More depth is never faster: neighbours that say otherwise, mostly of two sources, share their
/// mean.
fn rising(anchors: &mut [Anchor]) {
    let mut pools: Vec<(f64, usize)> = Vec::new();
    for anchor in anchors.iter() {
        let mut pool = (anchor.seconds, 1);
        while let Some(&(before, n)) = pools.last().filter(|(before, _)| *before > pool.0) {
            pools.pop();
            #[expect(clippy::cast_precision_loss, reason = "a handful of anchors")]
            let (a, b) = (n as f64, pool.1 as f64);
            pool = ((before * a + pool.0 * b) / (a + b), n + pool.1);
        }
        pools.push(pool);
    }
    let pooled = pools.iter().flat_map(|(s, n)| std::iter::repeat_n(*s, *n));
    for (anchor, seconds) in anchors.iter_mut().zip(pooled) {
        anchor.seconds = seconds;
    }
}
