//! What one tool call brings back: facts, where it looked, and the gaps where it could not.

use crate::fact::Fact;
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What one tool call saw, and what it could not see.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Testimony {
    /// The server that testifies, such as `mcp-k8s`.
    pub server: String,
    /// The tool that was called.
    pub tool: String,
    /// The arguments it was called with.
    #[serde(default)]
    pub arguments: serde_json::Value,
    /// The upstream reads behind the facts; a fact names one by its position.
    #[serde(default)]
    pub sources: Vec<Source>,
    /// What was seen.
    #[serde(default)]
    pub facts: Vec<Fact>,
    /// Where it looked, and whether it saw all of it.
    #[serde(default)]
    pub looks: Vec<Look>,
    /// What could not be seen, and what to do about it.
    #[serde(default)]
    pub gaps: Vec<Gap>,
    /// What whoever hears it should know about the witness, such as that its identity may write.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notices: Vec<String>,
    /// What it cost.
    #[serde(default)]
    pub cost: Cost,
}

/// One read of an upstream.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Source {
    /// The HTTP method.
    pub method: String,
    /// The path with its query.
    pub path: String,
    /// When the upstream answered.
    pub observed_at: Timestamp,
}

/// A place that was looked into. What is not in a `complete` look is absent; elsewhere it is unknown.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct Look {
    /// The Kubernetes kind, or another system's own word for what was listed.
    pub kind: String,
    /// The namespace; empty for all of them, and for what has none.
    #[serde(default)]
    pub namespace: String,
    /// Everything there was seen.
    pub complete: bool,
}

/// A place we could not look into.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct Gap {
    /// The server that could not look.
    pub server: String,
    /// What was not seen.
    pub what: String,
    /// Why.
    pub why: String,
    /// What to do about it.
    pub remedy: String,
}

/// What answering took.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Cost {
    /// Requests sent to upstreams.
    pub upstream_requests: u64,
    /// Bytes received from upstreams, after decompression.
    pub upstream_bytes: u64,
}
