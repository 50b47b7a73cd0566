//! Asks the API server what our identity may do: the only requests that are not a GET.

use crate::kubernetes::connection::{JSON, Kubernetes, request};
use crate::kubernetes::reach::Reach;
use crate::kubernetes::resource::Resource;
use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderValue, Method};
use readonly::body;
use readonly::refusal::Refusal;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

/// Where to ask whether we may do one thing.
pub(crate) const ACCESS_REVIEWS: &str = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews";
/// Where to ask for all that we may do.
pub(crate) const RULES_REVIEWS: &str = "/apis/authorization.k8s.io/v1/selfsubjectrulesreviews";
/// Bytes of an answer at most: an administrator of many groups has some hundred rules.
const REVIEW: usize = 2 << 20;

/// Whether something may be done.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Access {
    /// It may.
    pub allowed: bool,
    /// The server's words on why, where it has any.
    pub reason: String,
}

/// What our identity may do in one namespace.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Rules {
    /// The server could not list them all, so what is not here is unknown.
    pub incomplete: bool,
    /// Rights on objects.
    pub resource_rules: Vec<ResourceRule>,
}

/// One right.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct ResourceRule {
    /// `get`, `list`, ..., or `*`.
    pub verbs: Vec<String>,
    /// API groups, or `*`.
    pub api_groups: Vec<String>,
    /// Plurals, `pods/log` and the like, or `*`.
    pub resources: Vec<String>,
    /// Only objects of these names; empty for all.
    pub resource_names: Vec<String>,
}

impl Rules {
    /// They allow `verb` on all objects of `resource`, or of its subresource where one is named.
    pub fn allow(&self, verb: &str, resource: &Resource, subresource: &str) -> bool {
        let plural = match subresource {
            "" => resource.plural.to_string(),
            subresource => format!("{}/{subresource}", resource.plural),
        };
        self.resource_rules.iter().any(|rule| {
            let any_name = rule.resource_names.is_empty();
            any_name
                && names(&rule.verbs, verb)
                && names(&rule.api_groups, &resource.group)
                && names(&rule.resources, &plural)
        })
    }
}

impl Kubernetes {
    /// Asks whether we may `verb` objects of `resource`, or of its subresource where one is named.
    pub async fn may(
        &self,
        verb: &str,
        resource: &Resource,
        subresource: &str,
        reach: Reach<'_>,
    ) -> Result<Access, Refusal> {
        let attributes = json!({
            "verb": verb,
            "group": resource.group,
            "version": resource.version,
            "resource": resource.plural,
            "subresource": subresource,
            "namespace": reach.namespace(),
        });
        let spec = json!({ "resourceAttributes": attributes });
        self.review("SelfSubjectAccessReview", ACCESS_REVIEWS, spec).await
    }

    /// Asks for everything we may do in `namespace`, cluster-wide rights included.
    pub async fn rules(&self, namespace: &str) -> Result<Rules, Refusal> {
        let spec = json!({ "namespace": namespace });
        self.review("SelfSubjectRulesReview", RULES_REVIEWS, spec).await
    }

    /// Posts a question about ourselves; the server answers it in `status` and keeps nothing.
    async fn review<T: DeserializeOwned>(
        &self,
        kind: &str,
        path: &str,
        spec: Value,
    ) -> Result<T, Refusal> {
        let review = json!({ "apiVersion": "authorization.k8s.io/v1", "kind": kind, "spec": spec });
        let body = Bytes::from(review.to_string());
        let mut request = request(Method::POST, path, JSON, body)?;
        request.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(JSON));
        let response = self.reader.read(request).await?;
        let reviewed: Reviewed<T> = body::json(response, REVIEW).await?;
        Ok(reviewed.status)
    }
}

#[derive(Deserialize)]
struct Reviewed<T> {
    status: T,
}

/// A rule names `wanted`, or everything.
fn names(list: &[String], wanted: &str) -> bool {
    list.iter().any(|name| name == wanted || name == "*")
}
