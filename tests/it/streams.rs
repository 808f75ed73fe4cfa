//! Several streams of one model: against what was measured, over all Macs, depths and numbers of
//! streams.

use planner::catalog::schema::{Measurement, Model, Variant};
use planner::machine::Machine;
use planner::speed::{Filter, SpeedModel};

use crate::macs::{Figures, macs, measured, shipped};
use crate::speed::work;

const DEPTHS: [u32; 3] = [0, 20_000, 65_536];
const STREAMS: [u32; 4] = [1, 2, 4, 8];

/// Tokens per second of all streams together, and whether that was measured there.
fn in_sum(
    speed: &SpeedModel,
    (model, variant): (&Model, &Variant),
    mac: &Machine,
    depth: u32,
    streams: u32,
) -> Option<(f64, bool)> {
    let work = work(depth, streams);
    let estimate = speed.estimate(model, variant, mac, &work, Filter::default());
    let decode = estimate.ok()?.decode;
    Some((
        decode.value() * f64::from(streams),
        measured(&decode) && streams == 1,
    ))
}

/// The greatest loss that was measured from adding streams, as the least ratio of two sums of one
/// file on one Mac by the one program at one depth on one day; 1 where none was.
fn greatest_loss(model: &Model) -> f64 {
    let runs: Vec<&Measurement> = (model.measurements.iter())
        .filter(|m| m.suspect.is_none() && m.decode_tokens_per_second.is_some())
        .collect();
    let alike = |a: &Measurement, b: &Measurement| {
        let key = |m: &Measurement| {
            (
                m.variant.clone(),
                m.chip.clone(),
                m.gpu_cores,
                m.engine.clone(),
                m.app.clone(),
                m.depth_tokens,
                m.date.clone(),
            )
        };
        key(a) == key(b)
    };
    let mut least: f64 = 1.0;
    for few in &runs {
        for many in runs.iter().filter(|m| alike(m, few)) {
            if many.concurrency > few.concurrency {
                let sums = [many, few].map(|m| m.decode_tokens_per_second.unwrap());
                least = least.min(sums[0] / sums[1]);
            }
        }
    }
    least
}

/// More streams are never slower in sum than was measured of that model, and where nothing slower
/// was, never slower at all; none of more streams is faster than each of fewer.
#[test]
fn more_streams_give_no_less_in_sum_than_was_measured() {
    let (catalog, profiles, speed) = shipped();
    let macs = macs(&profiles);
    let (mut compared, mut losing) = (0, 0);
    for model in &catalog.models {
        let allowed = greatest_loss(model);
        losing += usize::from(allowed < 1.0);
        for variant in model.variants.first().iter().chain(&model.variants.last()) {
            // Each file on every fourth Mac, which ones by the file: all Macs take part.
            let from = (model.id.len() + variant.id.len()) % 4;
            for (mac, _) in macs.iter().skip(from).step_by(4) {
                for depth in DEPTHS {
                    let sums = STREAMS
                        .map(|n| (n, in_sum(&speed, (model, variant), mac, depth, n)))
                        .map(|(n, sum)| sum.map(|(sum, _)| (n, sum)));
                    for pair in sums.windows(2) {
                        let [Some((few, less)), Some((many, more))] = pair else {
                            continue;
                        };
                        let what = format!(
                            "{}/{} on {} at {depth}: {few} streams {less}, {many} {more}",
                            model.id, variant.id, mac.id
                        );
                        assert!(more / less >= allowed - 1e-9, "{what}");
                        assert!(
                            more / f64::from(*many) <= less / f64::from(*few) + 1e-9,
                            "{what}"
                        );
                        compared += 1;
                    }
                }
            }
        }
    }
    assert!(compared > 10_000, "{compared}");
    assert!(losing > 0, "no model was measured to lose");
}

/// Of two Macs of which one is no worse in anything, it gives no less in sum, whatever the number of
/// streams.
#[test]
fn a_mac_with_more_of_everything_serves_as_many_streams_no_slower() {
    let (catalog, profiles, speed) = shipped();
    let macs = macs(&profiles);
    let no_worse = |f: &Figures, g: &Figures| f.0 >= g.0 && f.1 >= g.1 && f.2 >= g.2;
    let mut compared = 0;
    for (at, model) in catalog.models.iter().enumerate() {
        let Some(variant) = model.variants.get(at % model.variants.len().max(1)) else {
            continue;
        };
        for (depth, streams) in [(0, 4), (20_000, 2), (65_536, 8)] {
            let sums: Vec<_> = macs
                .iter()
                .filter_map(|(mac, figures)| {
                    let alone = in_sum(&speed, (model, variant), mac, depth, 1)?;
                    let sum = in_sum(&speed, (model, variant), mac, depth, streams)?;
                    Some((mac, figures, sum.0, alone.1))
                })
                .collect();
            for (mac, f, more, seen) in &sums {
                for (lesser, g, less, _) in sums.iter().filter(|(_, g, ..)| no_worse(f, g)) {
                    compared += 1;
                    assert!(
                        *seen || *more >= less * (1.0 - 1e-9),
                        "{}/{} {depth} x {streams}: {} {more} {f:?}, {} {less} {g:?}",
                        model.id,
                        variant.id,
                        mac.id,
                        lesser.id
                    );
                }
            }
        }
    }
    assert!(compared > 30_000, "{compared}");
}
