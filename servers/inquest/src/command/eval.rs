//! `inquest eval`: accuracy, calibration and cost over scenarios.

use super::tools::Listing;
use crate::eval::ablation;
use crate::eval::judging::Judged;
use crate::eval::tally::{Counts, Tally, tally};
use crate::eval::without::Without;
use crate::eval::{self, Outcome};
use crate::trouble::Trouble;
use serde_json::json;
use std::io::Write;
use std::path::PathBuf;

/// Every scenario below the folders: what was right, wrong and left open
#[derive(Debug, clap::Args)]
pub struct Eval {
    /// Folders with scenarios somewhere below them
    #[arg(value_name = "DIR", required = true)]
    pub folders: Vec<PathBuf>,
    /// Leave out a rule of the engine (R4) or a source (events)
    #[arg(long, value_name = "WHAT", conflicts_with = "ablation")]
    pub without: Vec<String>,
    /// Leave out the failure modes of each scenario's own truth: what is a fault taken for that nobody knows?
    #[arg(long, conflicts_with = "ablation")]
    pub unknown: bool,
    /// Leave out each rule and each source in turn, and show what becomes of the answers
    #[arg(long)]
    pub ablation: bool,
    /// The table's form
    #[arg(long, env = "INQUEST_LIST_FORMAT", value_enum, default_value = "text")]
    pub format: Listing,
}

impl Eval {
    pub(super) async fn run(self, out: &mut dyn Write) -> Result<u8, Trouble> {
        let folders = eval::scenarios(&self.folders)?;
        if self.ablation {
            let rows = ablation::measure(&folders).await?;
            let text = match self.format {
                Listing::Text => ablation::text(&rows),
                Listing::Json => format!("{:#}\n", json!(rows)),
            };
            return super::write(out, &text);
        }
        let without = Without { own_modes: self.unknown, ..Without::of(&self.without)? };
        let mut outcomes = Vec::new();
        for folder in &folders {
            outcomes.push(eval::run(folder, &without).await?);
        }
        let tally = tally(&outcomes);
        let text = match self.format {
            Listing::Text => text(&outcomes, &tally),
            Listing::Json => format!("{:#}\n", json!({"tally": tally, "scenarios": outcomes})),
        };
        super::write(out, &text)
    }
}

fn text(outcomes: &[Outcome], tally: &Tally) -> String {
    let mut text = String::new();
    for outcome in outcomes.iter().filter(|it| it.judged != Judged::Right || it.false_alarm) {
        let judged = match outcome.judged {
            Judged::Right => "right, with a false alarm",
            Judged::Wrong => "wrong",
            Judged::Abstained => "abstained",
        };
        text.push_str(&format!("{}: {judged}: {}\n", outcome.scenario, outcome.answer));
    }
    text.push_str(&format!(
        "{:<20} {:>9} {:>11} {:>6} {:>9} {:>12}\n",
        "FAMILY", "SCENARIOS", "RIGHT FIRST", "WRONG", "ABSTAINED", "FALSE ALARMS"
    ));
    for (family, counts) in &tally.families {
        text.push_str(&row(family, counts));
    }
    text.push_str(&row("all", &tally.total));
    if let Some(brier) = tally.brier {
        text.push_str(&format!("Brier score {brier:.3} (0 is perfect)\n"));
    }
    if !tally.reliability.is_empty() {
        text.push_str(&format!(
            "{:<12} {:>7} {:>10} {:>6}\n",
            "CONFIDENCE", "ANSWERS", "CLAIMED", "RIGHT"
        ));
    }
    for it in &tally.reliability {
        text.push_str(&format!(
            "{:<12} {:>7} {:>10.2} {:>6.2}\n",
            format!("from {:.1}", it.from),
            it.answers,
            it.mean_confidence,
            it.right
        ));
    }
    let [changes, fields, actors] = tally.traced;
    text.push_str(&format!(
        "{changes} right answers have a change behind them: it is named in {fields}, who made it in {actors}\n"
    ));
    text.push_str(&format!(
        "{:.1} rounds and {:.1} ms a scenario, on average\n",
        tally.mean_rounds, tally.mean_ms
    ));
    text
}

fn row(family: &str, counts: &Counts) -> String {
    format!(
        "{family:<20} {:>9} {:>11} {:>6} {:>9} {:>12}\n",
        counts.scenarios, counts.right, counts.wrong, counts.abstained, counts.false_alarms
    )
}
