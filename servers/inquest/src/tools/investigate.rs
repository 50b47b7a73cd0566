//! Investigates a question; the answer, or a handle where it takes long.

use super::{Lead, get_investigation};
use crate::command::investigate::plan;
use crate::hearing;
use crate::intake::{self, Asked, alert, time};
use crate::store::State;
use crate::trouble::Trouble;
use mcp::answer::Answer;
use mcp::failure::{Code, Failure};
use mcp::tool::{Call, Tool};
use mcp::trace::carried;
use schemars::JsonSchema;
use serde::Deserialize;
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// Hosts give up at 30 s and some earlier; what takes longer than this is polled.
const PATIENCE: Duration = Duration::from_secs(15);

/// Investigates a question.
pub struct Investigate;

/// The arguments of `investigate`.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Ask {
    /// The user's question, in plain words
    question: Option<String>,
    /// Namespace; left out: what the question names, or all
    namespace: Option<String>,
    /// Object, as deployment/web
    workload: Option<String>,
    /// An alert as Alertmanager sends it, JSON text
    alert: Option<String>,
    /// How far back, as 1h
    since: Option<String>,
    /// A past moment to look at, as now-1h or RFC 3339
    at: Option<String>,
    /// Most time it may take, as 30s
    budget: Option<String>,
}

impl Tool<Lead> for Investigate {
    const NAME: &'static str = "investigate";
    const ABOUT: &'static str = "Finds the root cause of an incident and proves it, in one call. Use it first, with the \
user's question as it was asked.";
    type Ask = Ask;

    async fn answer(lead: &Lead, ask: Ask, _call: &Call) -> Result<Answer, Failure> {
        let Ok(slot) = Arc::clone(&lead.slots).try_acquire_owned() else {
            return Err(Failure {
                code: Code::Busy,
                message: "too many investigations at once".to_owned(),
                retryable: true,
                hint: "try again in a few seconds".to_owned(),
            });
        };
        let intent = intake::intent(Asked {
            question: ask.question.as_deref(),
            namespace: ask.namespace.as_deref(),
            workload: ask.workload.as_deref(),
            alert: ask
                .alert
                .as_deref()
                .map(alert::read)
                .transpose()
                .map_err(|why| invalid("alert", &why))?,
            since: span("since", ask.since.as_deref())?,
        })
        .map_err(|trouble| Failure::invalid(arguments(&trouble)))?;
        let budget =
            span("budget", ask.budget.as_deref())?.map_or(lead.budget, |it| it.min(lead.budget));
        let witnesses = Arc::clone(&lead.witnesses);
        let plan = plan(&intent, witnesses.now(), ask.at.as_deref(), budget)
            .map_err(|trouble| Failure::invalid(arguments(&trouble)))?;
        let investigation = lead.store.begin(&intent.question);
        let kept = Arc::clone(&investigation);
        // It goes on when the caller does not wait: its report can be asked for.
        let running = tokio::spawn(carried(async move {
            let stop = CancellationToken::new();
            let step = |step: &str| kept.step(step);
            kept.end(hearing::investigate(&intent, &plan, &witnesses, &stop, &step).await);
            drop(slot);
        }));
        match tokio::time::timeout(PATIENCE, running).await {
            Ok(Err(_)) => Err(Failure {
                code: Code::Internal,
                message: "the investigation broke down".to_owned(),
                retryable: false,
                hint: String::new(),
            }),
            Ok(Ok(())) | Err(_) => match investigation.state() {
                State::Failed(trouble) => Err(failure(&trouble)),
                state => Ok(get_investigation::answer(&investigation.id, &state)),
            },
        }
    }
}

fn span(name: &str, text: Option<&str>) -> Result<Option<Duration>, Failure> {
    text.map(time::span).transpose().map_err(|why| invalid(name, &why))
}

fn invalid(name: &str, why: &str) -> Failure {
    Failure::invalid(format!("{name}: {why}"))
}

/// A flag is an argument here.
fn arguments(trouble: &Trouble) -> String {
    let text = trouble.to_string();
    text.replace("--namespace", "namespace").replace("--workload", "workload").replace("--at", "at")
}

fn failure(trouble: &Trouble) -> Failure {
    let code = match trouble {
        Trouble::Usage(_) => Code::NotFound,
        Trouble::NothingExamined(_) => Code::Unreachable,
        Trouble::Ours(_) => Code::Internal,
    };
    Failure { code, message: arguments(trouble), retryable: false, hint: String::new() }
}
