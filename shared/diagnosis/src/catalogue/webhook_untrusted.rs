//! An admission webhook answers with a certificate that the API server does not trust.

use crate::case::Case;
use crate::case::denials::{Denial, between};
use crate::failure_mode::{Category, Depth, FailureMode, nothing};
use crate::finding::{Cite, Finding, Judgement, Strength, joined};
use evidence::entity::Entity;
use evidence::fact::meta::condition;
use evidence::report::Remedy;

pub(super) static MODE: FailureMode = FailureMode {
    id: "ADM-08",
    title: "an admission webhook's certificate is not trusted",
    category: Category::Admission,
    proves: "a controller that lacks pods is told `failed calling webhook`, and an `x509:` error or that the caBundle cannot be read",
    refutes: "the webhook is trusted by now, or does not answer at all",
    confused_with: &["ADM-07", "API-04"],
    depth: Depth::Object,
    stands_alone: false,
    ask: nothing,
    judge,
    remedy,
};

fn judge(case: &Case) -> Vec<Judgement> {
    joined(case.denials().iter().filter_map(|denial| one(case, denial)))
}

fn one(case: &Case, denial: &Denial) -> Option<Finding> {
    // failed calling webhook "NAME": failed to call webhook: Post "https://SERVICE.NAMESPACE.svc:443/...": ... x509: WHY
    let hook = between(&denial.said, "failed calling webhook \"", "\"")?;
    if denial.said.contains("unable to load root certificates: ") {
        return unreadable(case, denial, hook);
    }
    let (_, why) = denial.said.split_once("x509: ")?;
    let host = between(&denial.said, "Post \"https://", "/")?;
    let mut parts = host.split(['.', ':']);
    let service = Entity::new("Service", "", parts.next()?);
    let service = Entity { namespace: parts.next()?.to_owned(), ..service };
    let mut proofs = denial.cites.clone();
    let (subject, field, what) = if why.starts_with("certificate has expired") {
        let (subject, cite) = certificate(case, &service.namespace).unzip();
        proofs.extend(cite);
        (
            subject.unwrap_or_else(|| service.clone()),
            None,
            "the certificate that it shows is not valid at this time",
        )
    } else if why.starts_with("certificate is valid for") || why.starts_with("cannot validate") {
        (service.clone(), None, "the certificate that it shows bears another name")
    } else {
        // What is trusted stands in the configuration; without it, the Service is what is known.
        let configuration = case.configuration_of(hook, Some(&service));
        proofs.extend(configuration.map(|it| {
            let says = format!("{} names {service}", it.meta.entity(&it.kind));
            Cite::new(it.exhibit, says)
        }));
        let subject = configuration.map(|it| it.meta.entity(&it.kind));
        let field = subject.as_ref().map(|_| format!("webhooks[{hook}].clientConfig.caBundle"));
        let what = "the configuration does not trust who signed its certificate";
        (subject.unwrap_or_else(|| service.clone()), field, what)
    };
    let root = &denial.root;
    Some(Finding {
        field,
        value: None,
        statement: format!(
            "{} because the admission webhook {hook} at {service} is not trusted: {what}.",
            denial.lack()
        ),
        proofs,
        doubts: Vec::new(),
        strength: Strength::Conclusive,
        explains: vec![root.clone(), subject.clone()],
        subject,
    })
}

/// The API server cannot make sense of the authority that is to be trusted, and calls nobody.
fn unreadable(case: &Case, denial: &Denial, hook: &str) -> Option<Finding> {
    let configuration = case.configuration_of(hook, None)?;
    let (root, subject) = (&denial.root, configuration.meta.entity(&configuration.kind));
    let mut proofs = denial.cites.clone();
    proofs.push(Cite::new(configuration.exhibit, format!("{subject} has the webhook {hook}")));
    Some(Finding {
        field: Some(format!("webhooks[{hook}].clientConfig.caBundle")),
        value: None,
        statement: format!(
            "{} because the admission webhook {hook} is not called: the caBundle that {subject} has for it holds no certificate.",
            denial.lack()
        ),
        proofs,
        doubts: Vec::new(),
        strength: Strength::Conclusive,
        explains: vec![root.clone(), subject.clone()],
        subject,
    })
}

/// The one Certificate of a namespace that says it is not ready.
fn certificate(case: &Case, namespace: &str) -> Option<(Entity, Cite)> {
    let unready = |it: &evidence::fact::object::Object| {
        it.kind == "Certificate"
            && it.meta.namespace == namespace
            && condition(&it.conditions, "Ready").is_some_and(|it| it.status == "False")
    };
    let mut found = case.objects().filter(|it| unready(it.it));
    let (first, None) = (found.next()?, found.next()) else { return None };
    let entity = first.meta.entity("Certificate");
    let says = format!("{entity} is not ready");
    let message = condition(&first.it.conditions, "Ready").map_or("", |it| it.message.as_str());
    Some((entity, Cite::quoting(first.exhibit, says, message)))
}

fn remedy(finding: &Finding) -> Vec<Remedy> {
    let subject = &finding.subject;
    vec![Remedy {
        action: format!(
            "Renew the webhook's certificate, or put the authority that signed it into its configuration: see {subject}."
        ),
        command: "kubectl get validatingwebhookconfigurations,mutatingwebhookconfigurations"
            .to_owned(),
        risk: "medium".to_owned(),
        reversible: true,
        verify: "No new FailedCreate event says `x509:`.".to_owned(),
    }]
}
