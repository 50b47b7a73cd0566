//! Prometheus and Alertmanager, where they are configured.

use super::clock;
use mcp_prometheus::doctor::Health;
use mcp_prometheus::server::Prometheus;
use mcp_prometheus::settings::Settings;

/// What there is to say, and whether any of the two answers.
pub(super) async fn examine(settings: &Settings) -> (String, bool) {
    let (mut text, mut well) = (String::new(), false);
    for health in Prometheus::open(settings.clone()).doctor().await {
        match health {
            Ok(health) => {
                text.push_str(&told(&health));
                well = true;
            }
            Err(failure) => text.push_str(&format!("{}\n", failure.message)),
        }
    }
    (text, well)
}

fn told(health: &Health) -> String {
    let Health { system, address, version, skew, enforced } = health;
    let mut text = format!("{system}: {version} at {address}\n{}", clock(*skew));
    if !enforced.is_empty() {
        text.push_str(&format!("  every selector gets {enforced}\n"));
    }
    text
}
