//! The use cases without the command line: what another front would call.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fs;
use std::sync::atomic::AtomicBool;

use anyhow::Result;
use planner::app;
use planner::app::apply::{ApplyRequest, Goal};
use planner::app::bench::BenchRequest;
use planner::app::fit::{Asked, FitAnswer, FitRequest};
use planner::app::studio::{StudioChoice, Via};
use planner::app::{Answer, Event, Events, Layers, MachineChoice, Question, Silent, Workspace};
use planner::apply::document::Outcome;
use planner::emit::Options;
use planner::fit::Verdict;
use planner::plan::request::Request;

use crate::readers::recorded::{header, sparse};
use crate::studio::{KEYS, Studio, two_models};
use crate::support::loadout;

/// The shipped catalog alone, whoever runs the tests.
fn workspace() -> Workspace {
    let layers = Layers {
        own: false,
        ..Layers::default()
    };
    Workspace::new(layers).unwrap()
}

/// Keeps what it hears, and answers as it was told to.
struct Heard {
    answer: Answer,
    words: RefCell<Vec<String>>,
}

impl Heard {
    fn who_says(answer: Answer) -> Self {
        Self {
            answer,
            words: RefCell::default(),
        }
    }

    fn words(&self) -> Vec<String> {
        self.words.borrow().clone()
    }
}

impl Events for Heard {
    fn tell(&self, event: Event<'_>) {
        let word = match event {
            Event::Changes(report) => format!("changes {}", report.changes.len()),
            Event::Loading(name) => format!("loading {name}"),
            Event::Unloading(name) => format!("unloading {name}"),
            _ => return,
        };
        self.words.borrow_mut().push(word);
    }

    fn ask(&self, question: Question) -> Result<Answer> {
        self.words.borrow_mut().push(format!("{question:?}"));
        Ok(self.answer)
    }
}

#[test]
fn a_recommendation_is_what_the_command_line_prints() {
    let tasks = app::tasks::weighted(&["code".to_owned(), "general".to_owned()]).unwrap();
    let request = Request {
        campaign: Some("llm-mac-512".to_owned()),
        ..Request::new(tasks)
    };
    let machine = MachineChoice::named("m3-ultra-512gb");
    let plan = app::recommend(&workspace(), &machine, &request, &Silent).unwrap();
    let plan = serde_json::to_value(&plan).unwrap();
    assert_eq!(loadout(&plan), loadout(&two_models()));
    assert_eq!(plan["totals"], two_models()["totals"]);
}

#[test]
fn a_file_is_sized_for_the_machine_that_is_named() {
    let file = sparse("qwen3.8b", "app-fit", "Qwen3-8B-Q8_0.gguf");
    let fit = |machine: &str| {
        let request = FitRequest {
            machine: MachineChoice::named(machine),
            ..FitRequest::of(Asked::Named(file.display().to_string()))
        };
        let answer = app::fit(&workspace(), &request, &Silent).unwrap();
        let fits = answer.fits();
        let FitAnswer::One(fit) = answer else {
            panic!("one file is one model");
        };
        assert_eq!(fits, fit.verdict == Verdict::Fits);
        fit
    };
    let large = fit("m3-ultra-512gb");
    assert_eq!(large.verdict, Verdict::Fits);
    // The header's own sum of its tensors, without what LM Studio adds.
    let tensors = header("qwen3.8b").expected_bytes().unwrap();
    let ledger = serde_json::to_value(&large.memory).unwrap();
    let weights = ledger["weights_bytes"].as_u64().unwrap();
    assert!(
        weights.abs_diff(tensors.0) < 16 << 20,
        "{weights} {tensors}"
    );
    assert_ne!(fit("macbook-air-m1-8gb").verdict, Verdict::Fits);
}

/// The server tells no paths, and two of its models are as large as the plan's.
fn options() -> Options {
    let key = (
        "qwen3-coder-next/gguf-q4_k_m".to_owned(),
        KEYS[1].to_owned(),
    );
    Options {
        keys: BTreeMap::from([key]),
        ..Options::default()
    }
}

#[test]
fn a_plan_is_applied_after_consent_and_taken_back() {
    let studio = Studio::new();
    let before = [crate::studio::loaded("stranger", "stranger", 8192, 4)];
    studio.load(&before);
    let journal = studio.path("journal");
    let apply = |goal: Goal, heard: &Heard| {
        let request = ApplyRequest {
            options: options(),
            any_machine: true,
            studio: StudioChoice {
                via: Some(Via::Rest),
                host: Some("127.0.0.1".to_owned()),
                port: Some(studio.port().parse().unwrap()),
                token: None,
            },
            journal: Some(journal.clone()),
            ..ApplyRequest::to(goal)
        };
        app::apply(&workspace(), &request, heard, &AtomicBool::new(false)).unwrap()
    };
    let plan = || Goal::Plan(studio.plan(&two_models()).into());

    let refusing = Heard::who_says(Answer::No);
    assert_eq!(apply(plan(), &refusing).outcome, Outcome::NotStarted);
    assert_eq!(refusing.words(), ["changes 3", "ChangeLoaded"]);
    assert_eq!(studio.loaded(), before);

    let agreeing = Heard::who_says(Answer::Yes);
    let report = apply(plan(), &agreeing);
    assert_eq!(report.outcome, Outcome::Applied, "{report:?}");
    let steps: Vec<String> = [
        "changes 3".to_owned(),
        "ChangeLoaded".to_owned(),
        "unloading stranger".to_owned(),
    ]
    .into_iter()
    .chain(KEYS.map(|key| format!("loading {key}")))
    .collect();
    assert_eq!(agreeing.words(), steps);
    let keys: Vec<String> = studio.loaded().into_iter().map(|l| l.1).collect();
    assert_eq!(keys, KEYS);
    assert_eq!(apply(plan(), &agreeing).outcome, Outcome::Unchanged);

    let undone = apply(Goal::Undo, &agreeing);
    assert_eq!(undone.outcome, Outcome::RolledBack);
    let keys: Vec<String> = studio.loaded().into_iter().map(|l| l.1).collect();
    assert_eq!(keys, ["stranger"]);
    assert!(fs::exists(journal.join("apply.json")).unwrap());
}

/// A server that takes the connection and never answers is waited for no longer than the user does.
#[test]
fn a_bench_stops_while_the_server_is_asked_what_it_has() {
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}/v1", silent.local_addr().unwrap());
    let request = BenchRequest::at(&address);
    let stop = AtomicBool::new(true);
    let stopped = app::bench(&workspace(), &request, &Silent, &stop).unwrap_err();
    assert_eq!(stopped.to_string(), "stopped before anything was measured");
}
