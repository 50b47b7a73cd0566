//! A workload is configured with an address that is nobody's.

mod alias;
mod by_hand;
mod in_config;
mod in_environment;
mod in_file;
mod pinned;
mod revised;
mod since_changed;

use crate::case::Case;
use crate::case::addresses::{self, Setting};
use crate::case::calls::FailedCall;
use crate::case::complaints::Complaint;
use crate::case::misspelt::Misspelt;
use crate::case::peers::{Meant, peers_in};
use crate::case::words::peer::Peer;
use crate::failure_mode::{Category, Depth, FailureMode};
use crate::finding::{Cite, Finding, Judgement, Refutation, Strength};
use crate::kubectl;
use evidence::entity::Entity;
use evidence::question::Question;
use evidence::report::Remedy;

pub(super) static MODE: FailureMode = FailureMode {
    id: "NET-08",
    title: "it is configured with a wrong address",
    category: Category::Network,
    proves: "its log says that a host that its environment names is not found, while the revision before, a name like it or the same name in its own namespace leads to a Service; that the one ConfigMap behind its environment with a host in it must name it, and a name like it leads to a Service, or that somebody put it there lately; that a Service does not answer at a port that it does not have, which its environment names, or a ConfigMap that it reads, or one key of a ConfigMap behind it that bears the Service's name, or the one ConfigMap among its files that was changed lately; that it repeats errors since it was started with a ConfigMap whose changed key names a Service at a port that it does not have; that it does not speak TLS, or speaks nothing else, since the newest revision changed the scheme of its address; or that nobody finds an address for a Service that stands for a name outside since another name was put there; that nobody answers behind a Service without a selector since other addresses were written into its EndpointSlice; or that a call fails to a name that its own hostAliases pin to an address which its Service does not have, or lately, to one outside; or that the newest revision brought an address at which there is no Service or not that port, where users report a trouble and the one before led to one",
    refutes: "the host is a Service and the port one of its ports, or no log mentions it",
    confused_with: &["NET-02", "NET-05", "RUN-11"],
    depth: Depth::Workload,
    stands_alone: true,
    ask,
    judge,
    remedy,
};

fn judge(case: &Case) -> Vec<Judgement> {
    let mut judgements: Vec<Judgement> = Vec::new();
    for complaint in case.complaints() {
        judgements.extend(wrong_host(case, &complaint));
        judgements.extend(wrong_scheme(case, &complaint));
    }
    for call in case.failed_calls() {
        judgements.extend(wrong_port(case, &call));
    }
    judgements.extend(alias::judge(case));
    judgements.extend(by_hand::judge(case));
    judgements.extend(since_changed::judge(case));
    judgements.extend(pinned::judge(case));
    judgements.extend(revised::judge(case));
    judgements
}

/// The Service that a name of two labels means, where the second is a namespace; `api.stripe` may be one outside.
fn in_a_namespace(peer: &Peer) -> Option<Entity> {
    let (name, namespace) = peer.host.split_once('.')?;
    let plain = !namespace.contains('.') && peer.address().is_none();
    plain.then(|| Entity::new("Service", namespace, name))
}

/// The Services of a namespace that a setting names, where nobody has looked at them.
fn ask(case: &Case) -> Vec<Question> {
    let mut questions = Vec::new();
    for complaint in case.complaints() {
        let Some(peer) = complaint.said.perhaps_nobody() else { continue };
        let elsewhere = matches!(case.meant(peer, complaint.namespace()), Meant::Elsewhere);
        let Some(service) = in_a_namespace(peer).filter(|_| elsewhere) else { continue };
        let spec = &complaint.container.pod.it.spec;
        let told = case.destinations(spec, complaint.namespace());
        let mut told = told.into_iter().flat_map(peers_in);
        if told.any(|it| it.host == peer.host) && !case.looked("Service", &service.namespace) {
            let (kind, namespace) = ("Service".to_owned(), service.namespace);
            questions.push(Question::Objects { kind, namespace });
        }
    }
    questions
}

/// A name that is nobody's, where it shows which one was meant.
fn wrong_host(case: &Case, complaint: &Complaint<'_>) -> Option<Judgement> {
    let peer = complaint.said.perhaps_nobody()?;
    let absent = match case.meant(peer, complaint.namespace()) {
        Meant::Absent(absent) => absent,
        Meant::Elsewhere => {
            in_a_namespace(peer).filter(|it| case.service(&it.namespace, &it.name).is_absent())?
        }
        _ => return None,
    };
    let spec = &complaint.container.pod.it.spec;
    let Some(setting) = addresses::setting(spec, &peer.host, None) else {
        return in_config::wrong_host(case, complaint, peer, &absent).or_else(|| {
            let found = case.misspelt(complaint, &absent)?;
            misspelt(complaint, &found, &absent)
        });
    };
    let (service, before) = case.meant_instead(complaint, &setting, &absent)?;
    let (root, meant) = (complaint.root(), service.meta.entity("Service"));
    let mut proofs = vec![complaint.cite(), cite(complaint, &setting)];
    proofs.push(Cite::new(service.exhibit, format!("{meant} is there, and {absent} is not")));
    proofs.extend(
        before.map(|it| Cite::new(it, format!("the revision before did not name {absent}"))),
    );
    // That it did not name it before leaves no doubt; that one is like it, a little.
    let strength = if before.is_some() { Strength::Conclusive } else { Strength::Strong };
    let why =
        format!("{} names {}, and there is no {absent}, only {meant}", setting.name, peer.host);
    Some(proven(root, Some(&setting), &why, proofs, strength))
}

/// A name in the one ConfigMap that can hold it.
fn misspelt(complaint: &Complaint<'_>, found: &Misspelt<'_>, absent: &Entity) -> Option<Judgement> {
    let (config, key) = (found.config.meta.entity("ConfigMap"), found.key);
    let (meant, root) = (found.meant.meta.entity("Service"), complaint.root());
    let is_there = format!("{meant} is there, and {absent} is not");
    let says = format!("the container has {key} from there");
    Some(Judgement::Proven(Finding {
        field: Some(format!("data.{key}")),
        value: None,
        statement: format!(
            "{root} calls {absent} in vain: of what it is configured by, {config} names hosts, and only {meant} is there."
        ),
        proofs: vec![
            complaint.cite(),
            Cite::new(found.meant.exhibit, is_there),
            Cite::new(found.config.exhibit, format!("{config}: {says}")),
        ],
        doubts: Vec::new(),
        strength: Strength::Strong,
        explains: vec![root.clone()],
        subject: config,
    }))
}

/// A scheme that the Service does not speak, where the revision before named the other one.
fn wrong_scheme(case: &Case, complaint: &Complaint<'_>) -> Option<Judgement> {
    let changed = case.rescheme(complaint)?;
    let (root, container) = (complaint.root().clone(), &complaint.container);
    let service = case.complained_of(complaint)?.meta.entity("Service");
    let scheme = changed.value.split("://").next().unwrap_or_default();
    Some(Judgement::Proven(Finding {
        field: Some(container.field(&format!("env[{}]", changed.name))),
        value: Some(changed.value.to_owned()),
        statement: format!(
            "{root} fails because {} has it speak {scheme} to {service}, which does not.",
            changed.name
        ),
        proofs: vec![complaint.cite(), changed.cite],
        doubts: Vec::new(),
        strength: Strength::Conclusive,
        explains: vec![root.clone()],
        subject: root,
    }))
}

/// A port that the Service does not have.
fn wrong_port(case: &Case, call: &FailedCall<'_>) -> Option<Judgement> {
    let (service, complaint) = (call.service, &call.complaint);
    let number = call.called_port()?;
    let ports = &service.it.ports;
    if service.headless || service.kind == "ExternalName" || ports.is_empty() {
        return None; // The pods themselves are called, at whatever port.
    }
    let root = complaint.root();
    let peer = complaint.said.peer()?;
    let name = service.meta.entity("Service");
    if ports.iter().any(|it| it.port == number) {
        let why = format!("{name} has the port {number}");
        let proofs = vec![Cite::new(service.exhibit, why.clone())];
        return Some(Judgement::Refuted(Refutation { subject: root.clone(), why, proofs }));
    }
    let has: Vec<String> = ports.iter().map(|it| it.port.to_string()).collect();
    let has = has.join(", ");
    let setting = addresses::setting(&complaint.container.pod.it.spec, &peer.host, Some(number));
    let mut proofs =
        vec![complaint.cite(), Cite::new(service.exhibit, format!("{name} has the ports {has}"))];
    proofs.extend(setting.as_ref().map(|it| cite(complaint, it)));
    let others = others(case, call, number);
    if others.len() > 1 {
        // All that call it use the port: it is the Service that changed.
        let why = format!(
            "{} and {} more call its port {number}, and it has only {has}",
            root,
            others.len() - 1
        );
        return Some(Judgement::Proven(Finding {
            field: Some("spec.ports".to_owned()),
            value: Some(has),
            statement: format!("{name} does not answer because {why}."),
            proofs,
            doubts: Vec::new(),
            strength: Strength::Strong,
            explains: others,
            subject: name,
        }));
    }
    let strength = if setting.is_some() { Strength::Conclusive } else { Strength::Strong };
    let why = format!("it calls {name} at port {number}, which has only {has}");
    if setting.is_none() {
        let elsewhere = in_config::wrong_port(case, call, &why)
            .or_else(|| in_environment::wrong_port(case, call, &why))
            .or_else(|| in_file::wrong_port(case, call, &why));
        // A name without a port is a registry's word for a program as well, which knows its port.
        if elsewhere.is_some() || !call.tells(number) {
            return elsewhere;
        }
    }
    Some(proven(root, setting.as_ref(), &why, proofs, strength))
}

/// The workloads whose environment names the Service at that port.
fn others(case: &Case, call: &FailedCall<'_>, number: u16) -> Vec<Entity> {
    let meta = &call.service.meta;
    let clients = case.clients_of(&meta.namespace, &meta.name);
    let hosts = [meta.name.clone(), format!("{}.{}", meta.name, meta.namespace)];
    let fits = clients.filter(|it| {
        hosts.iter().any(|host| addresses::setting(&it.it.template, host, Some(number)).is_some())
    });
    let mut others: Vec<Entity> = fits.map(|it| it.meta.entity(&it.kind)).collect();
    if !others.contains(call.complaint.root()) {
        others.push(call.complaint.root().clone());
    }
    others
}

fn cite(complaint: &Complaint<'_>, setting: &Setting<'_>) -> Cite {
    let pod = complaint.container.pod;
    let says = format!("{} has {} in its environment", pod.meta.entity("Pod"), setting.name);
    Cite::quoting(pod.exhibit, says, setting.value)
}

fn proven(
    root: &Entity,
    setting: Option<&Setting<'_>>,
    why: &str,
    proofs: Vec<Cite>,
    strength: Strength,
) -> Judgement {
    Judgement::Proven(Finding {
        field: setting.map(|it| it.field(root)),
        value: setting.map(|it| it.value.to_owned()),
        statement: format!("{root} calls in vain because {why}."),
        proofs,
        doubts: Vec::new(),
        strength,
        explains: vec![root.clone()],
        subject: root.clone(),
    })
}

fn remedy(finding: &Finding) -> Vec<Remedy> {
    let subject = &finding.subject;
    if subject.kind == "EndpointSlice" {
        return vec![by_hand::remedy(finding)];
    }
    let back = match subject.kind.as_str() {
        "ConfigMap" => "undo its last change, and start again what reads it",
        _ => "roll back to the revision before",
    };
    vec![Remedy {
        action: format!("Correct the address in the source of {subject}, or {back}."),
        command: kubectl::within(subject, "get services"),
        risk: "low".to_owned(),
        reversible: true,
        verify: "Its log no longer names that address in vain.".to_owned(),
    }]
}
