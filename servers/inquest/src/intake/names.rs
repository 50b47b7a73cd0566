//! Matches what a question named against what a survey saw, and asks back where that does not decide.

use super::kinds;
use super::words::{Named, Words};
use crate::trouble::Trouble;
use evidence::entity::Entity;
use evidence::testimony::Testimony;
use std::collections::BTreeSet;

/// From this likeness on, a plain word is taken for a misspelt name; below, for English.
const MISSPELT: f64 = 0.75;
/// A part of a name that is shorter is in many sentences.
const SHORTEST_PART: usize = 4;
/// Names offered in place of an unknown one.
const MOST_OFFERED: usize = 3;

/// What was asked about, in names that exist as far as could be seen.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// The namespaces; empty for all.
    pub namespaces: Vec<String>,
    /// One object, as `KIND/NAME`.
    pub workload: Option<String>,
    /// The survey saw that object; otherwise a survey of the object itself must tell.
    pub seen: bool,
}

/// Finds the place that the words mean.
///
/// # Errors
/// One line with the nearest names where a name is unknown, or with the namespaces where it is in several.
pub fn resolve(words: &Words, survey: &Testimony) -> Result<Place, Trouble> {
    let known = Known::of(survey);
    if known.is_of_one_half(words) {
        return Ok(Place { seen: true, ..Place::default() });
    }
    let namespaces = match &words.namespace {
        Some(namespace) => vec![known.namespace(namespace)?],
        None => known.namespaces_in(words),
    };
    let Some((entity, namespace)) = known.workload_in(words, &namespaces)? else {
        return Ok(Place { namespaces, workload: None, seen: true });
    };
    let also = known.also_named(words, namespace, &entity);
    let certain = words.workload.as_ref().is_some_and(|it| it.certain);
    if !also.is_empty() || words.several && !certain {
        return Ok(Place {
            namespaces: around(namespaces, &entity, &also),
            workload: None,
            seen: true,
        });
    }
    let workload = Some(format!("{}/{}", entity.kind, entity.name));
    let seen = known.entities.contains(&entity);
    // The one that is found in one of them is what the question is about; the others are beside it.
    let namespaces = match namespace {
        None if !entity.namespace.is_empty() => vec![entity.namespace],
        namespace => namespace.into_iter().map(str::to_owned).collect(),
    };
    Ok(Place { namespaces, workload, seen })
}

/// A question about several objects, or about one and something else, is one about their namespaces.
fn around(named: Vec<String>, entity: &Entity, also: &[Entity]) -> Vec<String> {
    if !named.is_empty() {
        return named;
    }
    let all = also.iter().chain([entity]).map(|it| it.namespace.clone());
    let all: BTreeSet<String> = all.filter(|it| !it.is_empty()).collect();
    all.into_iter().collect()
}

/// Names that a survey saw.
struct Known<'a> {
    entities: BTreeSet<Entity>,
    survey: &'a Testimony,
}

impl Known<'_> {
    fn of(survey: &Testimony) -> Known<'_> {
        let entities = survey.facts.iter().map(|it| it.body.entity()).collect();
        Known { entities, survey }
    }

    fn looked(&self, kind: &str, namespace: Option<&str>) -> bool {
        self.survey.looks.iter().any(|look| {
            let there = look.namespace.is_empty() || Some(look.namespace.as_str()) == namespace;
            look.complete && look.kind == kind && there
        })
    }

    fn has_namespace(&self, name: &str) -> bool {
        self.entities.contains(&Entity::new("Namespace", "", name))
    }

    /// Whether plain words that are names stand in one half of a question alone, so that the other is about another place.
    fn is_of_one_half(&self, words: &Words) -> bool {
        let certain = words.workload.as_ref().is_some_and(|it| it.certain);
        let Some((first, second)) = words.halves.as_ref() else { return false };
        if certain || words.namespace.is_some() {
            return false;
        }
        let names = |half: &str| {
            let mut all = half.split(|it: char| !it.is_ascii_alphanumeric() && it != '-');
            all.any(|word| {
                let read = words.others.iter().chain(words.workload.iter().map(|it| &it.name));
                let is_read = read.into_iter().any(|it| it == word);
                is_read && (self.has_namespace(word) || self.within(None).any(|it| it.name == word))
            })
        };
        names(first) != names(second)
    }

    /// The words that are namespaces, in their order: a question that names two is about both.
    fn namespaces_in(&self, words: &Words) -> Vec<String> {
        let mut named: Vec<String> = Vec::new();
        for word in words.others.iter().filter(|word| self.has_namespace(word)) {
            if !named.contains(word) {
                named.push(word.clone());
            }
        }
        named
    }

    /// A namespace that was called one: refused where all of them were seen and it is not there.
    fn namespace(&self, name: &str) -> Result<String, Trouble> {
        if self.has_namespace(name) || !self.looked("Namespace", None) {
            return Ok(name.to_owned());
        }
        let names = self.entities.iter().filter(|it| it.kind == "Namespace");
        Err(unknown("namespace", name, names.map(|it| it.name.as_str())))
    }

    /// The object that the words name, and in which of these namespaces, the first that has it; none for all.
    fn workload_in<'a>(
        &self,
        words: &Words,
        namespaces: &'a [String],
    ) -> Result<Option<(Entity, Option<&'a str>)>, Trouble> {
        let [first, others @ ..] = namespaces else {
            return Ok(self.workload(words, None)?.map(|it| (it, None)));
        };
        // A word that is a namespace is no object beside it.
        let mut words = words.clone();
        words.others.retain(|word| !others.contains(word));
        let found = self.workload(&words, Some(first));
        if let Ok(Some(entity)) = found {
            return Ok(Some((entity, Some(first))));
        }
        for other in others {
            if let Ok(Some(entity)) = self.workload(&words, Some(other)) {
                return Ok(Some((entity, Some(other))));
            }
        }
        found.map(|_| None)
    }

    fn workload(&self, words: &Words, namespace: Option<&str>) -> Result<Option<Entity>, Trouble> {
        if let Some(named) = &words.workload {
            if let Some(entity) = self.find(named, namespace)? {
                return Ok(Some(entity));
            }
            if let Some(entity) = self.unfound(named, namespace)? {
                return Ok(Some(entity));
            }
        }
        for word in words.others.iter().filter(|word| Some(word.as_str()) != namespace) {
            let named = Named { name: word.clone(), ..Named::default() };
            let found = self.called(&named, None, word, namespace)?;
            if found.is_some() {
                return Ok(found);
            }
            if word.contains('-') && self.is_misspelt(word, namespace) {
                return Err(self.unknown_workload(&named, namespace));
            }
        }
        self.spelt_out(words, namespace)
    }

    /// An object whose name is of several words that the question has, all of them: `the export of customs` is
    /// `customs-export`.
    fn spelt_out(&self, words: &Words, namespace: Option<&str>) -> Result<Option<Entity>, Trouble> {
        let is_said = |name: &str| {
            let plain = |part: &str| {
                part.len() >= SHORTEST_PART
                    && part.chars().all(|it| it.is_ascii_alphabetic())
                    && words.others.iter().any(|word| word == part)
            };
            name.contains('-') && name.split('-').all(plain)
        };
        let found: Vec<&Entity> = self
            .within(namespace)
            .filter(|it| !matches!(it.kind.as_str(), "Pod" | "ReplicaSet" | "Node"))
            .filter(|it| is_said(&it.name))
            .collect();
        let names: BTreeSet<(&str, &str)> =
            found.iter().map(|it| (it.namespace.as_str(), it.name.as_str())).collect();
        // Words that may be plain English are not asked back about.
        match names.len() {
            1 => only(&Named::default(), &found),
            _ => Ok(None),
        }
    }

    /// Further objects that the question names, of other names than `first`.
    fn also_named(&self, words: &Words, namespace: Option<&str>, first: &Entity) -> Vec<Entity> {
        if words.workload.as_ref().is_some_and(|it| it.certain) {
            return Vec::new(); // Said outright; what else is named is beside it.
        }
        let mut also = Vec::new();
        for word in words.others.iter().filter(|word| Some(word.as_str()) != namespace) {
            let named = Named { name: word.clone(), ..Named::default() };
            if let Ok(Some(entity)) = self.called(&named, None, word, namespace)
                && entity.name != first.name
            {
                also.push(entity);
            }
        }
        also
    }

    /// The object that the name means: its own name, its name with the word beside it, or the stem of it.
    fn find(&self, named: &Named, namespace: Option<&str>) -> Result<Option<Entity>, Trouble> {
        let found = self.called(named, named.kind, &named.name, namespace)?;
        if found.is_some() || (named.certain && named.kind.is_some()) {
            return Ok(found);
        }
        let found = self.called(named, None, &named.name, namespace)?;
        if found.is_some() || named.certain {
            return Ok(found);
        }
        if let Some(beside) = &named.beside {
            let found = self.called(named, None, &format!("{}-{beside}", named.name), namespace)?;
            if found.is_some() {
                return Ok(found);
            }
        }
        let stem = format!("{}-", named.name);
        let found = self.within(namespace).filter(|it| it.name.starts_with(&stem));
        let found: Vec<&Entity> =
            found.filter(|it| it.kind != "Pod" && it.kind != "ReplicaSet").collect();
        let names: BTreeSet<&str> = found.iter().map(|it| it.name.as_str()).collect();
        match names.len() {
            1 => only(named, &found),
            _ => Ok(None),
        }
    }

    fn called(
        &self,
        named: &Named,
        kind: Option<&str>,
        name: &str,
        namespace: Option<&str>,
    ) -> Result<Option<Entity>, Trouble> {
        let of_kind = || self.of_kind(kind, namespace);
        let mut found: Vec<&Entity> = of_kind().filter(|it| it.name == name).collect();
        if found.is_empty() {
            // `front-end` and `frontend` are one word.
            let joined = name.replace('-', "");
            found = of_kind().filter(|it| it.name.replace('-', "") == joined).collect();
        }
        only(named, &found)
    }

    /// A name that is not among what was seen: refused if it ought to be, believed if that cannot be told, and
    /// taken for a plain word if it was only that.
    fn unfound(&self, named: &Named, namespace: Option<&str>) -> Result<Option<Entity>, Trouble> {
        // `crash-looping` and `v2.3.1` look like names, and are none.
        if !named.certain && !self.is_misspelt(&named.name, namespace) {
            return Ok(None);
        }
        // Healthy pods are not all told one by one, so a pod that was not told of may still be there.
        let kind = named.kind.unwrap_or("Deployment");
        let tellable = named.kind != Some("Pod") && self.looked(kind, namespace);
        if named.certain && !tellable {
            let place = if kind == "Node" { "" } else { namespace.unwrap_or_default() };
            return Ok(Some(Entity::new(kind, place, &named.name)));
        }
        Err(self.unknown_workload(named, namespace))
    }

    fn is_misspelt(&self, word: &str, namespace: Option<&str>) -> bool {
        // Nodes come and go, and one that is gone is called like those that stay.
        let mut names = self.within(namespace).filter(|it| it.kind != "Node");
        names.any(|it| likeness(word, &it.name) >= MISSPELT)
    }

    fn unknown_workload(&self, named: &Named, namespace: Option<&str>) -> Trouble {
        let kind = named.kind.map_or("workload".to_owned(), str::to_lowercase);
        let what = match namespace {
            Some(namespace) => format!("{kind} in namespace {namespace}"),
            None => kind,
        };
        let alike = self.of_kind(named.kind, namespace).next().and(named.kind);
        unknown(&what, &named.name, self.of_kind(alike, namespace).map(|it| it.name.as_str()))
    }

    /// What a bare name may mean.
    fn within<'a>(&'a self, namespace: Option<&'a str>) -> impl Iterator<Item = &'a Entity> {
        self.of_kind(None, namespace)
    }

    /// Objects of one kind, whichever it is; without one, those of the kinds that a bare name may mean.
    fn of_kind<'a>(
        &'a self,
        kind: Option<&'a str>,
        namespace: Option<&'a str>,
    ) -> impl Iterator<Item = &'a Entity> {
        let wanted = move |it: &Entity| match kind {
            Some(kind) => it.kind == kind,
            None => kinds::precedence(&it.kind).is_some(),
        };
        let there = move |it: &Entity| {
            namespace.is_none_or(|namespace| it.namespace.is_empty() || it.namespace == namespace)
        };
        self.entities.iter().filter(move |it| wanted(it) && there(it))
    }
}

/// Of several objects of one name the one of the kind that comes first; asked back where namespaces differ.
fn only(named: &Named, found: &[&Entity]) -> Result<Option<Entity>, Trouble> {
    let Some(first) = found.iter().min_by_key(|it| kinds::precedence(&it.kind)) else {
        return Ok(None);
    };
    let namespaces: BTreeSet<&str> = found.iter().map(|it| it.namespace.as_str()).collect();
    if namespaces.len() > 1 {
        let names = namespaces.into_iter().collect::<Vec<_>>().join(", ");
        return Err(Trouble::Usage(format!(
            "{:?} is in more than one namespace ({names}): say which with --namespace",
            named.name
        )));
    }
    Ok(Some((*first).clone()))
}

fn unknown<'a>(what: &str, name: &str, names: impl Iterator<Item = &'a str>) -> Trouble {
    let names: BTreeSet<&str> = names.collect();
    let mut near: Vec<(f64, &str)> = names.into_iter().map(|it| (likeness(name, it), it)).collect();
    near.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(b.1)));
    let offered: Vec<&str> = near.into_iter().take(MOST_OFFERED).map(|(_, name)| name).collect();
    let nearest = match offered.is_empty() {
        true => "there is none at all".to_owned(),
        false => format!("the nearest are {}", offered.join(", ")),
    };
    Trouble::Usage(format!("there is no {what} called {name:?}; {nearest}"))
}

fn likeness(a: &str, b: &str) -> f64 {
    strsim::normalized_damerau_levenshtein(a, b)
}
