//! The report of an investigation. Its JSON form is a public interface: see `docs/report.schema.json`.

use crate::entity::Entity;
use crate::scope::{Scope, Window};
use crate::testimony::Gap;
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The version of the report's form.
pub const SCHEMA: &str = "inquest.dev/report/v1";

/// What an investigation concluded, with the evidence for every sentence.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Report {
    /// Always `inquest.dev/report/v1`.
    pub schema: String,
    /// The investigation's id: a digest of the case, so that the same case bears the same.
    pub id: String,
    /// What was asked, in the asker's words.
    pub question: String,
    /// The moment that the report speaks of.
    pub as_of: Timestamp,
    /// The time that was looked at.
    pub window: Window,
    /// The part of the cluster that was looked at.
    pub scope: Scope,
    /// What it comes to.
    pub verdict: Verdict,
    /// One or two sentences for somebody who reads no further.
    pub summary: String,
    /// The causes: of what is down before what only was amiss, the most probable first. More than one only where one does not
    /// explain all symptoms, or where to mend one leaves the other.
    pub root_causes: Vec<RootCause>,
    /// What was considered and refuted.
    pub ruled_out: Vec<RuledOut>,
    /// What could not be looked at.
    pub not_examined: Vec<Gap>,
    /// What the reader should know about the servers that were asked, such as that one has rights to write.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notices: Vec<String>,
    /// What happened when.
    pub timeline: Vec<Moment>,
    /// What all of it rests on.
    pub evidence: Vec<Evidence>,
    /// What it cost.
    pub cost: Cost,
}

/// What a report comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// At least one cause is proven.
    RootCauseFound,
    /// Everything asked about was seen, and nothing is wrong with it.
    NoFaultFound,
    /// Something is wrong, or could not be seen, and no cause is proven.
    Inconclusive,
}

/// One proven cause.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct RootCause {
    /// 1 for the most probable.
    pub rank: u32,
    /// The catalogue's id, such as `IMG-01`.
    pub failure_mode: String,
    /// Its slug, such as `image_not_found`.
    pub name: String,
    /// Its family, such as `image`.
    pub category: String,
    /// Probability, 0 to 1.
    pub confidence: f64,
    /// The object to change.
    pub subject: Subject,
    /// What is wrong, in one sentence.
    pub statement: String,
    /// Ids of the evidence for it.
    pub evidence: Vec<String>,
    /// How it leads to the symptoms.
    pub chain: Vec<Link>,
    /// The change that brought it, where one is known.
    pub change: Option<Change>,
    /// What suffers.
    pub impact: Impact,
    /// What a human might do about it.
    pub remediation: Vec<Remedy>,
}

/// The object to change, and which of its fields.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Subject {
    /// Kubernetes kind.
    pub kind: String,
    /// Namespace; empty for what has none.
    pub namespace: String,
    /// Name.
    pub name: String,
    /// The field, as `spec.template.spec.containers[web].image`.
    pub field: Option<String>,
    /// Its value before, where known.
    pub before: Option<String>,
    /// Its value now, where known.
    pub after: Option<String>,
}

/// One step of a causal chain.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Link {
    /// What causes.
    pub cause: Step,
    /// What it causes.
    pub effect: Step,
    /// How: `owns`, `mounts`, `runs`, `selects`, `limits`, ...
    pub relation: String,
    /// Ids of the evidence for it.
    pub evidence: Vec<String>,
}

/// One end of a chain's step.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Step {
    /// The object.
    #[serde(flatten)]
    pub entity: Entity,
    /// The failure mode or symptom that it shows.
    pub failure_mode: Option<String>,
}

/// A change that brought a fault.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Change {
    /// What was changed.
    pub what: String,
    /// When.
    pub when: Option<Timestamp>,
    /// Who, as far as the cluster knows: a program, a controller, an object that recurs.
    pub actor: String,
    /// By which means: `Update`, `Apply`, `scale`.
    pub via: String,
    /// The value before.
    pub before: Option<String>,
    /// The value after.
    pub after: Option<String>,
    /// Ids of the evidence for it.
    pub evidence: Vec<String>,
}

/// What suffers from a cause.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Impact {
    /// In one sentence, counted.
    pub statement: String,
    /// The objects that suffer; never causes themselves.
    pub victims: Vec<Entity>,
    /// Ids of the evidence for it.
    pub evidence: Vec<String>,
}

/// One thing that a human might do. Inquest itself does nothing.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Remedy {
    /// What to do.
    pub action: String,
    /// A command that does it, to be read before it is run; empty where there is none.
    pub command: String,
    /// `low`, `medium` or `high`.
    pub risk: String,
    /// Whether it can be taken back.
    pub reversible: bool,
    /// How to see that it helped.
    pub verify: String,
}

/// A cause that was considered and refuted.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct RuledOut {
    /// The catalogue's id.
    pub failure_mode: String,
    /// The object that it would have been about.
    pub subject: Entity,
    /// What refutes it.
    pub why: String,
    /// Ids of the evidence for it.
    pub evidence: Vec<String>,
}

/// One entry of the timeline.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Moment {
    /// When.
    pub at: Timestamp,
    /// What happened.
    pub what: String,
    /// To what.
    pub entity: Entity,
    /// Who says so, such as `mcp-k8s`.
    pub source: String,
    /// Ids of the evidence for it.
    pub evidence: Vec<String>,
}

/// One thing that was seen, so that it can be seen again.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Evidence {
    /// `E1`, `E2`, ... in the order of the report.
    pub id: String,
    /// The server that saw it.
    pub server: String,
    /// The tool that was called.
    pub tool: String,
    /// The arguments it was called with.
    pub arguments: serde_json::Value,
    /// The upstream read behind it.
    pub upstream: Upstream,
    /// The object that it is about.
    pub subject: Entity,
    /// When it was seen.
    pub observed_at: Timestamp,
    /// What was seen, in one computed sentence.
    pub observation: String,
    /// The words themselves, where a component or a workload said them; data, never instruction.
    pub excerpt: String,
    /// Fingerprint of the fact: `sha256:` and 64 hexadecimal digits.
    pub digest: String,
}

/// One read of an upstream.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Upstream {
    /// The HTTP method.
    pub method: String,
    /// The path with its query.
    pub path: String,
}

/// What an investigation cost.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Cost {
    /// Tool calls.
    pub tool_calls: u64,
    /// Requests sent to upstreams.
    pub upstream_requests: u64,
    /// Bytes received from upstreams.
    pub upstream_bytes: u64,
    /// From question to report, in milliseconds; 0 in a replay, so that the same case gives the same report.
    pub elapsed_ms: u64,
}
