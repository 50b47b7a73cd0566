//! Secrets that are known by their own form, wherever they stand.

use regex::Regex;
use std::ops::Range;
use std::sync::LazyLock;

/// Tokens and keys whose makers gave them a form of their own. Every alternative begins with plain letters, so that text without
/// any of them is passed over quickly; words end where ASCII's do, as Unicode's take the slow way in text with a single `…`.
const TOKENS: &str = concat!(
    r"-----BEGIN [A-Z0-9 ]{0,30}PRIVATE KEY(?: BLOCK)?-----",
    // JSON Web Tokens, signed or encrypted.
    r"|eyJ[A-Za-z0-9_-]{10,}(?:\.[A-Za-z0-9_-]*){2,4}",
    // Clouds.
    r"|(?:AKIA|ASIA)[A-Z0-9]{16}(?-u:\b)|AIza[A-Za-z0-9_-]{35}|ya29\.[A-Za-z0-9_-]{20,}|GOCSPX-[A-Za-z0-9_-]{20,}",
    r"|[0-9]Q~[A-Za-z0-9_~.-]{31,34}|do[opr]_v1_[a-f0-9]{64}|dapi[a-f0-9]{32}|pscale_(?:tkn|pw|oauth)_[A-Za-z0-9_-]{32,}",
    r"|sbp_[a-f0-9]{40}|CFPAT-[A-Za-z0-9_-]{40,}|HRKU-[A-Za-z0-9_-]{36,}|FlyV1 [A-Za-z0-9_,+/=-]{40,}",
    // Code and packages.
    r"|gh[pousr]_[A-Za-z0-9]{36,}|github_pat_[A-Za-z0-9_]{22,}|gl(?:pat|ptt|dt|rt|cbt|soat|ft|imt|agent)-[A-Za-z0-9_.-]{20,}",
    r"|npm_[A-Za-z0-9]{36}|pypi-[A-Za-z0-9_-]{50,}|rubygems_[a-f0-9]{48}|dckr_(?:pat|oat)_[A-Za-z0-9_-]{20,}|ATATT3[A-Za-z0-9_=-]{50,}|ATCTT3[A-Za-z0-9_=-]{50,}",
    // Talk and payment.
    r"|xox[abeoprs](?:\.xox[bp])?-[A-Za-z0-9-]{10,}|xapp-[0-9]-[A-Za-z0-9-]{20,}|hooks\.slack\.com/(?:services|workflows|triggers)/[A-Za-z0-9/_+-]{20,}",
    r"|[rsp]k_(?:live|test|prod)_[A-Za-z0-9]{10,}|whsec_[A-Za-z0-9+/=]{20,}|sq0(?:atp|csp)-[A-Za-z0-9_-]{22,}|EAAA[A-Za-z0-9_-]{60}",
    r"|shp(?:at|ca|pa|ss)_[a-fA-F0-9]{32}|SG\.[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{16,}|:AA[A-Za-z0-9_-]{33}(?-u:\b)|PMAK-[a-f0-9]{24}-[a-f0-9]{34}",
    // Language models.
    r"|sk-(?:proj|svcacct|admin|ant|or|lf)-[A-Za-z0-9_-]{20,}|sk-[A-Za-z0-9]{32,}|hf_[A-Za-z0-9]{30,}|r8_[A-Za-z0-9]{37}|gsk_[A-Za-z0-9]{40,}|pplx-[A-Za-z0-9]{40,}|xai-[A-Za-z0-9]{60,}",
    // Operations.
    r"|hv[sbr]\.[A-Za-z0-9_-]{20,}|gls?[ac]_[A-Za-z0-9_=+/-]{30,}|NRAK-[A-Z0-9]{27}|NRJS-[a-f0-9]{19}|sntry[su]_[A-Za-z0-9_=+/-]{40,}",
    r"|dt0[a-z][0-9]{2}\.[A-Z0-9]{24}\.[A-Z0-9]{64}|dp\.(?:pt|st|ct|sa|scim|audit)\.[A-Za-z0-9._-]{40,}|lin_(?:api|oauth)_[A-Za-z0-9]{32,}|ntn_[A-Za-z0-9]{40,}",
    r"|[.]atlasv1[.][A-Za-z0-9_=-]{60,}|AGE-SECRET-KEY-1[0-9A-Z]{58}|ops_eyJ[A-Za-z0-9_=+/-]{200,}|tskey-[a-z]+-[A-Za-z0-9-]{20,}|pul-[a-f0-9]{40}",
);

/// Credentials in an address: `scheme://user:PASSWORD@`.
const ADDRESS: &str = r#"://[^\s/:@"'<>]{0,256}:([^\s/"'<>]{1,512})@"#;

/// What follows the scheme of a header that has lost its name.
const SCHEME: &str =
    r"(?-u:\b)(?:Bearer|bearer|BEARER|Basic|basic)\s{1,3}([A-Za-z0-9._~+/=-]{12,})";

/// The signature of a signed address.
const SIGNATURE: &str = concat!(
    r"[?&;](?:sig|[Xx]-[Aa]mz-[Ss]ignature|[Xx]-[Aa]mz-[Ss]ecurity-[Tt]oken|[Xx]-[Gg]oog-[Ss]ignature)",
    r"=([A-Za-z0-9%+/=_-]{16,})",
);

/// All of them. They are apart because a match of one may reach over another.
static PATTERNS: LazyLock<[Option<Regex>; 4]> =
    LazyLock::new(|| [TOKENS, ADDRESS, SCHEME, SIGNATURE].map(|pattern| Regex::new(pattern).ok()));

/// Bytes of the longest private key: RSA of 16,384 bits, with room.
const LONGEST_KEY: usize = 16 * 1024;

/// The ranges of the secrets in `text`, in any order, that are known by their form.
pub(super) fn find(text: &str) -> Vec<Range<usize>> {
    let [tokens, address, scheme, signature] = &*PATTERNS;
    let mut secrets = Vec::new();
    let mut from = 0;
    while let Some(token) = tokens.as_ref().and_then(|tokens| tokens.find_at(text, from)) {
        from = token.end();
        if token.as_str().starts_with("-----") {
            from = key_end(text, token.end());
        } else if token.as_str().starts_with(|c: char| c.is_ascii_alphabetic())
            && !begins_a_word(text, token.start())
        {
            // Its greedy end may reach over another.
            from = text.ceil_char_boundary(token.start() + 1);
            continue;
        }
        secrets.push(token.start()..from);
    }
    secrets.extend(within(address, text));
    secrets.extend(within(signature, text));
    let told = |secret: &Range<usize>| text.get(secret.clone()).is_some_and(|text| !is_word(text));
    secrets.extend(within(scheme, text).filter(told));
    secrets
}

/// What the first group of `pattern` holds, wherever it is found.
fn within(pattern: &Option<Regex>, text: &str) -> impl Iterator<Item = Range<usize>> {
    let found = pattern.iter().flat_map(move |pattern| pattern.captures_iter(text));
    found.filter_map(|captures| Some(captures.get(1)?.range()))
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

/// Whether a form found at `start` is not the inside of a longer word. An escape before it (`\n`, `%3D`) is no part of a word.
fn begins_a_word(text: &str, start: usize) -> bool {
    let mut before = text.as_bytes().get(..start).unwrap_or_default().iter().rev();
    match [before.next(), before.next(), before.next()] {
        [Some(b'n' | b't' | b'r'), Some(b'\\'), _] => true,
        [Some(second), Some(first), Some(b'%')] => {
            first.is_ascii_hexdigit() && second.is_ascii_hexdigit()
        }
        [Some(byte), ..] => !byte.is_ascii_alphanumeric(),
        _ => true,
    }
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
        assert!(PATTERNS.iter().all(Option::is_some));
    }
}
