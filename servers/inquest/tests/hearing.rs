//! What an investigation makes of servers that are slow, that refuse, or that fall silent half-way.
#![cfg(test)]

use evidence::fact::Body;
use evidence::fact::Fact;
use evidence::fact::meta::Meta;
use evidence::fact::workload::Workload;
use evidence::report::Verdict;
use evidence::testimony::{Look, Testimony};
use inquest::command::investigate::plan;
use inquest::hearing::{self, Concluded};
use inquest::intake::{Asked, intent};
use inquest::trouble::Trouble;
use inquest::witnesses::Witnesses;
use inquest::witnesses::witness::Witness;
use mcp::answer::Answer;
use mcp::client::Specialist;
use mcp::failure::{Code, Failure};
use mcp::server::Server;
use mcp::tool::{Call, Tool};
use mcp::tools::Tools;
use schemars::JsonSchema;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio_util::sync::CancellationToken;

/// How the stand-in for mcp-k8s behaves.
enum Behaviour {
    /// It never answers.
    Stalls,
    /// It may not read anything.
    Denied,
    /// It shows a workload without pods, and nothing else.
    Partial,
}

struct Survey;

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Ask {
    #[expect(dead_code, reason = "the stand-in shows the same whatever is asked")]
    namespaces: Option<Vec<String>>,
    #[expect(dead_code, reason = "as above")]
    workload: Option<String>,
    #[expect(dead_code, reason = "as above")]
    since: Option<String>,
}

impl Tool<Behaviour> for Survey {
    const NAME: &'static str = "k8s_survey";
    const ABOUT: &'static str = "A stand-in.";
    type Ask = Ask;

    async fn answer(server: &Behaviour, _ask: Ask, _call: &Call) -> Result<Answer, Failure> {
        match server {
            Behaviour::Stalls => std::future::pending().await,
            Behaviour::Denied => Err(Failure {
                code: Code::Forbidden,
                message: "pods is forbidden".to_owned(),
                retryable: false,
                hint: "add list on pods".to_owned(),
            }),
            Behaviour::Partial => {
                let meta = Meta {
                    namespace: "shop".to_owned(),
                    name: "web".to_owned(),
                    ..Meta::default()
                };
                let web = Workload {
                    kind: "Deployment".to_owned(),
                    meta,
                    desired: 1,
                    ..Workload::default()
                };
                let look = Look {
                    kind: "Deployment".to_owned(),
                    namespace: String::new(),
                    complete: true,
                };
                let testimony = Testimony {
                    sources: vec![evidence::testimony::Source {
                        method: "GET".to_owned(),
                        path: "/apis/apps/v1/deployments".to_owned(),
                        observed_at: "2026-05-03T10:00:00Z".parse().unwrap(),
                    }],
                    facts: vec![Fact { source: 0, body: Body::Workload(web) }],
                    looks: vec![look],
                    ..Testimony::default()
                };
                Ok(Answer { summary: "1 workload".to_owned(), testimony, ..Answer::default() })
            }
        }
    }
}

async fn investigate(behaviour: Behaviour, stop: CancellationToken) -> Result<Concluded, Trouble> {
    let server = Server::new("mcp-k8s", "", Arc::new(behaviour), Tools::new().with::<Survey>());
    let k8s = Witness::here(Specialist::in_memory(server).await.unwrap());
    let now = "2026-05-03T10:00:00Z".parse().unwrap();
    let witnesses = Witnesses::new(BTreeMap::from([("mcp-k8s", k8s)]), Some(now));
    let intent = intent(Asked { namespace: Some("shop"), ..Asked::default() }).unwrap();
    let plan = plan(&intent, now, None, Duration::from_secs(30)).unwrap();
    hearing::investigate(&intent, &plan, &witnesses, &stop, &|_| {}).await
}

#[tokio::test]
async fn stopping_ends_at_once_with_what_is_known() {
    let stop = CancellationToken::new();
    stop.cancel();
    let began = Instant::now();
    let report = investigate(Behaviour::Stalls, stop).await.unwrap().report;
    assert!(began.elapsed() < Duration::from_millis(1000), "{:?}", began.elapsed());
    assert_eq!(report.verdict, Verdict::Inconclusive);
    assert!(!report.not_examined.is_empty());
}

#[tokio::test]
async fn where_nothing_can_be_seen_it_says_why_and_what_to_do() {
    let trouble = investigate(Behaviour::Denied, CancellationToken::new()).await.unwrap_err();
    assert_eq!(trouble.exit_code(), 69);
    let message = trouble.to_string();
    assert!(
        message.contains("pods is forbidden") && message.contains("add list on pods"),
        "{message}"
    );
}

#[tokio::test]
async fn what_could_not_be_asked_is_not_called_healthy() {
    let concluded = investigate(Behaviour::Partial, CancellationToken::new()).await.unwrap();
    assert_eq!(concluded.report.verdict, Verdict::Inconclusive);
}
