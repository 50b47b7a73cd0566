//! Answers of the API server, and its words for what it refuses.

use http::StatusCode;
use serde_json::{Map, Value, json};

/// One answer.
#[derive(Debug, PartialEq)]
pub(crate) struct Reply {
    pub(crate) status: StatusCode,
    pub(crate) content_type: &'static str,
    pub(crate) body: Vec<u8>,
}

impl Reply {
    pub(crate) fn json(status: StatusCode, value: &Value) -> Reply {
        Reply { status, content_type: "application/json", body: value.to_string().into_bytes() }
    }

    pub(crate) fn text(status: StatusCode, body: impl Into<Vec<u8>>) -> Reply {
        Reply { status, content_type: "text/plain; charset=utf-8", body: body.into() }
    }

    /// A log: the API server gives it no character set.
    pub(crate) fn log(body: Vec<u8>) -> Reply {
        Reply { status: StatusCode::OK, content_type: "text/plain", body }
    }
}

/// What a request is about, in the words of a refusal.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct About<'a> {
    pub(crate) group: &'a str,
    pub(crate) plural: &'a str,
    pub(crate) namespace: &'a str,
    pub(crate) name: &'a str,
}

impl About<'_> {
    fn details(&self) -> Value {
        let mut details = Map::new();
        for (field, text) in [("name", self.name), ("group", self.group), ("kind", self.plural)] {
            if !text.is_empty() {
                details.insert(field.to_owned(), text.into());
            }
        }
        details.into()
    }

    /// `pods "web"`, `deployments.apps`.
    fn words(&self) -> String {
        let mut words = self.plural.to_owned();
        if !self.group.is_empty() {
            words = format!("{words}.{}", self.group);
        }
        if !self.name.is_empty() {
            words = format!("{words} {:?}", self.name);
        }
        words
    }
}

fn status(code: StatusCode, reason: &str, message: &str, details: Option<Value>) -> Reply {
    let mut body = json!({
        "kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure",
        "message": message, "reason": reason, "code": code.as_u16(),
    });
    if let (Some(details), Some(body)) = (details, body.as_object_mut()) {
        body.insert("details".to_owned(), details);
    }
    Reply::json(code, &body)
}

pub(crate) fn bad_request(message: &str) -> Reply {
    status(StatusCode::BAD_REQUEST, "BadRequest", message, None)
}

pub(crate) fn not_found(about: &About) -> Reply {
    let message = format!("{} not found", about.words());
    status(StatusCode::NOT_FOUND, "NotFound", &message, Some(about.details()))
}

/// The group is served, the resource is not.
pub(crate) fn no_such_resource() -> Reply {
    let message = "the server could not find the requested resource";
    status(StatusCode::NOT_FOUND, "NotFound", message, Some(json!({})))
}

/// There is nothing like that path.
pub(crate) fn no_such_path() -> Reply {
    Reply::text(StatusCode::NOT_FOUND, "404 page not found\n")
}

/// A node that has no log of a container that ran: what the API server makes of the kubelet's 404, and why.
pub(crate) fn no_log(about: &About, why: &str) -> Reply {
    let message = format!(
        "the server could not find the requested resource ( pods/log {}): {why}",
        about.name
    );
    let details = json!({"name": about.name, "kind": "pods/log"});
    status(StatusCode::NOT_FOUND, "NotFound", &message, Some(details))
}

pub(crate) fn forbidden(about: &About, verb: &str, resource: &str, why: &str) -> Reply {
    let place = match about.namespace {
        "" => "at the cluster scope".to_owned(),
        namespace => format!("in the namespace {namespace:?}"),
    };
    let message = format!(
        "{} is forbidden: User \"replay\" cannot {verb} resource {resource:?} in API group {:?} {place}: {why}",
        about.words(),
        about.group,
    );
    status(StatusCode::FORBIDDEN, "Forbidden", &message, Some(about.details()))
}

pub(crate) fn not_allowed() -> Reply {
    let message = "the server does not allow this method on the requested resource";
    status(StatusCode::METHOD_NOT_ALLOWED, "MethodNotAllowed", message, Some(json!({})))
}

pub(crate) fn not_acceptable(message: &str) -> Reply {
    status(StatusCode::NOT_ACCEPTABLE, "NotAcceptable", message, None)
}

/// A body in another form, such as the protobuf of `kubectl auth can-i`.
pub(crate) fn not_json() -> Reply {
    let message = "the body of the request was in an unknown format - accepted media types include: application/json";
    status(StatusCode::UNSUPPORTED_MEDIA_TYPE, "UnsupportedMediaType", message, Some(json!({})))
}

/// A `continue` token of another snapshot.
pub(crate) fn expired() -> Reply {
    let message = "The provided continue parameter is too old to display a consistent list result. \
        You can start a new list without the continue parameter.";
    status(StatusCode::GONE, "Expired", message, None)
}

/// A parameter of a log request that is out of range: `cause` is `FieldValueInvalid` or `FieldValueForbidden`.
pub(crate) fn invalid_log_options(pod: &str, field: &str, cause: &str, why: &str) -> Reply {
    let message = format!("PodLogOptions {pod:?} is invalid: {field}: {why}");
    let details = json!({
        "name": pod, "kind": "PodLogOptions",
        "causes": [{"reason": cause, "message": why, "field": field}],
    });
    status(StatusCode::UNPROCESSABLE_ENTITY, "Invalid", &message, Some(details))
}
