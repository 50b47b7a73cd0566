//! Numbers that somebody misses, of what serves all the same. It is looked for only where somebody misses them: OBS-01.

use super::{Gravity, Symptom};
use crate::case::Case;

pub(super) fn find(case: &Case, symptoms: &mut Vec<Symptom>) {
    for unscraped in case.unscraped() {
        symptoms.push(Symptom {
            entity: unscraped.root(),
            what: format!("its metrics are missing: job {} is down", unscraped.target.job),
            since: None,
            gravity: Gravity::Light,
            cites: vec![unscraped.cite()],
        });
    }
    for astray in case.astray() {
        symptoms.push(Symptom {
            entity: astray.root.clone(),
            what: "its metrics are missing: no monitor leads to it".to_owned(),
            since: None,
            gravity: Gravity::Light,
            cites: vec![astray.cite()],
        });
    }
}

#[cfg(test)]
mod tests {
    use crate::engine::symptoms::trial::seen;

    #[test]
    fn a_target_that_is_down_is_no_trouble_of_whom_nobody_misses() {
        let facts = r#"
- workload: {kind: Deployment, meta: {namespace: shop, name: web}, desired: 1, ready: 1}
- scrape_target: {job: web, pool: serviceMonitor/shop/web/0, instance: "10.0.0.1:80", url: "http://10.0.0.1:80/metrics",
    subject: {kind: Pod, namespace: shop, name: web-5d7f9c8b6d-x7k2p}, health: down, error: server returned HTTP status 404 Not Found}
"#;
        assert_eq!(seen(facts, None), [""; 0]);
        let alert = "- alert: {name: TargetDown, severity: warning, state: firing, labels: {job: web, namespace: shop, service: web}}\n";
        assert_eq!(seen(&format!("{facts}{alert}"), None), ["Deployment shop/web"]);
    }
}
