//! Each rule of the check on a user's catalog that breaks it, and on one that does not; and on the
//! first study's data with its explanations taken away and its errors put back.

use planner::audit;

use planner::audit::Finding;
use planner::catalog::schema::{Measurement, Model};
use planner::catalog::{Catalog, Layer};
use planner::machine::Profiles;
use planner::model::{Architecture, CacheShape};
use planner::units::Bytes;

/// A model of 100 B parameters, 10 B active, with two files: 56.25 GB (4.5 bits) and 106.25 GB
/// (8.5 bits).
const MODEL: &str = r#"
    id = "mine"
    name = "Mine"
    publisher = "me"
    parameters_total = 100_000_000_000
    parameters_active = 10_000_000_000
    context_length = 131_072
    sources = ["my own counting"]
    [[variants]]
    id = "small"
    engine = "mlx"
    quantization = "4bit"
    weights_bytes = SMALL
    size = "exact"
    repository = "https://example.org/small"
    source = "counted"
    [[variants]]
    id = "large"
    engine = "mlx"
    quantization = "8bit"
    weights_bytes = LARGE
    size = "exact"
    repository = "https://example.org/large"
    source = "counted"
"#;
const SMALL: &str = "56_250_000_000";
const LARGE: &str = "106_250_000_000";

fn findings_of(files: &[(&str, String)]) -> Vec<Finding> {
    let layer = Layer::read(files.iter().map(|(p, t)| (*p, t.as_str()))).unwrap();
    let catalog = Catalog::default().with_layer(&layer).unwrap();
    audit::check(&catalog, &Profiles::embedded().unwrap().chips)
}

fn with_sizes(small: &str, large: &str, more: &str) -> Vec<Finding> {
    let text = MODEL.replace("SMALL", small).replace("LARGE", large) + more;
    findings_of(&[("mine.toml", text)])
}

fn rules(findings: &[Finding]) -> Vec<&str> {
    findings.iter().map(|f| f.rule).collect()
}

/// One measurement with these keys, over a sound model.
fn measured(keys: &str) -> Vec<Finding> {
    let row = format!(
        "[[measurements]]\nvariant = \"small\"\nchip = \"m3-ultra\"\nengine = \"mlx\"\nsource = \"a run\"\n{keys}"
    );
    with_sizes(SMALL, LARGE, &row)
}

/// A run of whole requests: name, tokens, seconds.
fn run(requests: &[(&str, u32, f64)], more: &str) -> Vec<Finding> {
    let tests: Vec<String> = requests
        .iter()
        .map(|(name, tokens, seconds)| {
            format!("{{ name = \"{name}\", passed = true, completion_tokens = {tokens}, seconds = {seconds} }}")
        })
        .collect();
    measured(&format!(
        "method = \"wall-clock\"\ntests = [{}]\n{more}",
        tests.join(", ")
    ))
}

/// 40 tokens per second after half a second.
const SOUND: [(&str, u32, f64); 4] = [
    ("short", 100, 3.0),
    ("medium", 500, 13.0),
    ("long", 2000, 50.5),
    ("instruction", 400, 10.5),
];

#[test]
fn a_sound_catalog_has_no_findings() {
    assert!(with_sizes(SMALL, LARGE, "").is_empty());
    assert!(run(&SOUND, "reported_mean_tokens_per_second = 37.37").is_empty());
}

#[test]
fn a_mean_must_be_its_rows() {
    let found = run(&SOUND, "reported_mean_tokens_per_second = 40.31");
    assert_eq!(rules(&found), ["reported-mean"]);
    assert!(found[0].evidence.contains("40.31"));
    assert_eq!(found[0].figures["reported"], "40.31");
    assert!(!found[0].remedy.is_empty() && found[0].subject.starts_with("mine/small"));
}

#[test]
fn words_are_not_tokens() {
    let mut words = SOUND;
    words[1].1 = 146;
    words[2].1 = 613;
    words[3].1 = 7;
    assert_eq!(rules(&run(&words, "")), ["token-counts"]);
}

#[test]
fn more_tokens_than_allowed_are_not_the_models() {
    let mut over = SOUND;
    over[2].1 = 2232;
    assert!(rules(&run(&over, "")).contains(&"over-limit"));
}

#[test]
fn a_cold_first_request_is_seen() {
    let mut cold = SOUND;
    cold[0].2 = 13.4;
    assert_eq!(rules(&run(&cold, "")), ["cold-first-request"]);
}

#[test]
fn failed_requests_are_named_with_their_reason() {
    let found = measured(
        "method = \"wall-clock\"\ntests = [{ name = \"short\", passed = false, error = \"HTTP 400\" }, { name = \"long\", passed = true, completion_tokens = 2000, seconds = 50.0 }]",
    );
    assert_eq!(rules(&found), ["failed-requests"]);
    assert!(found[0].evidence.contains("1 of 2") && found[0].evidence.contains("HTTP 400"));
}

#[test]
fn nothing_decodes_faster_than_memory_reads() {
    // 5.625 GB per token at 819 GB/s: 145.6 at most.
    let at = |tps: &str| {
        measured(&format!(
            "method = \"decode\"\ndecode_tokens_per_second = {tps}"
        ))
    };
    assert!(at("145.0").is_empty());
    assert_eq!(rules(&at("147.0")), ["above-bandwidth"]);
}

#[test]
fn a_smaller_file_is_not_slower() {
    let pair = |small: f64, large: f64| {
        let row = |variant: &str, tps: f64| {
            format!(
                "[[measurements]]\nvariant = \"{variant}\"\nchip = \"m3-ultra\"\nengine = \"mlx\"\nmethod = \"decode\"\nsource = \"a run\"\ndecode_tokens_per_second = {tps:.1}\n"
            )
        };
        with_sizes(SMALL, LARGE, &(row("small", small) + &row("large", large)))
    };
    assert!(pair(40.0, 30.0).is_empty());
    assert!(pair(29.0, 30.0).is_empty(), "within the spread of runs");
    assert_eq!(rules(&pair(8.0, 26.0)), ["smaller-but-slower"]);
}

#[test]
fn no_prompt_is_read_faster_than_the_gpu_computes() {
    // 10 B active less an output matrix of 0.5 B: 19 G operations a token. 60 cores of an M3 Ultra
    // do 25.5 T a second, 1,342 tokens; 80 do 34 T, 1,789.
    let architecture = "[architecture]\nname = \"mine\"\nlayers = 40\nembedding_length = 5000\nvocabulary = 100_000\nquery_heads = 32\nexperts = { total = 64, used = 4 }\nattention = []\n";
    let at = |keys: &str| {
        let row = format!(
            "[[measurements]]\nvariant = \"small\"\nchip = \"m3-ultra\"\nengine = \"mlx\"\nmethod = \"decode\"\nsource = \"a run\"\n{keys}"
        );
        with_sizes(SMALL, LARGE, &format!("{row}\n{architecture}"))
    };
    assert!(at("gpu_cores = 60\nprefill_tokens_per_second = 1340.0").is_empty());
    let found = at("gpu_cores = 60\nprefill_tokens_per_second = 1345.0");
    assert_eq!(rules(&found), ["above-compute"]);
    assert_eq!(found[0].figures["most"], "25.5");
    assert!(
        at("prefill_tokens_per_second = 1780.0").is_empty(),
        "the larger GPU where cores are not stated"
    );
    assert_eq!(
        rules(&at("prefill_tokens_per_second = 1800.0")),
        ["above-compute"]
    );
    assert!(
        at("prefill_tokens_per_second = 1800.0\nsuspect = \"from a cache\"").is_empty(),
        "a row that is known to be wrong"
    );
}

#[test]
fn a_deeper_context_is_not_faster() {
    let row = |depth: u32, tps: f64, more: &str| {
        format!(
            "[[measurements]]\nvariant = \"small\"\nchip = \"m3-ultra\"\nengine = \"mlx\"\nmethod = \"decode\"\ndepth_tokens = {depth}\ndecode_tokens_per_second = {tps:.1}\n{more}\n"
        )
    };
    let with = |deep: f64, more: &str| {
        let same = "source = \"a run\"";
        let rows = row(0, 50.0, same) + &row(8192, 40.0, same) + &row(32_768, deep, more);
        with_sizes(SMALL, LARGE, &rows)
    };
    let same = "source = \"a run\"";
    assert!(with(38.0, same).is_empty());
    assert!(with(42.0, same).is_empty(), "within the spread of runs");
    let found = with(44.0, same);
    assert_eq!(rules(&found), ["rises-with-depth"]);
    assert!(found[0].subject.contains("at 32768"));
    assert_eq!(found[0].figures["shallow"], "8192");
    for other in [
        "source = \"another run\"",
        "source = \"a run\"\nconcurrency = 4",
        "source = \"a run\"\napp = \"a fork\"",
        "source = \"a run\"\nsuspect = \"drafts\"",
    ] {
        assert!(with(44.0, other).is_empty(), "{other}");
    }
}

#[test]
fn bytes_are_parameters_by_bits() {
    let found = with_sizes("75_000_000_000", LARGE, "");
    assert_eq!(rules(&found), ["bits-per-weight"]);
    assert!(found[0].evidence.contains("6.00 bits"));
}

#[test]
fn gib_written_as_gb_is_told() {
    // 56.25 GB are 52.39 GiB; 106.25 GB are 98.95 GiB.
    let found = with_sizes("52_390_000_000", LARGE, "");
    assert_eq!(rules(&found), ["mixed-units"]);
    assert_eq!(
        rules(&with_sizes(SMALL, "114_090_000_000", "")),
        ["mixed-units"]
    );
}

#[test]
fn two_quantizations_have_two_sizes() {
    let more = "[[variants]]\nid = \"other\"\nengine = \"mlx\"\nquantization = \"5bit\"\nweights_bytes = BYTES\nsize = \"rounded\"\nsource = \"read\"\n";
    let with = |bytes: &str| with_sizes(SMALL, LARGE, &more.replace("BYTES", bytes));
    assert!(with("68_750_000_000").is_empty());
    assert!(rules(&with("106_200_000_000")).contains(&"one-size-for-two"));
}

#[test]
fn one_file_has_one_size() {
    let other = MODEL
        .replace("id = \"mine\"", "id = \"other\"")
        .replace("SMALL", "57_000_000_000")
        .replace("LARGE", LARGE);
    let mine = MODEL.replace("SMALL", SMALL).replace("LARGE", LARGE);
    let found = findings_of(&[("mine.toml", mine), ("other.toml", other)]);
    assert_eq!(rules(&found), ["two-sizes"]);
}

#[test]
fn a_peak_holds_the_weights() {
    let peak = |bytes: &str, whose: &str| {
        measured(&format!(
            "method = \"decode\"\ndecode_tokens_per_second = 40.0\npeak_memory_bytes = {bytes}\npeak_memory_of = \"{whose}\""
        ))
    };
    assert!(peak("58_000_000_000", "process").is_empty());
    assert_eq!(
        rules(&peak("45_000_000_000", "process")),
        ["peak-below-weights"]
    );
    assert!(peak("70_000_000_000", "system").is_empty());
    assert_eq!(rules(&peak("56_000_000_000", "system")), ["not-resident"]);
}

#[test]
fn weights_fit_the_machine_that_ran_them() {
    let on = |gib: u32| {
        measured(&format!(
            "method = \"decode\"\ndecode_tokens_per_second = 40.0\nmemory_gib = {gib}"
        ))
    };
    assert!(on(64).is_empty());
    assert_eq!(rules(&on(48)), ["larger-than-memory"]);
}

#[test]
fn every_figure_has_a_source() {
    let text = MODEL
        .replace("SMALL", SMALL)
        .replace("LARGE", LARGE)
        .replacen("source = \"counted\"", "source = \" \"", 1);
    let found = findings_of(&[("mine.toml", text)]);
    assert_eq!(rules(&found), ["no-source"]);
    assert_eq!(found[0].subject, "mine/small");
}

#[test]
fn dates_are_in_the_calendar() {
    let written = |date: &str| {
        let text = MODEL.replace("SMALL", SMALL).replace("LARGE", LARGE);
        let text = text.replacen("name = ", &format!("released = \"{date}\"\nname = "), 1);
        findings_of(&[("mine.toml", text)])
    };
    for day in [
        "2026-12-31",
        "2024-02-29",
        "2026-11",
        "2026",
        "2026-11-29T08:00:00Z",
    ] {
        assert!(written(day).is_empty(), "{day}");
    }
    for none in [
        "2026-13-45",
        "2026-02-30",
        "2026-13",
        "26",
        "soon",
        "2026/11",
    ] {
        assert_eq!(rules(&written(none)), ["no-such-date"], "{none}");
    }
    let run = |date: &str| {
        measured(&format!(
            "method = \"decode\"\ndecode_tokens_per_second = 40.0\ndate = \"{date}\""
        ))
    };
    assert!(run("2026-03").is_empty());
    assert_eq!(rules(&run("2026-3")), ["no-such-date"]);
}

#[test]
fn layers_are_those_that_keep_something() {
    let of = |layers: u32| changed(move |m| m.architecture.as_mut().unwrap().layers = layers);
    let told = |layers: u32| sees(&of(layers), "layers", "minimax-m2.1");
    let shipped = Catalog::embedded().unwrap();
    let own = shipped.model("minimax-m2.1").unwrap();
    let own = own.architecture.as_ref().unwrap().layers;
    assert!(!told(own) && told(100 * own) && told(own / 3));
}

#[test]
fn a_shape_gives_the_parameters_told() {
    let of =
        |change: fn(&mut Architecture)| changed(move |m| change(m.architecture.as_mut().unwrap()));
    let heads = |n: u64| {
        move |group: &mut planner::model::AttentionLayers| {
            if let CacheShape::Full { kv_heads, .. } = &mut group.cache {
                *kv_heads = n;
            }
        }
    };
    let above = "shape-above-parameters";
    let against = "shape-against-parameters";
    let wrong: [(&str, Vec<Finding>); 5] = [
        (above, of(|a| a.vocabulary = 1_003_520_000)),
        (above, of(|a| a.embedding_length *= 1000)),
        (
            above,
            changed(|m| {
                let arch = m.architecture.as_mut().unwrap();
                arch.attention.iter_mut().for_each(heads(40_000));
            }),
        ),
        (against, of(|a| a.layers /= 10)),
        (against, of(|a| a.embedding_length *= 10)),
    ];
    for (rule, found) in wrong {
        assert!(sees(&found, rule, "minimax-m2.1"), "{rule}: {found:#?}");
    }
    let shipped = changed(|_| {});
    assert!(!sees(&shipped, above, "") && !sees(&shipped, against, ""));
}

#[test]
fn names_that_decide_nothing_are_told() {
    let row = |chip: &str, keys: &str| {
        let row = format!(
            "[[measurements]]\nvariant = \"small\"\nchip = \"{chip}\"\nengine = \"mlx\"\nsource = \"a run\"\nmethod = \"decode\"\ndecode_tokens_per_second = 40.0\n{keys}"
        );
        with_sizes(SMALL, LARGE, &row)
    };
    assert!(row("m1-ultra", "gpu_cores = 64\ndepth_tokens = 131_072").is_empty());
    for chip in ["m1 ultra", "m9-ultra"] {
        let found = row(chip, "");
        assert_eq!(rules(&found), ["unknown-chip"]);
        assert!(found[0].evidence.contains("did you mean `m"), "{found:#?}");
    }
    for (keys, rule) in [
        ("gpu_cores = 65", "no-such-bin"),
        ("depth_tokens = 131_073", "beyond-context"),
        ("prefill_tokens = 0", "no-tokens"),
    ] {
        assert_eq!(rules(&row("m1-ultra", keys)), [rule], "{keys}");
    }
    let slips = changed(|m| {
        m.specialties.push("generall".to_owned());
        m.measurements[0].engine = "llama-cpp".to_owned();
        m.scores[0].benchmark = "IFEvall".to_owned();
        m.context_length = 40_960_000;
    });
    let told = |meant: &str| {
        let mut slips = slips.iter().filter(|f| f.rule == "misspelt");
        slips.any(|f| f.figures["meant"] == meant)
    };
    assert!(
        told("general") && told("llama.cpp") && told("IFEval"),
        "{slips:#?}"
    );
    assert!(sees(&slips, "context-length", "minimax-m2.1"));
    assert!(!sees(&changed(|_| {}), "misspelt", ""));
}

#[test]
fn no_date_lies_after_today() {
    let catalog = Catalog::embedded().unwrap();
    let after = |today: &str| audit::to_come(&catalog, today);
    assert!(after("2026-11-30").is_empty());
    let told = after("2026-03-15");
    assert!(!told.is_empty() && told.iter().all(|f| f.rule == "date-to-come"));
    // The month that it is, is none to come.
    assert!(told.iter().all(|f| f.figures["date"] != "2026-03"));
}

#[test]
fn an_explanation_goes_with_its_finding() {
    let known = "[[known]]\nrule = \"mixed-units\"\nsubjects = [\"mine/small\"]\nexplanation = \"as printed\"\n";
    let model = |small: &str| MODEL.replace("SMALL", small).replace("LARGE", LARGE);
    let explained = findings_of(&[
        ("mine.toml", model("52_390_000_000")),
        ("findings.toml", known.to_owned()),
    ]);
    assert_eq!(explained[0].explanation.as_deref(), Some("as printed"));
    let stale = findings_of(&[
        ("mine.toml", model(SMALL)),
        ("findings.toml", known.to_owned()),
    ]);
    assert_eq!(rules(&stale), ["stale-explanation"]);
}

/// The shipped catalog without its explanations, with one thing changed.
fn changed(change: impl Fn(&mut Model)) -> Vec<Finding> {
    let mut catalog = Catalog::embedded().unwrap();
    catalog.known_findings.clear();
    let minimax = catalog.models.iter_mut().find(|m| m.id == "minimax-m2.1");
    change(minimax.unwrap());
    audit::check(&catalog, &Profiles::embedded().unwrap().chips)
}

fn sees(findings: &[Finding], rule: &str, subject: &str) -> bool {
    findings
        .iter()
        .any(|f| f.rule == rule && f.subject.starts_with(subject))
}

#[test]
fn the_studys_errors_put_back_are_found() {
    let resize = |id: &'static str, bytes: u64| {
        changed(move |m| {
            let v = m.variants.iter_mut().find(|v| v.id == id).unwrap();
            v.weights_bytes = Bytes(bytes);
        })
    };
    // "Q4_K_S 138GB" is Q4_K_M's size; "MLX 4-bit 120GB" is GiB.
    let found = resize("gguf-q4_k_s", 138_000_000_000);
    assert!(sees(&found, "one-size-for-two", "minimax-m2.1/gguf-q4_k_s"));
    let found = resize("mlx-4bit", 119_830_000_000);
    assert!(sees(&found, "mixed-units", "minimax-m2.1/mlx-4bit"));
    let as_it_is = changed(|_| {});
    assert!(!sees(&as_it_is, "mixed-units", "minimax-m2.1"));
    assert!(!sees(&as_it_is, "one-size-for-two", "minimax-m2.1"));
    assert!(sees(&as_it_is, "not-resident", "minimax-m2.1/gguf-bf16"));
}

#[test]
fn the_studys_runs_changed_are_found() {
    let with = |change: fn(&mut Measurement)| {
        changed(move |m| {
            let run = m
                .measurements
                .iter_mut()
                .find(|r| r.source.contains("20260205-152620"))
                .unwrap();
            change(run);
        })
    };
    let run = "minimax-m2.1/gguf-q4_k_s on m3-ultra, lmstudio-benchmark-20260205-152620";
    let found = with(|r| r.reported_mean_tokens_per_second = Some(37.37));
    assert!(sees(&found, "reported-mean", run));
    let found = with(|r| r.tests[0].seconds = Some(13.4));
    assert!(sees(&found, "cold-first-request", run));
    let found = with(|r| r.tests[3].completion_tokens = Some(7));
    assert!(sees(&found, "token-counts", run));
    let found = with(|r| r.tests[2].passed = false);
    assert!(sees(&found, "failed-requests", run));
    let found = with(|r| r.source = String::new());
    assert!(sees(&found, "no-source", "minimax-m2.1/gguf-q4_k_s"));
    let sound = with(|_| {});
    assert!(!sound.iter().any(|f| f.subject.starts_with(run)));
}
