//! Machines beside each other: what each gives, and which to take.

use super::screen::{Paint, Screen};
use super::table::Column;
use super::turn;
use super::words::{join, points};
use super::wrap::TOGETHER;
use crate::advise::unfinished::Unfinished;
use crate::advise::whatif::{Loadout, MachineRow, StepRule, WhatIf};
use crate::plan::document::{Member, TurnTime};
use crate::units::thousands;

/// Lines of the whole answer, where not all machines are asked for.
const LINES: usize = 23;
/// The same on a screen of fewer than 80 columns.
const NARROW_LINES: usize = 34;

/// Where no machine gives an answer.
const NONE: &str = "No Mac that planner knows can do this. The same question of one machine, without `--machines` and with `--machine m3-ultra-512gb`, says what stands in the way.";

/// A row of the table: machines that differ in their case only, and what they give.
struct Row<'a> {
    machines: Vec<&'a MachineRow>,
    /// It stands in the table however short that is.
    stays: bool,
}

/// The whole answer; `all` leaves out no machine, and `ask` is the command that asks one of them.
#[must_use]
pub fn text(answer: &WhatIf, screen: &Screen, all: bool, ask: &dyn Fn(&str) -> String) -> String {
    let answered = |r: &MachineRow| r.answer.objective.is_some();
    if answer.current.members.is_empty() && !answer.machines.iter().any(answered) {
        return screen.fold("", "", NONE);
    }
    let mut rows = rows(answer, all);
    let most = if screen.width < 80 {
        NARROW_LINES
    } else {
        LINES
    };
    loop {
        let text = laid_out(answer, &rows, screen, ask);
        let spare = rows.iter().rposition(|r| !r.stays);
        match spare {
            Some(last) if !all && text.lines().count() > most => rows.remove(last),
            _ => return text,
        };
    }
}

fn laid_out(
    answer: &WhatIf,
    rows: &[Row<'_>],
    screen: &Screen,
    ask: &dyn Fn(&str) -> String,
) -> String {
    let paragraph = |text: &str| screen.fold("", "", text);
    let mut out = paragraph(&screen.paint(Paint::Strong, &now(answer)));
    let table = table(answer, rows, screen);
    let with_points = table.contains(POINTS);
    out.push_str(&table);
    out.push_str(&paragraph(&legend(answer, with_points)));
    out.extend(left_out(answer, rows).map(|words| paragraph(&words)));
    out.push('\n');
    for (label, words) in conclusions(answer) {
        out.push_str(&screen.labelled(label, &words));
    }
    out.extend(target(answer).map(|id| screen.commands(&[ask(id)])));
    out
}

/// The machines that have no row: those that another beats, and those that there were no lines for.
fn left_out(answer: &WhatIf, rows: &[Row<'_>]) -> Option<String> {
    let shown = |r: &&MachineRow| {
        rows.iter()
            .any(|row| row.machines.iter().any(|m| m.id == r.id))
    };
    let left = || answer.machines.iter().filter(|r| !shown(r));
    let useful = left().filter(|r| r.is_useful()).count();
    let beaten = match left().count() - useful {
        0 => None,
        n => Some(format!("{n} that one with no more memory equals")),
    };
    let between = match useful {
        0 => None,
        n => Some(format!("{n} of lower rank")),
    };
    let parts: Vec<String> = [between, beaten].into_iter().flatten().collect();
    (!parts.is_empty()).then(|| format!("Not shown (`--format json`): {}.", join(&parts)))
}

/// The answer that the machines are held against.
fn now(answer: &WhatIf) -> String {
    let tasks = join(&tasks(&answer.current));
    let given = format!("{}{}", models(&answer.current), time(&answer.current));
    match held_against(answer) {
        Some(best) if !answer.owned => {
            format!("The best Mac for {tasks} is the {}: {given}.", best.name)
        }
        Some(row) => format!("{} gives for {tasks}: {given}.", row.name),
        None => format!("The plan's machine gives for {tasks}: {given}."),
    }
}

fn held_against(answer: &WhatIf) -> Option<&MachineRow> {
    row_of(answer, answer.held_against.as_deref()?)
}

fn row_of<'a>(answer: &'a WhatIf, id: &str) -> Option<&'a MachineRow> {
    answer.machines.iter().find(|r| r.id == id)
}

/// What is worth a row: what nothing beats, what is named in the conclusion, what has a price.
fn rows(answer: &WhatIf, all: bool) -> Vec<Row<'_>> {
    let named = |r: &MachineRow| {
        let id = Some(&r.id);
        let step = answer.step_up.as_ref().map(|s| &s.id);
        let best = answer.machines.first().map(|r| &r.id);
        [
            answer.held_against.as_ref(),
            answer.smallest_machine.as_ref(),
            step,
            best,
        ]
        .contains(&id)
    };
    let stays = |r: &MachineRow| all || named(r) || r.price.is_some();
    let mut rows: Vec<Row<'_>> = Vec::new();
    for machine in &answer.machines {
        let same = rows.iter_mut().find(|row| alike(row.machines[0], machine));
        match same {
            Some(row) => row.machines.push(machine),
            None => rows.push(Row {
                machines: vec![machine],
                stays: false,
            }),
        }
    }
    for row in &mut rows {
        row.stays = row.machines.iter().any(|r| stays(r));
    }
    rows.retain(|row| row.stays || row.machines.iter().any(|r| r.is_useful()));
    rows
}

/// Whether two machines differ in their case alone.
fn alike(a: &MachineRow, b: &MachineRow) -> bool {
    inside(a).1 == inside(b).1 && a.answer == b.answer && a.price == b.price
}

/// `Mac Studio` and `M3 Ultra, 512 GB` of a machine's name.
fn inside(row: &MachineRow) -> (&str, &str) {
    let chip = |word: &str| {
        let number = word.strip_prefix('M');
        number.is_some_and(|n| n.starts_with(|c: char| c.is_ascii_digit()))
    };
    let name = row.name.as_str();
    let mut at = 0;
    for word in name.split(' ') {
        if chip(word) && at > 0 {
            return (name[..at].trim_end(), &name[at..]);
        }
        at += word.len() + 1;
    }
    ("", name)
}

/// `MacBook Pro M5 Max, 64 GB`, or `Studio/Pro M5 Max, 64 GB` of several.
fn label(row: &Row<'_>) -> String {
    let [first, more @ ..] = row.machines.as_slice() else {
        return String::new();
    };
    let (_, chip) = inside(first);
    let chip = chip.replace(',', "");
    if more.is_empty() {
        return first.name.replace(',', "").replace("Mac Studio", "Studio");
    }
    let case = |r: &&MachineRow| inside(r).0.split(' ').next_back().unwrap_or("").to_owned();
    let cases: Vec<String> = row.machines.iter().map(case).collect();
    format!("{} {chip}", cases.join("/"))
}

/// Title of the column of qualities, which a narrow screen leaves out.
const POINTS: &str = "Points";
/// Columns from which it stands beside several models.
const WIDE: usize = 100;

fn table(answer: &WhatIf, rows: &[Row<'_>], screen: &Screen) -> String {
    let priced = answer.machines.iter().any(|r| r.price.is_some());
    // Names of several models take the room: a machine in a line is worth more than what it has left.
    let several = rows
        .iter()
        .any(|row| row.machines[0].answer.members.len() > 1);
    let columns = [
        Column::words("Mac", 0),
        Column::words("Keeps", 0),
        Column::words("Best there", 0).folding(),
        Column::words("File", 3),
        Column::figures("A turn", 0),
        Column::figures(POINTS, 1),
        Column::figures("To spare", 2).when(!several || screen.width >= WIDE),
        Column::figures("Price", 0).when(priced),
    ];
    let cells: Vec<Vec<String>> = rows.iter().map(|row| cells(answer, row, priced)).collect();
    screen.narrowed(&columns, &cells).to_string()
}

fn cells(answer: &WhatIf, row: &Row<'_>, priced: bool) -> Vec<String> {
    let machine = row.machines[0];
    let is = |id: &Option<String>| row.machines.iter().any(|r| Some(&r.id) == id.as_ref());
    let keeps = match (is(&answer.held_against), machine.keeps_the_answer) {
        (true, _) if answer.owned => "this",
        (true, _) => "best",
        (false, true) => "yes",
        (false, false) => "no",
    };
    let of = |m: &Member, part: usize| m.variant.split('/').nth(part).unwrap_or("").to_owned();
    let members = &machine.answer.members;
    let (told, more) = main_ones(&machine.answer);
    let each = |part: usize| told.iter().map(|m| of(m, part)).collect::<Vec<_>>();
    let named = each(0);
    // A machine is one line.
    let more = match more {
        0 => String::new(),
        n => format!("{TOGETHER}+{n}"),
    };
    let unknown = || "-".to_owned();
    let gib = |bytes: i64| format!("{:.0} GiB", bytes as f64 / (1u64 << 30) as f64);
    let mut cells = vec![
        label(row),
        keeps.to_owned(),
        if members.is_empty() {
            "nothing fits".to_owned()
        } else {
            format!("{}{more}", named.join(" + "))
        },
        each(1).join(" + "),
        longest(&machine.answer).map_or_else(unknown, |t| turn::seconds(t.seconds_per_turn.value)),
        machine
            .answer
            .quality
            .map_or_else(unknown, |q| format!("{q:.0}")),
        if members.is_empty() {
            unknown()
        } else {
            gib(machine.answer.headroom_bytes)
        },
    ];
    if priced {
        cells.push(machine.price.map_or_else(unknown, |p| format!("{p:.0}")));
    }
    cells
}

fn tasks(loadout: &Loadout) -> Vec<String> {
    let all = loadout.members.iter();
    all.flat_map(|m| m.tasks.clone()).collect()
}

fn models(loadout: &Loadout) -> String {
    let (told, more) = main_ones(loadout);
    let title = |m: &&Member| m.name.clone().unwrap_or_else(|| m.variant.clone());
    let mut all: Vec<String> = told.iter().map(title).collect();
    all.extend((more > 0).then(|| format!("{more} more")));
    join(&all)
}

/// The models that are told of a loadout, and how many are not: of more than two the one whose turns
/// take longest.
fn main_ones(loadout: &Loadout) -> (Vec<&Member>, usize) {
    let all: Vec<&Member> = loadout.members.iter().collect();
    if all.len() <= 2 {
        return (all, 0);
    }
    let longest = |m: &Member| {
        let seconds = m.turns.iter().map(|t| t.seconds_per_turn.value);
        seconds.fold(0.0, f64::max)
    };
    let main = all.iter().copied();
    let main = main.max_by(|a, b| longest(a).total_cmp(&longest(b)));
    (main.into_iter().collect(), all.len() - 1)
}

fn longest(loadout: &Loadout) -> Option<&TurnTime> {
    let turns = loadout.members.iter().flat_map(|m| &m.turns);
    turns.max_by(|a, b| {
        let seconds = |t: &TurnTime| t.seconds_per_turn.value;
        seconds(a).total_cmp(&seconds(b))
    })
}

/// `, 51 s a turn`; nothing where that is not known.
fn time(loadout: &Loadout) -> String {
    let several = tasks(loadout).len() > 1;
    longest(loadout).map_or(String::new(), |t| {
        let of = if several {
            format!(" of {}", t.task)
        } else {
            String::new()
        };
        format!(", about {} a turn{of}", turn::range(&t.seconds_per_turn))
    })
}

/// What the columns mean.
fn legend(answer: &WhatIf, with_points: bool) -> String {
    let turns: Vec<&TurnTime> = answer
        .current
        .members
        .iter()
        .flat_map(|m| &m.turns)
        .collect();
    let at = match turns.as_slice() {
        [one] => one.pace.map_or(String::new(), |pace| {
            let depth = thousands(u64::from(pace.depth_tokens));
            let streams = match pace.streams {
                1 => String::new(),
                n => format!(", {n} conversations at once"),
            };
            format!("at {depth} tokens{streams}")
        }),
        _ => "the longest, at its task's depth".to_owned(),
    };
    let points = match with_points {
        true => " Points: quality of 100, less a margin for doubt.",
        false => "",
    };
    format!("Keeps: holds the same, fast enough. A turn: {at}.{points}")
}

/// The machine that is asked about next; none where that would be the one that is there.
fn target(answer: &WhatIf) -> Option<&str> {
    let step = answer.step_up.as_ref().map(|s| s.id.as_str());
    let target = step.or(answer.smallest_machine.as_deref());
    let own = answer.held_against.as_deref().filter(|_| answer.owned);
    target.filter(|id| own != Some(*id))
}

fn conclusions(answer: &WhatIf) -> Vec<(&'static str, String)> {
    let mut all = vec![("Smallest", smallest(answer))];
    let label = if answer.owned { "Step up" } else { "For less" };
    let between = between(answer).filter(|_| !answer.owned);
    all.extend(between.map(|words| ("Between", words)));
    all.extend(step_up(answer).map(|words| (label, words)));
    let priced = answer.machines.iter().any(|r| r.price.is_some());
    let prices = target(answer)
        .filter(|_| !priced)
        .map(|id| format!("`--price {id}=PRICE` and so on: the step by gain per price"));
    all.extend(prices.map(|words| ("Prices", words)));
    all
}

fn smallest(answer: &WhatIf) -> String {
    let tried = of_tried(answer).unwrap_or_default();
    let Some(id) = answer.smallest_machine.as_deref() else {
        return format!("no Mac{} keeps this answer", scope(answer));
    };
    if Some(id) == answer.held_against.as_deref() {
        return format!("no smaller Mac{tried} keeps this answer");
    }
    let name = row_of(answer, id).map_or(id, |r| &r.name);
    format!("{name} ({id}) is the smallest Mac{tried} that keeps this answer")
}

/// Of which Macs a conclusion speaks.
fn scope(answer: &WhatIf) -> String {
    of_tried(answer).unwrap_or_else(|| " known to planner".to_owned())
}

/// That it speaks of those tried alone, where the time limit left others.
fn of_tried(answer: &WhatIf) -> Option<String> {
    let machine = |part: &&Unfinished| matches!(part, Unfinished::Machine { .. });
    let left = answer.unfinished.iter().filter(machine).count();
    (left > 0).then(|| format!(" of those tried (the time limit left {left} others)"))
}

/// The step up and what it gains, or what is given for less.
fn step_up(answer: &WhatIf) -> Option<String> {
    let Some(step) = &answer.step_up else {
        return answer
            .owned
            .then(|| format!("no Mac{} gives a better answer", scope(answer)));
    };
    if answer.held_against.as_ref() == Some(&step.id) {
        return None;
    }
    let row = row_of(answer, &step.id)?;
    let share = 100.0 * step.gain / step.greatest_gain;
    let part = match answer.owned {
        true => format!("{share:.0} % of the greatest gain"),
        false => {
            let both = row.answer.objective.zip(answer.current.objective);
            both.map_or_else(String::new, |(own, best)| {
                format!("{:.0} % of the best one's score", 100.0 * own / best)
            })
        }
    };
    let rule = match step.rule {
        StepRule::GainPerPrice => format!("{part}, the most for its price of those given"),
        StepRule::LeastMemory if share > 99.5 && of_tried(answer).is_some() => {
            "none of those tried gains more".to_owned()
        }
        StepRule::LeastMemory if share > 99.5 => "no Mac gains more".to_owned(),
        StepRule::LeastMemory => part,
    };
    Some(format!("{}; {rule}", beside(answer, row)))
}

/// The best Mac with less memory than the smallest that keeps the answer and more than the one that is
/// named for less.
fn between(answer: &WhatIf) -> Option<String> {
    let memory = |id: &Option<String>| Some(row_of(answer, id.as_deref()?)?.memory_bytes);
    let most = memory(&answer.smallest_machine)?;
    let least = memory(&answer.step_up.as_ref().map(|s| s.id.clone()))?;
    let rows = answer.machines.iter().filter(|r| r.is_useful());
    let rows = rows.filter(|r| r.memory_bytes > least && r.memory_bytes < most);
    let score = |r: &&MachineRow| r.answer.objective.unwrap_or(0.0);
    let best = rows.max_by(|a, b| score(a).total_cmp(&score(b)))?;
    Some(beside(answer, best))
}

/// A machine by what it keeps, and what that costs beside the answer.
fn beside(answer: &WhatIf, row: &MachineRow) -> String {
    let (now, then) = (&answer.current, &row.answer);
    let quality = now.quality.zip(then.quality);
    let quality = quality.map_or(String::new(), |(now, then)| {
        format!(", {}", points(then - now))
    });
    let seconds = |l: &Loadout| longest(l).map(|t| turn::seconds(t.seconds_per_turn.value));
    let turns = seconds(now).zip(seconds(then));
    let turns = turns.filter(|(now, then)| now != then);
    let turns = turns.map_or(String::new(), |(now, then)| {
        format!(", turns {then} instead of {now}")
    });
    format!(
        "{} ({}): {}{quality}{turns}",
        row.name,
        row.id,
        models(then)
    )
}
