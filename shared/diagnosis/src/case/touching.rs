//! Who set a field last, as the API server's `managedFields` know it, and whether that is news.

mod returns;

use super::Case;
use crate::seen::Seen;
use evidence::entity::Entity;
use evidence::fact::meta::{Meta, Touch};
use evidence::fact::workload::Revision;
use jiff::{SignedDuration, Timestamp};

/// How long a change is news: what it broke is noticed within a day.
pub const NEWS: SignedDuration = SignedDuration::from_hours(24);

impl Case {
    /// Whether something happened lately enough to be behind what is wrong now.
    pub fn is_news(&self, at: Option<Timestamp>) -> bool {
        !self.rules.baseline || at.is_some_and(|at| self.as_of.duration_since(at) <= NEWS)
    }

    /// When a revision came into force. Who goes back to an older one finds it there, and only its number is new: then who
    /// set the workload's template tells, where that is known. Of one that is not in force any more that tells nothing.
    pub fn revised_at(&self, revision: Seen<'_, Revision>) -> Option<Timestamp> {
        let made = revision.meta.created;
        let Some(owner) = &revision.meta.owner else { return made };
        let is_newest = self.revisions_of(owner).first().is_some_and(|it| it.it == revision.it);
        if !is_newest || !self.is_returned(owner) {
            return made;
        }
        let touched = self.meta_of(owner).and_then(|it| toucher(it, "spec.template"));
        touched.and_then(|it| it.at).or(made)
    }

    /// When the template of a workload's pods became what it is: by its newest revision, else by who set it last.
    pub fn template_made(&self, root: &Entity) -> Option<Timestamp> {
        let revised = self.revisions_of(root).first().and_then(|it| self.revised_at(*it));
        let meta = self.meta_of(root)?;
        let touched = toucher(meta, "spec.template").and_then(|it| it.at);
        revised.or(touched).or(meta.created)
    }
}

/// Who makes an object sets its fields within this.
pub const MAKING: SignedDuration = SignedDuration::from_mins(1);

/// The part of an object's data that somebody changed: the key, where whoever did owns one alone, as any of several may
/// have been.
pub fn changed_data(touch: &Touch) -> String {
    let of_data = |it: &&String| it.starts_with("data.") || it.starts_with("binaryData.");
    let mut own = touch.fields.iter().filter(of_data);
    match (own.next(), own.next()) {
        (Some(only), None) => only.clone(),
        _ => "data".to_owned(),
    }
}

/// When somebody wrote an object last, but for its status.
pub fn written_last(meta: &Meta) -> Option<Timestamp> {
    let touched = meta.touches.iter().filter(|it| it.subresource.is_empty());
    touched.filter_map(|it| it.at).max().or(meta.created)
}

/// The last one to set what a ConfigMap holds.
pub fn data_toucher(meta: &Meta) -> Option<&Touch> {
    let touches = ["data", "binaryData"].into_iter().filter_map(|field| toucher(meta, field));
    touches.max_by_key(|touch| touch.at)
}

/// Who changed what a ConfigMap holds lately, after it was made, and when.
pub fn edited_lately<'a>(case: &Case, meta: &'a Meta) -> Option<(&'a Touch, Timestamp)> {
    let touch = data_toucher(meta)?;
    let at = touch.at.filter(|at| case.is_news(Some(*at)))?;
    meta.created.is_some_and(|made| at > made + MAKING).then_some((touch, at))
}

/// The last one to set a field, or the whole that it is a part of.
pub fn toucher<'a>(meta: &'a Meta, field: &str) -> Option<&'a Touch> {
    let owns = |touch: &&Touch| {
        touch.subresource != "status"
            && touch.fields.iter().any(|own| {
                own == field
                    || own.strip_prefix(field).is_some_and(|rest| rest.starts_with(['.', '[']))
                    || field
                        .strip_prefix(own.as_str())
                        .is_some_and(|rest| rest.starts_with(['.', '[']))
            })
    };
    meta.touches.iter().filter(owns).max_by_key(|touch| touch.at)
}

#[cfg(test)]
mod tests {
    use crate::case::Case;
    use evidence::entity::Entity;
    use evidence::fact::{Body, Fact};
    use evidence::scope::{Scope, Window};
    use evidence::testimony::Testimony;

    /// Somebody went back to the template that `web-a` has.
    const UNDONE: &str = r#"
- workload:
    kind: Deployment
    meta:
      namespace: shop
      name: web
      touches: [{manager: kubectl-rollout, at: "2026-11-21T11:30:00Z", fields: ["spec.template.spec.containers[web].image"]}]
- revision: {kind: ReplicaSet, meta: {namespace: shop, name: web-a, created: "2026-11-01T10:00:00Z", owner: {kind: Deployment, namespace: shop, name: web}}, number: NUMBER}
- revision: {kind: ReplicaSet, meta: {namespace: shop, name: web-b, created: "2026-11-20T10:00:00Z", owner: {kind: Deployment, namespace: shop, name: web}}, number: 6}
"#;

    fn case(facts: &str) -> Case {
        let at = "2026-11-21T12:00:00Z".parse().unwrap();
        let mut case = Case::open("", Scope::default(), at, Window { start: at, end: at });
        let bodies: Vec<Body> = serde_saphyr::from_str(facts).unwrap();
        let facts = bodies.into_iter().map(|body| Fact { source: 0, body }).collect();
        case.hear(Testimony { facts, ..Testimony::default() });
        case
    }

    fn made(facts: &str) -> String {
        let web = Entity::new("Deployment", "shop", "web");
        case(facts).template_made(&web).unwrap().to_string()
    }

    #[test]
    fn a_template_that_was_gone_back_to_is_as_new_as_that() {
        assert_eq!(made(&UNDONE.replace("NUMBER", "7")), "2026-11-21T11:30:00Z");
        assert_eq!(made(&UNDONE.replace("NUMBER", "5")), "2026-11-20T10:00:00Z");
    }

    #[test]
    fn so_is_one_that_was_gone_forward_to() {
        let first =
            UNDONE.replace("name: web\n", "name: web\n      created: \"2026-11-01T10:00:00Z\"\n");
        let forth = first.replace("number: 6", "number: 4").replace("NUMBER", "3");
        assert_eq!(made(&forth), "2026-11-21T11:30:00Z");
        // Two that were made one after the other, and two of which nobody knows what was before them.
        let plain = first.replace("number: 6", "number: 2").replace("NUMBER", "1");
        assert_eq!(made(&plain), "2026-11-20T10:00:00Z");
        let unknown = UNDONE.replace("number: 6", "number: 4").replace("NUMBER", "3");
        assert_eq!(made(&unknown), "2026-11-20T10:00:00Z");
    }

    #[test]
    fn what_is_not_in_force_any_more_is_as_old_as_it_was_made() {
        let case = case(&UNDONE.replace("NUMBER", "7").replace(
            "number: 6}",
            "number: 9}\n- revision: {kind: ReplicaSet, meta: {namespace: shop, name: web-c, created: \"2026-11-20T12:00:00Z\", owner: {kind: Deployment, namespace: shop, name: web}}, number: 6}",
        ));
        let owner = Entity::new("Deployment", "shop", "web");
        let undone = case.revisions_of(&owner)[1];
        assert_eq!(undone.it.number, Some(7));
        assert_eq!(case.revised_at(undone).unwrap().to_string(), "2026-11-01T10:00:00Z");
    }
}
