//! Clients do not accept a server's certificate.

use crate::case::Case;
use crate::case::disputes::{Dispute, whom};
use crate::case::outlived::Outlived;
use crate::case::words::said::{Said, Tls};
use crate::failure_mode::{Category, Depth, FailureMode};
use crate::finding::{Cite, Finding, Judgement, Strength};
use crate::kubectl;
use crate::seen::Seen;
use evidence::entity::Entity;
use evidence::fact::meta::condition;
use evidence::fact::object::Object;
use evidence::fact::workload::Workload;
use evidence::question::Question;
use evidence::report::Remedy;

pub(super) static MODE: FailureMode = FailureMode {
    id: "DEP-12",
    title: "its certificate is not accepted by its clients",
    category: Category::Dependency,
    proves: "clients' logs repeat now, in the words of their TLS library, why they do not accept the certificate of a Service",
    refutes: "other clients accept it: then what one client trusts is at fault",
    confused_with: &["DEP-07", "ADM-08", "DLV-03", "NODE-09"],
    depth: Depth::Object,
    stands_alone: false,
    ask,
    judge,
    remedy,
};

fn is_refused(said: &Said) -> bool {
    let whys = [Tls::Expired, Tls::NotYetValid, Tls::UnknownAuthority, Tls::NameMismatch];
    matches!(said, Said::TlsFailed { why, .. } if whys.contains(why))
}

fn ask(case: &Case) -> Vec<Question> {
    case.ask_others(is_refused)
}

fn judge(case: &Case) -> Vec<Judgement> {
    case.disputes(is_refused).iter().filter_map(|it| one(case, it)).collect()
}

fn one(case: &Case, dispute: &Dispute<'_>) -> Option<Judgement> {
    let first = dispute.complaints.first()?;
    let Said::TlsFailed { why, .. } = first.said else { return None };
    // Who still has the bundle of before has itself to blame: DLV-03. Who has another one since is RUN-10.
    let mut complaints = dispute.complaints.iter();
    if complaints.all(|it| case.stale_trust(it).or_else(|| case.changed_trust(it)).is_some()) {
        return None;
    }
    // Who shows an old one although a good one is there needs a start, and no new certificate: DLV-03.
    let shows_old = |it: &Outlived<'_>| dispute.accused.as_ref() == Some(&it.server);
    if why == Tls::Expired && case.outlived_certificates().iter().any(shows_old) {
        return None;
    }
    let mut proofs = dispute.cites();
    let victims = dispute.victims();
    let (subject, server) = match (served_by_ingress(case, dispute), &dispute.accused) {
        // That is told of the entrance: ING-04.
        (Some(_), _) if why == Tls::Expired => return None,
        (Some((secret, cite)), _) => {
            proofs.push(cite);
            (secret.clone(), secret)
        }
        (None, Some(accused)) => {
            let serving = case.workload(accused).seen();
            let secret = serving.and_then(|it| secret_of(it, accused));
            let subject = secret.as_ref().map_or_else(|| accused.clone(), |it| it.0.clone());
            proofs.extend(secret.map(|it| it.1));
            (subject, accused.clone())
        }
        // What lies outside is no object of the cluster.
        (None, None) => return None,
    };
    if let Some(certificate) = certificate_of(case, &subject) {
        let name = certificate.meta.entity("Certificate");
        let ready = condition(&certificate.it.conditions, "Ready").filter(|it| it.status != "True");
        proofs.extend(ready.map(|it| {
            Cite::quoting(certificate.exhibit, format!("{name} is not ready"), &it.message)
        }));
    }
    let (fails, call, know) = match victims.len() {
        1 => ("fails because it", "calls", "does"),
        _ => ("fail because they", "call", "do"),
    };
    // One client alone that does not know who signed it lacks the authority that others have.
    let (subject, fault) = match (why, dispute.content.is_empty()) {
        (Tls::UnknownAuthority, false) => {
            proofs.extend(dispute.content.iter().take(1).cloned());
            let what = format!("{know} not know who signed the certificate of {server}");
            (first.root().clone(), what)
        }
        (Tls::UnknownAuthority, true) => {
            (subject, format!("{know} not know who signed the certificate of {server}"))
        }
        (Tls::Expired, _) => (subject, format!("{call} {server}, whose certificate has expired")),
        (Tls::NotYetValid, _) => {
            (subject, format!("{call} {server}, whose certificate is not yet valid"))
        }
        _ => (subject, format!("{call} {server} by a name that its certificate does not bear")),
    };
    // A clock that is wrong makes valid certificates look so, for the clients of one node.
    let clock = matches!(why, Tls::NotYetValid).then(|| {
        let says = "a clock that is slow on the client's node looks the same";
        Cite::new(first.container.pod.exhibit, says)
    });
    Some(Judgement::Proven(Finding {
        field: None,
        value: None,
        statement: format!("{} {fails} {fault}.", whom(&victims)),
        proofs,
        doubts: clock.into_iter().collect(),
        strength: if dispute.service.is_some() { Strength::Conclusive } else { Strength::Strong },
        explains: victims,
        subject,
    }))
}

/// The one Secret that a workload mounts whose name or mount says that it holds a certificate.
fn secret_of(workload: Seen<'_, Workload>, entity: &Entity) -> Option<(Entity, Cite)> {
    let signs = ["tls", "cert", "ssl", "pki"];
    let spec = &workload.it.template;
    let mut secrets = spec.volumes.iter().filter(|it| it.object.kind == "Secret").filter(|it| {
        let mounts = spec.containers.iter().flat_map(|it| &it.mounts);
        let mut words = vec![it.object.name.to_ascii_lowercase()];
        words.extend(it.keys.iter().cloned());
        words.extend(mounts.filter(|at| at.volume == it.volume).map(|it| it.path.clone()));
        words.iter().any(|word| signs.iter().any(|sign| word.contains(sign)))
    });
    let first = secrets.next()?;
    if secrets.next().is_some() {
        return None;
    }
    let secret = Entity::new("Secret", &entity.namespace, &first.object.name);
    let cite = Cite::new(workload.exhibit, format!("{entity} mounts {secret}"));
    Some((secret, cite))
}

/// The Secret with which an Ingress serves the host that clients call.
fn served_by_ingress(case: &Case, dispute: &Dispute<'_>) -> Option<(Entity, Cite)> {
    let host = &dispute.complaints.first()?.said.peer()?.host;
    let (ingress, secret) = case.served_with(host)?;
    let says = format!("{} serves {host} with {secret}", ingress.meta.entity("Ingress"));
    Some((secret, Cite::new(ingress.exhibit, says)))
}

/// cert-manager's Certificate that keeps a Secret, where one was read.
fn certificate_of<'a>(case: &'a Case, secret: &Entity) -> Option<Seen<'a, Object>> {
    case.objects().find(|it| {
        it.it.kind == "Certificate"
            && it.meta.namespace == secret.namespace
            && it.it.fields.get("spec.secretName") == Some(&secret.name)
    })
}

fn remedy(finding: &Finding) -> Vec<Remedy> {
    let subject = &finding.subject;
    vec![Remedy {
        action: format!(
            "Renew or replace the certificate in the source of {subject}, have its server read it again, and give clients the authority that signed it."
        ),
        command: kubectl::object("describe", subject, ""),
        risk: "low".to_owned(),
        reversible: true,
        verify: "The clients' logs no longer say that the certificate is not accepted.".to_owned(),
    }]
}
