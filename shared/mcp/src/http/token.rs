//! Bearer tokens from a file, read again for every call, so that a rotated secret counts at once.

use crate::http::HttpError;
use sha2::{Digest, Sha256};
use std::path::{Path, PathBuf};

/// A shorter token can be guessed.
const LEAST_CHARACTERS: usize = 16;

/// The file with the tokens, one a line.
#[derive(Clone, Debug)]
pub(crate) struct TokenFile {
    path: PathBuf,
}

impl TokenFile {
    /// Checks that there is a token to compare with, before anything is served.
    pub(crate) fn open(path: &Path) -> Result<Self, HttpError> {
        let text = std::fs::read_to_string(path)
            .map_err(|source| HttpError::TokenFile { path: path.to_owned(), source })?;
        let all_strong = tokens(&text).all(|token| token.len() >= LEAST_CHARACTERS);
        if tokens(&text).next().is_none() || !all_strong {
            return Err(HttpError::WeakToken { path: path.to_owned(), least: LEAST_CHARACTERS });
        }
        Ok(TokenFile { path: path.to_owned() })
    }

    /// Whether this is one of the tokens. A file that cannot be read lets nobody in.
    pub(crate) fn admits(&self, shown: &str) -> bool {
        let text = match std::fs::read_to_string(&self.path) {
            Ok(text) => text,
            Err(error) => {
                tracing::error!(path = %self.path.display(), %error, "the token file cannot be read");
                return false;
            }
        };
        let strong = tokens(&text).filter(|token| token.len() >= LEAST_CHARACTERS);
        // Every token is compared, so that the time taken says nothing about which one came close.
        strong.fold(false, |admitted, token| admitted | same(token, shown))
    }
}

fn tokens(text: &str) -> impl Iterator<Item = &str> {
    text.lines().map(str::trim).filter(|line| !line.is_empty())
}

/// Compares digests: they are of equal length and tell nothing about where two tokens differ.
fn same(one: &str, other: &str) -> bool {
    let (one, other) = (Sha256::digest(one), Sha256::digest(other));
    one.iter().zip(other.iter()).fold(0, |differs, (a, b)| differs | (a ^ b)) == 0
}
