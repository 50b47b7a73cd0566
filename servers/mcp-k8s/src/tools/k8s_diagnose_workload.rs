//! Why a workload is not well: the cause, proven, with what was ruled out.

use crate::address::{self, check_namespace, check_object};
use crate::hearing;
use crate::server::Kubernetes;
use crate::unwell;
use crate::verdict;
use diagnosis::case::Case;
use diagnosis::engine;
use evidence::entity::Entity;
use evidence::fact::Body;
use evidence::lint::lint;
use evidence::question::Question;
use evidence::scope::{Scope, Window};
use evidence::testimony::Testimony;
use jiff::SignedDuration;
use mcp::age::to_second;
use mcp::answer::Answer;
use mcp::failure::{Code, Failure};
use mcp::nearest::offer;
use mcp::tool::{Call, Tool};
use schemars::JsonSchema;
use serde::Deserialize;
use std::time::Duration;

/// The tool.
pub struct DiagnoseWorkload;

/// Which workload.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Ask {
    namespace: String,
    name: String,
    kind: Option<String>,
}

/// What happened before is old.
const RECENT: SignedDuration = SignedDuration::from_hours(1);
/// What is kept of the time for the questions that the survey raises.
const TO_ASK_FURTHER: Duration = Duration::from_secs(6);
/// Which of several objects of one name is meant, the first first.
const KINDS: [&str; 8] =
    ["Deployment", "StatefulSet", "DaemonSet", "CronJob", "Job", "Pod", "Service", "ReplicaSet"];

impl Tool<Kubernetes> for DiagnoseWorkload {
    const NAME: &'static str = "k8s_diagnose_workload";
    const ABOUT: &'static str = "Why a workload is unwell: the proven cause, the change behind it, what to do, what \
was ruled out. Use it once you know which fails.";
    type Ask = Ask;

    async fn answer(server: &Kubernetes, ask: Ask, call: &Call) -> Result<Answer, Failure> {
        check_namespace(&ask.namespace)?;
        check_object("name", &ask.name)?;
        let client = server.client().await?;
        let kind = match &ask.kind {
            Some(kind) => Some(address::kind(&client, "kind", kind).await?.kind),
            None => None,
        };
        let survey = Question::Survey {
            namespaces: vec![ask.namespace.clone()],
            workload: kind.map(|kind| format!("{kind}/{}", ask.name)),
        };
        let first = call.deadline.checked_sub(TO_ASK_FURTHER).unwrap_or(call.deadline);
        let first = Call { deadline: first, ..call.clone() };
        let seen = hearing::put(server, &survey, None, &first).await?;
        let workload = match &survey {
            Question::Survey { workload: Some(workload), .. } => workload.clone(),
            _ => found(&seen, &ask)?,
        };
        let (kind, name) = workload.split_once('/').unwrap_or(("", &workload));
        let asked = Entity::new(kind, &ask.namespace, name);
        let now = to_second(client.now());
        let window = Window { start: now.checked_sub(RECENT).unwrap_or(now), end: now };
        let scope = Scope {
            cluster: client.cluster().name.clone(),
            namespaces: vec![ask.namespace.clone()],
            workload: Some(workload.clone()),
        };
        let question = format!("why is {asked} not well?");
        let mut case = Case::open(&question, scope, now, window);
        // A survey centred on what it has found would read the same again.
        let centred =
            Question::Survey { namespaces: vec![ask.namespace], workload: Some(workload) };
        case.ask(&[survey, centred]);
        case.hear(seen.clone());
        let mut heard = vec![seen];
        heard.extend(hearing::hear(server, &mut case, call).await);
        let report = engine::conclude(&case);
        if let Some(fault) = lint(&report).first() {
            return Err(Failure {
                code: Code::Internal,
                message: format!("the diagnosis claims what it does not prove: {fault}"),
                retryable: false,
                hint: "k8s_survey shows what was seen".to_owned(),
            });
        }
        let testimony = together(heard);
        let about = |body: &&Body| body.entity() == asked && !is_said(body);
        let itself = testimony.facts.iter().map(|fact| &fact.body).find(about);
        let trouble = itself.and_then(|body| unwell::why(body, now));
        Ok(verdict::answer(&report, &asked, trouble.as_ref(), testimony))
    }
}

/// The object of that name, as `Deployment/web`.
fn found(seen: &Testimony, ask: &Ask) -> Result<String, Failure> {
    let all = seen.facts.iter().filter(|fact| !is_said(&fact.body)).map(|fact| fact.body.entity());
    let all: Vec<Entity> = all.filter(|it| KINDS.contains(&it.kind.as_str())).collect();
    let here = |kind: &&str| all.iter().any(|it| it.kind == *kind && it.name == ask.name);
    if let Some(kind) = KINDS.into_iter().find(|kind| here(kind)) {
        return Ok(format!("{kind}/{}", ask.name));
    }
    Err(Failure {
        code: Code::NotFound,
        message: format!("there is no workload {} in namespace {}", ask.name, ask.namespace),
        retryable: false,
        hint: offer(&ask.name, all.iter().map(|it| it.name.as_str())),
    })
}

/// It is about an object, and not that object.
fn is_said(body: &Body) -> bool {
    matches!(body, Body::Event(_) | Body::Log(_) | Body::Endpoints(_))
}

/// What all calls brought, as one.
fn together(heard: Vec<Testimony>) -> Testimony {
    let mut all = Testimony::default();
    for one in heard {
        let before = all.sources.len();
        all.sources.extend(one.sources);
        all.facts.extend(one.facts.into_iter().map(|mut fact| {
            fact.source += before;
            fact
        }));
        all.looks.extend(one.looks);
        all.gaps.extend(one.gaps);
        all.cost.upstream_requests += one.cost.upstream_requests;
        all.cost.upstream_bytes += one.cost.upstream_bytes;
    }
    all
}
