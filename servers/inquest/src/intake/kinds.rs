//! The words that people use for the kinds of objects that one can ask about.

/// Kind, and the words for it; in the order in which a bare name is tried.
const KINDS: &[(&str, &[&str])] = &[
    ("Deployment", &["deployment", "deployments", "deploy"]),
    ("StatefulSet", &["statefulset", "statefulsets", "sts"]),
    ("DaemonSet", &["daemonset", "daemonsets", "ds"]),
    ("CronJob", &["cronjob", "cronjobs", "cj"]),
    ("Job", &["job", "jobs"]),
    ("Service", &["service", "services", "svc"]),
    ("Ingress", &["ingress", "ingresses", "ing"]),
    ("PersistentVolumeClaim", &["persistentvolumeclaim", "persistentvolumeclaims", "pvc", "pvcs"]),
    ("ReplicaSet", &["replicaset", "replicasets", "rs"]),
    ("Node", &["node", "nodes", "no"]),
    ("Pod", &["pod", "pods", "po"]),
];

/// Words that stand beside a name without saying its kind.
const ANY_KIND: &[&str] = &["app", "application", "workload", "container"];

/// The kind that the word means.
pub fn kind(word: &str) -> Option<&'static str> {
    KINDS.iter().find(|(_, words)| words.contains(&word)).map(|(kind, _)| *kind)
}

/// Whether the word, beside a name, says that it is one.
pub fn names_something(word: &str) -> bool {
    kind(word).is_some() || ANY_KIND.contains(&word)
}

/// The word for kinds in a message.
pub fn known() -> String {
    let words: Vec<&str> = KINDS.iter().filter_map(|(_, words)| words.first().copied()).collect();
    words.join(", ")
}

/// Where a kind stands in the order in which a bare name is tried; none for kinds that nobody asks about.
pub fn precedence(kind: &str) -> Option<usize> {
    KINDS.iter().position(|(known, _)| *known == kind)
}
