//! Autoscalers that cannot tell how many replicas are needed, and the APIs that they miss.

use super::{Gravity, Symptom};
use crate::case::Case;
use crate::finding::Cite;

pub(super) fn find(case: &Case, symptoms: &mut Vec<Symptom>) {
    for blind in case.blind_autoscalers() {
        symptoms.push(Symptom {
            entity: blind.entity(),
            what: "it cannot compute how many replicas are needed".to_owned(),
            since: blind.condition.since,
            gravity: Gravity::Partial,
            cites: vec![blind.cite()],
        });
    }
    let silent = case.silent_apis().into_iter().map(|(api, _)| api);
    for missed in case.missed_apis().into_iter().chain(silent) {
        if missed.available.status != "False" {
            continue;
        }
        let entity = missed.api.meta.entity("APIService");
        let what = format!("it is not available ({})", missed.available.reason);
        let says = format!("{entity}: {what}");
        let cite = Cite::quoting(missed.api.exhibit, says, &missed.available.message);
        symptoms.push(Symptom {
            entity,
            what,
            since: missed.available.since,
            gravity: Gravity::Down,
            cites: vec![cite],
        });
    }
}

#[cfg(test)]
mod tests {
    use crate::engine::symptoms::asked_about;
    use crate::engine::symptoms::trial::{case, seen};

    const BLIND: &str = r#"
- autoscaler:
    meta: {namespace: shop, name: web}
    target: {kind: Deployment, namespace: shop, name: web}
    conditions: [{type: ScalingActive, status: "False", reason: REASON, message: "MESSAGE", since: "SINCE"}]
"#;

    fn blind(reason: &str, message: &str, since: &str) -> String {
        BLIND.replace("REASON", reason).replace("MESSAGE", message).replace("SINCE", since)
    }

    #[test]
    fn one_that_cannot_compute_is_a_symptom() {
        let facts = blind("FailedGetResourceMetric", "unable to fetch", "2026-11-21T11:00:00Z");
        assert_eq!(seen(&facts, None), ["HorizontalPodAutoscaler shop/web"]);
    }

    #[test]
    fn one_whose_target_was_scaled_to_nothing_is_none() {
        let facts = blind(
            "ScalingDisabled",
            "the replica count of the target is zero",
            "2026-11-21T11:00:00Z",
        );
        assert!(seen(&facts, None).is_empty());
    }

    #[test]
    fn what_is_so_since_last_month_is_one_only_where_it_was_asked_about() {
        let facts = blind("FailedGetResourceMetric", "unable to fetch", "2026-10-21T11:00:00Z");
        assert!(seen(&facts, None).is_empty());
        assert_eq!(seen(&facts, Some("deployment/web")).len(), 1);
    }

    #[test]
    fn a_pod_that_nobody_has_measured_yet_is_none() {
        let facts = blind("FailedGetResourceMetric", "no metrics returned", "2026-11-21T11:59:00Z");
        assert!(seen(&facts, None).is_empty());
    }

    #[test]
    fn what_is_so_since_last_month_is_one_where_somebody_misses_that_it_scales() {
        let facts = blind("FailedGetResourceMetric", "unable to fetch", "2026-10-21T11:00:00Z");
        let missed = |question: &str, reported: bool| {
            let mut case = case(&facts, None);
            case.question = question.to_owned();
            case.reported = reported;
            asked_about(&case).len()
        };
        assert_eq!(missed("Search is slow, it should scale by itself and stays at three", true), 1);
        assert_eq!(missed("Search is slow since we scaled it down", true), 0);
        assert_eq!(missed("does it scale?", false), 0);
    }
}
