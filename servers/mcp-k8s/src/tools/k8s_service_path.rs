//! Whether a Service can be reached, and where its path ends if it cannot. Nothing is created to find out.

use crate::address::{Address, check_namespace, check_object};
use crate::path::caller;
use crate::path::reading;
use crate::path::verdict::{self, Asked};
use crate::server::{Kubernetes, NAME};
use crate::survey::reading::Desk;
use crate::survey::record::Record;
use crate::translate::network;
use clients::kubernetes::reach::Reach;
use clients::kubernetes::reads::SERVICES;
use evidence::fact::{Body, Fact};
use evidence::testimony::{Cost, Source};
use mcp::answer::{Answer, Examined, Table};
use mcp::failure::{Code, Failure};
use mcp::tool::{Call, Tool};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};
use std::time::Duration;

/// The tool.
pub struct ServicePath;

/// Which Service, and who calls.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Ask {
    namespace: String,
    service: String,
    /// Caller, as shop/web.
    from: Option<String>,
}

/// What is kept of the time for writing the answer down.
const TO_ANSWER: Duration = Duration::from_secs(1);

impl Tool<Kubernetes> for ServicePath {
    const NAME: &'static str = "k8s_service_path";
    const ABOUT: &'static str = "Verdict whether a Service is reachable: selector, pods, endpoints, ports, \
NetworkPolicies, Ingresses, routes. Use it for refused or silent calls.";
    type Ask = Ask;

    async fn answer(server: &Kubernetes, ask: Ask, call: &Call) -> Result<Answer, Failure> {
        check_namespace(&ask.namespace)?;
        check_object("service", &ask.service)?;
        if let Some(from) = &ask.from {
            caller::check(from)?;
        }
        let client = server.client().await?;
        let at = Address {
            resource: SERVICES,
            namespace: ask.namespace.clone(),
            name: ask.service.clone(),
        };
        let got =
            client.get::<Value>(&SERVICES, Reach::Namespace(&ask.namespace), &ask.service).await;
        let got = match got.map_err(|refusal| Failure::from(&refusal)) {
            Ok(got) => Some(got),
            Err(failure) if failure.code == Code::NotFound => None,
            Err(failure) => return Err(crate::address::with_right(failure, &SERVICES)),
        };
        let mut record = Record::default();
        let mut spec = Value::Null;
        let mut service = None;
        if let Some(got) = got {
            spec = got.object.get("spec").cloned().unwrap_or_default();
            let read = serde_json::from_value(got.object);
            let fact =
                network::service(read.map_err(|error| crate::address::unknown_form(&error))?);
            let path =
                Source { method: "GET".to_owned(), path: got.path, observed_at: got.observed_at };
            record.testimony.sources.push(path);
            record.seen();
            record.testimony.facts.push(Fact { source: 0, body: Body::Service(fact.clone()) });
            service = Some(fact);
        }
        let caller = match &ask.from {
            Some(from) if service.is_some() => Some(caller::find(&client, from).await?),
            _ => None,
        };
        let deadline = call.deadline.checked_sub(TO_ANSWER).unwrap_or(call.deadline);
        let desk = Desk { client: client.clone(), deadline };
        let place = (ask.namespace.as_str(), ask.service.as_str());
        let seen =
            reading::read(&desk, &mut record, place, service.as_ref(), caller.as_ref()).await;
        let is_named = !seen.outside.ingresses.is_empty() || !seen.outside.routes.is_empty();
        if service.is_none() && !is_named {
            return Err(at.missing(&client).await);
        }
        let entity = at.entity();
        let (now, service, caller) = (client.now(), service.as_ref(), caller.as_ref());
        let asked = Asked { entity: &entity, service, spec: &spec, caller, now };
        let verdict = verdict::of(&asked, &seen);
        let denied = record.denied();
        let mut testimony = record.into_testimony();
        let gaps: Vec<String> = testimony.gaps.iter().map(|gap| gap.what.clone()).collect();
        let spent = client.spent();
        testimony.server = NAME.to_owned();
        testimony.tool = Self::NAME.to_owned();
        testimony.arguments =
            json!({"namespace": ask.namespace, "service": ask.service, "from": ask.from});
        testimony.cost = Cost { upstream_requests: spent.requests, upstream_bytes: spent.bytes };
        Ok(Answer {
            summary: verdict.summary,
            problems: verdict.problems,
            table: Table {
                columns: ["STEP", "SAYS"].map(str::to_owned).to_vec(),
                rows: verdict.rows,
            },
            examined: Examined {
                namespaces: at.namespaces(),
                incomplete: (!gaps.is_empty() && denied.is_empty()).then(|| gaps.join(", ")),
                denied,
                ..Examined::default()
            },
            testimony,
            ..Answer::default()
        })
    }
}
