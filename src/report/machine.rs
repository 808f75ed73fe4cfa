//! Machines as text: the list, and what was read of the real one.

use super::screen::{Paint, Screen};
use crate::machine::gpu::Gpu;
use crate::machine::profile::MachineProfile;
use crate::machine::reading::{MemoryUse, Os, Reading};
use crate::machine::{Kind, Machine};
use crate::memory::limits::Limits;
use crate::units::Bytes;

/// Largest processes to name.
const NAMED_PROCESSES: usize = 5;

/// A table of machines: memory, GPU working set, bandwidth.
#[must_use]
pub fn list(machines: &[Machine], screen: &Screen) -> String {
    let header = ["Id", "Machine", "Memory", "GPU memory", "Bandwidth"];
    let mut table = screen.table(&header).right(&[2, 4]);
    for m in machines {
        let set = m.gpu_working_set.as_ref();
        table.add_row([
            m.id.clone(),
            m.name.clone(),
            m.memory.to_string(),
            set.map_or_else(
                || "none known".to_owned(),
                |s| format!("{} {}", s.bytes, s.basis),
            ),
            bandwidth(m),
        ]);
    }
    let more = "`planner recommend --machine ID` plans for one of them, `planner recommend --machines` ranks them for a task.";
    format!("{table}\n{}", screen.fold("", "", more))
}

/// Columns before a figure.
const NAMES: usize = 17;

fn named(screen: &Screen, name: &str, text: &str) -> String {
    screen.fold(&format!("{name:<NAMES$}"), &" ".repeat(NAMES), text)
}

/// All that is known of one machine that can be planned for.
#[must_use]
pub fn one(machine: &Machine, profile: &MachineProfile, screen: &Screen) -> String {
    let limits = Limits::of(machine);
    let chip = machine.chip.as_ref().map_or_else(
        || "none that planner knows".to_owned(),
        |c| match profile.gpu_cores {
            Some(cores) => format!("{}, {cores} GPU cores", c.id),
            None => c.id.clone(),
        },
    );
    let fits = limits.budget();
    let mut lines = vec![
        ("Id", machine.id.clone()),
        ("Chip", chip),
        ("Memory", machine.memory.both()),
        (heading(machine), working_set(machine)),
    ];
    lines.extend(raised(machine, &limits).map(|how| ("Can be raised to", how)));
    let reserve = format!("{}: {}", limits.reserve_bytes.both(), limits.reserve_source);
    lines.extend([
        ("Kept for system", reserve),
        ("Bandwidth", bandwidth(machine)),
        ("For models", screen.paint(Paint::Strong, &fits.both())),
    ]);
    lines.extend(profile.sources.iter().map(|s| ("Source", s.clone())));
    lines.extend(profile.notes.iter().map(|n| ("Note", n.clone())));
    let title = format!("{}\n", screen.paint(Paint::Heading, &machine.name));
    lines
        .iter()
        .fold(title, |out, (name, text)| out + &named(screen, name, text))
}

/// How far the GPU's limit can be raised, and with what.
fn raised(machine: &Machine, limits: &Limits) -> Option<String> {
    let set = limits.raised_working_set()?;
    let with = machine.raise().map_or(String::new(), |raise| {
        // A Mac's owner finds the command where a plan would gain by it.
        match machine.is_mac() {
            true => format!(" with {}", raise.setting),
            false => format!(
                " with {}: `{}`; {}",
                raise.setting,
                raise.command(set),
                raise.lasts
            ),
        }
    });
    Some(format!("{}{with}", set.both()))
}

fn bandwidth(m: &Machine) -> String {
    m.bandwidth().map_or_else(
        || "not known".to_owned(),
        |b| format!("{:.0} GB/s", b / 1e9),
    )
}

/// What was read of this machine, what a plan would go by, and what was not read.
#[must_use]
pub fn probe(reading: &Reading, machine: Option<&Machine>, screen: &Screen) -> String {
    let mut out = String::new();
    let mut line = |name: &str, text: &str| out.push_str(&named(screen, name, text));
    let unread = || "not read".to_owned();
    let os = &reading.os;
    line("System", &system(os));
    line("Chip", &chip(reading, machine));
    let size = |b: Option<Bytes>| b.map_or_else(unread, Bytes::both);
    line("Memory", &size(reading.memory_physical_bytes));
    for one in &reading.gpus {
        line("GPU", &gpu(one, machine));
    }
    if let Some(m) = machine {
        let limits = Limits::of(m);
        line(heading(m), &working_set(m));
        // Of a Mac nobody asked here.
        if let Some(how) = raised(m, &limits).filter(|_| !m.is_mac()) {
            line("Can be raised to", &how);
        }
        line(
            "Kept for system",
            &format!("{}: {}", limits.reserve_bytes.both(), limits.reserve_source),
        );
        line("Bandwidth", &bandwidth(m));
        let fits = limits.budget();
        line("For models", &screen.paint(Paint::Strong, &fits.both()));
    }
    if let Some(memory) = &reading.memory {
        line("In use now", &in_use(memory));
    }
    if let Some(swap) = &reading.swap {
        line(
            "Swap",
            &format!(
                "{} of {} used",
                swap.used_bytes.both(),
                swap.total_bytes.both()
            ),
        );
    }
    if let Some(disk) = &reading.disk {
        line(
            "Disk",
            &format!(
                "{} free of {} for {}",
                disk.available_bytes.both(),
                disk.total_bytes.both(),
                disk.folder
            ),
        );
    }
    for p in reading
        .largest_processes
        .iter()
        .flatten()
        .take(NAMED_PROCESSES)
    {
        line(
            "Process",
            &format!("{} {} ({})", p.resident_bytes, p.name, p.pid),
        );
    }
    for note in &reading.notes {
        line("Note", note);
    }
    for missing in &reading.missing {
        line("Not read", &format!("{}: {}", missing.what, missing.reason));
    }
    out
}

fn system(os: &Os) -> String {
    let versions: Vec<&str> = [os.version.as_deref(), os.kernel.as_deref()]
        .into_iter()
        .flatten()
        .collect();
    let versions = versions.join(", kernel ");
    if os.name == "linux" {
        // The version of a Linux is that of its distribution, which is not known by name.
        format!("Linux, distribution version {versions}")
    } else {
        format!("{} {versions}", os.name)
    }
}

fn chip(reading: &Reading, machine: Option<&Machine>) -> String {
    let Some(brand) = &reading.chip else {
        return "not read".to_owned();
    };
    let cores = reading
        .gpu_cores
        .map_or(String::new(), |c| format!(", {c} GPU cores"));
    let unknown = reading.gpus.is_empty() && machine.is_some_and(|m| m.chip.is_none());
    let note = if unknown {
        ": not in the chip table, so its bandwidth is not known"
    } else {
        ""
    };
    format!("{brand}{cores}{note}")
}

/// A GPU with its memory, and whether anything can be planned on it.
fn gpu(gpu: &Gpu, machine: Option<&Machine>) -> String {
    let sizes = [
        (gpu.memory_bytes, "of its own"),
        (gpu.memory_used_bytes, "of that in use"),
        (gpu.shared_bytes, "of the system's"),
        (gpu.shared_used_bytes, "of that in use"),
    ];
    let sizes = sizes.into_iter();
    let told = sizes.filter_map(|(bytes, what)| Some(format!(", {} {what}", bytes?)));
    let note = match machine {
        Some(m) if m.kind == Kind::Other => "; planner does not know it, and plans nothing on it",
        Some(m) if m.chip.is_none() => "; not in the chip table, so its bandwidth is not known",
        _ => "",
    };
    format!("{}{}{note}", gpu.called(), told.collect::<String>())
}

/// What the GPU's memory is called there.
const fn heading(m: &Machine) -> &'static str {
    m.gpu_memory.name()
}

fn working_set(m: &Machine) -> String {
    m.gpu_working_set.as_ref().map_or_else(
        || "none: this machine has no GPU limit that we know".to_owned(),
        |s| format!("{} {}: {}", s.bytes.both(), s.basis, s.source),
    )
}

fn in_use(memory: &MemoryUse) -> String {
    let engines: Vec<String> = memory
        .engines
        .iter()
        .map(|e| format!("{} {}", e.engine, e.resident_bytes))
        .collect();
    let who = if engines.is_empty() {
        String::new()
    } else {
        format!(", of it {}", engines.join(", "))
    };
    format!("{}{who}", memory.in_use_bytes.both())
}
