//! An issuer of tokens on loopback, with keys made for the test.

use axum::Router;
use axum::extract::Path;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode, get_current_timestamp};
use rcgen::{KeyPair, RsaKeySize};
use serde_json::{Value, json};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use tokio::net::TcpListener;

pub(crate) const AUDIENCE: &str = "inquest-mcp";

/// What the issuer answers, and how often it was asked for its keys.
#[derive(Clone)]
pub(crate) struct Issuer {
    /// Its own address; issuers that behave in other ways are below it, as `/elsewhere`.
    pub(crate) url: String,
    pub(crate) keys: Arc<Mutex<Vec<Value>>>,
    pub(crate) asked: Arc<AtomicUsize>,
}

impl Issuer {
    /// Starts one that has these keys. Some of its faults lead to `canary`.
    pub(crate) async fn with(keys: Vec<Value>, canary: &str) -> Issuer {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("bound");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let issuer = Issuer { url, keys: Arc::new(Mutex::new(keys)), asked: Arc::default() };
        let (one, other, canary) = (issuer.clone(), issuer.clone(), canary.to_owned());
        let router = Router::new()
            .route(
                "/{realm}/.well-known/openid-configuration",
                get(async move |Path(realm): Path<String>| one.discovery(&realm, &canary)),
            )
            .route("/{realm}/keys", get(async move |Path(realm): Path<String>| other.set(&realm)));
        tokio::spawn(async move { axum::serve(listener, router).await });
        issuer
    }

    fn discovery(&self, realm: &str, canary: &str) -> Response {
        let ours = format!("{}/{realm}", self.url);
        let keys = format!("{ours}/keys");
        let document = match realm {
            "other_name" => json!({"issuer": self.url, "jwks_uri": keys}),
            "keys_elsewhere" => json!({"issuer": ours, "jwks_uri": format!("{canary}/keys")}),
            "redirects" => {
                let mut headers = HeaderMap::new();
                headers.insert("location", canary.parse().expect("a header"));
                return (StatusCode::FOUND, headers).into_response();
            }
            "no_json" => return "<html>log in</html>".into_response(),
            "huge" => json!({"issuer": ours, "jwks_uri": keys, "x": "x".repeat(300 * 1024)}),
            _ => json!({"issuer": ours, "jwks_uri": keys}),
        };
        axum::Json(document).into_response()
    }

    fn set(&self, realm: &str) -> Response {
        self.asked.fetch_add(1, Ordering::SeqCst);
        match realm {
            "no_keys" => axum::Json(json!({"keys": []})).into_response(),
            "fails" => StatusCode::NOT_FOUND.into_response(),
            _ => axum::Json(json!({"keys": *self.keys.lock().expect("keys")})).into_response(),
        }
    }

    pub(crate) fn realm(&self) -> String {
        format!("{}/shop", self.url)
    }

    /// The claims of a good token, of the realm `shop`.
    pub(crate) fn claims(&self) -> Value {
        let now = get_current_timestamp();
        json!({
            "iss": self.realm(),
            "aud": ["account", AUDIENCE],
            "sub": "ada",
            "exp": now + 300,
            "nbf": now - 5,
            "iat": now - 5,
        })
    }
}

/// A key of an issuer.
pub(crate) struct Signer {
    pub(crate) key: EncodingKey,
    pub(crate) jwk: Value,
    pub(crate) algorithm: Algorithm,
}

impl Signer {
    pub(crate) fn rsa(id: &str) -> Signer {
        let pair = KeyPair::generate_rsa_for(&rcgen::PKCS_RSA_SHA256, RsaKeySize::_2048);
        // PKCS#8 is a head of 26 bytes before PKCS#1.
        let der = pair.expect("a key").serialize_der();
        Signer::of(EncodingKey::from_rsa_der(&der[26..]), Algorithm::RS256, id)
    }

    pub(crate) fn p256(id: &str) -> Signer {
        let pair = KeyPair::generate_for(&rcgen::PKCS_ECDSA_P256_SHA256).expect("a key");
        Signer::of(EncodingKey::from_ec_der(&pair.serialize_der()), Algorithm::ES256, id)
    }

    pub(crate) fn p384(id: &str) -> Signer {
        let pair = KeyPair::generate_for(&rcgen::PKCS_ECDSA_P384_SHA384).expect("a key");
        Signer::of(EncodingKey::from_ec_der(&pair.serialize_der()), Algorithm::ES384, id)
    }

    pub(crate) fn ed25519(id: &str) -> Signer {
        let pair = KeyPair::generate_for(&rcgen::PKCS_ED25519).expect("a key");
        let x = URL_SAFE_NO_PAD.encode(pair.public_key_raw());
        let key = EncodingKey::from_ed_der(&pair.serialize_der());
        let jwk = json!({"kty": "OKP", "crv": "Ed25519", "x": x, "kid": id});
        Signer { key, jwk, algorithm: Algorithm::EdDSA }
    }

    fn of(key: EncodingKey, algorithm: Algorithm, id: &str) -> Signer {
        let jwk = Jwk::from_encoding_key(&key, algorithm).expect("a public key");
        let mut jwk = serde_json::to_value(jwk).expect("JSON");
        jwk["kid"] = json!(id);
        jwk.as_object_mut().expect("an object").remove("alg");
        Signer { key, jwk, algorithm }
    }

    pub(crate) fn header(&self) -> Header {
        let id = self.jwk["kid"].as_str().expect("a name").to_owned();
        Header { kid: Some(id), ..Header::new(self.algorithm) }
    }

    pub(crate) fn sign(&self, claims: &Value) -> String {
        self.sign_as(&self.header(), claims)
    }

    pub(crate) fn sign_as(&self, header: &Header, claims: &Value) -> String {
        encode(header, claims, &self.key).expect("signed")
    }
}

/// A token in three parts as they are given, signed by nobody.
pub(crate) fn unsigned(header: &Value, claims: &Value, signature: &str) -> String {
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    format!("{}.{}.{signature}", part(header), part(claims))
}
