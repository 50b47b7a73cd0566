//! What is taken as a snapshot, what is refused, and in which words.

use crate::written::{ABOUT, load, refusal};
use evidence::report::Verdict;
use replay::snapshot::object::GroupKind;

fn pod(name: &str) -> String {
    format!("apiVersion: v1\nkind: Pod\nmetadata: {{name: {name}, namespace: shop}}\n")
}

fn kind(group: &str, kind: &str) -> GroupKind {
    GroupKind { group: group.to_owned(), kind: kind.to_owned() }
}

#[test]
fn objects_come_from_lists_and_documents_in_yaml_and_json() {
    let several = format!("{}---\n{}", pod("a"), pod("b"));
    let json = r#"{"kind":"PodList","apiVersion":"v1","items":[{"metadata":{"name":"c","namespace":"shop"}}]}"#;
    let list = "apiVersion: v1\nkind: List\nitems:\n- {apiVersion: v1, kind: Pod, metadata: {name: d, namespace: shop}}\n";
    let files = [
        ("kubernetes/several.yaml", several.as_str()),
        ("kubernetes/shop/pods.json", json),
        ("kubernetes/deep/er/list.yml", list),
    ];
    let snapshot = load(&files).unwrap();
    let names: Vec<_> = snapshot.objects.of_kind[&kind("", "Pod")].keys().collect();
    assert_eq!(names, ["shop/a", "shop/b", "shop/c", "shop/d"]);
}

#[test]
fn an_empty_list_says_that_somebody_looked() {
    let list = "apiVersion: apps/v1\nkind: DeploymentList\nitems: []\n";
    let generic = "apiVersion: v1\nkind: List\nitems: []\n";
    let files = [("kubernetes/none.yaml", list), ("kubernetes/services.yaml", generic)];
    let looked = load(&files).unwrap().objects.looked_at;
    assert!(looked.contains(&kind("apps", "Deployment")));
    assert!(looked.contains(&kind("", "Service")), "the name of the file says of what");
    assert!(!looked.contains(&kind("", "Pod")));
}

#[test]
fn an_object_written_by_hand_gets_an_id_that_its_owned_ones_know() {
    let owner = "apiVersion: apps/v1\nkind: ReplicaSet\nmetadata: {name: web-1, namespace: shop}\n";
    let owned = "apiVersion: v1\nkind: Pod\nmetadata:\n  name: web-1-x\n  namespace: shop\n  ownerReferences:\n  - {apiVersion: apps/v1, kind: ReplicaSet, name: web-1}\n";
    let event = "apiVersion: v1\nkind: Event\nmetadata: {name: e, namespace: shop}\ninvolvedObject: {kind: Pod, namespace: shop, name: web-1-x}\n";
    let files =
        [("kubernetes/a.yaml", owner), ("kubernetes/b.yaml", owned), ("kubernetes/c.yaml", event)];
    let objects = load(&files).unwrap().objects.of_kind;
    let owner = &objects[&kind("apps", "ReplicaSet")]["shop/web-1"].value;
    let pod = &objects[&kind("", "Pod")]["shop/web-1-x"].value;
    let event = &objects[&kind("", "Event")]["shop/e"].value;
    let uid = owner["metadata"]["uid"].as_str().unwrap();
    assert_eq!(uid.len(), 36);
    assert_eq!(pod["metadata"]["ownerReferences"][0]["uid"], uid);
    assert_eq!(pod["metadata"]["ownerReferences"][0]["controller"], true);
    assert_eq!(event["involvedObject"]["uid"], pod["metadata"]["uid"]);
}

#[test]
fn an_event_of_the_newer_form_is_kept_in_the_older_one() {
    let event = "apiVersion: events.k8s.io/v1\nkind: Event\nmetadata: {name: e, namespace: shop}\nregarding: {kind: Pod, name: web}\nnote: it broke\n";
    let objects = load(&[("kubernetes/e.yaml", event)]).unwrap().objects.of_kind;
    let event = &objects[&kind("", "Event")]["shop/e"].value;
    assert_eq!(
        (event["message"].as_str(), event["involvedObject"]["name"].as_str()),
        (Some("it broke"), Some("web"))
    );
}

#[test]
fn a_namespaced_object_without_a_namespace_lies_in_default() {
    let objects = "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\n---\napiVersion: v1\nkind: Node\nmetadata: {name: n}\n";
    let objects = load(&[("kubernetes/a.yaml", objects)]).unwrap().objects.of_kind;
    assert!(objects[&kind("", "Pod")].contains_key("default/a"));
    assert!(objects[&kind("", "Node")].contains_key("n"));
}

#[test]
fn parts_of_other_systems_are_kept_aside() {
    let files = [("traces/a.json", "{}"), ("alert.json", "{}"), ("README.md", "hello")];
    let aside = load(&files).unwrap().aside;
    assert_eq!(aside.keys().collect::<Vec<_>>(), ["README.md", "alert.json", "traces/a.json"]);
}

#[test]
fn a_malformed_file_is_refused_with_file_line_and_column() {
    let broken = [
        ("kubernetes/a.yaml", "apiVersion: v1\nkind: [Pod\n"),
        ("kubernetes/a.json", "{\"apiVersion\": \"v1\",\n \"kind\": }"),
    ];
    for (file, text) in broken {
        let refusal = refusal(&[(file, text)]);
        let rest = refusal.strip_prefix(&format!("{file}:")).unwrap_or_else(|| panic!("{refusal}"));
        let mut place = rest.split(':');
        assert!(place.next().unwrap().parse::<u32>().unwrap() >= 2, "{refusal}");
        assert!(place.next().unwrap().parse::<u32>().is_ok(), "{refusal}");
        assert!(!refusal.contains('\n'), "{refusal}");
    }
}

#[test]
fn what_is_no_object_is_refused_where_it_stands() {
    let nameless =
        format!("{}---\napiVersion: v1\nkind: Pod\nmetadata: {{namespace: shop}}\n", pod("a"));
    assert_eq!(
        refusal(&[("kubernetes/a.yaml", &nameless)]),
        "kubernetes/a.yaml:5:1: metadata.name is missing"
    );
    let kindless = "{\"kind\":\"List\",\"apiVersion\":\"v1\",\"items\":[\n{\"apiVersion\":\"v1\",\"metadata\":{\"name\":\"a\"}}\n]}";
    assert_eq!(
        refusal(&[("kubernetes/a.json", kindless)]),
        "kubernetes/a.json:2:1: kind is missing"
    );
}

#[test]
fn an_object_that_is_there_twice_is_refused() {
    let refusal =
        refusal(&[("kubernetes/a.yaml", &pod("web")), ("kubernetes/b.yaml", &pod("web"))]);
    assert_eq!(refusal, "kubernetes/b.yaml:1:1: Pod shop/web is in the snapshot twice");
}

#[test]
fn an_unknown_field_of_the_snapshot_is_refused_with_the_known_ones() {
    let about = format!("{ABOUT}capturedat: now\n");
    let refusal = refusal(&[("snapshot.yaml", &about)]);
    assert!(refusal.starts_with("snapshot.yaml:5:"), "{refusal}");
    assert!(refusal.contains("capturedat") && refusal.contains("capturedAt"), "{refusal}");
}

#[test]
fn another_version_of_the_form_is_refused() {
    let about = ABOUT.replace("dev/v1", "dev/v2");
    let refusal = refusal(&[("snapshot.yaml", &about)]);
    assert_eq!(refusal, "snapshot.yaml: apiVersion is \"inquest.dev/v2\", not \"inquest.dev/v1\"");
}

#[test]
fn a_folder_without_snapshot_yaml_is_no_snapshot() {
    let folder = crate::written::folder(&[("kubernetes/a.yaml", &pod("a"))]);
    let refusal = replay::snapshot::Snapshot::load(folder.path()).unwrap_err().to_string();
    assert!(refusal.ends_with("is not a snapshot: it has no snapshot.yaml"), "{refusal}");
}

#[test]
fn a_log_in_the_wrong_place_is_refused() {
    let refusal = refusal(&[("logs/shop/web.log", "")]);
    assert_eq!(
        refusal,
        "logs/shop/web.log: is not logs/NAMESPACE/POD/CONTAINER.log or CONTAINER.previous.log"
    );
}

#[test]
fn the_truth_takes_one_value_for_a_list() {
    let truth = "verdict: root_cause_found\nfailure_mode: IMG-01\nsubjects: {kind: Deployment, namespace: shop, name: web}\nmust_not_blame:\n- {kind: Pod, namespace: shop, name: web-1}\naccept: {verdict: inconclusive, max_confidence: 0.5}\nchange: {what: image}\n";
    let truth = load(&[("truth.yaml", truth)]).unwrap().truth.unwrap();
    assert_eq!(truth.verdict, Verdict::RootCauseFound);
    assert_eq!(truth.failure_mode, ["IMG-01"]);
    assert_eq!(truth.subjects[0].to_string(), "Deployment shop/web");
    assert_eq!(truth.accept[0].max_confidence, Some(0.5));
}

#[test]
fn the_truth_has_no_fields_that_nobody_knows() {
    let refusal = refusal(&[("truth.yaml", "verdict: no_fault_found\nsubject: none\n")]);
    assert!(refusal.starts_with("truth.yaml:2:"), "{refusal}");
    assert!(refusal.contains("subjects"), "{refusal}");
}
