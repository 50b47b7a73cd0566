//! A survey of the whole cluster: a first glance, and a closer look at what is suspicious.

use super::namespace::{self, Place};
use super::reading::{Desk, Reading};
use super::record::Record;
use super::triage::{self, Triage};
use clients::kubernetes::reads;
use clients::kubernetes::resource::Resource;
use evidence::fact::Body;
use futures::future::join_all;
use jiff::Timestamp;

/// Namespaces that are looked at closely; the others are named.
const MOST_CLOSELY: usize = 4;

/// Kinds of which all objects of all namespaces count as looked at, although only what is suspicious becomes facts:
/// who asks whether the cluster is well wants to know that all of them were judged.
const JUDGED: [&Resource; 4] =
    [&reads::PODS, &reads::DEPLOYMENTS, &reads::STATEFUL_SETS, &reads::DAEMON_SETS];

/// What a survey of the cluster found beside its record.
pub(crate) struct Whole {
    /// The namespaces looked at closely.
    pub(crate) closely: Vec<String>,
    /// Pods there are; none where they could not be counted.
    pub(crate) pods: Option<usize>,
}

/// Surveys the whole cluster.
pub(crate) async fn survey(desk: &Desk, since: Timestamp, record: &mut Record) -> Whole {
    let triage = triage::read(desk, since, desk.client.now()).await;
    let known = triage.known();
    let (pods, closely) = (triage.pods, choose(&triage, &desk.client.cluster().namespace, record));
    for reading in triage.readings {
        write_down(reading, &closely, record);
    }
    let place = |namespace| Place { namespace, since, asked: None, known: &known };
    let closer = closely.iter().map(|namespace| namespace::read(desk, place(namespace)));
    for reading in join_all(closer).await.into_iter().flatten() {
        record.add(reading);
    }
    Whole { closely, pods }
}

/// Which namespaces to look at closely, and a gap for those that are not.
fn choose(triage: &Triage, home: &str, record: &mut Record) -> Vec<String> {
    let mut ranked: Vec<String> =
        triage.suspicion.ranked().into_iter().map(str::to_owned).collect();
    if triage.is_denied() && !ranked.iter().any(|namespace| namespace == home) {
        // Where the cluster may not be read, the namespace that this identity is at home in often may.
        ranked.truncate(MOST_CLOSELY - 1);
        ranked.push(home.to_owned());
    }
    let others = ranked.split_off(ranked.len().min(MOST_CLOSELY));
    if !others.is_empty() {
        record.gap(
            format!("namespaces {}", others.join(", ")),
            format!("only the {MOST_CLOSELY} most suspicious namespaces were looked at closely"),
            "ask about each of them with `namespaces`".to_owned(),
        );
    }
    if !triage.unplaced.is_empty() {
        let (count, first) = (triage.unplaced.len(), triage.unplaced.iter().take(5));
        let names: Vec<&str> = first.map(String::as_str).collect();
        record.gap(
            format!("{count} pods that are not well, such as {}", names.join(", ")),
            "neither a workload nor an event tells their namespace".to_owned(),
            "ask about their namespaces with `namespaces`".to_owned(),
        );
    }
    ranked
}

/// Keeps of a list of all namespaces what is in those that are looked at closely.
fn write_down(mut reading: Reading, closely: &[String], record: &mut Record) {
    if !reading.resource.namespaced {
        record.add(reading);
        return;
    }
    reading.bodies.retain(|body: &Body| closely.contains(&body.entity().namespace));
    let mut looked = Vec::new();
    if JUDGED.contains(&&reading.resource) {
        looked.push(String::new());
    }
    // Of pods the closer look follows; of events only warnings were read, which is not all of them.
    // What failed for all namespaces is read again in each.
    let follows = reading.resource == reads::PODS || reading.trouble.is_some();
    if !follows && reading.resource != reads::EVENTS {
        looked.extend(closely.iter().cloned());
    }
    record.add_looked(reading, looked);
}
