//! `inquest demo`: an investigation of a bundled incident.

pub mod bundled;

use super::investigate::{self, Manner};
use crate::intake::{self, Asked};
use crate::trouble::Trouble;
use bundled::{Bundled, DEMOS};
use replay::snapshot::Snapshot;
use std::io::Write;

/// An investigation of a bundled incident
#[derive(Debug, clap::Args)]
pub struct Demo {
    /// Which incident; see --list
    #[arg(value_name = "NAME")]
    pub name: Option<String>,
    /// List the bundled incidents
    #[arg(long)]
    pub list: bool,
    /// How the investigation is done and shown.
    #[command(flatten)]
    pub manner: Manner,
}

impl Demo {
    pub(super) async fn run(self, out: &mut dyn Write) -> Result<u8, Trouble> {
        if self.list {
            return super::write(out, &list());
        }
        let demo = find(self.name.as_deref())?;
        let snapshot = Snapshot::unpack(demo.name, demo.archive)
            .map_err(|error| Trouble::Ours(format!("demo: {error}")))?;
        let asked = Asked { question: Some(demo.question), ..Asked::default() };
        let intent = intake::intent(asked)?;
        let witnesses = investigate::replaying(snapshot).await;
        let plan = investigate::plan(&intent, witnesses.now(), None, self.manner.budget)?;
        self.manner.investigate(&intent, &plan, &witnesses, out).await
    }
}

fn list() -> String {
    let width = DEMOS.iter().map(|demo| demo.name.len()).max().unwrap_or_default();
    DEMOS.iter().map(|demo| format!("{:width$}  {}\n", demo.name, demo.title)).collect()
}

fn find(name: Option<&str>) -> Result<&'static Bundled, Trouble> {
    let found = match name {
        Some(name) => DEMOS.iter().find(|demo| demo.name == name),
        None => DEMOS.first(),
    };
    let names: Vec<&str> = DEMOS.iter().map(|demo| demo.name).collect();
    found.ok_or_else(|| {
        Trouble::Usage(format!(
            "NAME {:?}: there is no such demo; there are {}",
            name.unwrap_or_default(),
            names.join(", ")
        ))
    })
}
