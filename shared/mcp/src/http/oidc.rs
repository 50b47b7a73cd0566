//! Tokens of an OpenID Connect issuer: signed with one of its keys, meant for us, and in time.

mod keys;

use crate::http::oidc::keys::Keys;
use jsonwebtoken::errors::ErrorKind;
use jsonwebtoken::{Algorithm, Validation, decode, decode_header};
use serde::Deserialize;
use url::{Host, Url};

/// Signatures with a key that only the issuer has. Never `none`, and never a shared secret (HS256 and its like).
const ALGORITHMS: [Algorithm; 9] = [
    Algorithm::RS256,
    Algorithm::RS384,
    Algorithm::RS512,
    Algorithm::PS256,
    Algorithm::PS384,
    Algorithm::PS512,
    Algorithm::ES256,
    Algorithm::ES384,
    Algorithm::EdDSA,
];
/// Clocks differ by less, in seconds.
const LEEWAY: u64 = 30;
/// Bytes of a token; Entra's with all groups are about 4 KiB.
const LONGEST_TOKEN: usize = 8 * 1024;
/// Bytes of a subject: OpenID Connect allows no more.
const LONGEST_SUBJECT: usize = 255;
/// Bytes of a key's name; issuers use a hash.
const LONGEST_KEY_ID: usize = 256;

/// Checks the tokens of one issuer.
#[derive(Debug)]
pub(crate) struct Oidc {
    issuer: String,
    audience: String,
    keys: Keys,
}

/// Why a token proves nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unproven {
    /// What is wrong with it, without a word of it.
    Wrong(&'static str),
    /// The issuer's keys cannot be had now, so nobody can tell.
    NoKeys,
}

#[derive(Deserialize)]
struct Claims {
    iss: String,
    sub: Option<String>,
}

impl Oidc {
    /// Tokens that `issuer` made for `audience`. Nothing is fetched before the first token comes.
    ///
    /// # Errors
    /// In one line, why the issuer's address cannot be used.
    pub(crate) fn new(issuer: &str, audience: &str) -> Result<Oidc, String> {
        let address = Url::parse(issuer).map_err(|error| error.to_string())?;
        let local = match address.host() {
            Some(Host::Domain(name)) => name == "localhost",
            Some(Host::Ipv4(ip)) => ip.is_loopback(),
            Some(Host::Ipv6(ip)) => ip.is_loopback(),
            None => false,
        };
        // Keys that came over a connection which others can change prove nothing.
        if address.scheme() != "https" && !(address.scheme() == "http" && local) {
            return Err("it must begin with https://, or be on loopback".to_owned());
        }
        if !address.username().is_empty() || address.password().is_some() {
            return Err("it may hold no credentials".to_owned());
        }
        if audience.trim().is_empty() {
            return Err("--oidc-audience may not be empty".to_owned());
        }
        let keys = Keys::new(issuer, address)?;
        Ok(Oidc { issuer: issuer.to_owned(), audience: audience.to_owned(), keys })
    }

    /// The subject that the token proves.
    pub(crate) async fn subject(&self, token: &str) -> Result<String, Unproven> {
        if token.len() > LONGEST_TOKEN {
            return Err(Unproven::Wrong("the token is longer than 8 KiB"));
        }
        let header = decode_header(token)
            .map_err(|_| Unproven::Wrong("the token is no JWT of a known algorithm"))?;
        if !ALGORITHMS.contains(&header.alg) {
            return Err(Unproven::Wrong("the algorithm of the token is not allowed"));
        }
        if header.crit.is_some() || header.enc.is_some() || header.zip.is_some() {
            return Err(Unproven::Wrong("the token needs an extension that is not known here"));
        }
        let id = header.kid.filter(|id| id.len() <= LONGEST_KEY_ID);
        let id = id.ok_or(Unproven::Wrong("the token does not say with which key it is signed"))?;
        let key = self.keys.find(&id, header.alg).await?;
        let decoded = decode::<Claims>(token, &key, &self.validation(header.alg))
            .map_err(|error| Unproven::Wrong(wrong(error.kind())))?;
        // The library takes a list of issuers as well, if ours is among them.
        if decoded.claims.iss != self.issuer {
            return Err(Unproven::Wrong("the token is of another issuer"));
        }
        let plain = |subject: &String| {
            (1..=LONGEST_SUBJECT).contains(&subject.len())
                && subject.bytes().all(|byte| byte.is_ascii_graphic())
        };
        decoded.claims.sub.filter(plain).ok_or(Unproven::Wrong(
            "the subject of the token is absent, longer than 255 bytes or not plain ASCII",
        ))
    }

    fn validation(&self, algorithm: Algorithm) -> Validation {
        let mut validation = Validation::new(algorithm);
        validation.leeway = LEEWAY;
        validation.validate_nbf = true;
        validation.set_required_spec_claims(&["exp", "iss", "aud"]);
        validation.set_issuer(&[&self.issuer]);
        validation.set_audience(&[&self.audience]);
        validation
    }
}

fn wrong(kind: &ErrorKind) -> &'static str {
    match kind {
        ErrorKind::ExpiredSignature => "the token has expired",
        ErrorKind::ImmatureSignature => "the token is not valid yet",
        ErrorKind::InvalidIssuer => "the token is of another issuer",
        ErrorKind::InvalidAudience => "the token is for another audience",
        ErrorKind::InvalidSignature => "the signature of the token is wrong",
        ErrorKind::MissingRequiredClaim(claim) => match claim.as_str() {
            "exp" => "the token has no usable exp",
            "iss" => "the token has no usable iss",
            _ => "the token has no usable aud",
        },
        ErrorKind::InvalidClaimFormat(_) => "a time in the token is not a number",
        ErrorKind::Json(_) => "a claim of the token is absent or not of its type",
        _ => "the token cannot be checked",
    }
}
