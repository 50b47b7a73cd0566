//! Whether a question misses numbers: nothing is scraped, a graph stays empty, or an alert says that a target is down.

use super::words::is_in;
use evidence::alerting::says_down;

/// What is missed, ...
const NUMBERS: &str = "metric metrics samples timeseries";
/// ... what shows it, ...
const SHOWN: &str = "grafana graph graphs panel panels prometheus";
/// ... and what collects it.
const SCRAPES: &str = "scrape scraped scrapes scraping";
/// Others collect as well, prices for instance: what shows that it is numbers.
const COLLECTED: &str = "exporter metrics podmonitor prometheus servicemonitor target targets";
/// What others collect.
const THINGS: &str = "articles news offers pages prices quotes rates reviews sites";
/// What stands shortly before what is missed, ...
const NONE: &str = "no without lack lacks lacking miss misses missing lost";
/// ... or behind it.
const GONE: &str =
    "absent disappear disappeared empty gone lost missing stop stopped stops vanished";
const FAILS: &str = "cannot down error errors fail failed failing fails never not stopped";
/// What may stand right behind it: whose numbers, since when, or that they are gone. `metrics show` and `metrics orders stopped`
/// speak of something else.
const LINKS: &str = "about and any anymore are at for from had has have here in is now of on or since that these today was went were when which yet";
/// The numbers say it, so they are there: `metrics of orders show that its pods are gone`.
const CITES: &str = "confirm confirms indicate indicates reveal reveals say says show showed shows suggest suggests tell tells";
/// What stands before numbers that are a place or a witness: `the pods in our metrics are gone`, `according to metrics`.
const BESIDES: &str = "according by in per";
const DETERMINERS: &str = "its my our the their these to";
/// `the metrics API`, the metrics server and an exporter are programs that fail for reasons of their own.
const PROGRAMS: &str = "api exporter server";
/// Who gets its numbers from these programs.
const THEIR_CLIENTS: &str = "autoscaler hpa horizontalpodautoscaler";
/// Words between what is missed and what says so: `metrics of the orders deployment in bookshop are gone`.
const APART: usize = 8;

/// Whether it does.
pub fn misses_numbers(question: &str) -> bool {
    let alert = question.split([':', ' ']).next().unwrap_or_default();
    if says_down(alert) {
        return true;
    }
    let lower = question.to_lowercase();
    if words(&lower).iter().any(|it| is_in(THEIR_CLIENTS, it)) {
        return false;
    }
    lower.split(['.', ',', ';', ':', '?', '!']).any(|clause| {
        let words = words(clause);
        let mut pairs = words.iter().zip(words.iter().skip(1));
        let is_of_a_program = pairs.any(|(one, next)| is_in(NUMBERS, one) && is_in(PROGRAMS, next));
        !is_of_a_program && (0..words.len()).any(|at| is_missed(&words, at))
    })
}

fn words(text: &str) -> Vec<&str> {
    let words = text.split(|it: char| !it.is_ascii_alphanumeric() && !"'/-".contains(it));
    words.filter(|it| !it.is_empty()).collect()
}

fn is_missed(words: &[&str], at: usize) -> bool {
    let (before, from) = words.split_at_checked(at).unwrap_or_default();
    let Some((word, after)) = from.split_first() else { return false };
    let near = before.get(before.len().saturating_sub(2)..).unwrap_or_default();
    if is_in(SCRAPES, word) {
        let is_of_things = has(THINGS, before);
        let is_denied = *word == "scraped" && before.iter().any(|it| denies(it)) && !is_of_things;
        let fails = has(FAILS, words) || has(NONE, near) || words.iter().any(|it| denies(it));
        return is_denied || has(COLLECTED, words) && fails;
    }
    if is_in(NUMBERS, word) {
        let mut own = before.iter().rev().skip_while(|it| is_in(DETERMINERS, it));
        let is_besides = own.next().is_some_and(|it| is_in(BESIDES, it));
        let goes_on = after.first().is_none_or(|it| is_in(LINKS, it) || is_in(GONE, it));
        return !is_besides && goes_on && (has(NONE, near) || are_gone(after));
    }
    // `no data for orders in grafana`.
    *word == "data" && has(NONE, near) && has(SHOWN, words)
}

/// Whether what follows the numbers says that they are gone, before they are cited for something.
fn are_gone(after: &[&str]) -> bool {
    let mut behind = after.iter().take(APART).take_while(|it| !is_in(CITES, it));
    behind.any(|it| is_in(GONE, it))
}

fn denies(word: &str) -> bool {
    word.ends_with("n't") || is_in("never no not", word)
}

fn has(list: &str, among: &[&str]) -> bool {
    among.iter().any(|it| is_in(list, it))
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
            "metrics for orders went missing after the upgrade",
            "Prometheus says that the metrics of orders are gone",
            "scraping of the orders target fails",
            "why isn't orders being scraped any more?",
            "the pods of orders are not scraped",
            "why aren't orders and payments scraped?",
            "our exporters are not being scraped",
            "the kafka brokers are not scraped",
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
            "According to our metrics orders stopped arriving. Why?",
            "Prometheus metrics show that orders lost its connections",
            "metrics of orders show that its pods are gone",
            "HPA says: no metrics returned from resource metrics API",
            "the HPA of orders has no metrics",
            "the pods in metrics are gone",
            "the pods in our metrics are gone",
            "price scraping fails",
            "the price scraper does not scrape since noon",
            "the prices are not scraped since noon",
            "why aren't prices scraped any more?",
        ] {
            assert!(!misses_numbers(question), "{question}");
        }
    }
}
