//! The certificate by which an Ingress, a Gateway or a workload serves is not there or has expired.

mod ended;
mod lapsed;
mod of_missing_secret;
mod refused;

use crate::case::Case;
use crate::case::certificates::{self, Bad};
use crate::case::complaints::Complaint;
use crate::case::routes::cite_condition;
use crate::failure_mode::{Category, Depth, FailureMode};
use crate::finding::{Cite, Finding, Judgement, Strength, one_each};
use crate::kubectl;
use crate::seen::Seen;
use evidence::entity::Entity;
use evidence::fact::meta::condition;
use evidence::fact::metric::Signal;
use evidence::fact::object::Object;
use evidence::question::Question;
use evidence::report::Remedy;

pub(super) static MODE: FailureMode = FailureMode {
    id: "ING-04",
    title: "the certificate by which it serves is not there, has expired or lacks its key",
    category: Category::Network,
    proves: "cert-manager says of the Certificate whose Secret it uses that there is none, or that it ran out, which a workload's clients must say too; or a Gateway's listener, or the log of an Ingress's controller, says that it does not find it, or that its key is another's, or that it has ended, or that its clients answer so",
    refutes: "the certificate holds, even where it cannot be renewed yet",
    confused_with: &["NODE-09", "ING-03", "DEP-12"],
    depth: Depth::Object,
    stands_alone: false,
    ask,
    judge,
    remedy,
};

fn ask(case: &Case) -> Vec<Question> {
    let mut questions = case.ask_about_certificates();
    questions.extend(case.ask_for_lapsed());
    questions.extend(case.ask_for_ended());
    questions.extend(refused::ask(case));
    questions
}

fn judge(case: &Case) -> Vec<Judgement> {
    let mut judgements: Vec<Judgement> =
        case.bad_certificates().iter().map(|bad| of_certificate(case, bad)).collect();
    judgements.extend(case.gateways().filter_map(|gateway| of_listener(case, gateway)));
    judgements.extend(of_missing_secret::all(case));
    judgements.extend(case.ended().into_iter().map(|it| Judgement::Proven(ended::finding(it))));
    judgements.extend(refused::all(case));
    judgements.extend(case.lapsed().map(|it| Judgement::Proven(lapsed::finding(it))));
    judgements.extend(case.used_up(&[Signal::CertificateLeft], |hurt| {
        format!("The certificate of {} has expired: {}.", hurt.entity, hurt.told.says())
    }));
    one_each(judgements)
}

fn of_certificate(case: &Case, bad: &Bad<'_>) -> Judgement {
    let certificate = bad.certificate.meta.entity("Certificate");
    let user = &bad.used_by;
    let mut proofs = vec![
        certificates::cite(bad),
        Cite::new(bad.user, format!("{user} serves with the Secret of {certificate}")),
    ];
    proofs.extend(bad.clients.iter().take(2).map(Complaint::cite));
    let mut explains = vec![user.clone()];
    explains.extend(bad.clients.iter().map(|it| it.root().clone()));
    if !bad.clients.is_empty() {
        // That its clients do not accept what is in the Secret follows from this.
        let name = bad.certificate.it.fields.get("spec.secretName");
        let namespace = &bad.certificate.meta.namespace;
        explains.extend(name.map(|it| Entity::new("Secret", namespace, it)));
    }
    let issuer = issuer(case, bad.certificate);
    let (subject, field, value, why) = match issuer {
        Some((issuer, cite, why)) => {
            proofs.push(cite);
            (issuer, None, None, format!("; {why}"))
        }
        None => (certificate.clone(), None, None, String::new()),
    };
    Judgement::Proven(Finding {
        field,
        value,
        statement: format!(
            "Clients do not trust {user} because {certificate} {}{why}.",
            bad.ailment
        ),
        proofs,
        doubts: Vec::new(),
        strength: Strength::Conclusive,
        explains,
        subject,
    })
}

/// The issuer of a certificate, where it is known that it cannot issue.
fn issuer(case: &Case, certificate: Seen<'_, Object>) -> Option<(Entity, Cite, String)> {
    let name = certificate.it.fields.get("spec.issuerRef.name")?;
    let kind = certificate.it.fields.get("spec.issuerRef.kind").map_or("Issuer", String::as_str);
    let issuer = case.objects().find(|it| {
        let home = kind == "ClusterIssuer" || it.meta.namespace == certificate.meta.namespace;
        it.kind == kind && it.meta.name == *name && home
    })?;
    let ready = condition(&issuer.it.conditions, "Ready").filter(|it| it.status == "False")?;
    let entity = issuer.meta.entity(kind);
    let why = format!("{entity} is not ready ({})", ready.reason);
    Some((entity, cite_condition(issuer, "", ready), why))
}

/// A listener that does not find its certificate. The reason is one of `apis/v1/gateway_types.go` of the Gateway API.
fn of_listener(case: &Case, gateway: Seen<'_, Object>) -> Option<Judgement> {
    let refused = case.refused_parts(gateway);
    let (part, said) = refused.into_iter().find(|(part, it)| {
        it.reason == "InvalidCertificateRef"
            || it.reason == "RefNotPermitted" && part.starts_with("status.listeners[")
    })?;
    let why = match said.reason.as_str() {
        "RefNotPermitted" => {
            "no ReferenceGrant lets it use the certificate of another namespace that it names"
        }
        _ => "it does not find a certificate that it names",
    };
    let subject = gateway.meta.entity("Gateway");
    let listener = part.strip_prefix("status.").unwrap_or(part);
    Some(Judgement::Proven(Finding {
        field: Some(format!("spec.{listener}.tls.certificateRefs")),
        value: None,
        statement: format!("{subject} cannot serve on {listener} because {why}."),
        proofs: vec![cite_condition(gateway, part, said)],
        doubts: Vec::new(),
        strength: Strength::Conclusive,
        explains: vec![subject.clone()],
        subject,
    }))
}

fn remedy(finding: &Finding) -> Vec<Remedy> {
    let subject = &finding.subject;
    if subject.kind == "Ingress" {
        return vec![Remedy {
            action: format!(
                "Name a Secret of its own namespace in the source of {subject}, or put the certificate there."
            ),
            command: kubectl::object("get", subject, ""),
            risk: "low".to_owned(),
            reversible: true,
            verify: "Its host is answered with its own certificate.".to_owned(),
        }];
    }
    if subject.kind == "Secret" {
        let action = if finding.field.is_none() {
            format!(
                "Renew the certificate of {subject} where it is written from, and see why nobody did."
            )
        } else {
            format!(
                "Put a certificate and the key that belongs to it into {subject}, both at once, where it is written from."
            )
        };
        return vec![Remedy {
            action,
            command: kubectl::object("describe", subject, ""),
            risk: "low".to_owned(),
            reversible: true,
            verify: "Its controller serves its host with that certificate.".to_owned(),
        }];
    }
    vec![Remedy {
        action: format!(
            "See why {subject} gets no valid certificate, and mend that; cert-manager then issues it by itself."
        ),
        command: "kubectl get certificates,certificaterequests,orders,challenges --all-namespaces"
            .to_owned(),
        risk: "low".to_owned(),
        reversible: true,
        verify: "The Certificate is Ready, and clients see the new one.".to_owned(),
    }]
}
