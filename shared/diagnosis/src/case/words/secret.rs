//! Lines in which a controller of Ingresses says that a Secret is not there, or of no use, or ends.

use super::names::name;
use jiff::Timestamp;

/// What stands before and after the Secret's namespace and name: Traefik's, ingress-nginx's, and Istio's words.
const FORMS: [(&str, &str); 4] = [
    ("secret ", " does not exist"),
    ("local SSL certificate ", " was not found"),
    ("rror getting SSL certificate \"", "\": local SSL certificate"),
    ("secret ", " not found"),
];

/// The namespace and the name of the Secret that a line says is not there.
pub fn missing(text: &str) -> Option<(String, String)> {
    FORMS.iter().find_map(|(before, after)| {
        let (found, _) = text.split_once(before)?.1.split_once(after)?;
        let (namespace, secret) = found.trim_matches(['"', '\'', '\\']).split_once('/')?;
        Some((name(namespace)?, name(secret).filter(|it| !it.contains('/'))?))
    })
}

/// Whether ingress-nginx merely says that it has no certificate of that Secret: it looks among those that it could use, and
/// says so of a Secret that is there as well (`getBackendServers` and `GetLocalSSLCert` of its `controller` and `store`).
pub fn says_unusable(text: &str) -> bool {
    text.contains("local SSL certificate")
}

/// Whether ingress-nginx says that a Secret of this name is not there: `NotExistsError` of its `store`.
pub fn says_absent(text: &str, namespace: &str, secret: &str) -> bool {
    text.contains(&format!("no object matching key \"{namespace}/{secret}\" in local store"))
        || text.contains(&format!(
            "no object matching key \\\"{namespace}/{secret}\\\" in local store"
        ))
}

/// What is wrong with the pair in a Secret, in the words of ingress-nginx (`getPemCertificate`, `CreateSSLCert`), which do
/// not name the Secret.
pub fn unfit(text: &str) -> Option<&'static str> {
    let (_, why) =
        text.split_once("rror obtaining X.509 certificate: unexpected error creating SSL Cert: ")?;
    let no_pair = ["does not have a matching public key", "do not have a matching public key"];
    if no_pair.iter().any(|it| why.contains(it)) {
        return Some("its certificate and its key do not belong together");
    }
    if why.contains("no valid PEM formatted block found") {
        return Some("its certificate is none in the form PEM");
    }
    Some("no certificate can be made of what it holds")
}

/// The host whose certificate ingress-nginx says ends, and when (`createServers` of its `controller`). It says that it is
/// about to from ten days before; versions before 1.2 go on with that when it has.
pub fn ended(text: &str) -> Option<(String, Timestamp)> {
    let (_, rest) = text.split_once("SSL certificate for server ")?;
    let (host, rest) = rest.trim_start_matches(['"', '\\']).split_once(['"', '\\'])?;
    let rest = rest.trim_start_matches(['"', '\\']);
    let rest =
        [" is about to expire (", " expired ("].iter().find_map(|it| rest.strip_prefix(it))?;
    let (time, _) = rest.split_once(')')?;
    // As Go writes a time: `2026-11-20 09:14:00 +0000 UTC`.
    let mut words = time.split(' ');
    let (day, hour, offset) = (words.next()?, words.next()?, words.next()?);
    let at = Timestamp::strptime("%Y-%m-%d %H:%M:%S %z", format!("{day} {hour} {offset}")).ok()?;
    Some((name(host).filter(|it| !it.contains('/'))?, at))
}

#[cfg(test)]
mod tests {
    use super::{ended, missing, says_absent, unfit};

    #[test]
    fn takes_out_the_host_and_the_end_of_its_certificate() {
        let at: jiff::Timestamp = "2026-11-20T09:14:00Z".parse().unwrap();
        for text in [
            r#"W1121 11:59:30.1       7 controller.go:1570] SSL certificate for server "shop.example" is about to expire (2026-11-20 09:14:00 +0000 UTC)"#,
            r#"W1121 11:59:30.1       7 controller.go:1566] SSL certificate for server "shop.example" expired (2026-11-20 09:14:00 +0000 UTC)"#,
            r#"{"ts":1,"msg":"SSL certificate for server \"shop.example\" expired (2026-11-20 09:14:00 +0000 UTC)\n","v":0}"#,
        ] {
            assert_eq!(ended(text), Some(("shop.example".to_owned(), at)), "{text}");
        }
        for text in [
            r#"SSL certificate for server "shop.example" is about to expire soon"#,
            r#"SSL certificate for server "shop example" expired (2026-11-20 09:14:00 +0000 UTC)"#,
            r#"SSL certificate "shop/web-tls" does not contain a Common Name for server "shop.example""#,
        ] {
            assert_eq!(ended(text), None, "{text}");
        }
    }

    #[test]
    fn takes_out_the_secret() {
        for text in [
            "ERR Error configuring TLS error=\"secret shop/web-tls does not exist\" ingress=web namespace=shop",
            "W1121 Error getting SSL certificate \"shop/web-tls\": local SSL certificate shop/web-tls was not found. Using default certificate",
            "failed to fetch key and certificate: secret shop/web-tls not found",
        ] {
            let expected = Some(("shop".to_owned(), "web-tls".to_owned()));
            assert_eq!(missing(text), expected, "{text}");
        }
        assert_eq!(missing("the secret of success was not found"), None);
    }

    #[test]
    fn tells_a_secret_that_is_of_no_use_from_one_that_is_not_there() {
        let unusable = "W1012 09:15:45.920000       6 backend_ssl.go:46] Error obtaining X.509 certificate: unexpected error creating SSL Cert: certificate and private key does not have a matching public key: tls: private key does not match public key";
        assert_eq!(unfit(unusable), Some("its certificate and its key do not belong together"));
        let absent = "W1012 09:15:45.920000       6 backend_ssl.go:47] Error obtaining X.509 certificate: no object matching key \"shop/web-tls\" in local store";
        assert_eq!(unfit(absent), None);
        assert!(says_absent(absent, "shop", "web-tls"));
        assert!(!says_absent(absent, "shop", "tls"));
    }
}
