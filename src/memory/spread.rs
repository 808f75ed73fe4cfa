//! What of a file's weights lies in each of two memories: by its own tensor table where that was read,
//! else evenly by layers, with the most that unlike layers may add.

use super::inside::{Cut, Spread};
use super::shard::Whole;
use crate::units::Bytes;

/// Between what and what the routed experts of all layers lie.
struct Routed {
    low: u64,
    high: u64,
}

impl Whole<'_> {
    /// The weights, cut like this.
    pub(super) fn spread(&self, cut: Cut) -> Spread {
        match self.inside.layers.is_empty() {
            true => self.by_bounds(cut),
            false => self.by_tensors(cut),
        }
    }

    fn by_tensors(&self, cut: Cut) -> Spread {
        let left = self.inside.layers.iter().map(|(&n, layer)| match n {
            n if n < cut.on_cpu => layer.all,
            n if n < cut.experts => layer.experts,
            _ => Bytes::ZERO,
        });
        let (left, twice) = match cut.output_on_cpu {
            // All of the language model, and the matrix that is input and output once.
            true => (self.language(), Bytes::ZERO),
            false => (left.sum::<Bytes>().min(self.language()), self.inside.twice),
        };
        Spread {
            gpu: self.weights.gpu.saturating_sub(left),
            cpu: self.weights.cpu + left + twice,
            ..Spread::default()
        }
    }

    fn by_bounds(&self, cut: Cut) -> Spread {
        let language = self.language();
        if cut.output_on_cpu {
            return Spread {
                gpu: self.weights.gpu.saturating_sub(language),
                cpu: self.weights.cpu + language,
                ..Spread::default()
            };
        }
        let (each, output) = self.parts();
        let output = output.0.max(self.output_of_mean()).min(language.0);
        let [layers, whole, part] =
            [cut.layers.max(1), cut.on_cpu, cut.experts - cut.on_cpu].map(u64::from);
        let routed = self.routed();
        let rest = language.0 - output;
        let mean = routed.low.midpoint(routed.high);
        let left = share(rest, whole, layers) + share(mean, part, layers);
        // At most the largest layers there can be lie on a side, and of experts no fewer than all but
        // the largest of the others are left.
        let most_experts = self.largest_part(routed.high);
        let most_left = whole
            .saturating_mul(each)
            .saturating_add(part.saturating_mul(most_experts))
            .min(language.0);
        let beyond = u64::from(cut.layers - cut.experts).saturating_mul(most_experts);
        let least_left = routed.low.saturating_sub(beyond);
        let on_gpu = output.saturating_add(u64::from(cut.on_gpu()).saturating_mul(each));
        let most_gpu = on_gpu.min(language.0 - least_left.min(language.0));
        let gpu = language.0 - left;
        Spread {
            gpu: self.weights.gpu.saturating_sub(Bytes(left)),
            cpu: self.weights.cpu + Bytes(left),
            more_gpu: Bytes(most_gpu.saturating_sub(gpu)),
            more_cpu: Bytes(most_left.saturating_sub(left)),
        }
    }

    /// The most that is copied at once of what is left to the processor.
    pub(super) fn largest_left(&self, cut: Cut) -> Bytes {
        if self.inside.layers.is_empty() {
            let (each, _) = self.parts();
            return match cut.on_cpu {
                0 if !cut.output_on_cpu => Bytes(self.largest_part(self.routed().high).min(each)),
                _ => Bytes(each),
            };
        }
        let left = self.inside.layers.iter().map(|(&n, layer)| match n {
            n if n < cut.on_cpu => layer.all,
            n if n < cut.experts => layer.experts,
            _ => Bytes::ZERO,
        });
        left.max().unwrap_or(Bytes::ZERO)
    }

    /// The output matrix in as many bits as the others have on average: a file keeps it in no fewer.
    fn output_of_mean(&self) -> u64 {
        let values = self.arch.vocabulary * self.arch.embedding_length;
        let total = self.inside.parameters.map(|(total, _)| total);
        let known = total.map(|total| total.saturating_sub(self.table()));
        known.map_or(0, |known| share(self.language().0, values, known))
    }

    /// Numbers of the input matrix, where it is one of its own.
    const fn table(&self) -> u64 {
        match self.arch.tied_embeddings {
            true => 0,
            false => self.arch.vocabulary * self.arch.embedding_length,
        }
    }

    fn language(&self) -> Bytes {
        self.weights.gpu.saturating_sub(self.beside)
    }

    /// By the parameters that work on one token. A file keeps what is no expert in no fewer bits than
    /// these, and in 16 at most, but for the routers in 32.
    fn routed(&self) -> Routed {
        let language = self.language().0;
        let unknown = Routed {
            low: 0,
            high: language,
        };
        let (Some((total, active)), Some(experts)) = (self.inside.parameters, self.arch.experts)
        else {
            return unknown;
        };
        let (all, used) = (u128::from(experts.total), u128::from(experts.used));
        if used >= all {
            return unknown;
        }
        let table = self.table();
        let idle = total.saturating_sub(active).saturating_sub(table);
        let scaled = |n: u64| u64::try_from(u128::from(n) * all / (all - used)).unwrap_or(u64::MAX);
        let routed = scaled(idle);
        let others = total.saturating_sub(table).saturating_sub(routed);
        let slip = scaled(rounding(total).saturating_add(rounding(active)));
        let width = self.arch.embedding_length * u64::from(experts.total);
        let routers = width.saturating_mul(u64::from(self.arch.layers));
        let dense = others.saturating_add(slip).saturating_add(routers);
        let dense = dense.saturating_mul(2);
        let high = share(
            language,
            routed.saturating_add(slip),
            routed.saturating_add(others),
        );
        Routed {
            low: language.saturating_sub(dense),
            high: high.min(language),
        }
    }
}

/// `part` of `of` parts.
fn share(all: u64, part: u64, of: u64) -> u64 {
    let bytes = u128::from(all) * u128::from(part) / u128::from(of.max(1));
    u64::try_from(bytes).unwrap_or(u64::MAX)
}

/// What a rounded number may be off by: half of its last digit that is not zero.
fn rounding(n: u64) -> u64 {
    let mut unit = 1;
    while n > 0 && n.is_multiple_of(unit * 10) && unit < u64::MAX / 100 {
        unit *= 10;
    }
    unit / 2
}
