//! The front of score, memory and speed in a report: that it is the one `recommend` traces, and
//! that its picture and its table show all of it.

use std::fs;
use std::sync::LazyLock;

use serde_json::Value;

use crate::support::{plan, planner, stdout};

const MACHINE: [&str; 2] = ["--machine", "m3-ultra-512gb"];
const CAMPAIGN: [&str; 2] = ["--campaign", "llm-mac-512"];
const POINT: &str = "<g class=\"point\" transform=\"translate(";

fn data(more: &[&str]) -> Value {
    let mut args = vec!["report", "--format", "json"];
    args.extend(MACHINE);
    args.extend(more);
    serde_json::from_str(&stdout(&args)).unwrap()
}

/// `report.html` and `report.md`.
fn pages(more: &[&str]) -> (String, String) {
    let folder = tempfile::tempdir().unwrap();
    let mut args = vec!["report", "--out", folder.path().to_str().unwrap()];
    args.extend(MACHINE);
    args.extend(more);
    assert!(planner(&args).status.success());
    let read = |name: &str| fs::read_to_string(folder.path().join(name)).unwrap();
    (read("report.html"), read("report.md"))
}

/// Of the whole catalog: what several tests look at.
pub(crate) static DATA: LazyLock<Value> = LazyLock::new(|| data(&[]));
static PAGES: LazyLock<(String, String)> = LazyLock::new(|| pages(&[]));

/// The part of a page about one scenario's front.
fn article<'a>(html: &'a str, scenario: &str) -> &'a str {
    let from = html.split(&format!("<h3 id=\"front-{scenario}\">")).nth(1);
    from.unwrap().split("</article>").next().unwrap()
}

/// A point as drawn: its number, its place, and its SVG.
struct Drawn<'a> {
    number: usize,
    x: f64,
    y: f64,
    svg: &'a str,
}

/// The points of a picture by their numbers.
fn drawn(picture: &str) -> Vec<Drawn<'_>> {
    let of = |part| {
        let (place, svg): (&str, &str) = str::split_once(part, ")\"><title>").unwrap();
        let (x, y) = place.split_once(' ').unwrap();
        Drawn {
            number: svg.split(':').next().unwrap().parse().unwrap(),
            x: x.parse().unwrap(),
            y: y.parse().unwrap(),
            svg: svg.split("</g>").next().unwrap(),
        }
    };
    let mut points: Vec<Drawn<'_>> = picture.split(POINT).skip(1).map(of).collect();
    points.sort_by_key(|p| p.number);
    points
}

/// The wide picture of an article and the narrow one.
fn pictures(article: &str) -> Vec<&str> {
    let whole = article.split("</figure>").next().unwrap();
    whole.split("<div class=\"narrow\">").collect()
}

#[test]
fn the_front_of_a_report_is_the_one_that_recommend_traces() {
    for scope in [&CAMPAIGN[..], &[]] {
        let of_campaign = (!scope.is_empty()).then(|| data(scope));
        let report = of_campaign.as_ref().unwrap_or_else(|| &DATA);
        let scenarios = report["scenarios"].as_array().unwrap();
        assert_eq!(scenarios.len(), 6);
        for scenario in scenarios {
            let models = scenario["max_models"].to_string();
            let mut args = vec!["--pareto", "--models", &models];
            args.extend(MACHINE);
            args.extend(scope);
            for task in scenario["tasks"].as_array().unwrap() {
                args.extend(["--task", task.as_str().unwrap()]);
            }
            let front = &plan(&args)["pareto"];
            assert!(!front.as_array().unwrap().is_empty());
            assert_eq!(&scenario["pareto"], front, "{}", scenario["id"]);
        }
    }
}

#[test]
fn both_pictures_and_the_table_show_every_point_at_its_place() {
    let report = &*DATA;
    let (html, markdown) = &*PAGES;
    let (chinese, _) = pages(&["--lang", "zh"]);
    let most = report["scenarios"].as_array().unwrap().iter();
    assert!(
        most.map(|s| s["pareto"].as_array().unwrap().len())
            .max()
            .unwrap()
            > 40
    );
    for scenario in report["scenarios"].as_array().unwrap() {
        let points = scenario["pareto"].as_array().unwrap();
        for page in [html, &chinese] {
            let article = article(page, scenario["id"].as_str().unwrap());
            let (wide_and_narrow, rows) = (pictures(article), article.matches("class=\"no\""));
            assert_eq!(wide_and_narrow.len(), 2);
            assert_eq!(rows.count(), points.len());
            for picture in wide_and_narrow {
                holds(&drawn(picture), points);
            }
        }
        let best = format!("| 1 | {}", name_of(html, scenario));
        assert!(markdown.contains(&best), "{best}");
    }
}

/// What the page calls the first member of the first point.
fn name_of<'a>(html: &'a str, scenario: &Value) -> &'a str {
    let article = article(html, scenario["id"].as_str().unwrap());
    let row = article.split("class=\"no\"").nth(1).unwrap();
    let name = row.split("<td>").nth(1).unwrap().split(" <span").next();
    name.unwrap()
}

/// Each point once; to the right where it takes more memory, higher where it scores more, hollow
/// where it rests on a prediction; the same shape wherever the speed is of the same class.
fn holds(drawn: &[Drawn<'_>], points: &[Value]) {
    let numbers: Vec<usize> = drawn.iter().map(|d| d.number).collect();
    assert_eq!(numbers, (1..=points.len()).collect::<Vec<_>>());
    let figures = |p: &Value| {
        let memory = p["total_bytes"].as_u64().unwrap();
        (memory, p["objective"].as_f64().unwrap())
    };
    for (a, p) in drawn.iter().zip(points) {
        let (memory, score) = figures(p);
        assert!(a.svg.contains(&format!("; {score:.3}, ")), "{}", a.svg);
        for (b, q) in drawn.iter().zip(points) {
            let (other_memory, other_score) = figures(q);
            assert!(memory < other_memory || a.x >= b.x);
            assert!(score < other_score || a.y <= b.y);
        }
        let members = p["members"].as_array().unwrap();
        let predicted = members.iter().any(|m| m["basis"] == "predicted");
        assert_eq!(a.svg.contains("fill=\"var(--bg)\""), predicted);
    }
    let shape = |d: &Drawn<'_>| {
        d.svg
            .split(" d=\"")
            .nth(1)
            .unwrap()
            .split('"')
            .next()
            .map(str::to_owned)
    };
    let class = |p: &Value| {
        let speed = p["slowest_tokens_per_second"].as_f64().unwrap();
        [20.0, 40.0, 80.0]
            .iter()
            .filter(|from| speed >= **from)
            .count()
    };
    for (a, p) in drawn.iter().zip(points) {
        for (b, q) in drawn.iter().zip(points) {
            assert_eq!(shape(a) == shape(b), class(p) == class(q));
        }
    }
    // The first is the plan; a ring tells it from the rest.
    assert!(drawn[0].svg.contains("<circle"));
    assert!(drawn.iter().filter(|d| d.svg.contains("<circle")).count() <= 3);
}

#[test]
fn what_is_pointed_out_is_the_smallest_and_the_fastest_of_those_nearly_as_good() {
    let report = &*DATA;
    let (html, _) = &*PAGES;
    let mut told = 0;
    for scenario in report["scenarios"].as_array().unwrap() {
        let points = scenario["pareto"].as_array().unwrap();
        let figure = |n: usize, name: &str| points[n][name].as_f64().unwrap();
        let enough = 0.95 * figure(0, "objective");
        let near: Vec<usize> = (0..points.len())
            .filter(|&n| figure(n, "objective") >= enough)
            .collect();
        let article = article(html, scenario["id"].as_str().unwrap());
        let picks = article.split("<ul class=\"small picks\">").nth(1).unwrap();
        let picks = picks.split("</ul>").next().unwrap();
        let number = |words: &str| {
            let line = picks.lines().find(|l| l.contains(words))?;
            let number = line.split("<b>").nth(1)?.split('<').next()?;
            number.parse::<usize>().ok()
        };
        assert_eq!(number("recommended"), Some(1));
        let least = |n: &&usize| points[**n]["total_bytes"].as_u64();
        let smallest = *near.iter().min_by_key(least).unwrap();
        let speed = |n: usize| figure(n, "slowest_tokens_per_second");
        let fastest = near.iter().copied().map(speed).fold(0.0, f64::max);
        match number("smaller") {
            Some(n) => assert_eq!(n - 1, smallest),
            None => assert_eq!(smallest, 0),
        }
        match number("faster") {
            Some(n) => assert!((speed(n - 1) - fastest).abs() < 1e-9),
            None => assert!((speed(0) - fastest).abs() < 1e-9),
        }
        told += usize::from(number("smaller").is_some()) + usize::from(number("faster").is_some());
    }
    assert!(told > 4, "{told}");
}

#[test]
fn one_point_is_said_and_no_point_is_said() {
    let mut small = CAMPAIGN.to_vec();
    small.extend(["--memory", "72GiB"]);
    let (html, _) = pages(&small);
    let one = article(&html, "constrained");
    assert!(one.contains("One set is the best in score, memory and speed at once."));
    assert!(!one.contains("<figure>") && !one.contains(POINT));
    assert_eq!(one.matches("class=\"no\"").count(), 1);
    assert!(html.contains("<figure>"));

    small.pop();
    small.push("32GiB");
    let (html, markdown) = pages(&small);
    let none = article(&html, "code");
    assert!(none.contains("No set of models qualifies.") && !none.contains("<table"));
    assert!(!html.contains(POINT));
    let section = markdown.split("## Score against memory and speed").nth(1);
    assert!(section.unwrap().contains("No set of models qualifies."));
}
