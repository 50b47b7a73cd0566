//! What answers are read as: warnings kept, odd numbers kept, histograms tolerated, long answers cut.

use crate::script::{NOW, Script};
use clients::prometheus::query::Outcome;
use clients::prometheus::series::{Histogram, Point};
use clients::web::said::Said;
use readonly::refusal::{Kind, Refusal};

async fn asked(status: u16, body: &str, most: usize) -> Result<Said<Outcome>, Refusal> {
    let client = Script::new(status, body).client("");
    let query = client.expression("up").unwrap();
    client.query(&query, NOW.parse().unwrap(), most).await
}

fn series(outcome: Outcome) -> clients::prometheus::query::Found {
    match outcome {
        Outcome::Series(found) => found,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn odd_numbers_and_warnings_are_kept() {
    let body = r#"{"status":"success","data":{"resultType":"vector","result":[
        {"metric":{"__name__":"up","job":"a"},"value":[1795262400.5,"NaN"]},
        {"metric":{},"value":[1795262400,"-Inf"]},
        {"metric":{},"value":[1795262400,"1e+06"]}]},
        "warnings":["store b is down"],"infos":["metric might not be a counter"]}"#;
    let said = asked(200, body, 10).await.unwrap();
    assert_eq!(said.warnings, ["store b is down", "metric might not be a counter"]);
    assert_eq!(said.ahead.unwrap().as_secs(), 3);
    let found = series(said.data);
    let values: Vec<f64> = found.series.iter().map(|it| it.points[0].value).collect();
    assert!(values[0].is_nan() && values[1] == f64::NEG_INFINITY && values[2] == 1e6);
    assert_eq!(found.series[0].labels["job"], "a");
    assert!(!found.cut && !found.over_time);
}

#[tokio::test]
async fn native_histograms_are_read_beside_floats() {
    let body = r#"{"status":"success","data":{"resultType":"matrix","result":[
        {"metric":{"a":"b"},"values":[[1,"2"]],"histograms":[[2,{"count":"10","sum":"2.5","buckets":[[0,"0.1","0.2","10"]]}]]}]}}"#;
    let found = series(asked(200, body, 10).await.unwrap().data);
    assert!(found.over_time);
    assert_eq!(found.series[0].points, [Point { at: 1.0, value: 2.0 }]);
    assert_eq!(found.series[0].histograms, [Histogram { at: 2.0, count: 10.0, sum: 2.5 }]);
}

#[tokio::test]
async fn scalars_and_strings_are_no_series() {
    let body = r#"{"status":"success","data":{"resultType":"scalar","result":[1795262400,"3"]}}"#;
    assert_eq!(asked(200, body, 10).await.unwrap().data, Outcome::Scalar(3.0));
    let body = r#"{"status":"success","data":{"resultType":"string","result":[1795262400.1,"x"]}}"#;
    assert_eq!(asked(200, body, 10).await.unwrap().data, Outcome::Text("x".to_owned()));
}

#[tokio::test]
async fn a_long_answer_is_cut_and_says_so() {
    let one = r#"{"metric":{"a":"b"},"value":[1,"2"]}"#;
    let all = vec![one; 100].join(",");
    let body =
        format!(r#"{{"status":"success","data":{{"resultType":"vector","result":[{all}]}}}}"#);
    let found = series(asked(200, &body, 20).await.unwrap().data);
    assert_eq!((found.series.len(), found.cut), (20, true));
    let found = series(asked(200, &body, 100).await.unwrap().data);
    assert_eq!((found.series.len(), found.cut), (100, false));
}

#[tokio::test]
async fn an_error_is_never_an_empty_answer() {
    let body =
        r#"{"status":"error","errorType":"bad_data","error":"1:3: parse error: unexpected end"}"#;
    let refused = asked(400, body, 10).await.unwrap_err();
    assert_eq!(refused.to_string(), "prometheus: answered 400: 1:3: parse error: unexpected end");
    for body in [r#"{"status":"success"}"#, r#"{"status":"success","data":{}}"#, "", "<html>"] {
        assert!(
            matches!(asked(200, body, 10).await.unwrap_err().kind, Kind::Malformed(_)),
            "{body}"
        );
    }
}

#[tokio::test]
async fn whose_server_it_is_follows_from_what_it_says() {
    for (data, told) in [
        (r#"{"version":"2.42.0+ds","revision":"x"}"#, "Prometheus 2.42.0+ds"),
        (r#"{"version":"3.15.0","revision":""}"#, "Prometheus 3.15.0"),
        (r#"{"version":"0.35.0","revision":"x"}"#, "Thanos 0.35.0"),
        (r#"{"application":"Grafana Mimir","version":"2.10.0"}"#, "Mimir 2.10.0"),
        (r#"{"version":"2.24.0"}"#, "VictoriaMetrics"),
    ] {
        let script = Script::new(200, format!(r#"{{"status":"success","data":{data}}}"#));
        let client = script.client("");
        assert_eq!(client.build().await.unwrap().to_string(), told);
        assert_eq!(client.build().await.unwrap().to_string(), told);
        assert_eq!(script.asked().len(), 1, "it is asked once");
    }
}

#[tokio::test]
async fn a_path_that_victoria_metrics_does_not_have_is_not_found() {
    let refused = |body: &'static str| async move {
        Script::new(400, body).client("").runtime().await.unwrap_err().kind
    };
    let absent = refused(r#"unsupported path requested: "/api/v1/status/runtimeinfo""#).await;
    assert!(matches!(absent, Kind::NotFound(_)), "{absent:?}");
    let other = refused("something else").await;
    assert!(matches!(other, Kind::Status { status: 400, .. }), "{other:?}");
}

#[tokio::test]
async fn how_long_an_alert_stays_is_spelled_in_two_ways() {
    for name in ["keepFiringFor", "keep_firing_for"] {
        let body = format!(
            r#"{{"status":"success","data":{{"groups":[{{"rules":[{{"name":"A","{name}":60}}]}}]}}}}"#
        );
        let groups = Script::new(200, body).client("").rules("").await.unwrap().data;
        assert_eq!(groups[0].rules[0].keep_firing_for, 60.0, "{name}");
    }
}

#[tokio::test]
async fn thanos_writes_no_alerts_as_null() {
    let script = Script::new(200, r#"{"status":"success","data":{"alerts":null}}"#);
    assert_eq!(script.client("").alerts().await.unwrap().data, []);
    let script = Script::new(200, r#"{"status":"success","data":{"groups":null}}"#);
    assert_eq!(script.client("").rules("").await.unwrap().data, []);
}

#[tokio::test]
async fn rules_and_alerts_of_others_are_left_out() {
    let body = r#"{"status":"success","data":{"groups":[{"name":"g","rules":[
        {"type":"alerting","name":"A","query":"a","alerts":[
            {"labels":{"alertname":"A","namespace":"shop"},"state":"firing"},
            {"labels":{"alertname":"A","namespace":"blog"},"state":"firing"}]},
        {"type":"recording","name":"r","query":"b"},
        {"type":"alerting","name":"B","query":"b","labels":{"namespace":"shop"},"alerts":[]}]}]}}"#;
    let groups = Script::new(200, body).client(r#"namespace="shop""#).rules("").await.unwrap().data;
    let names: Vec<&str> = groups[0].rules.iter().map(|it| it.name.as_str()).collect();
    assert_eq!(names, ["A", "B"]);
    assert_eq!(groups[0].rules[0].alerts.len(), 1);
}
