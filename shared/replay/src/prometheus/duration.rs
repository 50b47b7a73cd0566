//! Durations as Prometheus writes them: `5m`, `1h30m`, `250ms`.

const UNITS: [(&str, i64); 7] = [
    ("y", 365 * 86_400_000),
    ("w", 7 * 86_400_000),
    ("d", 86_400_000),
    ("h", 3_600_000),
    ("m", 60_000),
    ("s", 1000),
    ("ms", 1),
];

/// Milliseconds; none if it is no duration. Units come from large to small, each at most once; `0` needs none.
pub(crate) fn parse(text: &str) -> Option<i64> {
    if text == "0" {
        return Some(0);
    }
    let mut rest = text;
    let mut total: i64 = 0;
    let mut units = UNITS.iter();
    while !rest.is_empty() {
        let digits = rest.find(|character: char| !character.is_ascii_digit())?;
        let (number, after) = rest.split_at(digits);
        let letters = after.find(|character: char| character.is_ascii_digit());
        let (unit, next) = after.split_at(letters.unwrap_or(after.len()));
        let (_, size) = units.find(|(name, _)| *name == unit)?;
        total = total.checked_add(number.parse::<i64>().ok()?.checked_mul(*size)?)?;
        rest = next;
    }
    (!text.is_empty()).then_some(total)
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn units_come_from_large_to_small() {
        for (text, milliseconds) in [
            ("0", Some(0)),
            ("1h30m", Some(5_400_000)),
            ("1s5ms", Some(1005)),
            ("30m1h", None),
            ("5", None),
            ("", None),
            ("m", None),
        ] {
            assert_eq!(parse(text), milliseconds, "{text}");
        }
    }
}
