//! Why a saved plan says what it says.

use anyhow::Result;

use super::events::{Event, Events, Work};
use super::patience::deadline;
use super::workspace::Workspace;
use crate::advise;
use crate::advise::explain;
use crate::advise::explain::Explanation;
use crate::catalog::effort::Setting;
use crate::edge::clock;
use crate::plan::Plan;
use crate::plan::request::{Demands, Request};
use crate::scenario::{Scenario, again};

/// What is asked of a plan.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ExplainRequest {
    /// A model or variant: why it does not serve.
    pub why_not: Option<String>,
    /// When to stop, in seconds; 20 where nothing is said.
    pub time_limit: Option<f64>,
    /// Other turns than the plan's: the plan is solved again with them, and that is explained.
    pub work: OtherWork,
}

/// What turns are to be, where not as a plan was made for.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct OtherWork {
    /// Tokens in the context of a turn.
    pub depth: Option<u32>,
    /// Conversations at once.
    pub agents: Option<u32>,
    /// The reasoning effort of every model that thinks.
    pub effort: Option<Setting>,
    /// How quick they have to be.
    pub demands: Demands,
}

impl OtherWork {
    /// Whether anything is to be other.
    #[must_use]
    pub fn any(&self) -> bool {
        *self != Self::default()
    }

    fn applied_to(&self, request: Request) -> Request {
        let own = request.demands();
        let asked = self.demands;
        let demands = Demands {
            min_tokens_per_second: asked.min_tokens_per_second.or(own.min_tokens_per_second),
            max_first_token_seconds: (asked.max_first_token_seconds)
                .or(own.max_first_token_seconds),
            max_turn_seconds: asked.max_turn_seconds.or(own.max_turn_seconds),
        };
        let agents = self.agents.or(request.agents);
        let request = Request {
            depth: self.depth.or(request.depth),
            effort: self.effort.or(request.effort),
            ..request
        };
        request.with_agents(agents).demanding(demands)
    }
}

/// Why a plan is as it is, what would change it, and why a model is not in it.
///
/// # Errors
/// When the catalog can't be read or lacks a name, or the solver fails.
pub fn explain(
    workspace: &Workspace,
    plan: &Plan,
    request: &ExplainRequest,
    events: &dyn Events,
) -> Result<Explanation> {
    let chips = &workspace.profiles().chips;
    let machine = again::machine(plan, chips);
    let wanted = request.work.applied_to(again::request(plan));
    let (models, speed) = (workspace.models()?, workspace.speed_model()?);
    let scenario = Scenario::new(models, &machine, speed, &wanted);
    events.tell(Event::Began(Work::Variations));
    let why_not = request.why_not.as_deref();
    let changed = (request.work.any())
        .then(|| advise::recommend(&scenario, &clock::seconds))
        .transpose()?;
    let plan = changed.as_ref().unwrap_or(plan);
    let answer = explain::explain(&scenario, plan, why_not, deadline(request.time_limit));
    events.tell(Event::Ended(Work::Variations));
    Ok(answer?)
}
