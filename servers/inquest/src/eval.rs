//! How often the judge is right: every scenario investigated as its truth asks, and judged by that truth.

pub mod ablation;
pub mod judging;
pub mod tally;
pub mod without;

use crate::command::investigate;
use crate::hearing;
use crate::intake::{self, Asked, Intent, alert};
use crate::trouble::Trouble;
use evidence::report::Verdict;
use judging::{Judged, Traced};
use replay::snapshot::Snapshot;
use replay::truth::Truth;
use serde::Serialize;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use tokio_util::sync::CancellationToken;
use without::Without;

/// A snapshot answers at once; what takes longer is a fault of ours.
const BUDGET: Duration = Duration::from_secs(30);
/// Folders within folders within the folder named.
const DEEPEST: usize = 8;

/// How one scenario went.
#[derive(Clone, Debug, Serialize)]
pub struct Outcome {
    /// Its folder.
    pub scenario: String,
    /// The family that it is counted in.
    pub family: String,
    /// What was made of it.
    pub judged: Judged,
    /// A fault was found where there is none, or something was blamed that must not be.
    pub false_alarm: bool,
    /// It named some of several causes, and nothing else.
    pub part: bool,
    /// Of a right answer: how far it was traced to the truth's change.
    pub traced: Option<Traced>,
    /// How sure the report was of its first root cause; none where it names none.
    pub confidence: Option<f64>,
    /// What the report says, in short.
    pub answer: String,
    /// Rounds of questions.
    pub rounds: u32,
    /// Milliseconds, loading left out.
    pub ms: f64,
}

/// The folders below `folders` that hold a scenario, in order.
///
/// # Errors
/// One line, where a folder cannot be read or there is no scenario at all.
pub fn scenarios(folders: &[PathBuf]) -> Result<BTreeSet<PathBuf>, Trouble> {
    let mut found = BTreeSet::new();
    for folder in folders {
        look(folder, DEEPEST, &mut found)
            .map_err(|error| Trouble::Usage(format!("DIR {}: {error}", folder.display())))?;
    }
    match found.is_empty() {
        true => Err(Trouble::Usage(
            "DIR: there is no scenario below it, a folder with snapshot.yaml and truth.yaml"
                .to_owned(),
        )),
        false => Ok(found),
    }
}

fn look(folder: &Path, deeper: usize, found: &mut BTreeSet<PathBuf>) -> std::io::Result<()> {
    let recorded = ["snapshot.yaml", "snapshot.tar.zst"].map(|name| folder.join(name));
    if recorded.iter().any(|it| it.is_file()) && folder.join("truth.yaml").is_file() {
        found.insert(folder.to_owned());
        return Ok(());
    }
    if deeper == 0 {
        return Ok(());
    }
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            look(&entry.path(), deeper - 1, found)?;
        }
    }
    Ok(())
}

/// Investigates one scenario and judges the report.
///
/// # Errors
/// Where the scenario cannot be loaded or asked; an investigation that fails counts as wrong instead.
pub async fn run(folder: &Path, without: &Without) -> Result<Outcome, Trouble> {
    let mut snapshot = Snapshot::load(folder)
        .map_err(|error| Trouble::Usage(format!("DIR {}: {error}", folder.display())))?;
    without.take_from(&mut snapshot);
    let Some(truth) = snapshot.truth.clone() else {
        return Err(Trouble::Usage(format!("DIR {}: it has no truth.yaml", folder.display())));
    };
    let intent = asked(&truth, &snapshot)
        .map_err(|trouble| Trouble::Usage(format!("DIR {}: {trouble}", folder.display())))?;
    let witnesses = investigate::replaying(snapshot).await;
    let mut plan = investigate::plan(&intent, witnesses.now(), None, BUDGET)?;
    plan.rules = without.rules;
    if without.own_modes {
        plan.unknown = modes(&truth).cloned().collect();
    }
    let began = Instant::now();
    let stop = CancellationToken::new();
    let concluded = hearing::investigate(&intent, &plan, &witnesses, &stop, &|_| {}).await;
    let ms = began.elapsed().as_secs_f64() * 1000.0;
    let outcome = Outcome {
        scenario: folder.display().to_string(),
        family: family(&truth),
        judged: Judged::Wrong,
        false_alarm: false,
        part: false,
        traced: None,
        confidence: None,
        answer: String::new(),
        rounds: 0,
        ms,
    };
    Ok(match concluded {
        Err(trouble) => Outcome { answer: trouble.to_string(), ..outcome },
        Ok(concluded) => Outcome {
            judged: judging::judge(&concluded.report, &truth),
            part: judging::is_part(&concluded.report, &truth),
            traced: judging::change(&concluded.report, &truth)
                .filter(|_| judging::judge(&concluded.report, &truth) == Judged::Right),
            false_alarm: judging::is_false_alarm(&concluded.report, &truth),
            confidence: concluded.report.root_causes.first().map(|cause| cause.confidence),
            answer: judging::answer(&concluded.report),
            rounds: concluded.rounds,
            ..outcome
        },
    })
}

fn asked(truth: &Truth, snapshot: &Snapshot) -> Result<Intent, Trouble> {
    let alert = match &truth.alert {
        None => None,
        Some(file) => {
            let wrong = |why: &str| Trouble::Usage(format!("truth.yaml: alert {file}: {why}"));
            let bytes = snapshot.aside.get(file).ok_or_else(|| wrong("there is no such file"))?;
            Some(alert::read(&String::from_utf8_lossy(bytes)).map_err(|why| wrong(&why))?)
        }
    };
    intake::intent(Asked {
        question: truth.question.as_deref(),
        namespace: truth.namespace.as_deref(),
        workload: truth.workload.as_deref(),
        alert,
        since: None,
    })
}

/// The truth's own word, else the family of its failure mode: `IMG` of `IMG-01`.
fn family(truth: &Truth) -> String {
    match (&truth.category, modes(truth).next()) {
        (Some(category), _) => category.clone(),
        (None, Some(mode)) => mode.split('-').next().unwrap_or(mode).to_owned(),
        (None, None) if truth.verdict == Verdict::NoFaultFound => "healthy".to_owned(),
        (None, None) => "other".to_owned(),
    }
}

/// Every failure mode that an answer may name and be right.
fn modes(truth: &Truth) -> impl Iterator<Item = &String> {
    let causes = truth.causes.iter().flat_map(|it| &it.failure_mode);
    let accepted = truth.accept.iter().flat_map(|it| &it.failure_mode);
    truth.failure_mode.iter().chain(causes).chain(accepted)
}
