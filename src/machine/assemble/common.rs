//! What every system answers in the same way, and what is made of it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::machine::engines::engines_among;
use crate::machine::reading::{CountedAs, Disk, MemoryUse, NotRead, ProcessMemory, Reading};
use crate::units::Bytes;

/// How many processes a reading names.
pub const LARGEST_PROCESSES: usize = 8;

/// An answer, or why there is none.
pub type Answer<T> = Result<T, NotRead>;

/// Answers that every system gives in the same way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CommonAnswers {
    /// All processes whose memory could be read.
    pub processes: Answer<Vec<ProcessMemory>>,
    /// The volume that holds the models folder.
    pub disk: Answer<Disk>,
}

/// Disk and processes; gives back all processes.
pub(super) fn common(reading: &mut Reading, answers: CommonAnswers) -> Option<Vec<ProcessMemory>> {
    reading.disk = reading.take("disk", answers.disk);
    let mut processes = reading.take("largest_processes", answers.processes)?;
    processes.sort_by(|a, b| {
        (b.resident_bytes, &a.name, a.pid).cmp(&(a.resident_bytes, &b.name, b.pid))
    });
    reading.largest_processes = Some(processes.iter().take(LARGEST_PROCESSES).cloned().collect());
    Some(processes)
}

pub(super) fn memory_use(
    reading: &mut Reading,
    in_use_bytes: Bytes,
    counted_as: CountedAs,
    processes: Option<Vec<ProcessMemory>>,
) {
    let engines = processes.as_deref().map(engines_among);
    let others = match &engines {
        None => Err(NotRead::NotHere(
            "without the processes, engines cannot be told from others".to_owned(),
        )),
        Some(engines) => {
            let own: Bytes = engines.iter().map(|engine| engine.resident_bytes).sum();
            // More resident than in use: idle pages of a loaded model. Then nothing can be said.
            in_use_bytes.0.checked_sub(own.0).map(Bytes).ok_or_else(|| {
                NotRead::Contradiction(format!(
                    "model engines hold {} bytes resident, more than the {} bytes counted as in use",
                    own.0, in_use_bytes.0
                ))
            })
        }
    };
    let in_use_by_others_bytes = reading.take("memory.in_use_by_others_bytes", others);
    reading.memory = Some(MemoryUse {
        in_use_bytes,
        counted_as,
        engines: engines.unwrap_or_default(),
        in_use_by_others_bytes,
        pages: None,
    });
}
