//! Argo CD or Flux could not deliver what they should.

use crate::case::Case;
use crate::case::delivery::{Trouble, Undelivered};
use crate::failure_mode::{Category, Depth, FailureMode, nothing};
use crate::finding::{Cite, Finding, Judgement, Strength};
use crate::kubectl;
use evidence::entity::Entity;
use evidence::fact::meta::condition;
use evidence::report::Remedy;

pub(super) static MODE: FailureMode = FailureMode {
    id: "DLV-01",
    title: "its delivery failed",
    category: Category::Delivery,
    proves: "the Application, HelmRelease or Kustomization says that it could not be synced, and why",
    refutes: "it is synced and healthy by now; or only its health is bad, and a workload of it shows why",
    confused_with: &["DLV-02", "CTL-11", "ADM-07", "ADM-08"],
    depth: Depth::Object,
    stands_alone: false,
    ask: nothing,
    judge,
    remedy,
};

fn judge(case: &Case) -> Vec<Judgement> {
    case.undelivered().iter().filter_map(|it| one(case, it)).collect()
}

fn one(case: &Case, undelivered: &Undelivered<'_>) -> Option<Judgement> {
    let entity = undelivered.entity();
    let plain = undelivered.word.chars().all(|c| c.is_ascii_alphanumeric());
    let word = if plain { undelivered.word.as_str() } else { "failed" };
    let what = match undelivered.trouble {
        Trouble::Source => "what it should deliver cannot be had or rendered",
        Trouble::Apply => "the cluster did not take all of it",
        // What it delivered is not well, and that shows there.
        // Nothing is wrong with what it delivers: that is DLV-02.
        Trouble::Locked | Trouble::Health => return None,
    };
    let says = format!("{entity}: {word}");
    let mut proofs = vec![Cite::quoting(undelivered.object.exhibit, says, &undelivered.said)];
    let mut subject = entity.clone();
    if let (Trouble::Source, Some((source, cite))) =
        (undelivered.trouble, source(case, undelivered))
    {
        subject = source;
        proofs.push(cite);
    }
    let mut explains = vec![entity.clone()];
    if subject != entity {
        explains.push(subject.clone());
    }
    Some(Judgement::Proven(Finding {
        field: None,
        value: None,
        statement: format!("{entity} is not delivered because {what} ({word})."),
        proofs,
        doubts: Vec::new(),
        // The webhook is the cause, which ADM-07 and ADM-08 name where they can.
        strength: if undelivered.misses_webhook() {
            Strength::Suggestive
        } else {
            Strength::Conclusive
        },
        explains,
        subject,
    }))
}

/// The source that a Kustomization names, where that says itself that it is not ready.
fn source(case: &Case, undelivered: &Undelivered<'_>) -> Option<(Entity, Cite)> {
    let object = undelivered.object.it;
    let field = |name: &str| object.fields.get(name).map(String::as_str);
    let namespace = field("spec.sourceRef.namespace").unwrap_or(&object.meta.namespace);
    let name = Entity::new(field("spec.sourceRef.kind")?, namespace, field("spec.sourceRef.name")?);
    let source = case.custom(&name)?;
    let ready = condition(&source.it.conditions, "Ready").filter(|it| it.status == "False")?;
    let says = format!("{name}: Ready is False, {}", ready.reason);
    Some((name, Cite::quoting(source.exhibit, says, &ready.message)))
}

fn remedy(finding: &Finding) -> Vec<Remedy> {
    let subject = &finding.subject;
    vec![Remedy {
        action: format!(
            "Mend in its source what {subject} says, or revert the last commit, and let it sync again."
        ),
        command: kubectl::object("describe", subject, ""),
        risk: "medium".to_owned(),
        reversible: true,
        verify: "It says that it is synced and healthy.".to_owned(),
    }]
}
