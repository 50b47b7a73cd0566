//! Grafana, where it is configured.

use super::clock;
use mcp_grafana::doctor::Health;
use mcp_grafana::server::Grafana;
use mcp_grafana::settings::Settings;

/// What there is to say, and whether it answers.
pub(super) async fn examine(settings: &Settings) -> (String, bool) {
    let grafana = Grafana::open(settings.clone());
    if !grafana.is_configured() {
        return (String::new(), false);
    }
    match grafana.doctor().await {
        Ok(health) => (told(&health), true),
        Err(failure) => (format!("{}\n", failure.message), false),
    }
}

fn told(health: &Health) -> String {
    let Health { address, version, skew, form, reads } = health;
    let mut text = format!("grafana: {version} at {address}\n{}", clock(*skew));
    text.push_str(&format!("  dashboards are read by {form}\n"));
    let allowed = reads.iter().filter(|(_, why)| why.is_none());
    let allowed: Vec<&str> = allowed.map(|(what, _)| *what).collect();
    text.push_str(&format!("  may read: {}\n", allowed.join(", ")));
    for (what, why) in reads {
        if let Some(why) = why {
            text.push_str(&format!("  may not read {what}: {why}\n"));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_not_be_read_is_told_with_the_reason() {
        let health = Health {
            address: "http://grafana:3000".to_owned(),
            version: "Grafana 12.4.0".to_owned(),
            skew: None,
            form: "/apis v1".to_owned(),
            reads: vec![
                ("dashboards", None),
                ("data sources", Some("may not be read (403)".to_owned())),
            ],
        };
        assert_eq!(
            told(&health),
            "grafana: Grafana 12.4.0 at http://grafana:3000\n  clock: it does not say the time\n  \
             dashboards are read by /apis v1\n  may read: dashboards\n  \
             may not read data sources: may not be read (403)\n"
        );
    }
}
