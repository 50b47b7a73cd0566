//! A survey of the whole cluster: a first glance, and a closer look at what is suspicious.

use super::namespace::{self, Place};
use super::reading::{Desk, Reading};
use super::record::Record;
use super::triage::{self, Triage};
use clients::kubernetes::reads;
use clients::kubernetes::resource::Resource;
use evidence::fact::Body;
use evidence::fact::meta::Meta;
use evidence::fact::network::Service;
use evidence::fact::workload::Workload;
use evidence::testimony::Look;
use futures::future::join_all;
use jiff::Timestamp;

/// Namespaces that are looked at closely; the others are named.
const MOST_CLOSELY: usize = 4;

/// Kinds of which all objects of all namespaces become facts, reduced to their names and counts where they are not looked at
/// closely: who names one must find it.
const NAMED: [&Resource; 4] =
    [&reads::DEPLOYMENTS, &reads::STATEFUL_SETS, &reads::DAEMON_SETS, &reads::SERVICES];
/// Kinds that tell at a glance whether a namespace is well.
const TELLING: [&Resource; 7] = [
    &reads::PODS,
    &reads::DEPLOYMENTS,
    &reads::STATEFUL_SETS,
    &reads::DAEMON_SETS,
    &reads::JOBS,
    &reads::SERVICES,
    &reads::ENDPOINT_SLICES,
];
/// What a look at all namespaces is called that saw whether each of them is well.
const GLANCE: &str = "Glance";

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
    let telling = triage.readings.iter().filter(|it| TELLING.contains(&&it.resource));
    let told = telling.filter(|it| it.trouble.is_none()).count() >= TELLING.len();
    let (pods, ranked) = (triage.pods, triage.suspicion.weights.len());
    let closely = choose(&triage, &desk.client.cluster().namespace, record);
    record.look(Look {
        kind: GLANCE.to_owned(),
        namespace: String::new(),
        complete: told && ranked <= MOST_CLOSELY && triage.unplaced.is_empty(),
    });
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
            "no workload tells their namespace".to_owned(),
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
    let is_named = NAMED.contains(&&reading.resource);
    let all = std::mem::take(&mut reading.bodies);
    for body in all {
        if closely.contains(&body.entity().namespace) {
            reading.bodies.push(body);
        } else if is_named {
            reading.bodies.extend(reduced(body));
        }
    }
    let mut looked = Vec::new();
    if is_named {
        looked.push(String::new());
    }
    // Of pods the closer look follows. What failed for all namespaces is read again in each.
    let follows = reading.resource == reads::PODS || reading.trouble.is_some();
    if !follows {
        looked.extend(closely.iter().cloned());
    }
    record.add_looked(reading, looked);
}

/// What is kept of an object that is not looked at closely.
fn reduced(body: Body) -> Option<Body> {
    let named = |meta: Meta| Meta {
        namespace: meta.namespace,
        name: meta.name,
        uid: meta.uid,
        ..Meta::default()
    };
    match body {
        Body::Workload(it) => Some(Body::Workload(Workload {
            kind: it.kind,
            meta: named(it.meta),
            desired: it.desired,
            current: it.current,
            updated: it.updated,
            ready: it.ready,
            available: it.available,
            ..Workload::default()
        })),
        Body::Service(it) => Some(Body::Service(Service {
            meta: named(it.meta),
            kind: it.kind,
            // Logs name whom they miss by address, too.
            addresses: it.addresses,
            ports: it.ports,
            ..Service::default()
        })),
        _ => None,
    }
}
