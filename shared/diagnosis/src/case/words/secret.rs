//! Lines in which a controller of Ingresses says that a Secret is not there.

use super::names::name;

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

#[cfg(test)]
mod tests {
    use super::missing;

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
}
