//! How long ago something was, as `kubectl` says it, and how many there are.

use jiff::Timestamp;

/// `45s`, `12m`, `5h` or `3d`; nothing where the moment is not known.
pub fn age(now: Timestamp, at: Option<Timestamp>) -> String {
    at.map(|at| span(now.as_second().saturating_sub(at.as_second()))).unwrap_or_default()
}

/// `12m ago`, or nothing.
pub fn ago(now: Timestamp, at: Option<Timestamp>) -> String {
    match age(now, at).as_str() {
        "" => String::new(),
        age => format!("{age} ago"),
    }
}

/// The moment to the second: more is noise.
pub fn to_second(at: Timestamp) -> Timestamp {
    Timestamp::from_second(at.as_second()).unwrap_or(at)
}

/// Seconds as one number and its unit; two of the next unit are the first that is said in it.
pub fn span(seconds: i64) -> String {
    match seconds.max(0) {
        seconds @ 0..120 => format!("{seconds}s"),
        seconds @ 120..7_200 => format!("{}m", seconds / 60),
        seconds @ 7_200..172_800 => format!("{}h", seconds / 3_600),
        seconds => format!("{}d", seconds / 86_400),
    }
}

/// `1 node`, `3 nodes`.
pub fn counted(count: usize, noun: &str) -> String {
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_unit_grows_with_the_age() {
        let said: Vec<String> = [-5, 0, 119, 120, 7_199, 7_200, 172_800].map(span).to_vec();
        assert_eq!(said, ["0s", "0s", "119s", "2m", "119m", "2h", "2d"]);
    }
}
