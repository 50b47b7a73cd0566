//! A release as Helm 3 and 4 write it, reduced to what explains it: templates and files of its chart are passed over.

use jiff::Timestamp;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};
use serde_json::Value;
use serde_json::value::RawValue;

/// Bytes of the values of a chart, or of those given to it: some thousand lines. In memory they take up to sixteen
/// times as much.
const MOST_VALUES: usize = 4 << 20;

/// One revision of a release.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Release {
    /// Its name.
    pub name: String,
    /// Its namespace.
    pub namespace: String,
    /// The revision, from 1.
    pub version: u32,
    /// How it went.
    #[serde(deserialize_with = "or_default")]
    pub info: Info,
    /// What was installed.
    #[serde(deserialize_with = "or_default")]
    pub chart: Chart,
    /// The values that the user gave.
    pub config: Values,
    /// The objects that were made of them, in YAML.
    pub manifest: String,
    /// Objects that are made at certain moments.
    #[serde(deserialize_with = "or_default")]
    pub hooks: Vec<Hook>,
    /// `ssa` or `csa`, where it is said: Helm 4 does.
    pub apply_method: String,
}

/// How a revision went.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Info {
    /// When the first revision was begun.
    #[serde(deserialize_with = "moment")]
    pub first_deployed: Option<Timestamp>,
    /// When this one was.
    #[serde(deserialize_with = "moment")]
    pub last_deployed: Option<Timestamp>,
    /// When it was uninstalled.
    #[serde(deserialize_with = "moment")]
    pub deleted: Option<Timestamp>,
    /// What Helm says of it; of a failed one, why.
    pub description: String,
    /// `deployed`, `failed`, ...
    pub status: String,
    /// What the chart says to who installs it.
    pub notes: String,
}

/// A chart.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Chart {
    /// What it is.
    #[serde(deserialize_with = "or_default")]
    pub metadata: ChartMetadata,
    /// The values where the user gives none.
    pub values: Values,
}

/// What a chart is.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct ChartMetadata {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// The version of what it installs.
    pub app_version: String,
    /// Its maintainers gave it up.
    pub deprecated: bool,
}

/// An object that is made at a certain moment, such as a Job before an upgrade.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Hook {
    /// Its name.
    pub name: String,
    /// Its kind.
    pub kind: String,
    /// The object in YAML.
    pub manifest: String,
    /// When it is made: `pre-upgrade`, `test`, ...
    #[serde(deserialize_with = "or_default")]
    pub events: Vec<String>,
    /// How it last went.
    #[serde(deserialize_with = "or_default")]
    pub last_run: LastRun,
    /// Lower ones come first.
    pub weight: i64,
}

/// How a hook last went.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct LastRun {
    /// When it was begun.
    #[serde(deserialize_with = "moment")]
    pub started_at: Option<Timestamp>,
    /// When it ended.
    #[serde(deserialize_with = "moment")]
    pub completed_at: Option<Timestamp>,
    /// `Unknown`, `Running`, `Succeeded`, `Failed`, or nothing.
    pub phase: String,
}

/// Values as they stand in the release, not yet decoded: they may be larger than we decode.
#[derive(Debug, Default, Deserialize)]
#[serde(transparent)]
pub struct Values(Option<Box<RawValue>>);

impl Values {
    /// The values, secrets and all; an empty object where there are none.
    ///
    /// # Errors
    /// Their size in bytes, where it is more than is decoded.
    pub fn read(&self) -> Result<Value, usize> {
        let Some(raw) = &self.0 else { return Ok(Value::Object(serde_json::Map::new())) };
        let text = raw.get();
        if text.len() > MOST_VALUES {
            return Err(text.len());
        }
        // It was JSON when the release was decoded.
        Ok(serde_json::from_str(text).unwrap_or_default())
    }
}

/// Go writes `null` for what is empty.
fn or_default<'de, D: Deserializer<'de>, T: DeserializeOwned + Default>(
    decoder: D,
) -> Result<T, D::Error> {
    Ok(Option::<T>::deserialize(decoder)?.unwrap_or_default())
}

/// Helm 4 writes an empty text for no moment, Helm 3 the first of January of the year 1. One that we cannot read is not
/// worth the release.
fn moment<'de, D: Deserializer<'de>>(decoder: D) -> Result<Option<Timestamp>, D::Error> {
    let text = Option::<String>::deserialize(decoder)?.unwrap_or_default();
    if text.is_empty() || text.starts_with("0001-01-01") {
        return Ok(None);
    }
    Ok(text.parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn release(json: Value) -> Release {
        serde_json::from_str(&json.to_string()).unwrap()
    }

    #[test]
    fn null_is_empty_and_no_moment_is_none() {
        let it = release(json!({"hooks": null, "config": null, "chart": null, "info": {
            "first_deployed": "0001-01-01T00:00:00Z", "deleted": "",
            "last_deployed": "2026-11-21T13:00:00.5+01:00"}}));
        assert!(it.hooks.is_empty() && it.chart.metadata.name.is_empty());
        assert_eq!((it.info.first_deployed, it.info.deleted), (None, None));
        let last = it.info.last_deployed.unwrap();
        assert_eq!(last.to_string(), "2026-11-21T12:00:00.5Z");
        assert_eq!(it.config.read(), Ok(json!({})));
    }

    #[test]
    fn values_that_are_too_many_are_not_decoded() {
        let it = release(json!({"config": {"a": "b".repeat(MOST_VALUES)}}));
        assert_eq!(it.config.read(), Err(MOST_VALUES + r#"{"a":""}"#.len()));
    }
}
