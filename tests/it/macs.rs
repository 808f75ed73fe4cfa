//! The shipped Macs and what is known of speed on them.

use planner::basis::Basis;
use planner::catalog::Catalog;
use planner::machine::{Machine, Profiles};
use planner::speed::{Figure, SpeedModel};

pub(crate) fn shipped() -> (Catalog, Profiles, SpeedModel) {
    let (catalog, profiles) = (Catalog::embedded().unwrap(), Profiles::embedded().unwrap());
    let model = SpeedModel::of(&catalog, &profiles.chips).unwrap();
    (catalog, profiles, model)
}

pub(crate) fn machine(profiles: &Profiles, id: &str) -> Machine {
    Machine::from_profile(profiles.machine(id).unwrap(), &profiles.chips).unwrap()
}

/// Bandwidth, generation and GPU cores.
pub(crate) type Figures = (f64, u32, u32);

/// Macs that differ in chip or figures, each with its own.
pub(crate) fn macs(profiles: &Profiles) -> Vec<(Machine, Figures)> {
    let mut macs: Vec<(Machine, Figures)> = Vec::new();
    for profile in &profiles.machines {
        let mac = Machine::from_profile(profile, &profiles.chips).unwrap();
        let Some(chip) = mac.chip.as_ref().filter(|c| c.kind.is_mac()) else {
            continue;
        };
        let (Some(bandwidth), Some(cores)) = (chip.bandwidth, chip.gpu_cores) else {
            continue;
        };
        let generation = chip.id[1..].split('-').next().unwrap().parse().unwrap();
        let figures = (bandwidth, generation, cores);
        let same = |(other, known): &(Machine, Figures)| {
            *known == figures && other.chip.as_ref().unwrap().id == chip.id
        };
        if !macs.iter().any(same) {
            macs.push((mac, figures));
        }
    }
    macs
}

/// Whether a figure was measured there, or corrected by runs there, which nothing bounds.
pub(crate) fn measured(figure: &Figure) -> bool {
    figure.basis() == Basis::Measured || figure.source().to_string().contains("on this Mac")
}
