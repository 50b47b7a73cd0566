//! What an answer costs an agent: the answers of all pages in tokens of `o200k`, against a table that is checked in.
//! `UPDATE=1` writes the table anew.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test harness")]

use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

/// An answer may grow by so many hundredths before somebody must look.
const MOST_GROWTH: usize = 5;

/// What an answer may cost whatever the table says: of the cluster with a hundred pods, ten of them broken.
const BUDGETS: &[(&str, usize)] = &[
    (r#"k8s_get_resources {"namespace":"shop","resource_type":"pods"} in hundred"#, 870),
    (r#"k8s_get_events {"namespace":"shop"} in hundred"#, 730),
    (r#"k8s_describe_resource {"namespace":"shop","resource_name":"cart"#, 320),
    (r#"k8s_describe_resource {"namespace":"shop","resource_name":"catalog"#, 320),
    (r#"k8s_describe_resource {"namespace":"shop","resource_name":"reports"#, 320),
];

/// The tokens of answers, by the tool and its call.
type Costs = BTreeMap<String, usize>;

#[test]
fn no_answer_grows() {
    let costs = measured();
    let table = in_tests("tokens.txt");
    if option_env!("UPDATE").is_some() {
        fs::write(table, written(&costs)).unwrap();
        return;
    }
    let faults = faults(&read(&fs::read_to_string(table).unwrap()), &costs);
    let remedy = "UPDATE=1 cargo test -p mcp-k8s --test tokens writes the table anew";
    assert!(faults.is_empty(), "{}\n{remedy}", faults.join("\n"));
}

#[test]
fn what_has_a_budget_keeps_it() {
    let costs = measured();
    for (begins, most) in BUDGETS {
        let (_, tokens) = costs.iter().find(|(asked, _)| asked.starts_with(begins)).unwrap();
        assert!(tokens <= most, "{begins}: {tokens} tokens, not {most}");
    }
}

#[test]
fn growth_beyond_the_bound_is_a_fault_and_so_is_an_answer_without_a_line() {
    let table = read("  100 a {}\n  100 b {}\n  100 gone {}\n");
    let costs = read("  105 a {}\n  106 b {}\n   10 new {}\n");
    let expected = [
        "b {}: 106 tokens, 6 more than its 100",
        "new {}: 10 tokens, and no line in the table",
        "gone {}: a line in the table, and no such call",
    ];
    assert_eq!(faults(&table, &costs), expected);
}

/// What is wrong with the costs, by the table.
fn faults(table: &Costs, costs: &Costs) -> Vec<String> {
    let mut faults = Vec::new();
    for (asked, tokens) in costs {
        match table.get(asked) {
            Some(before) if tokens * 100 > before * (100 + MOST_GROWTH) => {
                let more = tokens - before;
                faults.push(format!("{asked}: {tokens} tokens, {more} more than its {before}"));
            }
            Some(_) => {}
            None => faults.push(format!("{asked}: {tokens} tokens, and no line in the table")),
        }
    }
    let gone = table.keys().filter(|asked| !costs.contains_key(*asked));
    faults.extend(gone.map(|asked| format!("{asked}: a line in the table, and no such call")));
    faults
}

/// The answers on the pages, which their own test keeps true.
fn measured() -> Costs {
    let tokens = tiktoken_rs::o200k_base().unwrap();
    let mut pages: Vec<PathBuf> =
        fs::read_dir(in_tests("pages")).unwrap().map(|entry| entry.unwrap().path()).collect();
    pages.sort();
    let mut costs = Costs::new();
    for page in pages {
        let tool = page.file_stem().unwrap().to_str().unwrap().to_owned();
        for (asked, answer) in answers(&tool, &fs::read_to_string(&page).unwrap()) {
            let mut key = asked.clone();
            for again in 2.. {
                if !costs.contains_key(&key) {
                    break;
                }
                key = format!("{asked} ({again})");
            }
            costs.insert(key, tokens.encode_ordinary(&answer).len());
        }
    }
    costs
}

/// The calls of a page with their answers.
fn answers(tool: &str, page: &str) -> Vec<(String, String)> {
    let mut answers = Vec::new();
    let (mut place, mut call) = (String::new(), String::new());
    for block in page.split("~~~").skip(1).step_by(2) {
        let (tag, body) = block.split_once('\n').unwrap_or((block, ""));
        match tag {
            "snapshot" => place = format!(" in {}", body.trim()),
            // What the identity may not list stands behind the word.
            asked if asked.starts_with("call") => {
                let arguments = serde_json::from_str::<serde_json::Value>(body).unwrap();
                let without = asked.trim_start_matches("call");
                call = format!("{arguments}{without}");
            }
            "answer" => answers.push((format!("{tool} {call}{place}"), body.to_owned())),
            _ => {}
        }
    }
    answers
}

/// A line for each answer: its tokens, then what was asked.
fn written(costs: &Costs) -> String {
    let mut text = String::new();
    for (asked, tokens) in costs {
        writeln!(text, "{tokens:>5} {asked}").unwrap();
    }
    text
}

fn read(table: &str) -> Costs {
    let line = |line: &str| {
        let (tokens, asked) = line.trim_start().split_once(' ').unwrap();
        (asked.to_owned(), tokens.parse().unwrap())
    };
    table.lines().map(line).collect()
}

fn in_tests(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests").join(name)
}
