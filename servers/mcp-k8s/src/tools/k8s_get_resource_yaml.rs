//! One object as YAML, or a part of it, without its secrets.

use crate::address::{Address, Found};
use crate::manifest;
use crate::server::Kubernetes;
use evidence::fact::Fact;
use evidence::testimony::{Cost, Testimony};
use mcp::answer::{Answer, Examined, Quote};
use mcp::failure::{Code, Failure};
use mcp::part;
use mcp::tool::{Call, Tool};
use schemars::JsonSchema;
use serde::Deserialize;

/// The tool.
pub struct GetResourceYaml;

/// Which object.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Ask {
    resource_type: String,
    resource_name: String,
    namespace: Option<String>,
    /// As spec.containers[web].
    path: Option<String>,
    #[schemars(extend("seldom" = "full=true"))]
    full: Option<bool>,
}

impl Tool<Kubernetes> for GetResourceYaml {
    const NAME: &'static str = "k8s_get_resource_yaml";
    const ABOUT: &'static str =
        "One object as YAML without noise and secrets. Use it for exact fields.";
    type Ask = Ask;

    async fn answer(server: &Kubernetes, ask: Ask, _: &Call) -> Result<Answer, Failure> {
        let client = server.client().await?;
        let namespace = ask.namespace.as_deref();
        let at = Address::read(&client, &ask.resource_type, &ask.resource_name, namespace).await?;
        let found = at.get(&client).await?;
        let testimony = testimony(&found);
        let mut object = found.redacted();
        if !ask.full.unwrap_or(false) {
            manifest::clean(&mut object);
        }
        let shown = match &ask.path {
            Some(path) => part::of(&object, path)?,
            None => &object,
        };
        let text = serde_saphyr::to_string(shown).map_err(|error| Failure {
            code: Code::Internal,
            message: format!("{} cannot be written as YAML: {error}", at.entity()),
            retryable: false,
            hint: String::new(),
        })?;
        let what = ask.path.map(|path| format!("{path} of ")).unwrap_or_default();
        let spent = client.spent();
        let cost = Cost { upstream_requests: spent.requests, upstream_bytes: spent.bytes };
        Ok(Answer {
            summary: format!("{what}{}, {} lines.", at.entity(), text.lines().count()),
            quotes: vec![Quote { label: format!("{what}{}", at.entity()), text }],
            examined: Examined { namespaces: at.namespaces(), ..Examined::default() },
            testimony: Testimony { cost, ..testimony },
            ..Answer::default()
        })
    }
}

fn testimony(found: &Found) -> Testimony {
    Testimony {
        sources: vec![found.source.clone()],
        facts: vec![Fact { source: 0, body: found.body.clone() }],
        ..Testimony::default()
    }
}
