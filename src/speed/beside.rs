//! Experts of some layers in ordinary memory, beside a card that holds all else.
//!
//! A token's experts there are read, and computed with, by the processor while the card waits:
//!
//! seconds = those of the card without them + their bytes / rate + layers x crossing
//!
//! For a batch of a prompt llama.cpp copies the experts that its tokens touch to the card, once for
//! each batch. The rates are the medians of the computers whose runs were published
//! (`tests/data/experts-in-ram.tsv`), and the ranges as wide as those differ: of the memory's
//! specification, where it was told, processors reach 0.17 to 0.74.

use super::job::Job;
use super::source::Source;

/// Bytes per second that a processor reads and computes experts at.
const READ: f64 = 45e9;
/// Seconds that a layer's way to the processor and back takes.
const CROSSING: f64 = 100e-6;
/// Bytes per second that experts are copied to the card at.
const COPY: f64 = 22.4e9;
/// Half-widths of the ranges, as logarithms, within which four of five runs of sources left out lie:
/// decoding, and reading a prompt.
const SPREAD: (f64, f64) = (0.5, 0.8);

/// What of a file lies beside the card.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Beside {
    /// Bytes of experts there.
    experts: f64,
    /// Of which one token uses this part.
    used: f64,
    /// Layers that have them, of how many.
    layers: (f64, f64),
    /// Tokens of a physical batch.
    pub(super) batch: f64,
}

impl Beside {
    /// Takes the experts of so many layers off the card.
    pub(super) fn taken_off(job: &mut Job<'_>, layers: u32, batch: u32) -> Self {
        let all = f64::from(job.arch.layers.max(1));
        let layers = f64::from(layers).min(all);
        let experts = job.weights.experts * layers / all;
        job.weights.experts -= experts;
        Self {
            experts,
            used: job.weights.used,
            layers: (layers, all),
            batch: f64::from(batch.max(1)),
        }
    }

    /// Seconds of a token beside the card.
    pub(super) fn token(&self) -> f64 {
        self.used * self.experts / READ + self.layers.0 * CROSSING
    }

    /// Seconds that a stretch of a prompt waits for copies.
    pub(super) fn copies(&self, tokens: f64) -> f64 {
        let batch = self.batch.min(tokens).max(1.0);
        let touched = 1.0 - (1.0 - self.used).powf(batch);
        (tokens / batch).ceil() * touched * self.experts / COPY
    }

    /// Half-width of the range of a time of which so many seconds are the card's, whose own range is
    /// so wide.
    pub(super) fn decode_spread(of_card: f64) -> f64 {
        SPREAD.0.max(of_card)
    }

    /// The same of reading a prompt.
    pub(super) fn prefill_spread(of_card: f64) -> f64 {
        SPREAD.1.max(of_card)
    }

    /// What its speed rests on.
    pub(super) fn rests_on(&self, noun: &str) -> Source {
        let (layers, all) = self.layers;
        format!("speed model of the card, the experts of {layers} of {all} layers read from ordinary memory: at the median rate of 9 published {noun}s, whose memory and processor differ; no run of this one").into()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use super::*;
    use crate::catalog::Catalog;
    use crate::machine::{Kind, Profiles};
    use crate::speed::file::File;
    use crate::speed::job::Gpu;
    use crate::speed::prefill::Stretch;
    use crate::speed::{SpeedModel, median};

    /// Seconds that were measured, those of the card by its formula, and what waits beside it: bytes,
    /// and seconds that no rate shortens.
    struct Run {
        source: String,
        measured: f64,
        card: f64,
        bytes: f64,
        fixed: f64,
    }

    impl Run {
        fn rate(&self) -> f64 {
            self.bytes / (self.measured - self.card - self.fixed)
        }

        /// By how much it took longer than is said at a rate, as a logarithm.
        fn miss(&self, rate: f64) -> f64 {
            (self.measured / (self.card + self.fixed + self.bytes / rate)).ln()
        }
    }

    /// What decoded and what read a prompt, of the published table.
    fn runs() -> [Vec<Run>; 2] {
        let catalog = Catalog::embedded().unwrap();
        let chips = Profiles::embedded().unwrap().chips;
        let all = SpeedModel::of(&catalog, &chips).unwrap();
        let speed = all.of_kind(Kind::GraphicsCard).unwrap();
        let text = include_str!("../../tests/data/experts-in-ram.tsv");
        let (mut decode, mut prefill) = (Vec::new(), Vec::new());
        for line in text.lines().filter(|l| !l.starts_with('#')).skip(1) {
            let cells: Vec<&str> = line.split('\t').collect();
            let number = |i: usize| cells[i].parse::<f64>().ok();
            let known = |i: usize| number(i).unwrap();
            let name = format!("{}/{}", cells[1], cells[2]);
            let (model, variant) = catalog.find(&name).unwrap();
            let mut file = File::of(model, variant.unwrap()).unwrap();
            let gpu = Gpu {
                kind: Kind::GraphicsCard,
                bandwidth: known(4) * 1e9,
                cores: known(5),
                generation: 3.0,
                ultra: false,
            };
            let whole = |i: usize| cells[i].parse::<u32>().unwrap();
            let beside = Beside::taken_off(&mut file.job, whole(7), whole(9));
            let run = |measured, card, bytes, fixed| Run {
                source: cells[0].to_owned(),
                measured,
                card,
                bytes,
                fixed,
            };
            let fixed = beside.layers.0 * CROSSING;
            let (card, bytes) = (
                speed.token(&file, &gpu, known(8)),
                (beside.token() - fixed) * READ,
            );
            decode.extend(number(11).map(|tps| run(1.0 / tps, card, bytes, fixed)));
            if let Some(tps) = number(12) {
                let prompt = known(10);
                let stretch = Stretch::new(&file.job, 0.0, prompt, file.ways());
                let card = speed.prompt(&file, &gpu, &stretch.in_batches_of(beside.batch));
                prefill.push(run(prompt / tps, card, beside.copies(prompt) * COPY, 0.0));
            }
        }
        [decode, prefill]
    }

    /// The median over sources of the median rate of each, without one of them.
    fn fit(runs: &[Run], without: &str) -> f64 {
        let mut of_source: BTreeMap<&str, Vec<f64>> = BTreeMap::new();
        for run in runs.iter().filter(|run| run.source != without) {
            of_source.entry(&run.source).or_default().push(run.rate());
        }
        let rates: Vec<f64> = of_source
            .values()
            .map(|rates| median(rates.clone()).unwrap())
            .collect();
        median(rates).unwrap()
    }

    /// Sizes of the misses of each run by what the other sources say, rising.
    fn left_out(runs: &[Run]) -> Vec<f64> {
        let miss = |run: &Run| run.miss(fit(runs, &run.source)).abs();
        let mut all: Vec<f64> = runs.iter().map(miss).collect();
        all.sort_by(f64::total_cmp);
        all
    }

    #[test]
    fn the_rates_are_the_published_ones() {
        for (runs, rate) in runs().iter().zip([READ, COPY]) {
            let fitted = fit(runs, "");
            let off = (fitted / rate).ln().abs();
            assert!(off < 0.03, "{fitted:e} is published, {rate:e} stands here");
        }
    }

    #[test]
    fn the_ranges_hold_four_of_five_runs_of_sources_left_out() {
        // Errors at the middle and at the ninth of ten: 1.4 and 2.1 times decoding, 1.4 and 4.9
        // reading, where the widest is one source's 250,000 tokens.
        let errors = [(0.35, 0.80), (0.40, 1.65)];
        for ((runs, spread), (middle, ninth)) in runs().iter().zip([SPREAD.0, SPREAD.1]).zip(errors)
        {
            let sources: BTreeSet<&String> = runs.iter().map(|run| &run.source).collect();
            assert!(sources.len() >= 5, "{sources:?}");
            let all = left_out(runs);
            let held = all.iter().filter(|miss| **miss <= spread).count();
            assert!(held * 5 >= all.len() * 4, "{held} of {all:?}");
            assert!(held < all.len(), "wider than anything was missed by");
            assert!(all[all.len() / 2] < middle, "{all:?}");
            assert!(all[all.len() * 9 / 10] < ninth, "{all:?}");
        }
    }

    #[test]
    fn more_layers_apart_are_never_faster() {
        let catalog = Catalog::embedded().unwrap();
        let profiles = Profiles::embedded().unwrap();
        let speed = SpeedModel::of(&catalog, &profiles.chips).unwrap();
        let profile = profiles.machine("pc-rtx-4090-64gb").unwrap();
        let machine = crate::machine::Machine::from_profile(profile, &profiles.chips).unwrap();
        let (model, variant) = catalog.find("gpt-oss-120b/gguf-mxfp4").unwrap();
        let at = |layers| {
            let filter = crate::speed::Filter::default();
            let file = speed.on(model, variant.unwrap(), &machine, filter).unwrap();
            let file = file.with_experts_in_ram(layers, 512);
            (file.decode(8192).value(), file.prompt(8192.0).value())
        };
        for layers in 0..36 {
            let (fewer, more) = (at(layers), at(layers + 1));
            assert!(
                more.0 < fewer.0 && more.1 > fewer.1,
                "{layers}: {fewer:?} {more:?}"
            );
        }
    }
}
