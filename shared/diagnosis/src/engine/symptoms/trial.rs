//! What a few facts show, for the tests of symptoms.
#![allow(clippy::unwrap_used, reason = "a helper of tests")]

use crate::case::Case;
use evidence::fact::{Body, Fact};
use evidence::scope::{Scope, Window};
use evidence::testimony::{Look, Testimony};

/// The objects that show a symptom, of these facts of namespace `shop` at noon.
pub(crate) fn seen(facts: &str, workload: Option<&str>) -> Vec<String> {
    let case = case(facts, workload);
    super::asked_about(&case).into_iter().map(|it| it.entity.to_string()).collect()
}

/// A case of these facts.
pub(crate) fn case(facts: &str, workload: Option<&str>) -> Case {
    let as_of = "2026-11-21T12:00:00Z".parse().unwrap();
    let start = "2026-11-21T11:00:00Z".parse().unwrap();
    let scope = Scope {
        namespaces: vec!["shop".to_owned()],
        workload: workload.map(str::to_owned),
        ..Scope::default()
    };
    let mut case = Case::open("", scope, as_of, Window { start, end: as_of });
    let bodies: Vec<Body> = serde_saphyr::from_str(facts).unwrap();
    let kinds = ["Pod", "Deployment", "Service", "EndpointSlice", "Job", "CronJob", "Node"];
    let look =
        |kind: &str| Look { kind: kind.to_owned(), namespace: String::new(), complete: true };
    case.hear(Testimony {
        facts: bodies.into_iter().map(|body| Fact { source: 0, body }).collect(),
        looks: kinds.into_iter().map(look).collect(),
        ..Testimony::default()
    });
    case
}
