//! A registry refuses to hand out an image: credentials are missing or wrong.

mod worn_out;

use crate::case::Case;
use crate::case::containers::{Running, pod_spec_path, repository};
use crate::case::pulls::{Pull, says_not_found, says_refused, says_too_many};
use crate::failure_mode::{Category, Depth, FailureMode, nothing};
use crate::finding::{Cite, Finding, Judgement, Refutation, Strength};
use crate::kubectl;
use evidence::entity::Entity;
use evidence::fact::spec::PodSpec;
use evidence::fact::workload::CronJob;
use evidence::report::Remedy;
use jiff::SignedDuration;
use std::collections::BTreeMap;

pub(super) static MODE: FailureMode = FailureMode {
    id: "IMG-02",
    title: "the registry refuses to hand out its image",
    category: Category::Image,
    proves: "a container waits for its image, and the registry answers 401, 403 or `denied`; a CronJob that names the pull secret in its command and has not succeeded since it was due is to blame",
    refutes: "the registry asks to come back later: that is a rate limit",
    confused_with: &["IMG-01", "IMG-04"],
    depth: Depth::Workload,
    stands_alone: false,
    ask: nothing,
    judge,
    remedy,
};

/// A run that renews a login takes less.
const RUN: SignedDuration = SignedDuration::from_mins(10);

fn judge(case: &Case) -> Vec<Judgement> {
    let mut judgements: BTreeMap<Entity, Judgement> = BTreeMap::new();
    for pull in case.pulls().into_iter().filter(|it| says_refused(&it.said)) {
        if says_not_found(&pull.said) {
            continue; // The registry let us in, and has no such image.
        }
        let root = pull.container.root.clone();
        match one(case, pull) {
            Judgement::Proven(finding) => {
                let subject = finding.subject.clone();
                let known = judgements.entry(subject).or_insert(Judgement::Proven(finding));
                if let Judgement::Proven(known) = known
                    && !known.explains.contains(&root)
                {
                    known.explains.push(root);
                }
            }
            refuted @ Judgement::Refuted(_) => {
                judgements.entry(root).or_insert(refuted);
            }
        }
    }
    judgements.into_values().collect()
}

fn one(case: &Case, pull: Pull<'_>) -> Judgement {
    let worn_out = worn_out::finding(case, &pull);
    let Pull { container, said, cites: mut proofs } = pull;
    let (root, image) = (container.root.clone(), &container.spec.image);
    if says_too_many(&said) {
        let why = format!("the registry refuses {image} only for now: too many requests");
        return Judgement::Refuted(Refutation { subject: root, why, proofs });
    }
    let revisions = case.revisions_of(&root);
    let of = |at: usize| {
        let template = &revisions.get(at)?.it.template;
        template.containers.iter().find(|it| it.name == container.spec.name)
    };
    let (now, then) = (of(0), of(1));
    let renamed = now.zip(then).is_some_and(|(now, then)| now.image != then.image);
    // Where another repository is asked for, what its credentials are was not what changed.
    let moved =
        now.zip(then).is_some_and(|(now, then)| repository(&now.image) != repository(&then.image));
    if !moved && let Some((secret, cite)) = lost_secret(case, &container) {
        proofs.push(cite);
        return Judgement::Proven(Finding {
            field: None,
            value: None,
            statement: format!(
                "{root} cannot pull {image} because {secret}, which holds the registry's credentials, does not exist."
            ),
            proofs,
            doubts: Vec::new(),
            strength: Strength::Conclusive,
            explains: vec![root],
            subject: secret,
        });
    }
    if let Some((subject, secret, cite)) = lapsed_keeper(case, &container) {
        proofs.push(cite);
        return Judgement::Proven(Finding {
            field: None,
            value: None,
            statement: format!(
                "{root} cannot pull {image} because the registry refuses the credentials of {secret}, which {subject} renews and no longer does."
            ),
            proofs,
            doubts: Vec::new(),
            strength: Strength::Strong,
            explains: vec![root, subject.clone()],
            subject,
        });
    }
    if let Some(finding) = worn_out {
        return Judgement::Proven(finding);
    }
    let secrets = &container.pod.it.spec.pull_secrets;
    let (field, value) = if renamed {
        (container.field("image"), Some(image.clone()))
    } else {
        let path = format!("{}.imagePullSecrets", pod_spec_path(&root.kind));
        (path, Some(secrets.join(", ")).filter(|it| !it.is_empty()))
    };
    let with = match secrets.len() {
        0 => "without credentials, which may also mean that there is no such repository".to_owned(),
        _ => format!("with the credentials of {}", secrets.join(", ")),
    };
    Judgement::Proven(Finding {
        field: Some(field),
        value,
        statement: format!(
            "{root} cannot start because the registry refuses to hand out {image} {with}."
        ),
        proofs,
        doubts: Vec::new(),
        strength: Strength::Strong,
        explains: vec![root.clone()],
        subject: root,
    })
}

/// The CronJob whose command names one of the pull secrets, as those do that renew the short-lived login of a cloud's registry,
/// where its runs have not succeeded since the last one was due.
fn lapsed_keeper<'a>(
    case: &'a Case,
    container: &'a Running<'_>,
) -> Option<(Entity, &'a str, Cite)> {
    let namespace = &container.pod.it.meta.namespace;
    for secret in &container.pod.it.spec.pull_secrets {
        let keeps = |template: &PodSpec| {
            let mut words =
                template.containers.iter().flat_map(|it| it.command.iter().chain(&it.args));
            words.any(|it| names(it, secret))
        };
        let mut own = case.cron_jobs().filter(|it| it.meta.namespace == *namespace);
        // One that was just due may still succeed.
        let overdue = |it: &CronJob| {
            let due = it.last_scheduled.filter(|at| case.as_of.duration_since(*at) > RUN);
            due > it.last_succeeded
        };
        let keeper = own.find(|it| keeps(&it.template) && overdue(it.it));
        if let Some(keeper) = keeper {
            let entity = keeper.meta.entity("CronJob");
            let last = match keeper.last_succeeded {
                Some(at) => format!("its last run that succeeded ended at {at}"),
                None => "none of its runs has succeeded".to_owned(),
            };
            let says = format!("{entity} writes {secret}; {last}");
            return Some((entity, secret, Cite::new(keeper.exhibit, says)));
        }
    }
    None
}

fn names(text: &str, secret: &str) -> bool {
    let inside = |it: char| it.is_ascii_alphanumeric() || matches!(it, '-' | '.');
    text.split(|it: char| !inside(it)).any(|word| word == secret)
}

/// A pull secret that is not there: known to be absent, or in the kubelet's words `Unable to retrieve some image pull
/// secrets (NAME); attempting to pull the image may not succeed.`
fn lost_secret(case: &Case, container: &Running<'_>) -> Option<(Entity, Cite)> {
    let pod = container.pod;
    let name = pod.meta.entity("Pod");
    let secret = |secret: &str| Entity::new("Secret", &pod.meta.namespace, secret);
    let event = case.events_of(&name, &["FailedToRetrieveImagePullSecret"]).next();
    for wanted in &pod.it.spec.pull_secrets {
        if let Some(event) = event
            && event.message.contains(wanted.as_str())
        {
            let says = format!("{name}: the kubelet does not find {}", secret(wanted));
            return Some((secret(wanted), Cite::quoting(event.exhibit, says, &event.message)));
        }
        if case.config("Secret", &pod.meta.namespace, wanted).is_absent() {
            let says = format!("{name} names {}, which is not there", secret(wanted));
            return Some((secret(wanted), Cite::new(pod.exhibit, says)));
        }
    }
    None
}

fn remedy(finding: &Finding) -> Vec<Remedy> {
    let subject = &finding.subject;
    let action = match subject.kind.as_str() {
        "Secret" => format!(
            "Write {subject} anew from its source, of type kubernetes.io/dockerconfigjson, with a login that the registry knows."
        ),
        "CronJob" => format!(
            "Find out why the runs of {subject} do not succeed, mend that, and run it once by hand; then the login is good again."
        ),
        _ => format!(
            "Check the image's name, and give {subject} a pull secret that the registry accepts."
        ),
    };
    vec![Remedy {
        action,
        command: kubectl::object("get", subject, ""),
        risk: "low".to_owned(),
        reversible: true,
        verify: "The kubelet pulls the image at its next try, and the pod starts.".to_owned(),
    }]
}
