//! The report: what it says of the first study, in both languages, and that its page needs nothing
//! but itself.

use std::fs;

use crate::report_front::DATA;
use crate::support::{Home, planner, stdout};

const STUDY: [&str; 5] = [
    "report",
    "--campaign",
    "llm-mac-512",
    "--machine",
    "m3-ultra-512gb",
];

fn with(more: &[&str]) -> Vec<String> {
    STUDY.iter().chain(more).map(|s| (*s).to_owned()).collect()
}

fn run(more: &[&str]) -> String {
    let args = with(more);
    stdout(&args.iter().map(String::as_str).collect::<Vec<_>>())
}

fn data() -> serde_json::Value {
    serde_json::from_str(&run(&["--format", "json"])).unwrap()
}

/// A page written to a folder of its own.
fn page(language: &str) -> String {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().to_str().unwrap();
    let args = with(&["--lang", language, "--out", path]);
    let output = planner(&args.iter().map(String::as_str).collect::<Vec<_>>());
    assert!(output.status.success());
    fs::read_to_string(folder.path().join("report.html")).unwrap()
}

#[test]
fn the_data_keep_to_their_schema() {
    let schema: serde_json::Value = serde_json::from_str(&stdout(&["schema", "report"])).unwrap();
    let shipped: serde_json::Value =
        serde_json::from_str(include_str!("../../schemas/report.json")).unwrap();
    assert_eq!(
        schema, shipped,
        "write it anew: planner schema report > schemas/report.json"
    );
    let validator = jsonschema::validator_for(&schema).unwrap();
    for document in [&data(), &*DATA] {
        let errors: Vec<String> = validator
            .iter_errors(document)
            .map(|e| e.to_string())
            .collect();
        assert!(errors.is_empty(), "{errors:#?}");
    }
}

/// The study's own statements: figure as printed, what the data say, whether it holds. The figures
/// were worked out by hand from its run files and the files' bytes.
#[test]
fn each_printed_figure_is_confirmed_or_set_right() {
    let expected = [
        (
            "weights",
            "minimax-m2.1/gguf-q4_k_s",
            "138 GB",
            "130.0 GB",
            "differs",
        ),
        (
            "weights",
            "minimax-m2.1/mlx-4bit",
            "120 GB",
            "128.7 GB",
            "differs",
        ),
        (
            "weights",
            "minimax-m2.1/mlx-8bit",
            "243 GB",
            "243.0 GB",
            "agrees",
        ),
        (
            "weights",
            "qwen3-coder-next/gguf-q4_k_m",
            "48.5 GB",
            "48.5 GB",
            "agrees",
        ),
        (
            "mean_speed",
            "minimax-m2.1/gguf-q4_k_s",
            "37.37 t/s",
            "40.31 t/s",
            "differs",
        ),
        (
            "mean_speed",
            "minimax-m2.1/mlx-4bit",
            "7.96 t/s",
            "48.2 t/s",
            "cannot_stand",
        ),
        (
            "mean_speed",
            "minimax-m2.1/mlx-8bit",
            "25.98 t/s",
            "25.98 t/s",
            "agrees",
        ),
        (
            "mean_speed",
            "qwen3-coder-next/gguf-q4_k_m",
            "33.92 t/s",
            "33.92 t/s",
            "agrees",
        ),
        (
            "efficiency",
            "minimax-m2.1/gguf-q4_k_s",
            "0.27 t/s/GB",
            "0.29 t/s/GB",
            "differs",
        ),
        (
            "efficiency",
            "qwen3-coder-next/gguf-q4_k_m",
            "0.70 t/s/GB",
            "0.70 t/s/GB",
            "agrees",
        ),
        ("passed", "minimax-m2.1/mlx-8bit", "4/5", "30/35", "agrees"),
        (
            "load",
            "qwen3-coder-next/gguf-q4_k_m",
            "4.87 s",
            "4.87 s",
            "agrees",
        ),
    ];
    let data = data();
    let claims = data["claims"].as_array().unwrap();
    for (kind, member, printed, recomputed, verdict) in expected {
        let claim = claims
            .iter()
            .find(|c| c["kind"] == kind && c["members"][0] == member)
            .unwrap_or_else(|| panic!("{kind} {member}"));
        assert_eq!(claim["printed"], printed, "{kind} {member}");
        assert_eq!(claim["verdict"], verdict, "{kind} {member}");
        let ours = claim["recomputed"].as_str().unwrap();
        assert!(ours.contains(recomputed), "{kind} {member}: {ours}");
    }
    let why = |kind: &str, member: &str| {
        let c = claims
            .iter()
            .find(|c| c["kind"] == kind && c["members"][0] == member);
        (c.unwrap()["reason"].clone(), c.unwrap()["figures"].clone())
    };
    assert_eq!(
        why("weights", "minimax-m2.1/gguf-q4_k_s").1["other"],
        "Q4_K_M"
    );
    assert_eq!(why("weights", "minimax-m2.1/mlx-4bit").0, "weights_in_gib");
    let two_means = why("mean_speed", "minimax-m2.1/gguf-q4_k_s").1;
    assert_eq!(two_means["rows_run"], "lmstudio-benchmark-20260205-152620");
    assert_eq!(two_means["mean_run"], "lmstudio-benchmark-20260205-153547");
}

#[test]
fn the_scenarios_are_the_studys_and_the_triple_is_counted_with_its_context() {
    let data = data();
    let holds = |c: &&serde_json::Value| c["kind"] == "recommendation" && c["verdict"] == "agrees";
    let claims = data["claims"].as_array().unwrap();
    assert_eq!(claims.iter().filter(holds).count(), 6);
    let triple = claims
        .iter()
        .find(|c| c["kind"] == "free" && c["members"].as_array().unwrap().len() == 3)
        .unwrap();
    // 130.03 + 48.48 + 242.99 GB of files; about 461 GiB on the GPU with the contexts.
    assert!(
        triple["figures"]["weights"]
            .as_str()
            .unwrap()
            .contains("421.5 GB")
    );
    assert!(triple["figures"]["gpu"].as_str().unwrap().starts_with("46"));
    assert_eq!(triple["verdict"], "differs");
}

#[test]
fn what_was_not_measured_gets_a_range_and_what_was_tried_does_not() {
    let data = data();
    let of = |variant: &str| {
        let all = data["unmeasured"].as_array().unwrap();
        all.iter()
            .find(|v| v["variant"] == variant && v["predicted"].is_object())
            .unwrap_or_else(|| panic!("{variant}"))
            .clone()
    };
    for (variant, weights) in [
        ("gguf-q6_k", 65_522_729_120_u64),
        ("gguf-q8_0", 84_806_320_288),
    ] {
        let v = data["unmeasured"]
            .as_array()
            .unwrap()
            .iter()
            .find(|v| v["model"] == "qwen3-coder-next" && v["variant"] == variant)
            .unwrap();
        assert_eq!(v["weights_bytes"], weights);
        let (low, high) = (
            v["predicted"]["low"].as_f64().unwrap(),
            v["predicted"]["high"].as_f64().unwrap(),
        );
        // An honest width: what the smaller Q4_K_M was measured at lies in it.
        assert!(low < 37.2 && high > 37.2 && high < 75.0, "{low} to {high}");
    }
    assert_eq!(of("gguf-bf16")["tried_without_result"], true);
    let native = data["unmeasured"]
        .as_array()
        .unwrap()
        .iter()
        .find(|v| v["model"] == "minimax-m2.1" && v["variant"] == "mlx-4bit")
        .unwrap();
    let median = native["measured_elsewhere"]["median"].as_f64().unwrap();
    assert!((47.5..49.5).contains(&median), "{median}");
}

#[test]
fn both_languages_say_the_same_figures() {
    let (english, chinese) = (run(&[]), run(&["--lang", "zh"]));
    assert!(english.contains("# Which models to keep loaded"));
    assert!(chinese.contains("# 该常驻哪些模型"));
    for figure in [
        "37.37",
        "40.31",
        "130.0 GB",
        "128.67 GB",
        "462.4 GiB",
        "33.92",
        "0.67",
    ] {
        assert!(english.contains(figure), "{figure} in English");
        assert!(chinese.contains(figure), "{figure} in Chinese");
    }
    // Outside quotations of the catalog, a Chinese table has no English words.
    for word in [
        "Statement",
        "Keep loaded",
        "predicted",
        "measured",
        "Explained",
        "To do",
    ] {
        assert!(!chinese.contains(word), "`{word}` in Chinese");
    }
}

#[test]
fn a_report_is_the_same_every_time() {
    assert_eq!(run(&[]), run(&[]));
    assert_eq!(page("zh"), page("zh"));
}

/// Elements that have no end.
const VOID: [&str; 8] = [
    "meta", "br", "col", "rect", "path", "circle", "polyline", "line",
];

/// Start and end tags in order, checked to nest; gives the names of the start tags.
fn tags(html: &str) -> Vec<String> {
    let (mut open, mut seen): (Vec<String>, Vec<String>) = (Vec::new(), Vec::new());
    for part in html.split('<').skip(1) {
        let name: String = part
            .trim_start_matches('/')
            .chars()
            .take_while(char::is_ascii_alphanumeric)
            .collect();
        if part.starts_with('!') {
            continue;
        }
        if part.starts_with('/') {
            assert_eq!(
                open.pop().as_deref(),
                Some(name.as_str()),
                "before </{part}"
            );
            continue;
        }
        let whole = part.split('>').next().unwrap();
        if !whole.ends_with('/') && !VOID.contains(&name.as_str()) {
            open.push(name.clone());
        }
        seen.push(name);
    }
    assert!(open.is_empty(), "left open: {open:?}");
    seen
}

#[test]
fn the_page_stands_alone_and_is_put_together_well() {
    for (language, tag) in [("en", "en"), ("zh", "zh-Hans")] {
        let html = page(language);
        assert!(html.contains(&format!("<html lang=\"{tag}\">")));
        assert!(html.contains("default-src 'none'"));
        for loads in [
            "<script", "<link", "<img", "<iframe", "@import", "src=", "url(http",
        ] {
            assert!(!html.contains(loads), "{loads}");
        }
        let seen = tags(&html);
        let levels: Vec<u32> = seen
            .iter()
            .filter_map(|t| t.strip_prefix('h').and_then(|n| n.parse().ok()))
            .collect();
        assert_eq!(levels.iter().filter(|l| **l == 1).count(), 1);
        for pair in levels.windows(2) {
            assert!(pair[1] <= pair[0] + 1, "a heading is skipped: {pair:?}");
        }
        // Every picture has a name or is left out for those who can't see it.
        for svg in html.split("<svg").skip(1) {
            let start = svg.split('>').next().unwrap();
            assert!(
                start.contains("aria-hidden=\"true\"") || start.contains("aria-label=\""),
                "{start}"
            );
        }
        let mut ids: Vec<&str> = html
            .split(" id=\"")
            .skip(1)
            .filter_map(|p| p.split('"').next())
            .collect();
        let count = ids.len();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), count, "an id is used twice");
        for link in html
            .split("href=\"#")
            .skip(1)
            .filter_map(|p| p.split('"').next())
        {
            assert!(ids.contains(&link), "#{link} leads nowhere");
        }
    }
}

#[test]
fn what_a_catalog_says_is_text_and_never_markup() {
    let folder = tempfile::tempdir().unwrap();
    let catalog = folder.path().join("mine");
    fs::create_dir(&catalog).unwrap();
    fs::write(
        catalog.join("mine.toml"),
        r#"
        extends = "qwen3-coder-next"
        [[measurements]]
        variant = "gguf-q4_k_m"
        chip = "m3-ultra"
        engine = "llama.cpp"
        app = "<script>alert(1)</script>"
        method = "decode"
        depth_tokens = 0
        decode_tokens_per_second = 36.5
        source = "javascript:alert(1) | <b>mine</b>"
        [[measurements]]
        variant = "gguf-q4_k_m"
        chip = "m3-ultra"
        engine = "llama.cpp"
        app = "<script>alert(1)</script>"
        method = "decode"
        depth_tokens = 32768
        decode_tokens_per_second = 31.0
        source = "mine"
        "#,
    )
    .unwrap();
    let out = folder.path().join("out");
    let args = [
        "report",
        "--machine",
        "m3-ultra-512gb",
        "--catalog",
        catalog.to_str().unwrap(),
        "--out",
        out.to_str().unwrap(),
    ];
    assert!(planner(&args).status.success());
    let html = fs::read_to_string(out.join("report.html")).unwrap();
    assert!(!html.contains("<script") && !html.contains("<b>mine"));
    assert!(!html.contains("href=\"javascript"));
    assert!(html.contains("&lt;script&gt;alert(1)"));
    tags(&html);
}

#[test]
fn a_report_that_is_there_is_kept_beside_the_new_one() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a/b");
    let args = with(&["--out", path.to_str().unwrap()]);
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    assert!(planner(&args).status.success());
    let markdown = path.join("report.md");
    let first = fs::read_to_string(&markdown).unwrap();
    // The same again leaves no copy.
    assert!(planner(&args).status.success());
    assert_eq!(fs::read_dir(&path).unwrap().count(), 2);
    fs::write(&markdown, "my own words").unwrap();
    let output = planner(&args);
    assert!(String::from_utf8_lossy(&output.stderr).contains("report.md.1"));
    assert_eq!(
        fs::read_to_string(path.join("report.md.1")).unwrap(),
        "my own words"
    );
    assert_eq!(fs::read_to_string(&markdown).unwrap(), first);
}

#[test]
fn what_does_not_exist_is_said_with_a_way_out() {
    let errors = |args: &[&str]| {
        let output = planner(args);
        assert_eq!(output.status.code(), Some(2), "{args:?}");
        String::from_utf8(output.stderr).unwrap()
    };
    let unknown = errors(&[
        "report",
        "--campaign",
        "llm-mac-521",
        "--machine",
        "m3-ultra-512gb",
    ]);
    assert!(unknown.contains("did you mean `llm-mac-512`"), "{unknown}");
    let elsewhere = errors(&[
        "report",
        "--campaign",
        "llm-mac-512",
        "--machine",
        "m4-max-128gb",
    ]);
    assert!(elsewhere.contains("hint:"), "{elsewhere}");
}

/// `--open` hands the page to what opens files here, and keeps it where it can be found again.
#[cfg(all(unix, not(target_os = "macos")))]
#[test]
fn the_page_is_handed_to_the_browser() {
    use std::os::unix::fs::PermissionsExt as _;

    let home = Home::new();
    let opener = home.at("xdg-open");
    fs::write(&opener, "#!/bin/sh\nprintf %s \"$*\" >\"${0%/*}/opened\"\n").unwrap();
    fs::set_permissions(&opener, fs::Permissions::from_mode(0o755)).unwrap();
    let path = std::env::join_paths([home.at("").as_path(), "/usr/bin".as_ref(), "/bin".as_ref()]);
    let args = with(&["--open"]);
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let mut command = home.command(&args);
    let done = command.env("PATH", path.unwrap()).output().unwrap();
    let said = String::from_utf8_lossy(&done.stderr);
    assert!(done.status.success(), "{said}");
    let opened = fs::read_to_string(home.at("opened")).unwrap();
    assert!(
        opened.ends_with("data/planner/report/report.html"),
        "{opened}"
    );
    assert!(fs::read_to_string(opened).unwrap().contains("<main"));

    fs::remove_file(&opener).unwrap();
    let mut command = home.command(&args);
    let done = command.env("PATH", home.at("")).output().unwrap();
    let said = String::from_utf8_lossy(&done.stderr);
    assert_eq!(done.status.code(), Some(2), "{said}");
    assert!(said.contains("yourself"), "{said}");
}
