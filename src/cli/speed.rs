//! `planner speed`: how fast a model is on a machine, at depths and with several streams.

use anyhow::{Result, bail};
use clap::Args as ClapArgs;
use schemars::JsonSchema;
use serde::Serialize;

use super::Outcome;
use super::context;
use super::context::{Common, Format, MachineArgs};
use super::output::Output;
use crate::basis::Basis;
use crate::catalog::Catalog;
use crate::catalog::schema::{Model, Variant};
use crate::machine::{Machine, Profiles};
use crate::report::Screen;
use crate::speed::{Estimate, Filter, SpeedModel, Workload};
use crate::suggest;
use crate::units::parse_tokens;

const EXAMPLES: &str = "\
Examples:
  planner speed minimax-m2.1 --machine m3-ultra-512gb
  planner speed qwen3-coder-next/mlx-4bit --depth 0,32k,128k --streams 1,4";

/// Arguments of `speed`.
#[derive(Debug, ClapArgs)]
#[command(after_help = EXAMPLES)]
pub(super) struct Args {
    /// A model or one of its variants: `minimax-m2.1`, `minimax-m2.1/mlx-4bit`
    #[arg(value_name = "MODEL[/VARIANT]")]
    model: String,
    /// Tokens in the context: one or several
    #[arg(long, value_name = "TOKENS", value_delimiter = ',', default_value = "0,8k,32k,128k", value_parser = depth_arg)]
    depth: Vec<u32>,
    /// Streams at once: one or several
    #[arg(long, value_name = "N", value_delimiter = ',', default_value = "1", value_parser = clap::value_parser!(u32).range(1..=1023))]
    streams: Vec<u32>,
    #[command(flatten)]
    machine: MachineArgs,
}

fn depth_arg(text: &str) -> Result<u32, String> {
    if text.trim() == "0" {
        return Ok(0);
    }
    parse_tokens(text).map_err(|e| e.to_string())
}

/// What `speed` answers.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Speeds {
    /// Version of this shape.
    schema: u32,
    /// Id of the machine.
    machine: String,
    /// One for each variant, depth and number of streams.
    rows: Vec<Row>,
}

/// A variant at a depth with so many streams.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Row {
    /// `model/variant`.
    variant: String,
    /// Tokens in the context; prefill is of a whole prompt of that length from an empty one.
    depth_tokens: u32,
    /// Streams at once.
    streams: u32,
    /// Tokens per second of one stream.
    decode_tokens_per_second: Option<f64>,
    /// Low end of its range.
    decode_low: Option<f64>,
    /// High end.
    decode_high: Option<f64>,
    /// Measured or predicted.
    decode_basis: Option<Basis>,
    /// What it rests on.
    decode_source: Option<String>,
    /// Tokens per second of all streams together.
    decode_in_sum_tokens_per_second: Option<f64>,
    /// Tokens per second of reading a prompt; that of a short one where the depth is 0.
    prefill_tokens_per_second: Option<f64>,
    /// Low end of its range.
    prefill_low: Option<f64>,
    /// High end.
    prefill_high: Option<f64>,
    /// Measured or predicted.
    prefill_basis: Option<Basis>,
    /// What it rests on.
    prefill_source: Option<String>,
    /// Why there is no speed, where there is none.
    unknown: Option<String>,
}

/// Tells how fast a model is.
pub(super) fn run(args: &Args, common: &Common, output: &Output) -> Result<Outcome> {
    let profiles = Profiles::embedded()?;
    let machine = context::machine(&args.machine, &profiles)?;
    let catalog = context::catalog(common)?;
    let asked = variants(&args.model, &catalog)?;
    let speed = SpeedModel::of(&catalog, &profiles.chips)?;
    let mut rows = Vec::new();
    for (model, variant) in asked {
        for depth in &args.depth {
            for streams in &args.streams {
                rows.push(row(&speed, model, variant, &machine, *depth, *streams));
            }
        }
    }
    let speeds = Speeds {
        schema: 1,
        machine: machine.id.clone(),
        rows,
    };
    match output.format {
        Format::Json => output.json(&speeds)?,
        Format::Text => output.text(&text(&speeds, &machine, &output.screen))?,
    }
    let known = speeds.rows.iter().any(|r| r.unknown.is_none());
    Ok(if known { Outcome::Done } else { Outcome::No })
}

/// The variant that is named, or all of a model's.
fn variants<'a>(name: &str, catalog: &'a Catalog) -> Result<Vec<(&'a Model, &'a Variant)>> {
    let (id, variant) = name
        .split_once('/')
        .map_or((name, None), |(m, v)| (m, Some(v)));
    let Some(model) = catalog.model(id) else {
        let near = suggest::nearest(id, catalog.models.iter().map(|m| m.id.as_str()));
        bail!(
            "model not found: `{id}`{}\nhint: `planner catalog list` shows them",
            suggest::or_nothing(near.as_deref())
        );
    };
    let Some(wanted) = variant else {
        return Ok(model.variants.iter().map(|v| (model, v)).collect());
    };
    let Some(found) = model.variant(wanted) else {
        let near = suggest::nearest(wanted, model.variants.iter().map(|v| v.id.as_str()));
        bail!(
            "variant not found: `{name}`{}\nhint: `planner catalog show {id}` lists them",
            suggest::or_nothing(near.as_deref())
        );
    };
    Ok(vec![(model, found)])
}

/// The prompt whose prefill is told at an empty context.
const SHORT_PROMPT: u32 = 512;

fn row(
    speed: &SpeedModel,
    model: &Model,
    variant: &Variant,
    machine: &Machine,
    depth: u32,
    streams: u32,
) -> Row {
    let work = Workload {
        depth_tokens: depth,
        new_tokens: 1,
        output_tokens: 1,
        first_prompt_tokens: 1,
        streams,
    };
    let filter = Filter::default();
    let estimate = speed.estimate(model, variant, machine, &work, filter);
    let prefill = speed.prefill(model, variant, machine, depth.max(SHORT_PROMPT), filter);
    let unknown = estimate.as_ref().err().map(ToString::to_string);
    let (estimate, prefill) = (estimate.ok(), prefill.ok());
    let decode = estimate.as_ref().map(|e: &Estimate| &e.decode);
    let round = |v: f64| (v * 100.0).round() / 100.0;
    Row {
        variant: crate::catalog::full_name(model, variant),
        depth_tokens: depth,
        streams,
        decode_tokens_per_second: decode.map(|f| round(f.value())),
        decode_low: decode.map(|f| round(f.range().0)),
        decode_high: decode.map(|f| round(f.range().1)),
        decode_basis: decode.map(|f| f.basis()),
        decode_source: decode.map(|f| f.source().to_owned()),
        decode_in_sum_tokens_per_second: estimate.as_ref().map(|e| round(e.decode_in_sum.value())),
        prefill_tokens_per_second: prefill.as_ref().map(|f| round(f.value())),
        prefill_low: prefill.as_ref().map(|f| round(f.range().0)),
        prefill_high: prefill.as_ref().map(|f| round(f.range().1)),
        prefill_basis: prefill.as_ref().map(|f| f.basis()),
        prefill_source: prefill.as_ref().map(|f| f.source().to_owned()),
        unknown,
    }
}

fn text(speeds: &Speeds, machine: &Machine, screen: &Screen) -> String {
    let head = [
        "Variant",
        "Depth",
        "Streams",
        "Decode t/s",
        "",
        "Prefill t/s",
        "",
    ];
    let mut table = screen.table(&head).right(&[1, 2, 3, 5]);
    let figure = |value: Option<f64>, low: Option<f64>, high: Option<f64>| match (value, low, high)
    {
        (Some(v), Some(l), Some(h)) => {
            let digits = usize::from(v < 100.0);
            format!("{v:.digits$} ({l:.digits$} to {h:.digits$})")
        }
        _ => "unknown".to_owned(),
    };
    let basis = |b: Option<Basis>| b.map(|b| b.to_string()).unwrap_or_default();
    for r in &speeds.rows {
        table.add_row([
            r.variant.clone(),
            r.depth_tokens.to_string(),
            r.streams.to_string(),
            figure(r.decode_tokens_per_second, r.decode_low, r.decode_high),
            basis(r.decode_basis),
            figure(r.prefill_tokens_per_second, r.prefill_low, r.prefill_high),
            basis(r.prefill_basis),
        ]);
    }
    let mut out = screen.fold("", "  ", &format!("Speeds on {}:", machine.name));
    out.push_str(&format!("{table}"));
    if let Some(why) = speeds.rows.iter().find_map(|r| r.unknown.as_ref()) {
        out.push_str(&screen.fold("", "  ", &format!("unknown: {why}")));
    }
    out.push_str(&screen.fold(
        "",
        "  ",
        "decode is of one stream while the others run; prefill of a whole prompt as long as the depth (512 tokens at 0), from an empty context; about four of five rows that the model had not seen lay in such ranges",
    ));
    out
}
