//! Whether a question misses numbers: nothing is scraped, a graph stays empty, or an alert says that a target is down.

/// Alerts that say so: of kube-prometheus, and of awesome-prometheus-alerts.
const ALERTS: [&str; 4] = [
    "TargetDown",
    "PrometheusTargetMissing",
    "PrometheusJobMissing",
    "PrometheusAllTargetsMissing",
];
/// What is missed, ...
const NUMBERS: &str = "metric metrics samples timeseries";
/// ... what shows it, ...
const SHOWN: &str = "grafana graph graphs panel panels prometheus";
/// ... and what collects it.
const SCRAPES: &str = "scrape scraped scrapes scraping";
/// What stands shortly before what is missed, ...
const NONE: &str = "no without lack lacks lacking miss misses missing lost";
/// ... or behind it.
const GONE: &str =
    "absent disappear disappeared empty gone lost missing stop stopped stops vanished";
const FAILS: &str = "cannot down error errors fail failed failing fails never not stopped";
/// `the metrics API`, the metrics server and an exporter are programs that fail for reasons of their own.
const PROGRAMS: &str = "api exporter server";
/// Words between what is missed and what says so: `metrics of the orders deployment in bookshop are gone`.
const APART: usize = 8;

/// Whether it does.
pub fn misses_numbers(question: &str) -> bool {
    let alert = question.split([':', ' ']).next().unwrap_or_default();
    if ALERTS.contains(&alert) {
        return true;
    }
    let lower = question.to_lowercase();
    lower.split(['.', ',', ';', ':', '?', '!']).any(|clause| {
        let words = clause.split(|it: char| !it.is_ascii_alphanumeric() && !"'/-".contains(it));
        let words: Vec<&str> = words.filter(|it| !it.is_empty()).collect();
        (0..words.len()).any(|at| is_missed(&words, at))
    })
}

fn is_missed(words: &[&str], at: usize) -> bool {
    let has = |list: &str, among: &[&str]| among.iter().any(|it| is_in(list, it));
    let (before, from) = words.split_at_checked(at).unwrap_or_default();
    let Some((word, after)) = from.split_first() else { return false };
    let near = before.get(before.len().saturating_sub(2)..).unwrap_or_default();
    let behind = after.get(..APART.min(after.len())).unwrap_or_default();
    let denies = |it: &&str| it.ends_with("n't");
    if is_in(SCRAPES, word) {
        return has(FAILS, words) || has(NONE, near) || words.iter().any(denies);
    }
    if is_in(NUMBERS, word) {
        let is_program = after.first().is_some_and(|it| is_in(PROGRAMS, it));
        return !is_program && (has(NONE, near) || has(GONE, behind));
    }
    // `no data for orders in grafana`.
    *word == "data" && has(NONE, near) && has(SHOWN, words)
}

fn is_in(list: &str, word: &str) -> bool {
    list.split_whitespace().any(|it| it == word)
}

#[cfg(test)]
mod tests {
    use super::misses_numbers;

    #[test]
    fn what_is_not_measured_is_missed() {
        for question in [
            "why are there no metrics of orders?",
            "The metrics of deployment/orders are gone since noon. Why?",
            "why is orders not scraped?",
            "Prometheus can't scrape payments",
            "Grafana shows no data for orders",
            "TargetDown: One or more targets are unreachable.",
            "orders lost its metrics",
        ] {
            assert!(misses_numbers(question), "{question}");
        }
    }

    #[test]
    fn what_merely_speaks_of_numbers_misses_none() {
        for question in [
            "kubectl top says that the metrics API is not available. Why?",
            "Since the metrics exporter was added, gateway in freight does not roll out. Why?",
            "Why does the dashboard in the grid namespace show no load since this morning?",
            "New alert rules do not reach alerting in the grid namespace since today. Why?",
            "Prometheus in monitoring does not start any more since the security review. Why?",
            "the forecast page has no data since noon",
            "metrics look bad, why?",
        ] {
            assert!(!misses_numbers(question), "{question}");
        }
    }
}
