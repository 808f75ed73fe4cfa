//! The first screen of a plan: the answer, what it rests on, and what to type next.

use std::collections::BTreeSet;

use super::apart;
use super::budget;
use super::choices;
use super::effort;
use super::grounds;
use super::mind;
use super::no_plan;
use super::plan::serves;
use super::screen::{Paint, Screen};
use super::table::{Column, Grid};
use super::turn;
use super::typed::{Typed, asked_for};
use super::words::join;
use super::wrap::TOGETHER;
use crate::catalog::effort::Setting;
use crate::memory::limits::Binding;
use crate::plan::document::{
    AdviceKind, Entry, Memory, OptimalityStatus, Plan, Refusal, Tie, Turn,
};
use crate::units::{Bytes, thousands, tokens};

/// Lines that a screen takes at most at [`WIDE`] columns: of one task, which with the prompt after it
/// fills a terminal of 24, and of several.
const LINES: [usize; 2] = [23, 34];
const WIDE: usize = 80;
/// Seconds from which the wait for a session's first token is told.
const LONG_START: f64 = 30.0;

/// How much of what else could be chosen is told: as much as there are lines for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Told {
    /// Two of each kind, and why a model serves several tasks.
    All,
    /// One of each kind.
    One,
    /// What it rests on in short.
    Short,
    /// Not why a model serves several tasks.
    Alone,
    /// No empty lines around the bar.
    Dense,
    /// Not what there is room for, where that is little.
    Brief,
    /// Ties by their number alone.
    Counted,
    /// Not what takes less memory where the start of a session is told, and of two lines on effort one.
    Least,
    /// Not what takes less memory at all.
    Scant,
    /// Of all that is as good no more than the number.
    Bare,
}

impl Told {
    /// From the longest to the shortest.
    const ALL: [Self; 10] = [
        Self::All,
        Self::One,
        Self::Short,
        Self::Alone,
        Self::Dense,
        Self::Brief,
        Self::Counted,
        Self::Least,
        Self::Scant,
        Self::Bare,
    ];
}

/// What an owner reads in ten seconds; where there is no plan, why not. With what to type next, where
/// a command line is at hand.
#[must_use]
pub fn screen(plan: &Plan, screen: &Screen, typed: Option<&Typed<'_>>) -> String {
    if plan.loadout.is_empty() {
        return no_plan::text(plan, screen, typed);
    }
    let most = LINES[usize::from(plan.request.tasks.len() > 1)];
    let short = |words: &String| screen.width < WIDE || words.lines().count() <= most;
    let tie = choices::named_in_answer(plan);
    let whole = |told| whole(plan, tie, screen, told, typed);
    let mut shorter = Told::ALL.into_iter().map(whole);
    let fitting = shorter.find(short);
    fitting.unwrap_or_else(|| whole(Told::Bare))
}

fn whole(
    plan: &Plan,
    tie: Option<&Tie>,
    screen: &Screen,
    told: Told,
    typed: Option<&Typed<'_>>,
) -> String {
    let mut out = format!(
        "{}\n",
        screen.fold(
            "",
            "",
            &screen.paint(Paint::Strong, &sentence(plan, tie, told))
        )
    );
    out.push_str(&loadout(plan, screen).to_string());
    let around = if told < Told::Dense { "\n" } else { "" };
    out.push_str(&format!("{around}{}{around}", budget::one(screen, plan)));
    for (label, words) in lines(plan, tie, told) {
        out.push_str(&screen.labelled(label, &words));
    }
    out.push_str(&screen.labelled("For", &asked_for(plan, typed)));
    if let Some(typed) = typed {
        out.push_str(&screen.commands(&next(plan, typed)));
    }
    out
}

/// The commands that keep the plan and carry it out, or write what another machine is given.
fn next(plan: &Plan, typed: &Typed<'_>) -> Vec<String> {
    let file = typed.file.as_deref().unwrap_or("plan.json");
    let mut all = Vec::new();
    if !typed.saved {
        // How this answer looked is no part of the question.
        let looks = ["--color", "WHEN"].map(str::to_owned);
        let keep = (typed.again)(&["--out".to_owned(), file.to_owned()], &looks);
        all.push(keep.unwrap_or_else(|| format!("planner recommend --out {file}")));
    }
    let name = typed.name.as_ref().filter(|_| typed.saved);
    match (name, typed.elsewhere) {
        (Some(name), _) => all.push(format!("planner swap {name}")),
        (None, true) => all.push(format!("planner emit {file} --out loadout")),
        (None, false) => {
            let missing = plan.request.installed.is_none();
            all.extend(missing.then(|| format!("planner get {file}")));
            all.push(format!("planner apply {file}"));
        }
    }
    all
}

/// Labels and what stands behind them.
fn lines(plan: &Plan, tie: Option<&Tie>, told: Told) -> Vec<(&'static str, String)> {
    let mut all = Vec::new();
    all.extend(apart::words(plan).map(|words| ("In RAM", words)));
    all.extend(depths(plan).map(|words| ("Turns", words)));
    let start = start(plan);
    // Where lines are few, a long wait is worth more than what takes less memory.
    let smaller = told < Told::Least || (told == Told::Least && start.is_none());
    all.extend(start.map(|words| ("Start", words)));
    let efforts = || plan.loadout.iter().flat_map(|e| &e.efforts);
    let barred = efforts().find_map(effort::barred);
    let mut shorter = efforts().find_map(effort::shorter);
    if told >= Told::Least && barred.is_some() {
        shorter = None;
    }
    let seconds = shorter.as_ref().map(|(seconds, _)| *seconds);
    let effort = shorter.map(|(_, words)| words);
    let effort = effort.or_else(|| efforts().find_map(effort::better));
    all.extend(effort.map(|words| ("Effort", words)));
    all.extend(barred.map(|words| ("Too slow", words)));
    let named = match told {
        Told::All => 2,
        told if told < Told::Counted => 1,
        _ => 0,
    };
    // Who has much memory left asks first what for.
    let ample = 4 * plan.free().0 >= whole_for_models(plan).0;
    let room = match told {
        told if told < Told::Brief => named,
        told if ample && told < Told::Scant => 1,
        _ => 0,
    };
    let choices = choices::short(plan, tie, seconds, (named, room)).into_iter();
    all.extend(choices.filter(|(label, _)| smaller || *label != choices::SMALLER));
    all.extend(downloads(plan).map(|words| ("Downloads", words)));
    all.push(("Rests on", rests_on(plan, told)));
    let shared = of_kind(plan, AdviceKind::OneForSeveral).filter(|_| told < Told::Alone);
    all.extend(shared.map(|words| ("Shared", words.to_owned())));
    all.extend(left_out(plan).map(|words| ("Left out", words)));
    let new = of_kind(plan, AdviceKind::NewModel);
    all.extend(new.map(|words| ("New", words.to_owned())));
    let minded = mind::first(plan).or_else(|| mind::outgrows(plan));
    all.extend(minded.map(|words| ("Mind", words)));
    all
}

/// The longest wait for the first token of a session, where that is long: `agent: first token of a
/// session after 48 s, 16,000 tokens read`.
fn start(plan: &Plan) -> Option<String> {
    let speeds = plan.loadout.iter().filter_map(|e| e.speed.as_ref());
    let turns = speeds.flat_map(|s| &s.turns);
    let cold = |t: &&Turn| t.first_token_cold_seconds.value;
    let longest = turns.max_by(|a, b| cold(a).total_cmp(&cold(b)))?;
    (cold(&longest) >= LONG_START).then(|| {
        format!(
            "{}: first token of a session after {}, {} tokens read",
            longest.task,
            turn::seconds(cold(&longest)),
            thousands(u64::from(longest.first_prompt_tokens))
        )
    })
}

/// `Keep Qwen3.8 27B 4bit on mlx for code: about 23 s (18 to 30) a turn at 16,000 tokens, 20.1 of
/// the 51.8 GiB for models.`, and what is as good.
fn sentence(plan: &Plan, tie: Option<&Tie>, told: Told) -> String {
    let memory = memory(plan);
    let [only] = plan.loadout.as_slice() else {
        let named = |e: &Entry| match e.idle {
            None => format!("{} for {}", e.title(), asked(e)),
            Some(_) => format!("{}, which idles,", e.title()),
        };
        let all: Vec<String> = plan.loadout.iter().map(named).collect();
        return format!("Keep {} loaded: {memory}.", join(&all));
    };
    let time = grounds::longest(only).map_or(String::new(), |t| {
        let of = match only.tasks.len() {
            1 => String::new(),
            _ => format!(" of {}", t.task),
        };
        let range = turn::range(&t.seconds_per_turn);
        let place = place(t);
        format!(
            "about {range} a turn{of} at {}, ",
            place.trim_end_matches(',')
        )
    });
    let tie = tie.filter(|_| told < Told::Bare);
    let tie = tie.and_then(|tie| choices::in_answer(plan, tie));
    format!(
        "Keep {} on {} for {}: {time}{memory}.{}",
        only.title(),
        only.engine,
        asked(only),
        tie.map_or_else(String::new, |tie| format!(" {tie}"))
    )
}

/// `194.3 of the 422.4 GiB for models`, of the limit that the table and the bar tell of too.
fn memory(plan: &Plan) -> String {
    let taken = limited(plan.binding, &plan.totals);
    let whole = whole_for_models(plan);
    format!(
        "{:.1} of the {:.1} GiB for models",
        taken.gib(),
        whole.gib()
    )
}

/// What all models together may take of the tighter limit.
fn whole_for_models(plan: &Plan) -> Bytes {
    limited(plan.binding, &plan.totals) + plan.free()
}

/// What is held against the tighter limit.
const fn limited(binding: Binding, memory: &Memory) -> Bytes {
    match binding {
        Binding::GpuWorkingSet => memory.gpu_total_bytes,
        _ => memory.total_bytes,
    }
}

/// The tasks that a model serves, each with what it has to be asked for: `code with thinking off`.
fn asked(e: &Entry) -> String {
    let with = |effort: Setting| {
        let words = effort.words();
        words.map_or_else(String::new, |words| format!(" with {words}"))
    };
    let first = e
        .tasks
        .first()
        .map(|task| e.effort(task))
        .unwrap_or_default();
    if e.tasks.iter().all(|task| e.effort(task) == first) {
        return format!("{}{}", join(&e.tasks), with(first));
    }
    let each = e
        .tasks
        .iter()
        .map(|task| format!("{task}{}", with(e.effort(task))));
    join(&each.collect::<Vec<_>>())
}

/// `16,000 tokens`, or `48,000 tokens, 3 at once,`.
pub(super) fn place(t: &Turn) -> String {
    let depth = tokens(t.depth_tokens);
    match t.streams {
        1 => format!("{depth} tokens"),
        n => format!("{depth} tokens, {n} at once,"),
    }
}

/// Where the turns of several tasks or models are; nothing where the sentence says it.
fn depths(plan: &Plan) -> Option<String> {
    let speeds = plan.loadout.iter().filter_map(|e| e.speed.as_ref());
    let turns = speeds.flat_map(|s| &s.turns).count();
    let several = plan.loadout.len() > 1 || turns > 1;
    let words = depths_of(&plan.loadout).join("; ");
    (several && !words.is_empty()).then_some(words)
}

/// Where the turns of entries are, each said once: a model that idles has the turns of the others.
pub(super) fn depths_of(loadout: &[Entry]) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    let speeds = loadout.iter().filter_map(|e| e.speed.as_ref());
    for turn in speeds.flat_map(|s| &s.turns) {
        let words = format!("{} at {}", turn.task, place(turn).trim_end_matches(','));
        if !all.contains(&words) {
            all.push(words);
        }
    }
    all
}

/// In the order of a row's cells.
const COLUMNS: [Column<'static>; 9] = [
    Column::words("Model", 0),
    Column::words("For", 1),
    Column::words("Engine", 4),
    Column::figures("Context", 0),
    Column::figures("A turn", 0).folding(),
    Column::figures("First token", 5),
    Column::figures("Tokens/s", 3),
    Column::figures("Quality", 2).folding(),
    Column::figures("Memory", 0),
];

/// The loadout in as many columns as there is room for.
fn loadout(plan: &Plan, screen: &Screen) -> Grid {
    let several = plan.request.tasks.len() > 1;
    let columns = COLUMNS.map(|c| c.when(several || c.title != "For"));
    let rows: Vec<[String; 9]> = plan.loadout.iter().map(|e| row(e, plan.binding)).collect();
    screen.narrowed(&columns, &rows)
}

fn row(e: &Entry, binding: Binding) -> [String; 9] {
    [
        e.title(),
        serves(e),
        e.engine.to_string(),
        tokens(e.settings.context),
        each(e, |t| turn::seconds(t.seconds_per_turn.value)),
        each(e, turn::first_token),
        each(e, turn::pace),
        quality(e),
        format!("{:.1} GiB", limited(binding, &e.memory).gib()),
    ]
}

/// A figure of each task's turn, with the task's name where there are several.
pub(super) fn each(e: &Entry, of: fn(&Turn) -> String) -> String {
    let turns = e.speed.as_ref().map_or(&[][..], |s| &s.turns);
    if turns.is_empty() && e.speed.is_none() {
        return "not known".to_owned();
    }
    by_task(turns.iter().map(|t| (&t.task, of(t))))
}

/// Points out of 100 for each task, less its caution: what the differences on this screen are from.
fn quality(e: &Entry) -> String {
    let points = e.quality.iter();
    by_task(points.map(|q| (&q.task, format!("{:.0}", q.deciding()))))
}

/// One figure alone, several each with its task and on one line.
fn by_task<'t>(figures: impl ExactSizeIterator<Item = (&'t String, String)>) -> String {
    let several = figures.len() > 1;
    let named = figures.map(|(task, figure)| match several {
        true => format!("{task} {figure}"),
        false => figure,
    });
    let whole = named.map(|words| words.replace(' ', &TOGETHER.to_string()));
    let all = whole.collect::<Vec<_>>().join(", ");
    if all.is_empty() { "-".to_owned() } else { all }
}

/// What of the plan is not on the disk, where that is limited.
fn downloads(plan: &Plan) -> Option<String> {
    let of = plan.downloads?;
    let here = plan.request.disk.as_ref().map_or(0, |disk| disk.here.len());
    let models = match here {
        0 => "nothing the catalog knows is".to_owned(),
        1 => "1 file of the catalog is".to_owned(),
        n => format!("{n} files of the catalog are"),
    };
    let most = of.most_bytes.decimal();
    let needed = match of.bytes {
        Bytes::ZERO => "nothing".to_owned(),
        bytes => bytes.decimal(),
    };
    Some(format!(
        "{needed} of the {most} that `--disk` allows; {models} on the disk already"
    ))
}

/// What is measured, what is predicted, and what is proven.
fn rests_on(plan: &Plan, told: Told) -> String {
    if told >= Told::Short && plan.optimality.status == OptimalityStatus::Optimal {
        return grounds::brief(&plan.loadout);
    }
    let speed = grounds::speeds(&plan.loadout, plan.machine.kind.is_none());
    let o = &plan.optimality;
    let all = thousands(o.candidates as u64);
    let proof = match o.status {
        OptimalityStatus::Optimal => {
            format!("proven best of {all} candidates")
        }
        _ => format!(
            "at most {:.1} points of 100 below the best of {all} candidates, as far as the time limit let it search",
            o.gap * 100.0
        ),
    };
    format!(
        "{speed}; quality from {}; {proof}",
        grounds::scores(&plan.loadout)
    )
}

/// Models that the effort asked for leaves out.
fn left_out(plan: &Plan) -> Option<String> {
    let effort = plan.request.effort?;
    let lacking = plan.rejected.iter();
    let lacking = lacking.filter(|r| matches!(r.why, Refusal::NoSuchEffort { .. }));
    let models: BTreeSet<&str> = lacking
        .filter_map(|r| r.variant.split('/').next())
        .collect();
    let what = match models.len() {
        0 => return None,
        1 => "1 model that thinks but has".to_owned(),
        n => format!("{n} models that think but have"),
    };
    Some(format!("{what} no effort `{}` (`--details`)", effort.id()))
}

/// The first advice of a kind.
fn of_kind(plan: &Plan, kind: AdviceKind) -> Option<&str> {
    let mut all = plan.advice.iter().filter(|a| a.kind == kind);
    all.next().map(|a| a.text.as_str())
}
