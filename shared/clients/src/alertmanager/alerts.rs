//! Alerts, and the silences that keep them quiet.

use crate::alertmanager::connection::Alertmanager;
use crate::alertmanager::reads::{ALERTS, SILENCES};
use crate::web::said::Said;
use jiff::Timestamp;
use readonly::refusal::Refusal;
use serde::Deserialize;
use std::collections::BTreeMap;

/// Labels by name.
pub type Labels = BTreeMap<String, String>;

/// One alert as Alertmanager has it.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Alert {
    /// Its labels, `alertname` among them.
    pub labels: Labels,
    /// What its rule says of it.
    pub annotations: Labels,
    /// Its name among alerts.
    pub fingerprint: String,
    /// Since when it fires.
    pub starts_at: Option<Timestamp>,
    /// Who is told of it.
    pub receivers: Vec<Receiver>,
    /// Whether somebody is told.
    pub status: AlertStatus,
}

/// Whether an alert is told to somebody, and why not.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct AlertStatus {
    /// `active`, `suppressed` or `unprocessed`.
    pub state: String,
    /// Ids of the silences that hold it.
    pub silenced_by: Vec<String>,
    /// Fingerprints of the alerts that inhibit it.
    pub inhibited_by: Vec<String>,
    /// Times during which its route is muted; Alertmanager 0.28 and later.
    pub muted_by: Vec<String>,
}

/// Who is told.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(default)]
pub struct Receiver {
    /// The receiver's name.
    pub name: String,
}

/// A silence.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Silence {
    /// Its id.
    pub id: String,
    /// What it holds.
    pub matchers: Vec<SilenceMatcher>,
    /// When it begins.
    pub starts_at: Option<Timestamp>,
    /// When it ends.
    pub ends_at: Option<Timestamp>,
    /// Who made it.
    pub created_by: String,
    /// What they said of it.
    pub comment: String,
    /// Whether it holds now.
    pub status: SilenceStatus,
}

/// Whether a silence holds now.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct SilenceStatus {
    /// `active`, `pending` or `expired`.
    pub state: String,
}

/// One of the matchers of a silence.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SilenceMatcher {
    /// The label.
    pub name: String,
    /// What it must, or must not, be.
    pub value: String,
    /// The value is an expression.
    #[serde(default)]
    pub is_regex: bool,
    /// It must be so, and not otherwise.
    #[serde(default = "yes")]
    pub is_equal: bool,
}

fn yes() -> bool {
    true
}

impl SilenceMatcher {
    /// The one value that the label must have; none where it may have another, or where an expression would have to be
    /// understood to tell.
    fn only(&self) -> Option<&str> {
        let is_plain = |it: char| it.is_ascii_alphanumeric() || matches!(it, '-' | '_');
        let is_one = self.is_equal && (!self.is_regex || self.value.chars().all(is_plain));
        is_one.then_some(self.value.as_str())
    }
}

impl Silence {
    /// The labels that everything it holds has, as far as it says so plainly.
    pub fn labels(&self) -> Labels {
        let label = |it: &SilenceMatcher| Some((it.name.clone(), it.only()?.to_owned()));
        self.matchers.iter().filter_map(label).collect()
    }
}

impl std::fmt::Display for SilenceMatcher {
    /// `namespace=~"shop|blog"`
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let sign = match (self.is_equal, self.is_regex) {
            (true, false) => "=",
            (true, true) => "=~",
            (false, false) => "!=",
            (false, true) => "!~",
        };
        write!(f, "{}{sign}{:?}", self.name, self.value)
    }
}

impl Alertmanager {
    /// The alerts that fire, those that nobody is told of among them, which fit all `filters`, as `namespace="shop"`.
    ///
    /// # Errors
    /// Where the server refuses or does not answer.
    pub async fn alerts(&self, filters: &[String]) -> Result<Said<Vec<Alert>>, Refusal> {
        self.get(ALERTS, filters).await
    }

    /// All silences, those that have ended among them. A filter would compare with their own matchers, and so leave out
    /// most of those that hold what fits it.
    ///
    /// # Errors
    /// Where the server refuses or does not answer.
    pub async fn silences(&self) -> Result<Said<Vec<Silence>>, Refusal> {
        self.get(SILENCES, &[]).await
    }
}

#[cfg(test)]
mod tests {
    use super::{Labels, Silence, SilenceMatcher};

    #[test]
    fn a_silence_says_plainly_what_it_holds_or_nothing() {
        let matcher = |value: &str, is_regex: bool, is_equal: bool| Silence {
            matchers: vec![SilenceMatcher {
                name: "namespace".to_owned(),
                value: value.to_owned(),
                is_regex,
                is_equal,
            }],
            ..Silence::default()
        };
        let shop = Labels::from([("namespace".to_owned(), "shop".to_owned())]);
        assert_eq!(matcher("shop", false, true).labels(), shop);
        assert_eq!(matcher("shop", true, true).labels(), shop);
        assert_eq!(matcher("shop|blog", true, true).labels(), Labels::new());
        assert_eq!(matcher("shop", false, false).labels(), Labels::new());
    }
}
