//! Where to look for a trouble that somebody reports of a cluster in which nothing shows it: in the namespaces whose objects
//! bear the words of the question, else in those that the outside reaches, else in the largest.

use super::symptoms::{Gravity, Symptom};
use crate::case::Case;
use crate::case::asked_words::bears;
use crate::case::containers::repository;
use crate::case::resolving::HOME;
use evidence::question::Question;
use std::collections::{BTreeMap, BTreeSet};

/// Namespaces that are looked at closely.
const MOST: usize = 2;
/// What leads to a namespace from outside, beside Ingresses.
const ROUTES: [&str; 4] = ["GRPCRoute", "HTTPRoute", "Route", "VirtualService"];
/// Services that the outside reaches by themselves.
const OUTER: [&str; 2] = ["LoadBalancer", "NodePort"];
/// What a word is worth that stands in the names of one namespace alone; it is shared out among those that bear it.
const WORTH: usize = 60;

/// Where the outside comes in, in all namespaces: a survey of the cluster tells the entrances of suspicious ones alone.
pub fn entrances() -> Question {
    Question::Objects { kind: "Ingress".to_owned(), namespace: String::new() }
}

/// What to ask about those places.
pub(super) fn questions(case: &Case, symptoms: &[Symptom]) -> Vec<Question> {
    if !is_astray(case, symptoms) {
        return Vec::new();
    }
    let named = by_words(case);
    let unknown = named.is_empty() || hosts(&case.question.to_lowercase()).next().is_some();
    // Where they may not be seen, one looks where one would without them.
    if unknown && !case.looked("Ingress", "") && !case.was_asked(&entrances()) {
        return vec![entrances()];
    }
    let namespaces = namespaces(case).into_iter();
    namespaces.map(|it| Question::Survey { namespaces: vec![it], workload: None }).collect()
}

/// The namespaces whose programs may have written what tells: those that the question names, or that were found for it.
pub(super) fn of(case: &Case, symptoms: &[Symptom]) -> Vec<String> {
    if is_astray(case, symptoms) { namespaces(case) } else { case.scope.namespaces.clone() }
}

/// Whether a trouble of the whole cluster is reported, and nothing in it is down, or not all that is can show.
pub(super) fn is_astray(case: &Case, symptoms: &[Symptom]) -> bool {
    let down = symptoms.iter().any(|it| it.gravity != Gravity::Light);
    case.reported && (case.several || !down) && case.scope.namespaces.is_empty()
}

/// Leaves out what is far from a trouble that is reported of the whole cluster: objects that work, and only were amiss lately,
/// whose namespace no word of the question touches, and with which nobody there or elsewhere has to do.
pub(super) fn near(case: &Case, symptoms: Vec<Symptom>) -> Vec<Symptom> {
    let works = |it: &Symptom| it.gravity == Gravity::Light && it.entity.namespace != HOME;
    let whole = case.reported && case.scope.namespaces.is_empty();
    if !whole || !symptoms.iter().any(works) {
        return symptoms;
    }
    let (words, hosts, complaints) = (by_words(case), by_hosts(case), case.complaints());
    let touched = |namespace: &str| words.contains_key(namespace) || hosts.contains_key(namespace);
    let is_far = |it: &Symptom| {
        works(it)
            && !touched(&it.entity.namespace)
            && !complaints.iter().any(|complaint| *complaint.root() == it.entity)
            && case.is_aloof(&it.entity)
    };
    symptoms.into_iter().filter(|it| !is_far(it)).collect()
}

/// Those whose entrance the question names, else those of its words, else those with the most entrances: routes, or where
/// there are none at all, Services; else those with the most workloads.
fn namespaces(case: &Case) -> Vec<String> {
    let mut worth = by_hosts(case);
    if worth.is_empty() {
        worth = by_words(case);
    }
    if worth.is_empty() {
        let routes = case.objects().filter(|it| ROUTES.contains(&it.it.kind.as_str()));
        let routes = routes.map(|it| it.it.meta.namespace.as_str());
        worth = counted(routes.chain(case.ingresses().map(|it| it.it.meta.namespace.as_str())));
    }
    if worth.is_empty() {
        let outer = case.services().filter(|it| OUTER.contains(&it.it.kind.as_str()));
        worth =
            counted(outer.map(|it| it.it.meta.namespace.as_str()).filter(|it| !is_platform(it)));
    }
    if worth.is_empty() {
        let workloads = case.workloads().map(|it| it.it.meta.namespace.as_str());
        worth = counted(workloads.filter(|it| !is_platform(it)));
    }
    let mut ranked: Vec<(usize, &str)> =
        worth.into_iter().map(|(namespace, worth)| (worth, namespace)).collect();
    ranked.sort_by_key(|(worth, namespace)| (std::cmp::Reverse(*worth), *namespace));
    ranked.into_iter().take(MOST).map(|(_, namespace)| namespace.to_owned()).collect()
}

/// Each namespace, as often as it is told.
fn counted<'a>(namespaces: impl Iterator<Item = &'a str>) -> BTreeMap<&'a str, usize> {
    let mut counted = BTreeMap::new();
    for namespace in namespaces {
        *counted.entry(namespace).or_default() += 1;
    }
    counted
}

/// Whether a namespace is by its name the cluster's own, or an operator's, as kubebuilder names them.
fn is_platform(namespace: &str) -> bool {
    namespace.ends_with("-system")
}

/// What each namespace is worth, by the hosts that the question names.
fn by_hosts(case: &Case) -> BTreeMap<&str, usize> {
    let asked = case.question.to_lowercase();
    let named: BTreeSet<&str> = hosts(&asked).collect();
    let led = case.ingresses().filter(|it| {
        it.it.routes.iter().any(|route| named.contains(route.host.to_lowercase().as_str()))
    });
    led.map(|it| (it.it.meta.namespace.as_str(), WORTH)).collect()
}

/// The names in a text that may be those of entrances: of several labels, the last one of letters.
fn hosts(text: &str) -> impl Iterator<Item = &str> {
    let words = text.split(|it: char| !it.is_ascii_alphanumeric() && it != '-' && it != '.');
    words.map(|it| it.trim_matches('.')).filter(|it| {
        let last = it.rsplit_once('.').map(|(_, last)| last).unwrap_or_default();
        last.len() > 1 && last.bytes().all(|it| it.is_ascii_alphabetic())
    })
}

/// What each namespace is worth, by the question's words.
fn by_words(case: &Case) -> BTreeMap<&str, usize> {
    let names = names(case);
    let mut worth: BTreeMap<&str, usize> = BTreeMap::new();
    for word in &case.asked_words() {
        let bearing = names.iter().filter(|(_, name)| bears(name, word));
        let mut bearing: BTreeSet<&str> = bearing.map(|(of, _)| *of).collect();
        // An operator calls what it makes by names of its own; people say what program it is.
        if bearing.is_empty() {
            bearing = running(case, word);
        }
        let each = WORTH.checked_div(bearing.len()).unwrap_or_default();
        for namespace in bearing.iter().filter(|_| each > 0) {
            *worth.entry(namespace).or_default() += each;
        }
    }
    worth
}

/// What is there, by namespace, but for what belongs to the cluster; a namespace bears its own name.
fn names(case: &Case) -> Vec<(&str, &str)> {
    let workloads = case.workloads().map(|it| &it.it.meta);
    let services = case.services().map(|it| &it.it.meta);
    let ingresses = case.ingresses().map(|it| &it.it.meta);
    let all = workloads.chain(services).chain(ingresses);
    let own = all.flat_map(|it| {
        let namespace = it.namespace.as_str();
        [(namespace, it.name.as_str()), (namespace, namespace)]
    });
    let namespaces =
        case.namespaces().map(|it| (it.it.meta.name.as_str(), it.it.meta.name.as_str()));
    own.chain(namespaces).filter(|(namespace, _)| *namespace != HOME).collect()
}

/// Where a program of that name runs, by its image.
fn running<'a>(case: &'a Case, word: &str) -> BTreeSet<&'a str> {
    let here = case.workloads().map(|it| it.it).filter(|it| it.meta.namespace != HOME);
    let runs = here.filter(|it| {
        let mut images = it.template.containers.iter().map(|it| repository(&it.image));
        images.any(|it| it.rsplit('/').next() == Some(word))
    });
    runs.map(|it| it.meta.namespace.as_str()).collect()
}

#[cfg(test)]
mod tests {
    use super::hosts;

    #[test]
    fn hosts_are_names_of_several_labels() {
        let text = "see 500 of login.example.org, at 3.14 in v1.2: why? it is. ok";
        assert_eq!(hosts(text).collect::<Vec<_>>(), ["login.example.org"]);
    }
}
