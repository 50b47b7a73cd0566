//! Kubernetes quantities, and plain arithmetic over them.
//! See <https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/>.

/// A quantity in thousandths of its unit: `250m` of CPU is 250, `1Ki` of memory is 1,024,000.
/// None where it is not a quantity.
pub fn thousandths(text: &str) -> Option<i128> {
    let end = text.find(|c: char| !(c.is_ascii_digit() || matches!(c, '.' | '-' | '+')));
    let (mut number, mut suffix) = text.split_at(end.unwrap_or(text.len()));
    let mut exponent = 0;
    if suffix.starts_with(['e', 'E']) && suffix.len() > 1 {
        exponent = suffix.get(1..)?.parse::<i32>().ok()?;
        suffix = "";
    }
    let scale: i128 = match suffix {
        "n" => return decimal(number, -6),
        "u" => return decimal(number, -3),
        "m" => return decimal(number, 0),
        "" => 1,
        "k" => 1_000,
        "M" => 1_000_000,
        "G" => 1_000_000_000,
        "T" => 1_000_000_000_000,
        "P" => 1_000_000_000_000_000,
        "E" => 1_000_000_000_000_000_000,
        "Ki" => 1 << 10,
        "Mi" => 1 << 20,
        "Gi" => 1 << 30,
        "Ti" => 1 << 40,
        "Pi" => 1 << 50,
        "Ei" => 1 << 60,
        _ => return None,
    };
    number = number.strip_prefix('+').unwrap_or(number);
    decimal(number, 3 + exponent)?.checked_mul(scale)
}

/// `number` x 10^`power`, rounded up as Kubernetes does.
fn decimal(number: &str, power: i32) -> Option<i128> {
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    if whole.is_empty() && fraction.is_empty() {
        return None;
    }
    let digits: i128 = format!("{whole}{fraction}").parse().ok()?;
    let power = power - i32::try_from(fraction.len()).ok()?;
    let factor = 10_i128.checked_pow(power.unsigned_abs())?;
    if power >= 0 {
        digits.checked_mul(factor)
    } else {
        Some(digits.div_euclid(factor) + i128::from(digits.rem_euclid(factor) != 0))
    }
}

/// Whether the first quantity is less than the second; none where either is not a quantity.
pub fn less(left: &str, right: &str) -> Option<bool> {
    Some(thousandths(left)? < thousandths(right)?)
}

#[cfg(test)]
mod tests {
    use super::{less, thousandths};

    #[test]
    fn reads_every_suffix() {
        let cases: [(&str, i128); 9] = [
            ("5m", 5),
            ("1", 1_000),
            ("0.5", 500),
            ("20Mi", 20 * 1024 * 1024 * 1000),
            ("1k", 1_000_000),
            ("1e3", 1_000_000),
            ("100n", 1),
            ("1.5Gi", 1_610_612_736_000),
            ("2E", 2_000_000_000_000_000_000_000),
        ];
        for (text, expected) in cases {
            assert_eq!(thousandths(text), Some(expected), "{text}");
        }
    }

    #[test]
    fn refuses_what_is_no_quantity() {
        for text in ["", "Mi", "1x", "abc", "1Mb"] {
            assert_eq!(thousandths(text), None, "{text}");
        }
    }

    #[test]
    fn compares_across_suffixes() {
        assert_eq!(less("512Mi", "1Gi"), Some(true));
        assert_eq!(less("1000m", "1"), Some(false));
    }
}
