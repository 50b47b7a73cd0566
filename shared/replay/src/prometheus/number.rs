//! Numbers as Go prints them, since clients compare and parse the texts.

/// `%f` with as many digits as are needed: the value of a label.
pub(crate) fn plain(value: f64) -> String {
    special(value).unwrap_or_else(|| value.to_string())
}

/// `%e` with as many digits as are needed: `1e+00`.
pub(crate) fn exponent(value: f64) -> String {
    special(value).unwrap_or_else(|| go_exponent(&format!("{value:e}")))
}

/// A value in an answer: plain, but with an exponent where it is very small or very large.
pub(crate) fn value(value: f64) -> String {
    let size = value.abs();
    if size != 0.0 && !(1e-6..1e21).contains(&size) { exponent(value) } else { plain(value) }
}

/// `%v`: the shortest form, with an exponent from a million on.
pub(crate) fn shortest(value: f64) -> String {
    if let Some(special) = special(value) {
        return special;
    }
    let form = format!("{value:e}");
    let power = form.rsplit_once('e').and_then(|(_, power)| power.parse().ok()).unwrap_or(0);
    if value != 0.0 && !(-4..6).contains(&power) { go_exponent(&form) } else { value.to_string() }
}

/// `%.4g`.
pub(crate) fn four_digits(value: f64) -> String {
    if let Some(special) = special(value) {
        return special;
    }
    let form = format!("{value:.3e}");
    let Some((digits, power)) = form.split_once('e') else { return form };
    let power: i32 = power.parse().unwrap_or(0);
    let trim = |text: &str| match text.contains('.') {
        true => text.trim_end_matches('0').trim_end_matches('.').to_owned(),
        false => text.to_owned(),
    };
    if value != 0.0 && !(-4..4).contains(&power) {
        return go_exponent(&format!("{}e{power}", trim(digits)));
    }
    let decimals = usize::try_from(3 - power).unwrap_or(0);
    trim(&format!("{value:.decimals$}"))
}

fn special(value: f64) -> Option<String> {
    if value.is_nan() {
        return Some("NaN".to_owned());
    }
    value.is_infinite().then(|| if value > 0.0 { "+Inf" } else { "-Inf" }.to_owned())
}

/// Go writes the sign of an exponent and at least two digits of it.
fn go_exponent(form: &str) -> String {
    let Some((digits, power)) = form.split_once('e') else { return form.to_owned() };
    let (sign, power) = power.strip_prefix('-').map_or(('+', power), |power| ('-', power));
    format!("{digits}e{sign}{power:0>2}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_go_prints_them() {
        assert_eq!([plain(1e21), plain(f64::INFINITY)], ["1000000000000000000000", "+Inf"]);
        assert_eq!([exponent(1.0), exponent(0.25)], ["1e+00", "2.5e-01"]);
        assert_eq!([value(1e-7), value(1e21), value(-0.0)], ["1e-07", "1e+21", "-0"]);
        assert_eq!([shortest(1e6), shortest(99999.5), shortest(0.5)], ["1e+06", "99999.5", "0.5"]);
        let numbers = [0.0, 100.0, 1_234_567.0, 0.123_456, 0.000_012_345_6, 9999.5];
        let expected = ["0", "100", "1.235e+06", "0.1235", "1.235e-05", "1e+04"];
        assert_eq!(numbers.map(four_digits), expected);
    }
}
