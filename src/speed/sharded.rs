//! How fast a model is whose layers lie on several machines (llama.cpp's RPC backend).
//!
//! A token goes through all layers one after the other, so each machine takes its share of the time
//! that the whole model would take on it, and each machine but the head adds a way there and back:
//!
//! seconds = sum of share x whole + for each remote node (2 x latency + 8 x width / bandwidth + engine)
//!
//! Nothing in that can make it faster than the fastest of the machines would be alone.

use super::estimate::{OnMachine, Unknown};
use super::figure::{Expected, Figure};
use super::measured::Filter;
use super::model::SpeedModel;
use super::turn::{Estimate, Workload};
use crate::catalog::schema::{Model, Variant};
use crate::machine::Machine;

/// What joins a remote node to the head.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Hop {
    /// One way.
    pub latency_seconds: f64,
    /// Of the link.
    pub bytes_per_second: f64,
}

/// A machine that holds a part of a model.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Stage<'a> {
    /// The machine.
    pub machine: &'a Machine,
    /// Parts of the model on it: its layers, and one for the output matrix.
    pub parts: u32,
    /// The way to it; none for the head.
    pub hop: Option<Hop>,
}

/// Seconds that the engine takes for each remote node beside the wire: at best, as expected, and at
/// worst. From decode of three models on 1, 2 and 4 M3 Ultra: 9.1 and 5.6 ms (Qwen3 235B), 0.3
/// (DeepSeek V3.1), 3.5 (Kimi K2) for each node beyond the first.
const ENGINE_SECONDS: Ends = (0.0, 0.0046, 0.0091);
/// Where those are from.
const SOURCE: &str = "llama.cpp RPC adds 0 to 9.1 ms a token for each remote node, jeffgeerling.com 2025, \"1.5 TB of VRAM\"";

/// Seconds at best, as expected, and at worst.
type Ends = (f64, f64, f64);

/// A file on several machines.
pub struct Sharded<'a> {
    stages: Vec<(f64, OnMachine<'a>, Option<Hop>)>,
    /// Bytes of a hidden state.
    hidden: f64,
    /// Tokens of a physical batch.
    batch: f64,
}

impl SpeedModel {
    /// A file whose parts lie on several machines.
    ///
    /// # Errors
    /// When a machine's bandwidth or the engine's kernels are not known.
    pub fn sharded<'a>(
        &'a self,
        (model, variant): (&'a Model, &'a Variant),
        stages: &[Stage<'a>],
        filter: Filter<'a>,
        batch: u32,
    ) -> Result<Sharded<'a>, Unknown> {
        let all: u32 = stages.iter().map(|stage| stage.parts).sum();
        let stage = |stage: &Stage<'a>| {
            let share = f64::from(stage.parts) / f64::from(all.max(1));
            let file = self.on(model, variant, stage.machine, filter)?;
            Ok((share, file, stage.hop))
        };
        let width = model
            .architecture
            .as_ref()
            .map_or(0, |a| a.embedding_length);
        #[expect(clippy::cast_precision_loss, reason = "the width of a model")]
        let hidden = 4.0 * width as f64;
        Ok(Sharded {
            stages: stages.iter().map(stage).collect::<Result<_, Unknown>>()?,
            hidden,
            batch: f64::from(batch.max(1)),
        })
    }
}

impl Sharded<'_> {
    /// Tokens per second of one stream with `depth` tokens before it.
    #[must_use]
    pub fn decode(&self, depth: u32) -> Figure {
        let each = |file: &OnMachine<'_>| file.decode(depth).map(f64::recip);
        self.mixed(each, self.ways(1.0)).map(f64::recip)
    }

    /// How long a workload's turn takes.
    #[must_use]
    pub fn estimate(&self, work: &Workload) -> Estimate {
        let streams = f64::from(work.streams.max(1));
        let all: Vec<Estimate> = self
            .stages
            .iter()
            .map(|(_, f, _)| f.estimate(work))
            .collect();
        let depth = f64::from(work.depth_tokens.max(1));
        let new = f64::from(work.new_tokens.clamp(1, work.depth_tokens.max(1)));
        let again = match all.first().map(|e| e.prefix) {
            Some(super::prefix::Prefix::Lost) => depth,
            _ => new,
        };
        let of = |seconds: &dyn Fn(&Estimate) -> Figure, ways: Ends| {
            self.summed(all.iter().map(seconds).collect(), ways)
        };
        let step = of(
            &|e| e.decode_in_sum.clone().map(|tps| streams / tps),
            self.ways(streams),
        );
        let waits = (streams + 1.0) / 2.0;
        let first = f64::from(work.first_prompt_tokens.max(1));
        Estimate {
            work: *work,
            decode: step.clone().map(f64::recip),
            decode_in_sum: step.map(|s| streams / s),
            prefill: of(
                &|e| e.prefill.clone().map(|tps| depth / tps),
                self.ways(depth),
            )
            .map(|s| depth / s),
            reading: of(&|e| e.reading.clone(), times(self.ways(again), waits)),
            reading_first: of(&|e| e.reading_first.clone(), self.ways(first)),
            prefix: self.stages[0].1.prefix(),
        }
    }

    /// Seconds on the ways to all remote nodes for so many tokens at once.
    fn ways(&self, tokens: f64) -> Ends {
        let batches = (tokens / self.batch).ceil();
        let hops = self.stages.iter().filter_map(|(_, _, hop)| *hop);
        hops.fold((0.0, 0.0, 0.0), |sum, hop| {
            let wire = batches * 2.0 * hop.latency_seconds
                + tokens * 2.0 * self.hidden / hop.bytes_per_second;
            let with = |engine: f64| wire + batches * engine;
            let (low, value, high) = ENGINE_SECONDS;
            (sum.0 + with(low), sum.1 + with(value), sum.2 + with(high))
        })
    }

    fn mixed(&self, each: impl Fn(&OnMachine<'_>) -> Figure, ways: Ends) -> Figure {
        self.summed(self.stages.iter().map(|(_, f, _)| each(f)).collect(), ways)
    }

    /// Seconds of all machines by their shares and the ways between them: predicted, whatever was
    /// measured of the whole model.
    fn summed(&self, seconds: Vec<Figure>, ways: Ends) -> Figure {
        let (mut value, mut low, mut high) = (ways.1, ways.0, ways.2);
        for ((share, _, _), of) in self.stages.iter().zip(&seconds) {
            value += share * of.value();
            low += share * of.range().0;
            high += share * of.range().1;
        }
        let first = seconds.first().map(|f| format!("{}; {SOURCE}", f.source()));
        Figure::Predicted(Expected {
            value,
            low,
            high,
            runs: 0,
            source: first.unwrap_or_default().into(),
        })
    }
}

fn times((low, value, high): Ends, factor: f64) -> Ends {
    (low * factor, value * factor, high * factor)
}
