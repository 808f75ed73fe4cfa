//! The speed model: against the rows it rests on, against rows it has not seen, and against itself
//! over all pairs of Macs, depths and streams.

use planner::catalog::schema::{Model, Variant};
use planner::speed::fitting::{Fitted, GroupError, fit, fit_constants};
use planner::speed::{Estimate, Filter, Workload};

use crate::macs::{machine, macs, measured, shipped};
use crate::support::stdout;

const FILE: &str = include_str!("../../src/speed/fitted.json");

/// The shipped constants are those of the shipped rows: else `planner catalog model --fit` writes
/// them anew.
#[test]
fn the_shipped_constants_are_those_of_the_shipped_rows() {
    let (catalog, profiles, _) = shipped();
    let file: Fitted = serde_json::from_str(FILE).unwrap();
    let anew = fit_constants(&catalog, &profiles.chips);
    assert_eq!(
        anew.fingerprint, file.fingerprint,
        "write src/speed/fitted.json anew"
    );
    for (part, again) in [(&file.decode, &anew.decode), (&file.prefill, &anew.prefill)] {
        for (name, value) in &part.constants {
            let other = again.constants[name];
            assert!(
                (value / other - 1.0).abs() < 1e-3,
                "{name}: {value} and {other}"
            );
        }
    }
}

/// The model fitted anew without each source and each Mac.
#[test]
fn errors_of_groups_left_out_are_those_told() {
    let (catalog, profiles, _) = shipped();
    let file: Fitted = serde_json::from_str(FILE).unwrap();
    let anew = fit(&catalog, &profiles.chips);
    for (part, again) in [(&file.decode, &anew.decode), (&file.prefill, &anew.prefill)] {
        assert_eq!(part.errors.len(), again.errors.len());
        for (told, seen) in part.errors.iter().zip(&again.errors) {
            assert_eq!((&told.left_out, &told.of), (&seen.left_out, &seen.of));
            assert!(
                (told.median - seen.median).abs() < 0.005,
                "{told:?} {seen:?}"
            );
        }
    }
}

/// What the model promises of rows that it has not seen: whole sources and whole Macs left out.
#[test]
fn errors_of_groups_left_out_stay_below_their_ceilings() {
    let file: Fitted = serde_json::from_str(FILE).unwrap();
    let of = |errors: &[GroupError], group: &str| {
        let both = |e: &&GroupError| e.left_out == group && e.of == "llama.cpp and mlx";
        errors.iter().find(both).unwrap().clone()
    };
    for group in ["source", "mac"] {
        let decode = of(&file.decode.errors, group);
        let prefill = of(&file.prefill.errors, group);
        assert!(
            decode.median < 0.11 && decode.ninth_of_ten < 0.29,
            "{decode:?}"
        );
        assert!(
            prefill.median < 0.095 && prefill.ninth_of_ten < 0.29,
            "{prefill:?}"
        );
        for e in [decode, prefill] {
            assert!((0.75..=0.93).contains(&e.in_band), "{e:?}");
        }
    }
}

/// What was fitted to other kinds of machines is what their rows give: else this test with
/// `PLANNER_WRITE_CONSTANTS=1` writes it anew, and leaves a Mac's part as it is.
#[test]
fn the_parts_of_other_kinds_are_those_of_their_rows() {
    let (catalog, profiles, _) = shipped();
    let mut chips = profiles.chips;
    chips.retain(|c| !c.kind.is_mac());
    let others = fit(&catalog, &chips).others;
    let file: Fitted = serde_json::from_str(FILE).unwrap();
    if std::env::var_os("PLANNER_WRITE_CONSTANTS").is_some() {
        let anew = Fitted { others, ..file };
        let text = serde_json::to_string_pretty(&anew).unwrap() + "\n";
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/src/speed/fitted.json");
        std::fs::write(path, text).unwrap();
        return;
    }
    assert_eq!(file.others.len(), others.len());
    for (kind, anew) in &others {
        let told = &file.others[kind];
        assert_eq!(told.fingerprint, anew.fingerprint, "{kind:?}");
        for (told, anew) in [(&told.decode, &anew.decode), (&told.prefill, &anew.prefill)] {
            for (name, value) in &told.constants {
                let near = (value / anew.constants[name] - 1.0).abs() < 1e-3;
                assert!(
                    near,
                    "{kind:?} {name}: {value} and {}",
                    anew.constants[name]
                );
            }
            assert_eq!(told.errors.len(), anew.errors.len(), "{kind:?}");
        }
    }
}

/// What is promised of other kinds of machines, with models left out: of few rows the ranges are wide.
#[test]
fn errors_on_other_kinds_stay_below_their_ceilings() {
    let file: Fitted = serde_json::from_str(FILE).unwrap();
    for (kind, of) in &file.others {
        for part in [&of.decode, &of.prefill] {
            let errors = part.errors.iter().filter(|e| e.of == "all");
            for e in errors.filter(|e| e.left_out == "model" && e.rows >= 12) {
                assert!(e.median < 0.30 && e.in_band >= 0.7, "{kind:?} {e:?}");
            }
        }
    }
}

/// Cards that differ in nothing but more of everything, and any of the others with more depth.
#[test]
fn a_better_card_is_no_slower_and_depth_slows_on_every_kind() {
    let (catalog, profiles, model) = shipped();
    let decode = |id: &str, (m, v): (&Model, &Variant), depth: u32| {
        let on = machine(&profiles, id);
        model
            .decode(m, v, &on, depth, Filter::default())
            .unwrap()
            .value()
    };
    let files = [
        "gpt-oss-20b/gguf-mxfp4",
        "qwen3.8-27b/gguf-q4_k_m",
        "qwen3-32b/gguf-q4_k_m",
        "glm-4.7-flash/gguf-q8_0",
    ];
    for file in files {
        let (m, v) = catalog.find(file).unwrap();
        let of = (m, v.unwrap());
        for depth in DEPTHS {
            let [least, middle, most] =
                ["pc-rtx-3090-64gb", "pc-rtx-4090-64gb", "pc-rtx-5090-64gb"]
                    .map(|id| decode(id, of, depth));
            assert!(least <= middle && middle <= most, "{file} at {depth}");
        }
        for id in ["dgx-spark-128gb", "strix-halo-128gb", "pc-rtx-4090-64gb"] {
            let at = DEPTHS.map(|depth| decode(id, of, depth));
            assert!(
                at.windows(2).all(|d| d[0] >= d[1]),
                "{file} on {id}: {at:?}"
            );
        }
    }
}

const DEPTHS: [u32; 5] = [0, 4096, 20_000, 65_536, 200_000];

/// A turn at this depth, in so many conversations at once.
pub(crate) fn work(depth: u32, streams: u32) -> Workload {
    Workload {
        depth_tokens: depth,
        new_tokens: 1000,
        output_tokens: 300,
        output_range: (300, 300),
        first_prompt_tokens: 8000,
        streams,
    }
}

/// Every variant that somebody might run, on Macs of all sizes: more depth is never faster, more
/// streams are never slower in sum nor faster each.
#[test]
fn depth_slows_and_streams_share() {
    let (catalog, profiles, speed) = shipped();
    let macs = ["macbook-air-m1-8gb", "m3-ultra-512gb", "m5-max-128gb"];
    let mut seen = 0;
    for id in macs {
        let mac = machine(&profiles, id);
        for model in &catalog.models {
            for variant in &model.variants {
                let at = |depth, streams| {
                    speed.estimate(
                        model,
                        variant,
                        &mac,
                        &work(depth, streams),
                        Filter::default(),
                    )
                };
                let Ok(first) = at(0, 1) else { continue };
                let mut before: Option<Estimate> = Some(first);
                for depth in DEPTHS {
                    let now = at(depth, 1).unwrap();
                    let last = before.replace(now.clone()).unwrap();
                    let what = format!("{}/{} on {id} at {depth}", model.id, variant.id);
                    assert!(
                        now.decode.value() <= last.decode.value() * (1.0 + 1e-9),
                        "{what}"
                    );
                    for figure in [&now.decode, &now.prefill, &now.seconds_per_turn()] {
                        let (low, high) = figure.range();
                        assert!(low < figure.value() && figure.value() < high, "{what}");
                    }
                    seen += 1;
                }
                let (one, four) = (at(20_000, 1).unwrap(), at(20_000, 4).unwrap());
                assert!(four.decode.value() <= one.decode.value() * (1.0 + 1e-9));
                assert!(four.seconds_per_turn().value() > one.seconds_per_turn().value());
            }
        }
    }
    assert!(seen > 3000, "{seen}");
}

/// Every pair of Macs of which one is no worse in anything: it is no slower with any file, decoding
/// or reading, unless both were measured and say otherwise.
#[test]
fn a_mac_with_more_of_everything_is_no_slower() {
    let (catalog, profiles, speed) = shipped();
    let macs = macs(&profiles);
    let mut compared = 0;
    // Each model's first and last file: the formula is the same for those between.
    for model in &catalog.models {
        for variant in model.variants.first().iter().chain(&model.variants.last()) {
            for depth in [0, 32_768] {
                let speeds: Vec<_> = macs
                    .iter()
                    .filter_map(|(mac, figures)| {
                        let none = Filter::default();
                        let decode = speed.decode(model, variant, mac, depth, none).ok()?;
                        let prefill = speed.prefill(model, variant, mac, depth.max(512), none);
                        Some((mac, figures, decode, prefill.ok()?))
                    })
                    .collect();
                for (mac, f, decode, prefill) in &speeds {
                    for (lesser, g, lesser_decode, lesser_prefill) in &speeds {
                        if !(f.0 >= g.0 && f.1 >= g.1 && f.2 >= g.2) {
                            continue;
                        }
                        let what = || {
                            format!(
                                "{}/{} {depth}: {} {}",
                                model.id, variant.id, mac.id, lesser.id
                            )
                        };
                        for (more, less) in [(decode, lesser_decode), (prefill, lesser_prefill)] {
                            compared += 1;
                            let fine = more.value() >= less.value() * (1.0 - 1e-9);
                            assert!(fine || measured(more), "{} {more:?} {less:?}", what());
                        }
                    }
                }
            }
        }
    }
    assert!(compared > 50_000, "{compared}");
}

/// An owner's own run is what holds on the owner's Mac, and moves the model's other files.
#[test]
fn an_owners_run_wins_on_its_mac_and_corrects_its_neighbours() {
    let folder = tempfile::tempdir().unwrap();
    let run = "extends = \"qwen3-coder-next\"\n\n[[measurements]]\nvariant = \"mlx-6bit\"\n\
        chip = \"m3-ultra\"\ngpu_cores = 80\nengine = \"mlx\"\nmethod = \"decode\"\ndepth_tokens = 0\n\
        decode_tokens_per_second = 40.0\nown = true\nsource = \"a run of our own\"\n";
    std::fs::write(folder.path().join("own.toml"), run).unwrap();
    let speed = |variant: &str, own: bool| {
        let mut args = vec![
            "speed",
            variant,
            "--machine",
            "m3-ultra-512gb",
            "--depth",
            "0",
        ];
        args.extend(["--format", "json"]);
        if own {
            args.extend(["--catalog", folder.path().to_str().unwrap()]);
        }
        let answer: serde_json::Value = serde_json::from_str(&stdout(&args)).unwrap();
        answer["rows"][0].clone()
    };
    let own = speed("qwen3-coder-next/mlx-6bit", true);
    assert_eq!(own["decode_tokens_per_second"], 40.0);
    assert_eq!(own["decode_basis"], "measured");
    let other = |own| {
        speed("qwen3-next-80b-a3b-instruct/mlx-8bit", own)["decode_tokens_per_second"].as_f64()
    };
    assert!(other(false).is_some() && other(true).is_some());
}

#[test]
fn speed_answers_by_its_contract() {
    let args = [
        "speed",
        "minimax-m2.1",
        "--machine",
        "m3-ultra-512gb",
        "--streams",
        "1,4",
        "--format",
        "json",
    ];
    let answer: serde_json::Value = serde_json::from_str(&stdout(&args)).unwrap();
    let rows = answer["rows"].as_array().unwrap();
    let (catalog, _, _) = shipped();
    let variants = catalog.model("minimax-m2.1").unwrap().variants.len();
    assert_eq!(rows.len(), variants * 4 * 2);
    for row in rows {
        for what in ["decode", "prefill"] {
            let figure = |name: &str| row[format!("{what}_{name}")].as_f64().unwrap();
            assert!(figure("low") < figure("tokens_per_second"));
            assert!(figure("tokens_per_second") < figure("high"));
            assert!(row[format!("{what}_basis")].is_string());
        }
    }
}

/// A file that no memory of the machine holds has the speeds that it would have, and says so.
#[test]
fn what_is_too_large_for_the_machine_is_named() {
    let args =
        |machine: &'static str| ["speed", "qwen3.8-27b", "--machine", machine, "--depth", "0"];
    let answer: serde_json::Value = {
        let all = [&args("macbook-pro-m4-max-36gb")[..], &["--format", "json"]].concat();
        serde_json::from_str(&stdout(&all)).unwrap()
    };
    let (catalog, _, _) = shipped();
    let model = catalog.model("qwen3.8-27b").unwrap();
    let budget = answer["budget_bytes"].as_u64().unwrap();
    let mut large = 0;
    for row in answer["rows"].as_array().unwrap() {
        let (_, id) = row["variant"].as_str().unwrap().split_once('/').unwrap();
        let bytes = model.variant(id).unwrap().weights_bytes.0;
        let told = row["too_large_bytes"].as_u64();
        assert_eq!(told, (bytes > budget).then_some(bytes), "{id}");
        large += usize::from(told.is_some());
    }
    assert!(large > 0 && large < model.variants.len());
    let text = stdout(&args("macbook-pro-m4-max-36gb"));
    assert!(
        text.contains("Too large for macbook-pro-m4-max-36gb") && text.contains("bf16"),
        "{text}"
    );
    assert!(!stdout(&args("m3-ultra-512gb")).contains("Too large"));
}
