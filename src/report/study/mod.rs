//! The report of a study: Markdown, and one HTML page that needs nothing else.
//!
//! A pure function from the document to two texts. The words stand in `strings/`, the layout in
//! `templates/`; nothing is computed here that the document does not hold, but for the lengths of
//! bars, the lines of charts, and which points of a front are pointed out.

mod area;
mod chart;
mod filters;
mod front;
mod mark;
mod markdown;
mod names;
mod picture;
mod strings;
mod ticks;

use minijinja::syntax::SyntaxConfig;
use minijinja::value::{Serde, Value};
use minijinja::{AutoEscape, Environment, context};

use crate::study::Study;
use crate::study::document::Curve;
use front::Front;
use names::Names;
use strings::Strings;
pub use strings::{Language, StringsError};

const MARKDOWN: &str = include_str!("../templates/report.md");
const HTML: &str = include_str!("../templates/report.html");
const PICTURE: &str = include_str!("../templates/picture.svg");
const STYLE: &str = include_str!("../templates/report.css");

/// The report's files as texts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// `report.md`.
    pub markdown: String,
    /// `report.html`.
    pub html: String,
}

/// Why a report could not be written. Only a broken template or string table does that.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    /// A table of strings is broken.
    #[error(transparent)]
    Strings(#[from] StringsError),
    /// A template is broken.
    #[error("a report template is broken: {0:#}")]
    Template(#[from] minijinja::Error),
}

/// Renders a study in a language.
///
/// # Errors
/// When a template or a string table is broken, which the tests rule out.
pub fn render(study: &Study, language: Language) -> Result<Report, ReportError> {
    let strings = Strings::of(language)?;
    let fronts: Vec<Front<'_>> = study.scenarios.iter().map(Front::of).collect();
    let charts = charts(study, &fronts, &strings)?;
    let environment = environment(study, strings)?;
    let page = |name: &str, charts: Value| -> Result<String, minijinja::Error> {
        environment.get_template(name)?.render(context! {
            s => Value::from(Serde(study)),
            style => Value::from_safe_string(STYLE.to_owned()),
            fronts => Value::from(Serde(&fronts)),
            charts => charts,
        })
    };
    Ok(Report {
        markdown: squeeze(&page("report.md", Value::UNDEFINED)?),
        html: page("report.html", charts)?,
    })
}

fn environment(study: &Study, strings: Strings) -> Result<Environment<'static>, minijinja::Error> {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(minijinja::UndefinedBehavior::SemiStrict);
    environment.set_syntax(
        SyntaxConfig::builder()
            .trim_blocks(true)
            .lstrip_blocks(true)
            .build()?,
    );
    environment.set_auto_escape_callback(|name| match name.rsplit('.').next() {
        Some("html" | "svg") => AutoEscape::Html,
        _ => AutoEscape::Custom("markdown".into()),
    });
    environment.set_formatter(markdown::or_html);
    filters::add(&mut environment);
    names::add(&mut environment, Names::of(study));
    strings::add(&mut environment, strings);
    environment.add_template("report.md", MARKDOWN)?;
    environment.add_template("report.html", HTML)?;
    environment.add_template("picture.svg", PICTURE)?;
    Ok(environment)
}

/// Each chart twice: for wide and for narrow pages, of which one is shown.
fn charts(study: &Study, fronts: &[Front<'_>], strings: &Strings) -> Result<Value, StringsError> {
    let both = |curves: &[Curve], axis: &str| {
        let titles = chart::Titles {
            x: strings.get(axis)?,
            y: strings.get("axis_decode")?,
        };
        let draw = |size| Value::from(Serde(chart::lines(curves, &titles, size)));
        Ok::<Value, StringsError>(context! {
            wide => draw(picture::WIDE),
            narrow => draw(picture::NARROW),
            colors => picture::COLORS.to_vec(),
        })
    };
    Ok(context! {
        depth => both(&study.depth_curves, "axis_depth")?,
        predicted_depth => both(&study.predicted_depth_curves, "axis_depth")?,
        concurrency => both(&study.concurrency_curves, "axis_concurrency")?,
        fronts => pictures(study, fronts, strings)?,
    })
}

/// The pictures of each front; on a wide page a small one takes half of it.
fn pictures(
    study: &Study,
    fronts: &[Front<'_>],
    strings: &Strings,
) -> Result<Vec<Value>, StringsError> {
    let names = Names::of(study);
    let words = front::Words {
        memory: strings.get("axis_memory")?,
        score: strings.get("axis_score")?,
        recommended: strings.get("front_recommended")?,
        smaller: strings.get("front_smaller")?,
        faster: strings.get("front_faster")?,
        comma: strings.get("comma")?,
        name: &|id| names.say(id),
    };
    let both = |front: &Front<'_>| {
        let (wide, narrow) = if front.few() {
            (picture::HALF, picture::NARROW)
        } else {
            (picture::WIDE_CROWD, picture::NARROW_CROWD)
        };
        let draw = |size| Value::from(Serde(front::draw(front, &words, size)));
        context! { wide => draw(wide), narrow => draw(narrow) }
    };
    Ok(fronts.iter().map(both).collect())
}

/// Blocks of a template leave empty lines behind; one is enough between paragraphs.
fn squeeze(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut empty = true;
    for line in text.lines().map(str::trim_end) {
        if !(empty && line.is_empty()) {
            out.push_str(line);
            out.push('\n');
        }
        empty = line.is_empty();
    }
    out.truncate(out.trim_end().len());
    out.push('\n');
    out
}
