//! What the cluster said about its objects lately, warnings first.

use crate::address::{self, check_namespace, check_object, missing_namespace};
use crate::said::{self, Said, Saying};
use crate::sentence::short;
use crate::server::{Kubernetes, NAME};
use clients::kubernetes::connection::Kubernetes as Client;
use clients::kubernetes::rbac;
use clients::kubernetes::reach::Reach;
use clients::kubernetes::reads::EVENTS;
use evidence::fact::event::Event;
use evidence::fact::{Body, Fact};
use evidence::scope::Window;
use evidence::testimony::{Cost, Gap, Look, Testimony};
use jiff::{SignedDuration, Timestamp};
use mcp::age::{age, to_second};
use mcp::answer::{Answer, Examined, Quote, Table};
use mcp::arguments::{Since, limit};
use mcp::cursor;
use mcp::failure::{Code, Failure};
use mcp::tool::{Call, Tool};
use schemars::JsonSchema;
use serde::Deserialize;
use std::time::Duration;

/// The tool.
pub struct GetEvents;

/// Which events to read.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Ask {
    namespace: Option<String>,
    /// As pod/web-0.
    involved_object: Option<String>,
    #[schemars(extend("seldom" = "type=Warning"))]
    r#type: Option<Type>,
    reason: Option<String>,
    since: Option<Since>,
    #[schemars(extend("seldom" = "grouped=false"))]
    grouped: Option<bool>,
    grep: Option<String>,
    limit: Option<u64>,
    cursor: Option<String>,
}

/// The two types of events.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
enum Type {
    Warning,
    Normal,
}

/// As long as the API server keeps events, unless it is told otherwise.
const RECENT: SignedDuration = SignedDuration::from_hours(1);
const ROWS: u64 = 30;
const MOST_ROWS: u64 = 200;
/// Where there are more, those that every pod goes through are one row for each workload.
const FOLDED_ABOVE: usize = 10;
/// Facts that are kept: warnings before others, the latest first.
const MOST_FACTS: usize = 1_000;
/// What is kept of the time for writing the answer down.
const TO_ANSWER: Duration = Duration::from_secs(1);

impl Tool<Kubernetes> for GetEvents {
    const NAME: &'static str = "k8s_get_events";
    const ABOUT: &'static str = "What the cluster said lately, grouped, warnings first. Use it for why pods do not \
start or stay up.";
    type Ask = Ask;

    async fn answer(server: &Kubernetes, ask: Ask, call: &Call) -> Result<Answer, Failure> {
        let most = limit("limit", ask.limit, ROWS, MOST_ROWS)?;
        if let Some(namespace) = &ask.namespace {
            check_namespace(namespace)?;
        }
        let client = server.client().await?;
        let fields = fields(&client, &ask).await?;
        let now = client.now();
        let since = ask.since.map(|since| since.seen_from(now));
        let since = since.unwrap_or_else(|| now.checked_sub(RECENT).unwrap_or(now));
        let deadline = call.deadline.checked_sub(TO_ANSWER).unwrap_or(call.deadline);
        let mut heard = hear(&client, ask.namespace.as_deref(), &fields, deadline).await?;
        if let (Some(namespace), Some(said)) = (&ask.namespace, &heard.said)
            && said.events.is_empty()
            && let Some(failure) = missing_namespace(&client, namespace).await
        {
            return Err(failure);
        }
        let events = heard.said.as_mut().map(|said| std::mem::take(&mut said.events));
        let mut events = events.unwrap_or_default();
        let recent = events.iter().filter(|it| it.last >= Some(since));
        let wanted =
            recent.filter(|it| ask.grep.as_ref().is_none_or(|text| it.message.contains(text)));
        let sayings = said::sayings(&wanted.collect::<Vec<_>>(), ask.grouped.unwrap_or(true));
        let summary = summary(&sayings, &heard, &age(now, Some(since)));
        let sayings = match sayings.len() {
            0..=FOLDED_ABOVE => sayings,
            _ if ask.narrow() => sayings,
            _ => said::folded(sayings),
        };
        let cut = heard.said.as_ref().and_then(|said| said.cut.clone());
        let identity = |it: &Saying| format!("{} {} {}", it.reason, it.about, it.message);
        let identities: Vec<String> = sayings.iter().map(identity).collect();
        let part = cursor::part(ask.cursor.as_deref(), &identities, most, cut.is_none())?;
        let first = part.rows.start + 1;
        let shown = sayings.get(part.rows).unwrap_or_default();
        let answer = Answer {
            warnings: heard.gaps.iter().map(|gap| gap.remedy.clone()).collect(),
            summary,
            table: table(first, shown, now),
            quotes: messages(first, shown),
            page: Some(part.page),
            examined: Examined {
                namespaces: heard.namespaces.clone(),
                denied: heard.denied.clone(),
                window: Some(Window { start: to_second(since), end: to_second(now) }),
                incomplete: cut,
                ..Examined::default()
            },
            ..Answer::default()
        };
        events.sort_by_key(|it| std::cmp::Reverse((it.warning, it.last)));
        let mut testimony = heard.testimony(events, fields.is_empty());
        let spent = client.spent();
        testimony.cost = Cost { upstream_requests: spent.requests, upstream_bytes: spent.bytes };
        Ok(Answer { testimony, ..answer })
    }
}

impl Ask {
    /// It asks for some events by what they are, so each of these is shown.
    fn narrow(&self) -> bool {
        self.grouped == Some(false)
            || self.r#type == Some(Type::Normal)
            || self.involved_object.is_some()
            || self.reason.is_some()
            || self.grep.is_some()
    }
}

/// The field selector that the arguments make.
async fn fields(client: &Client, ask: &Ask) -> Result<String, Failure> {
    let mut terms = Vec::new();
    if let Some(object) = &ask.involved_object {
        let Some((kind, name)) = object.split_once('/') else {
            return Err(Failure::invalid(
                "argument `involved_object` must be KIND/NAME, such as pod/web-0",
            ));
        };
        check_object("involved_object", name)?;
        let resource = address::kind(client, "involved_object", kind).await?;
        terms.push(format!("involvedObject.kind={},involvedObject.name={name}", resource.kind));
    }
    if let Some(kind) = ask.r#type {
        terms.push(format!("type={kind:?}"));
    }
    if let Some(reason) = &ask.reason {
        if reason.is_empty() || !reason.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            return Err(Failure::invalid(
                "argument `reason` must be one word, such as FailedScheduling",
            ));
        }
        terms.push(format!("reason={reason}"));
    }
    Ok(terms.join(","))
}

/// What was heard, and where nobody would say anything.
#[derive(Default)]
struct Heard {
    said: Option<Said>,
    namespaces: Vec<String>,
    denied: Vec<String>,
    gaps: Vec<Gap>,
    looks: Vec<Look>,
}

/// Reads the events of a namespace, or of all; of the one that this identity is at home in, where all are denied.
async fn hear(
    client: &Client,
    namespace: Option<&str>,
    fields: &str,
    deadline: tokio::time::Instant,
) -> Result<Heard, Failure> {
    let mut heard = Heard::default();
    let home = client.cluster().namespace.clone();
    let mut places = vec![namespace.map_or(Reach::Cluster, Reach::Namespace)];
    if namespace.is_none() {
        places.push(Reach::Namespace(&home));
    }
    for reach in places {
        heard.namespaces =
            Some(reach.namespace().to_owned()).filter(|it| !it.is_empty()).into_iter().collect();
        match said::read(client, reach, fields.to_owned(), deadline).await {
            Ok(said) => {
                heard.look(reach, said.cut.is_none() && fields.is_empty());
                heard.said = Some(said);
                break;
            }
            Err(failure) if failure.code == Code::Forbidden => heard.deny(reach, failure.message),
            Err(failure) if failure.message.contains("answered 400") => {
                return Err(Failure { code: Code::InvalidArgument, ..failure });
            }
            Err(failure) => return Err(failure),
        }
    }
    Ok(heard)
}

impl Heard {
    fn look(&mut self, reach: Reach<'_>, complete: bool) {
        let namespace = reach.namespace().to_owned();
        self.looks.push(Look { kind: EVENTS.kind.to_string(), namespace, complete });
    }

    fn deny(&mut self, reach: Reach<'_>, why: String) {
        let (place, what) = match reach {
            Reach::Cluster => ("cluster", "events of the whole cluster".to_owned()),
            Reach::Namespace(namespace) => (namespace, format!("events in namespace {namespace}")),
        };
        self.denied.push(format!("{place}: list events (403)"));
        let remedy = format!("add to a role of this identity: {}", rbac::rule_for(&EVENTS));
        self.gaps.push(Gap { server: NAME.to_owned(), what, why, remedy });
        self.look(reach, false);
    }

    /// Everything that was read, be it shown or not; a complete look only where nothing was selected.
    fn testimony(self, mut events: Vec<Event>, whole: bool) -> Testimony {
        let mut testimony =
            Testimony { gaps: self.gaps, looks: self.looks, ..Testimony::default() };
        if let Some(said) = self.said {
            testimony.sources.push(said.source);
        }
        if !whole || events.len() > MOST_FACTS {
            testimony.looks.iter_mut().for_each(|look| look.complete = false);
        }
        events.truncate(MOST_FACTS);
        let facts = events.into_iter().map(|it| Fact { source: 0, body: Body::Event(it) });
        testimony.facts = facts.collect();
        testimony
    }
}

fn summary(sayings: &[Saying], heard: &Heard, back: &str) -> String {
    let place = match heard.namespaces.as_slice() {
        [] => "in all namespaces".to_owned(),
        namespaces => format!("in namespace {}", namespaces.join(", ")),
    };
    if heard.said.is_none() {
        return format!("Events {place} could not be read: denied.");
    }
    let warnings = sayings.iter().filter(|it| it.warning).count();
    let times: u32 = sayings.iter().map(|it| it.count).fold(0, u32::saturating_add);
    match sayings.len() {
        0 => format!("No events that fit {place} in the last {back}."),
        all => format!(
            "Events {place} in the last {back}: {all} different, {warnings} of them warnings; {times} in all."
        ),
    }
}

fn table(first: usize, sayings: &[Saying], now: Timestamp) -> Table {
    let columns = ["#", "TYPE", "REASON", "OBJECT", "OBJECTS", "COUNT", "FIRST", "LAST"];
    let row = |(number, it): (usize, &Saying)| {
        let kind = if it.warning { "Warning" } else { "Normal" };
        vec![
            number.to_string(),
            kind.to_owned(),
            it.reason.clone(),
            it.about.clone(),
            it.objects.to_string(),
            it.count.to_string(),
            age(now, it.first),
            age(now, it.last),
        ]
    };
    let rows = (first..).zip(sayings).map(row).collect();
    Table { columns: columns.map(str::to_owned).to_vec(), rows }
}

/// The messages by the numbers of the rows: components and workloads wrote them.
fn messages(first: usize, sayings: &[Saying]) -> Vec<Quote> {
    let lines: Vec<String> = (first..)
        .zip(sayings)
        .filter(|(_, it)| !it.message.is_empty())
        .map(|(number, it): (usize, _)| format!("{number} {}", short(&it.message)))
        .collect();
    if lines.is_empty() {
        return Vec::new();
    }
    vec![Quote { label: "messages by #".to_owned(), text: lines.join("\n") }]
}
