//! A custom object that says that it is not as asked, and was asked about, or may be behind what users report.

use super::{Gravity, Symptom};
use crate::case::Case;
use crate::case::customs::complaint;
use crate::finding::Cite;
use crate::seen::Seen;
use evidence::fact::meta::Condition;
use evidence::fact::object::Object;

pub(super) fn find(case: &Case, symptoms: &mut Vec<Symptom>) {
    let asked = case.asked_object().and_then(|asked| case.custom(&asked));
    if let Some(object) = asked
        && let Some(condition) = complaint(object.it)
    {
        symptoms.push(one(object, condition, Gravity::Down));
    }
    // What does not work tells more of what users report.
    if symptoms.iter().all(|it| it.gravity == Gravity::Light) {
        let missed = case.missed_customs().into_iter();
        symptoms.extend(missed.map(|(object, condition)| one(object, condition, Gravity::Light)));
    }
}

fn one(object: Seen<'_, Object>, condition: &Condition, gravity: Gravity) -> Symptom {
    let entity = object.it.meta.entity(&object.it.kind);
    let what = format!("{} is {}", condition.kind, condition.status);
    let cite = Cite::quoting(object.exhibit, format!("{entity}: {what}"), &condition.message);
    Symptom { entity, what, since: condition.since, gravity, cites: vec![cite] }
}

#[cfg(test)]
mod tests {
    use crate::engine::symptoms::{asked_about, trial};
    use trial::seen;

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

    /// What shows where users report a trouble in these words.
    fn missed(question: &str, beside: &str) -> Vec<String> {
        let store = r#"
- object:
    kind: ClusterSecretStore
    meta: {name: vault}
    conditions: [{type: Ready, status: "False", message: "unable to create client"}]
"#;
        let mut case = trial::case(&[store, beside].concat(), None);
        case.question = question.to_owned();
        case.reported = true;
        asked_about(&case).into_iter().map(|it| it.entity.to_string()).collect()
    }

    #[test]
    fn what_users_miss_by_its_name_is_one_where_nothing_else_is_down() {
        let down = "- workload: {kind: Deployment, meta: {namespace: shop, name: web}, desired: 1, ready: 0}\n";
        let asked = "the new password in Vault does not arrive";
        assert_eq!(missed(asked, ""), ["ClusterSecretStore vault"]);
        assert_eq!(missed(asked, down), ["Deployment shop/web"]);
        assert!(missed("customers cannot pay", "").is_empty());
    }
}
