//! What a server leaves to others and answers with an empty list, which is not to be believed.

use crate::ask::Desk;
use clients::prometheus::build::Flavour;
use clients::prometheus::targets::Targets;
use mcp::failure::{Code, Failure};

/// What there is to say where no target is scraped.
pub(crate) const NO_TARGETS: &str =
    "none is scraped here; `up == 0` in run_promql tells those that others found down";

/// Whether what it has comes from others: they write it there, or it asks them.
pub(crate) fn scrapes_nothing(desk: &Desk, found: &Targets) -> bool {
    // Where matchers are enforced, those of others were left out.
    found.targets.is_empty() && desk.client.enforced().is_none()
}

/// Notes that an empty list of alerts tells nothing, where nobody is known to evaluate rules.
pub(crate) async fn alerts(desk: &Desk) {
    if evaluator(desk).await.is_none() {
        return;
    }
    match desk.read(desk.client.rules("")).await {
        Ok(groups) if groups.is_empty() => rules(desk).await,
        _ => {}
    }
}

/// Notes that an empty list of rules tells nothing, where they are evaluated by somebody else.
pub(crate) async fn rules(desk: &Desk) {
    let Some((who, remedy)) = evaluator(desk).await else { return };
    let failure = Failure {
        code: Code::NotFound,
        message: format!("{who} evaluates no rules itself, and knows of none"),
        retryable: false,
        hint: String::new(),
    };
    desk.note(|record| record.gap("rules and their alerts", &failure, remedy));
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
