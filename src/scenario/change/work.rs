//! Other turns: at another depth, of so many at once.

use super::flags::Flags;
use crate::catalog::effort::Setting;
use crate::plan::request::Request;
use crate::units::exact_tokens;

/// A change to what the tasks repeat.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnWork {
    /// So many tokens in the context of every turn; none leaves it to the profiles.
    Depth(Option<u32>),
    /// So many conversations at once, each with a slot and room for its turns; none leaves it to
    /// the profiles.
    Agents(Option<u32>),
    /// This reasoning effort of every model that thinks; none leaves it to the solver.
    Effort(Option<Setting>),
}

impl OnWork {
    pub(super) fn apply(self, request: &mut Request) {
        match self {
            Self::Depth(depth) => request.depth = depth,
            Self::Agents(agents) => *request = request.clone().with_agents(agents),
            Self::Effort(effort) => request.effort = effort,
        }
    }

    pub(super) fn describe(self, request: &Request) -> String {
        match self {
            Self::Depth(Some(depth)) => {
                let instead = request.depth.map_or_else(String::new, |asked| {
                    format!(" instead of {}", exact_tokens(asked))
                });
                format!("turns at {}{instead}", exact_tokens(depth))
            }
            Self::Depth(None) => "turns as deep as the profiles say".to_owned(),
            Self::Agents(Some(1)) => "one conversation at a time".to_owned(),
            Self::Agents(Some(agents)) => format!("{agents} conversations at once"),
            Self::Agents(None) => "as many conversations at once as the profiles say".to_owned(),
            Self::Effort(Some(effort)) => {
                format!("the effort `{effort}` for every model that thinks")
            }
            Self::Effort(None) => "for each model the effort that scores best".to_owned(),
        }
    }

    pub(super) fn flags(self, request: &Request) -> Option<Flags> {
        match self {
            Self::Depth(Some(depth)) => Flags::with(["--depth", &depth.to_string()]),
            Self::Depth(None) => Flags::without(["--depth", &request.depth?.to_string()]),
            Self::Agents(Some(agents)) => Flags::with(["--agents", &agents.to_string()]),
            Self::Agents(None) => Flags::without(["--agents", &request.agents?.to_string()]),
            Self::Effort(Some(effort)) => Flags::with(["--effort", effort.id()]),
            Self::Effort(None) => Flags::without(["--effort", request.effort?.id()]),
        }
    }
}
