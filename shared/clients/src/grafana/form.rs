//! Which of the two forms of its API a Grafana has: `/apis` since version 12, and `/api` in all of them so far.

use crate::grafana::connection::Grafana;
use crate::grafana::reads::{GROUP, ORGANISATION};
use crate::web::tolerant::or_nothing;
use readonly::refusal::{Kind, Refusal};
use serde::Deserialize;

/// The versions in which the newer form carries a dashboard as it always was, the best first. Where none of them is
/// served, no dashboard can be kept in a later schema, so that the older form loses nothing.
const PLAIN: [&str; 2] = ["v1", "v1beta1"];
/// The namespace of the first organisation.
const FIRST: &str = "default";

/// Which form dashboards are read in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Form {
    /// `/api`.
    Older,
    /// `/apis`.
    Newer(Newer),
}

/// Where the newer form has its dashboards.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Newer {
    /// The version to read first, such as `v1beta1`.
    pub version: String,
    /// All versions that are served.
    pub served: Vec<String>,
    /// The namespace that stands for the organisation.
    pub namespace: String,
}

impl std::fmt::Display for Form {
    /// `/api`, or `/apis v1beta1`.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Form::Older => f.write_str("/api"),
            Form::Newer(newer) => write!(f, "/apis {}", newer.version),
        }
    }
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Group {
    #[serde(deserialize_with = "or_nothing")]
    versions: Vec<Served>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Served {
    #[serde(deserialize_with = "or_nothing")]
    version: String,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Organisation {
    id: u64,
}

impl Grafana {
    /// The form that dashboards are read in, found out once. An answer that leaves it open counts for this time only.
    ///
    /// # Errors
    /// Where the server does not answer.
    pub async fn form(&self) -> Result<Form, Refusal> {
        match self.form.get_or_try_init(|| self.find_form()).await {
            Ok(form) => Ok(form.clone()),
            Err(refusal) if is_refused(&refusal) => Ok(Form::Older),
            Err(refusal) => Err(refusal),
        }
    }

    async fn find_form(&self) -> Result<Form, Refusal> {
        let group: Group = match self.get(GROUP, &[]).await {
            Ok(said) => said.data,
            Err(refusal) if has_none(&refusal) => return Ok(Form::Older),
            Err(refusal) => return Err(refusal),
        };
        let served: Vec<String> = group.versions.into_iter().map(|it| it.version).collect();
        let Some(version) = PLAIN.into_iter().find(|it| served.iter().any(|has| has == it)) else {
            return Ok(Form::Older);
        };
        let namespace = match &self.namespace {
            Some(namespace) => namespace.clone(),
            None => self.own_namespace().await?,
        };
        Ok(Form::Newer(Newer { version: version.to_owned(), served, namespace }))
    }

    /// The namespace that Grafana keeps our organisation in.
    async fn own_namespace(&self) -> Result<String, Refusal> {
        match self.get::<Organisation>(ORGANISATION, &[]).await {
            Ok(said) if said.data.id > 1 => Ok(format!("org-{}", said.data.id)),
            Ok(_) => Ok(FIRST.to_owned()),
            // Most have one organisation; in another, reads fall back to the older form.
            Err(refusal) if is_refused(&refusal) || has_none(&refusal) => Ok(FIRST.to_owned()),
            Err(refusal) => Err(refusal),
        }
    }
}

/// Whether a server says that it has no such thing. Older ones answer with their web page, or lead to their login.
pub(crate) fn has_none(refusal: &Refusal) -> bool {
    match &refusal.kind {
        Kind::NotFound(_) | Kind::Malformed(_) => true,
        Kind::Status { status, .. } => (300..400).contains(status) || *status == 405,
        _ => false,
    }
}

/// Whether it says that we may not know.
pub(crate) fn is_refused(refusal: &Refusal) -> bool {
    matches!(refusal.kind, Kind::Forbidden(_) | Kind::Unauthorized)
}
