//! `inquest doctor`: what can be reached and read, and what is missing.

#[cfg(feature = "k8s")]
mod kubernetes;

use crate::trouble::{DONE, Trouble};
use crate::witnesses::settings::WitnessSettings;
use mcp::client::Specialist;
use std::io::Write;
use std::time::Duration;

/// Listing tools needs no upstream, so a server that takes longer is not well.
const LIST: Duration = Duration::from_secs(5);

/// Every system: reachable, version, clock, and what may and may not be read
#[derive(Debug, clap::Args)]
pub struct Doctor {
    /// Where the servers are.
    #[command(flatten)]
    pub witnesses: WitnessSettings,
}

impl Doctor {
    pub(super) async fn run(self, out: &mut dyn Write) -> Result<u8, Trouble> {
        let witnesses = self.witnesses.open().await?;
        let mut reachable = false;
        for (name, server) in witnesses.servers() {
            let line = match server {
                Ok(specialist) => server_line(name, specialist).await,
                Err(why) => format!("{name}: not reachable: {why}\n"),
            };
            super::write(out, &line)?;
        }
        #[cfg(feature = "k8s")]
        match &self.witnesses.k8s_url {
            // What a server in another process may read is known there.
            Some(_) => reachable |= witnesses.servers().any(|(_, server)| server.is_ok()),
            None => {
                let (text, well) = kubernetes::examine(&self.witnesses).await;
                reachable |= well;
                super::write(out, &text)?;
            }
        }
        match reachable {
            true => Ok(DONE),
            false => {
                Err(Trouble::NothingExamined("no system can be examined; see above".to_owned()))
            }
        }
    }
}

async fn server_line(name: &str, specialist: &Specialist) -> String {
    match specialist.list(LIST).await {
        Ok(tools) => format!("{name}: answers, {} tools ({})\n", tools.len(), specialist.name()),
        Err(error) => format!("{name}: {error}\n"),
    }
}
