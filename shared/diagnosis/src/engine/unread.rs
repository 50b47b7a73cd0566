//! What nobody could read may be the object to change: the settings of a program that fails by how it is set, the program
//! behind a Service that fails those who call it.

use super::Found;
use crate::case::Case;
use crate::case::containers::all_read_by;
use crate::failure_mode::Category;
use evidence::entity::Entity;
use std::slice;

/// Whether what nobody could read may be to blame instead of what a finding names. A field of its own that is to be changed
/// leaves no doubt.
pub(super) fn may_hold(case: &Case, found: &Found) -> bool {
    found.finding.field.is_none() && (in_settings(case, found) || in_a_workload(case, found))
}

/// A ConfigMap of the program that is blamed, or of one that asks for something that is nowhere.
fn in_settings(case: &Case, found: &Found) -> bool {
    let by_settings = matches!(
        found.mode.category,
        Category::Access
            | Category::Configuration
            | Category::Dependency
            | Category::Network
            | Category::Runtime
    );
    let subject = &found.finding.subject;
    if !by_settings || subject.kind == "ConfigMap" {
        return false;
    }
    let is_there = case.meta_of(subject).is_some();
    let programs = if is_there { slice::from_ref(subject) } else { &found.finding.explains };
    // What its template was before tells whether the program was turned, or what it calls.
    let of_others = matches!(found.mode.category, Category::Dependency | Category::Network);
    let turned = |it: &Entity| {
        it.kind == "Deployment" && case.failed_to_look("ReplicaSet", slice::from_ref(&it.namespace))
    };
    programs.iter().any(|it| reads_unread(case, it) || of_others && turned(it))
}

/// The program behind a Service that is blamed, or that what is blamed calls.
fn in_a_workload(case: &Case, found: &Found) -> bool {
    let subject = &found.finding.subject;
    if found.mode.category != Category::Dependency {
        return false;
    }
    let hidden =
        |it: &Entity| it.kind == "Service" && case.missed_workloads(slice::from_ref(&it.namespace));
    hidden(subject) || case.calls_of(subject).iter().any(hidden)
}

fn reads_unread(case: &Case, program: &Entity) -> bool {
    let namespace = slice::from_ref(&program.namespace);
    if !case.failed_to_look("ConfigMap", namespace) {
        return false;
    }
    let pods = case.pods_of(program).map(|it| &it.it.spec);
    let template = case.workload(program).seen().map(|it| &it.it.template);
    pods.chain(template).any(|spec| all_read_by(spec).any(|it| it.kind == "ConfigMap"))
}

#[cfg(test)]
mod tests {
    use crate::engine::{conclude, symptoms::trial};
    use evidence::report::Verdict;
    use evidence::testimony::{Look, Testimony};

    const ASKS: &str = r#"
- workload: {kind: Deployment, meta: {namespace: shop, name: web}, desired: 1, ready: 1, template: {containers: [{name: web, env_from: [{kind: ConfigMap, name: settings}]}]}}
- pod:
    meta: {namespace: shop, name: web-1, owner: {kind: Deployment, namespace: shop, name: web}}
    phase: Running
    conditions: [{type: Ready, status: "True"}]
    spec: {containers: [{name: web, env_from: [{kind: ConfigMap, name: settings}]}]}
    containers: [{name: web, ready: true, state: {running: {}}}]
- log:
    namespace: shop
    pod: web-1
    container: web
    lines: [{text: "Error: getaddrinfo ENOTFOUND giude", count: 20, first: "2026-11-21T11:40:00Z", last: "2026-11-21T11:59:00Z"}]
"#;

    fn verdict(kind: &str, complete: bool) -> Verdict {
        trial_with(ASKS, kind, complete)
    }

    fn trial_with(facts: &str, kind: &str, complete: bool) -> Verdict {
        let mut case = trial::case(facts, None);
        let look = Look { kind: kind.to_owned(), namespace: "shop".to_owned(), complete };
        case.hear(Testimony { looks: vec![look], ..Testimony::default() });
        conclude(&case).verdict
    }

    #[test]
    fn nobody_is_blamed_for_what_an_unread_setting_may_say() {
        assert_eq!(verdict("ConfigMap", true), Verdict::RootCauseFound);
        assert_eq!(verdict("ConfigMap", false), Verdict::Inconclusive);
        assert_eq!(verdict("ReplicaSet", false), Verdict::Inconclusive);
        assert_eq!(verdict("Job", false), Verdict::RootCauseFound);
    }

    /// Behind the database's Service is nobody who was seen.
    const WRITES: &str = r#"
- workload: {kind: Deployment, meta: {namespace: shop, name: cart}, desired: 1, ready: 1, template: {containers: [{name: cart}]}}
- pod:
    meta: {namespace: shop, name: cart-1, owner: {kind: Deployment, namespace: shop, name: cart}}
    phase: Running
    conditions: [{type: Ready, status: "True"}]
    spec: {containers: [{name: cart, env: [{name: DB, value: "mysql://db:3306/cart"}]}]}
    containers: [{name: cart, ready: true, state: {running: {}}}]
- service: {meta: {namespace: shop, name: db}, ports: [{port: 3306, target: "3306"}]}
- log:
    namespace: shop
    pod: cart-1
    container: cart
    lines: [{text: "java.sql.SQLException: The MySQL server is running with the --read-only option so it cannot execute this statement", count: 30, first: "2026-11-21T11:50:00Z", last: "2026-11-21T11:59:00Z"}]
"#;

    #[test]
    fn nobody_is_blamed_for_what_an_unseen_workload_may_be() {
        let of = |complete| trial_with(WRITES, "StatefulSet", complete);
        assert_eq!(of(true), Verdict::RootCauseFound);
        assert_eq!(of(false), Verdict::Inconclusive);
    }
}
