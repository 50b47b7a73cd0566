//! An admission webhook answers with a certificate that the API server does not trust.

use crate::case::Case;
use crate::case::denials::{Denial, between};
use crate::failure_mode::{Category, Depth, FailureMode};
use crate::finding::{Cite, Finding, Judgement, Strength, joined};
use evidence::entity::Entity;
use evidence::fact::meta::condition;
use evidence::question::Question;
use evidence::report::Remedy;

pub(super) static MODE: FailureMode = FailureMode {
    id: "ADM-08",
    title: "an admission webhook's certificate is not trusted",
    category: Category::Admission,
    proves: "a controller that lacks pods, or what Argo CD or Flux applies, is told `failed calling webhook`, and an `x509:` error or that the caBundle cannot be read",
    refutes: "the webhook is trusted by now, or does not answer at all",
    confused_with: &["ADM-07", "API-04"],
    depth: Depth::Object,
    stands_alone: false,
    ask,
    judge,
    remedy,
};

/// Who is to be trusted stands in the configuration, and whose certificate it is in the webhook's own namespace.
fn ask(case: &Case) -> Vec<Question> {
    let kinds = ["ValidatingWebhookConfiguration", "MutatingWebhookConfiguration"];
    let mut questions = Vec::new();
    for denial in case.denials() {
        let Some((_, namespace, _)) = parts(&denial) else { continue };
        if !case.looked("Pod", namespace) {
            let namespaces = vec![namespace.to_owned()];
            questions.push(Question::Survey { namespaces, workload: None });
        }
        let unseen = kinds.into_iter().filter(|kind| !case.looked(kind, ""));
        questions.extend(
            unseen
                .map(|kind| Question::Objects { kind: kind.to_owned(), namespace: String::new() }),
        );
    }
    questions
}

/// The Service that is not trusted, its namespace, and why:
/// `failed calling webhook "NAME": failed to call webhook: Post "https://SERVICE.NAMESPACE.svc:443/...": ... x509: WHY`
fn parts(denial: &Denial) -> Option<(&str, &str, &str)> {
    let (_, why) = denial.said.split_once("x509: ")?;
    let host = between(&denial.said, "Post \"https://", "/")?;
    let mut parts = host.split(['.', ':']);
    Some((parts.next()?, parts.next()?, why))
}

fn judge(case: &Case) -> Vec<Judgement> {
    joined(case.denials().iter().filter_map(|denial| one(case, denial)))
}

fn one(case: &Case, denial: &Denial) -> Option<Finding> {
    let hook = between(&denial.said, "failed calling webhook \"", "\"")?;
    if denial.said.contains("unable to load root certificates: ") {
        return unreadable(case, denial, hook);
    }
    let (name, namespace, why) = parts(denial)?;
    let service = Entity::new("Service", namespace, name);
    let mut proofs = denial.cites.clone();
    let (subject, field, what) = if why.starts_with("certificate has expired") {
        let (certificate, cite) = certificate(case, &service.namespace).unzip();
        proofs.extend(cite);
        let what = "the certificate that it shows is not valid at this time";
        // What one renews by hand, or a Job of its chart does, is written into the configuration with it.
        let configuration =
            case.configuration_of(hook, Some(&service)).filter(|_| certificate.is_none());
        match configuration {
            Some(it) => {
                let subject = it.meta.entity(&it.kind);
                proofs.push(Cite::new(it.exhibit, format!("{subject} names {service}")));
                // That it ran out is no change of anybody's.
                (subject, None, what)
            }
            None => (certificate.unwrap_or_else(|| service.clone()), None, what),
        }
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
        verify: "No new FailedCreate event, and no condition of a delivery, says `x509:`."
            .to_owned(),
    }]
}
