//! A bundle as it may be shown to strangers: only what is named here stays.
//!
//! What a diagnosis needs is kept, so that it comes out the same; names of models stay, names of
//! people, devices, volumes and other programs do not.

mod answers;
mod studio;
mod veil;

use super::bundle::{Bundle, JournalSeen};
use veil::Veil;

/// The bundle without what is nobody's business; `home` is the user's home folder.
#[must_use]
pub fn redacted(bundle: &Bundle, home: Option<&str>) -> Bundle {
    let veil = Veil::of(home);
    let mut bundle = bundle.clone();
    answers::machine(&mut bundle.machine, &veil);
    answers::power(&mut bundle.power, &veil);
    studio::studio(&mut bundle.studio, &veil);
    let records = &mut bundle.records;
    let paths = [
        &mut records.set_aside,
        &mut records.left_behind,
        &mut records.changed_since_install,
    ];
    paths.into_iter().flatten().for_each(|p| veil.words(p));
    records.broken.iter_mut().for_each(|f| veil.fault(f));
    match &mut records.journal {
        JournalSeen::Open { plan } => "PLAN".clone_into(plan),
        JournalSeen::Unreadable(fault) => veil.fault(fault),
        JournalSeen::None | JournalSeen::Closed => {}
    }
    if let Some(fault) = &mut bundle.catalog.broken {
        veil.fault(fault);
    }
    bundle
}
