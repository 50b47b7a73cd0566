//! An admission webhook that must answer does not.

mod of_itself;

use crate::case::Case;
use crate::case::denials::{Denial, between};
use crate::failure_mode::{Category, Depth, FailureMode};
use crate::finding::{Cite, Finding, Judgement, Strength, joined};
use crate::kubectl;
use crate::seen::Presence;
use evidence::entity::Entity;
use evidence::fact::policy::Webhooks;
use evidence::question::Question;
use evidence::report::Remedy;

pub(super) static MODE: FailureMode = FailureMode {
    id: "ADM-07",
    title: "an admission webhook that must agree does not answer",
    category: Category::Admission,
    proves: "a controller that lacks pods is told `failed calling webhook`, and that nobody answers; where what should answer is one of them, the configuration asks about its namespace",
    refutes: "the webhook answers by now",
    confused_with: &["ADM-08", "API-01"],
    depth: Depth::Object,
    stands_alone: false,
    ask,
    judge,
    remedy,
};

/// What a statement says of a webhook that keeps its own pods away.
const LOCKED_OUT: &str = "has nobody to answer, for it must agree to the pods";

/// What a statement says of a webhook whose pods are ready.
const UNREACHED: &str = "the API server does not reach them";

/// What the API server says of a call that nothing came back for: <https://pkg.go.dev/net/http>.
const UNHEARD: [&str; 4] =
    ["context deadline exceeded", "i/o timeout", "Client.Timeout", "no route to host"];

/// What stands behind a webhook lies in a namespace of its own, which nobody asked about.
fn ask(case: &Case) -> Vec<Question> {
    let mut questions = Vec::new();
    for denial in case.denials() {
        let Some(backend) = backend(&denial) else { continue };
        if !case.looked("Pod", &backend.namespace) {
            let namespaces = vec![backend.namespace];
            questions.push(Question::Survey { namespaces, workload: None });
        } else if case.service(&backend.namespace, &backend.name).is_absent()
            || hook_of(&denial).is_some_and(|it| of_itself::find(case, it, &backend).is_some())
        {
            let kinds = ["ValidatingWebhookConfiguration", "MutatingWebhookConfiguration"];
            let unseen = kinds.into_iter().filter(|kind| !case.looked(kind, ""));
            questions.extend(
                unseen.map(|kind| Question::Objects {
                    kind: kind.to_owned(),
                    namespace: String::new(),
                }),
            );
        }
    }
    questions
}

fn judge(case: &Case) -> Vec<Judgement> {
    joined(case.denials().iter().filter_map(|denial| one(case, denial)))
}

fn hook_of(denial: &Denial) -> Option<&str> {
    between(&denial.said, "failed calling webhook \"", "\"")
}

fn one(case: &Case, denial: &Denial) -> Option<Finding> {
    let hook = hook_of(denial)?;
    let service = backend(denial)?;
    let mut proofs = denial.cites.clone();
    let endpoints = case.endpoints(&service.namespace, &service.name).seen();
    let serves = endpoints.is_some_and(|it| it.ready > 0);
    // Ready pods that no call reaches, as behind a firewall that does not let the API server through.
    let kept_off = serves && UNHEARD.iter().any(|it| denial.said.contains(it));
    if let Some(endpoints) = endpoints {
        proofs.push(Cite::new(
            endpoints.exhibit,
            format!("{service} has {} ready endpoints", endpoints.ready),
        ));
    }
    if let Some(of_itself) = of_itself::find(case, hook, &service)
        && let Some(configuration) = of_itself.configuration
    {
        proofs.extend(of_itself.cites);
        return Some(locked_out(denial, hook, &configuration, of_itself.workload, proofs));
    }
    let left_over = left_over(case, hook, &service, &mut proofs);
    let field = left_over.is_some().then(|| format!("webhooks[{hook}].clientConfig.service"));
    let how = match &left_over {
        Some(configuration) => {
            format!("is still asked for by {configuration}, and {service} is gone")
        }
        None if kept_off => {
            format!("does not answer at {service}, although its pods are ready: {UNREACHED}")
        }
        None => format!("does not answer at {service}"),
    };
    let subject = match left_over {
        Some(configuration) => configuration,
        None => to_change(case, &service, &mut proofs)?,
    };
    Some(Finding {
        field,
        value: None,
        statement: format!("{} because the admission webhook {hook} {how}.", denial.lack()),
        proofs,
        doubts: Vec::new(),
        strength: if serves { Strength::Strong } else { Strength::Conclusive },
        explains: vec![denial.root.clone(), service],
        subject,
    })
}

/// The webhook's own pods wait for its answer: whoever brings the program back must let them pass first.
fn locked_out(
    denial: &Denial,
    hook: &str,
    configuration: &Webhooks,
    workload: Entity,
    mut proofs: Vec<Cite>,
) -> Finding {
    let subject = configuration.meta.entity(&configuration.kind);
    proofs.dedup();
    let namespace = &workload.namespace;
    Finding {
        field: Some(format!("webhooks[{hook}].namespaceSelector")),
        value: None,
        statement: format!(
            "{} because the admission webhook {hook} {LOCKED_OUT} of {workload}: {subject} does not leave out namespace {namespace}.",
            denial.lack()
        ),
        proofs,
        doubts: Vec::new(),
        strength: Strength::Conclusive,
        explains: vec![denial.root.clone(), workload, subject.clone()],
        subject,
    }
}

/// The configuration that outlived the program behind it: neither its Service nor any workload is there any more. Where
/// a workload is, the Service is what lacks.
fn left_over(case: &Case, hook: &str, service: &Entity, proofs: &mut Vec<Cite>) -> Option<Entity> {
    let namespace = &service.namespace;
    let empty = case.workloads_in(namespace).next().is_none() && case.knows_workloads(namespace);
    if !empty || !case.service(namespace, &service.name).is_absent() {
        return None;
    }
    let configuration = case.configuration_of(hook, Some(service))?;
    let entity = configuration.meta.entity(&configuration.kind);
    let says = format!("{entity} has the webhook {hook} at {service}, which is not there");
    proofs.push(Cite::new(configuration.exhibit, says));
    Some(entity)
}

/// The Service that a webhook is called at, where it does not answer:
/// `failed to call webhook: Post "https://SERVICE.NAMESPACE.svc:443/...": WHY`.
fn backend(denial: &Denial) -> Option<Entity> {
    if denial.said.contains("x509:") {
        return None; // It answers, and is not trusted: ADM-08.
    }
    let host = between(&denial.said, "Post \"https://", "/")?;
    let mut parts = host.split(['.', ':']);
    let (service, namespace, svc) = (parts.next()?, parts.next()?, parts.next()?);
    // An address outside of the cluster has no Service.
    (svc == "svc").then(|| Entity::new("Service", namespace, service))
}

/// The workload behind the Service that has nobody ready, else the Service; none where either could not be looked at.
fn to_change(case: &Case, service: &Entity, proofs: &mut Vec<Cite>) -> Option<Entity> {
    let seen = match case.service(&service.namespace, &service.name) {
        Presence::Present(seen) => seen,
        Presence::Absent => return Some(service.clone()),
        Presence::Unknown => return None,
    };
    let mut behind = case.workloads_behind(seen.it);
    match (behind.next(), behind.next()) {
        (Some(only), None) if only.ready == 0 => {
            let workload = only.meta.entity(&only.kind);
            let says = format!("{workload}: {} of {} pods ready", only.ready, only.desired);
            proofs.push(Cite::new(only.exhibit, says));
            Some(workload)
        }
        (None, _) if !case.knows_workloads(&service.namespace) => None,
        _ => Some(service.clone()),
    }
}

fn remedy(finding: &Finding) -> Vec<Remedy> {
    let subject = &finding.subject;
    if finding.statement.contains(LOCKED_OUT) {
        return vec![Remedy {
            action: format!(
                "Leave the webhook's own namespace out by the namespaceSelector in the source of {subject}; its pods are then made again by themselves. Deleting {subject} until then lets everything pass that it should look at."
            ),
            command: kubectl::object("get", subject, "-o yaml"),
            risk: "medium".to_owned(),
            reversible: true,
            verify: "No new FailedCreate event names the webhook.".to_owned(),
        }];
    }
    if subject.kind != "Service" && subject.namespace.is_empty() {
        return vec![Remedy {
            action: format!(
                "Delete {subject} if the program behind it was removed on purpose, else install that again."
            ),
            command: kubectl::object("get", subject, "-o yaml"),
            risk: "medium".to_owned(),
            reversible: true,
            verify: "No new FailedCreate event names the webhook.".to_owned(),
        }];
    }
    if finding.statement.contains(UNREACHED) {
        return vec![Remedy {
            action: format!(
                "Let the control plane through to the pods behind {subject}: a firewall's rule for their port, or a NetworkPolicy; or see why they answer too late."
            ),
            command: kubectl::within(subject, "get endpointslices,networkpolicies"),
            risk: "medium".to_owned(),
            reversible: true,
            verify: "No new FailedCreate event names the webhook.".to_owned(),
        }];
    }
    vec![Remedy {
        action: format!(
            "Bring the pods behind {subject} back; until then the webhook's namespaceSelector can be narrowed by its owner."
        ),
        command: kubectl::within(subject, "get endpointslices,pods"),
        risk: "medium".to_owned(),
        reversible: true,
        verify: "No new FailedCreate event names the webhook.".to_owned(),
    }]
}
