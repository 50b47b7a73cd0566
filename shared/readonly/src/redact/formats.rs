//! Secrets that are known by their own form, wherever they stand.

use regex::Regex;
use std::ops::Range;
use std::sync::LazyLock;

/// Tokens and keys whose makers gave them a form of their own. Every alternative begins with plain letters, so that text without
/// any of them is passed over quickly.
const TOKENS: &str = concat!(
    r"-----BEGIN [A-Z0-9 ]{0,30}PRIVATE KEY(?: BLOCK)?-----",
    // JSON Web Tokens, signed or encrypted.
    r"|eyJ[A-Za-z0-9_-]{10,}(?:\.[A-Za-z0-9_-]*){2,4}",
    // Clouds.
    r"|(?:AKIA|ASIA)[A-Z0-9]{16}\b|AIza[A-Za-z0-9_-]{35}|ya29\.[A-Za-z0-9_-]{20,}|GOCSPX-[A-Za-z0-9_-]{20,}",
    r"|[0-9]Q~[A-Za-z0-9_~.-]{31,34}|do[opr]_v1_[a-f0-9]{64}|dapi[a-f0-9]{32}|pscale_(?:tkn|pw|oauth)_[A-Za-z0-9_-]{32,}",
    r"|sbp_[a-f0-9]{40}|CFPAT-[A-Za-z0-9_-]{40,}|HRKU-[A-Za-z0-9_-]{36,}|FlyV1 [A-Za-z0-9_,+/=-]{40,}",
    // Code and packages.
    r"|gh[pousr]_[A-Za-z0-9]{36,}|github_pat_[A-Za-z0-9_]{22,}|gl(?:pat|ptt|dt|rt|cbt|soat|ft|imt|agent)-[A-Za-z0-9_.-]{20,}",
    r"|npm_[A-Za-z0-9]{36}|pypi-[A-Za-z0-9_-]{50,}|rubygems_[a-f0-9]{48}|dckr_(?:pat|oat)_[A-Za-z0-9_-]{20,}|ATATT3[A-Za-z0-9_=-]{50,}|ATCTT3[A-Za-z0-9_=-]{50,}",
    // Talk and payment.
    r"|xox[abeoprs](?:\.xox[bp])?-[A-Za-z0-9-]{10,}|xapp-[0-9]-[A-Za-z0-9-]{20,}|hooks\.slack\.com/(?:services|workflows|triggers)/[A-Za-z0-9/_+-]{20,}",
    r"|[rsp]k_(?:live|test|prod)_[A-Za-z0-9]{10,}|whsec_[A-Za-z0-9+/=]{20,}|sq0(?:atp|csp)-[A-Za-z0-9_-]{22,}|EAAA[A-Za-z0-9_-]{60}",
    r"|shp(?:at|ca|pa|ss)_[a-fA-F0-9]{32}|SG\.[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{16,}|:AA[A-Za-z0-9_-]{33}\b|PMAK-[a-f0-9]{24}-[a-f0-9]{34}",
    // Language models.
    r"|sk-(?:proj|svcacct|admin|ant|or|lf)-[A-Za-z0-9_-]{20,}|sk-[A-Za-z0-9]{32,}|hf_[A-Za-z0-9]{30,}|r8_[A-Za-z0-9]{37}|gsk_[A-Za-z0-9]{40,}|pplx-[A-Za-z0-9]{40,}|xai-[A-Za-z0-9]{60,}",
    // Operations.
    r"|hv[sbr]\.[A-Za-z0-9_-]{20,}|gls?[ac]_[A-Za-z0-9_=+/-]{30,}|NRAK-[A-Z0-9]{27}|NRJS-[a-f0-9]{19}|sntry[su]_[A-Za-z0-9_=+/-]{40,}",
    r"|dt0[a-z][0-9]{2}\.[A-Z0-9]{24}\.[A-Z0-9]{64}|dp\.(?:pt|st|ct|sa|scim|audit)\.[A-Za-z0-9._-]{40,}|lin_(?:api|oauth)_[A-Za-z0-9]{32,}|ntn_[A-Za-z0-9]{40,}",
    r"|[.]atlasv1[.][A-Za-z0-9_=-]{60,}|AGE-SECRET-KEY-1[0-9A-Z]{58}|ops_eyJ[A-Za-z0-9_=+/-]{200,}|tskey-[a-z]+-[A-Za-z0-9-]{20,}|pul-[a-f0-9]{40}",
);

/// What opens a secret by its place: `scheme://user:PASSWORD@`, `Bearer SECRET`, the signature of a signed address.
const PLACES: &str = concat!(
    r#"://[^\s/:@"'<>]{0,256}:([^\s/"'<>]{1,512})@"#,
    r"|\b(?:Bearer|bearer|BEARER|Basic|basic)\s{1,3}([A-Za-z0-9._~+/=-]{12,})",
    r"|[?&;](?:sig|[Xx]-[Aa]mz-[Ss]ignature|[Xx]-[Aa]mz-[Ss]ecurity-[Tt]oken|[Xx]-[Gg]oog-[Ss]ignature)=([A-Za-z0-9%+/=_-]{16,})",
);

/// Bytes of the longest private key: RSA of 16,384 bits, with room.
const LONGEST_KEY: usize = 16 * 1024;

/// Adds the ranges of the secrets in `text` that are known by their form.
pub(super) fn find(text: &str, secrets: &mut Vec<Range<usize>>) {
    static FORMS: LazyLock<[Option<Regex>; 2]> =
        LazyLock::new(|| [Regex::new(TOKENS).ok(), Regex::new(PLACES).ok()]);
    let [tokens, places] = &*FORMS;
    let mut from = 0;
    while let Some(token) = tokens.as_ref().and_then(|tokens| tokens.find_at(text, from)) {
        from = token.end();
        if token.as_str().starts_with('-') {
            from = key_end(text, token.end());
        } else if !begins_a_word(text, token.start()) {
            // Its greedy end may reach over another.
            from = text.ceil_char_boundary(token.start() + 1);
            continue;
        }
        secrets.push(token.start()..from);
    }
    for place in places.iter().flat_map(|places| places.captures_iter(text)) {
        let Some(secret) = place.iter().skip(1).flatten().next() else {
            continue;
        };
        let by_scheme = place.get(0).is_some_and(|whole| whole.as_str().starts_with(['B', 'b']));
        if !by_scheme || !is_word(secret.as_str()) {
            secrets.push(secret.range());
        }
    }
}

/// Where a private key ends whose first line ends at `start`: behind its last line, or with the text where that was cut off.
fn key_end(text: &str, start: usize) -> usize {
    let longest =
        text.get(start..text.floor_char_boundary(start + LONGEST_KEY)).unwrap_or_default();
    let Some(last_line) = longest.find("-----END") else {
        return start + longest.len();
    };
    let behind = last_line + "-----END".len();
    let dashes = longest.get(behind..).and_then(|rest| rest.find("-----"));
    start + dashes.map_or(longest.len(), |dashes| behind + dashes + "-----".len())
}

/// Whether a form found at `start` is not the inside of a longer word.
fn begins_a_word(text: &str, start: usize) -> bool {
    let form = text.as_bytes().get(start).copied().unwrap_or_default();
    let before = text.get(..start).and_then(|head| head.chars().next_back());
    !form.is_ascii_alphabetic() || !before.is_some_and(|before| before.is_ascii_alphanumeric())
}

/// Whether what follows `bearer` is a word of a sentence, as in `basic authentication`.
fn is_word(text: &str) -> bool {
    let text = text.trim_end_matches('.');
    let lower_case = text.bytes().skip(1).all(|byte| byte.is_ascii_lowercase() || byte == b'-');
    text.len() <= 20 && lower_case
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_patterns_compile() {
        assert!(Regex::new(TOKENS).is_ok());
        assert!(Regex::new(PLACES).is_ok());
    }
}
