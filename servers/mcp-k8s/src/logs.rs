//! Logs of containers: which run to read, and what came of it. No log, no earlier run, an empty log and one that could
//! not be read are four different things.

pub(crate) mod choose;
mod own_time;
pub(crate) mod pods;
pub(crate) mod select;
pub(crate) mod shown;

use crate::server::NAME;
use crate::translate;
use clients::kubernetes::connection::Kubernetes as Client;
use clients::kubernetes::logs::{LogOptions, LogText, Logs};
use evidence::fact::pod::{Pod, State};
use evidence::fact::{Body, Fact};
use evidence::testimony::{Gap, Source, Testimony};
use jiff::Timestamp;
use mcp::failure::{Code, Failure};
use tokio::time::{Instant, timeout_at};

/// A log that is too long for its bytes loses its newest lines, so fewer are asked for, this often at most.
const ATTEMPTS: u32 = 3;

/// Which part of a log to read.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Part {
    /// The run before the present one; none to choose the one that explains more.
    pub(crate) previous: Option<bool>,
    /// Lines from the end.
    pub(crate) tail: u32,
    /// No lines from before.
    pub(crate) since: Option<Timestamp>,
}

/// What came of asking for one log.
pub(crate) struct Taken {
    /// The pod's namespace.
    pub(crate) namespace: String,
    /// The pod.
    pub(crate) pod: String,
    /// The container.
    pub(crate) container: String,
    /// It is the run before the present one.
    pub(crate) previous: bool,
    /// What came of it.
    pub(crate) outcome: Outcome,
    /// Lines before those read were left out.
    pub(crate) truncated: bool,
}

/// What came of asking for a log.
pub(crate) enum Outcome {
    /// It was read; without lines, the container has written nothing.
    Read(LogText),
    /// The container has not started, so there is none; in the kubelet's words or ours.
    NotStarted(String),
    /// The container has not run before.
    NoPrevious,
    /// It has, and that log is gone; the kubelet's words.
    Gone(String),
    /// It could not be read.
    Unread(Failure),
}

/// Reads the log of one container.
pub(crate) async fn take(
    client: &Client,
    pod: &Pod,
    container: &str,
    part: Part,
    deadline: Instant,
) -> Taken {
    let status = pod.containers.iter().find(|it| it.name == container);
    let chosen = status.is_some_and(|status| choose::previous(status, client.now()));
    let mut taken = Taken {
        namespace: pod.meta.namespace.clone(),
        pod: pod.meta.name.clone(),
        container: container.to_owned(),
        previous: part.previous.unwrap_or(chosen),
        outcome: Outcome::NoPrevious,
        truncated: false,
    };
    if pod.spec.node_name.is_empty() {
        // The API server answers with nothing for a pod without a node, as for a container that wrote nothing.
        taken.outcome = Outcome::NotStarted("the pod has no node yet".to_owned());
        return taken;
    }
    taken.read(client, part, deadline).await;
    if part.previous.is_none() && taken.previous && !matches!(taken.outcome, Outcome::Read(_)) {
        // It was our choice; the present run is what was asked for.
        taken.previous = false;
        taken.read(client, part, deadline).await;
    }
    let ran_before = status.is_some_and(|status| status.last.is_some() || status.restarts > 0);
    if let (Outcome::Gone(_), false) = (&taken.outcome, ran_before) {
        taken.outcome = Outcome::NoPrevious;
    }
    let waits = status.is_some_and(|it| matches!(it.state, Some(State::Waiting { .. })));
    if let (Outcome::Read(text), true, false) = (&taken.outcome, waits, ran_before)
        && text.lines.is_empty()
    {
        taken.outcome = Outcome::NotStarted("the container waits for its first start".to_owned());
    }
    taken
}

impl Taken {
    async fn read(&mut self, client: &Client, part: Part, deadline: Instant) {
        let mut options = LogOptions {
            container: Some(self.container.clone()),
            previous: self.previous,
            tail_lines: part.tail,
            since: part.since,
            ..LogOptions::default()
        };
        for _ in 0..ATTEMPTS {
            let logs = client.logs(&self.namespace, &self.pod, &options);
            self.outcome = match timeout_at(deadline, logs).await {
                Ok(Ok(Logs::Read(text))) => Outcome::Read(text),
                Ok(Ok(Logs::NotStarted(words))) => Outcome::NotStarted(words),
                Ok(Ok(Logs::NoPrevious(words))) => Outcome::Gone(words),
                Ok(Err(refusal)) => Outcome::Unread(Failure::from(&refusal)),
                Err(_) => Outcome::Unread(late()),
            };
            let Outcome::Read(text) = &self.outcome else { return };
            let asked = usize::try_from(options.tail_lines).unwrap_or(usize::MAX);
            self.truncated = text.cut || part.since.is_some() || text.lines.len() >= asked;
            if !text.cut {
                return;
            }
            options.tail_lines = (options.tail_lines / 4).max(1);
        }
    }

    /// `container web of Pod shop/web-0, previous run`.
    pub(crate) fn name(&self) -> String {
        let run = if self.previous { ", previous run" } else { "" };
        format!("container {} of Pod {}/{}{run}", self.container, self.namespace, self.pod)
    }

    /// What came of it where it brought no lines; none where it brought some.
    pub(crate) fn trouble(&self) -> Option<String> {
        let name = self.name();
        match &self.outcome {
            Outcome::Read(text) if !text.lines.is_empty() => None,
            Outcome::Read(_) if self.truncated => {
                Some(format!("{name}: nothing in the time asked for"))
            }
            Outcome::Read(_) => Some(format!("{name}: read, and it is empty: nothing was written")),
            Outcome::NotStarted(words) => {
                Some(format!("{name}: not started, so there is no log: {words}"))
            }
            Outcome::NoPrevious => {
                Some(format!("{name}: it has not run before, so there is no previous log"))
            }
            Outcome::Gone(words) => {
                Some(format!("{name}: it ran before, but that log is gone: {words}"))
            }
            Outcome::Unread(failure) => {
                Some(format!("{name}: could not be read: {}", failure.message))
            }
        }
    }

    /// It may not be read.
    pub(crate) fn is_denied(&self) -> bool {
        matches!(&self.outcome, Outcome::Unread(failure) if failure.code == Code::Forbidden)
    }

    /// Adds the fact, where the log was read, or the gap, where it could not be.
    pub(crate) fn testify(&self, testimony: &mut Testimony) {
        let why = match &self.outcome {
            Outcome::Read(text) => {
                let source = testimony.sources.len();
                testimony.sources.push(Source {
                    method: "GET".to_owned(),
                    path: text.path.clone(),
                    observed_at: text.observed_at,
                });
                testimony.facts.push(Fact { source, body: Body::Log(self.fact(text)) });
                return;
            }
            Outcome::NotStarted(_) | Outcome::NoPrevious => return,
            Outcome::Gone(words) => words.clone(),
            Outcome::Unread(failure) => failure.message.clone(),
        };
        let remedy = match self.is_denied() {
            true => {
                r#"add to a Role of this identity: {apiGroups: [""], resources: [pods/log], verbs: [get]}"#
            }
            false => "look for it where logs are collected",
        };
        testimony.gaps.push(Gap {
            server: NAME.to_owned(),
            what: format!("log of {}", self.name()),
            why,
            remedy: remedy.to_owned(),
        });
    }

    fn fact(&self, text: &LogText) -> evidence::fact::event::Log {
        let written = text.lines.iter().map(|line| (line.at, line.text.clone()));
        translate::log::log(
            &self.namespace,
            &self.pod,
            &self.container,
            self.previous,
            self.truncated,
            written,
        )
    }
}

fn late() -> Failure {
    Failure {
        code: Code::Timeout,
        message: "the log did not arrive before the call's deadline".to_owned(),
        retryable: true,
        hint: String::new(),
    }
}
