//! The cluster behind a Kubernetes server in this process.

use super::clock;
use crate::witnesses::settings::WitnessSettings;
use mcp_k8s::doctor::Health;
use mcp_k8s::server::Kubernetes;

/// What there is to say, and whether the cluster answers.
pub(super) async fn examine(settings: &WitnessSettings) -> (String, bool) {
    match Kubernetes::open(settings.k8s.kubernetes.clone(), false).doctor().await {
        Ok(health) => (text(&health), true),
        Err(failure) if failure.hint.is_empty() => (format!("{}\n", failure.message), false),
        Err(failure) => (format!("{}; {}\n", failure.message, failure.hint), false),
    }
}

fn text(health: &Health) -> String {
    let mut text = format!(
        "kubernetes: {} at {}, version {}\n",
        health.cluster, health.address, health.version
    );
    text.push_str(&clock(health.skew));
    if let Some(why) = &health.not_ready {
        text.push_str(&format!("  not ready: {why}\n"));
    }
    let (allowed, others): (Vec<_>, Vec<_>) =
        health.rights.iter().partition(|right| right.allowed == Some(true));
    let allowed: Vec<&str> = allowed.iter().map(|right| right.what.as_str()).collect();
    text.push_str(&format!("  may read: {}\n", allowed.join(", ")));
    for right in others {
        let what = &right.what;
        match right.allowed {
            Some(_) => text.push_str(&format!("  may not read {what}; add {}\n", right.missing)),
            None => text.push_str(&format!("  {what}: could not be found out\n")),
        }
    }
    text
}
