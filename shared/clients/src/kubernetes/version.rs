//! Asks which version the API server is, whether it is ready, and what time it has.

use crate::kubernetes::connection::{JSON, Kubernetes};
use http::header::DATE;
use jiff::fmt::rfc2822;
use jiff::{SignedDuration, SignedDurationRound, Timestamp, Unit};
use readonly::body;
use readonly::refusal::Refusal;
use serde::Deserialize;

/// Where the version is told.
pub(crate) const VERSION: &str = "/version";
/// Where it is told whether the server is ready.
pub(crate) const READY: &str = "/readyz";
/// Bytes of either answer at most.
const ANSWER: usize = 64 << 10;

/// What the API server says of itself.
#[derive(Clone, Debug, PartialEq)]
pub struct Version {
    /// Such as `v1.34.4`.
    pub git_version: String,
    /// Such as `linux/amd64`.
    pub platform: String,
    /// How far its clock is ahead of ours, give or take a second; none where it did not say the time.
    pub ahead: Option<SignedDuration>,
    /// When it answered.
    pub observed_at: Timestamp,
}

impl Kubernetes {
    /// Asks for the version; works with any identity on an ordinary cluster.
    pub async fn version(&self) -> Result<Version, Refusal> {
        let response = self.read(VERSION, JSON).await?;
        let observed_at = self.now();
        let date = response.headers().get(DATE).and_then(|date| date.to_str().ok());
        let theirs = date.and_then(|date| rfc2822::parse(date).ok()).map(|date| date.timestamp());
        let ahead = theirs.map(|theirs| whole_seconds(theirs.duration_since(observed_at)));
        let said: Said = body::json(response, ANSWER).await?;
        Ok(Version { git_version: said.git_version, platform: said.platform, ahead, observed_at })
    }

    /// Asks whether it is ready. What is not is in the refusal's message, as `[-]etcd failed`.
    pub async fn ready(&self) -> Result<(), Refusal> {
        let response = self.read(READY, "*/*").await?;
        body::whole(response, ANSWER).await.map(drop)
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Said {
    git_version: String,
    #[serde(default)]
    platform: String,
}

/// The `Date` header has no fractions, so neither has the difference.
fn whole_seconds(difference: SignedDuration) -> SignedDuration {
    difference.round(SignedDurationRound::new().smallest(Unit::Second)).unwrap_or(difference)
}
