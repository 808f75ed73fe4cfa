//! A plan as text: the loadout, the budget, the reasons, the proof, the advice.

use std::collections::BTreeMap;

use super::advice::advice;
use super::answers;
use super::apart;
use super::budget;
use super::choices;
use super::effort;
use super::next;
use super::screen::{Paint, Screen};
use super::turn;
use crate::plan::document::{
    Alternative, Contexts, Entry, Idle, MachineSummary, Optimality, OptimalityStatus, Plan,
    Rejected, RejectionKind, Scope, SpeedFigure, SpeedSummary,
};
use crate::task::Utility;
use crate::units::{thousands, tokens};

/// Rejected variants of one kind that are named before they are only counted.
const NAMED_REJECTIONS: usize = 3;

/// The whole plan. With `explain`, the parts of every score too.
#[must_use]
pub fn text(plan: &Plan, screen: &Screen, explain: bool) -> String {
    let mut out = head(plan, screen);
    if plan.loadout.is_empty() {
        out.push_str(&screen.heading("No plan"));
        if let Some(infeasible) = &plan.infeasible {
            out.push_str(&answers::infeasible(infeasible, screen));
        }
    } else {
        out.push_str(&screen.heading("Keep loaded"));
        out.push_str(&loadout(plan, screen));
        let apart = apart::words(plan);
        let apart = apart.map(|words| screen.fold("  in RAM: ", "    ", &words));
        out.push_str(&apart.unwrap_or_default());
        out.push_str(&screen.heading("Memory"));
        out.push_str(&budget::bars(
            screen,
            &plan.totals,
            &plan.limits,
            plan.binding,
        ));
        if explain {
            out.push_str(&sources(plan, screen));
        }
        out.push_str(&screen.heading("Why"));
        out.push_str(&reasons(plan, screen, explain));
    }
    let choices = choices::lines(plan, screen);
    if !choices.is_empty() {
        out.push_str(&screen.heading("Other choices"));
        out.push_str(&choices);
    }
    if let Some(concurrency) = &plan.concurrency {
        out.push_str(&screen.heading("All at once"));
        out.push_str(&answers::concurrency(concurrency, screen));
    }
    if !plan.alternatives.is_empty() {
        out.push_str(&screen.heading("Runners-up"));
        out.push_str(&runners_up(plan, screen));
    }
    if !plan.pareto.is_empty() {
        out.push_str(
            &screen.heading("Score against memory and speed: nothing beats these in all three"),
        );
        out.push_str(&answers::pareto(&plan.pareto, screen));
    }
    if !plan.rejected.is_empty() {
        out.push_str(&screen.heading("Not considered"));
        let how = match (explain, plan.loadout.is_empty()) {
            (true, _) => Naming::All,
            (false, true) => Naming::NearMisses,
            (false, false) => Naming::None,
        };
        out.push_str(&rejections(&plan.rejected, screen, how));
    }
    out.push_str(&screen.heading("Proof"));
    out.push_str(&proof(plan, screen));
    out.push_str(&advice(&plan.advice, screen));
    if !plan.loadout.is_empty() {
        out.push_str(&screen.heading("Next"));
        out.push_str(&next::steps(plan, screen));
    }
    out
}

fn head(plan: &Plan, screen: &Screen) -> String {
    let machine = &plan.machine;
    let speed = machine.bandwidth_bytes_per_second.map_or_else(
        || "memory bandwidth not known".to_owned(),
        |b| format!("{:.0} GB/s", b / 1e9),
    );
    let tasks: Vec<String> = plan
        .request
        .tasks
        .iter()
        .map(|t| {
            if plan.request.tasks.len() > 1 {
                format!("{} ({:.0} %)", t.id, t.share * 100.0)
            } else {
                t.id.clone()
            }
        })
        .collect();
    let campaign = plan
        .request
        .campaign
        .as_ref()
        .map_or(String::new(), |c| format!(", measurements of `{c}` only"));
    let first = format!(
        "{}: {} of memory, {speed}{}",
        screen.paint(Paint::Strong, &machine.name),
        machine.memory_bytes.both(),
        macos(machine),
    );
    let catalog = catalog_date(plan);
    let tasks = format!("For {}{campaign}{catalog}", tasks.join(", "));
    format!(
        "{}{}",
        screen.fold("", "  ", &first),
        screen.fold("", "  ", &tasks)
    )
}

/// The machine that a plan is for, and the catalog that it rests on.
pub(super) fn machine(plan: &Plan) -> String {
    let catalog = catalog_date(plan);
    format!("{}{}{catalog}", plan.machine.name, macos(&plan.machine))
}

/// The day of the catalog that a plan rests on.
pub(super) fn catalog_date(plan: &Plan) -> String {
    let date = plan.catalog_date.as_deref();
    date.map_or_else(String::new, |date| format!("; catalog {date}"))
}

/// The system that the limits are for: of macOS the version, and that it is the newest where nobody
/// said which.
pub(super) fn macos(machine: &MachineSummary) -> String {
    let other = machine.system.filter(|_| machine.kind.is_some());
    let other = other.map_or(String::new(), |system| format!(", {system}"));
    machine.macos.map_or(other, |version| {
        let why = if machine.macos_assumed {
            " (newest)"
        } else {
            ""
        };
        format!(", macOS {version}{why}")
    })
}

fn loadout(plan: &Plan, screen: &Screen) -> String {
    let memory = if plan.limits.gpu_working_set_bytes.is_some() {
        "GPU memory"
    } else {
        "Memory"
    };
    let header = [
        "Model",
        "For",
        "Quantization",
        "Engine",
        "Context",
        "Slots",
        "t/s, empty context",
        memory,
    ];
    let mut table = screen.table(&header).right(&[4, 5, 6, 7]);
    for e in &plan.loadout {
        table.add_row([
            e.name.clone(),
            serves(e),
            e.quantization.clone(),
            e.engine.to_string(),
            tokens(e.settings.context),
            e.settings.slots.to_string(),
            e.speed
                .as_ref()
                .map_or_else(|| "not known".to_owned(), speed),
            e.memory.gpu_total_bytes.both(),
        ]);
    }
    table.to_string()
}

pub(super) fn serves(e: &Entry) -> String {
    if e.tasks.is_empty() {
        "(idle, pinned)".to_owned()
    } else {
        e.tasks.join(", ")
    }
}

fn speed(s: &SpeedSummary) -> String {
    answers::speed(&SpeedFigure {
        decode_tokens_per_second: s.decode_tokens_per_second,
        basis: s.basis,
        low: s.low,
        high: s.high,
    })
}

/// Where the limit and the speeds come from.
fn sources(plan: &Plan, screen: &Screen) -> String {
    let mut out = String::new();
    if let Some(source) = &plan.limits.gpu_working_set_source {
        out.push_str(&screen.fold("  GPU limit: ", "    ", source));
    }
    out.push_str(&screen.fold("  System: ", "    ", &plan.limits.reserve_source));
    out
}

fn reasons(plan: &Plan, screen: &Screen, explain: bool) -> String {
    let mut out = String::new();
    for e in &plan.loadout {
        let name = e.title();
        let title = match e.idle {
            None => format!("{name} for {}: score {:.3}", serves(e), e.score.total),
            Some(Idle::BelowFloors) => {
                format!("{name}: pinned, and idle: it is below a floor of every task")
            }
            Some(Idle::OthersServe) => {
                format!("{name}: pinned, and idle: beside the other pins no task is left for it")
            }
        };
        out.push_str(&format!("  {}\n", screen.paint(Paint::Strong, &title)));
        if let Some(s) = &e.speed {
            out.push_str(&screen.fold("    speed: ", "      ", &speed_source(s)));
            for t in &s.turns {
                out.push_str(&screen.fold("    ", "      ", &turn::words(t, e.tasks.len() > 1)));
            }
        }
        for each in e.efforts.iter().filter(|t| !t.others.is_empty()) {
            out.push_str(&screen.fold("    effort: ", "      ", &effort::all(each)));
        }
        let mut parts: Vec<_> = e.score.parts.iter().collect();
        if !explain {
            // The few parts that carry the score; `--explain` prints all.
            parts.sort_by(|a, b| (b.contribution * b.share).total_cmp(&(a.contribution * a.share)));
            parts.truncate(4);
        }
        for p in parts {
            let task = if e.tasks.len() > 1 {
                format!("{}: ", p.task)
            } else {
                String::new()
            };
            let line = format!(
                "{task}{} {:.3} = {:.2} x {:.2}: {}",
                p.utility.id(),
                p.contribution,
                p.weight,
                p.value,
                figure(p.figure, p.utility, &p.note)
            );
            out.push_str(&screen.fold("    ", "      ", &line));
        }
    }
    if !explain {
        let more = "--explain prints every part of the scores, and where the limits come from";
        out.push_str(&screen.fold("  ", "  ", &screen.paint(Paint::Faint, more)));
    }
    out
}

fn figure(figure: Option<f64>, utility: Utility, note: &str) -> String {
    match (figure, utility) {
        (None, _) => note.to_owned(),
        (Some(x), Utility::Context) => format!("{x:.0} {note}"),
        (Some(x), Utility::Speed | Utility::Quality | Utility::Memory) => format!("{x:.1} {note}"),
        (Some(x), _) => format!("{x:.2} {note}"),
    }
}

fn speed_source(s: &SpeedSummary) -> String {
    let wall = s.wall_clock_tokens_per_second.map_or(String::new(), |w| {
        format!("; {w:.2} t/s over whole requests, prompt included")
    });
    let depth = s.depth_tokens.map_or_else(
        || "an empty context".to_owned(),
        |d| format!("a depth of {}", thousands(u64::from(d))),
    );
    format!(
        "{} {:.1} t/s at {depth}, one conversation{wall} [{}]",
        s.basis, s.decode_tokens_per_second, s.source
    )
}

fn runners_up(plan: &Plan, screen: &Screen) -> String {
    let mut out = String::new();
    for (n, a) in plan.alternatives.iter().enumerate() {
        let first = format!("  {}. ", n + 1);
        out.push_str(&screen.fold(&first, "     ", &runner_up(a, plan.optimality.objective)));
    }
    out
}

fn runner_up(a: &Alternative, best: f64) -> String {
    let members: Vec<String> = a
        .members
        .iter()
        .map(|m| {
            let turns = turn::times(&m.turns);
            format!("{} (context {}{turns})", m.variant, tokens(m.context))
        })
        .collect();
    format!(
        "{} -> score {:.3} ({:+.3}), {}{}",
        members.join(" + "),
        a.objective,
        a.objective - best,
        a.gpu_total_bytes.both(),
        if a.proven {
            ""
        } else {
            "; the time limit came before better ones were ruled out"
        }
    )
}

/// Which rejected variants are named beside being counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Naming {
    All,
    /// Those that memory is nearly enough for.
    NearMisses,
    None,
}

fn rejections(rejected: &[Rejected], screen: &Screen, how: Naming) -> String {
    let by_kind = by_kind(rejected);
    let mut out = String::new();
    for (kind, group) in by_kind {
        let named = match (how, kind) {
            (Naming::All, _) => group.len(),
            (Naming::NearMisses, RejectionKind::Memory) => NAMED_REJECTIONS,
            _ => 0,
        };
        for r in group.iter().take(named) {
            out.push_str(&screen.fold("    ", "      ", &format!("{}: {}", r.variant, r.reason)));
        }
    }
    let hint = if how == Naming::All {
        ""
    } else {
        " (--explain names them)"
    };
    let counts = format!("variants: {}{hint}", refused(rejected));
    format!("{}{out}", screen.fold("  ", "    ", &counts))
}

fn by_kind(rejected: &[Rejected]) -> BTreeMap<RejectionKind, Vec<&Rejected>> {
    let mut kinds: BTreeMap<RejectionKind, Vec<&Rejected>> = BTreeMap::new();
    for r in rejected {
        kinds.entry(r.kind).or_default().push(r);
    }
    kinds
}

/// How many variants were refused for which kind of reason.
pub(super) fn refused(rejected: &[Rejected]) -> String {
    let counts = by_kind(rejected).into_iter().map(|(kind, group)| {
        let title = match kind {
            RejectionKind::Memory => "too large for this machine",
            RejectionKind::Floor => "below a floor",
            RejectionKind::Request => "left out by the request",
            RejectionKind::Engine => "not for this machine's engines",
            RejectionKind::Unknown => "of unknown memory",
        };
        format!("{} {title}", group.len())
    });
    counts.collect::<Vec<_>>().join(", ")
}

fn proof(plan: &Plan, screen: &Screen) -> String {
    let o = &plan.optimality;
    let work = format!(
        "{} over {} candidates ({} after dropping dominated ones), {:.0} ms",
        o.method,
        thousands(o.candidates as u64),
        thousands(o.after_presolve as u64),
        o.seconds * 1e3
    );
    let over = scope(&o.scope);
    let claim = match o.status {
        OptimalityStatus::Optimal => format!(
            "optimal: no loadout of at most {} models{} scores above {:.4}, {over}{}",
            plan.request.max_models,
            // A campaign is planned as its study ran.
            match plan.request.campaign {
                Some(_) => "",
                None => ", one file of each,",
            },
            o.objective,
            without_guard(o),
        ),
        OptimalityStatus::BestFound => format!(
            "best found, gap <= {:.5}: the time limit came first, and no loadout scores above {:.4}, {over}",
            o.gap, o.bound
        ),
        OptimalityStatus::Infeasible if plan.infeasible.is_none() => {
            "infeasible: nothing meets every requirement; the time limit came before the reason was found".to_owned()
        }
        OptimalityStatus::NothingFound => "nothing found before the time limit".to_owned(),
        OptimalityStatus::Infeasible => format!("infeasible: nothing meets every requirement, {over}"),
    };
    let claim = screen.fold("  ", "    ", &claim);
    format!("{claim}{}", screen.fold("  ", "    ", &work))
}

/// Over which contexts and under which rule a proof holds.
fn scope(scope: &Scope) -> String {
    let contexts = match scope.contexts {
        Contexts::Given { context } => format!("at a context of {}", tokens(context)),
        Contexts::Doublings { from } => {
            format!("over contexts of {} and its doublings", tokens(from))
        }
        Contexts::Steps { from, step } => format!(
            "over all contexts from {} in steps of {}",
            tokens(from),
            tokens(step)
        ),
    };
    let guard = scope.guard_bytes.map_or_else(String::new, |guard| {
        let guard = guard.both();
        format!(", with at most {guard} of memory in use, passing peaks aside (`--fill` lifts that rule)")
    });
    format!("{contexts}{guard}")
}

/// What the guard costs.
fn without_guard(o: &Optimality) -> String {
    match o.scope.objective_without_guard {
        Some(best) if best > o.objective => {
            format!("; without that rule the best would score {best:.4}")
        }
        _ => String::new(),
    }
}
