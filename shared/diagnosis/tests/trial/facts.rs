//! What a few facts come to, for the tests of the whole engine.

use diagnosis::case::Case;
use diagnosis::engine;
use evidence::fact::{Body, Fact};
use evidence::lint::lint;
use evidence::report::Report;
use evidence::scope::{Scope, Window};
use evidence::testimony::{Look, Testimony};

/// A case of these facts at noon, where kinds were looked at in all namespaces.
pub(crate) fn case(facts: &str, scope: Scope, looked: &[&str]) -> Case {
    let as_of = "2026-11-21T12:00:00Z".parse().unwrap();
    let start = "2026-11-21T11:00:00Z".parse().unwrap();
    let mut case = Case::open("why?", scope, as_of, Window { start, end: as_of });
    let bodies: Vec<Body> = serde_saphyr::from_str(facts).unwrap();
    let look =
        |kind: &&str| Look { kind: (*kind).into(), namespace: String::new(), complete: true };
    case.hear(Testimony {
        facts: bodies.into_iter().map(|body| Fact { source: 0, body }).collect(),
        looks: looked.iter().map(look).collect(),
        ..Testimony::default()
    });
    case
}

/// Namespace `shop`, or a workload of it.
pub(crate) fn shop(workload: Option<&str>) -> Scope {
    let workload = workload.map(str::to_owned);
    Scope { namespaces: vec!["shop".to_owned()], workload, ..Scope::default() }
}

/// The report on a case, of which every claim cites evidence.
pub(crate) fn report(case: &Case) -> Report {
    let report = engine::conclude(case);
    assert_eq!(lint(&report), Vec::<String>::new(), "every claim cites evidence");
    report
}

/// The causes that a report names, as `ID name`.
pub(crate) fn named(report: &Report) -> Vec<String> {
    report.root_causes.iter().map(|it| format!("{} {}", it.failure_mode, it.subject.name)).collect()
}
