//! The server: lists the tools, calls them off its thread, and puts their questions to the client.

use std::collections::BTreeMap;
use std::sync::Arc;

use anyhow::{Result, bail};
use rmcp::model::{
    CallToolRequestParams, CallToolResponse, ElicitRequest, ElicitRequestParams, ElicitResult,
    ElicitationAction, ElicitationSchema, ErrorData, Implementation, InputRequest,
    InputRequiredResult, JsonObject, ListToolsResult, PaginatedRequestParams, ProtocolVersion,
    ServerCapabilities, ServerConfig,
};
use rmcp::service::RequestContext;
use rmcp::{RoleServer, ServerHandler};
use tokio::task::spawn_blocking;

use super::arguments::read;
use super::consent::Agreed;
use super::reply::{Reply, result};
use super::session::Session;
use super::tool::Tool;
use super::tools::{apply, explain, fit, machines, models, recommend, status, whatif};
use crate::fault;

/// What a client tells the model of the whole server.
const INSTRUCTIONS: &str = "planner plans which local models to keep loaded in LM Studio on this Mac, exactly. Before a model is loaded, ask `fit` with beside_loaded. `recommend` finds the best set for tasks and keeps its plan under a name, which `explain`, `whatif`, `status` and `apply` take. `apply` alone changes anything, and its user is asked first.";

/// The name of the one question that a call can have open.
const QUESTION: &str = "consent";
/// Questions that one apply asks at most: to start LM Studio, to change what is loaded, and both
/// anew where something changed meanwhile.
const QUESTIONS: usize = 4;

/// The server.
pub(super) struct Server {
    own: Arc<Session>,
    /// Where the plans are of clients whose protocol has no sessions; with the client's own where it
    /// is the only one.
    of_many: Arc<Session>,
    /// Counts those that live.
    _alive: Arc<()>,
}

impl Server {
    /// For the only client.
    pub(super) fn new(session: Arc<Session>) -> Self {
        Self::beside(Arc::clone(&session), &session, &Arc::default())
    }

    /// For one client of several.
    pub(super) fn beside(own: Arc<Session>, of_many: &Arc<Session>, alive: &Arc<()>) -> Self {
        Self {
            own,
            of_many: Arc::clone(of_many),
            _alive: Arc::clone(alive),
        }
    }

    fn session(&self, context: &RequestContext<RoleServer>) -> &Arc<Session> {
        match is_newest(context) {
            true => &self.of_many,
            false => &self.own,
        }
    }

    async fn apply(
        &self,
        request: CallToolRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse> {
        let given: apply::Arguments =
            read(Tool::Apply.name(), request.arguments.unwrap_or_default())?;
        let session = self.session(&context);
        // A question is an answer of its own then, and the call is made again.
        let asks_by_answer = is_newest(&context);
        let mut texts = agreed_before(request.input_responses, request.request_state)?;
        for _ in 0..QUESTIONS {
            let agreed = match session.options.allow_apply {
                true => Agreed::All,
                false => Agreed::To(texts.clone()),
            };
            let (asked, given) = (Arc::clone(session), given.clone());
            let work = move || apply::call(&asked, &given, &agreed);
            let outcome = session.applies.spawn_blocking(work).await?;
            let question = match outcome {
                apply::Outcome::Done(reply) => return Ok(result(reply).into()),
                apply::Outcome::Asks(question) => question,
            };
            can_ask(&context)?;
            texts.push(question.clone());
            if asks_by_answer {
                let question = InputRequest::Elicitation(ElicitRequest::new(form(question)));
                return Ok(InputRequiredResult::new(
                    Some(BTreeMap::from([(QUESTION.to_owned(), question)])),
                    Some(serde_json::to_string(&texts)?),
                )
                .into());
            }
            let answer = context.peer.create_elicitation(form(question)).await?;
            agreeing(&answer)?;
        }
        bail!(fault!(
            "what is loaded changes faster than it can be asked about";
            "try again when LM Studio is idle"
        ))
    }
}

/// Whether the client speaks the protocol that has neither sessions nor questions of the server's.
fn is_newest(context: &RequestContext<RoleServer>) -> bool {
    let version = context.protocol_version();
    version.is_some_and(|v| v.as_str() >= ProtocolVersion::V_2026_07_28.as_str())
}

/// What the user agreed to in earlier rounds of the same call.
fn agreed_before(
    responses: Option<BTreeMap<String, serde_json::Value>>,
    state: Option<String>,
) -> Result<Vec<String>> {
    let (Some(mut responses), Some(state)) = (responses, state) else {
        return Ok(Vec::new());
    };
    let Some(answer) = responses.remove(QUESTION) else {
        return Ok(Vec::new());
    };
    agreeing(&serde_json::from_value(answer)?)?;
    Ok(serde_json::from_str(&state)?)
}

fn agreeing(answer: &ElicitResult) -> Result<()> {
    match answer.action {
        ElicitationAction::Accept => Ok(()),
        _ => bail!(fault!(
            "the user said no: nothing was changed";
            "leave it, or ask the user what they want instead"
        )),
    }
}

fn can_ask(context: &RequestContext<RoleServer>) -> Result<()> {
    let capable = context
        .client_capabilities()
        .is_some_and(|client| client.elicitation.is_some());
    match capable {
        true => Ok(()),
        false => bail!(fault!(
            "what is loaded is changed with the user's consent alone, and this client can't ask for it: nothing was changed";
            "the user can run `planner apply` or `planner swap` in a terminal, or start the server with `planner mcp --allow-apply`"
        )),
    }
}

/// A question that is answered with yes or no: a form without fields.
fn form(message: String) -> ElicitRequestParams {
    ElicitRequestParams::FormElicitationParams {
        meta: None,
        message,
        requested_schema: ElicitationSchema::new(BTreeMap::new()),
    }
}

/// Calls a tool that changes nothing.
fn look(session: &Session, tool: Tool, given: JsonObject) -> Result<Reply> {
    match tool {
        Tool::Recommend => recommend::call(session, &read(tool.name(), given)?),
        Tool::Fit => fit::call(session, &read(tool.name(), given)?),
        Tool::Explain => explain::call(session, &read(tool.name(), given)?),
        Tool::Whatif => whatif::call(session, &read(tool.name(), given)?),
        Tool::Status => status::call(session, &read(tool.name(), given)?),
        Tool::Models => models::call(session, &read(tool.name(), given)?),
        Tool::Machines => machines::call(session, &read(tool.name(), given)?),
        Tool::Apply => bail!(fault!("`apply` is no question"; "call it by itself")),
    }
}

impl ServerHandler for Server {
    fn get_info(&self) -> ServerConfig {
        ServerConfig::new(ServerCapabilities::builder().enable_tools().build())
            .with_server_info(Implementation::new("planner", env!("CARGO_PKG_VERSION")))
            .with_instructions(INSTRUCTIONS)
    }

    async fn list_tools(
        &self,
        _: Option<PaginatedRequestParams>,
        _: RequestContext<RoleServer>,
    ) -> Result<ListToolsResult, ErrorData> {
        let tools = Tool::ALL.into_iter().map(Tool::described).collect();
        Ok(ListToolsResult::with_all_items(tools))
    }

    async fn call_tool(
        &self,
        request: CallToolRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        let Some(tool) = Tool::named(&request.name) else {
            let known = Tool::ALL.map(Tool::name).join(", ");
            let text = format!("unknown tool: `{}`; there are {known}", request.name);
            return Err(ErrorData::invalid_params(text, None));
        };
        if tool == Tool::Apply {
            let answer = self.apply(request, context).await;
            return Ok(answer.unwrap_or_else(|error| result(Err(error)).into()));
        }
        let session = Arc::clone(self.session(&context));
        let given = request.arguments.unwrap_or_default();
        let answer = spawn_blocking(move || result(look(&session, tool, given))).await;
        answer
            .map(CallToolResponse::from)
            .map_err(|e| ErrorData::internal_error(e.to_string(), None))
    }
}
