//! A custom object that was asked about and says that it is not as asked.

use super::{Gravity, Symptom};
use crate::case::Case;
use crate::case::customs::complaint;
use crate::finding::Cite;

pub(super) fn find(case: &Case, symptoms: &mut Vec<Symptom>) {
    let Some(asked) = case.asked_object() else { return };
    let Some(object) = case.custom(&asked) else { return };
    let Some(condition) = complaint(object.it) else { return };
    let what = format!("{} is {}", condition.kind, condition.status);
    let cite = Cite::quoting(object.exhibit, format!("{asked}: {what}"), &condition.message);
    symptoms.push(Symptom {
        entity: asked,
        what,
        since: condition.since,
        gravity: Gravity::Down,
        cites: vec![cite],
    });
}

#[cfg(test)]
mod tests {
    use crate::engine::symptoms::trial::seen;

    #[test]
    fn an_object_that_complains_is_a_symptom_only_where_it_was_asked_about() {
        let facts = r#"
- object:
    kind: Database
    meta: {namespace: shop, name: main}
    conditions: [{type: Ready, status: "False", message: "no quorum"}]
"#;
        assert!(seen(facts, None).is_empty());
        assert_eq!(seen(facts, Some("database/main")), ["Database shop/main"]);
    }
}
