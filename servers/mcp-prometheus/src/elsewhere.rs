//! What a server leaves to others and answers with an empty list, which is not to be believed.

use crate::ask::Desk;
use clients::prometheus::build::Flavour;
use clients::prometheus::targets::Targets;
use mcp::failure::{Code, Failure};

/// What there is to say where no target is scraped.
pub(crate) const NO_TARGETS: &str =
    "none is scraped here; `up == 0` in run_promql tells those that others found down";

const RULES: &str = "rules and their alerts";
/// What to do about rules that are not told.
const UNREAD: &str =
    "let its credentials read /api/v1/rules; inquest doctor shows what can be read";

/// Whether what it has comes from others: they write it there, or it asks them.
pub(crate) fn scrapes_nothing(desk: &Desk, found: &Targets) -> bool {
    // Where matchers are enforced, those of others were left out.
    found.targets.is_empty() && desk.client.enforced().is_none()
}

/// Why there is nobody to tell targets: Thanos and Mimir scrape nothing themselves.
pub(crate) async fn no_targets(desk: &Desk, failure: Failure) -> Failure {
    let who = desk.client.build().await.map(ToString::to_string).unwrap_or_default();
    let hint = format!("{who} lists no targets; `up == 0` in run_promql tells those that are down");
    Failure { hint, ..failure }
}

/// Notes that an empty list of alerts, or of rules of one kind, tells nothing: rules are evaluated by somebody else, and none is
/// known here.
pub(crate) async fn rules(desk: &Desk) {
    let Some(evaluator) = evaluator(desk).await else { return };
    match desk.read(desk.client.rules("")).await {
        Ok(groups) if groups.is_empty() => unknown(desk, evaluator),
        Ok(_) => {}
        Err(failure) => desk.note(|record| record.gap(RULES, &failure, UNREAD)),
    }
}

/// The same of an empty list of all rules.
pub(crate) async fn all_rules(desk: &Desk) {
    if let Some(evaluator) = evaluator(desk).await {
        unknown(desk, evaluator);
    }
}

fn unknown(desk: &Desk, (who, remedy): (String, &str)) {
    let none = match desk.client.enforced() {
        None => "knows of none",
        // Which of the two cannot be told from what is left.
        Some(_) => "knows of none, or of none that the enforced matchers let through",
    };
    let message = format!("{who} evaluates no rules itself, and {none}");
    let failure = Failure { code: Code::NotFound, message, retryable: false, hint: String::new() };
    desk.note(|record| record.gap(RULES, &failure, remedy));
}

/// A server that evaluates no rules itself, and what makes it know those of others.
async fn evaluator(desk: &Desk) -> Option<(String, &'static str)> {
    let build = desk.client.build().await?;
    let remedy = match build.flavour {
        Flavour::Prometheus | Flavour::Mimir => return None,
        Flavour::Thanos => "give Thanos Query an --endpoint that evaluates rules",
        Flavour::VictoriaMetrics => "start VictoriaMetrics with -vmalert.proxyURL",
    };
    Some((build.to_string(), remedy))
}
