//! What is reported, and is so by somebody's plan: no incident, where nothing else is wrong.

use crate::case::Case;

/// Words of the scheduler and of those who read them to us.
const WAITING: [&str; 6] =
    ["pending", "preempted", "failedscheduling", "unschedulable", "preemption", "scheduled"];

/// Why what was asked about is as it should be.
pub(super) fn of(case: &Case) -> Option<String> {
    asleep(case).or_else(|| waits(case))
}

/// Why what was asked about does not answer, where nothing else is wrong: it sleeps by its owners' plan. That is so of one
/// workload or Service that was asked about, or of all in a namespace that Services lead to.
fn asleep(case: &Case) -> Option<String> {
    let asked = |kind: &str, namespace: &str, name: &str| {
        case.asks_about(kind, name) || case.is_named(namespace, name)
    };
    let in_scope = |namespace: &String| case.scope.namespaces.contains(namespace);
    let served: Vec<_> = case
        .workloads()
        .filter(|it| in_scope(&it.meta.namespace))
        .filter(|it| case.services_before(it.it).next().is_some())
        .collect();
    let asked: Vec<_> = served
        .iter()
        .filter(|it| {
            let meta = &it.it.meta;
            let mut before = case.services_before(it.it);
            asked(&it.it.kind, &meta.namespace, &meta.name)
                || before.any(|it| asked("Service", &it.meta.namespace, &it.meta.name))
        })
        .copied()
        .collect();
    if asked.is_empty() && case.scope.workload.is_some() {
        return None;
    }
    let meant = if asked.is_empty() { served } else { asked };
    let asleep: Vec<_> = meant.iter().filter_map(|it| case.asleep(*it)).collect();
    let (first, of) = (asleep.first()?, meant.first()?);
    if asleep.len() < meant.len() {
        return None;
    }
    let since = first.at.map_or(String::new(), |at| format!(" at {at}"));
    let others = match meant.len() - 1 {
        0 => String::new(),
        1 => " and one other workload".to_owned(),
        more => format!(" and {more} other workloads"),
    };
    let name = of.it.meta.entity(&of.it.kind);
    let (by, plan) = (&first.by, first.plan);
    Some(format!(
        "This is no incident: {by} scaled {name}{others} to 0{since} by plan, as the annotation {plan} says, and nobody who is awake lacks them. Nothing else was looked for."
    ))
}

/// Why pods that somebody asks about are pending: their Jobs wait for the room that is left over, as their priority says.
fn waits(case: &Case) -> Option<String> {
    let question = case.question.to_lowercase();
    let mut words = question.split(|it: char| !it.is_ascii_alphanumeric());
    if case.scope.workload.is_some() || !words.any(|it| WAITING.contains(&it)) {
        return None;
    }
    let unplaced = case.unplaced();
    let here = |namespace: &String| case.scope.namespaces.contains(namespace);
    let mut waiting = unplaced.iter().filter(|it| here(&it.root.namespace)).peekable();
    let (root, priority) = waiting.peek().map(|it| (&it.root, it.pod.it.spec.priority))?;
    if !waiting.all(|it| case.gives_way(&it.root, it.pod.it)) {
        return None;
    }
    let priority = priority.unwrap_or(0);
    Some(format!(
        "This is no incident: {root} has priority {priority}, below all that say nothing, so that it runs in the room that is left over, and waits while there is none. Nothing else is wrong here."
    ))
}

#[cfg(test)]
mod tests {
    use crate::case::Case;
    use crate::engine;
    use evidence::fact::{Body, Fact};
    use evidence::report::{Report, Verdict};
    use evidence::scope::{Scope, Window};
    use evidence::testimony::Testimony;

    fn report(question: &str, facts: &str) -> Report {
        let as_of = "2026-11-21T12:00:00Z".parse().unwrap();
        let start = "2026-11-21T11:00:00Z".parse().unwrap();
        let scope = Scope { namespaces: vec!["shop".to_owned()], ..Scope::default() };
        let mut case = Case::open(question, scope, as_of, Window { start, end: as_of });
        case.reported = true;
        let bodies: Vec<Body> = serde_saphyr::from_str(facts).unwrap();
        let facts = bodies.into_iter().map(|body| Fact { source: 0, body }).collect();
        case.hear(Testimony { facts, ..Testimony::default() });
        engine::conclude(&case)
    }

    const ASLEEP: &str = r#"
- workload:
    kind: Deployment
    meta:
      namespace: shop
      name: web
      annotations: {downscaler/original-replicas: "2", downscaler/uptime: "Mon-Fri 07:30-20:30 UTC"}
      touches: [{manager: kube-downscaler, at: "2026-11-20T20:30:00Z", fields: [spec.replicas, "metadata.annotations[downscaler/original-replicas]"]}]
    template_labels: {app: web}
- service: {meta: {namespace: shop, name: web}, type: ClusterIP, selector: {app: web}}
"#;

    #[test]
    fn a_namespace_that_sleeps_by_its_hours_answers_nobody() {
        let slept = report("The preview answers 503. What broke?", ASLEEP);
        assert_eq!(slept.verdict, Verdict::NoFaultFound);
        assert!(slept.summary.contains("kube-downscaler scaled Deployment shop/web to 0"));
        let beside = format!(
            "{ASLEEP}- workload: {{kind: Deployment, meta: {{namespace: shop, name: api}}, desired: 1, ready: 1, template_labels: {{app: api}}}}\n- service: {{meta: {{namespace: shop, name: api}}, type: ClusterIP, selector: {{app: api}}}}\n"
        );
        assert_eq!(report("Orders vanish. Why?", &beside).verdict, Verdict::Inconclusive);
        assert_eq!(report("web answers 503. Why?", &beside).verdict, Verdict::NoFaultFound);
    }

    const WAITS: &str = r#"
- pod:
    meta: {namespace: shop, name: fill-2, owner: {kind: Job, namespace: shop, name: fill}}
    phase: Pending
    spec: {priority: -1000, containers: [{name: fill}]}
    conditions: [{type: PodScheduled, status: "False", reason: Unschedulable, message: "0/1 nodes are available: 1 Insufficient cpu."}]
- pod: {meta: {namespace: shop, name: fill-1, owner: {kind: Job, namespace: shop, name: fill}}, phase: OTHER}
"#;

    #[test]
    fn work_that_gives_way_may_wait() {
        let question = "A pod of ours is Pending all day. Who adds nodes?";
        let waits = report(question, &WAITS.replace("OTHER", "Running"));
        assert_eq!(waits.verdict, Verdict::NoFaultFound);
        assert!(waits.summary.contains("Job shop/fill has priority -1000"));
    }

    #[test]
    fn work_that_never_ran_or_is_as_good_as_others_may_not() {
        let question = "A pod of ours is Pending all day. Who adds nodes?";
        for (word, other) in [("-1000", "0"), ("OTHER", "Pending")] {
            let facts = WAITS.replace(word, other).replace("OTHER", "Running");
            assert_ne!(report(question, &facts).verdict, Verdict::NoFaultFound, "{other}");
        }
    }
}
