//! A program does not find an environment variable that it cannot do without, or finds a wrong one.

mod linked;
mod moved;
mod quoted;
mod retuned;

use crate::case::Case;
use crate::case::complaints::Complaint;
use crate::case::containers::pod_spec_path;
use crate::case::news::Turn;
use crate::case::touching::edited_lately;
use crate::case::words::said::Said;
use crate::failure_mode::{Category, Depth, FailureMode, nothing};
use crate::finding::{Cite, Finding, Judgement, Refutation, Strength, joined, one_each};
use crate::kubectl;
use crate::seen::Seen;
use evidence::entity::Entity;
use evidence::fact::access::Config;
use evidence::fact::spec::{Container, ObjectRef};
use evidence::report::Remedy;

pub(super) static MODE: FailureMode = FailureMode {
    id: "CFG-04",
    title: "a setting that it needs is missing or wrong",
    category: Category::Configuration,
    proves: "a failing container's log names a variable that is not set, and its spec does not set it, nor what all its variables come from: the only ConfigMap, or the only one that was edited lately; or its errors name the value of a setting that its newest revision changed, and no rule tells more of them; or it misses a file that was under a mount until its newest revision; or a ConfigMap that it reads, its variables or arguments are the only thing that was changed before it began to repeat an error; or it ends at a variable that the kubelet makes of a Service's name and that the spec does not set; or it was started with a setting of a ConfigMap changed just before, and its log complains of what that setting is called after",
    refutes: "the spec sets it to something",
    confused_with: &["CFG-01", "RUN-10"],
    depth: Depth::Workload,
    stands_alone: false,
    ask: nothing,
    judge,
    remedy,
};

fn judge(case: &Case) -> Vec<Judgement> {
    let complaints = case.complaints();
    let missing = complaints.iter().filter(|it| it.fails).filter_map(|it| one(case, it));
    let mut judgements = each_with_all_it_explains(missing);
    judgements.extend(one_each(complaints.iter().filter_map(|it| moved::one(case, it))));
    judgements.extend(quoted::judge(case));
    judgements.extend(linked::judge(case));
    judgements.extend(retuned::judge(case));
    judgements.extend(case.judge_coincidence(Turn::Setting));
    judgements
}

fn one(case: &Case, complaint: &Complaint<'_>) -> Option<Judgement> {
    let Said::MissingVariable { name } = &complaint.said else { return None };
    let (container, root) = (&complaint.container, complaint.root());
    let mut proofs = vec![complaint.cite()];
    let set = container.spec.env.iter().rev().find(|it| it.name == *name);
    if let Some(variable) = set {
        let filled = variable.value.as_deref().is_some_and(|it| !it.is_empty());
        let optional = variable.from.as_ref().is_some_and(|it| it.optional);
        if filled || variable.from.is_some() && !optional {
            let why = format!("variable {name} of {root} is set");
            proofs.push(Cite::new(container.pod.exhibit, why.clone()));
            return Some(Judgement::Refuted(Refutation { subject: root.clone(), why, proofs }));
        }
    }
    let how = match set {
        Some(it) if it.from.is_some() => "may be left out, and is",
        Some(_) => "is empty",
        None => "is not set",
    };
    let says = format!("{}: variable {name} {how}", container.pod.meta.entity("Pod"));
    proofs.push(Cite::new(container.pod.exhibit, says));
    let (mut subject, mut field) = (root.clone(), container.field(&format!("env[{name}]")));
    let mut strength = Strength::Strong;
    let mut since = String::new();
    if let Some((revision, cite)) = dropped(case, complaint, name) {
        since = format!(", which its revision {revision} still set");
        proofs.push(cite);
        strength = Strength::Conclusive;
    } else if let Some((object, cite)) = lacking(case, complaint, name) {
        // The template is as it was; what it takes all variables from has lost one.
        proofs.push(cite);
        (subject, field) = (object, format!("data.{name}"));
    }
    let owner = if subject == *root { String::new() } else { format!(", nor is it in {subject}") };
    Some(Judgement::Proven(Finding {
        field: Some(field),
        value: None,
        statement: format!("{root} fails because its variable {name} {how}{owner}{since}."),
        proofs,
        doubts: Vec::new(),
        strength,
        explains: vec![root.clone()],
        subject,
    }))
}

/// The latest revision before the newest one, where that set the variable.
fn dropped(case: &Case, complaint: &Complaint<'_>, name: &str) -> Option<(u64, Cite)> {
    let (newest, before) = case.two_newest(complaint.root())?;
    let sets = |containers: &[Container]| {
        let container = containers.iter().find(|it| it.name == complaint.container.spec.name)?;
        Some(container.env.iter().any(|it| {
            it.name == name
                && (it.from.is_some() || it.value.as_deref().is_some_and(|it| !it.is_empty()))
        }))
    };
    let gone = !sets(&newest.it.template.containers)? && sets(&before.it.template.containers)?;
    let number = before.it.number.unwrap_or_default();
    let path = pod_spec_path(&complaint.root().kind);
    let says = format!("revision {number} set variable {name} in {path}");
    gone.then(|| (number, Cite::new(before.exhibit, says)))
}

/// What all variables come from, where its keys are known and lack the variable: the only one that there is, or of several
/// the only one that somebody changed lately.
fn lacking(case: &Case, complaint: &Complaint<'_>, name: &str) -> Option<(Entity, Cite)> {
    let (container, namespace) = (&complaint.container, complaint.namespace());
    let config = |from: &ObjectRef| case.config(&from.kind, namespace, &from.name).seen();
    let found = match container.spec.env_from.as_slice() {
        [only] => config(only)?,
        several => {
            let edited = |it: &Seen<'_, Config>| edited_lately(case, &it.it.meta).is_some();
            let mut edited = several.iter().filter_map(config).filter(edited);
            edited.next().filter(|_| edited.next().is_none())?
        }
    };
    if found.it.keys.as_ref()?.iter().any(|it| it == name) {
        return None;
    }
    let object = found.meta.entity(&found.it.kind);
    let edited = edited_lately(case, &found.it.meta);
    let since = edited.map(|(touch, at)| format!(", which {} changed at {at}", touch.manager));
    let says =
        format!("{object}{} has no key {name}", since.map(|it| it + ",").unwrap_or_default());
    Some((object, Cite::new(found.exhibit, says)))
}

/// One judgement of each subject, as several programs may miss what one ConfigMap has lost.
fn each_with_all_it_explains(judgements: impl Iterator<Item = Judgement>) -> Vec<Judgement> {
    let (mut proven, mut refuted) = (Vec::new(), Vec::new());
    for judgement in judgements {
        match judgement {
            Judgement::Proven(finding) => proven.push(finding),
            other => refuted.push(other),
        }
    }
    one_each(joined(proven).into_iter().chain(refuted))
}

fn remedy(finding: &Finding) -> Vec<Remedy> {
    let subject = &finding.subject;
    let by_name = finding.field.as_deref() == Some("metadata.name");
    let by_link = finding.field.as_deref().is_some_and(|it| it.ends_with("enableServiceLinks"));
    let by_mount = finding.field.as_deref().is_some_and(|it| it.ends_with("volumeMounts"));
    let (action, verify) = match finding.value {
        _ if by_mount => (
            format!(
                "Mount the volume where {subject} looks for it again, or tell it where it is now."
            ),
            "Its log no longer misses the file.",
        ),
        None if by_name => (
            format!(
                "Give {subject} another name, or set enableServiceLinks: false in the pods of whoever reads that variable."
            ),
            "New pods no longer have the variable, and their containers start.",
        ),
        None if by_link => (
            format!("Set enableServiceLinks: false in the pod template of {subject}."),
            "New pods no longer have the variable, and their containers start.",
        ),
        None => (
            format!("Set the variable again in the source of {subject}."),
            "The container starts, and its log no longer names the variable.",
        ),
        Some(_) => (
            format!(
                "Correct the setting in the source of {subject}, or roll back to the revision before."
            ),
            "Its log no longer names the value in errors.",
        ),
    };
    vec![Remedy {
        action,
        command: kubectl::object("get", subject, "-o yaml"),
        risk: "low".to_owned(),
        reversible: true,
        verify: verify.to_owned(),
    }]
}
