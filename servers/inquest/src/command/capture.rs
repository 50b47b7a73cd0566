//! `inquest capture`: what an investigation reads, as a snapshot.

use super::investigate::plan;
use super::terminal;
use crate::hearing;
use crate::intake::{self, Asked, time};
use crate::trouble::{DONE, Trouble, chain};
use crate::witnesses::kubernetes::{self, Recorded};
use std::io::Write;
use std::path::PathBuf;
use std::time::Duration;

/// What an investigation reads, recorded into a snapshot, redacted
#[derive(Debug, clap::Args)]
pub struct Capture {
    /// Where the snapshot goes: a new directory, or a new file that ends in .tar.zst
    #[arg(long, short, value_name = "PATH")]
    pub output: PathBuf,
    /// The namespace to record; left out: what an investigation of the whole cluster reads
    #[arg(long, short, value_name = "NS")]
    pub namespace: Option<String>,
    /// Also read every other kind that the cluster serves and every log, so that the snapshot answers other questions too
    #[arg(long)]
    pub all: bool,
    /// How far back to look, as 1h
    #[arg(long, env = "INQUEST_SINCE", value_name = "SPAN", value_parser = time::span)]
    pub since: Option<Duration>,
    /// How long the investigation may take
    #[arg(long, env = "INQUEST_BUDGET", value_name = "SPAN", default_value = "30s", value_parser = time::span)]
    pub budget: Duration,
    /// The cluster.
    #[command(flatten)]
    pub k8s: mcp_k8s::settings::Settings,
}

impl Capture {
    pub(super) async fn run(self, out: &mut dyn Write) -> Result<u8, Trouble> {
        if self.output.exists() {
            return Err(Trouble::Usage(format!(
                "--output {}: it exists already",
                self.output.display()
            )));
        }
        let asked =
            Asked { namespace: self.namespace.as_deref(), since: self.since, ..Asked::default() };
        let intent = intake::intent(asked)?;
        let Recorded { witnesses, kubernetes, recorder } = kubernetes::recorded(&self.k8s).await?;
        let plan = plan(&intent, witnesses.now(), None, self.budget)?;
        let stop = terminal::interrupt();
        let shown = terminal::shows_progress(false);
        let progress = |step: &str| {
            if shown {
                terminal::progress(step);
            }
        };
        let concluded = hearing::investigate(&intent, &plan, &witnesses, &stop, &progress).await?;
        if self.all {
            let read = kubernetes.read_everything(self.namespace.as_deref()).await;
            read.map_err(|failure| Trouble::NothingExamined(failure.message))?;
        }
        let about = kubernetes::about(&concluded.report);
        let captured = recorder
            .write(about, mcp_k8s::lead::without_secrets, &self.output)
            .await
            .map_err(|error| Trouble::Usage(format!("--output: {}", chain(&error))))?;
        let mut text = format!(
            "{}: {} objects, {} logs\n",
            self.output.display(),
            captured.objects,
            captured.logs
        );
        for left_out in &captured.left_out {
            text.push_str(&format!("left out: {left_out}\n"));
        }
        super::write(out, &text)?;
        Ok(DONE)
    }
}
