//! What each rule of the engine and each source is worth: every scenario again without it.

use super::judging::Judged;
use super::without::{SOURCES, Without};
use super::{Outcome, run};
use crate::trouble::Trouble;
use diagnosis::rules::Rules;
use serde::Serialize;
use std::collections::BTreeSet;
use std::path::PathBuf;

/// What becomes of the answers without one thing.
#[derive(Clone, Debug, Serialize)]
pub struct Row {
    /// What was left out; `nothing` for the first row.
    pub without: String,
    /// Right first.
    pub right: usize,
    /// Wrong.
    pub wrong: usize,
    /// No answer.
    pub abstained: usize,
    /// False alarms.
    pub false_alarms: usize,
    /// Scenarios that were right with it and are wrong without it.
    pub became_wrong: Vec<String>,
    /// Scenarios that were right with it, and of whose causes only some are named without it, and no other.
    pub became_part: usize,
    /// Scenarios that were right with it and have no answer without it.
    pub became_silent: usize,
}

/// Evaluates with everything, and without each thing in turn.
///
/// # Errors
/// As [`run`].
pub async fn measure(folders: &BTreeSet<PathBuf>) -> Result<Vec<Row>, Trouble> {
    let whole = outcomes(folders, &Without::default()).await?;
    let mut rows = vec![row("nothing", &whole, &whole)];
    for name in Rules::NAMES.iter().chain(&SOURCES) {
        let without = Without::of(&[(*name).to_owned()])?;
        rows.push(row(name, &whole, &outcomes(folders, &without).await?));
    }
    Ok(rows)
}

async fn outcomes(folders: &BTreeSet<PathBuf>, without: &Without) -> Result<Vec<Outcome>, Trouble> {
    let mut outcomes = Vec::new();
    for folder in folders {
        outcomes.push(run(folder, without).await?);
    }
    Ok(outcomes)
}

fn row(without: &str, whole: &[Outcome], outcomes: &[Outcome]) -> Row {
    let count = |judged: Judged| outcomes.iter().filter(|it| it.judged == judged).count();
    let was_right = |(before, _): &(&Outcome, &Outcome)| before.judged == Judged::Right;
    let pairs: Vec<(&Outcome, &Outcome)> = whole.iter().zip(outcomes).filter(was_right).collect();
    let is_wrong = |after: &Outcome| after.judged == Judged::Wrong;
    let wrong = pairs.iter().filter(|(_, after)| is_wrong(after) && !after.part);
    let part = pairs.iter().filter(|(_, after)| is_wrong(after) && after.part);
    let silent = pairs.iter().filter(|(_, after)| after.judged == Judged::Abstained);
    Row {
        without: without.to_owned(),
        right: count(Judged::Right),
        wrong: count(Judged::Wrong),
        abstained: count(Judged::Abstained),
        false_alarms: outcomes.iter().filter(|it| it.false_alarm).count(),
        became_wrong: wrong.map(|(_, after)| name(&after.scenario)).collect(),
        became_part: part.count(),
        became_silent: silent.count(),
    }
}

fn name(folder: &str) -> String {
    folder.rsplit('/').next().unwrap_or(folder).to_owned()
}

/// The rows as a Markdown table, which a terminal shows as well.
pub fn text(rows: &[Row]) -> String {
    let mut text =
        "| without | right first | wrong | abstained | false alarms | right becomes part of it | right becomes wrong |\n\
         |---|---:|---:|---:|---:|---:|---|\n"
            .to_owned();
    for row in rows {
        let became = match row.became_wrong.as_slice() {
            [] => "none".to_owned(),
            names if names.len() > 4 => {
                let first: Vec<&str> = names.iter().take(3).map(String::as_str).collect();
                format!("{}: {}, ...", names.len(), first.join(", "))
            }
            names => format!("{}: {}", names.len(), names.join(", ")),
        };
        text.push_str(&format!(
            "| {} | {} | {} | {} | {} | {} | {became} |\n",
            row.without, row.right, row.wrong, row.abstained, row.false_alarms, row.became_part
        ));
    }
    text
}
