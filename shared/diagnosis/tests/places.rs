//! Where a trouble that is reported of the whole cluster is looked for, which no word of the question tells.
#![allow(clippy::unwrap_used, reason = "helpers of tests")]

#[path = "trial/facts.rs"]
#[allow(dead_code, reason = "not all helpers are needed here")]
mod trial;

use diagnosis::engine;
use diagnosis::engine::whereabouts::entrances;
use evidence::question::Question;
use evidence::scope::Scope;

#[test]
fn where_no_entrance_is_known_the_services_that_the_outside_reaches_lead_else_the_largest_namespace()
 {
    let workload = |namespace: &str, name: &str| {
        format!(
            "- workload: {{kind: Deployment, meta: {{namespace: {namespace}, name: {name}}}, desired: 1, ready: 1}}\n"
        )
    };
    let surveyed = |facts: &str| {
        let mut case = trial::case(facts, Scope::default(), &["Namespace", "Ingress"]);
        case.question = "users see blank screens".to_owned();
        case.reported = true;
        case.ask(&[Question::Survey { namespaces: Vec::new(), workload: None }]);
        let surveys = engine::next_questions(&case).into_iter().filter_map(|it| match it {
            Question::Survey { namespaces, .. } => Some(namespaces.concat()),
            _ => None,
        });
        surveys.collect::<Vec<String>>().join(" ")
    };
    let two = [workload("shop", "web"), workload("shop", "cart")].concat();
    let others = [workload("desk", "mail"), workload("a-system", "a"), workload("a-system", "b")];
    let others = format!("{}{}", others.concat(), workload("a-system", "c"));
    let outer = "- service: {meta: {namespace: desk, name: mail}, type: LoadBalancer, ports: [{port: 80}]}\n- service: {meta: {namespace: shop, name: web}, type: ClusterIP, ports: [{port: 80}]}\n";
    assert_eq!(surveyed(&format!("{two}{others}{outer}")), "desk");
    assert_eq!(
        surveyed(&format!("{two}{others}")),
        "desk shop",
        "an operator's own is no place of users"
    );
}

#[test]
fn where_ingresses_may_not_be_seen_the_largest_namespace_is_looked_at() {
    let facts =
        "- workload: {kind: Deployment, meta: {namespace: shop, name: web}, desired: 1, ready: 1}";
    let mut case = trial::case(facts, Scope::default(), &["Namespace"]);
    case.question = "users see blank screens".to_owned();
    case.reported = true;
    case.ask(&[Question::Survey { namespaces: Vec::new(), workload: None }]);
    assert!(engine::next_questions(&case).contains(&entrances()));
    case.ask(&[entrances()]);
    let shop = Question::Survey { namespaces: vec!["shop".to_owned()], workload: None };
    assert!(engine::next_questions(&case).contains(&shop));
}
