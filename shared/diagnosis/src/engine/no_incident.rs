//! Alerts that are no incident: OBS-02. Who is sent one is told so, and no culprit is looked for.

use crate::case::Case;

/// Alerts that fire as they should.
const ALWAYS: [&str; 2] = ["Watchdog", "InfoInhibitor"];
/// What sends and shows them: what is said of these beside them is said of the same.
const OF_ALERTING: [&str; 5] = ["alertmanager", "alerting", "grafana", "monitoring", "prometheus"];
/// How words begin that are said of an incident of its own.
const FAILS: [&str; 10] = [
    "crash",
    "down",
    "evict",
    "fail",
    "kill",
    "oom",
    "outage",
    "restart",
    "unavailab",
    "unreachab",
];
/// What begins a question about what was said before.
const ASKS: [&str; 14] = [
    "are", "can", "do", "does", "how", "is", "must", "need", "please", "shall", "should", "what",
    "which", "why",
];
const THESE: [&str; 5] = ["it", "that", "them", "they", "this"];
const JOINS: [&str; 5] = ["also", "and", "but", "plus", "while"];
/// Alerts of kubernetes-mixin about what a provider runs, and does not let anybody scrape.
pub(super) const OF_PROVIDERS: [&str; 2] = ["KubeControllerManagerDown", "KubeSchedulerDown"];
/// What providers write on their nodes, and who they are.
const MANAGED: [(&str, &str); 4] = [
    ("cloud.google.com/gke-nodepool", "Google (GKE)"),
    ("doks.digitalocean.com/node-pool", "DigitalOcean (DOKS)"),
    ("eks.amazonaws.com/nodegroup", "Amazon (EKS)"),
    ("kubernetes.azure.com/cluster", "Microsoft (AKS)"),
];
/// What kubeadm writes on nodes of a control plane that one runs oneself.
const OWN: [&str; 2] = ["node-role.kubernetes.io/control-plane", "node-role.kubernetes.io/master"];

/// Why the alert that was asked about is no incident.
pub(super) fn of(case: &Case) -> Option<String> {
    if case.scope.workload.is_some() {
        return None;
    }
    let name = case.asked_alert().or_else(|| named(case))?;
    if !is_alone(case) {
        return None;
    }
    match name {
        "Watchdog" => Some(
            "Watchdog is no incident: it always fires, so that its silence shows when alerting is broken. Nothing else was looked for."
                .to_owned(),
        ),
        "InfoInhibitor" => Some(
            "InfoInhibitor is no incident: it fires while an alert of severity info does, to keep that one from being sent. Nothing else was looked for."
                .to_owned(),
        ),
        _ if OF_PROVIDERS.contains(&name) => {
            let provider = provider(case)?;
            Some(format!(
                "{name} is no incident here: {provider} runs the control plane, which cannot be scraped from the cluster, so that the alert fires whatever its state. Switch its rule off; nothing else was looked for."
            ))
        }
        _ => None,
    }
}

/// Whether nothing but such alerts is spoken of. An alert as it was sent says the rest of itself.
fn is_alone(case: &Case) -> bool {
    if case.sent_alert().is_some() {
        return true;
    }
    let known = |it: &str| ALWAYS.contains(&it) || OF_PROVIDERS.contains(&it);
    if case.named_alerts().into_iter().any(|it| !known(it)) {
        return false;
    }
    // `Watchdog and InfoInhibitor fire, why?`, and not `Watchdog fires, checkout fails`.
    clauses(&case.question).iter().all(|clause| {
        let is = |list: &[&str], it: &str| list.contains(&it.to_ascii_lowercase().as_str());
        // `why`, `is that bad`, and not `why is checkout down`.
        let of_these = clause.len() == 1 || clause.iter().any(|it| is(&THESE, it));
        let asks = of_these && clause.first().is_some_and(|it| is(&ASKS, it));
        let of_alerting = clause.iter().any(|it| is(&OF_ALERTING, it));
        let fails = clause.iter().any(|it| {
            let word = it.to_ascii_lowercase();
            FAILS.iter().any(|stem| word.starts_with(stem))
        });
        !fails && (asks || of_alerting || clause.iter().any(|it| known(it)))
    })
}

/// The words of each part of a question, between its marks and the words that join parts.
fn clauses(question: &str) -> Vec<Vec<&str>> {
    let parts = question.split([',', '.', ';', '?', '!']);
    let words = parts.map(|part| {
        let words = part.split_whitespace();
        words.map(|it| it.trim_matches(|it: char| !it.is_ascii_alphanumeric())).collect()
    });
    let words: Vec<Vec<&str>> = words.collect();
    let joins = |it: &&str| JOINS.contains(&it.to_ascii_lowercase().as_str());
    let clauses = words.iter().flat_map(|part| part.split(joins));
    clauses.filter(|it| !it.is_empty()).map(<[&str]>::to_vec).collect()
}

/// `why does Watchdog fire?`: a name of one word is one where an alert is spoken of.
fn named(case: &Case) -> Option<&'static str> {
    let words: Vec<&str> = case.question.split(|it: char| !it.is_ascii_alphanumeric()).collect();
    let is_alert = words.iter().any(|it| {
        matches!(it.to_ascii_lowercase().as_str(), "alert" | "fire" | "fires" | "firing" | "fired")
    });
    ALWAYS.into_iter().find(|it| is_alert && words.contains(it))
}

/// Who runs the control plane, where nodes bear a provider's label and none is of a control plane of one's own.
pub(super) fn provider(case: &Case) -> Option<&'static str> {
    let own = |label: &str| OWN.contains(&label);
    if case.nodes().any(|node| node.meta.labels.keys().any(|it| own(it))) {
        return None;
    }
    // Where it runs as pods here, it can be scraped.
    let here = ["kube-scheduler-", "kube-controller-manager-"];
    if case.pods_in("kube-system").any(|pod| here.iter().any(|it| pod.meta.name.starts_with(it))) {
        return None;
    }
    let written = |label: &str| case.nodes().any(|it| it.meta.labels.contains_key(label));
    MANAGED.iter().find(|(label, _)| written(label)).map(|(_, who)| *who)
}

#[cfg(test)]
mod tests {
    use crate::case::Case;
    use crate::engine;
    use evidence::fact::{Body, Fact};
    use evidence::report::{Report, Verdict};
    use evidence::scope::{Scope, Window};
    use evidence::testimony::Testimony;

    const CRASHES: &str = r#"
- workload: {kind: Deployment, meta: {namespace: shop, name: web}, desired: 1, ready: 0}
"#;

    fn report(question: &str, facts: &str) -> Report {
        let as_of = "2026-11-21T12:00:00Z".parse().unwrap();
        let start = "2026-11-21T11:00:00Z".parse().unwrap();
        let mut case = Case::open(question, Scope::default(), as_of, Window { start, end: as_of });
        case.reported = true;
        let bodies: Vec<Body> = serde_saphyr::from_str(facts).unwrap();
        let facts = bodies.into_iter().map(|body| Fact { source: 0, body }).collect();
        case.hear(Testimony { facts, ..Testimony::default() });
        engine::conclude(&case)
    }

    #[test]
    fn nobody_is_blamed_for_what_always_fires() {
        for question in ["Watchdog: An alert that is not firing is ...", "why does Watchdog fire?"]
        {
            let report = report(question, CRASHES);
            assert_eq!(report.verdict, Verdict::NoFaultFound, "{question}");
            assert!(report.summary.starts_with("Watchdog is no incident: it always fires"));
        }
    }

    #[test]
    fn what_is_spoken_of_beside_them_is_looked_for() {
        let rows = [
            ("Firing alerts: InfoInhibitor, KubePodCrashLooping", false),
            ("Watchdog fires and checkout fails", false),
            ("Watchdog is firing. Checkout is down.", false),
            ("Watchdog fires, checkout returns 500", false),
            ("Watchdog fires and prometheus crashes", false),
            ("Watchdog fires and prometheus is OOMKilled", false),
            ("Watchdog fires and prometheus crashed", false),
            ("Watchdog fires and alertmanager is unavailable", false),
            ("Watchdog fires since checkout is down", false),
            ("Watchdog is firing. Why is this pod crashing?", false),
            ("Watchdog is firing, is that bad?", true),
            ("Watchdog is firing. Why is checkout down?", false),
            ("Watchdog and InfoInhibitor are firing, why?", true),
            ("Watchdog is firing without a break, and prometheus logs errors", true),
            ("Watchdog: This is an alert, and \"DeadMansSnitch\" of PagerDuty is told", true),
        ];
        for (question, alone) in rows {
            let verdict = report(question, CRASHES).verdict;
            assert_eq!(verdict == Verdict::NoFaultFound, alone, "{question}");
        }
    }

    #[test]
    fn a_workload_of_that_name_is_none_of_it() {
        assert_eq!(report("Why is Watchdog down?", CRASHES).verdict, Verdict::Inconclusive);
    }

    #[test]
    fn a_control_plane_that_a_provider_runs_cannot_be_scraped() {
        let question = "KubeSchedulerDown: KubeScheduler has disappeared";
        let azure = "- node: {meta: {name: n, labels: {kubernetes.azure.com/cluster: x}}}";
        let managed = report(question, azure);
        assert_eq!(managed.verdict, Verdict::NoFaultFound);
        assert!(managed.summary.contains("Microsoft (AKS) runs the control plane"));
        let own =
            "- node: {meta: {name: n, labels: {node-role.kubernetes.io/control-plane: \"\"}}}";
        assert_eq!(report(question, own).verdict, Verdict::Inconclusive);
    }

    #[test]
    fn kube_proxy_runs_on_ones_own_nodes() {
        let azure = "- node: {meta: {name: n, labels: {kubernetes.azure.com/cluster: x}}}";
        for question in ["KubeProxyDown: KubeProxy has disappeared", "why does KubeProxyDown fire?"]
        {
            assert_eq!(report(question, azure).verdict, Verdict::Inconclusive, "{question}");
        }
    }
}
