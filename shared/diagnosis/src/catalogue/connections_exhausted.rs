//! A server takes no more connections.

use crate::case::Case;
use crate::case::credentials::Setting;
use crate::case::disputes::{Dispute, whom};
use crate::case::words::said::Said;
use crate::failure_mode::{Category, Depth, FailureMode};
use crate::finding::{Finding, Judgement, Strength, one_each};
use crate::kubectl;
use crate::seen::Seen;
use evidence::entity::Entity;
use evidence::fact::metric::Signal;
use evidence::fact::network::Service;
use evidence::question::Question;
use evidence::report::Remedy;

pub(super) static MODE: FailureMode = FailureMode {
    id: "DEP-04",
    title: "it takes no more connections",
    category: Category::Dependency,
    proves: "clients' logs repeat now, in the server's own words, that all of its connections are in use",
    refutes: "a client's own pool is exhausted: that says nothing of the server",
    confused_with: &["RUN-20", "DEP-02", "RUN-11"],
    depth: Depth::Object,
    stands_alone: false,
    ask,
    judge,
    remedy,
};

fn is_full(said: &Said) -> bool {
    matches!(said, Said::TooManyConnections { .. })
}

fn ask(case: &Case) -> Vec<Question> {
    case.ask_others(is_full)
}

fn judge(case: &Case) -> Vec<Judgement> {
    let disputes = case.disputes(is_full);
    let said = disputes.iter().filter_map(|it| one(case, it));
    let measured = case.used_up(&[Signal::ConnectionsUse], |hurt| {
        format!("{} takes hardly any more connections: {}.", hurt.entity, hurt.told.says())
    });
    one_each(said.chain(measured))
}

fn one(case: &Case, dispute: &Dispute<'_>) -> Option<Judgement> {
    // The server names the cause itself; who opens the connections, it does not say.
    let what = "takes no more connections: all that it may have are in use";
    let judgement = dispute.charge(what, Strength::Conclusive)?;
    let Judgement::Proven(mut finding) = judgement else { return Some(judgement) };
    let server = finding.subject.clone();
    if let Some((client, setting)) = greedy(case, dispute) {
        let whom = whom(&finding.explains);
        finding.statement = format!(
            "{whom} cannot connect because {server} {what}, since the pool of {client} was made larger."
        );
        (finding.subject, finding.field, finding.value) =
            (setting.subject, setting.field, setting.value);
        finding.proofs.push(setting.cite);
        // The server does not say who holds its connections: that one was made larger before is all there is.
        finding.strength = Strength::Strong;
    } else if let Some(retuned) = case.retuned(&server, dispute.began()) {
        let whom = whom(&finding.explains);
        finding.statement = format!("{whom} cannot connect because {server} {what}.");
        finding = retuned.instead(finding);
    }
    Some(Judgement::Proven(finding))
}

/// The one client of the server whose pool was made larger lately, before the server first refused anybody, and where.
fn greedy(case: &Case, dispute: &Dispute<'_>) -> Option<(Entity, Setting)> {
    let accused = dispute.accused.as_ref()?;
    let before = |it: &Seen<'_, Service>| {
        dispute.service.is_some_and(|service| service.exhibit == it.exhibit)
            || case.workloads_behind(it.it).any(|it| it.meta.entity(&it.kind) == *accused)
    };
    let mut clients: Vec<Entity> = dispute.victims();
    for service in case.services().filter(before) {
        let named = case.clients_of(&service.it.meta.namespace, &service.it.meta.name);
        clients.extend(named.map(|it| it.meta.entity(&it.kind)));
    }
    let first = dispute.began();
    let mut grown: Vec<(Entity, Setting)> = Vec::new();
    for container in case.all_containers().filter(|it| clients.contains(it.root)) {
        let resized = case
            .resized_pool(&container)
            .filter(|it| it.grown == Some(true) && first.is_some_and(|first| it.at <= first));
        let Some(resized) = resized else { continue };
        if !grown.iter().any(|(client, _)| client == container.root) {
            grown.push((container.root.clone(), resized.setting));
        }
    }
    let only = grown.len() == 1;
    grown.into_iter().next().filter(|_| only)
}

fn remedy(finding: &Finding) -> Vec<Remedy> {
    let subject = &finding.subject;
    if subject.kind == "ConfigMap" {
        return vec![Remedy {
            action: format!(
                "Take back the last change of {subject} in its source, if it lowered the number of connections, and start the server again; else lower the pools of its clients."
            ),
            command: kubectl::object("get", subject, "-o yaml"),
            risk: "medium".to_owned(),
            reversible: true,
            verify: "Clients connect again, and the number of connections stays below the limit."
                .to_owned(),
        }];
    }
    vec![Remedy {
        action: format!(
            "Find the client that holds most connections of {subject}: pool size times replicas must stay below the server's limit. Lower pools, or put a pooler before it."
        ),
        command: kubectl::object("logs", subject, "--tail=100"),
        risk: "low".to_owned(),
        reversible: true,
        verify: "Clients connect again, and the number of connections stays below the limit."
            .to_owned(),
    }]
}
