//! Whether what a line says failed went through later, by the item that both lines name: `invoice=4711 ... will retry`, and then
//! `sent invoice=4711 attempt=3`.

/// Words of a line that tells of something done.
const DONE: [&str; 8] =
    ["sent", "delivered", "succeeded", "success", "stored", "uploaded", "published", "processed"];
/// Words of one that does not.
const NOT: [&str; 8] = ["not", "error", "err", "failed", "failure", "retry", "retrying", "unsent"];
/// Keys that name no item, but the time, the place and the form.
const COMMON: [&str; 20] = [
    "app",
    "attempt",
    "caller",
    "component",
    "date",
    "env",
    "error",
    "host",
    "hostname",
    "level",
    "logger",
    "message",
    "msg",
    "name",
    "pid",
    "service",
    "severity",
    "status",
    "time",
    "ts",
];

/// Whether a line says that the item of a line before it is done.
pub(in crate::case) fn is_done_later(failed: &str, later: &str) -> bool {
    let lowered = later.to_ascii_lowercase();
    let words: Vec<&str> = lowered.split(|it: char| !it.is_ascii_alphanumeric()).collect();
    let done = words.iter().any(|it| DONE.contains(it)) && !words.iter().any(|it| NOT.contains(it));
    let before = items(failed);
    done && items(later).iter().any(|it| before.contains(it))
}

/// The named values of a line that are numbers of something, as JSON or `key=value` writes them.
fn items(line: &str) -> Vec<(&str, &str)> {
    let quote = |it: char| matches!(it, '"' | '\'' | '{' | '}' | ' ');
    let mut items = Vec::new();
    for part in line.split([',', ' ']) {
        let Some((key, value)) = part.split_once(['=', ':']) else { continue };
        let (key, value) = (key.trim_matches(quote), value.trim_matches(quote));
        let is_key = !key.is_empty() && key.chars().all(|it| it.is_ascii_alphabetic() || it == '_');
        let digits = value.chars().filter(char::is_ascii_digit).count();
        if is_key && digits >= 3 && !COMMON.contains(&key.to_ascii_lowercase().as_str()) {
            items.push((key, value));
        }
    }
    items
}

#[cfg(test)]
mod tests {
    use super::is_done_later;

    const FAILED: &str = r#"{"level":50,"msg":"send failed, will retry","invoice":"2026-11-0402","error":"connect ETIMEDOUT mail.example.com:587"}"#;

    #[test]
    fn an_item_that_went_through_later_is_done() {
        let sent = r#"{"level":30,"msg":"sent","invoice":"2026-11-0402","attempt":3}"#;
        assert!(is_done_later(FAILED, sent));
        assert!(is_done_later("order=4711 timeout, retrying", "delivered order=4711"));
    }

    #[test]
    fn another_item_or_no_success_is_not() {
        for later in [
            r#"{"level":30,"msg":"sent","invoice":"2026-11-0403"}"#,
            r#"{"level":50,"msg":"not sent","invoice":"2026-11-0402"}"#,
            r#"{"level":50,"msg":"retrying","invoice":"2026-11-0402"}"#,
            r#"{"level":30,"msg":"queued","invoice":"2026-11-0402"}"#,
            "sent everything",
        ] {
            assert!(!is_done_later(FAILED, later), "{later}");
        }
        assert!(!is_done_later("time=2026 timeout", "sent time=2026"));
    }
}
