//! Generated texts for everything that reads what others wrote: none makes it panic, and what it gives back is within its bounds.
#![cfg(test)]

#[path = "parsers/twist.rs"]
mod twist;

use crate::twist::Twist;
use clients::kubernetes::table::{Column, Row};
use diagnosis::case::words::peer::Peer;
use diagnosis::case::words::said::said;
use diagnosis::case::{denials, missing, peers, rights};
use diagnosis::quantity;
use evidence::testimony::Testimony;
use inquest::intake::{aim, alert, began, missed, premise, several, suspects, time, words};
use inquest::report::plain;
use jiff::Timestamp;
use mcp_k8s::translate::row::Heads;
use mcp_k8s::translate::{self, places};
use readonly::redact::Redactor;
use readonly::sanitise;
use replay::snapshot::Snapshot;
use serde_json::{Value, json};

/// So many texts for each; 100,000 for the figures in docs/security.md, which take minutes.
fn texts(seed: u64, mut read: impl FnMut(&mut Twist, &str)) {
    let count = option_env!("GENERATED_TEXTS").and_then(|it| it.parse().ok()).unwrap_or(2_000);
    let mut twist = Twist::new(seed);
    for _ in 0..count {
        let text = twist.text();
        read(&mut twist, &text);
    }
}

#[test]
fn lines_of_logs() {
    texts(1, |_, text| {
        let _ = said(text);
    });
}

#[test]
fn messages_of_events() {
    texts(2, |_, text| {
        let _ = missing::said_missing(text, "shop");
        let _ = missing::said_missing_key(text);
        let _ = rights::said_forbidden(text);
        let _ = denials::exceeded_quota(text);
    });
}

#[test]
fn hosts_in_settings() {
    texts(3, |_, text| {
        let _ = Peer::parse(text);
        let _ = peers::peers_in(text);
        let all = places::of(&[("server.conf".to_owned(), text.to_owned())].into());
        assert!(all.values().flatten().all(|it| it.len() <= 200), "{text:?}");
    });
}

#[test]
fn quantities() {
    texts(4, |twist, text| {
        let _ = quantity::thousandths(text);
        let _ = quantity::thousandths(&format!("{}{text}", twist.below(usize::MAX)));
    });
}

#[test]
fn what_is_cleaned() {
    texts(5, |twist, text| {
        let most = twist.below(300);
        let clean = sanitise::clean(text, most);
        assert!(clean.len() <= most.max(3), "{text:?}");
        assert!(sanitise::cut(text, most).len() <= most.max(3), "{text:?}");
    });
}

#[test]
fn secrets() {
    let redactor = Redactor::with_key([7; 32]);
    texts(6, |_, text| {
        let _ = redactor.text(text);
        let mut done = 0;
        for secret in Redactor::secrets(text) {
            assert!(secret.start >= done && text.get(secret.clone()).is_some(), "{text:?}");
            done = secret.end;
        }
    });
}

#[test]
fn questions() {
    texts(7, |_, text| {
        // A longer question is refused unread.
        let text = &sanitise::cut(text, 4096);
        let _ = words::read(text);
        let _ = aim::read(text);
        let _ = began::longest(text);
        let _ = missed::misses_numbers(text);
        let _ = premise::is_reported(text);
        let _ = several::are_told(text);
        let _ = suspects::without(text);
    });
}

#[test]
fn times() {
    texts(8, |twist, text| {
        let now = Timestamp::UNIX_EPOCH;
        let _ = time::span(text);
        let _ = time::moment(text, now);
        let _ = time::moment(&format!("now-{}{text}", twist.below(usize::MAX)), now);
    });
}

#[test]
fn alerts() {
    texts(9, |_, text| {
        let _ = alert::read(text);
        let labels = json!({"alertname": text, "namespace": text, "pod": text});
        let alerts = json!([{"status": text, "labels": labels, "startsAt": text}]);
        let _ =
            alert::read(&json!({"version": "4", "status": "firing", "alerts": alerts}).to_string());
    });
}

#[test]
fn forms_of_lines() {
    texts(10, |_, text| {
        let _ = translate::log::template(text);
    });
}

/// What the API server may say in the places of an object where texts stand.
#[test]
fn objects() {
    const KINDS: &[(&str, &str)] = &[
        ("v1", "Pod"),
        ("apps/v1", "Deployment"),
        ("v1", "Service"),
        ("v1", "Event"),
        ("v1", "Node"),
        ("v1", "ConfigMap"),
        ("networking.k8s.io/v1", "Ingress"),
        ("batch/v1", "CronJob"),
        ("cert-manager.io/v1", "Certificate"),
    ];
    texts(11, |twist, text| {
        let (api_version, kind) = KINDS[twist.below(KINDS.len())];
        let condition = json!({"type": text, "status": text, "reason": text, "message": text});
        let container = json!({"name": text, "image": text, "command": [text],
            "env": [{"name": text, "value": text}], "resources": {"limits": {"cpu": text}}});
        let mut object = json!({"apiVersion": api_version, "kind": kind, "data": {"a": text},
            "metadata": {"name": text, "annotations": {text: text}, "labels": {text: text}},
            "spec": {"containers": [container], "schedule": text, "selector": {text: text},
                "template": {"spec": {"containers": [container]}}},
            "status": {"phase": text, "conditions": [condition]}, "message": text, "reason": text});
        if twist.below(2) == 0 {
            object["spec"][text] = serde_json::from_str(text).unwrap_or(Value::Null);
        }
        let _ = translate::any(api_version, kind, object);
    });
}

#[test]
fn testimonies_and_snapshots() {
    texts(12, |twist, text| {
        let bytes = twist.bytes();
        let _ = serde_json::from_slice::<Testimony>(&bytes);
        let _ = serde_json::from_str::<Testimony>(text);
        let _ = Snapshot::unpack("snapshot.tar.zst", &bytes);
    });
}

#[test]
fn rows_of_tables() {
    let columns = ["Name", "Ready", "Status", "Restarts"].map(|name| json!({"name": name}));
    let columns: Vec<Column> = columns.map(|it| serde_json::from_value(it).unwrap()).to_vec();
    let heads = Heads::of(&columns).unwrap();
    texts(13, |twist, text| {
        let restarts = format!("{} ({text} ago)", twist.below(9));
        for restarts in [text, &restarts] {
            let cells = json!({"cells": ["web-0", text, text, restarts]});
            let row: Row = serde_json::from_value(cells).unwrap();
            let _ = translate::row::how(&row, heads);
        }
    });
}

#[test]
fn lines_of_reports() {
    texts(14, |twist, text| {
        let limit = 20 + twist.below(200);
        let line = plain::line(text, limit);
        assert!(!line.contains('\n') && line.chars().count() <= limit, "{text:?}: {line:?}");
        assert!(plain::lines(text, 3, limit).len() <= 4, "{text:?}");
    });
}
