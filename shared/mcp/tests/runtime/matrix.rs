//! Who comes in over HTTP, every Host with every Origin and every token; and which addresses are opened at all.

use crate::door::{LIST, TOKEN, loopback, post, serving, status, token_file};
use mcp::http;
use mcp::http::settings::HttpSettings;

/// Hosts, and whether they are ours.
const HOSTS: [(&str, bool); 10] = [
    ("localhost", true),
    ("127.0.0.1:8080", true),
    ("[::1]:8080", true),
    ("MCP-k8s.inquest.svc", true),
    ("evil.example", false),
    ("localhost.evil.example", false),
    ("evil.localhost", false),
    ("127.0.0.1.evil.example", false),
    ("169.254.169.254", false),
    ("10.1.2.3:8080", false),
];
/// Origins, and whether they are ours.
const ORIGINS: [(&str, bool); 8] = [
    ("", true),
    ("http://localhost:3000", true),
    ("https://mcp-k8s.inquest.svc", true),
    ("http://evil.example", false),
    ("null", false),
    ("http://localhost@evil.example", false),
    ("http://localhost.evil.example", false),
    ("file://", false),
];
/// What is shown for a token, and whether it is one.
const SHOWN: [(&str, bool); 5] = [
    ("Bearer a-token-of-good-length", true),
    ("", false),
    ("Bearer a-token-of-good-lengtH", false),
    ("Bearer a-token-of-good-length,x", false),
    ("Basic a-token-of-good-length", false),
];

#[tokio::test]
async fn four_hundred_requests_are_each_let_in_or_refused_as_they_should_be() {
    let file = token_file(TOKEN);
    let address = serving(HttpSettings {
        token_file: Some(file.path().to_owned()),
        allowed_hosts: vec!["mcp-k8s.inquest.svc".to_owned()],
        ..loopback()
    })
    .await;
    let mut cells = 0;
    for (host, known) in HOSTS {
        for (origin, same) in ORIGINS {
            for (shown, proves) in SHOWN {
                let line = |name: &str, value: &str| match value {
                    "" => String::new(),
                    value => format!("{name}: {value}\r\n"),
                };
                let headers =
                    [line("Host", host), line("Origin", origin), line("Authorization", shown)];
                let expected = match (known && same, proves) {
                    (false, _) => 403,
                    (true, false) => 401,
                    (true, true) => 200,
                };
                let (found, answer) = status(address, &post(&headers.concat(), LIST)).await;
                assert_eq!(found, expected, "{host} {origin} {shown}: {answer}");
                cells += 1;
            }
        }
    }
    assert_eq!(cells, 400);
}

/// Every address that others can reach, with everything that could guard it.
#[tokio::test]
async fn no_address_that_others_reach_is_opened_without_a_guard() {
    let file = token_file(TOKEN);
    for (address, others) in
        [("127.0.0.1:0", false), ("[::1]:0", false), ("0.0.0.0:0", true), ("[::]:0", true)]
    {
        for (tokens, issuer, insecure) in
            (0..8).map(|bits| (bits & 1 > 0, bits & 2 > 0, bits & 4 > 0))
        {
            let settings = HttpSettings {
                http: address.parse().ok(),
                token_file: tokens.then(|| file.path().to_owned()),
                oidc_issuer: issuer.then(|| "https://issuer.example/realm".to_owned()),
                oidc_audience: issuer.then(|| "inquest-mcp".to_owned()),
                insecure_no_auth: insecure,
                ..HttpSettings::default()
            };
            let opened = http::bind(&settings).await;
            let expected = !others || tokens || issuer || insecure;
            assert_eq!(opened.is_ok(), expected, "{address} {tokens} {issuer} {insecure}");
        }
    }
}
