//! Requests that fall to another rule of an Ingress than the one of their path, which since a change is taken exactly: the log
//! of those who get them instead tells.

use super::Case;
use super::containers::Running;
use super::routes::{field, written};
use super::touching::toucher;
use super::words::requests::{asked_field, asked_path};
use crate::finding::Cite;
use crate::seen::Seen;
use evidence::fact::network::{Ingress, Route};
use evidence::question::Question;

/// Requests that were seen where they do not belong; a single one may be anybody's.
const SEVERAL: u32 = 2;

/// Pods whose logs are read: each gets its share.
const MOST_PODS: usize = 2;

/// Requests below an exact path that another Service gets.
#[derive(Clone, Debug)]
pub struct Stray<'a> {
    /// The Ingress.
    pub ingress: Seen<'a, Ingress>,
    /// The rule of the exact path.
    pub exact: &'a Route,
    /// The rule that takes what lies below it.
    pub other: &'a Route,
    /// A request, in the log of a pod of the other rule's Service.
    pub cite: Cite,
}

impl Case {
    /// Requests below exact paths of Ingresses whose rules were changed lately, and that another Service gets since.
    pub fn strays(&self) -> Vec<Stray<'_>> {
        let mut strays = Vec::new();
        for (ingress, exact, other) in self.cut_short_routes() {
            if let Some(cite) = self.stray(ingress, exact, other) {
                strays.push(Stray { ingress, exact, other, cite });
            }
        }
        strays
    }

    /// The logs that would tell of such requests.
    pub fn ask_about_strays(&self) -> Vec<Question> {
        let mut questions = Vec::new();
        for (ingress, _, other) in self.cut_short_routes() {
            let behind = self.getters(ingress, other).filter(Running::runs);
            questions.extend(behind.take(MOST_PODS).map(|it| it.ask_for_log(false)));
        }
        questions
    }

    /// Exact paths of Ingresses that were changed lately, each with the rule that takes what lies below it.
    fn cut_short_routes(&self) -> Vec<(Seen<'_, Ingress>, &Route, &Route)> {
        let mut found = Vec::new();
        for ingress in self.ingresses().filter(|it| it.meta.deleted.is_none()) {
            let routes = &ingress.it.routes;
            for exact in routes.iter().filter(|it| it.exact && it.path.len() > 1) {
                let at = toucher(&ingress.it.meta, &field(exact, "name")).and_then(|it| it.at);
                let later = ingress.meta.created.is_none_or(|made| at > Some(made));
                if !(later && self.is_news(at)) {
                    continue;
                }
                let others = routes.iter().filter(|it| {
                    !it.exact && it.host == exact.host && lies_below(&exact.path, &it.path)
                });
                let other = others.max_by_key(|it| it.path.len());
                let other = other.filter(|it| it.service != exact.service);
                found.extend(other.map(|other| (ingress, exact, other)));
            }
        }
        found
    }

    /// Containers of the pods that a rule leads to.
    fn getters(
        &self,
        ingress: Seen<'_, Ingress>,
        route: &Route,
    ) -> impl Iterator<Item = Running<'_>> {
        let service = self.service(&ingress.meta.namespace, &route.service).seen();
        let mut pods: Vec<usize> = Vec::new();
        if let Some(service) = service {
            pods.extend(self.selected_by(&service).map(|it| it.exhibit));
        }
        self.all_containers().filter(move |it| !it.spec.init && pods.contains(&it.pod.exhibit))
    }

    fn stray(&self, ingress: Seen<'_, Ingress>, exact: &Route, other: &Route) -> Option<Cite> {
        let changed = toucher(&ingress.it.meta, &field(exact, "name"))?.at?;
        let (mut count, mut last) = (0_u32, None);
        for container in self.getters(ingress, other) {
            let (meta, name) = (&container.pod.meta, &container.spec.name);
            let Some(log) = self.log(&meta.namespace, &meta.name, name, false) else { continue };
            for line in &log.it.lines {
                let Some((path, unknown)) = asked(&line.text) else { continue };
                if path == exact.path || !lies_below(path, &exact.path) {
                    continue;
                }
                if line.first.or(line.last).is_some_and(|at| at < changed) {
                    return None; // It got such requests before, too.
                }
                if unknown && self.is_said_now(line) {
                    count = count.saturating_add(line.count.max(1));
                    last = Some((log.exhibit, container.pod.meta.entity("Pod"), line));
                }
            }
        }
        let (exhibit, pod, line) = last.filter(|_| count >= SEVERAL)?;
        let says = format!("{pod} gets requests below {}", written(exact));
        Some(Cite::quoting(exhibit, says, &line.text))
    }
}

/// The path that a line says was asked for, and whether it tells of a stray where it lies below an exact one. Such fields as
/// are in no access log may as well be a client's, who gets what he asks for: they tell where nobody knew the path.
fn asked(text: &str) -> Option<(&str, bool)> {
    asked_path(text).map(|path| (path, true)).or_else(|| asked_field(text))
}

/// Whether a path is another one or lies below it.
fn lies_below(path: &str, other: &str) -> bool {
    let rest = path.strip_prefix(other.trim_end_matches('/'));
    rest.is_some_and(|it| it.is_empty() || it.starts_with('/'))
}
