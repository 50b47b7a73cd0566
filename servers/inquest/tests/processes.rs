//! The same snapshot gives the same report in every process, marks of secrets included.
#![cfg(test)]
#![allow(clippy::disallowed_methods, reason = "the built program is started twice")]

use std::process::Command;

const SNAPSHOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/scenarios/secret_in_log");

fn report() -> String {
    let mut program = Command::new(env!("CARGO_BIN_EXE_inquest"));
    let arguments = ["investigate", "--namespace", "shop", "--snapshot", SNAPSHOT];
    let output = program.args(arguments).args(["--format", "json"]).output().unwrap();
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn a_report_is_the_same_byte_for_byte() {
    let first = report();
    assert!(first.contains("<redacted len="), "the log's secret is marked: {first}");
    assert!(!first.contains("not-a-real-key"), "the secret itself is not shown");
    assert_eq!(first, report());
}
