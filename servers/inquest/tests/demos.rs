//! The bundled incidents: listed, and each investigated without a cluster.
#![cfg(test)]

use inquest::command::demo::bundled::DEMOS;
use inquest::command::run;
use std::ffi::OsString;

async fn inquest(args: &[&str]) -> (u8, String, String) {
    let args = ["inquest", "demo"].iter().chain(args).map(OsString::from).collect();
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let code = run(args, &mut out, &mut err).await;
    (code, String::from_utf8(out).unwrap(), String::from_utf8(err).unwrap())
}

#[tokio::test]
async fn every_demo_is_listed() {
    let (code, out, _) = inquest(&["--list"]).await;
    assert_eq!((code, out.lines().count()), (0, DEMOS.len()));
    assert!(DEMOS.len() >= 8);
}

#[tokio::test]
async fn every_demo_is_about_the_place_that_its_question_names() {
    for demo in DEMOS {
        let (code, out, err) = inquest(&[demo.name, "--format", "json"]).await;
        assert!([0, 2].contains(&code), "{}: {err}", demo.name);
        let report: serde_json::Value = serde_json::from_str(&out).unwrap();
        let namespaces = report["scope"]["namespaces"].as_array().unwrap();
        let named = namespaces.iter().all(|it| demo.question.contains(it.as_str().unwrap()));
        let whole = demo.question.contains("cluster");
        assert!(named && namespaces.is_empty() == whole, "{}: {namespaces:?}", demo.name);
    }
}

#[tokio::test]
async fn the_first_demo_is_the_story() {
    let (code, out, err) = inquest(&[]).await;
    assert_eq!(code, 0, "{err}");
    assert!(out.starts_with("ROOT CAUSE FOUND\n") && out.contains("IMG-01"), "{out}");
}

#[tokio::test]
async fn an_unknown_demo_is_told_with_those_there_are() {
    let (code, out, err) = inquest(&["nonsense"]).await;
    assert_eq!((code, out.as_str(), err.lines().count()), (64, "", 1));
    assert!(err.contains("nonsense") && err.contains("image_not_found"), "{err}");
}
