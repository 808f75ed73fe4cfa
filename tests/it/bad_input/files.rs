//! Broken files: what people and programs write, spoilt in one place each.

use super::table::Case;

const CODE: &str = include_str!("../../../profiles/tasks/code.toml");
const MACHINE: &str = include_str!("../../../profiles/machines/m3-ultra-512gb.toml");
const MODEL: &str = include_str!("../../../catalog/gpt-oss-20b.toml");
const PLAN: &str = include_str!("../../data/plans/two-tasks.json");
const GGUF: &[u8] = include_bytes!("../../data/llama-cpp/qwen3-coder-next.q6_k.gguf-header");

fn case(args: &[&str], name: &str, bytes: impl Into<Vec<u8>>) -> Case {
    Case {
        args: args.iter().map(|a| (*a).to_owned()).collect(),
        file: Some((name.to_owned(), bytes.into())),
        spoilt: name.to_owned(),
    }
}

impl Case {
    fn spoilt(self, how: &str) -> Self {
        Self {
            spoilt: how.to_owned(),
            ..self
        }
    }
}

pub(super) fn cases() -> Vec<Case> {
    let mut all = Vec::new();
    let task = ["recommend", "--machine", "m3-ultra-512gb", "--task", "{}"];
    let machine = ["recommend", "--machine", "{}"];
    let catalog = ["catalog", "list", "--catalog", "{dir}"];
    for (args, name, text) in [
        (&task[..], "task.toml", CODE),
        (&machine[..], "machine.toml", MACHINE),
        (&catalog[..], "model.toml", MODEL),
    ] {
        all.extend(spoilt_toml(text).into_iter().map(|t| case(args, name, t)));
        all.push(case(args, name, ""));
        all.push(case(args, name, b"\xff\xfe".to_vec()));
        all.push(case(args, name, "[["));
        all.push(case(args, name, "\0"));
        all.push(case(args, name, "{}"));
    }
    for (from, to) in [
        ("quality = 0.61", "quality = 0.9"),
        ("quality = 0.61", "quality = -0.61"),
        ("quality = 0.61", "quality = nan"),
        ("missing = 0.3", "missing = 3"),
        (
            "anchors = [[22, 0.95], [45, 0.85], [120, 0.45], [500, 0.05]]",
            "anchors = []",
        ),
        (
            "anchors = [[22, 0.95], [45, 0.85], [120, 0.45], [500, 0.05]]",
            "anchors = [[5, 0.0], [5, 0.4]]",
        ),
        (
            "anchors = [[22, 0.95], [45, 0.85], [120, 0.45], [500, 0.05]]",
            "anchors = [[5, 0.0], [9, 4.0]]",
        ),
        (
            "anchors = [[22, 0.95], [45, 0.85], [120, 0.45], [500, 0.05]]",
            "anchors = [[0, 1.0], [900, 0.0]]",
        ),
        ("depth_tokens = 16000", "depth_tokens = 0"),
        ("new_tokens = 2000", "new_tokens = 16001"),
        ("streams = 1", "streams = 0"),
        ("context = 32768", "context = -1"),
        ("context = 32768", "context = 1e9"),
        ("pass_rate = 0.6", "pass_rate = 6"),
        (
            "decode_tokens_per_second = 8",
            "decode_tokens_per_second = -8",
        ),
    ] {
        all.push(case(&task, "task.toml", replaced(CODE, from, to)).spoilt(to));
    }
    for (from, to) in [
        ("chip = \"m3-ultra\"", "chip = \"m99\""),
        ("gpu_cores = 80", "gpu_cores = 81"),
        ("memory_bytes = 549_755_813_888", "memory_bytes = 512"),
        ("memory_bytes = 549_755_813_888", "memory_bytes = -1"),
        ("bytes = 498_216_206_336", "bytes = 0"),
        ("bytes = 498_216_206_336", "bytes = 600_000_000_000"),
        ("basis = \"assumed\"", "basis = \"guessed\""),
    ] {
        all.push(case(&machine, "machine.toml", replaced(MACHINE, from, to)).spoilt(to));
    }
    for (from, to) in [
        ("parameters_total = 20_914_757_184", "parameters_total = 0"),
        ("parameters_active = 3_608_307_264", "parameters_active = 0"),
        (
            "parameters_active = 3_608_307_264",
            "parameters_active = 99_608_307_264",
        ),
        ("context_length = 131_072", "context_length = 0"),
        ("weights_bytes = 12_109_566_560", "weights_bytes = 0"),
        (
            "cpu_weights_bytes = 615_329_280",
            "cpu_weights_bytes = 99_000_000_000",
        ),
        ("id = \"mlx-mxfp4-q8\"", "id = \"gguf-mxfp4\""),
        ("size = \"exact\"", "size = \"large\""),
        ("kind = \"full\"", "kind = \"fuller\""),
        ("reporter = \"rival-vendor\"", "reporter = \"me\""),
        ("score = 52.44", "score = \"good\""),
        ("variant = \"gguf-mxfp4\"", "variant = \"gguf-mxfp5\""),
        ("id = \"gpt-oss-20b\"", "extends = \"gpt-oss-21b\""),
    ] {
        all.push(case(&catalog, "model.toml", replaced(MODEL, from, to)).spoilt(to));
    }
    all.push(case(&catalog, "model.txt", "x"));
    all.extend(spoilt_plans());
    all.extend(spoilt_models());
    for text in [
        "",
        "{",
        "[]",
        "{}",
        "x",
        "[1, 2]",
        "{\"schema\": 9}",
        "null",
        "\u{feff}",
    ] {
        all.push(case(&["catalog", "import", "{}"], "results.json", text));
        all.push(case(&["verify", "{}", "--bench", "{}"], "bench.json", text));
    }
    all
}

fn replaced(text: &str, from: &str, to: &str) -> String {
    assert!(text.contains(from), "{from}");
    text.replacen(from, to, 1)
}

/// A key misspelt, of another type, missing, twice: every seventh line that sets one.
fn spoilt_toml(text: &str) -> Vec<String> {
    let lines: Vec<&str> = text.lines().collect();
    let sets = |line: &str| {
        line.split_once(" = ")
            .is_some_and(|(k, _)| !k.contains([' ', '{', '[', '"']))
    };
    let numbers: Vec<usize> = (0..lines.len()).filter(|&n| sets(lines[n])).collect();
    let step = numbers.len().div_ceil(8);
    let mut all = Vec::new();
    for &n in numbers.iter().step_by(step) {
        let (key, value) = lines[n].split_once(" = ").unwrap();
        let with = |line: String| {
            let mut changed: Vec<String> = lines.iter().map(|l| (*l).to_owned()).collect();
            changed[n] = line;
            changed.join("\n")
        };
        all.push(with(format!("{key}x = {value}")));
        all.push(with(format!("{key} = {{ odd = true }}")));
        all.push(with(format!("{} = {value}", &key[1..])));
        all.push(with(format!("{}\n{}", lines[n], lines[n])));
    }
    all
}

/// A plan cut off, of another version, or with a wrong value in one place.
fn spoilt_plans() -> Vec<Case> {
    let emit = ["emit", "{}", "--out", "{dir}/out"];
    let commands: [&[&str]; 4] = [
        &["explain", "{}"],
        &["whatif", "{}", "--slots", "1"],
        &emit,
        &["verify", "{}"],
    ];
    let mut all = Vec::new();
    let plan: serde_json::Value = serde_json::from_str(PLAN).unwrap();
    for (n, part) in (1..20).enumerate() {
        let cut = PLAN.len() * part / 20;
        all.push(case(commands[n % 4], "plan.json", &PLAN[..cut]));
    }
    for pointer in [
        "/schema",
        "/machine",
        "/machine/memory_bytes",
        "/request",
        "/request/tasks",
        "/request/tasks/0/weight",
        "/request/tasks/0/profile",
        "/request/tasks/0/profile/weights/speed",
        "/request/max_models",
        "/request/settings/slots",
        "/request/settings/kv_type_k",
        "/request/method",
        "/loadout",
        "/loadout/0/engine",
        "/loadout/0/settings",
        "/loadout/0/settings/context",
        "/loadout/0/memory",
        "/loadout/0/ledger/0/bytes",
        "/totals/total_bytes",
        "/limits",
        "/limits/physical_bytes",
    ] {
        for (n, odd) in [
            serde_json::json!({"odd": true}),
            serde_json::json!(-1.5),
            serde_json::json!(null),
        ]
        .into_iter()
        .enumerate()
        {
            let mut plan = plan.clone();
            *plan
                .pointer_mut(pointer)
                .unwrap_or_else(|| panic!("{pointer}")) = odd;
            all.push(case(
                commands[(n + pointer.len()) % 4],
                "plan.json",
                plan.to_string(),
            ));
        }
    }
    for text in [
        "",
        "[]",
        "{}",
        "null",
        "{\"schema\": 99}",
        "{\"schema\": \"one\"}",
        "\"plan\"",
        "{\"schema\": 1}",
    ] {
        all.extend(commands.iter().map(|c| case(c, "plan.json", text)));
        all.push(case(&["apply", "{}", "--dry-run"], "plan.json", text));
    }
    all
}

/// Files of models that are cut off, of another format, or promise what they do not hold.
fn spoilt_models() -> Vec<Case> {
    let fit = ["fit", "{}", "--machine", "m3-ultra-512gb"];
    let mut all = Vec::new();
    for part in 0..12 {
        let cut = GGUF.len() * part / 12;
        all.push(case(&fit, "model.gguf", &GGUF[..cut]));
    }
    for at in [0, 4, 8, 16, 24, 40, 64, 100, 200] {
        let mut bytes = GGUF.to_vec();
        bytes[at..at + 8].fill(0xff);
        all.push(case(&fit, "model.gguf", bytes));
    }
    all.push(case(&fit, "model.gguf", "this is not a model"));
    all.push(case(&fit, "model.bin", "this is not a model"));
    all.push(case(&fit, "model.safetensors", "this is not a model"));
    let folder = ["fit", "{dir}", "--machine", "m3-ultra-512gb"];
    for (name, text) in [
        ("config.json", ""),
        ("config.json", "{}"),
        ("config.json", "[]"),
        ("config.json", "{\"model_type\": \"llama\"}"),
        ("config.json", "{\"model_type\": 3}"),
        ("notes.txt", "x"),
        ("a.gguf", "x"),
        ("model.safetensors", "x"),
        ("model.safetensors.index.json", "{}"),
    ] {
        all.push(case(&folder, name, text));
    }
    let add = ["catalog", "add", "{}", "--out", "{dir}/out.toml"];
    all.push(case(&add, "model.gguf", "x"));
    all.push(case(&add, "model.gguf", &GGUF[..1000]));
    all
}
