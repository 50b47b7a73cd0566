//! What is scraped, and how the last scrape went.

use crate::prometheus::connection::Prometheus;
use crate::prometheus::form::Form;
use crate::prometheus::reads::TARGETS;
use crate::prometheus::series::Labels;
use crate::web::said::Said;
use jiff::Timestamp;
use readonly::items::Items;
use readonly::refusal::Refusal;
use serde::Deserialize;

/// Targets that are kept of one answer, some 10 MB.
const MOST: usize = 20_000;

/// One target.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Target {
    /// Its labels.
    pub labels: Labels,
    /// Its part of the configuration.
    pub scrape_pool: String,
    /// Where it is scraped.
    pub scrape_url: String,
    /// Why the last scrape failed; empty where it did not.
    pub last_error: String,
    /// When it was last scraped.
    pub last_scrape: Option<Timestamp>,
    /// Seconds that the last scrape took.
    pub last_scrape_duration: f64,
    /// `up`, `down` or `unknown`.
    pub health: String,
}

/// Targets, as far as they were read.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Targets {
    /// Those that were kept.
    pub targets: Vec<Target>,
    /// There are more.
    pub cut: bool,
}

impl Prometheus {
    /// The targets that are scraped.
    ///
    /// # Errors
    /// Where the server refuses or does not answer.
    pub async fn targets(&self) -> Result<Said<Targets>, Refusal> {
        let said = self.get(TARGETS, &Form::default().with("state", "active")).await?;
        let (response, said) = said.apart();
        let mut items = Items::<Target>::within(response, &["data"], "activeTargets");
        let mut targets = Targets::default();
        while let Some(target) = items.next().await? {
            if targets.targets.len() == MOST {
                targets.cut = true;
                break;
            }
            if self.may_see(&target.labels) {
                targets.targets.push(target);
            }
        }
        Ok(said.around(targets))
    }
}
