//! Commands that remedies quote for a human to run.

use evidence::entity::Entity;

/// `kubectl -n shop edit deployment/web`: a verb, with whatever belongs before the object, on `subject`, and what
/// follows (may be empty). Without a namespace for what has none.
pub fn object(verb: &str, subject: &Entity, rest: &str) -> String {
    let what = format!("{verb} {}/{}", subject.kind.to_lowercase(), subject.name);
    let what = match rest.is_empty() {
        true => what,
        false => format!("{what} {rest}"),
    };
    match subject.namespace.is_empty() {
        true => format!("kubectl {what}"),
        false => format!("kubectl -n {} {what}", subject.namespace),
    }
}

/// `kubectl -n shop get pods`: `words` in the namespace of `subject`, in all of them for what has none.
pub fn within(subject: &Entity, words: &str) -> String {
    match subject.namespace.is_empty() {
        true => format!("kubectl {words} --all-namespaces"),
        false => format!("kubectl -n {} {words}", subject.namespace),
    }
}

/// Back to the revision before, of what keeps revisions; all else is edited.
pub fn undo(subject: &Entity) -> String {
    match subject.kind.as_str() {
        "Deployment" | "StatefulSet" | "DaemonSet" => object("rollout undo", subject, ""),
        _ => object("edit", subject, ""),
    }
}

#[cfg(test)]
mod tests {
    use super::{object, undo, within};
    use evidence::entity::Entity;

    #[test]
    fn what_has_a_namespace_is_named_with_it() {
        let web = Entity::new("Deployment", "shop", "web");
        assert_eq!(object("edit", &web, ""), "kubectl -n shop edit deployment/web");
        assert_eq!(
            object("logs", &web, "--tail=50"),
            "kubectl -n shop logs deployment/web --tail=50"
        );
        assert_eq!(within(&web, "get pods"), "kubectl -n shop get pods");
    }

    #[test]
    fn what_has_no_namespace_is_named_without() {
        let role = Entity::new("ClusterRole", "", "reader");
        assert_eq!(object("edit", &role, ""), "kubectl edit clusterrole/reader");
        assert_eq!(within(&role, "get pods"), "kubectl get pods --all-namespaces");
    }

    #[test]
    fn only_what_keeps_revisions_is_undone() {
        let web = Entity::new("Deployment", "shop", "web");
        assert_eq!(undo(&web), "kubectl -n shop rollout undo deployment/web");
        let job = Entity::new("CronJob", "shop", "report");
        assert_eq!(undo(&job), "kubectl -n shop edit cronjob/report");
    }
}
