//! A pod of higher priority took the room of another one, which finds none.

use crate::case::Case;
use crate::case::constraints::Constraint;
use crate::case::containers::pod_spec_path;
use crate::case::touching::MAKING;
use crate::case::unplaced::Unplaced;
use crate::failure_mode::{Category, Depth, FailureMode};
use crate::finding::{Cite, Finding, Judgement, Refutation, joined};
use crate::seen::Seen;
use evidence::entity::Entity;
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
        Constraint::Preempted(by) => Some(case.takers(by).is_whole()),
        _ => None,
    };
    let known: Vec<bool> = unplaced.iter().filter_map(by).collect();
    let untold = unplaced.iter().any(|it| case.hides_taker(it));
    let mut kinds = Vec::new();
    if !known.is_empty() {
        kinds.push("PriorityClass");
    }
    if untold || known.contains(&false) {
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
    let mut proven: Vec<Finding> = Vec::new();
    let mut judgements = Vec::new();
    for judgement in preempted.into_iter().filter_map(|unplaced| one(case, unplaced)) {
        match judgement {
            Judgement::Proven(finding) => proven.push(finding),
            refuted @ Judgement::Refuted(_) => judgements.push(refuted),
        }
    }
    judgements.extend(joined(proven));
    judgements
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
    case.taker(by).is_none_or(|taker| taker.it.spec.priority_class == class)
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
    let takers = case.takers(by);
    if !takers.is_whole() {
        return None;
    }
    // Who was put out itself and took another one's room instead only passed it on.
    let (first, taker) = (takers.pods.first()?, takers.pods.last()?);
    if first.it.spec.priority.unwrap_or(0) <= own {
        return None; // It was so for a pod before this one: what its priority was is not known any more.
    }
    let subject = case.root_of(&taker.meta, "Pod");
    let priority = taker.it.spec.priority.unwrap_or(0);
    if case.gives_way(victim, unplaced.pod.it) && !case.asks_about(&victim.kind, &victim.name) {
        let why = format!(
            "{victim} waits as its priority {own} means it to: it gave its room to {subject}, and goes on in what is left over."
        );
        let (subject, proofs) = (victim.clone(), unplaced.cites.clone());
        return Some(Judgement::Refuted(Refutation { subject, why, proofs }));
    }
    let through = match takers.pods.as_slice() {
        [between, .., _] => {
            format!(" by way of {}, which it had put out", case.root_of(&between.meta, "Pod"))
        }
        _ => String::new(),
    };
    let mut finding = unplaced.finding(format!(
        "{victim} cannot be scheduled because {subject}, whose priority {priority} is above its {own}, took its room{through}, and there is no other."
    ));
    finding.proofs.extend(takers.cites);
    let says = format!(
        "{}: priority {priority} of class {}",
        taker.meta.entity("Pod"),
        taker.it.spec.priority_class
    );
    finding.proofs.push(Cite::new(taker.exhibit, says));
    if let Some(class) = new_class(case, taker.it, victim) {
        let class_is = class.it.meta.entity("PriorityClass");
        finding.proofs.push(Cite::new(class.exhibit, format!("{class_is}: value {priority}")));
        finding.statement = format!(
            "{victim} cannot be scheduled because {class_is}, which is new, puts {subject} with {priority} above its {own}: that took its room{through}, and there is no other."
        );
        finding.field = Some("value".to_owned());
        finding.value = Some(priority.to_string());
        finding.subject = class_is;
        return Some(Judgement::Proven(finding));
    }
    finding.field = Some(format!("{}.priorityClassName", pod_spec_path(&subject.kind)));
    finding.value = Some(taker.it.spec.priority_class.clone());
    finding.subject = subject;
    Some(Judgement::Proven(finding))
}

/// The class by which a pod goes before a victim, where it is news: it was made when the victim had been there for long. Its
/// value cannot be changed afterwards; a class that was there before was meant so, and who was set to it is to change.
fn new_class<'a>(case: &'a Case, taker: &Pod, victim: &Entity) -> Option<Seen<'a, Object>> {
    let value = taker.spec.priority?.to_string();
    let class = case
        .objects()
        .find(|it| it.it.kind == "PriorityClass" && it.it.meta.name == taker.spec.priority_class)?;
    let victim_made = case.meta_of(victim)?.created?;
    let made = class.it.meta.created?;
    let is_new = case.is_news(Some(made)) && made > victim_made + MAKING;
    (is_new && class.it.fields.get("value") == Some(&value)).then_some(class)
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
