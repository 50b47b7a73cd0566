//! Every page of the catalogue tests the failure mode it is named after, and no other.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test harness")]

use diagnosis::case::Case;
use diagnosis::catalogue::CATALOGUE;
use diagnosis::failure_mode::FailureMode;
use diagnosis::finding::Judgement;
use evidence::fact::{Body, Fact};
use evidence::scope::{Scope, Window};
use evidence::testimony::{Look, Testimony};
use std::fmt::Write;
use std::fs;
use std::path::Path;

/// Kinds that a page has looked at completely; a look at those that its `unseen` block names was refused.
const LOOKED: &[&str] = &[
    "Pod",
    "Deployment",
    "StatefulSet",
    "DaemonSet",
    "ReplicaSet",
    "ControllerRevision",
    "Job",
    "CronJob",
    "HorizontalPodAutoscaler",
    "PodDisruptionBudget",
    "Service",
    "EndpointSlice",
    "Ingress",
    "IngressClass",
    "GatewayClass",
    "NetworkPolicy",
    "Node",
    "PersistentVolumeClaim",
    "PersistentVolume",
    "StorageClass",
    "ResourceQuota",
    "LimitRange",
    "ValidatingWebhookConfiguration",
    "MutatingWebhookConfiguration",
    "Namespace",
    "ConfigMap",
    "ServiceAccount",
    "Event",
    "APIService",
    "Role",
    "RoleBinding",
    "ClusterRole",
    "ClusterRoleBinding",
    "PeerAuthentication",
    "PodMonitor",
    "ServiceMonitor",
];

fn page(path: &Path, text: String) -> datatest_stable::Result<()> {
    let name = path.file_stem().unwrap().to_str().unwrap();
    let Some((_, mode)) = CATALOGUE.iter().find(|(slug, _)| *slug == name) else {
        rewrite_list(path.parent().unwrap());
        panic!("src/catalogue.rs did not know {name} and has been rewritten: run the tests again");
    };
    let head = text.lines().next().unwrap_or_default();
    assert_eq!(head, format!("# {}: {}", mode.id, mode.title), "the page's first line");
    let mut facts = None;
    let mut unseen: Vec<String> = Vec::new();
    let mut asked = None;
    let (mut fires, mut silent) = (0, 0);
    for (tag, body) in fences(&text) {
        match tag {
            "facts" => facts = Some(serde_saphyr::from_str::<Vec<Body>>(body)?),
            "unseen" => unseen = serde_saphyr::from_str(body)?,
            "asked" => asked = Some(body.trim().to_owned()),
            "report" => {
                let facts =
                    facts.take().unwrap_or_else(|| panic!("a report block follows a facts block"));
                let said = report(mode, facts, &unseen, asked.take());
                assert_eq!(said, body, "what {name} says of the facts before it");
                if said.starts_with("proven") {
                    fires += 1
                } else {
                    silent += 1
                }
                unseen.clear();
            }
            _ => {}
        }
    }
    assert!(fires > 0, "a page has a case that fires");
    assert!(silent > 0, "a page has a near miss that stays silent or is refuted");
    Ok(())
}

fn report(
    mode: &FailureMode,
    facts: Vec<Body>,
    unseen: &[String],
    asked: Option<String>,
) -> String {
    let as_of = "2026-11-21T12:00:00Z".parse().unwrap();
    let start = "2026-11-21T11:00:00Z".parse().unwrap();
    let namespaces = if asked.is_some() { vec!["shop".to_owned()] } else { Vec::new() };
    let reported = asked.as_ref().is_some_and(|it| it.ends_with(" is in trouble"));
    let misses = asked.as_ref().is_some_and(|it| it.ends_with(" has no metrics"));
    let asks = asked.clone().filter(|it| it.starts_with("alert "));
    let asked = asked.filter(|_| asks.is_none());
    let object = |it: String| it.split(' ').next().unwrap_or_default().to_owned();
    let workload = asked.map(object);
    let scope = Scope { namespaces, workload, ..Scope::default() };
    let mut case =
        Case::open(asks.as_deref().unwrap_or_default(), scope, as_of, Window { start, end: as_of });
    case.reported = reported || misses;
    case.misses_numbers = misses;
    case.hear(Testimony {
        facts: facts.into_iter().map(|body| Fact { source: 0, body }).collect(),
        looks: LOOKED
            .iter()
            .map(|kind| Look {
                kind: (*kind).to_owned(),
                namespace: String::new(),
                complete: !unseen.iter().any(|it| it == kind),
            })
            .collect(),
        ..Testimony::default()
    });
    let mut text = String::new();
    for judgement in (mode.judge)(&case) {
        match judgement {
            Judgement::Proven(it) => {
                assert!(!it.proofs.is_empty(), "a finding cites what proves it");
                assert!(!(mode.remedy)(&it).is_empty(), "a finding has a remedy");
                let strength = format!("{:?}", it.strength).to_lowercase();
                let field = it.field.map(|it| format!(" {it}")).unwrap_or_default();
                writeln!(text, "proven, {strength}: {}{field}\n  {}", it.subject, it.statement)
                    .unwrap();
            }
            Judgement::Refuted(it) => {
                assert!(!it.proofs.is_empty(), "a refutation cites what refutes");
                writeln!(text, "refuted: {}\n  {}", it.subject, it.why).unwrap();
            }
        }
    }
    text
}

/// The fenced blocks of a page: (tag, body).
fn fences(text: &str) -> Vec<(&str, &str)> {
    text.split("```").skip(1).step_by(2).filter_map(|it| it.split_once('\n')).collect()
}

/// The list of failure modes is the listing of their folder, written down so that one can read it.
fn rewrite_list(folder: &Path) {
    let mut names: Vec<String> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|it| it == "rs"))
        .map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned())
        .collect();
    names.sort();
    let mods: String = names.iter().map(|name| format!("mod {name};\n")).collect();
    let rows: String =
        names.iter().map(|name| format!("    ({name:?}, &{name}::MODE),\n")).collect();
    let text = format!(
        "//! Every failure mode we know, by the name of its file.\n\
         //!\n\
         //! Written by `cargo test -p diagnosis`. Do not edit: add a file to `catalogue/` instead.\n\n\
         use crate::failure_mode::FailureMode;\n\n\
         {mods}\n\
         /// Slug and failure mode.\n\
         pub static CATALOGUE: &[(&str, &FailureMode)] = &[\n{rows}];\n"
    );
    fs::write(folder.with_extension("rs"), text).unwrap();
}

datatest_stable::harness! {
    { test = page, root = "src/catalogue", pattern = r"\.md$" },
}
