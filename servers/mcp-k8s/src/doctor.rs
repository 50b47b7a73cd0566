//! What the cluster lets us do: reachable, which version, whose clock, and which reads are denied.

use crate::rights;
use crate::server::Kubernetes;
use clients::kubernetes::rbac;
use jiff::SignedDuration;
use mcp::failure::Failure;

/// What was found out about one cluster.
#[derive(Clone, Debug, PartialEq)]
pub struct Health {
    /// The cluster's name.
    pub cluster: String,
    /// Where its API answers.
    pub address: String,
    /// Its version, such as `v1.34.4`.
    pub version: String,
    /// How far its clock is ahead of ours; none where it did not say the time.
    pub skew: Option<SignedDuration>,
    /// What its readiness check complains about; none where it is ready or does not say.
    pub not_ready: Option<String>,
    /// The rights, in the order of the table of reads.
    pub rights: Vec<Right>,
}

/// Whether one kind may be listed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Right {
    /// The kind, as `deployments.apps` or `pods/log`.
    pub what: String,
    /// It may be; none where nobody could tell.
    pub allowed: Option<bool>,
    /// The rule that would allow it, on one line; empty where it is allowed.
    pub missing: String,
}

impl Kubernetes {
    /// Asks for the version, readiness, clock and rights.
    ///
    /// # Errors
    /// Where the cluster is not configured or does not answer at all.
    pub async fn doctor(&self) -> Result<Health, Failure> {
        let client = self.client().await?;
        let version = client.version().await.map_err(|refusal| Failure::from(&refusal))?;
        let not_ready = match client.ready().await.map_err(|refusal| Failure::from(&refusal)) {
            Ok(()) => None,
            // Who may not ask has not been told that it is not ready.
            Err(failure) if failure.code == mcp::failure::Code::Forbidden => None,
            Err(failure) => Some(failure.message),
        };
        let rights = rights::everywhere(&client).await.into_iter().map(|right| {
            let missing = match (right.allowed, right.part) {
                (Some(true), _) => String::new(),
                (_, "") => rbac::rule_for(&right.resource),
                (_, log) => format!("{{apiGroups: [\"\"], resources: [pods/{log}], verbs: [get]}}"),
            };
            Right { what: right.name(), allowed: right.allowed, missing }
        });
        Ok(Health {
            cluster: client.cluster().name.clone(),
            address: client.cluster().address.clone(),
            version: version.git_version,
            skew: version.ahead,
            not_ready,
            rights: rights.collect(),
        })
    }
}
