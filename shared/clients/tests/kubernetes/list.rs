//! Lists: paging, cuts, and what a cut leaves behind.

use crate::script::{NOW, Script};
use clients::kubernetes::list::{Cut, ListOptions};
use clients::kubernetes::reach::Reach;
use clients::kubernetes::reads::{CONFIG_MAPS, DEPLOYMENTS, PODS};
use clients::kubernetes::table::{IncludeObject, Table};
use k8s_openapi::api::core::v1::Pod;
use readonly::refusal::Kind;
use std::ops::ControlFlow;

const TWO: &str = r#"{"kind":"PodList","metadata":{"resourceVersion":"7","continue":"more","remainingItemCount":1},
    "items":[{"metadata":{"name":"a"}},{"metadata":{"name":"b"}}]}"#;
const LAST: &str =
    r#"{"kind":"PodList","metadata":{"resourceVersion":"7"},"items":[{"metadata":{"name":"c"}}]}"#;
const GONE: &str = r#"{"kind":"Status","code":410,"reason":"Expired","message":"expired"}"#;
const FIRST_PAGE: &str = "/api/v1/pods?limit=2";
const SECOND_PAGE: &str = "/api/v1/pods?limit=2&continue=more";

fn by_two() -> ListOptions {
    ListOptions { page: 2, ..ListOptions::default() }
}

fn names(pods: &[Pod]) -> Vec<&str> {
    pods.iter().map(|pod| pod.metadata.name.as_deref().unwrap()).collect()
}

#[tokio::test]
async fn all_pages_are_read() {
    let script = Script::new(&[(FIRST_PAGE, 200, TWO), (SECOND_PAGE, 200, LAST)]);
    let listed = script.client().list::<Pod>(&PODS, Reach::Cluster, &by_two()).await.unwrap();
    assert_eq!(names(&listed.items), ["a", "b", "c"]);
    assert!(listed.walk.is_complete());
    assert_eq!(listed.walk.path, FIRST_PAGE);
    assert_eq!(listed.walk.resource_version, "7");
    assert_eq!(listed.walk.observed_at, NOW.parse().unwrap());
    assert_eq!(listed.walk.seen, 3);
}

#[tokio::test]
async fn selectors_go_along_on_every_page() {
    let script = Script::new(&[
        (
            "/apis/apps/v1/namespaces/shop/deployments?labelSelector=app%3Dweb&fieldSelector=metadata.name%3Dx&limit=2",
            200,
            TWO,
        ),
        (
            "/apis/apps/v1/namespaces/shop/deployments?labelSelector=app%3Dweb&fieldSelector=metadata.name%3Dx&limit=2&continue=more",
            200,
            LAST,
        ),
    ]);
    let options = ListOptions {
        labels: "app=web".to_owned(),
        fields: "metadata.name=x".to_owned(),
        ..by_two()
    };
    let client = script.client();
    let listed = client.list_metadata(&DEPLOYMENTS, Reach::Namespace("shop"), &options).await;
    assert_eq!(listed.unwrap().items.len(), 3);
}

#[tokio::test]
async fn an_expired_token_starts_the_list_over_once() {
    let script =
        Script::new(&[(FIRST_PAGE, 200, TWO), (SECOND_PAGE, 410, GONE), (SECOND_PAGE, 200, LAST)]);
    let listed = script.client().list::<Pod>(&PODS, Reach::Cluster, &by_two()).await.unwrap();
    assert_eq!(names(&listed.items), ["a", "b", "c"]);
    assert!(listed.walk.is_complete());
    assert_eq!(script.asked().len(), 4);
}

#[tokio::test]
async fn a_token_that_expires_again_leaves_a_part() {
    let script = Script::new(&[(FIRST_PAGE, 200, TWO), (SECOND_PAGE, 410, GONE)]);
    let listed = script.client().list::<Pod>(&PODS, Reach::Cluster, &by_two()).await.unwrap();
    assert_eq!(names(&listed.items), ["a", "b"]);
    assert!(matches!(listed.walk.cut, Some(Cut::Expired)));
    assert_eq!(script.asked().len(), 4);
}

#[tokio::test]
async fn a_later_page_that_is_refused_leaves_a_part() {
    let script = Script::new(&[(FIRST_PAGE, 200, TWO), (SECOND_PAGE, 403, "{}")]);
    let listed = script.client().list::<Pod>(&PODS, Reach::Cluster, &by_two()).await.unwrap();
    assert_eq!(names(&listed.items), ["a", "b"]);
    let Some(Cut::Refused(refusal)) = listed.walk.cut else { panic!("it was not cut") };
    assert!(matches!(refusal.kind, Kind::Forbidden(_)));
    assert_eq!(listed.walk.remaining, Some(1));
}

#[tokio::test]
async fn a_first_page_that_is_refused_is_no_empty_list() {
    let forbidden = r#"{"kind":"Status","message":"pods is forbidden: User \"x\" cannot list"}"#;
    let script = Script::new(&[("/api/v1/pods?limit=500", 403, forbidden)]);
    let options = ListOptions::default();
    let refusal = script.client().list::<Pod>(&PODS, Reach::Cluster, &options).await.unwrap_err();
    let Kind::Forbidden(message) = refusal.kind else { panic!("{refusal}") };
    assert!(message.contains("pods is forbidden"), "{message}");
}

#[tokio::test]
async fn an_empty_list_is_complete() {
    let empty = r#"{"kind":"PodList","metadata":{},"items":[]}"#;
    let script = Script::new(&[("/api/v1/pods?limit=500", 200, empty)]);
    let options = ListOptions::default();
    let listed = script.client().list::<Pod>(&PODS, Reach::Cluster, &options).await.unwrap();
    assert!(listed.items.is_empty() && listed.walk.is_complete());
}

#[tokio::test]
async fn no_more_is_read_than_wanted() {
    let script = Script::new(&[(FIRST_PAGE, 200, TWO), (SECOND_PAGE, 200, LAST)]);
    for (at_most, read) in [(1, vec!["a"]), (2, vec!["a", "b"])] {
        let options = ListOptions { at_most, ..by_two() };
        let listed = script.client().list::<Pod>(&PODS, Reach::Cluster, &options).await.unwrap();
        assert_eq!(names(&listed.items), read);
        assert!(matches!(listed.walk.cut, Some(Cut::AtMost(n)) if n == at_most));
        assert_eq!(listed.walk.remaining, Some(1));
    }
    assert_eq!(script.asked().len(), 2, "the second page was never asked for");
}

#[tokio::test]
async fn exactly_as_many_as_wanted_is_complete() {
    let script = Script::new(&[(FIRST_PAGE, 200, LAST)]);
    let options = ListOptions { at_most: 1, ..by_two() };
    let listed = script.client().list::<Pod>(&PODS, Reach::Cluster, &options).await.unwrap();
    assert!(listed.walk.is_complete());
}

#[tokio::test]
async fn an_object_that_cannot_be_decoded_is_a_cut_and_not_the_end() {
    let odd = r#"{"metadata":{"continue":"more"},"items":[{"metadata":{"name":"a"}},{"spec":7}]}"#;
    let script = Script::new(&[(FIRST_PAGE, 200, odd), (SECOND_PAGE, 200, LAST)]);
    let listed = script.client().list::<Pod>(&PODS, Reach::Cluster, &by_two()).await.unwrap();
    assert_eq!(names(&listed.items), ["a", "c"]);
    assert!(matches!(listed.walk.cut, Some(Cut::Unreadable { count: 1, .. })));
}

#[tokio::test]
async fn a_document_that_breaks_off_is_a_part() {
    let broken = r#"{"metadata":{},"items":[{"metadata":{"name":"a"}},{"metadata":"#;
    let script = Script::new(&[(FIRST_PAGE, 200, broken)]);
    let listed = script.client().list::<Pod>(&PODS, Reach::Cluster, &by_two()).await.unwrap();
    assert_eq!(names(&listed.items), ["a"]);
    assert!(!listed.walk.is_complete());
}

#[tokio::test]
async fn an_answer_that_is_no_list_is_malformed() {
    for answer in ["<html>proxy</html>", "", "[]", "not json"] {
        let script = Script::new(&[(FIRST_PAGE, 200, answer)]);
        let listed = script.client().list::<Pod>(&PODS, Reach::Cluster, &by_two()).await;
        let refusal = listed.unwrap_err();
        assert!(matches!(refusal.kind, Kind::Malformed(_)), "{answer:?}: {refusal}");
    }
}

#[tokio::test]
async fn a_visitor_may_have_enough() {
    let script = Script::new(&[(FIRST_PAGE, 200, TWO), (SECOND_PAGE, 200, LAST)]);
    let visit = |_: Pod| ControlFlow::Break(());
    let walk = script.client().each(&PODS, Reach::Cluster, &by_two(), visit).await.unwrap();
    assert_eq!(walk.seen, 1);
    assert!(matches!(walk.cut, Some(Cut::Stopped)));
}

#[tokio::test]
async fn a_table_has_columns_and_rows() {
    let answer = r#"{"kind":"Table","metadata":{"resourceVersion":"9"},
        "columnDefinitions":[{"name":"Name","type":"string","format":"name","priority":0},{"name":"IP","type":"string","priority":1}],
        "rows":[{"cells":["web",null],"object":{"metadata":{"name":"web","namespace":"shop"}}}]}"#;
    let script = Script::new(&[("/api/v1/pods?includeObject=Metadata&limit=500", 200, answer)]);
    let options = ListOptions::default();
    let include = IncludeObject::Metadata;
    let table = script.client().table(&PODS, Reach::Cluster, &options, include).await;
    let table: Table = table.unwrap();
    assert_eq!(table.columns[1].name, "IP");
    assert_eq!(table.columns[1].priority, 1);
    assert_eq!(table.rows[0].cells[0], "web");
    let metadata = &table.rows[0].object.as_ref().unwrap().metadata;
    assert_eq!(metadata.namespace.as_deref(), Some("shop"));
    let accept = script.last().headers()["accept"].clone();
    assert_eq!(accept, "application/json;as=Table;g=meta.k8s.io;v=v1");
}

#[tokio::test]
async fn metadata_alone_is_asked_for_as_such() {
    let empty = r#"{"kind":"PartialObjectMetadataList","metadata":{},"items":[]}"#;
    let script = Script::new(&[("/api/v1/namespaces/shop/configmaps?limit=500", 200, empty)]);
    let reach = Reach::Namespace("shop");
    let listed = script.client().list_metadata(&CONFIG_MAPS, reach, &ListOptions::default()).await;
    assert!(listed.unwrap().walk.is_complete());
    let accept = script.last().headers()["accept"].clone();
    assert_eq!(accept, "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1");
}

#[tokio::test]
async fn a_metered_client_counts_for_itself() {
    let script = Script::new(&[(FIRST_PAGE, 200, TWO), (SECOND_PAGE, 200, LAST)]);
    let client = script.client();
    let metered = client.metered();
    metered.list::<Pod>(&PODS, Reach::Cluster, &by_two()).await.unwrap();
    let spent = metered.spent();
    assert_eq!((spent.requests, spent.bytes), (2, (TWO.len() + LAST.len()) as u64));
    assert_eq!(client.metered().spent().requests, 0);
}
