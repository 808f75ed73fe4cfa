//! A signed catalog in place of the one in use: looked at, shown as a difference, and taken.

use std::path::PathBuf;

use anyhow::{Result, bail};

use super::offer::Offer;
use super::saved_plans;
use crate::app::events::{Answer, Event, Events, Question};
use crate::app::layers;
use crate::app::layers::Layered;
use crate::app::workspace::Workspace;
use crate::catalog::Catalog;
use crate::catalog::difference::Difference;
use crate::catalog::editions::{Editions, Standing, Taken};
use crate::catalog::update::{Edition, SCHEMA, Update};
use crate::edge::editions;
use crate::fault;

/// What to take, and how far to go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UpdateRequest {
    /// Where from.
    pub way: Way,
    /// Only say what it would change.
    pub check: bool,
}

/// Where the catalog comes from that is to be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Way {
    /// A bundle: a file or an address, with its signature beside it.
    Bundle {
        /// Where it is.
        from: String,
        /// The file of the key that it must be signed with.
        key: PathBuf,
    },
    /// The one that was in use before.
    Back,
}

/// Looks at a catalog, tells what it changes, and takes it where that is agreed to.
///
/// # Errors
/// When it can't be read, is not signed with the key, is older than one that was taken, or can't be
/// kept; then the catalog in use is what it was.
pub fn update(
    workspace: &Workspace,
    request: &UpdateRequest,
    events: &dyn Events,
) -> Result<Update> {
    let shipped = Catalog::embedded()?;
    let known = editions::read()?;
    let (target, offer) = match &request.way {
        Way::Bundle { from, key } => {
            let offer = Offer::read(from, key)?;
            let target = Edition::from(&offer.taken(String::new()));
            (target, Some(offer))
        }
        Way::Back => (back(&known, &shipped)?, None),
    };
    let current = Edition::of(&known, &shipped);
    let mut update = Update {
        schema: SCHEMA,
        from: current,
        to: target,
        difference: Difference::default(),
        plans: Vec::new(),
        taken: false,
    };
    if let Some(offer) = &offer
        && standing(&known, offer, &shipped)? == Standing::InUse
    {
        return Ok(update);
    }
    let before = base(&known, &shipped);
    let after = match &offer {
        Some(offer) => offer.catalog.clone(),
        None => base(&gone_back(&known), &shipped),
    };
    update.difference = Difference::between(&before, &after);
    update.plans = saved_plans::changes(&whole(workspace, before)?, &whole(workspace, after)?)?;
    if request.check {
        return Ok(update);
    }
    events.tell(Event::CatalogUpdate(&update));
    if events.ask(Question::TakeCatalog)? == Answer::No {
        return Ok(update);
    }
    put(&known, offer.as_ref())?;
    update.taken = true;
    Ok(update)
}

/// Takes it, unless another update was taken since these were read.
fn put(known: &Editions, offer: Option<&Offer>) -> Result<()> {
    let held = editions::hold()?;
    let mut now = editions::read()?;
    if now != *known {
        bail!(fault!(
            "another catalog was taken meanwhile";
            "run `planner catalog update` again to see what would change now"
        ));
    }
    match offer {
        Some(offer) => {
            let file = held.write(&offer.bundle.serial.to_string(), &offer.translated)?;
            now.take(offer.taken(file));
        }
        None => now = gone_back(&now),
    }
    held.put(&now)
}

/// The same, gone back by one.
fn gone_back(known: &Editions) -> Editions {
    let mut known = known.clone();
    known.back();
    known
}

fn back(known: &Editions, shipped: &Catalog) -> Result<Edition> {
    if known.in_use().is_none() {
        bail!(fault!(
            "the catalog in planner itself is in use: there is none to go back to";
            "`planner catalog update --from FILE --key FILE` takes another"
        ));
    }
    Ok(Edition::of(&gone_back(known), shipped))
}

/// How an offer stands to what was taken, where it can be taken or is in use.
fn standing(known: &Editions, offer: &Offer, shipped: &Catalog) -> Result<Standing> {
    let serial = offer.bundle.serial;
    let date = offer.bundle.date.as_str();
    match known.standing(&offer.key, serial, &offer.sha256) {
        Standing::Older { seen } => bail!(fault!(
            "the bundle has serial {serial}, and {seen} of the same key was taken before: it is older";
            "get the newest one; `--rollback` goes back to what was in use before"
        )),
        Standing::SameSerial => bail!(fault!(
            "another bundle with serial {serial} of the same key was taken before";
            "whoever makes them gives each a higher serial: `planner catalog bundle --serial N`"
        )),
        standing => match shipped.date().filter(|newest| *newest > date) {
            Some(newest) => bail!(fault!(
                "the bundle is of {date}, and the catalog in this planner of {newest}: it is older";
                "get the newest one"
            )),
            None => Ok(standing),
        },
    }
}

/// The catalog at the bottom: the one in use, or the binary's.
fn base(known: &Editions, shipped: &Catalog) -> Catalog {
    let taken = known.in_use();
    let newer = taken.filter(|taken| !layers::is_older(taken));
    // One that can't be read was named where the catalog was read, and the binary's is used.
    let read = newer.and_then(|taken| layers::of_taken(taken).ok());
    read.unwrap_or_else(|| shipped.clone())
}

/// The workspace as it would be on that catalog.
fn whole(workspace: &Workspace, base: Catalog) -> Result<Workspace> {
    let base = Layered {
        catalog: base,
        ..Layered::default()
    };
    Ok(workspace.with_catalog(workspace.layers().on(base)?.catalog))
}

impl Edition {
    fn of(known: &Editions, shipped: &Catalog) -> Self {
        match known.in_use() {
            Some(taken) if !layers::is_older(taken) => Self::from(taken),
            _ => Self {
                date: shipped.date().map(str::to_owned),
                serial: None,
                key: None,
            },
        }
    }
}

impl From<&Taken> for Edition {
    fn from(taken: &Taken) -> Self {
        Self {
            date: Some(taken.date.clone()),
            serial: Some(taken.serial),
            key: Some(taken.key.clone()),
        }
    }
}
