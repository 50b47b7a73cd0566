//! The issuer's keys: found through its discovery document, kept, and fetched again when they may have changed.

use crate::http::oidc::Unproven;
use axum::body::Bytes;
use axum::http::header::ACCEPT;
use axum::http::{self, Method, Request};
use jsonwebtoken::jwk::{AlgorithmParameters, EllipticCurve, Jwk, KeyAlgorithm, PublicKeyUse};
use jsonwebtoken::{Algorithm, DecodingKey};
use readonly::allow::{AllowList, NotAllowable, Read};
use readonly::body;
use readonly::limits::Limits;
use readonly::network::Network;
use readonly::reader::Reader;
use readonly::refusal::Refusal;
use readonly::transport::Transport;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;
use tokio::sync::{Mutex, OwnedMutexGuard};
use tokio::time::Instant;
use url::Url;

const SYSTEM: &str = "oidc issuer";
/// Keys are fetched again after that, so that one which was taken back stops to count.
const FRESH: Duration = Duration::from_secs(600);
/// While the issuer does not answer, the keys that it had are believed no longer than this.
const BELIEVED: Duration = Duration::from_secs(3600);
/// Whatever tokens come, the issuer is asked no more often.
const AGAIN: Duration = Duration::from_secs(30);
/// As long as there is no key that is believed, nobody can come in, so it is asked more often.
const AGAIN_WITHOUT: Duration = Duration::from_secs(5);
/// Bytes of a discovery document or of a set of keys; Keycloak's are 6 and 3 KiB.
const LARGEST: usize = 256 * 1024;
/// Keys that are kept. An issuer has two or three.
const MOST_KEYS: usize = 64;

const LIMITS: Limits = Limits {
    connect: Duration::from_secs(3),
    headers: Duration::from_secs(4),
    stall: Duration::from_secs(2),
    total: Duration::from_secs(5),
    body_bytes: LARGEST as u64,
    in_flight: 1,
    retries: 1,
};

/// The keys of one issuer.
pub(super) struct Keys {
    source: Arc<Source>,
    /// Who holds it may ask the issuer.
    turn: Arc<Mutex<()>>,
}

/// Where the keys come from, and those that came.
struct Source {
    issuer: String,
    address: Url,
    network: Arc<dyn Transport>,
    discovery: String,
    held: RwLock<Held>,
}

#[derive(Clone, Default)]
struct Held {
    keys: Arc<[Key]>,
    fetched: Option<Instant>,
    asked: Option<Instant>,
}

struct Key {
    id: String,
    algorithms: Vec<Algorithm>,
    key: DecodingKey,
}

#[derive(Deserialize)]
struct Discovery {
    issuer: String,
    jwks_uri: String,
}

#[derive(Deserialize)]
struct KeySet {
    /// One that we do not understand must not cost us the others.
    keys: Vec<Value>,
}

/// Why no keys came.
#[derive(Debug, thiserror::Error)]
enum NoKeys {
    #[error("the issuer could not be asked")]
    Refused(#[from] Refusal),
    #[error("the issuer calls itself by another name than --oidc-issuer")]
    OtherName,
    #[error("the keys are at another address than the issuer")]
    Elsewhere,
    #[error("the address of the keys cannot be used")]
    NotAllowable(#[from] NotAllowable),
    #[error("the request could not be made")]
    Request(#[from] http::Error),
    #[error("there is no key among them that could sign a token")]
    Useless,
}

impl Keys {
    pub(super) fn new(issuer: &str, address: Url) -> Result<Keys, String> {
        let mut origin = address.clone();
        origin.set_path("/");
        let network = Network::new(SYSTEM, &origin, &LIMITS).map_err(|error| error.to_string())?;
        let discovery =
            format!("{}/.well-known/openid-configuration", address.path().trim_end_matches('/'));
        let source = Source {
            issuer: issuer.to_owned(),
            address,
            network: Arc::new(network),
            discovery,
            held: RwLock::default(),
        };
        Ok(Keys { source: Arc::new(source), turn: Arc::default() })
    }

    /// The issuer's key of this name, if it may sign with this algorithm.
    pub(super) async fn find(&self, id: &str, with: Algorithm) -> Result<DecodingKey, Unproven> {
        let held = self.source.held();
        let known = held.key(id);
        let fresh = held.fetched.is_some_and(|at| at.elapsed() < FRESH);
        if known.is_none() || !fresh {
            self.refresh(known.is_some()).await;
        }
        let held = self.source.held();
        if held.fetched.is_none_or(|at| at.elapsed() >= BELIEVED) {
            return Err(Unproven::NoKeys);
        }
        let key = held.key(id).ok_or(Unproven::Wrong("the issuer has no such key"))?;
        if !key.algorithms.contains(&with) {
            return Err(Unproven::Wrong("the key is not for the algorithm of the token"));
        }
        Ok(key.key.clone())
    }

    /// Asks the issuer, unless it was asked a moment ago. With a key at hand nobody waits for another who asks.
    async fn refresh(&self, at_hand: bool) {
        let turn = match self.turn.clone().try_lock_owned() {
            Ok(turn) => turn,
            Err(_) if at_hand => return,
            Err(_) => self.turn.clone().lock_owned().await,
        };
        if !self.source.may_ask() {
            return;
        }
        // In a task of its own: a caller who hangs up must not stop what all others wait for.
        let _ = tokio::spawn(renew(self.source.clone(), turn)).await;
    }
}

async fn renew(source: Arc<Source>, _turn: OwnedMutexGuard<()>) {
    source.write(|held| held.asked = Some(Instant::now()));
    match source.fetch().await {
        Ok(keys) => source.write(|held| {
            held.keys = keys.into();
            held.fetched = Some(Instant::now());
        }),
        Err(error) => {
            let cause = std::error::Error::source(&error).map(ToString::to_string);
            tracing::warn!(issuer = source.issuer, %error, cause, "no keys");
        }
    }
}

impl Source {
    fn held(&self) -> Held {
        self.held.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn write(&self, change: impl FnOnce(&mut Held)) {
        change(&mut self.held.write().unwrap_or_else(PoisonError::into_inner));
    }

    fn may_ask(&self) -> bool {
        let held = self.held();
        let believed = held.fetched.is_some_and(|at| at.elapsed() < BELIEVED);
        let pause = if believed { AGAIN } else { AGAIN_WITHOUT };
        held.asked.is_none_or(|at| at.elapsed() >= pause)
    }

    async fn fetch(&self) -> Result<Vec<Key>, NoKeys> {
        let discovery: Discovery = self.read(&self.discovery, None).await?;
        if discovery.issuer != self.issuer {
            return Err(NoKeys::OtherName);
        }
        // A document may not send us to an address that nobody configured.
        let keys = Url::parse(&discovery.jwks_uri).map_err(|_| NoKeys::Elsewhere)?;
        if keys.origin() != self.address.origin() {
            return Err(NoKeys::Elsewhere);
        }
        let set: KeySet = self.read(keys.path(), keys.query()).await?;
        let keys: Vec<Key> = set.keys.into_iter().take(MOST_KEYS).filter_map(key).collect();
        if keys.is_empty() {
            return Err(NoKeys::Useless);
        }
        Ok(keys)
    }

    async fn read<T: DeserializeOwned>(
        &self,
        path: &str,
        query: Option<&str>,
    ) -> Result<T, NoKeys> {
        let allow = AllowList::new(vec![Read::new(Method::GET, path)?]);
        let reader = Reader::new(SYSTEM, self.network.clone(), allow, LIMITS);
        let target = query.map_or_else(|| path.to_owned(), |query| format!("{path}?{query}"));
        let request = Request::get(target).header(ACCEPT, "application/json").body(Bytes::new())?;
        Ok(body::json(reader.read(request).await?, LARGEST).await?)
    }
}

impl Held {
    fn key(&self, id: &str) -> Option<&Key> {
        self.keys.iter().find(|key| key.id == id)
    }
}

/// A key that signs tokens; none for those that do something else or that we do not know.
fn key(value: Value) -> Option<Key> {
    let jwk: Jwk = serde_json::from_value(value).ok()?;
    if jwk.common.public_key_use.as_ref().is_some_and(|it| *it != PublicKeyUse::Signature) {
        return None;
    }
    let mut algorithms = match &jwk.algorithm {
        AlgorithmParameters::RSA(_) => vec![
            Algorithm::RS256,
            Algorithm::RS384,
            Algorithm::RS512,
            Algorithm::PS256,
            Algorithm::PS384,
            Algorithm::PS512,
        ],
        AlgorithmParameters::EllipticCurve(it) if it.curve == EllipticCurve::P256 => {
            vec![Algorithm::ES256]
        }
        AlgorithmParameters::EllipticCurve(it) if it.curve == EllipticCurve::P384 => {
            vec![Algorithm::ES384]
        }
        AlgorithmParameters::OctetKeyPair(it) if it.curve == EllipticCurve::Ed25519 => {
            vec![Algorithm::EdDSA]
        }
        _ => return None,
    };
    if let Some(only) = jwk.common.key_algorithm {
        algorithms.retain(|algorithm| KeyAlgorithm::from(*algorithm) == only);
    }
    let key = DecodingKey::from_jwk(&jwk).ok()?;
    let id = jwk.common.key_id?;
    (!algorithms.is_empty()).then_some(Key { id, algorithms, key })
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Keys").field("issuer", &self.source.issuer).finish_non_exhaustive()
    }
}
