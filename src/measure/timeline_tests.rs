//! Timelines of streams as servers send them.

use super::*;

fn delta(text: &str) -> String {
    format!(
        "data: {{\"model\":\"m\",\"choices\":[{{\"delta\":{{\"content\":\"{text}\"}},\"finish_reason\":null}}]}}\n\n"
    )
}

const FINISH: &str = "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"length\"}]}\n\n";
const USAGE: &str = "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":10,\"completion_tokens\":5}}\n\ndata: [DONE]\n\n";

fn run(pieces: &[(f64, &str)], end: End) -> Completion {
    let mut timeline = Timeline::sent("m", true, 100.0);
    for (at, text) in pieces {
        timeline.bytes(*at, text.as_bytes());
    }
    timeline.end(pieces.last().map_or(100.0, |p| p.0), end)
}

fn whole() -> Vec<(f64, String)> {
    // The role comes first and is no token; four more follow the first, one every quarter second.
    let mut pieces = vec![(
        100.1,
        "data: {\"choices\":[{\"delta\":{\"role\":\"assistant\",\"content\":null}}]}\n\n"
            .to_owned(),
    )];
    for (i, at) in [100.5, 100.75, 101.0, 101.25, 101.5].iter().enumerate() {
        pieces.push((*at, delta(&format!("w{i}"))));
    }
    pieces.push((101.5, FINISH.to_owned()));
    pieces.push((101.9, USAGE.to_owned()));
    pieces
}

fn refs(pieces: &[(f64, String)]) -> Vec<(f64, &str)> {
    pieces.iter().map(|(at, s)| (*at, s.as_str())).collect()
}

#[test]
fn the_figures_are_those_of_the_clock_and_the_servers_count() {
    let answer = run(&refs(&whole()), End::Closed);
    assert_eq!(answer.outcome, Outcome::Measured);
    let f = answer.figures;
    assert_eq!(f.time_to_first_token_seconds, Some(0.5));
    assert_eq!(f.decode_tokens_per_second, Some(4.0));
    assert!((f.seconds - 1.5).abs() < 1e-9);
    assert_eq!(f.wall_clock_tokens_per_second, Some(3.333));
    // 10 tokens in 0.5 s, of which 0.25 s are a step of decoding.
    assert_eq!(f.prefill_tokens_per_second, Some(40.0));
    assert_eq!(f.longest_gap_seconds, Some(0.25));
    assert_eq!(
        (f.prompt_tokens, f.completion_tokens, f.pieces),
        (Some(10), Some(5), 5)
    );
}

#[test]
fn without_usage_there_is_no_speed_and_it_is_said() {
    let mut pieces = whole();
    pieces.pop();
    pieces.push((101.9, "data: [DONE]\n\n".to_owned()));
    let answer = run(&refs(&pieces), End::Closed);
    assert_eq!(answer.outcome, Outcome::Unmeasured);
    assert_eq!(answer.problem.unwrap().kind, ProblemKind::NoUsage);
    assert_eq!(answer.figures.decode_tokens_per_second, None);
    assert_eq!(answer.figures.wall_clock_tokens_per_second, None);
    assert_eq!(answer.figures.time_to_first_token_seconds, Some(0.5));
}

#[test]
fn thoughts_are_tokens_and_cached_tokens_are_no_prefill() {
    let thought = "data: {\"choices\":[{\"delta\":{\"reasoning_content\":\"hm\"}}]}\n\n";
    let usage = "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":100,\"completion_tokens\":3,\"prompt_tokens_details\":{\"cached_tokens\":90},\"completion_tokens_details\":{\"reasoning_tokens\":2}}}\n\ndata: [DONE]\n\n";
    let (word, finish) = (delta("x"), FINISH);
    let answer = run(
        &[
            (101.0, thought),
            (101.5, thought),
            (102.0, &word),
            (102.0, finish),
            (102.0, usage),
        ],
        End::Closed,
    );
    let f = answer.figures;
    assert_eq!(f.time_to_first_token_seconds, Some(1.0));
    assert_eq!(f.decode_tokens_per_second, Some(2.0));
    // The 10 that were not cached, in 1 s less a step of 0.5 s.
    assert_eq!(f.prefill_tokens_per_second, Some(20.0));
    assert_eq!(f.reasoning_tokens, Some(2));
}

#[test]
fn what_comes_in_bursts_has_a_wall_clock_speed_only() {
    let words: String = (0..5).map(|i| delta(&i.to_string())).collect();
    let all = [words, FINISH.to_owned(), USAGE.to_owned()].concat();
    let answer = run(&[(102.0, &all)], End::Closed);
    assert_eq!(answer.outcome, Outcome::Unmeasured);
    assert_eq!(answer.problem.unwrap().kind, ProblemKind::Bursts);
    assert_eq!(answer.figures.decode_tokens_per_second, None);
    assert_eq!(answer.figures.wall_clock_tokens_per_second, Some(2.5));
}

#[test]
fn an_answer_that_came_while_nobody_ran_has_no_times() {
    let mut timeline = Timeline::sent("m", true, 100.0);
    for (at, piece) in whole() {
        timeline.bytes(at, piece.as_bytes());
    }
    timeline.stood_still(130.0);
    let answer = timeline.end(300.0, End::Closed);
    assert_eq!(answer.outcome, Outcome::Unmeasured);
    assert_eq!(answer.problem.unwrap().kind, ProblemKind::StoodStill);
    let f = answer.figures;
    assert_eq!(f.completion_tokens, Some(5));
    let times = [
        f.decode_tokens_per_second,
        f.prefill_tokens_per_second,
        f.time_to_first_token_seconds,
        f.wall_clock_tokens_per_second,
        f.longest_gap_seconds,
    ];
    assert_eq!(times, [None; 5]);
}

#[test]
fn two_bursts_of_many_tokens_are_no_speed_either() {
    let (word, usage) = (
        delta("x"),
        USAGE.replace("\"completion_tokens\":5", "\"completion_tokens\":400"),
    );
    let answer = run(
        &[
            (100.5, &word),
            (109.0, &word),
            (109.0, FINISH),
            (109.0, &usage),
        ],
        End::Closed,
    );
    assert_eq!(answer.problem.unwrap().kind, ProblemKind::Bursts);
    assert_eq!(answer.figures.decode_tokens_per_second, None);
}

#[test]
fn each_way_to_fail_is_told_apart() {
    let word = delta("x");
    let kind = |pieces: &[(f64, &str)], end: End| {
        let answer = run(pieces, end);
        assert_eq!(answer.outcome, Outcome::Failed);
        assert_eq!(answer.figures.decode_tokens_per_second, None);
        answer.problem.unwrap().kind
    };
    assert_eq!(kind(&[(101.0, &word)], End::Closed), ProblemKind::CutShort);
    assert_eq!(
        kind(&[(101.0, FINISH), (101.0, USAGE)], End::Closed),
        ProblemKind::EmptyAnswer
    );
    assert_eq!(
        kind(
            &[
                (101.0, &word),
                (101.1, "data: {\"choices\":[{\"del\n\n"),
                (101.2, USAGE)
            ],
            End::Closed
        ),
        ProblemKind::MalformedStream
    );
    assert_eq!(
        kind(
            &[(
                101.0,
                "data: {\"error\":{\"message\":\"out of memory\"}}\n\n"
            )],
            End::Closed
        ),
        ProblemKind::ServerError
    );
    let other = word.replace("\"m\"", "\"another\"");
    assert_eq!(
        kind(
            &[(101.0, &other), (101.1, FINISH), (101.1, USAGE)],
            End::Closed
        ),
        ProblemKind::WrongModel
    );
    let lost = Problem::new(ProblemKind::ConnectionLost, "reset");
    assert_eq!(
        kind(&[(101.0, &word)], End::Failed(lost)),
        ProblemKind::ConnectionLost
    );
}

#[test]
fn a_whole_answer_without_a_stream_is_read_too() {
    let body = r#"{"model":"m","choices":[{"message":{"content":"hello"},"finish_reason":"stop"}],
        "usage":{"prompt_tokens":12,"completion_tokens":40},
        "stats":{"tokens_per_second":51.4,"time_to_first_token":0.111,"generation_time":0.954,"stop_reason":"eosFound"},
        "runtime":{"name":"llama.cpp-mac-arm64-apple-metal-advsimd","version":"1.3.0","supported_formats":["gguf"]}}"#;
    let mut timeline = Timeline::sent("m", false, 10.0);
    timeline.bytes(11.0, body.as_bytes());
    let answer = timeline.end(11.0, End::Closed);
    assert_eq!(answer.outcome, Outcome::Measured);
    assert_eq!(answer.figures.time_to_first_token_seconds, None);
    assert_eq!(answer.figures.wall_clock_tokens_per_second, Some(40.0));
    let server = answer.figures.server.unwrap();
    assert_eq!(server.decode_tokens_per_second, Some(51.4));
    assert_eq!(
        answer.engine.unwrap(),
        "llama.cpp-mac-arm64-apple-metal-advsimd 1.3.0"
    );
}

#[test]
fn names_are_compared_whole_but_for_their_path_and_case() {
    assert!(same_name("openai/gpt-oss-20b", "gpt-oss-20b"));
    assert!(same_name("MiniMax-M2.1", "minimax-m2.1"));
    assert!(!same_name("minimax-m2.1", "minimax-m2"));
    assert!(!same_name("gpt20", "gpt20:2"));
}
