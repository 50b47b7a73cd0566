//! Which issuer's tokens open this server, told to who has none: protected resource metadata, RFC 9728.

use axum::http::uri::Authority;
use serde_json::{Value, json};
use url::Url;

/// Where it is told, before the path of what is protected.
pub(super) const WELL_KNOWN: &str = "/.well-known/oauth-protected-resource";

/// What is protected, and by whom.
#[derive(Clone, Debug)]
pub(crate) struct Resource {
    pub(super) issuer: String,
    /// Where callers reach it; none where that is told by the name that they use.
    pub(super) url: Option<Url>,
}

impl Resource {
    /// The document, for a caller that knows us by this name.
    pub(super) fn document(&self, host: &Authority) -> Value {
        json!({
            "resource": self.url(host),
            "authorization_servers": [self.issuer],
            "bearer_methods_supported": ["header"],
        })
    }

    /// The address of the document: the well-known part stands before the path of what is protected.
    pub(super) fn told_at(&self, host: &Authority) -> String {
        let url = self.url(host);
        let split =
            url.find("://").and_then(|at| url.get(at + 3..)?.find('/').map(|to| at + 3 + to));
        let (origin, path) = url.split_at_checked(split.unwrap_or(url.len())).unwrap_or_default();
        format!("{origin}{WELL_KNOWN}{}", path.trim_end_matches('/'))
    }

    /// Nothing but loopback is reached without TLS, which ends in front of us; `--resource-url` says otherwise.
    fn url(&self, host: &Authority) -> String {
        if let Some(url) = &self.url {
            return url.to_string();
        }
        let name = host.host().trim_start_matches('[').trim_end_matches(']');
        let scheme = match name {
            "localhost" | "127.0.0.1" | "::1" => "http",
            _ => "https",
        };
        format!("{scheme}://{host}/mcp")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resource(url: Option<&str>) -> Resource {
        Resource { issuer: "https://issuer".to_owned(), url: url.and_then(|it| it.parse().ok()) }
    }

    #[test]
    fn it_is_told_before_the_path_of_what_is_protected() {
        let host: Authority = "mcp.example:8443".parse().expect("a host");
        assert_eq!(
            resource(None).told_at(&host),
            "https://mcp.example:8443/.well-known/oauth-protected-resource/mcp"
        );
        assert_eq!(
            resource(Some("http://mcp-k8s.tools.svc/a/mcp")).told_at(&host),
            "http://mcp-k8s.tools.svc/.well-known/oauth-protected-resource/a/mcp"
        );
    }

    #[test]
    fn on_loopback_there_is_no_tls() {
        let host: Authority = "127.0.0.1:8080".parse().expect("a host");
        assert_eq!(resource(None).document(&host)["resource"], "http://127.0.0.1:8080/mcp");
    }
}
