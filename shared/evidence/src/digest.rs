//! A fingerprint of what was seen, so that it can be told later whether it still holds.

use serde::Serialize;
use sha2::{Digest, Sha256};
use std::fmt::Write;

/// `sha256:` and the hexadecimal SHA-256 of `value` as JSON. Field order is the type's, so it is stable.
pub fn of<T: Serialize>(value: &T) -> String {
    let json = serde_json::to_vec(value).unwrap_or_default();
    let mut text = String::from("sha256:");
    for byte in Sha256::digest(&json) {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}
