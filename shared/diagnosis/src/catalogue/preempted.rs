//! A pod of higher priority took the room of another one, which finds none.

use crate::case::Case;
use crate::case::constraints::Constraint;
use crate::case::containers::pod_spec_path;
use crate::case::unplaced::Unplaced;
use crate::failure_mode::{Category, Depth, FailureMode};
use crate::finding::{Cite, Finding, Judgement, Refutation};
use crate::seen::Seen;
use evidence::fact::object::Object;
use evidence::fact::pod::Pod;
use evidence::question::Question;
use evidence::report::Remedy;
use jiff::SignedDuration;

/// How long a new default priority is news: pods made before it live on until a newer one wants their room.
const NEWS: SignedDuration = SignedDuration::from_hours(7 * 24);

pub(super) static MODE: FailureMode = FailureMode {
    id: "SCH-18",
    title: "a pod of higher priority took its room",
    category: Category::Scheduling,
    proves: "a pod of the workload was `Preempted by` another one within the window, and its successor finds no node with room",
    refutes: "the successor was placed, or it is of a Job whose negative priority says that it waits: preemption worked as it is meant to",
    confused_with: &["SCH-01", "NODE-03", "NODE-08"],
    depth: Depth::Object,
    stands_alone: false,
    ask,
    judge,
    remedy,
};

/// Which class became the default of all pods, where a pod lost its room; and who took it: that may be of any namespace.
fn ask(case: &Case) -> Vec<Question> {
    let unplaced = case.unplaced();
    let by = |it: &Unplaced<'_>| match &it.binding {
        Constraint::Preempted(by) => Some(taker(case, by).is_some()),
        _ => None,
    };
    let known: Vec<bool> = unplaced.iter().filter_map(by).collect();
    let mut kinds = Vec::new();
    if !known.is_empty() {
        kinds.push("PriorityClass");
    }
    if known.contains(&false) {
        kinds.push("Pod");
    }
    kinds.retain(|kind| !case.looked(kind, ""));
    let all = |kind: &str| Question::Objects { kind: kind.to_owned(), namespace: String::new() };
    kinds.into_iter().map(all).collect()
}

fn judge(case: &Case) -> Vec<Judgement> {
    let unplaced = case.unplaced();
    let preempted: Vec<&Unplaced<'_>> =
        unplaced.iter().filter(|it| matches!(it.binding, Constraint::Preempted(_))).collect();
    if let (Some(first), Some(class)) = (preempted.first(), new_default(case))
        && preempted.iter().any(|it| took_by(case, it, &class.it.meta.name))
    {
        return vec![by_default(first, &preempted, class)];
    }
    preempted.into_iter().filter_map(|unplaced| one(case, unplaced)).collect()
}

/// A priority class that all pods get that name none, and that was made or changed lately.
fn new_default(case: &Case) -> Option<Seen<'_, Object>> {
    case.objects().find(|it| {
        let meta = &it.it.meta;
        let changed = meta.touches.iter().filter_map(|touch| touch.at).chain(meta.created).max();
        it.it.kind == "PriorityClass"
            && it.it.fields.get("globalDefault").is_some_and(|it| it == "true")
            && changed.is_some_and(|at| case.as_of.duration_since(at) < NEWS)
    })
}

/// Whether what took the room has that class, or is not there any more to tell.
fn took_by(case: &Case, unplaced: &Unplaced<'_>, class: &str) -> bool {
    let Constraint::Preempted(by) = &unplaced.binding else { return false };
    taker(case, by).is_none_or(|taker| taker.it.spec.priority_class == class)
}

/// Old pods keep the priority that they were made with; every pod made since goes before them.
fn by_default(
    first: &Unplaced<'_>,
    preempted: &[&Unplaced<'_>],
    class: Seen<'_, Object>,
) -> Judgement {
    let subject = class.it.meta.entity("PriorityClass");
    let value = class.it.fields.get("value").map_or("unknown", String::as_str);
    let mut finding = first.finding(format!(
        "Pods of {} lost their room because {subject} became the default of all new pods: what is made since goes before what was made before.",
        first.root
    ));
    let says = format!("{subject}: globalDefault, value {value}");
    finding.proofs.push(Cite::new(class.exhibit, says));
    finding.explains = preempted.iter().map(|it| it.root.clone()).collect();
    finding.field = Some("globalDefault".to_owned());
    finding.value = Some("true".to_owned());
    finding.subject = subject;
    Judgement::Proven(finding)
}

fn one(case: &Case, unplaced: &Unplaced<'_>) -> Option<Judgement> {
    let Constraint::Preempted(by) = &unplaced.binding else { return None };
    let victim = &unplaced.root;
    let own = unplaced.pod.it.spec.priority.unwrap_or(0);
    let taker = taker(case, by)?;
    let subject = case.root_of(&taker.meta, "Pod");
    let priority = taker.it.spec.priority.unwrap_or(0);
    if priority <= own {
        return None; // It was so for a pod before this one: what its priority was is not known any more.
    }
    if case.gives_way(victim, unplaced.pod.it) && !case.asks_about(&victim.kind, &victim.name) {
        let why = format!(
            "{victim} waits as its priority {own} means it to: it gave its room to {subject}, and goes on in what is left over."
        );
        let (subject, proofs) = (victim.clone(), unplaced.cites.clone());
        return Some(Judgement::Refuted(Refutation { subject, why, proofs }));
    }
    let mut finding = unplaced.finding(format!(
        "{victim} cannot be scheduled because {subject}, whose priority {priority} is above its {own}, took its room, and there is no other."
    ));
    let says = format!(
        "{}: priority {priority} of class {}",
        taker.meta.entity("Pod"),
        taker.it.spec.priority_class
    );
    finding.proofs.push(Cite::new(taker.exhibit, says));
    finding.field = Some(format!("{}.priorityClassName", pod_spec_path(&subject.kind)));
    finding.value = Some(taker.it.spec.priority_class.clone());
    finding.subject = subject;
    Some(Judgement::Proven(finding))
}

/// The pod that took the room, by its uid or, as older schedulers say it, by its name.
fn taker<'a>(case: &'a Case, by: &str) -> Option<Seen<'a, Pod>> {
    case.pods().find(|pod| {
        (!by.is_empty() && pod.meta.uid == by)
            || by == format!("{}/{}", pod.meta.namespace, pod.meta.name)
    })
}

fn remedy(finding: &Finding) -> Vec<Remedy> {
    let subject = &finding.subject;
    vec![Remedy {
        action: format!(
            "Decide which of them matters more: correct the priority class of {subject}, or add a node so that both fit."
        ),
        command: "kubectl get priorityclasses".to_owned(),
        risk: "low".to_owned(),
        reversible: true,
        verify: "The pods that were preempted are scheduled.".to_owned(),
    }]
}
