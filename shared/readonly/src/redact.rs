//! Secrets in text, replaced by a mark that still tells two of them apart.

mod formats;
mod name;
mod pairs;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use std::borrow::Cow;
use std::ops::Range;
use std::sync::OnceLock;

/// How every mark begins; what begins so is not redacted again.
const MARK: &str = "<redacted len=";

/// No form of a secret is shorter; `xoxb-` with ten letters is as long.
const SHORTEST_FORM: usize = 15;

static OF_PROCESS: OnceLock<Redactor> = OnceLock::new();

/// Replaces secrets by `<redacted len=24 hmac=9c1e>`: the length in bytes, and two bytes that differ where secrets differ. The key
/// is random, so that a weak secret cannot be found by trying.
pub struct Redactor {
    /// None where the system gave no random bytes; marks have only lengths then.
    key: Option<[u8; 32]>,
}

impl Redactor {
    /// The redactor of this process: one key, so that equal secrets have equal marks everywhere in it. The key is random
    /// unless it was fixed before.
    pub fn of_process() -> &'static Redactor {
        OF_PROCESS.get_or_init(|| {
            let mut key = [0; 32];
            let random = rustls::crypto::aws_lc_rs::default_provider().secure_random;
            Redactor { key: random.fill(&mut key).is_ok().then_some(key) }
        })
    }

    /// Gives the redactor of this process a key, for replays: the same snapshot must give the same report in every
    /// process. The first key stays, drawn or fixed.
    pub fn fix_process(key: [u8; 32]) {
        OF_PROCESS.get_or_init(|| Redactor::with_key(key));
    }

    /// A redactor with a given key, for tests and reproducible snapshots.
    pub fn with_key(key: [u8; 32]) -> Redactor {
        Redactor { key: Some(key) }
    }

    /// `text` with every secret found in it replaced: the known forms of tokens and keys, credentials in addresses, and the values
    /// of names that say `secret`, as in JSON, YAML, logfmt, headers and command lines.
    pub fn text<'a>(&self, text: &'a str) -> Cow<'a, str> {
        // The names come second and see the marks of the first, so that neither hides in the other.
        match self.replaced(text, formats::find(text)) {
            Cow::Borrowed(text) => self.replaced(text, pairs::find(text)),
            Cow::Owned(text) => {
                let secrets = pairs::find(&text);
                Cow::Owned(self.replaced(&text, secrets).into_owned())
            }
        }
    }

    /// Where the secrets stand that [`Redactor::text`] replaces, in their order, apart from each other.
    pub fn secrets(text: &str) -> Vec<Range<usize>> {
        merged(formats::find(text).into_iter().chain(pairs::find(text)).collect())
    }

    fn replaced<'a>(&self, text: &'a str, secrets: Vec<Range<usize>>) -> Cow<'a, str> {
        if secrets.is_empty() {
            return Cow::Borrowed(text);
        }
        let mut redacted = String::with_capacity(text.len());
        let mut done = 0;
        for secret in merged(secrets) {
            redacted.push_str(text.get(done..secret.start).unwrap_or_default());
            redacted.push_str(&self.value(text.get(secret.clone()).unwrap_or_default()));
            done = secret.end;
        }
        redacted.push_str(text.get(done..).unwrap_or_default());
        Cow::Owned(redacted)
    }

    /// The mark in place of a whole value. A mark is its own mark.
    pub fn value(&self, value: &str) -> String {
        if value.starts_with(MARK) && value.ends_with('>') {
            return value.to_owned();
        }
        let length = value.len();
        match self.key.and_then(|key| tag(&key, value)) {
            Some([first, second]) => format!("{MARK}{length} hmac={first:02x}{second:02x}>"),
            None => format!("{MARK}{length}>"),
        }
    }
}

fn tag(key: &[u8; 32], value: &str) -> Option<[u8; 2]> {
    let mut hmac = Hmac::<Sha256>::new_from_slice(key).ok()?;
    hmac.update(value.as_bytes());
    hmac.finalize().into_bytes().first_chunk().copied()
}

/// The same ranges in order, those that touch made one.
fn merged(mut ranges: Vec<Range<usize>>) -> Vec<Range<usize>> {
    ranges.sort_by_key(|range| range.start);
    let mut merged: Vec<Range<usize>> = Vec::new();
    for range in ranges {
        match merged.last_mut() {
            Some(last) if range.start < last.end => last.end = last.end.max(range.end),
            _ => merged.push(range),
        }
    }
    merged
}

/// Whether nothing can be redacted in it, as it is one word too short for any form of a secret and without what parts a name
/// from its value. Most cells of a table are so, and reading them through every pattern takes longest of all that is done
/// to an answer.
pub fn is_harmless(word: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b".%+-_/".contains(&byte);
    // Behind it stands the end of a name.
    let rest = word.strip_prefix('…').unwrap_or(word);
    word.len() < SHORTEST_FORM && rest.bytes().all(plain)
}

/// Whether a variable, key or field of this name holds a secret itself: `DB_PASSWORD`, not `tokens_total` or `secretName`.
pub fn is_secret_name(name: &str) -> bool {
    name::holds_a_secret(name)
}
