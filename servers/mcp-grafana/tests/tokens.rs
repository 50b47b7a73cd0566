//! What this server costs an agent, in tokens of `o200k`: its tools in every conversation, and the answers of all pages
//! against a table that is checked in. `UPDATE=1` writes the table anew.
#![allow(clippy::unwrap_used, reason = "a test")]

use serde_json::json;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

/// A tool costs at most this much in `tools/list`.
const MOST_OF_ONE: usize = 120;
/// All tools of the server: a quarter of what twenty may cost.
const MOST_OF_ALL: usize = 500;
/// An answer may grow by so many hundredths before somebody must look.
const MOST_GROWTH: usize = 5;
/// A dashboard of nine panels in short; peers send the JSON, some 20,000 of a usual one.
const MOST_OF_A_SUMMARY: usize = 450;

fn tokens(text: &str) -> usize {
    tiktoken_rs::o200k_base_singleton().encode_ordinary(text).len()
}

#[test]
fn tools_cost_their_share() {
    let cost = |tool: mcp::tools::Listed| {
        let listed =
            json!({"name": tool.name, "description": tool.about, "inputSchema": tool.schema});
        (tool.name, tokens(&listed.to_string()))
    };
    let costs: Vec<(String, usize)> =
        mcp_grafana::lead::unconnected().list().into_iter().map(cost).collect();
    let dear: Vec<_> = costs.iter().filter(|(_, tokens)| *tokens > MOST_OF_ONE).collect();
    assert!(dear.is_empty(), "more than {MOST_OF_ONE} tokens: {dear:?}");
    let all: usize = costs.iter().map(|(_, tokens)| tokens).sum();
    assert!(all <= MOST_OF_ALL, "{all} tokens, not {MOST_OF_ALL}: {costs:?}");
}

#[test]
fn no_answer_grows() {
    let costs = measured();
    let table = in_tests("tokens.txt");
    if option_env!("UPDATE").is_some() {
        let line = |(asked, tokens): (&String, &usize)| format!("{tokens:>5} {asked}\n");
        fs::write(table, costs.iter().map(line).collect::<String>()).unwrap();
        return;
    }
    let line = |line: &str| {
        let (tokens, asked) = line.trim_start().split_once(' ').unwrap();
        (asked.to_owned(), tokens.parse().unwrap())
    };
    let table: BTreeMap<String, usize> =
        fs::read_to_string(table).unwrap().lines().map(line).collect();
    let asked: Vec<&String> = costs.keys().collect();
    assert_eq!(table.keys().collect::<Vec<_>>(), asked, "UPDATE=1 writes the table anew");
    let mut grown = String::new();
    for (asked, tokens) in &costs {
        let before = table.get(asked).unwrap();
        if tokens * 100 > before * (100 + MOST_GROWTH) {
            writeln!(grown, "{asked}: {tokens} tokens, not {before}").unwrap();
        }
    }
    assert!(grown.is_empty(), "{grown}UPDATE=1 writes the table anew");
}

#[test]
fn a_dashboard_in_short_fits() {
    let costs = measured();
    let tokens = costs.get(r#"grafana_get_dashboard {"uid":"shop-overview"}"#).unwrap();
    assert!(*tokens <= MOST_OF_A_SUMMARY, "{tokens} tokens");
}

/// The answers on the pages, which their own test keeps true, by the tool and its call.
fn measured() -> BTreeMap<String, usize> {
    let mut costs = BTreeMap::new();
    for entry in fs::read_dir(in_tests("pages")).unwrap() {
        let page = entry.unwrap().path();
        let tool = page.file_stem().unwrap().to_str().unwrap().to_owned();
        let text = fs::read_to_string(&page).unwrap();
        let (mut place, mut call) = (String::new(), String::new());
        for block in text.split("~~~").skip(1).step_by(2) {
            let (tag, body) = block.split_once('\n').unwrap_or((block, ""));
            match tag {
                "snapshot" => place = format!(" in {}", body.trim()),
                // What the identity may not read stands behind the word.
                asked if asked.starts_with("call") => {
                    let arguments: serde_json::Value = serde_json::from_str(body).unwrap();
                    call = format!("{arguments}{}", asked.trim_start_matches("call"));
                }
                "answer" => {
                    costs.insert(format!("{tool} {call}{place}"), tokens(body));
                }
                _ => {}
            }
        }
    }
    costs
}

fn in_tests(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests").join(name)
}
