//! Machines as text.

use super::screen::Screen;
use crate::machine::Machine;

/// A table of machines: memory, GPU working set, bandwidth.
#[must_use]
pub fn list(machines: &[Machine], screen: &Screen) -> String {
    let mut table = screen.table(&["Id", "Machine", "Memory", "GPU working set", "Bandwidth"]);
    for m in machines {
        let set = m.gpu_working_set.as_ref();
        table.add_row([
            m.id.clone(),
            m.name.clone(),
            m.memory.to_string(),
            set.map_or_else(|| "none known".to_owned(), |s| format!("{} {}", s.bytes, s.basis)),
            m.bandwidth().map_or_else(|| "not known".to_owned(), |b| format!("{:.0} GB/s", b / 1e9)),
        ]);
    }
    format!("{table}\n")
}
