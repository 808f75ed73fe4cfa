//! Machines that are no Macs: the same formulas, with guesses of their own for what their engine and
//! drivers cost, fitted to the rows of their own kind alone. Nothing measured on them moves a Mac's
//! figures, or the other way round.
//!
//! The guesses are told for a GPU's own cores (multiprocessors, compute units), and are wide: where a
//! kind has few rows, its ranges are as wide.

use super::constants::{Decode, Prefill};
use crate::machine::Kind;

/// A constant with its guess and spread.
pub(super) type Guess = (&'static str, f64, f64);

/// By how much the spreads are wider than a Mac's.
const WIDER: f64 = 1.5;

/// Guesses that differ from a Mac's, of decoding.
const DECODE: [Guess; 11] = [
    ("read_llama_cpp", 0.80, 0.15),
    ("unpack_k", 60.0, 0.6),
    ("layer_dense", 25.0, 0.5),
    ("layer_hybrid_dense", 30.0, 0.5),
    ("layer_mixture", 50.0, 0.5),
    ("layer_hybrid_mixture", 60.0, 0.5),
    ("layer_latent", 60.0, 0.5),
    ("layer_compressed", 300.0, 0.6),
    ("layer_recurrent_llama_cpp", 1.3, 0.4),
    ("attend_llama_cpp", 200.0, 0.6),
    ("attend_latent_llama_cpp", 100.0, 0.6),
];

/// Of reading a prompt.
const PREFILL: [Guess; 6] = [
    ("start", 0.01, 0.5),
    ("rate_3", 0.60, 0.5),
    ("k_later", 0.90, 0.2),
    ("mixture_llama_cpp", 0.50, 0.4),
    ("attend_llama_cpp", 0.67, 0.5),
    ("attend_latent_llama_cpp", 0.50, 0.5),
];

/// Guesses of decoding on a kind of machine.
pub(super) fn decode(kind: Kind) -> Vec<Guess> {
    guesses(kind, Decode::TABLE, &DECODE)
}

/// Guesses of reading a prompt on a kind of machine.
pub(super) fn prefill(kind: Kind) -> Vec<Guess> {
    guesses(kind, Prefill::TABLE, &PREFILL)
}

fn guesses(kind: Kind, macs: &[Guess], own: &[Guess]) -> Vec<Guess> {
    if kind.is_mac() {
        return macs.to_vec();
    }
    let guess = |mac: &Guess| {
        let other = own.iter().find(|g| g.0 == mac.0);
        other.map_or((mac.0, mac.1, mac.2 * WIDER), |g| *g)
    };
    macs.iter().map(guess).collect()
}
