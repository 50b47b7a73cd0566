//! A server as rmcp calls it: what it is, which tools it has, and a call on its way to the tool and back.

use crate::failure::Failure;
use crate::http::caller::Caller;
use crate::run::{self, Account, Answered, Asked, Place, UNKNOWN};
use crate::schema::IN_ALL_TOOLS;
use crate::server::{Bound, Server};
use crate::trace::context::{Context, TRACEPARENT};
use axum::http::request::Parts;
use rmcp::handler::server::ServerHandler;
use rmcp::model::{
    CacheScope, CallToolRequestParams, CallToolResponse, CallToolResult, ContentBlock, ErrorData,
    Implementation, ListToolsResult, PaginatedRequestParams, ServerCapabilities, ServerConfig,
    Tool, ToolAnnotations,
};
use rmcp::service::{RequestContext, RoleServer};
use tracing::Instrument;

/// Set to true in a request's `_meta` by who wants the typed facts.
pub(crate) const WANTS_FACTS: &str = "inquest.dev/facts";
/// The list of tools changes only with a new version, so it may be kept for an hour.
const LIST_FRESH_MS: u64 = 3_600_000;
/// A client's name in the audit line.
const CLIENT_CHARS: usize = 64;

impl ServerHandler for Server {
    fn get_info(&self) -> ServerConfig {
        ServerConfig::new(ServerCapabilities::builder().enable_tools().build())
            .with_server_info(Implementation::new(self.name, env!("CARGO_PKG_VERSION")))
            .with_instructions(format!("{} {IN_ALL_TOOLS}", self.instructions))
    }

    async fn list_tools(
        &self,
        _: Option<PaginatedRequestParams>,
        _: RequestContext<RoleServer>,
    ) -> Result<ListToolsResult, ErrorData> {
        let tools = self.tools.iter().map(listed).collect();
        Ok(ListToolsResult::with_all_items(tools)
            .with_ttl_ms(LIST_FRESH_MS)
            .with_cache_scope(CacheScope::Public))
    }

    fn get_tool(&self, name: &str) -> Option<Tool> {
        self.tools.iter().find(|bound| bound.listed.name == name).map(listed)
    }

    async fn call_tool(
        &self,
        request: CallToolRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        let caller = caller(&context);
        let client = client(&context);
        let Some(bound) = self.tools.iter().find(|bound| bound.listed.name == request.name) else {
            // What it asked for instead could be anything, so it is not repeated.
            Account::open(self, UNKNOWN, &caller.name, client).close("not_found", 0);
            let valid: Vec<&str> =
                self.tools.iter().map(|bound| bound.listed.name.as_str()).collect();
            let message = format!("there is no such tool; valid: {}", valid.join(", "));
            return Err(ErrorData::invalid_params(message, None));
        };
        let place = place(self, &context);
        let span = tracing::info_span!(
            "tools/call",
            server = self.name,
            tool = bound.listed.name,
            trace = place.map(|place| format!("{:032x}", place.context.trace)),
        );
        let asked = Asked {
            arguments: request.arguments.unwrap_or_default(),
            caller,
            client,
            wants_facts: context.meta.get(WANTS_FACTS).is_some_and(|wish| *wish == true),
            cancelled: context.ct.clone(),
            place,
        };
        let result = match run::run(self, bound, asked).instrument(span).await {
            Ok(answered) => success(answered),
            Err(failure) => failed(&failure),
        };
        Ok(result.into())
    }
}

fn listed(bound: &Bound) -> Tool {
    let annotations =
        ToolAnnotations::new().read_only(true).destructive(false).idempotent(true).open_world(true);
    let listed = &bound.listed;
    Tool::new(listed.name.clone(), listed.about.clone(), listed.schema.clone())
        .with_annotations(annotations)
}

/// Where the call stands in a trace: below the caller's span, which the request names or its HTTP head does, else at the
/// beginning of one where traces are sent somewhere.
fn place(server: &Server, context: &RequestContext<RoleServer>) -> Option<Place> {
    let head = context.extensions.get::<Parts>();
    let head = head.and_then(|parts| parts.headers.get(TRACEPARENT)?.to_str().ok());
    let given = context.meta.get_traceparent().or(head).and_then(Context::read);
    match given {
        Some(parent) => Some(Place { context: parent.child(), parent: Some(parent.span) }),
        None => server.traces.as_ref().map(|_| Place { context: Context::root(), parent: None }),
    }
}

/// Who the door found out that it is.
fn caller(context: &RequestContext<RoleServer>) -> Caller {
    let parts = context.extensions.get::<Parts>();
    let caller = parts.and_then(|parts| parts.extensions.get::<Caller>());
    caller.cloned().unwrap_or_else(Caller::local)
}

/// What its program calls itself.
fn client(context: &RequestContext<RoleServer>) -> String {
    let name = context.client_info().map(|client| client.name).unwrap_or_default();
    name.chars().filter(|c| !c.is_control()).take(CLIENT_CHARS).collect()
}

fn success(answered: Answered) -> CallToolResult {
    let mut result = CallToolResult::success(vec![ContentBlock::text(answered.text)]);
    result.structured_content = Some(answered.structured);
    result
}

/// Text alone: TypeScript clients check structured content against a schema even on errors, and lose the text.
fn failed(failure: &Failure) -> CallToolResult {
    let text = serde_json::to_string(failure).unwrap_or_else(|_| failure.message.clone());
    CallToolResult::error(vec![ContentBlock::text(text)])
}
