//! Tokens of an issuer: which come in, and of every other what is wrong with it.

use crate::door::{LIST, TOKEN, loopback, post, serving, status, token_file};
use crate::issuer::{AUDIENCE, Issuer, Signer, unsigned};
use futures::FutureExt;
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode, get_current_timestamp};
use mcp::http::settings::HttpSettings;
use mcp::http::{self, HttpError};
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::sync::atomic::Ordering;
use std::time::Duration;
use tokio::net::TcpListener;

const NOWHERE: &str = "http://127.0.0.1:9";

fn trusting(issuer: &str) -> HttpSettings {
    HttpSettings {
        oidc_issuer: Some(issuer.to_owned()),
        oidc_audience: Some(AUDIENCE.to_owned()),
        ..loopback()
    }
}

async fn shown(address: SocketAddr, token: &str) -> (u16, String) {
    let headers = format!("Host: localhost\r\nAuthorization: Bearer {token}\r\n");
    status(address, &post(&headers, LIST)).await
}

fn with(claims: &Value, name: &str, value: Value) -> Value {
    let mut claims = claims.clone();
    claims[name] = value;
    claims
}

fn without(claims: &Value, name: &str) -> Value {
    let mut claims = claims.clone();
    claims.as_object_mut().expect("an object").remove(name);
    claims
}

#[tokio::test]
async fn every_asymmetric_algorithm_comes_in() {
    let (rsa, ed) = (Signer::rsa("r"), Signer::ed25519("d"));
    let (p256, p384) = (Signer::p256("a"), Signer::p384("b"));
    let keys = [&rsa, &ed, &p256, &p384].map(|signer| signer.jwk.clone());
    let issuer = Issuer::with(keys.to_vec(), NOWHERE).await;
    let address = serving(trusting(&issuer.realm())).await;
    for (signer, algorithm) in [
        (&rsa, Algorithm::RS256),
        (&rsa, Algorithm::RS384),
        (&rsa, Algorithm::RS512),
        (&rsa, Algorithm::PS256),
        (&rsa, Algorithm::PS384),
        (&rsa, Algorithm::PS512),
        (&p256, Algorithm::ES256),
        (&p384, Algorithm::ES384),
        (&ed, Algorithm::EdDSA),
    ] {
        let header = Header { alg: algorithm, ..signer.header() };
        let (status, answer) = shown(address, &signer.sign_as(&header, &issuer.claims())).await;
        assert_eq!(status, 200, "{algorithm:?}: {answer}");
    }
    let single = with(&issuer.claims(), "aud", json!(AUDIENCE));
    assert_eq!(shown(address, &rsa.sign(&single)).await.0, 200);
    assert_eq!(issuer.asked.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn what_is_wrong_with_a_token_is_said_without_repeating_it() {
    let (rsa, stranger, ec) = (Signer::rsa("r"), Signer::rsa("r"), Signer::p256("e"));
    let (for_encryption, only_es256) = (Signer::rsa("enc"), Signer::p256("only"));
    let rsa_for_one = Signer::rsa("rs256");
    let canary = TcpListener::bind("127.0.0.1:0").await.expect("bound");
    let canary_url = format!("http://{}/keys", canary.local_addr().expect("an address"));
    let secret = b"a shared secret that is long enough";
    let keys = vec![
        json!({"kty": "from the future", "kid": "f"}),
        json!("not even an object"),
        json!({"kty": "oct", "kid": "oct", "k": "YSBzaGFyZWQgc2VjcmV0"}),
        rsa.jwk.clone(),
        ec.jwk.clone(),
        with(&for_encryption.jwk, "use", json!("enc")),
        with(&only_es256.jwk, "alg", json!("ES256")),
        with(&rsa_for_one.jwk, "alg", json!("RS256")),
    ];
    let issuer = Issuer::with(keys, NOWHERE).await;
    let address = serving(trusting(&issuer.realm())).await;
    let good = issuer.claims();
    let now = get_current_timestamp();
    let hmac = |header: Header, key: &[u8]| {
        encode(&header, &good, &EncodingKey::from_secret(key)).expect("signed")
    };
    let named = |id: &str| Header { kid: Some(id.to_owned()), ..Header::new(Algorithm::HS256) };
    let header = rsa.header();
    let signed = rsa.sign(&good);
    let cut = signed.rsplit_once('.').expect("a signature").0;
    let modulus = rsa.jwk["n"].as_str().expect("a modulus");
    let not_jwt = "the token is no JWT of a known algorithm";
    let not_allowed = "the algorithm of the token is not allowed";
    let no_exp = "the token has no usable exp";
    let wrong_type = "a claim of the token is absent or not of its type";
    let no_aud = "the token has no usable aud";
    let no_sub = "the subject of the token is absent, longer than 255 bytes or not plain ASCII";
    let cases = [
        ("garbage", "garbage".to_owned(), not_jwt),
        ("two parts", cut.to_owned(), not_jwt),
        ("too long", format!("{signed}{}", "A".repeat(9000)), "the token is longer than 8 KiB"),
        ("alg none", unsigned(&json!({"alg": "none", "kid": "r"}), &good, ""), not_jwt),
        ("alg NONE", unsigned(&json!({"alg": "NONE", "kid": "r"}), &good, ""), not_jwt),
        ("no alg", unsigned(&json!({"kid": "r"}), &good, "AA"), not_jwt),
        ("hmac", hmac(named("oct"), secret), not_allowed),
        ("hmac with the public key", hmac(named("r"), modulus.as_bytes()), not_allowed),
        (
            "critical extension",
            rsa.sign_as(&Header { crit: Some(vec!["b64".to_owned()]), ..header.clone() }, &good),
            "the token needs an extension that is not known here",
        ),
        (
            "no kid",
            rsa.sign_as(&Header { kid: None, ..header.clone() }, &good),
            "the token does not say with which key it is signed",
        ),
        (
            "unknown kid",
            rsa.sign_as(&Header { kid: Some("x".to_owned()), ..header.clone() }, &good),
            "the issuer has no such key",
        ),
        (
            "a key that it brings along",
            stranger.sign_as(
                &Header {
                    kid: Some("mine".to_owned()),
                    jku: Some(canary_url.clone()),
                    x5u: Some(canary_url.clone()),
                    ..header.clone()
                },
                &good,
            ),
            "the issuer has no such key",
        ),
        ("a key for encryption", for_encryption.sign(&good), "the issuer has no such key"),
        (
            "a key of another kind",
            rsa.sign_as(&Header { kid: Some("e".to_owned()), ..header.clone() }, &good),
            "the key is not for the algorithm of the token",
        ),
        (
            "a key for one algorithm",
            rsa_for_one.sign_as(&Header { alg: Algorithm::PS256, ..rsa_for_one.header() }, &good),
            "the key is not for the algorithm of the token",
        ),
        ("another's signature", stranger.sign(&good), "the signature of the token is wrong"),
        ("no signature", format!("{cut}."), "the signature of the token is wrong"),
        ("expired", rsa.sign(&with(&good, "exp", json!(now - 120))), "the token has expired"),
        ("no exp", rsa.sign(&without(&good, "exp")), no_exp),
        ("exp is text", rsa.sign(&with(&good, "exp", json!("never"))), no_exp),
        ("exp is true", rsa.sign(&with(&good, "exp", json!(true))), no_exp),
        ("exp is null", rsa.sign(&with(&good, "exp", Value::Null)), no_exp),
        ("exp is negative", rsa.sign(&with(&good, "exp", json!(-1))), no_exp),
        ("exp is a list", rsa.sign(&with(&good, "exp", json!([now + 300]))), wrong_type),
        ("early", rsa.sign(&with(&good, "nbf", json!(now + 120))), "the token is not valid yet"),
        (
            "nbf is text",
            rsa.sign(&with(&good, "nbf", json!("now"))),
            "a time in the token is not a number",
        ),
        (
            "another issuer",
            rsa.sign(&with(&good, "iss", json!(issuer.url))),
            "the token is of another issuer",
        ),
        ("no issuer", rsa.sign(&without(&good, "iss")), wrong_type),
        ("issuer is 1", rsa.sign(&with(&good, "iss", json!(1))), wrong_type),
        (
            "several issuers",
            rsa.sign(&with(&good, "iss", json!([issuer.realm(), "x"]))),
            wrong_type,
        ),
        (
            "another audience",
            rsa.sign(&with(&good, "aud", json!("account"))),
            "the token is for another audience",
        ),
        ("no audience", rsa.sign(&without(&good, "aud")), no_aud),
        ("audience is 1", rsa.sign(&with(&good, "aud", json!(1))), no_aud),
        ("no subject", rsa.sign(&without(&good, "sub")), no_sub),
        ("empty subject", rsa.sign(&with(&good, "sub", json!(""))), no_sub),
        ("long subject", rsa.sign(&with(&good, "sub", json!("a".repeat(256)))), no_sub),
        ("subject of two lines", rsa.sign(&with(&good, "sub", json!("a\naudit: b"))), no_sub),
    ];
    for (case, token, why) in cases {
        let (status, answer) = shown(address, &token).await;
        assert_eq!(status, 401, "{case}: {answer}");
        let challenge = format!(
            "www-authenticate: Bearer error=\"invalid_token\", error_description=\"{why}\", resource_metadata="
        );
        assert!(answer.contains(&challenge), "{case}: {answer}");
        assert!(!token.contains('.') || !answer.contains(&token[..20]), "{case}: {answer}");
    }
    let (none, answer) = status(address, &post("Host: localhost\r\n", LIST)).await;
    assert!(
        none == 401 && answer.contains("www-authenticate: Bearer resource_metadata="),
        "{answer}"
    );
    assert_eq!(shown(address, &rsa.sign(&good)).await.0, 200);
    assert_eq!(shown(address, &only_es256.sign(&good)).await.0, 200);
    assert!(canary.accept().now_or_never().is_none(), "an address in a token was asked");
}

#[tokio::test]
async fn clocks_may_differ_by_half_a_minute() {
    let signer = Signer::p256("a");
    let issuer = Issuer::with(vec![signer.jwk.clone()], NOWHERE).await;
    let address = serving(trusting(&issuer.realm())).await;
    let now = get_current_timestamp();
    for (name, at) in [("exp", now - 10), ("nbf", now + 10)] {
        let token = signer.sign(&with(&issuer.claims(), name, json!(at)));
        assert_eq!(shown(address, &token).await.0, 200, "{name}");
    }
}

#[tokio::test]
async fn unknown_keys_are_asked_for_once_in_half_a_minute_and_a_rotated_one_is_found() {
    let (old, new) = (Signer::p256("old"), Signer::p256("new"));
    let issuer = Issuer::with(vec![old.jwk.clone()], NOWHERE).await;
    let address = serving(trusting(&issuer.realm())).await;
    let good = issuer.claims();
    assert_eq!(shown(address, &old.sign(&good)).await.0, 200);
    for id in 0..20 {
        let header = Header { kid: Some(id.to_string()), ..old.header() };
        assert_eq!(shown(address, &old.sign_as(&header, &good)).await.0, 401);
    }
    assert_eq!(issuer.asked.load(Ordering::SeqCst), 1, "a flood is not passed on");
    *issuer.keys.lock().expect("keys") = vec![new.jwk.clone()];
    assert_eq!(shown(address, &new.sign(&good)).await.0, 401);
    later(31).await;
    let token = new.sign(&good);
    let (one, other) = tokio::join!(shown(address, &token), shown(address, &token));
    assert_eq!((one.0, other.0), (200, 200));
    assert_eq!(issuer.asked.load(Ordering::SeqCst), 2, "one asks for all");
    assert_eq!(shown(address, &old.sign(&good)).await.0, 401, "it was taken back");
}

#[tokio::test]
async fn a_key_that_was_taken_back_stops_to_count_after_ten_minutes() {
    let (old, new) = (Signer::p256("old"), Signer::p256("new"));
    let issuer = Issuer::with(vec![old.jwk.clone()], NOWHERE).await;
    let address = serving(trusting(&issuer.realm())).await;
    assert_eq!(shown(address, &old.sign(&issuer.claims())).await.0, 200);
    *issuer.keys.lock().expect("keys") = vec![new.jwk.clone()];
    assert_eq!(shown(address, &old.sign(&issuer.claims())).await.0, 200);
    later(601).await;
    assert_eq!(shown(address, &old.sign(&issuer.claims())).await.0, 401);
}

#[tokio::test]
async fn while_the_issuer_gives_no_keys_the_last_ones_count_for_an_hour() {
    let signer = Signer::p256("a");
    let issuer = Issuer::with(vec![signer.jwk.clone()], NOWHERE).await;
    let address = serving(trusting(&issuer.realm())).await;
    assert_eq!(shown(address, &signer.sign(&issuer.claims())).await.0, 200);
    issuer.keys.lock().expect("keys").clear();
    later(1800).await;
    assert_eq!(shown(address, &signer.sign(&issuer.claims())).await.0, 200);
    later(1801).await;
    assert_eq!(shown(address, &signer.sign(&issuer.claims())).await.0, 503);
}

#[tokio::test]
async fn an_issuer_whose_keys_cannot_be_had_lets_nobody_in() {
    let signer = Signer::p256("a");
    let canary = TcpListener::bind("127.0.0.1:0").await.expect("bound");
    let canary_url = format!("http://{}", canary.local_addr().expect("an address"));
    let issuer = Issuer::with(vec![signer.jwk.clone()], &canary_url).await;
    let mut issuers: Vec<String> =
        ["other_name", "keys_elsewhere", "redirects", "no_json", "huge", "no_keys", "fails"]
            .map(|realm| format!("{}/{realm}", issuer.url))
            .to_vec();
    issuers.push(NOWHERE.to_owned());
    for name in issuers {
        let address = serving(trusting(&name)).await;
        let token = signer.sign(&with(&issuer.claims(), "iss", json!(name)));
        let (status, answer) = shown(address, &token).await;
        assert!(status == 503 && answer.contains("retry-after: 5\r\n"), "{name}: {answer}");
    }
    assert!(canary.accept().now_or_never().is_none(), "an address of others was asked");
}

#[tokio::test]
async fn tokens_of_a_file_and_of_an_issuer_stand_beside_each_other() {
    let signer = Signer::p256("a");
    let issuer = Issuer::with(vec![signer.jwk.clone()], NOWHERE).await;
    let file = token_file(TOKEN);
    let mut settings = trusting(&issuer.realm());
    settings.token_file = Some(file.path().to_owned());
    let address = serving(settings).await;
    assert_eq!(shown(address, TOKEN).await.0, 200);
    assert_eq!(issuer.asked.load(Ordering::SeqCst), 0);
    assert_eq!(shown(address, &signer.sign(&issuer.claims())).await.0, 200);
    assert_eq!(shown(address, "another-token-as-good").await.0, 401);
}

#[tokio::test]
async fn an_issuer_that_proves_nothing_is_refused_at_the_start() {
    for (issuer, why) in [
        ("http://keycloak.example/realms/shop", "it must begin with https://, or be on loopback"),
        ("http://127.0.0.1.example/", "it must begin with https://, or be on loopback"),
        ("ftp://localhost/", "it must begin with https://, or be on loopback"),
        ("https://ada:pw@keycloak.example/", "it may hold no credentials"),
        ("keycloak", "relative URL without a base"),
    ] {
        let refused = http::bind(&trusting(issuer)).await.expect_err("useless");
        assert_eq!(refused.to_string(), format!("--oidc-issuer {issuer}: {why}"));
    }
    let half = HttpSettings { oidc_audience: None, ..trusting("https://localhost") };
    let refused = http::bind(&half).await.expect_err("half");
    assert!(matches!(refused, HttpError::HalfAnIssuer), "{refused}");
    let mut settings = trusting("https://keycloak.example/realms/shop");
    settings.http = "0.0.0.0:0".parse().ok();
    http::bind(&settings).await.expect("guarded");
}

/// Lets the clock of the runtime jump; connections that wait meanwhile would end.
async fn later(seconds: u64) {
    tokio::time::pause();
    tokio::time::advance(Duration::from_secs(seconds)).await;
    tokio::time::resume();
}

#[tokio::test]
async fn who_has_no_token_is_told_where_to_get_one() {
    let address = serving(trusting("https://issuer.example/realm")).await;
    let told = format!("http://{address}/.well-known/oauth-protected-resource/mcp");
    let (status_code, refused) =
        status(address, &post(&format!("Host: {address}\r\n"), LIST)).await;
    assert_eq!(status_code, 401);
    let challenge = format!("www-authenticate: Bearer resource_metadata=\"{told}\"\r\n");
    assert!(refused.contains(&challenge), "{refused}");
    let (_, wrong) = shown(address, "not-a-token").await;
    assert!(wrong.contains("error=\"invalid_token\"") && wrong.contains(", resource_metadata="));
    let path = "/.well-known/oauth-protected-resource/mcp";
    let ask =
        |host: &str| format!("GET {path} HTTP/1.1\r\nConnection: close\r\nHost: {host}\r\n\r\n");
    let (status_code, document) = status(address, ask(&address.to_string()).as_bytes()).await;
    assert_eq!(status_code, 200);
    assert!(document.contains(r#""authorization_servers":["https://issuer.example/realm"]"#));
    assert!(document.contains(&format!(r#""resource":"http://{address}/mcp""#)), "{document}");
    assert_eq!(status(address, ask("evil.example").as_bytes()).await.0, 403);
}

#[tokio::test]
async fn without_an_issuer_there_is_nothing_to_tell() {
    let address = serving(loopback()).await;
    let ask = "GET /.well-known/oauth-protected-resource HTTP/1.1\r\nConnection: close\r\nHost: localhost\r\n\r\n";
    assert_eq!(status(address, ask.as_bytes()).await.0, 404);
}
