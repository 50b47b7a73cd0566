//! Objects of one kind: how many there are, which are not well, and rows.

use crate::address::{self, check_namespace, check_object, missing_namespace};
use crate::listing::chosen::Chosen;
use crate::listing::{self, Listing, Place, Wanted};
use crate::rows::{self, Asked, Output, Sort, Status};
use crate::server::Kubernetes;
use clients::kubernetes::reads::{ENDPOINT_SLICES, EVENTS};
use clients::kubernetes::resource::Resource;
use evidence::testimony::Cost;
use mcp::answer::{Answer, Examined};
use mcp::arguments::limit;
use mcp::failure::{Code, Failure};
use mcp::tool::{Call, Tool};
use schemars::JsonSchema;
use serde::Deserialize;
use std::time::Duration;

/// The tool.
pub struct GetResources;

/// Which objects to read.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Ask {
    resource_type: String,
    #[schemars(extend("seldom" = "resource_name"))]
    resource_name: Option<String>,
    namespace: Option<String>,
    #[schemars(extend("seldom" = "all_namespaces"))]
    all_namespaces: Option<bool>,
    label_selector: Option<String>,
    #[schemars(extend("seldom" = "field_selector"))]
    field_selector: Option<String>,
    #[schemars(extend("seldom" = "status=unhealthy"))]
    status: Option<Status>,
    #[schemars(extend("seldom" = "sort=restarts"))]
    sort: Option<Sort>,
    #[schemars(extend("seldom" = "output=count|names|wide"))]
    output: Option<Output>,
    /// Columns or paths.
    fields: Option<String>,
    limit: Option<u64>,
    #[schemars(extend("seldom" = "cursor"))]
    cursor: Option<String>,
}

/// Rows where nobody says how many: some 2,000 tokens.
const ROWS: u64 = 50;
const MOST_ROWS: u64 = 500;
/// What is kept of the time for writing the answer down.
const TO_ANSWER: Duration = Duration::from_secs(1);

impl Tool<Kubernetes> for GetResources {
    const NAME: &'static str = "k8s_get_resources";
    const ABOUT: &'static str =
        "Objects of any kind: counts, problems, rows. Use it to see all of a kind.";
    type Ask = Ask;

    async fn answer(server: &Kubernetes, ask: Ask, call: &Call) -> Result<Answer, Failure> {
        let most = limit("limit", ask.limit, ROWS, MOST_ROWS)?;
        check(&ask)?;
        let chosen = Chosen::read(ask.fields.as_deref())?;
        let client = server.client().await?;
        let resource = address::kind(&client, "resource_type", &ask.resource_type).await?;
        if resource == EVENTS {
            return Err(Failure::invalid(
                "argument `resource_type`: events are read by k8s_get_events, which groups them",
            ));
        }
        if resource == ENDPOINT_SLICES && chosen.has_paths() {
            return Err(Failure::invalid(
                "argument `fields`: of endpointslices only columns can be chosen; k8s_get_resource_yaml reads paths",
            ));
        }
        let place = match (ask.namespace, ask.all_namespaces) {
            (Some(namespace), _) => Place::Namespace(namespace),
            (None, Some(false)) => Place::Namespace(client.cluster().namespace.clone()),
            (None, _) => Place::Everywhere,
        };
        let output = ask.output.unwrap_or_default();
        let wanted = Wanted {
            resource: &resource,
            place,
            labels: ask.label_selector.unwrap_or_default(),
            fields: fields(ask.field_selector, ask.resource_name.as_deref()),
            wide: output == Output::Wide,
            chosen,
            facts: call.wants_facts,
        };
        let deadline = call.deadline.checked_sub(TO_ANSWER).unwrap_or(call.deadline);
        let listed = listing::list(&client, &wanted, deadline).await;
        let mut listing = listed.map_err(|failure| explained(failure, &resource))?;
        if listing.rows.is_empty() && listing.denied.is_empty() {
            // The API server answers with an empty list for a namespace that is not there.
            if let Some(failure) = missing(&client, &wanted, ask.resource_name.as_deref()).await {
                return Err(failure);
            }
        }
        let status = ask.status.unwrap_or_default();
        let sort = ask.sort.unwrap_or_default();
        let (cursor, apart) = (ask.cursor.as_deref(), !wanted.chosen.is_empty());
        let page = Asked { limit: most, cursor, apart };
        let shown = rows::show(&listing, &resource, status, sort, output, &page)?;
        let mut testimony = std::mem::take(&mut listing.testimony);
        let spent = client.spent();
        testimony.cost = Cost { upstream_requests: spent.requests, upstream_bytes: spent.bytes };
        Ok(Answer {
            summary: shown.summary,
            problems: shown.problems,
            table: shown.table,
            quotes: shown.quotes,
            page: shown.page,
            next: shown.next,
            warnings: testimony.gaps.iter().map(|gap| gap.remedy.clone()).collect(),
            examined: examined(listing),
            testimony,
            ..Answer::default()
        })
    }
}

fn check(ask: &Ask) -> Result<(), Failure> {
    if let Some(name) = &ask.resource_name {
        check_object("resource_name", name)?;
    }
    if let Some(namespace) = &ask.namespace {
        check_namespace(namespace)?;
        if ask.all_namespaces == Some(true) {
            return Err(Failure::invalid(
                "argument `all_namespaces` must be left out or false where `namespace` is given",
            ));
        }
    }
    Ok(())
}

/// The field selector, with the name as one more term of it.
fn fields(selector: Option<String>, name: Option<&str>) -> String {
    let name = name.map(|name| format!("metadata.name={name}"));
    let terms: Vec<String> = selector.into_iter().filter(|it| !it.is_empty()).chain(name).collect();
    terms.join(",")
}

/// What the API server refuses as a whole, in terms of the arguments.
fn explained(failure: Failure, resource: &Resource) -> Failure {
    match failure.code {
        Code::NotFound => Failure {
            message: format!("the cluster does not serve {resource}"),
            hint: "install what serves it, or ask for another kind".to_owned(),
            ..failure
        },
        Code::UpstreamError if failure.message.contains("answered 400") => Failure {
            code: Code::InvalidArgument,
            hint: "check `label_selector` and `field_selector`".to_owned(),
            ..failure
        },
        _ => failure,
    }
}

/// Says what is not there, where nothing was found: the namespace, or the object of that name.
async fn missing(
    client: &clients::kubernetes::connection::Kubernetes,
    wanted: &Wanted<'_>,
    name: Option<&str>,
) -> Option<Failure> {
    let namespace = match &wanted.place {
        Place::Namespace(namespace) if wanted.resource.namespaced => namespace.as_str(),
        _ => "",
    };
    let Some(name) = name else { return missing_namespace(client, namespace).await };
    let at = address::Address {
        resource: wanted.resource.clone(),
        namespace: namespace.to_owned(),
        name: name.to_owned(),
    };
    Some(at.missing(client).await)
}

fn examined(listing: Listing) -> Examined {
    Examined {
        namespaces: listing.namespaces,
        denied: listing.denied,
        incomplete: listing.incomplete,
        ..Examined::default()
    }
}
