//! One client names a database or a port that the server does not have.

use crate::case::Case;
use crate::case::complaints::Complaint;
use crate::case::peers::peers_in;
use crate::case::words::names::{DATABASE, is_called_after};
use crate::case::words::said::Said;
use crate::failure_mode::{Category, Depth, FailureMode};
use crate::finding::{Cite, Finding, Judgement, Strength};
use crate::kubectl;
use evidence::entity::Entity;
use evidence::fact::spec::EnvVar;
use evidence::question::Question;
use evidence::report::Remedy;

pub(super) static MODE: FailureMode = FailureMode {
    id: "DEP-03",
    title: "it names a database or a port that the server does not have",
    category: Category::Dependency,
    proves: "a client's log says now that there is no such database, or that nobody listens at a port that the database's Service does not have, and the server serves others or is ready",
    refutes: "the server has nobody ready, or all clients say so",
    confused_with: &["RUN-11", "NET-02", "NET-08"],
    depth: Depth::Workload,
    stands_alone: false,
    ask,
    judge,
    remedy,
};

fn is_missed(said: &Said) -> bool {
    matches!(said, Said::NoSuchDatabase { .. })
}

fn ask(case: &Case) -> Vec<Question> {
    case.ask_others(is_missed)
}

fn judge(case: &Case) -> Vec<Judgement> {
    let mut judgements = Vec::new();
    for dispute in case.disputes(is_missed) {
        let Some(first) = dispute.complaints.first().filter(|_| !dispute.is_shared()) else {
            continue;
        };
        let Said::NoSuchDatabase { name } = &first.said else { continue };
        let served = dispute.content.first().cloned();
        let what = format!("it names database {name}, which the server does not have");
        let names = |it: &EnvVar| names_database(it, name);
        let held = in_config_map(case, first);
        let judgement = blame(case, first, &what, names, held, served);
        judgements.push(dispute.doubted(case, judgement));
    }
    for complaint in case.complaints() {
        judgements.extend(by_port(case, &complaint));
    }
    judgements
}

/// It calls a port that the Service of a database does not have, while somebody ready is behind it.
fn by_port(case: &Case, complaint: &Complaint<'_>) -> Option<Judgement> {
    if !complaint.said.is_unreachable() {
        return None;
    }
    let peer = complaint.said.peer()?;
    let port = peer.port?;
    let service = case.service_of(peer, complaint.namespace())?;
    let store = complaint.container.spec.env.iter().any(|it| {
        it.value
            .as_deref()
            .is_some_and(|value| peers_in(value).iter().any(|it| it.host == peer.host))
    });
    let workload = case.workloads_behind(service.it).next()?;
    let mut images = workload.it.template.containers.iter().map(|it| &it.image);
    let is_store = images.any(|it| crate::case::words::store::Store::of_image(it).is_some());
    let known = service.it.ports.iter().any(|it| it.port == port);
    if known || service.it.ports.is_empty() || service.it.headless || !is_store || !store {
        return None;
    }
    let endpoints = case.endpoints(&service.meta.namespace, &service.meta.name).seen()?;
    if endpoints.ready == 0 {
        return None;
    }
    let name = service.meta.entity("Service");
    let what = format!("it calls {name} at port {port}, which that does not have");
    let ports: Vec<String> = service.it.ports.iter().map(|it| it.port.to_string()).collect();
    let says = format!("{name} has the ports {}", ports.join(", "));
    let cite = Some(Cite::new(service.exhibit, says));
    Some(blame(case, complaint, &what, |it| names_port(it, port), None, cite))
}

/// Whether a variable names a database: in a URL, after `dbname=`, or alone where its own name says that it does.
fn names_database(variable: &EnvVar, name: &str) -> bool {
    let Some(value) = variable.value.as_deref() else { return false };
    let own = variable.name.to_ascii_uppercase();
    if value == name {
        return ["DB", "DATABASE", "SCHEMA", "CATALOG"].iter().any(|word| own.contains(word));
    }
    let path = value.rsplit_once('/').filter(|(before, _)| before.contains(['@', ':']));
    let path = path.map(|(_, path)| path.split(['?', ';']).next().unwrap_or_default());
    let mut pairs = value.split([' ', ';', '&', '?']).filter_map(|it| it.split_once('='));
    path == Some(name)
        || pairs.any(|(key, it)| {
            let key = key.trim().to_ascii_lowercase();
            it == name
                && matches!(key.as_str(), "db" | "dbname" | "database" | "databasename" | "catalog")
        })
}

/// Whether a variable names a port: alone where its own name says that it does, or with a host.
fn names_port(variable: &EnvVar, port: u16) -> bool {
    let Some(value) = variable.value.as_deref() else { return false };
    let alone =
        value.trim().parse() == Ok(port) && variable.name.to_ascii_uppercase().contains("PORT");
    alone
        || value.split([' ', ';']).any(|it| it.to_ascii_lowercase() == format!("port={port}"))
        || peers_in(value).iter().any(|it| it.port == Some(port))
}

/// A setting of a ConfigMap.
struct Held {
    config: Entity,
    key: String,
    cite: Cite,
}

/// The setting of a ConfigMap that gives a container the name of its database: the only one that is called after one.
fn in_config_map(case: &Case, complaint: &Complaint<'_>) -> Option<Held> {
    let (spec, namespace) = (&complaint.container.spec, complaint.namespace());
    let mut called: Vec<(&str, &str, &str)> = Vec::new();
    for variable in spec.env.iter().filter(|it| is_called_after(&it.name, &DATABASE)) {
        let from = variable.from.as_ref()?;
        called.push((&from.kind, &from.name, &from.key));
    }
    for source in spec.env_from.iter().filter(|it| it.kind == "ConfigMap") {
        let config = case.config("ConfigMap", namespace, &source.name).seen()?;
        let keys = config.it.keys.iter().flatten().filter(|it| is_called_after(it, &DATABASE));
        called.extend(keys.map(|key| ("ConfigMap", source.name.as_str(), key.as_str())));
    }
    let [("ConfigMap", name, key)] = called.as_slice() else { return None };
    let config = case.config("ConfigMap", namespace, name).seen()?;
    let entity = config.it.meta.entity("ConfigMap");
    let says = format!("{} takes {key} from {entity}", complaint.root());
    let cite = Cite::new(config.exhibit, says);
    Some(Held { config: entity, key: (*key).to_owned(), cite })
}

fn blame(
    case: &Case,
    complaint: &Complaint<'_>,
    what: &str,
    names: impl Fn(&EnvVar) -> bool,
    held: Option<Held>,
    further: Option<Cite>,
) -> Judgement {
    let root = complaint.root().clone();
    let container = &complaint.container;
    let variable = container.spec.env.iter().find(|it| names(it));
    let mut proofs = vec![complaint.cite()];
    proofs.extend(further);
    let changed = case.changed_variable(container, |_| Some(()));
    let variable_name = variable.map(|it| it.name.clone());
    let same = changed.filter(|it| {
        let field = variable_name.as_ref().map(|it| container.field(&format!("env[{it}]")));
        it.field == field
    });
    proofs.extend(same.map(|it| it.cite));
    let mut finding = Finding {
        field: variable.map(|it| container.field(&format!("env[{}]", it.name))),
        value: variable.and_then(|it| it.value.clone()),
        statement: format!("{root} fails because {what}."),
        proofs,
        doubts: Vec::new(),
        strength: Strength::Strong,
        explains: vec![root.clone()],
        subject: root,
    };
    if let Some(held) = held.filter(|_| variable.is_none()) {
        finding.field = Some(format!("data.{}", held.key));
        finding.proofs.push(held.cite);
        finding.subject = held.config;
    }
    Judgement::Proven(finding)
}

fn remedy(finding: &Finding) -> Vec<Remedy> {
    let subject = &finding.subject;
    let command = if subject.kind == "ConfigMap" {
        kubectl::object("edit", subject, "")
    } else {
        kubectl::object("set env", subject, "--list")
    };
    vec![Remedy {
        action: format!("Correct the database's name or port in the source of {subject}."),
        command,
        risk: "low".to_owned(),
        reversible: true,
        verify: "The client connects.".to_owned(),
    }]
}
