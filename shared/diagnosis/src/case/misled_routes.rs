//! Rules of Ingresses whose path or host bears the name of a Service, and that lead to another.

use super::Case;
use super::routes::field;
use super::touching::toucher;
use crate::seen::Seen;
use evidence::fact::network::{Ingress, Route, Service};

/// Such a rule.
#[derive(Clone, Copy, Debug)]
pub struct MisledRoute<'a> {
    /// The Ingress.
    pub ingress: Seen<'a, Ingress>,
    /// The rule.
    pub route: &'a Route,
    /// The Service of its name, to which no rule leads.
    pub meant: Seen<'a, Service>,
}

impl Case {
    /// All of them. A path may be named as one likes, so that it takes more than this to blame one.
    pub fn misled_routes(&self) -> Vec<MisledRoute<'_>> {
        let mut misled = Vec::new();
        for ingress in self.ingresses() {
            for route in &ingress.it.routes {
                let meant = self.meant_by(ingress, route);
                misled.extend(meant.map(|meant| MisledRoute { ingress, route, meant }));
            }
        }
        misled
    }

    /// Those that users miss.
    pub fn missed_routes(&self) -> Vec<MisledRoute<'_>> {
        if !self.reported {
            return Vec::new();
        }
        self.misled_routes().into_iter().filter(|it| self.is_missed_since(it)).collect()
    }

    /// Whether users miss, in words that name it, the Service to which no rule leads, as all were seen, and somebody changed the
    /// rule lately.
    pub fn is_missed_since(&self, misled: &MisledRoute<'_>) -> bool {
        let meta = &misled.ingress.it.meta;
        let at = toucher(meta, &field(misled.route, "name")).and_then(|it| it.at);
        let later = meta.created.is_none_or(|made| at > Some(made));
        self.reported
            && self.looked("Ingress", &meta.namespace)
            && later
            && self.is_news(at)
            && self.asks_in_words_of(&misled.meant.it.meta.name)
    }

    /// The Service that bears the name of a rule's path or host, and to which no rule leads.
    fn meant_by(&self, ingress: Seen<'_, Ingress>, route: &Route) -> Option<Seen<'_, Service>> {
        let namespace = &ingress.meta.namespace;
        let segments = route.path.split('/').chain(route.host.split('.').take(1));
        let names: Vec<&str> = segments.filter(|it| !it.is_empty()).collect();
        if names.contains(&route.service.as_str()) {
            return None;
        }
        let mut named = names.into_iter().filter_map(|name| self.service(namespace, name).seen());
        named.find(|service| {
            let is_led_to = |it: &Route| it.service == service.meta.name;
            !self
                .ingresses()
                .any(|it| it.meta.namespace == *namespace && it.it.routes.iter().any(is_led_to))
        })
    }
}

#[cfg(test)]
mod tests {
    use crate::engine::symptoms::{asked_about, trial};
    use evidence::testimony::{Look, Testimony};

    /// What shows where users report a trouble in these words, of an Ingress whose rules were changed at a time, and all of
    /// whose neighbours were seen, or not.
    fn shown(question: &str, changed: &str, complete: bool) -> Vec<String> {
        let facts = format!(
            r#"
- ingress:
    meta: {{namespace: shop, name: shop, created: "2026-10-01T10:00:00Z", touches: [{{manager: kubectl-edit, at: "{changed}", fields: [spec.rules]}}]}}
    addresses: [203.0.113.7]
    routes: [{{path: /api/appointments, service: front, port: "80"}}, {{path: /, service: front, port: "80"}}]
- service: {{meta: {{namespace: shop, name: front}}, type: ClusterIP, ports: [{{port: 80}}]}}
- service: {{meta: {{namespace: shop, name: appointments}}, type: ClusterIP, ports: [{{port: 80}}]}}
"#
        );
        let mut case = trial::case(&facts, None);
        let look = Look { kind: "Ingress".to_owned(), namespace: "shop".to_owned(), complete };
        case.hear(Testimony { looks: vec![look], ..Testimony::default() });
        case.question = question.to_owned();
        case.reported = true;
        asked_about(&case).into_iter().map(|it| it.entity.to_string()).collect()
    }

    #[test]
    fn a_rule_is_missed_by_its_name_and_since_it_was_changed() {
        let (asked, lately) = ("nobody can book an appointment", "2026-11-21T11:00:00Z");
        assert_eq!(shown(asked, lately, true), ["Ingress shop/shop"]);
        assert!(shown("nobody can log in", lately, true).is_empty());
        assert!(shown(asked, "2026-11-01T11:00:00Z", true).is_empty());
        assert!(shown(asked, lately, false).is_empty(), "another Ingress may lead there");
    }
}
