//! A role, as it is applied.

use serde::Deserialize;

/// What is granted together.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Rule {
    #[serde(default)]
    pub(crate) api_groups: Vec<String>,
    #[serde(default)]
    pub(crate) resources: Vec<String>,
    #[serde(default, rename = "nonResourceURLs")]
    pub(crate) paths: Vec<String>,
    pub(crate) verbs: Vec<String>,
}
