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
    ("Node", &["node", "nodes"]),
    ("Pod", &["pod", "pods", "po"]),
];

/// Kinds that only `KIND/NAME` means: in a sentence their words are as often names, such as `gateway`.
const WRITTEN: &[(&str, &[&str])] = &[
    ("Application", &["application", "applications", "app"]),
    ("Certificate", &["certificate", "certificates", "cert"]),
    ("ConfigMap", &["configmap", "configmaps", "cm"]),
    ("ExternalSecret", &["externalsecret", "externalsecrets"]),
    ("Gateway", &["gateway", "gateways", "gtw"]),
    ("GitRepository", &["gitrepository", "gitrepositories"]),
    ("HTTPRoute", &["httproute", "httproutes"]),
    ("HelmRelease", &["helmrelease", "helmreleases", "hr"]),
    ("HorizontalPodAutoscaler", &["horizontalpodautoscaler", "horizontalpodautoscalers", "hpa"]),
    ("Kustomization", &["kustomization", "kustomizations", "ks"]),
    ("LimitRange", &["limitrange", "limitranges", "limits"]),
    ("NetworkPolicy", &["networkpolicy", "networkpolicies", "netpol"]),
    ("PersistentVolume", &["persistentvolume", "persistentvolumes", "pv"]),
    ("PodDisruptionBudget", &["poddisruptionbudget", "poddisruptionbudgets", "pdb"]),
    ("ResourceQuota", &["resourcequota", "resourcequotas", "quota"]),
    ("ScaledObject", &["scaledobject", "scaledobjects"]),
    ("Secret", &["secret", "secrets"]),
    ("ServiceAccount", &["serviceaccount", "serviceaccounts", "sa"]),
    ("VerticalPodAutoscaler", &["verticalpodautoscaler", "verticalpodautoscalers", "vpa"]),
];

/// Words that stand beside a name without saying its kind.
const ANY_KIND: &[&str] = &["app", "application", "workload", "container"];

/// The kind that the word means.
pub fn kind(word: &str) -> Option<&'static str> {
    KINDS.iter().find(|(_, words)| words.contains(&word)).map(|(kind, _)| *kind)
}

/// The kind that the word before the slash of `KIND/NAME` means.
pub fn written(word: &str) -> Option<&'static str> {
    // In a sentence it says that there is none.
    if word == "no" {
        return Some("Node");
    }
    let others = WRITTEN.iter().find(|(_, words)| words.contains(&word)).map(|(kind, _)| *kind);
    kind(word).or(others)
}

/// Whether the word, beside a name, says that it is one.
pub fn names_something(word: &str) -> bool {
    kind(word).is_some() || ANY_KIND.contains(&word)
}

/// The word for kinds in a message.
pub fn known() -> String {
    let all = KINDS.iter().chain(WRITTEN);
    let words: Vec<&str> = all.filter_map(|(_, words)| words.first().copied()).collect();
    words.join(", ")
}

/// Where a kind stands in the order in which a bare name is tried; none for kinds that nobody asks about.
pub fn precedence(kind: &str) -> Option<usize> {
    KINDS.iter().position(|(known, _)| *known == kind)
}
