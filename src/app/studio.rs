//! Which LM Studio to talk to, and by which way.

use anyhow::{Context as _, Result, bail};

use super::events::{Answer, Event, Events, Question};
use super::installed;
use crate::apply;
use crate::apply::Instance;
use crate::edge::journal::Lock;
use crate::edge::lms::Lms;
use crate::edge::rest::Rest;
use crate::edge::studio::Studio;
use crate::emit::{Options, only_by_file};
use crate::fault;
use crate::fault::Fault;
use crate::lmstudio::matching::By;
use crate::lmstudio::{Listing, Loaded, OddRow, Running};
use crate::plan::Plan;

/// A way to LM Studio.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Via {
    /// `lms`, its command line.
    Lms,
    /// Its server's REST interface.
    Rest,
}

/// Which LM Studio. The default is this machine's, by its command line.
#[derive(Clone, Default)]
pub struct StudioChoice {
    /// By which way; by its server where a host or a port is given.
    pub via: Option<Via>,
    /// The server's host.
    pub host: Option<String>,
    /// The server's port; the one of LM Studio's settings when left out.
    pub port: Option<u16>,
    /// The server's token, where it wants one.
    pub token: Option<String>,
}

/// LM Studio, and the way to it.
pub struct Open {
    pub(super) studio: Box<dyn Studio>,
    via: Via,
}

impl StudioChoice {
    /// The way that is meant.
    fn way(&self) -> Via {
        let server = self.host.is_some() || self.port.is_some();
        self.via
            .unwrap_or(if server { Via::Rest } else { Via::Lms })
    }

    /// Whether LM Studio is asked on another machine.
    #[must_use]
    pub fn elsewhere(&self) -> bool {
        let here = ["localhost", "127.0.0.1", "::1", "[::1]"];
        self.host.as_deref().is_some_and(|h| !here.contains(&h))
    }

    /// Makes sure that one of LM Studio's programs runs where its command line is asked: starting
    /// one is asked for. Says which it is, where it says so.
    pub(super) fn awake(&self, events: &dyn Events) -> Result<Option<Running>> {
        if self.way() == Via::Rest {
            return Ok(None);
        }
        // That it is nowhere is told by whoever opens it.
        let Ok(lms) = Lms::find() else {
            return Ok(None);
        };
        let seen = lms.running();
        if seen != Some(Running::Nothing) {
            return Ok(seen);
        }
        if events.ask(Question::StartStudio)? == Answer::No {
            bail!(asleep());
        }
        lms.start()?;
        Ok(lms.running())
    }

    /// LM Studio as it runs: `lms` would start a program of it to answer, where none does.
    ///
    /// # Errors
    /// As [`Self::open`], and when nothing of LM Studio runs.
    pub fn open_running(&self) -> Result<Open> {
        let sleeps = |lms: Lms| lms.running() == Some(Running::Nothing);
        if self.way() == Via::Lms && Lms::find().is_ok_and(sleeps) {
            bail!(asleep());
        }
        self.open()
    }

    /// LM Studio, by this way.
    ///
    /// # Errors
    /// When `lms` is not found, or the address is none.
    pub fn open(&self) -> Result<Open> {
        self.open_holding(None)
    }

    /// As [`Self::open`]; `lock` is held by each call of `lms`.
    pub(super) fn open_holding(&self, lock: Option<Lock>) -> Result<Open> {
        let via = self.way();
        let studio: Box<dyn Studio> = match via {
            Via::Lms => {
                let lms = Lms::find().map_err(
                    |e| fault!("{e}"; "start LM Studio once, or ask its server with `--via rest`"),
                )?;
                Box::new(match lock {
                    Some(file) => lms.holding(file),
                    None => lms,
                })
            }
            Via::Rest => Box::new(Rest::at(
                self.host.as_deref(),
                self.port,
                self.token.clone(),
            )?),
        };
        Ok(Open { studio, via })
    }
}

fn asleep() -> Fault {
    fault!("neither LM Studio nor llmster is running"; "start LM Studio, or llmster with `lms daemon up`")
}

impl Open {
    /// LM Studio of another machine, by its command line.
    pub(super) fn over(lms: Lms) -> Self {
        Self {
            studio: Box::new(lms),
            via: Via::Lms,
        }
    }

    /// What is loaded now.
    pub(super) fn loaded(&self) -> Result<Listing<Loaded>> {
        self.studio.loaded().context("can't list what is loaded")
    }

    /// How each model of the plan should be loaded, the largest first; `odd` hears of installed
    /// models that can't be read.
    pub(super) fn targets(
        &self,
        plan: &Plan,
        options: &Options,
        odd: &mut dyn FnMut(&OddRow),
    ) -> Result<Targets> {
        if self.via == Via::Rest && options.ttl_seconds.is_some() {
            bail!(fault!(
                "LM Studio's server takes no TTL with a load";
                "leave `--ttl` out, or use `--via lms`"
            ));
        }
        let all = self
            .studio
            .installed()
            .context("can't list what is installed")?;
        all.odd.iter().for_each(odd);
        let plan_by_way = self.known_by(plan);
        let found = installed::find(&plan_by_way, options, &all.rows)?;
        let mut keys = Vec::new();
        let mut targets: Vec<(u64, Instance)> = Vec::new();
        for (entry, (model, by)) in plan.loadout.iter().zip(found) {
            keys.push((by != By::Name).then(|| (model.model_key.clone(), by)));
            let mut instance = apply::instance(entry, &model.model_key, options.ttl_seconds);
            if self.via == Via::Rest {
                // What the server loads goes by its key, and clients use that.
                instance.identifier.clone_from(&model.model_key);
                instance.gpu_max = false;
            }
            targets.push((entry.memory.total_bytes.0, instance));
        }
        targets.sort_by_key(|(bytes, _)| std::cmp::Reverse(*bytes));
        Ok(Targets {
            instances: targets.into_iter().map(|(_, i)| i).collect(),
            likely: keys,
        })
    }

    /// How each model of a plan should be loaded, in the plan's order, and whether it is on the disk;
    /// what is not goes by the plan's own name for it.
    pub(super) fn wanted(
        &self,
        plan: &Plan,
        odd: &mut dyn FnMut(&OddRow),
    ) -> Result<Vec<(Instance, bool)>> {
        let options = Options::default();
        let all = self.studio.installed();
        let all = all.context("can't list what is installed")?;
        all.odd.iter().for_each(odd);
        let plan_by_way = self.known_by(plan);
        let found = installed::find_some(&plan_by_way, &options, &all.rows)?;
        let both = plan.loadout.iter().zip(found);
        let instance = both.map(|(entry, model)| {
            let variant = entry.full_name();
            let key = model.map_or(variant.as_str(), |m| &m.model_key);
            (apply::instance(entry, key, None), model.is_some())
        });
        Ok(instance.collect())
    }

    /// The server tells no paths, so that a repository can't be compared.
    fn known_by(&self, plan: &Plan) -> Plan {
        let mut plan = plan.clone();
        if self.via == Via::Rest {
            for entry in &mut plan.loadout {
                entry.repository = None;
            }
        }
        plan
    }
}

/// How the models of a plan should be loaded.
pub(super) struct Targets {
    /// The largest first.
    pub(super) instances: Vec<Instance>,
    /// For each model of the plan LM Studio's key, where no name of its own files spoke for it.
    likely: Vec<Option<(String, By)>>,
}

impl Targets {
    /// Says what is not certain of them, and what a load can't be told.
    pub(super) fn tell(&self, plan: &Plan, events: &dyn Events) {
        for (entry, likely) in plan.loadout.iter().zip(&self.likely) {
            if let Some((key, by)) = likely {
                events.tell(Event::Likely {
                    entry,
                    key,
                    by: *by,
                });
            }
            let settings = only_by_file(entry);
            if !settings.is_empty() {
                events.tell(Event::OnlyByFile {
                    entry,
                    settings: &settings,
                });
            }
        }
    }
}
