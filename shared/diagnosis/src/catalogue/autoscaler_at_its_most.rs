//! An autoscaler wants more replicas than it may have.

use crate::case::Case;
use crate::failure_mode::{Category, Depth, FailureMode, nothing};
use crate::finding::{Cite, Finding, Judgement, Strength};
use crate::kubectl;
use crate::seen::Seen;
use evidence::fact::meta::condition;
use evidence::fact::workload::Autoscaler;
use evidence::report::Remedy;

pub(super) static MODE: FailureMode = FailureMode {
    id: "CTL-05",
    title: "its autoscaler may not add more replicas",
    category: Category::Delivery,
    proves: "the autoscaler runs its most replicas and says `TooManyReplicas`: it wants more; or its behavior forbids it to add any, and it says `ScaleUpLimit`",
    refutes: "it runs fewer than it may, or its most is its fewest on purpose",
    confused_with: &["CTL-04"],
    depth: Depth::Object,
    stands_alone: true,
    ask: nothing,
    judge,
    remedy,
};

fn judge(case: &Case) -> Vec<Judgement> {
    // Being at its most is no fault by itself: it counts only for who asks about it.
    let asked = case.autoscalers().filter(|it| case.asks_about_scaling(it.it));
    asked.filter_map(|it| at_most(case, it).or_else(|| forbidden(it))).collect()
}

/// One that wants more, and whose behavior lets it only take replicas away: `calculateScaleUpLimitWithScalingRules` of
/// `pkg/controller/podautoscaler/horizontal.go` then leaves it where it is.
fn forbidden(autoscaler: Seen<'_, Autoscaler>) -> Option<Judgement> {
    let limited = condition(&autoscaler.it.conditions, "ScalingLimited")
        .filter(|it| it.status == "True" && it.reason == "ScaleUpLimit")?;
    if !autoscaler.never_grows {
        return None;
    }
    let subject = autoscaler.meta.entity("HorizontalPodAutoscaler");
    let (target, measured) = (&autoscaler.target, measured(autoscaler.it));
    let says = format!("{subject}: selectPolicy of scaleUp is Disabled, ScalingLimited{measured}");
    Some(Judgement::Proven(Finding {
        field: Some("spec.behavior.scaleUp.selectPolicy".to_owned()),
        value: Some("Disabled".to_owned()),
        statement: format!(
            "{target} gets no more replicas because the behavior of {subject} forbids it to add any, and it wants more{measured}."
        ),
        proofs: vec![Cite::quoting(autoscaler.exhibit, says, &limited.message)],
        doubts: Vec::new(),
        strength: Strength::Conclusive,
        explains: vec![subject.clone()],
        subject,
    }))
}

fn measured(autoscaler: &Autoscaler) -> String {
    match autoscaler.metrics.as_slice() {
        [] => String::new(),
        some => format!(" (measured against its target: {})", some.join(", ")),
    }
}

/// Whether a metric is known, and less than half above its target: `cpu 82%/70%`.
fn is_near(metric: &str) -> bool {
    let Some((value, target)) = metric.rsplit(' ').next().and_then(|it| it.split_once('/')) else {
        return false;
    };
    let number = |text: &str| text.trim_end_matches('%').parse::<u64>().ok();
    number(value).zip(number(target)).is_some_and(|(value, target)| value * 2 <= target * 3)
}

fn at_most(case: &Case, autoscaler: Seen<'_, Autoscaler>) -> Option<Judgement> {
    let limited = condition(&autoscaler.it.conditions, "ScalingLimited")
        .filter(|it| it.status == "True" && it.reason == "TooManyReplicas")?;
    let (most, fewest) = (autoscaler.max, autoscaler.min);
    if autoscaler.current < most || most == fewest {
        return None;
    }
    // Who only asks whether it matters, while each replica carries little more than it is meant to, is told of no fault.
    let known = !autoscaler.metrics.is_empty();
    if !case.reported && known && autoscaler.metrics.iter().all(|it| is_near(it)) {
        return None;
    }
    let subject = autoscaler.meta.entity("HorizontalPodAutoscaler");
    let target = &autoscaler.target;
    let measured = measured(autoscaler.it);
    let says =
        format!("{subject}: {} of {most} replicas, ScalingLimited{measured}", autoscaler.current);
    Some(Judgement::Proven(Finding {
        field: Some("spec.maxReplicas".to_owned()),
        value: Some(most.to_string()),
        statement: format!(
            "{target} gets no more replicas because {subject} runs the {most} that it may and wants more{measured}."
        ),
        proofs: vec![Cite::quoting(autoscaler.exhibit, says, &limited.message)],
        doubts: Vec::new(),
        strength: Strength::Strong,
        explains: vec![subject.clone()],
        subject,
    }))
}

fn remedy(finding: &Finding) -> Vec<Remedy> {
    let subject = &finding.subject;
    let forbidden = finding.value.as_deref() == Some("Disabled");
    let action = if forbidden {
        format!(
            "Find out who forbade it and why; then take selectPolicy: Disabled out of the source of {subject}."
        )
    } else {
        format!(
            "Find out whether the load is wanted; then raise spec.maxReplicas of {subject} in its source, or what each replica may use."
        )
    };
    vec![Remedy {
        action,
        command: kubectl::object("describe", subject, ""),
        risk: "medium".to_owned(),
        reversible: true,
        verify: "Its condition ScalingLimited is False.".to_owned(),
    }]
}
