//! Experts that lie in ordinary memory beside a card, in a line.

use crate::plan::document::Plan;

/// What lies in ordinary memory beside the card: `the experts of 24 of 36 layers of gpt-oss 120B
/// (--n-cpu-moe 24): 51.6 GiB, of 52.8 that models may use there`.
pub(super) fn words(plan: &Plan) -> Option<String> {
    let entries = plan.loadout.iter();
    let told = entries.filter_map(|e| {
        let experts = e.settings.cpu_experts?;
        let flag = format!("`--n-cpu-moe {}`", experts.layers);
        let memory = e
            .memory
            .total_bytes
            .saturating_sub(e.memory.gpu_total_bytes);
        Some(format!(
            "{experts} of {} ({flag}): {:.1} GiB",
            e.name,
            memory.gib()
        ))
    });
    let told: Vec<String> = told.collect();
    let most = plan.limits.physical_budget().gib();
    (!told.is_empty()).then(|| format!("{}; models may take {most:.1} GiB there", told.join(", ")))
}
