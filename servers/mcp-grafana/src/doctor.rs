//! What there is to say of Grafana: reachable, which version, whose clock, and what may be read.

use crate::server::Grafana;
use clients::grafana::annotations::Wanted;
use clients::web::said::Said;
use jiff::{SignedDuration, Timestamp};
use mcp::failure::Failure;

/// How it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Health {
    /// Where it answers.
    pub address: String,
    /// Its version, as `Grafana 12.4.0`.
    pub version: String,
    /// How far its clock is ahead of ours; none where it did not say the time.
    pub skew: Option<SignedDuration>,
    /// The form of its API that dashboards are read in, or why that could not be found out.
    pub form: String,
    /// What is read of it, each with why it may not be.
    pub reads: Vec<(&'static str, Option<String>)>,
}

impl Grafana {
    /// Asks how it is.
    ///
    /// # Errors
    /// Where none is configured, or it does not answer.
    pub async fn doctor(&self) -> Result<Health, Failure> {
        let client = self.client()?;
        let said = client.health().await.map_err(|refusal| Failure::from(&refusal))?;
        let form = match client.form().await {
            Ok(form) => form.to_string(),
            Err(refusal) => Failure::from(&refusal).message,
        };
        let lately = Wanted {
            start: Timestamp::from_second(client.now().as_second() - 60).unwrap_or(client.now()),
            end: client.now(),
            tags: Vec::new(),
            dashboard: String::new(),
            kind: "",
            limit: 1,
        };
        let (dashboards, datasources, rules, annotations) = tokio::join!(
            client.search("", ""),
            client.datasources(),
            client.rules(),
            client.annotations(&lately)
        );
        let reads = vec![
            ("dashboards", why_not(dashboards)),
            ("data sources", why_not(datasources)),
            ("alert rules", why_not(rules)),
            ("annotations", why_not(annotations)),
        ];
        let version = match said.data.version.as_str() {
            "" => "Grafana, which hides its version".to_owned(),
            version => format!("Grafana {version}"),
        };
        let address = client.address().to_owned();
        Ok(Health { address, version, skew: said.ahead, form, reads })
    }
}

fn why_not<T, R>(answer: Result<Said<T>, R>) -> Option<String>
where
    Failure: for<'a> From<&'a R>,
{
    answer.err().map(|refusal| Failure::from(&refusal).message)
}
