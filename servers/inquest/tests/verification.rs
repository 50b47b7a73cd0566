//! Evidence read again is the same, changed in words, gone, or not seen; never one of them by mistake.
#![cfg(test)]

use evidence::digest;
use evidence::entity::Entity;
use evidence::fact::meta::Meta;
use evidence::fact::workload::Workload;
use evidence::fact::{Body, Fact};
use evidence::report::{Evidence, Upstream};
use evidence::testimony::{Look, Testimony};
use inquest::verification::{Verified, compare};

fn deployment(ready: u32) -> Body {
    let meta = Meta { namespace: "shop".to_owned(), name: "web".to_owned(), ..Meta::default() };
    Body::Workload(Workload { kind: "Deployment".to_owned(), meta, ready, ..Workload::default() })
}

fn seen() -> Evidence {
    Evidence {
        id: "E1".to_owned(),
        server: "mcp-k8s".to_owned(),
        tool: "k8s_survey".to_owned(),
        arguments: serde_json::Value::Null,
        upstream: Upstream { method: "GET".to_owned(), path: "/".to_owned() },
        subject: Entity::new("Deployment", "shop", "web"),
        observed_at: jiff::Timestamp::UNIX_EPOCH,
        observation: String::new(),
        excerpt: String::new(),
        digest: digest::of(&deployment(0)),
    }
}

fn now(facts: Vec<Body>, complete: bool) -> Testimony {
    let look = Look { kind: "Deployment".to_owned(), namespace: "shop".to_owned(), complete };
    let facts = facts.into_iter().map(|body| Fact { source: 0, body }).collect();
    Testimony { facts, looks: vec![look], ..Testimony::default() }
}

#[test]
fn the_same_fact_is_unchanged() {
    let verified = compare(&seen(), Some(&deployment(0)), &now(vec![deployment(0)], true));
    assert_eq!(verified, Verified::Same);
}

#[test]
fn a_change_is_told_by_field_and_value() {
    let verified = compare(&seen(), Some(&deployment(0)), &now(vec![deployment(2)], true));
    assert_eq!(verified, Verified::Changed("ready was 0, is 2".to_owned()));
}

#[test]
fn what_a_complete_look_does_not_show_is_gone() {
    assert_eq!(compare(&seen(), Some(&deployment(0)), &now(vec![], true)), Verified::Gone);
}

#[test]
fn what_an_incomplete_look_does_not_show_is_unknown() {
    let verified = compare(&seen(), Some(&deployment(0)), &now(vec![], false));
    assert!(matches!(verified, Verified::Unknown(_)));
}
