//! Every scenario can be read, says what is right, and records what its truth speaks of.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use replay::truth::Truth;
use std::fs;
use std::path::Path;
use xtask::scenario::Scenario;

/// What the first issue promises, by name.
const DEMOS: [&str; 8] = [
    "cpu_starved",
    "development_server",
    "healthy_with_old_warnings",
    "image_not_found",
    "missing_secret_key",
    "oom_limit",
    "quota_exceeded",
    "wrong_selector",
];

#[test]
fn every_scenario_can_be_read() {
    let names: Vec<String> = scenarios().into_iter().map(|scenario| scenario.name).collect();
    for demo in DEMOS {
        assert!(names.iter().any(|name| name == demo), "there is no scenario {demo}");
    }
}

#[test]
fn every_scenario_says_what_is_right() {
    for scenario in scenarios() {
        let truth = truth(&scenario);
        assert_eq!(truth.namespace, scenario.script.namespace, "{}", scenario.name);
        assert!(truth.question.is_some(), "{} asks nothing", scenario.name);
        assert!(truth.category.is_some(), "{} is of no category", scenario.name);
    }
}

#[test]
fn no_scenario_blames_what_it_calls_innocent() {
    for scenario in scenarios() {
        let truth = truth(&scenario);
        for innocent in &truth.must_not_blame {
            assert!(!truth.subjects.contains(innocent), "{}: {innocent:?}", scenario.name);
        }
    }
}

fn scenarios() -> Vec<Scenario> {
    Scenario::all(&Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios")).unwrap()
}

fn truth(scenario: &Scenario) -> Truth {
    let text = fs::read_to_string(scenario.folder.join("truth.yaml")).unwrap();
    serde_saphyr::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", scenario.name))
}
