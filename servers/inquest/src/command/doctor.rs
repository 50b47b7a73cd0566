//! `inquest doctor`: what can be reached and read, and what is missing.

#[cfg(feature = "grafana")]
mod grafana;
#[cfg(feature = "k8s")]
mod kubernetes;
#[cfg(feature = "prometheus")]
mod prometheus;

use crate::trouble::{DONE, Trouble};
use crate::witnesses::settings::WitnessSettings;
#[cfg(any(feature = "grafana", feature = "k8s", feature = "prometheus"))]
use jiff::SignedDuration;
use mcp::client::Specialist;
use std::io::Write;
use std::time::Duration;

/// Listing tools needs no upstream, so a server that takes longer is not well.
const LIST: Duration = Duration::from_secs(5);
/// More than this and times of different clocks cannot be put in order.
#[cfg(any(feature = "grafana", feature = "k8s", feature = "prometheus"))]
const MOST_SKEW: i64 = 5;

/// Every system: reachable, version, clock, and what may and may not be read
#[derive(Debug, clap::Args)]
pub struct Doctor {
    /// Where the servers are.
    #[command(flatten)]
    pub witnesses: WitnessSettings,
    /// Grafana, which the lead does not ask.
    #[cfg(feature = "grafana")]
    #[command(flatten)]
    pub grafana: mcp_grafana::settings::Settings,
}

impl Doctor {
    pub(super) async fn run(self, out: &mut dyn Write) -> Result<u8, Trouble> {
        let witnesses = self.witnesses.open(false).await?;
        for (name, server) in witnesses.servers() {
            let line = match server.specialist().await {
                Ok(specialist) => server_line(name, &specialist).await,
                Err(why) => format!("{name}: not reachable: {why}\n"),
            };
            super::write(out, &line)?;
        }
        let reachable = witnesses.ready().await.is_ok();
        // What a server in another process may read is known there.
        #[cfg(feature = "k8s")]
        let reachable = match &self.witnesses.k8s_url {
            Some(_) => reachable,
            None => {
                let (text, well) = kubernetes::examine(&self.witnesses).await;
                super::write(out, &text)?;
                well
            }
        };
        #[cfg(feature = "prometheus")]
        let reachable = {
            let (text, well) = prometheus::examine(&self.witnesses.prometheus).await;
            super::write(out, &text)?;
            reachable || well
        };
        #[cfg(feature = "grafana")]
        let reachable = {
            let (text, well) = grafana::examine(&self.grafana).await;
            super::write(out, &text)?;
            reachable || well
        };
        match reachable {
            true => Ok(DONE),
            false => {
                Err(Trouble::NothingExamined("no system can be examined; see above".to_owned()))
            }
        }
    }
}

/// A line about a clock that is so far ahead of ours.
#[cfg(any(feature = "grafana", feature = "k8s", feature = "prometheus"))]
fn clock(skew: Option<SignedDuration>) -> String {
    match skew.map(|skew| skew.as_secs()) {
        None => "  clock: it does not say the time\n".to_owned(),
        Some(skew) if skew.abs() > MOST_SKEW => {
            format!("  clock: {skew} s ahead of ours; times are not comparable\n")
        }
        Some(_) => "  clock: agrees with ours\n".to_owned(),
    }
}

async fn server_line(name: &str, specialist: &Specialist) -> String {
    match specialist.list(LIST).await {
        Ok(tools) => format!("{name}: answers at {}; tools: {}\n", specialist.name(), tools.len()),
        Err(error) => format!("{name}: {error}\n"),
    }
}
