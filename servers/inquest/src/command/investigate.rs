//! `inquest investigate`: one question, one report.

use super::terminal::{self, Appearance};
use crate::hearing::{self, Concluded, Plan};
use crate::intake::{self, Asked, Intent, alert, time};
use crate::report::{self, Format};
use crate::trouble::{DONE, INCONCLUSIVE, Trouble};
use crate::witnesses::Witnesses;
use crate::witnesses::settings::WitnessSettings;
use diagnosis::rules::Rules;
use evidence::report::Verdict;
use evidence::scope::Window;
use jiff::Timestamp;
use replay::snapshot::Snapshot;
use std::collections::BTreeSet;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

/// Looked back this far where nobody says how far.
pub const DEFAULT_SINCE: Duration = Duration::from_secs(3600);
/// What happened before an alert fires is why it fires.
const BEFORE_AN_ALERT: Duration = Duration::from_secs(1800);
/// An alert is a page; more is another file.
const LARGEST_ALERT: u64 = 4 << 20;

/// One investigation; the report goes to standard output, progress to standard error
#[derive(Debug, clap::Args)]
pub struct Investigate {
    /// What to find out, in plain words; left out: what is broken, and why
    #[arg(value_name = "QUESTION")]
    pub question: Option<String>,
    /// The namespace to look in; left out: what the question names, or all
    #[arg(long, short, value_name = "NS")]
    pub namespace: Option<String>,
    /// The object to look at, as deployment/web
    #[arg(long, value_name = "KIND/NAME")]
    pub workload: Option<String>,
    /// An alert as Alertmanager sends it; - reads standard input
    #[arg(long, value_name = "FILE|-")]
    pub alert: Option<PathBuf>,
    /// How far back to look, as 1h
    #[arg(long, env = "INQUEST_SINCE", value_name = "SPAN", value_parser = time::span)]
    pub since: Option<Duration>,
    /// Look at a past moment: RFC 3339, Unix seconds, or now-1h
    #[arg(long, value_name = "TIME")]
    pub at: Option<String>,
    /// Look at a snapshot instead of a cluster: a directory or a .tar.zst
    #[arg(long, value_name = "PATH")]
    pub snapshot: Option<PathBuf>,
    /// How the investigation is done and shown.
    #[command(flatten)]
    pub manner: Manner,
    /// Where the servers are.
    #[command(flatten)]
    pub witnesses: WitnessSettings,
}

/// How an investigation is done and shown.
#[derive(Clone, Debug, clap::Args)]
pub struct Manner {
    /// The report's form
    #[arg(long, env = "INQUEST_FORMAT", value_enum, default_value = "text")]
    pub format: Format,
    /// Write the report to this file
    #[arg(long, short, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// How long the investigation may take
    #[arg(long, env = "INQUEST_BUDGET", value_name = "SPAN", default_value = "30s", value_parser = time::span)]
    pub budget: Duration,
    /// After the report, show what was weighed and how; with --format text or markdown
    #[arg(long)]
    pub explain: bool,
    /// Show progress on standard error even where it is no terminal
    #[arg(long)]
    pub progress: bool,
    /// How it looks.
    #[command(flatten)]
    pub appearance: Appearance,
}

impl Investigate {
    pub(super) async fn run(self, out: &mut dyn Write) -> Result<u8, Trouble> {
        let intent = intake::intent(Asked {
            question: self.question.as_deref(),
            namespace: self.namespace.as_deref(),
            workload: self.workload.as_deref(),
            alert: self.alert.as_deref().map(read_alert).transpose()?,
            since: self.since,
        })?;
        let witnesses = match &self.snapshot {
            Some(path) => replaying(load(path)?).await,
            None => self.witnesses.open(false).await?,
        };
        let plan = plan(&intent, witnesses.now(), self.at.as_deref(), self.manner.budget)?;
        self.manner.investigate(&intent, &plan, &witnesses, out).await
    }
}

impl Manner {
    /// Investigates and shows the report; the exit code says what it comes to.
    pub(super) async fn investigate(
        &self,
        intent: &Intent,
        plan: &Plan,
        witnesses: &Witnesses,
        out: &mut dyn Write,
    ) -> Result<u8, Trouble> {
        if self.explain && !matches!(self.format, Format::Text | Format::Markdown) {
            return Err(Trouble::Usage("--explain goes with --format text or markdown".to_owned()));
        }
        let stop = terminal::interrupt();
        let shown = terminal::shows_progress(self.progress);
        let progress = |step: &str| {
            if shown {
                terminal::progress(step);
            }
        };
        let concluded = hearing::investigate(intent, plan, witnesses, &stop, &progress).await?;
        self.show(&concluded, out)?;
        if self.explain {
            super::write(out, &report::weights::text(&concluded.weighed))?;
        }
        Ok(match concluded.report.verdict {
            Verdict::RootCauseFound | Verdict::NoFaultFound => DONE,
            Verdict::Inconclusive => INCONCLUSIVE,
        })
    }

    fn show(&self, concluded: &Concluded, out: &mut dyn Write) -> Result<u8, Trouble> {
        let terminal = match self.output {
            Some(_) => report::text::Terminal::default(),
            None => self.appearance.terminal(),
        };
        let text = report::render(&concluded.report, self.format, terminal)
            .map_err(|error| Trouble::Ours(error.to_string()))?;
        match &self.output {
            None => super::write(out, &text),
            Some(path) => std::fs::write(path, text)
                .map(|()| DONE)
                .map_err(|error| Trouble::Usage(format!("--output {}: {error}", path.display()))),
        }
    }
}

/// When the investigation takes place.
///
/// # Errors
/// Where `at` is no moment, or lies in the future.
pub fn plan(
    intent: &Intent,
    now: Timestamp,
    at: Option<&str>,
    budget: Duration,
) -> Result<Plan, Trouble> {
    let usage = |why: String| Trouble::Usage(format!("--at: {why}"));
    let as_of = match at {
        Some(at) => time::moment(at, now).map_err(usage)?,
        None => now,
    };
    if as_of > now {
        return Err(usage(format!("{as_of} is in the future")));
    }
    let back = intent.words.since.unwrap_or(DEFAULT_SINCE);
    let start = as_of.checked_sub(back).unwrap_or(Timestamp::MIN);
    let before_alert = intent.started.and_then(|it| it.checked_sub(BEFORE_AN_ALERT).ok());
    let start = before_alert.map_or(start, |it| it.min(start));
    Ok(Plan {
        as_of,
        window: Window { start, end: as_of },
        budget,
        rules: Rules::default(),
        unknown: BTreeSet::new(),
    })
}

/// Loads a snapshot that an argument names.
///
/// # Errors
/// One line that names the file, and the line in it where there is one.
pub fn load(path: &Path) -> Result<Snapshot, Trouble> {
    Snapshot::load(path).map_err(|error| Trouble::Usage(format!("--snapshot: {error}")))
}

/// The servers over a snapshot.
#[cfg(feature = "k8s")]
pub async fn replaying(snapshot: Snapshot) -> Witnesses {
    crate::witnesses::kubernetes::replaying(Arc::new(snapshot)).await
}

/// The servers over a snapshot: none in this build.
#[cfg(not(feature = "k8s"))]
pub async fn replaying(snapshot: Snapshot) -> Witnesses {
    Witnesses::new(std::collections::BTreeMap::new(), Some(Arc::new(snapshot).about.captured_at))
}

fn read_alert(path: &Path) -> Result<alert::Alert, Trouble> {
    let wrong = |why: String| Trouble::Usage(format!("--alert {}: {why}", path.display()));
    let mut text = String::new();
    let read = if path == Path::new("-") {
        std::io::stdin().take(LARGEST_ALERT).read_to_string(&mut text)
    } else {
        std::fs::File::open(path)
            .and_then(|file| file.take(LARGEST_ALERT).read_to_string(&mut text))
    };
    read.map_err(|error| wrong(error.to_string()))?;
    alert::read(&text).map_err(wrong)
}
