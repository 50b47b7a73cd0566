//! Every scenario can be read and says what is right; and the judge comes to what `scenarios/not_right.txt` says it does.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]
#![expect(clippy::disallowed_methods, reason = "UPDATE=1 rewrites the list")]

use inquest::eval::judging::Judged;
use inquest::eval::without::Without;
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
        // What was recorded of one namespace can be asked about that one alone.
        if scenario.script.namespace.is_some() {
            assert_eq!(truth.namespace, scenario.script.namespace, "{}", scenario.name);
        }
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

#[test]
fn the_library_is_as_wide_as_it_is_meant_to_be() {
    let all: Vec<Truth> = scenarios().iter().map(truth).collect();
    let of =
        |category: &str| all.iter().filter(|it| it.category.as_deref() == Some(category)).count();
    assert!(all.len() >= 120, "{} scenarios", all.len());
    for (category, least) in
        [("healthy", 40), ("decoy", 15), ("two_faults", 10), ("missing_source", 15)]
    {
        assert!(of(category) >= least, "{category}: {}", of(category));
    }
}

/// What is not right is listed, so that a change for the worse is seen, and one for the better is written down:
/// `UPDATE=1` rewrites the list.
#[tokio::test]
async fn what_is_not_right_is_known() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios");
    let (mut lines, mut held_back) = (Vec::new(), 0);
    for scenario in inquest::eval::scenarios(std::slice::from_ref(&folder)).unwrap() {
        let outcome = inquest::eval::run(&scenario, &Without::default()).await.unwrap();
        let judged = match (outcome.judged, outcome.false_alarm) {
            (Judged::Right, false) => continue,
            (Judged::Right, true) => "right, with a false alarm",
            (Judged::Wrong, false) => "wrong",
            (Judged::Wrong, true) => "wrong, a false alarm",
            (Judged::Abstained, _) => "abstained",
        };
        let name = scenario.strip_prefix(&folder).unwrap().display().to_string();
        match name.starts_with("held_back/") {
            true => held_back += 1,
            false => lines.push(format!("{name}: {judged}: {}\n", outcome.answer)),
        }
    }
    // Of these only the number is told.
    lines.push(format!("held_back: {held_back}\n"));
    let list = folder.join("not_right.txt");
    let now = lines.concat();
    if std::env::var_os("UPDATE").is_some() {
        fs::write(&list, &now).unwrap();
    }
    assert_eq!(now, fs::read_to_string(&list).unwrap(), "UPDATE=1 rewrites {}", list.display());
}

fn scenarios() -> Vec<Scenario> {
    Scenario::all(&Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios")).unwrap()
}

fn truth(scenario: &Scenario) -> Truth {
    let text = fs::read_to_string(scenario.folder.join("truth.yaml")).unwrap();
    serde_saphyr::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", scenario.name))
}
