//! The list of what may be asked. What is not on it is not sent.

use http::Method;
use percent_encoding::percent_decode_str;

/// Segments after an object's name that write or tunnel, even by a GET. No wildcard stands for one of these unless it names an
/// object: `services/{name}` may be a Service called `proxy`, `services/{name}/{part}` may not be its tunnel.
const NOT_READ: [&str; 9] = [
    "attach",
    "binding",
    "ephemeralcontainers",
    "eviction",
    "exec",
    "finalize",
    "portforward",
    "proxy",
    "token",
];

/// The methods that can read. POST is among them because some systems take a question in a body.
const METHODS: [Method; 3] = [Method::GET, Method::HEAD, Method::POST];

/// One kind of request that only reads: a method and a path template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Read {
    method: Method,
    template: Vec<Segment>,
    query_keys: Option<Vec<String>>,
    form: Option<&'static str>,
    required: Option<(&'static str, &'static str)>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Segment {
    Literal(String),
    /// One that begins so and goes on.
    Begins(String),
    One,
    Rest,
}

/// A template or method that cannot stand on an allow-list.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{method} {template} cannot be allowed: {why}")]
pub struct NotAllowable {
    method: String,
    template: String,
    why: &'static str,
}

/// The requests that may be sent.
#[derive(Clone, Debug, Default)]
pub struct AllowList {
    reads: Vec<Read>,
}

impl AllowList {
    /// A list of these reads.
    pub fn new(reads: Vec<Read>) -> AllowList {
        AllowList { reads }
    }

    /// Whether a request may be sent: its `path` as it goes over the wire, its `query` without the question mark, and the
    /// one `form` that its `Accept` header asks for, none where it names none or several.
    pub fn permits(
        &self,
        method: &Method,
        path: &str,
        query: Option<&str>,
        form: Option<&str>,
    ) -> bool {
        let Some(path) = segments(path) else {
            return false;
        };
        self.reads.iter().any(|read| {
            read.method == *method
                && read.permits_path(&path)
                && read.permits_query(query)
                && read.form.is_none_or(|only| form == Some(only))
        })
    }
}

impl Read {
    /// Allows `method` (GET, HEAD or POST) on `template`: in `/api/v1/namespaces/{namespace}/pods` the braces stand for exactly
    /// one segment, `web-{name}` for one that begins so, and a last `{rest*}` for one or more. Any query is allowed.
    pub fn new(method: Method, template: &str) -> Result<Read, NotAllowable> {
        let refuse =
            |why| NotAllowable { method: method.to_string(), template: template.to_owned(), why };
        if !METHODS.contains(&method) {
            return Err(refuse("the method does not read"));
        }
        let Some(segments) = segments(template) else {
            return Err(refuse("it is not a plain path that begins with a slash"));
        };
        let template: Vec<Segment> = segments.into_iter().map(segment).collect();
        if template.iter().rev().skip(1).any(|segment| *segment == Segment::Rest) {
            return Err(refuse("only its last segment may stand for several"));
        }
        let half_open = |segment: &Segment| matches!(segment, Segment::Literal(text) if text.contains(['{', '}']));
        if template.iter().any(half_open) {
            return Err(refuse("braces stand for a whole segment"));
        }
        Ok(Read { method, template, query_keys: None, form: None, required: None })
    }

    /// Allows only answers in this form, word for word as `Accept` asks for it, where others would carry more than is wanted.
    #[must_use]
    pub fn in_form(mut self, form: &'static str) -> Read {
        self.form = Some(form);
        self
    }

    /// Allows only these query keys, where others could make the request do something.
    #[must_use]
    pub fn with_query_keys(mut self, keys: &[&str]) -> Read {
        self.query_keys = Some(keys.iter().map(|key| (*key).to_owned()).collect());
        self
    }

    /// Allows only requests that select this part of a collection, where the rest of it may not be read.
    #[must_use]
    pub fn with_query(mut self, key: &'static str, value: &'static str) -> Read {
        self.required = Some((key, value));
        self
    }

    fn permits_path(&self, path: &[String]) -> bool {
        let mut path = path.iter();
        let mut after_wildcard = false;
        for segment in &self.template {
            let Some(actual) = path.next() else {
                return false;
            };
            match segment {
                Segment::Literal(literal) if literal == actual => after_wildcard = false,
                Segment::Literal(_) => return false,
                Segment::Begins(start) => {
                    if actual.strip_prefix(start.as_str()).is_none_or(str::is_empty) {
                        return false;
                    }
                    after_wildcard = true;
                }
                Segment::One if after_wildcard && !reads(actual) => return false,
                Segment::One => after_wildcard = true,
                Segment::Rest => return reads(actual) && path.all(|segment| reads(segment)),
            }
        }
        path.next().is_none()
    }

    fn permits_query(&self, query: Option<&str>) -> bool {
        if self.required.is_none() && self.query_keys.is_none() {
            return true;
        }
        let query = query.unwrap_or_default();
        // Some servers take a semicolon for a separator, and would see keys where we see a value.
        if query.contains(';') {
            return false;
        }
        let pairs = || url::form_urlencoded::parse(query.as_bytes());
        if let Some((key, value)) = self.required {
            let values: Vec<_> = pairs().filter(|pair| pair.0 == key).map(|pair| pair.1).collect();
            // Given twice, the server may take the other one.
            if values != [value] {
                return false;
            }
        }
        let Some(keys) = &self.query_keys else { return true };
        pairs().all(|(key, _)| keys.iter().any(|allowed| *allowed == key))
    }
}

fn segment(text: String) -> Segment {
    if let Some((start, name)) = text.split_once('{')
        && !start.is_empty()
        && name.find(['{', '}', '*']) == Some(name.len() - 1)
        && name.ends_with('}')
    {
        return Segment::Begins(start.to_owned());
    }
    match text.strip_prefix('{').and_then(|text| text.strip_suffix('}')) {
        Some(name) if name.ends_with('*') => Segment::Rest,
        Some(_) => Segment::One,
        None => Segment::Literal(text),
    }
}

fn reads(segment: &str) -> bool {
    !NOT_READ.iter().any(|word| segment.eq_ignore_ascii_case(word))
}

/// The decoded segments of a path; none where a server could understand another path than we do.
fn segments(path: &str) -> Option<Vec<String>> {
    let path = path.strip_prefix('/')?;
    if path.is_empty() {
        return Some(Vec::new());
    }
    path.split('/').map(decoded).collect()
}

fn decoded(segment: &str) -> Option<String> {
    let text = percent_decode_str(segment).decode_utf8().ok()?;
    // A percent sign left over is a second encoding; `..;` is a parent directory to servers that cut parameters off.
    let odd = |c: char| c.is_control() || matches!(c, '/' | '\\' | '%' | '?' | '#');
    if text.is_empty() || text == "." || text.starts_with("..") || text.contains(odd) {
        return None;
    }
    Some(text.into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(templates: &[&str]) -> AllowList {
        AllowList::new(templates.iter().map(|t| Read::new(Method::GET, t).unwrap()).collect())
    }

    fn gets(list: &AllowList, path: &str) -> bool {
        list.permits(&Method::GET, path, None, None)
    }

    #[test]
    fn a_wildcard_is_one_segment() {
        let list = list(&["/api/v1/namespaces/{namespace}/pods"]);
        assert!(gets(&list, "/api/v1/namespaces/default/pods"));
        for path in ["/api/v1/namespaces/pods", "/api/v1/namespaces/a/b/pods", "/api/v1/pods"] {
            assert!(!gets(&list, path), "{path}");
        }
        for path in ["/api/v1/namespaces/default/pods/web", "api/v1/namespaces/default/pods"] {
            assert!(!gets(&list, path), "{path}");
        }
    }

    #[test]
    fn the_last_wildcard_may_be_several_segments() {
        let list = list(&["/apis/{rest*}"]);
        assert!(gets(&list, "/apis/apps") && gets(&list, "/apis/apps/v1/deployments"));
        assert!(!gets(&list, "/apis") && !gets(&list, "/apis/") && !gets(&list, "/api/v1"));
        assert!(Read::new(Method::GET, "/{rest*}/pods").is_err());
    }

    #[test]
    fn the_root_is_a_path() {
        assert!(gets(&list(&["/"]), "/") && !gets(&list(&["/"]), "/api"));
        assert!(!gets(&list(&["/{index}"]), "/"));
    }

    #[test]
    fn a_path_that_a_server_may_read_otherwise_is_refused() {
        let list = list(&["/{rest*}", "/api/{a}", "/api/{a}/{b}", "/"]);
        for path in [
            "/api/..",
            "/api/../secrets",
            "/api/.",
            "/api//a",
            "//api/a",
            "/api/a/",
            "/api/%2e%2e",
            "/api/.%2E/x",
            "/api/a%2fb",
            "/api/a%2Fb",
            "/api/a%5cb",
            "/api/a\\b",
            "/api/%252e%252e",
            "/api/a%00",
            "/api/a%0ab",
            "/api/%zz",
            "/api/%ff",
            "/api/..;/x",
            "/api/a%3fb",
            "/api/a%23b",
        ] {
            assert!(!gets(&list, path), "{path}");
        }
        assert!(gets(&list, "/api/system%3Anode"), "an encoded colon is only a colon");
    }

    #[test]
    fn no_wildcard_stands_for_a_subresource_that_writes_or_tunnels() {
        let list = list(&[
            "/api/v1/namespaces/{namespace}/pods/{name}/{part}",
            "/apis/{group}/{version}/namespaces/{namespace}/{plural}/{name}/{part}",
            "/api/v1/nodes/{name}/{rest*}",
        ]);
        for word in NOT_READ.iter().copied().chain(["EXEC", "%65xec", "pr%6fxy"]) {
            for path in [
                format!("/api/v1/namespaces/a/pods/web/{word}"),
                format!("/apis/g/v1/namespaces/a/things/web/{word}"),
                format!("/api/v1/nodes/n1/{word}"),
                format!("/api/v1/nodes/n1/{word}/run/a/b"),
                format!("/api/v1/nodes/n1/a/{word}"),
            ] {
                assert!(!gets(&list, &path), "{path}");
            }
        }
        assert!(gets(&list, "/api/v1/namespaces/a/pods/web/log"));
    }

    #[test]
    fn an_object_may_be_called_as_a_subresource() {
        let list = list(&["/api/v1/namespaces/{namespace}/services/{name}"]);
        assert!(gets(&list, "/api/v1/namespaces/proxy/services/token"));
    }

    #[test]
    fn only_methods_that_read_can_be_listed() {
        for method in [Method::PUT, Method::PATCH, Method::DELETE, Method::CONNECT, Method::OPTIONS]
        {
            assert!(Read::new(method, "/api").is_err());
        }
        let list = AllowList::new(vec![Read::new(Method::POST, "/ask").unwrap()]);
        assert!(list.permits(&Method::POST, "/ask", None, None));
        assert!(!list.permits(&Method::GET, "/ask", None, None));
    }

    #[test]
    fn a_template_is_checked() {
        for template in ["api", "/a//b", "/a/", "/pre{name}x", "/pre{a*}", "/{a}x", "/..", ""] {
            assert!(Read::new(Method::GET, template).is_err(), "{template}");
        }
    }

    #[test]
    fn the_start_of_a_segment_can_be_demanded() {
        let list = list(&["/secrets/release.{name}", "/pods/web-{name}/{part}"]);
        assert!(gets(&list, "/secrets/release.web") && gets(&list, "/secrets/release%2Eweb"));
        for path in ["/secrets/release.", "/secrets/releases", "/secrets/a/release.web"] {
            assert!(!gets(&list, path), "{path}");
        }
        assert!(gets(&list, "/pods/web-0/log") && !gets(&list, "/pods/web-0/exec"));
    }

    #[test]
    fn query_keys_can_be_limited() {
        let debug = Read::new(Method::GET, "/debug/{page}").unwrap().with_query_keys(&["pod"]);
        let list = AllowList::new(vec![debug]);
        let permits = |query| list.permits(&Method::GET, "/debug/x", query, None);
        assert!(permits(None) && permits(Some("pod=a")) && permits(Some("")));
        for query in ["level=debug", "pod=a&level=debug", "pod=a;level=debug", "l%65vel=debug"] {
            assert!(!permits(Some(query)), "{query}");
        }
    }

    #[test]
    fn what_may_be_read_in_part_is_refused_as_a_whole() {
        let read = Read::new(Method::GET, "/secrets").unwrap().with_query("select", "owner=helm");
        let list = AllowList::new(vec![read]);
        let permits = |query| list.permits(&Method::GET, "/secrets", query, None);
        assert!(permits(Some("select=owner%3Dhelm&limit=5")));
        for query in [
            None,
            Some("limit=5"),
            Some("select=owner%3Dhelm,a"),
            Some("select=a&select=owner%3Dhelm"),
            Some("select=owner%3Dhelm;select=a"),
            Some("select=owner%3Dhelm&limit=5;select=a"),
        ] {
            assert!(!permits(query), "{query:?}");
        }
    }

    #[test]
    fn what_may_be_read_in_one_form_is_refused_in_every_other() {
        let read = Read::new(Method::GET, "/secrets").unwrap().in_form("metadata");
        let list = AllowList::new(vec![read]);
        let permits = |accept| list.permits(&Method::GET, "/secrets", None, accept);
        assert!(permits(Some("metadata")));
        for accept in [None, Some(""), Some("*/*"), Some("whole"), Some("metadata,whole")] {
            assert!(!permits(accept), "{accept:?}");
        }
    }
}
