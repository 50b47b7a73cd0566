//! What may be sent, from what is published: the roles in `deploy`, and the tables of the clients; apart from the list that
//! the transport enforces.

use crate::role::Rule;
use crate::witness::Oracle;
use bytes::Bytes;
use http::{Method, Request};
use serde::Deserialize;
use std::collections::BTreeSet;
use std::path::Path;

/// What asks about ourselves alone.
const REVIEWS: [&str; 2] = [
    "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews",
    "/apis/authorization.k8s.io/v1/selfsubjectrulesreviews",
];
/// The form of lists without what objects hold.
const METADATA: &str = "as=PartialObjectMetadataList";

/// A role as it is applied.
#[derive(Deserialize)]
struct Role {
    rules: Vec<Rule>,
}

/// What a role in `deploy` lets read: kinds by group, and paths.
fn role(server: &str) -> (BTreeSet<(String, String)>, Vec<String>) {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../deploy").join(server);
    let text = std::fs::read_to_string(file.join("cluster-role.yaml")).unwrap();
    let role: Role = serde_saphyr::from_str(&text).unwrap();
    let mut kinds = BTreeSet::new();
    let reads = |rule: &&Rule| rule.verbs.iter().any(|verb| verb == "get" || verb == "list");
    for rule in role.rules.iter().filter(reads) {
        for group in &rule.api_groups {
            kinds.extend(rule.resources.iter().map(|it| (group.clone(), it.clone())));
        }
    }
    (kinds, role.rules.into_iter().flat_map(|rule| rule.paths).collect())
}

/// What `mcp-k8s` may send: what its role lets read, custom kinds, and of Secrets the metadata of Helm's own.
pub(crate) fn kubernetes() -> Oracle {
    let (kinds, paths) = role("mcp-k8s");
    Box::new(move |request| {
        let Some(segments) = plain(request) else { return false };
        let path = request.uri().path();
        if request.method() == Method::POST {
            return REVIEWS.contains(&path);
        }
        let discovers =
            |rest: &[&str]| matches!(rest, ["api", "v1"] | ["apis", _] | ["apis", _, _]);
        let (group, rest) = match segments.as_slice() {
            rest if discovers(rest) || paths.iter().any(|it| it == path) => return true,
            ["api", "v1", rest @ ..] => ("", rest),
            ["apis", group, _, rest @ ..] => (*group, rest),
            _ => return false,
        };
        let (plural, part) = kind(rest);
        if plural.eq_ignore_ascii_case("secrets") {
            return group.is_empty() && rest.ends_with(&["secrets"]) && is_helms(request);
        }
        let known = |plural: &str| kinds.contains(&(group.to_owned(), plural.to_owned()));
        match part {
            "" => known(plural) || !kinds.iter().any(|kind| kind.0 == group),
            part => known(&format!("{plural}/{part}")),
        }
    })
}

/// What `mcp-helm` may send: lists as metadata, and objects that are named as releases are.
pub(crate) fn helm() -> Oracle {
    Box::new(|request| {
        let Some(segments) = plain(request) else { return false };
        match segments.as_slice() {
            _ if request.method() == Method::POST => REVIEWS.contains(&request.uri().path()),
            ["api", "v1", "namespaces"] | ["api", "v1", "namespaces", _] => true,
            ["api", "v1", "secrets" | "configmaps"]
            | ["api", "v1", "namespaces", _, "secrets" | "configmaps"] => {
                accepts(request, METADATA)
            }
            ["api", "v1", "namespaces", _, "secrets" | "configmaps", name] => {
                name.starts_with("sh.helm.release.v1.")
            }
            _ => false,
        }
    })
}

/// What stands in a table of methods and paths, where `{}` is any one segment.
pub(crate) fn table(rows: Vec<(&'static str, &'static str)>) -> Oracle {
    Box::new(move |request| {
        let Some(segments) = plain(request) else { return false };
        let fits = |template: &str| {
            let template: Vec<&str> = template.split('/').skip(1).collect();
            template.len() == segments.len()
                && template.iter().zip(&segments).all(|(one, it)| one.starts_with('{') || one == it)
        };
        let writes =
            segments.iter().any(|it| matches!(*it, "-" | "admin" | "proxy" | "query_exemplars"));
        !writes && rows.iter().any(|row| row.0 == request.method().as_str() && fits(row.1))
    })
}

/// The segments of a request to our upstream that can be understood in one way only.
fn plain(request: &Request<Bytes>) -> Option<Vec<&str>> {
    let segments: Vec<&str> = request.uri().path().strip_prefix('/')?.split('/').collect();
    let lower = request.uri().path().to_ascii_lowercase();
    let odd =
        ["%2f", "%5c", "%00", "%25", "%2e%2e", "\\", ".."].iter().any(|it| lower.contains(it));
    let one_way = !segments.contains(&"") && !odd && request.uri().authority().is_none();
    let reads = request.method() == Method::POST
        || (request.method() == Method::GET && request.body().is_empty());
    let as_it_is = request.headers().keys().all(|name| !name.as_str().contains("override"));
    (one_way && reads && as_it_is).then_some(segments)
}

/// The plural of what is asked for, and the part of an object.
fn kind<'a>(rest: &[&'a str]) -> (&'a str, &'a str) {
    match rest {
        ["namespaces", _, plural] | ["namespaces", _, plural, _] => (plural, ""),
        ["namespaces", _, plural, _, part] | [plural, _, part] => (plural, part),
        [plural] | [plural, _] => (plural, ""),
        _ => ("", "too long"),
    }
}

fn is_helms(request: &Request<Bytes>) -> bool {
    let pairs = url::form_urlencoded::parse(request.uri().query().unwrap_or_default().as_bytes());
    let selectors: Vec<_> = pairs.filter(|pair| pair.0 == "labelSelector").collect();
    selectors.len() == 1
        && selectors.iter().all(|pair| pair.1 == "owner=helm")
        && accepts(request, METADATA)
}

fn accepts(request: &Request<Bytes>, form: &str) -> bool {
    let accepted = request.headers().get("accept").and_then(|it| it.to_str().ok());
    accepted.is_some_and(|accepted| accepted.contains(form) && !accepted.contains(','))
}
