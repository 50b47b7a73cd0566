//! A server's own log says that those who call it do not speak TLS, since its newest revision began to ask for it. The clients may say
//! no more than that the connection ended.

use super::is_mismatch;
use crate::case::Case;
use crate::case::complaints::Complaint;
use crate::case::words::store::Store;
use crate::finding::{Cite, Finding, Judgement, Strength};

pub(super) fn judge(case: &Case) -> Vec<Judgement> {
    case.complaints().iter().filter_map(|it| one(case, it)).collect()
}

/// Whether a store says so of who called it, whom it knows by an address alone.
pub(super) fn is_of_server(complaint: &Complaint<'_>) -> bool {
    is_mismatch(&complaint.said)
        && Store::of_image(&complaint.container.spec.image).is_some()
        && complaint.said.peer().is_none_or(|it| it.address().is_some())
}

fn one(case: &Case, complaint: &Complaint<'_>) -> Option<Judgement> {
    let container = &complaint.container;
    if !case.reported || !is_of_server(complaint) {
        return None;
    }
    let subject = complaint.root().clone();
    let revisions = case.revisions_of(&subject);
    let [newest, before, ..] = revisions.as_slice() else { return None };
    let made = newest.it.meta.created;
    if !case.is_news(made) || complaint.since < made {
        return None;
    }
    let mut then = before.it.template.containers.iter();
    let then = then.find(|it| it.name == container.spec.name)?;
    let field = if then.args != container.spec.args {
        "args"
    } else if then.command != container.spec.command {
        "command"
    } else {
        return None;
    };
    let says = format!("the revision before, {}, had other {field}", before.it.meta.name);
    let mut explains = vec![subject.clone()];
    let server = case.workload(&subject).seen();
    for service in server.iter().flat_map(|it| case.services_before(it.it)) {
        let clients = case.clients_of(&service.meta.namespace, &service.meta.name);
        explains.extend(clients.map(|it| it.meta.entity(&it.kind)));
    }
    explains.sort();
    explains.dedup();
    Some(Judgement::Proven(Finding {
        field: Some(container.field(field)),
        value: None,
        statement: format!(
            "{subject} turns its clients away because they do not speak TLS, which its newest revision asks for."
        ),
        proofs: vec![complaint.cite(), Cite::new(before.exhibit, says)],
        doubts: Vec::new(),
        strength: Strength::Strong,
        explains,
        subject,
    }))
}
