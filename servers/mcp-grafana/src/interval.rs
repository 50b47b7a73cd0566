//! How far apart the points of a panel lie, worked out as Grafana does.

use crate::panels::{Panel, Query};

/// Points of a panel that does not say how many: Grafana takes its width in pixels, which only a browser knows.
pub(crate) const POINTS: i64 = 1_000;
/// How often Grafana takes Prometheus to scrape where nobody said so, in milliseconds.
const SCRAPED: i64 = 15_000;
/// Scrapes that a rate is taken over at least.
const SCRAPES_OF_A_RATE: i64 = 4;
/// Prometheus refuses more points of one series.
const MOST_POINTS: i64 = 11_000;

/// Each length below the first number, in milliseconds, is rounded to the second.
const LADDER: [(i64, i64); 29] = [
    (10, 1),
    (15, 10),
    (35, 20),
    (75, 50),
    (150, 100),
    (350, 200),
    (750, 500),
    (1_500, 1_000),
    (3_500, 2_000),
    (7_500, 5_000),
    (12_500, 10_000),
    (17_500, 15_000),
    (25_000, 20_000),
    (45_000, 30_000),
    (90_000, 60_000),
    (210_000, 120_000),
    (450_000, 300_000),
    (750_000, 600_000),
    (1_050_000, 900_000),
    (1_500_000, 1_200_000),
    (2_700_000, 1_800_000),
    (5_400_000, 3_600_000),
    (9_000_000, 7_200_000),
    (16_200_000, 10_800_000),
    (32_400_000, 21_600_000),
    (86_400_000, 43_200_000),
    (604_800_000, 86_400_000),
    (1_814_400_000, 604_800_000),
    (3_628_800_000, 2_592_000_000),
];
/// What is longer than the ladder: a year.
const LONGEST: i64 = 31_536_000_000;

/// The steps of one query, in milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Steps {
    /// `$__interval`.
    pub(crate) interval: i64,
    /// `$__rate_interval`.
    pub(crate) rate: i64,
}

/// The steps of a query over so long a time, in milliseconds; `scraped` is what its data source says of itself.
pub(crate) fn of(length: i64, panel: &Panel, query: &Query, scraped: &str) -> Steps {
    let own = milliseconds(query.field("interval"));
    let source = milliseconds(scraped);
    let least = own.or(milliseconds(&panel.interval)).or(source);
    let is_prometheus = query.datasource.kind == "prometheus";
    let least = least.unwrap_or(if is_prometheus { SCRAPED } else { 1 });
    let points = panel.points.filter(|it| *it > 0).unwrap_or(POINTS);
    let factor = query.spec.get("intervalFactor").and_then(serde_json::Value::as_i64);
    let interval =
        rounded(length / points).max(least).saturating_mul(factor.unwrap_or(1).clamp(1, 100));
    let interval = interval.max(length / MOST_POINTS);
    let scrape = own.or(source).unwrap_or(SCRAPED);
    Steps { interval, rate: (interval + scrape).max(SCRAPES_OF_A_RATE * scrape) }
}

/// The step of a variable that Grafana works out: so many in this time, but each at least so long.
pub(crate) fn automatic(length: i64, count: i64, least: &str) -> i64 {
    rounded(length / count.max(1)).max(milliseconds(least).unwrap_or(1))
}

fn rounded(length: i64) -> i64 {
    LADDER.iter().find(|(below, _)| length < *below).map_or(LONGEST, |(_, to)| *to)
}

/// `15s`, `>1m` or `500ms`; a number alone is seconds.
fn milliseconds(text: &str) -> Option<i64> {
    let text = text.trim().trim_start_matches('>').trim();
    let digits = text.trim_end_matches(|it: char| it.is_ascii_alphabetic());
    let unit = match text.get(digits.len()..)? {
        "ms" => 1,
        "" | "s" => 1_000,
        "m" => 60_000,
        "h" => 3_600_000,
        "d" => 86_400_000,
        "w" => 604_800_000,
        _ => return None,
    };
    digits.parse::<i64>().ok()?.checked_mul(unit).filter(|it| *it > 0)
}

/// The length in the largest unit that tells it whole.
pub(crate) fn told(length: i64) -> String {
    let units = [(86_400_000, "d"), (3_600_000, "h"), (60_000, "m"), (1_000, "s")];
    let whole = units.into_iter().find(|(unit, _)| length > 0 && length % unit == 0);
    whole.map_or(format!("{length}ms"), |(unit, name)| format!("{}{name}", length / unit))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::panels::Reference;
    use serde_json::json;

    const SIX_HOURS: i64 = 6 * 3_600_000;

    fn query(spec: serde_json::Value) -> Query {
        let datasource = Reference { uid: String::new(), kind: "prometheus".to_owned() };
        Query { datasource, spec: spec.as_object().cloned().unwrap(), ..Query::default() }
    }

    fn steps(panel: &Panel, spec: serde_json::Value, scraped: &str) -> (String, String) {
        let Steps { interval, rate } = of(SIX_HOURS, panel, &query(spec), scraped);
        (told(interval), told(rate))
    }

    fn both(interval: &str, rate: &str) -> (String, String) {
        (interval.to_owned(), rate.to_owned())
    }

    #[test]
    fn steps_are_those_that_grafana_takes() {
        let plain = Panel::default();
        assert_eq!(steps(&plain, json!({}), ""), both("20s", "1m"));
        assert_eq!(steps(&plain, json!({}), "30s"), both("30s", "2m"));
        assert_eq!(steps(&plain, json!({"interval": "5m"}), "30s"), both("5m", "20m"));
        assert_eq!(steps(&plain, json!({"intervalFactor": 2}), ""), both("40s", "1m"));
        let narrow = Panel { points: Some(100), ..Panel::default() };
        assert_eq!(steps(&narrow, json!({}), ""), both("5m", "315s"));
        let slow = Panel { interval: ">1h".to_owned(), ..Panel::default() };
        assert_eq!(steps(&slow, json!({}), ""), both("1h", "3615s"));
    }

    #[test]
    fn a_length_is_read_and_told() {
        for (text, length) in [
            ("15s", Some(15_000)),
            (">1m", Some(60_000)),
            ("10", Some(10_000)),
            ("$x", None),
            ("", None),
            ("1y", None),
        ] {
            assert_eq!(milliseconds(text), length, "{text}");
        }
        assert_eq!([250, 90_000, 7_200_000].map(told), ["250ms", "90s", "2h"]);
        assert_eq!(told(automatic(SIX_HOURS, 30, "10s")), "10m");
        assert_eq!(told(automatic(60_000, 30, "10s")), "10s");
    }
}
