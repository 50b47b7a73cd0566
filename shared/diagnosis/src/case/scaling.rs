//! Autoscalers that cannot tell how many replicas are needed: rules R2 and R3.

use super::Case;
use crate::finding::Cite;
use crate::seen::Seen;
use evidence::entity::Entity;
use evidence::fact::meta::{Condition, condition};
use evidence::fact::workload::Autoscaler;
use jiff::SignedDuration;

/// How long new pods may take until somebody has measured them.
const GRACE: SignedDuration = SignedDuration::from_mins(3);

/// An autoscaler that cannot compute, and the condition that says so.
#[derive(Clone, Copy, Debug)]
pub struct Blind<'a> {
    /// The autoscaler.
    pub autoscaler: Seen<'a, Autoscaler>,
    /// Its condition.
    pub condition: &'a Condition,
}

impl Blind<'_> {
    /// The autoscaler's name.
    pub fn entity(&self) -> Entity {
        self.autoscaler.meta.entity("HorizontalPodAutoscaler")
    }

    /// Cites what the autoscaler says of itself.
    pub fn cite(&self) -> Cite {
        let says = format!(
            "{}: {} is {}, {}",
            self.entity(),
            self.condition.kind,
            self.condition.status,
            self.condition.reason
        );
        Cite::quoting(self.autoscaler.exhibit, says, &self.condition.message)
    }
}

impl Case {
    /// Autoscalers that cannot compute now, where that is news or was asked about.
    pub fn blind_autoscalers(&self) -> Vec<Blind<'_>> {
        let mut blind = Vec::new();
        for autoscaler in self.autoscalers().filter(|it| it.meta.deleted.is_none()) {
            if let Some(condition) = blindness(autoscaler.it)
                && self.counts(autoscaler.it, condition)
            {
                blind.push(Blind { autoscaler, condition });
            }
        }
        blind
    }

    /// Whether the question was put about an autoscaler or about what it scales.
    pub fn asks_about_scaling(&self, autoscaler: &Autoscaler) -> bool {
        self.asks_about("HorizontalPodAutoscaler", &autoscaler.meta.name)
            || self.asks_about(&autoscaler.target.kind, &autoscaler.target.name)
    }

    fn counts(&self, autoscaler: &Autoscaler, condition: &Condition) -> bool {
        if self.asks_about("HorizontalPodAutoscaler", &autoscaler.meta.name) {
            return true;
        }
        let message = condition.message.as_str();
        // Where nothing in the cluster measures, it is so for every autoscaler.
        if self.rules.baseline && message.contains("could not find the requested resource") {
            return false;
        }
        if self.asks_about_scaling(autoscaler) {
            return true;
        }
        let Some(since) = condition.since else { return true };
        let age = self.as_of.duration_since(since);
        let passes = !message.contains("missing request for ") && !message.contains("not found");
        let young = self.rules.current_state && passes && age < GRACE;
        // A cluster may live for months with an autoscaler that measures nothing: until somebody misses it.
        let missed = self.reported && names_scaling(&self.question);
        !young && (missed || self.is_news(Some(since)))
    }
}

/// Whether a question tells of scaling: `it should scale by itself`, `the HPA stays at 3`; what somebody scaled by hand is
/// another thing.
fn names_scaling(question: &str) -> bool {
    let question = question.to_lowercase();
    let mut words = question.split(|it: char| !it.is_ascii_alphanumeric());
    words.any(|it| {
        matches!(it, "scale" | "scales" | "scaling" | "hpa" | "hpas") || it.starts_with("autoscal")
    })
}

/// `ScalingDisabled` is what an autoscaler says of a target that somebody scaled to nothing.
fn blindness(autoscaler: &Autoscaler) -> Option<&Condition> {
    let says = |kind: &str| {
        condition(&autoscaler.conditions, kind).filter(|condition| condition.status == "False")
    };
    let target = says("AbleToScale").filter(|it| it.reason == "FailedGetScale");
    target.or_else(|| says("ScalingActive").filter(|it| it.reason != "ScalingDisabled"))
}
