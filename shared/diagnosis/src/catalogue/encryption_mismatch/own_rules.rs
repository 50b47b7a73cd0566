//! PostgreSQL's own rules of whom it lets in, `pg_hba.conf`, were changed, and since then let in no client that does not encrypt.

use crate::case::Case;
use crate::case::disputes::{Dispute, whom};
use crate::case::touching::{MAKING, toucher};
use crate::finding::{Cite, Finding, Judgement, Strength};
use evidence::entity::Entity;
use evidence::question::Question;

/// The file, as a key of a ConfigMap.
pub(super) const FIELD: &str = "data.pg_hba.conf";

/// What the server says of a rule for encrypted clients when it has no TLS, in `src/backend/libpq/hba.c`.
const NO_TLS: &str = "hostssl record cannot match because SSL is disabled";

/// Whether all of them were turned away by such rules.
fn is_told(dispute: &Dispute<'_>) -> bool {
    dispute.complaints.iter().all(|it| it.line.text.contains("no pg_hba.conf entry for host"))
}

/// The log of the server, which has read its rules.
pub(super) fn ask(case: &Case, dispute: &Dispute<'_>) -> Vec<Question> {
    let Some(accused) = dispute.accused.as_ref().filter(|_| is_told(dispute)) else {
        return Vec::new();
    };
    let mut own = case.all_containers().filter(|it| it.root == accused && !it.spec.init);
    own.next().filter(|it| it.runs()).map(|it| it.ask_for_log(false)).into_iter().collect()
}

pub(super) fn one(case: &Case, dispute: &Dispute<'_>) -> Option<Judgement> {
    let accused = dispute.accused.as_ref().filter(|_| is_told(dispute))?;
    let server = case.workload(accused).seen()?;
    let first = dispute.complaints.iter().filter_map(|it| it.since).min();
    let volumes = server.it.template.volumes.iter().filter(|it| it.object.kind == "ConfigMap");
    let (config, touch, at) = volumes
        .filter_map(|it| case.config("ConfigMap", &accused.namespace, &it.object.name).seen())
        .find_map(|config| {
            let touch = toucher(&config.it.meta, FIELD)?;
            let at = touch.at?;
            let later = config.it.meta.created.is_none_or(|made| at > made + MAKING);
            let before = first.is_none_or(|first| at <= first);
            (later && before && case.is_news(Some(at))).then_some((config, touch, at))
        })?;
    let subject = config.meta.entity("ConfigMap");
    let mut proofs = dispute.cites();
    let says = format!("{subject} was changed by {} at {at}", touch.manager);
    proofs.push(Cite::new(config.exhibit, says));
    proofs.push(Cite::new(server.exhibit, format!("{accused} mounts {subject}")));
    let own = own_words(case, accused);
    let (why, strength) = match &own {
        Some(_) => (", while the server has no TLS", Strength::Conclusive),
        None => ("", Strength::Strong),
    };
    proofs.extend(own);
    let victims = dispute.victims();
    let are = if victims.len() == 1 { "is" } else { "are" };
    Some(Judgement::Proven(Finding {
        field: Some(FIELD.to_owned()),
        value: None,
        statement: format!(
            "{} {are} turned away by {accused} because its pg_hba.conf in {subject}, changed at {at}, lets in no client that does not encrypt{why}.",
            whom(&victims)
        ),
        proofs,
        doubts: Vec::new(),
        strength,
        explains: victims,
        subject,
    }))
}

/// Where the server says that it cannot do what its rules ask for.
fn own_words(case: &Case, accused: &Entity) -> Option<Cite> {
    let mut containers = case.containers().filter(|it| it.root == accused && !it.spec.init);
    containers.find_map(|it| {
        let pod = &it.pod.it.meta;
        let log = case.log(&pod.namespace, &pod.name, &it.spec.name, false)?;
        let line = log.it.lines.iter().rev().find(|it| it.text.contains(NO_TLS))?;
        let says = format!("{} has no TLS for what its rules ask", pod.entity("Pod"));
        Some(Cite::quoting(log.exhibit, says, &line.text))
    })
}
