//! One dashboard, as it is kept: in the schema it always had, or in the second one of `/apis`.

use crate::grafana::connection::Grafana;
use crate::grafana::form::{Form, Newer, has_none, is_refused};
use crate::grafana::reads::DASHBOARD;
use crate::web::said::Said;
use crate::web::tolerant::or_nothing;
use jiff::Timestamp;
use readonly::names::encode;
use readonly::refusal::{Kind, Refusal};
use serde::Deserialize;
use serde_json::Value;

/// A dashboard.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Dashboard {
    /// What it is read by.
    pub uid: String,
    /// The title of its folder, or its uid where only that is known; empty for the root.
    pub folder: String,
    /// When it was last changed.
    pub updated: Option<Timestamp>,
    /// Who changed it; empty where that is not said.
    pub updated_by: String,
    /// Everything else in its own words: `panels` and `templating`, or `elements`, `layout` and `variables`.
    pub body: Value,
    /// Read in a form that cannot say all, because the other one was refused.
    pub is_converted: bool,
}

#[derive(Deserialize)]
struct Older {
    dashboard: Value,
    #[serde(default, deserialize_with = "or_nothing")]
    meta: Meta,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Meta {
    #[serde(deserialize_with = "or_nothing")]
    folder_title: String,
    #[serde(deserialize_with = "or_nothing")]
    folder_uid: String,
    updated: Option<Timestamp>,
    #[serde(deserialize_with = "or_nothing")]
    updated_by: String,
}

#[derive(Deserialize)]
struct Object {
    #[serde(default, deserialize_with = "or_nothing")]
    metadata: Metadata,
    spec: Value,
    #[serde(default)]
    status: Value,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Metadata {
    creation_timestamp: Option<Timestamp>,
    #[serde(deserialize_with = "or_nothing")]
    annotations: std::collections::BTreeMap<String, String>,
}

/// Whether a time is one: where there is none, the first moment of the calendar stands.
fn is_known(at: &Timestamp) -> bool {
    at.as_second() > 0
}

impl Grafana {
    /// The dashboard of this uid.
    ///
    /// # Errors
    /// Where there is none, or the server refuses or does not answer.
    pub async fn dashboard(&self, uid: &str) -> Result<Said<Dashboard>, Refusal> {
        let mut is_converted = false;
        if let Form::Newer(newer) = self.form().await? {
            match self.dashboard_newer(&newer, uid).await {
                Err(refusal) if has_none(&refusal) || is_refused(&refusal) => {}
                answer => return answer,
            }
            is_converted = newer.served.iter().any(|it| it.starts_with("v2"));
        }
        let older: Said<Older> = self.get(&format!("{DASHBOARD}/{}", encode(uid)), &[]).await?;
        Ok(older.map(|Older { dashboard, meta }| Dashboard {
            uid: uid.to_owned(),
            // The root has a title there.
            folder: if meta.folder_uid.is_empty() && meta.folder_title == "General" {
                String::new()
            } else {
                meta.folder_title
            },
            updated: meta.updated.filter(is_known),
            updated_by: meta.updated_by,
            body: dashboard,
            is_converted,
        }))
    }

    async fn dashboard_newer(&self, newer: &Newer, uid: &str) -> Result<Said<Dashboard>, Refusal> {
        let mut object = self.object(newer, &newer.version, uid).await?;
        // One that is kept in the second schema was converted to the first, which cannot say all.
        let stored =
            object.data.status.pointer("/conversion/storedVersion").and_then(Value::as_str);
        let stored = stored.filter(|it| it.starts_with("v2")).map(str::to_owned);
        let mut is_converted = false;
        if let Some(stored) = stored {
            match self.object(newer, &stored, uid).await {
                Ok(kept) => object = kept,
                Err(refusal) if matches!(refusal.kind, Kind::Unreachable { .. }) => {
                    return Err(refusal);
                }
                Err(_) => is_converted = true,
            }
        }
        Ok(object.map(|Object { metadata, spec, .. }| {
            let annotation = |name: &str| metadata.annotations.get(name).cloned();
            let updated = annotation("grafana.app/updatedTimestamp").and_then(|it| it.parse().ok());
            let by = annotation("grafana.app/updatedBy");
            Dashboard {
                uid: uid.to_owned(),
                folder: annotation("grafana.app/folder").unwrap_or_default(),
                updated: updated.or(metadata.creation_timestamp).filter(is_known),
                updated_by: by.or(annotation("grafana.app/createdBy")).unwrap_or_default(),
                body: spec,
                is_converted,
            }
        }))
    }

    async fn object(
        &self,
        newer: &Newer,
        version: &str,
        uid: &str,
    ) -> Result<Said<Object>, Refusal> {
        let (version, namespace, uid) = (encode(version), encode(&newer.namespace), encode(uid));
        let group = "/apis/dashboard.grafana.app";
        self.get(&format!("{group}/{version}/namespaces/{namespace}/dashboards/{uid}"), &[]).await
    }
}
