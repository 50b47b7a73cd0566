//! Annotations: what people, programs and alert rules wrote onto the time line.

use crate::grafana::connection::Grafana;
use crate::grafana::reads::ANNOTATIONS;
use crate::web::said::Said;
use crate::web::tolerant::or_nothing;
use jiff::Timestamp;
use readonly::refusal::Refusal;
use serde::Deserialize;

/// Which annotations.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// From when.
    pub start: Timestamp,
    /// Until when.
    pub end: Timestamp,
    /// Tags that it must all have.
    pub tags: Vec<String>,
    /// The dashboard that it belongs to; empty for any.
    pub dashboard: String,
    /// `alert` or `annotation`; empty for both.
    pub kind: &'static str,
    /// At most so many.
    pub limit: u64,
}

/// An annotation.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Annotation {
    /// Its number.
    pub id: u64,
    /// When, in milliseconds.
    pub time: i64,
    /// Until when, in milliseconds; the same for a moment, 0 where nobody said so.
    pub time_end: i64,
    /// What was written.
    #[serde(deserialize_with = "or_nothing")]
    pub text: String,
    /// Its tags.
    #[serde(deserialize_with = "or_nothing")]
    pub tags: Vec<String>,
    /// Who wrote it; empty for alert rules.
    #[serde(deserialize_with = "or_nothing")]
    pub login: String,
    /// The alert rule that it came from.
    #[serde(deserialize_with = "or_nothing")]
    pub alert_name: String,
    /// The alert's state before.
    #[serde(deserialize_with = "or_nothing")]
    pub prev_state: String,
    /// The alert's state since.
    #[serde(deserialize_with = "or_nothing")]
    pub new_state: String,
    /// The dashboard that it belongs to.
    #[serde(rename = "dashboardUID")]
    pub dashboard_uid: Option<String>,
    /// The panel on it.
    pub panel_id: i64,
}

impl Grafana {
    /// The annotations that are wanted, those that ended last first.
    ///
    /// # Errors
    /// Where the server refuses or does not answer.
    pub async fn annotations(&self, wanted: &Wanted) -> Result<Said<Vec<Annotation>>, Refusal> {
        let mut query = vec![
            ("from", wanted.start.as_millisecond().to_string()),
            ("to", wanted.end.as_millisecond().to_string()),
            ("limit", wanted.limit.to_string()),
        ];
        query.extend(wanted.tags.iter().map(|tag| ("tags", tag.clone())));
        if !wanted.dashboard.is_empty() {
            query.push(("dashboardUID", wanted.dashboard.clone()));
        }
        if !wanted.kind.is_empty() {
            query.push(("type", wanted.kind.to_owned()));
        }
        self.get(ANNOTATIONS, &query).await
    }
}
