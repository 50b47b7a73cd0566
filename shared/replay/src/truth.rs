//! What is right about a scenario, written before anybody tried it: `truth.yaml`.

use evidence::entity::Entity;
use evidence::report::Verdict;
use serde::{Deserialize, Deserializer};

/// The right answer to a scenario, and how it is asked.
///
/// Where a list is expected one value will do, so that a page can be written by hand.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Truth {
    /// What the report should come to.
    pub verdict: Verdict,
    /// The failure modes any of which counts as right, by id.
    #[serde(default, deserialize_with = "one_or_many")]
    pub failure_mode: Vec<String>,
    /// The objects to change any of which counts as right.
    #[serde(default, deserialize_with = "one_or_many")]
    pub subjects: Vec<Entity>,
    /// The change that brought the fault.
    #[serde(default)]
    pub change: Option<Change>,
    /// Objects that a report must not name as a root cause.
    #[serde(default, deserialize_with = "one_or_many")]
    pub must_not_blame: Vec<Entity>,
    /// What is asked, in plain words.
    #[serde(default)]
    pub question: Option<String>,
    /// The namespace that is asked about.
    #[serde(default)]
    pub namespace: Option<String>,
    /// The workload that is asked about, as `KIND/NAME`.
    #[serde(default)]
    pub workload: Option<String>,
    /// The alert that is asked about: a file of the snapshot.
    #[serde(default)]
    pub alert: Option<String>,
    /// The causes, where several are independent of each other.
    #[serde(default, deserialize_with = "one_or_many")]
    pub causes: Vec<Cause>,
    /// Other answers that count as right.
    #[serde(default, deserialize_with = "one_or_many")]
    pub accept: Vec<Accept>,
    /// The family that the scenario is counted in, such as `image`.
    #[serde(default)]
    pub category: Option<String>,
    /// For those who read it.
    #[serde(default)]
    pub note: Option<String>,
}

/// The change that brought a fault.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Change {
    /// What was changed.
    #[serde(default)]
    pub what: Option<String>,
    /// Who changed it.
    #[serde(default)]
    pub actor: Option<String>,
}

/// One of several independent causes.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cause {
    /// The failure modes any of which counts as right, by id.
    #[serde(default, deserialize_with = "one_or_many")]
    pub failure_mode: Vec<String>,
    /// The objects to change any of which counts as right.
    #[serde(default, deserialize_with = "one_or_many")]
    pub subjects: Vec<Entity>,
    /// The change that brought it.
    #[serde(default)]
    pub change: Option<Change>,
}

/// Another answer that counts as right.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Accept {
    /// What the report may come to.
    pub verdict: Verdict,
    /// The failure modes any of which will do; none asks for none.
    #[serde(default, deserialize_with = "one_or_many")]
    pub failure_mode: Vec<String>,
    /// The objects any of which will do; none asks for none.
    #[serde(default, deserialize_with = "one_or_many")]
    pub subjects: Vec<Entity>,
    /// How sure the report may be at most, 0 to 1.
    #[serde(default)]
    pub max_confidence: Option<f64>,
}

/// A list, or the one value that it would have.
fn one_or_many<'de, D, T>(deserializer: D) -> Result<Vec<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum OneOrMany<T> {
        Many(Vec<T>),
        One(T),
    }
    Ok(match Option::deserialize(deserializer)? {
        None => Vec::new(),
        Some(OneOrMany::Many(many)) => many,
        Some(OneOrMany::One(one)) => vec![one],
    })
}
