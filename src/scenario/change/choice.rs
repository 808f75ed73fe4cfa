//! Other rules of what may be chosen.

use super::flags::Flags;
use crate::memory::Engine;
use crate::plan::disk::DiskLimit;
use crate::plan::request::Request;
use crate::scenario::error::{RecommendError, check_name};
use crate::scenario::inputs::Scenario;

/// A change to what may be chosen.
#[derive(Debug, Clone, PartialEq)]
pub enum OnChoice {
    /// Up to so many models.
    Models(usize),
    /// A model or variant that must be loaded.
    Pin(String),
    /// A model or variant that must serve a task.
    Serve(String),
    /// A pin dropped.
    Unpin(String),
    /// A model or variant that must not be loaded.
    Exclude(String),
    /// All exclusions dropped.
    ExcludeNothing,
    /// A least speed, in tokens per second, or none.
    LeastSpeed(Option<f64>),
    /// A longest wait for the first token of a turn, in seconds, or none.
    LongestFirstToken(Option<f64>),
    /// A longest turn, in seconds, or none.
    LongestTurn(Option<f64>),
    /// One engine only, or any.
    Engine(Option<Engine>),
    /// What is not on the disk may be downloaded.
    Downloads,
    /// So much may be downloaded at most, or anything.
    Disk(Option<DiskLimit>),
    /// Any measurement counts, whichever study it belongs to.
    AnyCampaign,
    /// Predicted speeds count too.
    Predictions,
    /// The machine may be filled beyond the guard.
    Fill,
}

impl OnChoice {
    pub(super) fn apply(&self, scenario: &mut Scenario<'_>) -> Result<(), RecommendError> {
        match self {
            Self::Pin(name) | Self::Serve(name) => check_name(&scenario.catalog, "--pin", name)?,
            Self::Exclude(name) => check_name(&scenario.catalog, "--exclude", name)?,
            _ => {}
        }
        let request = &mut scenario.request;
        match self {
            Self::Models(models) => request.max_models = *models,
            Self::Pin(name) => request.pins.push(name.clone()),
            Self::Serve(name) => scenario.must_serve.push(name.clone()),
            Self::Unpin(name) => request.pins.retain(|pin| pin != name),
            Self::Exclude(name) => request.excludes.push(name.clone()),
            Self::ExcludeNothing => request.excludes.clear(),
            Self::LeastSpeed(speed) => request.demand_speed(*speed),
            Self::LongestFirstToken(most) => request.demand_first_token(*most),
            Self::LongestTurn(most) => request.demand_turn(*most),
            Self::Engine(engine) => request.engine = *engine,
            Self::Downloads => request.installed = None,
            Self::Disk(limit) => request.disk.clone_from(limit),
            Self::AnyCampaign => request.campaign = None,
            Self::Predictions => request.measured_only = false,
            Self::Fill => request.fill = true,
        }
        Ok(())
    }

    pub(super) fn describe(&self, request: &Request) -> String {
        let asked = request.min_tokens_per_second;
        match self {
            Self::Models(models) => {
                let models = match models {
                    1 => "1 model".to_owned(),
                    n => format!("{n} models"),
                };
                format!("up to {models} instead of {}", request.max_models)
            }
            Self::Pin(name) => format!("{name} pinned"),
            Self::Serve(name) => format!("{name} for one task at least"),
            Self::Unpin(name) => format!("{name} not pinned"),
            Self::Exclude(name) => format!("{name} excluded"),
            Self::ExcludeNothing => "nothing excluded".to_owned(),
            Self::LeastSpeed(Some(speed)) => match asked {
                Some(asked) => format!("{speed} t/s and more accepted instead of {asked}"),
                None => format!("{speed} t/s and more"),
            },
            Self::LeastSpeed(None) => "any speed accepted".to_owned(),
            Self::LongestFirstToken(Some(most)) => format!(
                "at most {most} s to the first token{}",
                instead(request.max_first_token_seconds)
            ),
            Self::LongestFirstToken(None) => "any wait for the first token accepted".to_owned(),
            Self::LongestTurn(Some(most)) => {
                format!(
                    "at most {most} s a turn{}",
                    instead(request.max_turn_seconds)
                )
            }
            Self::LongestTurn(None) => "turns of any length accepted".to_owned(),
            Self::Engine(Some(engine)) => format!("{engine} only"),
            Self::Engine(None) => "any engine".to_owned(),
            Self::Downloads => "what is not on the disk too".to_owned(),
            Self::Disk(Some(limit)) => {
                let before = request.disk.as_ref();
                let instead = before.map_or_else(String::new, |disk| {
                    format!(" instead of {}", disk.most_bytes.decimal())
                });
                format!("downloads of up to {}{instead}", limit.most_bytes.decimal())
            }
            Self::Disk(None) => "downloads of any size".to_owned(),
            Self::AnyCampaign => "measurements of any campaign, and predictions".to_owned(),
            Self::Predictions => "predicted speeds too".to_owned(),
            Self::Fill => "memory filled beyond the share that was seen to fail".to_owned(),
        }
    }

    pub(super) fn flags(&self, request: &Request) -> Option<Flags> {
        match self {
            Self::Models(models) => Flags::with(["--models", &models.to_string()]),
            Self::Pin(name) => Flags::with(["--pin", name]),
            Self::Serve(_) => None,
            Self::Unpin(name) => Flags::without(["--pin", name]),
            Self::Exclude(name) => Flags::with(["--exclude", name]),
            Self::Downloads => Flags::without(["--installed"]),
            Self::Disk(Some(limit)) => Flags::with(["--disk", &limit.most_bytes.flag()]),
            Self::Disk(None) => {
                let asked = request.disk.as_ref()?;
                Flags::without(["--disk", &asked.most_bytes.flag()])
            }
            Self::ExcludeNothing => {
                let each = request.excludes.iter();
                let words = each.flat_map(|name| ["--exclude".to_owned(), name.clone()]);
                Some(Flags {
                    with: Vec::new(),
                    without: words.collect(),
                })
            }
            Self::LeastSpeed(Some(speed)) => Flags::with(["--min-tps", &speed.to_string()]),
            Self::LeastSpeed(None) => {
                let asked = request.min_tokens_per_second?;
                Flags::without(["--min-tps", &asked.to_string()])
            }
            Self::LongestFirstToken(most) => {
                let asked = request.max_first_token_seconds;
                seconds("--max-first-token", *most, asked)
            }
            Self::LongestTurn(most) => seconds("--max-turn", *most, request.max_turn_seconds),
            Self::Engine(Some(engine)) => Flags::with(["--engine", engine.id()]),
            Self::Engine(None) => Flags::without(["--engine", request.engine?.id()]),
            Self::AnyCampaign => Flags::without(["--campaign", request.campaign.as_deref()?]),
            Self::Predictions => Flags::without(["--measured-only"]),
            Self::Fill => Flags::with(["--fill"]),
        }
    }

    pub(super) const fn reprices(&self) -> bool {
        !matches!(
            self,
            Self::Models(_) | Self::Pin(_) | Self::Serve(_) | Self::Unpin(_) | Self::Fill
        )
    }
}

/// ` instead of 30`, where one was asked for.
fn instead(asked: Option<f64>) -> String {
    asked.map_or_else(String::new, |asked| format!(" instead of {asked}"))
}

/// A flag of seconds given, or left out.
fn seconds(flag: &str, most: Option<f64>, asked: Option<f64>) -> Option<Flags> {
    match most {
        Some(most) => Flags::with([flag, &format!("{most}s")]),
        None => Flags::without([flag, &format!("{}s", asked?)]),
    }
}
