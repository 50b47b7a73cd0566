//! Reads a question in plain words: what in it may be a namespace, a workload or a span of time.
//!
//! Nothing read here is believed before it is found in the cluster; see `names`.

use super::kinds;
use super::several;
use super::time;
use std::time::Duration;

/// What a question may mean.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Words {
    /// Called a namespace.
    pub namespace: Option<String>,
    /// Said outright, by a flag or an alert, and not merely called so in the question.
    pub namespace_certain: bool,
    /// Called a workload.
    pub workload: Option<Named>,
    /// Words that may or may not be names.
    pub others: Vec<String>,
    /// It joins several things: `x does not start, and y fails`.
    pub several: bool,
    /// Its two halves, where each tells of a trouble of its own.
    pub halves: Option<(String, String)>,
    /// How far back.
    pub since: Option<Duration>,
}

/// A name, and what was said about it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Named {
    /// The kind, where it was said.
    pub kind: Option<&'static str>,
    /// The name.
    pub name: String,
    /// The word beside it that said so; it may be a part of the name, as in `the order service`.
    pub beside: Option<String>,
    /// Written so that it can be nothing but a name: `deployment/web`.
    pub certain: bool,
}

/// Words that are never names, unless they are called so.
const COMMON: &str = "a about after again ago all already also always an and any anything are as ask at available back \
bad be because become been before behind being broke broken but by can cannot cant check client clients cluster come \
coming could crash crashed crashes crashing created dead debug deployed did didnt die dies do does doesnt doing done down \
during dying each error errors even every everything evicted explain fail failed failing fails failure failures fault \
faults find fine fix for from full get gets getting give go goes going gone had happen happened happening happens has \
have having health healthy help here high hour hours how i if image in inside into investigate is isnt issue issues it \
its just keep keeps kept killed killing last latency late lately least lot made make many me minute minutes more most much \
my namespace namespaces need never new no none not nothing now number of off often ok old on one only oom oomkilled or \
other our out over past pending please point problem problems production pull pulling reach reached reason recent recently \
request requests response responses restart restarted restarting restarts root run running runs same say says scheduled see \
seem seems service shall should show since slow so some something start started starting starts stay stays still stop \
stopped stopping stuck such take takes tell than that the their them then there these they thing this those time to today \
too traffic trouble two unable unavailable under unhealthy until up upon us use users using very wait waiting want was we \
went were what whats when where which while who whole whose why will with within without wont work working works would \
wrong yesterday yet you your";

/// Reads a question.
pub fn read(question: &str) -> Words {
    let tokens: Vec<String> =
        question.split_whitespace().map(trimmed).filter(|it| !it.is_empty()).collect();
    let joins = |it: &String| matches!(it.as_str(), "and" | "both" | "nor");
    let several = tokens.iter().any(joins);
    let halves = several::halves(question);
    let mut words = Words { since: since(&tokens), several, halves, ..Words::default() };
    for (position, token) in tokens.iter().enumerate() {
        let before = position.checked_sub(1).and_then(|before| tokens.get(before));
        let after = tokens.get(position + 1);
        words.take(token, before.map(String::as_str), after.map(String::as_str));
    }
    words
}

impl Words {
    fn take(&mut self, token: &str, before: Option<&str>, after: Option<&str>) {
        let name = token.to_lowercase();
        // `/fares` is the path of a page.
        if name.starts_with('/') {
            return;
        }
        if let Some((kind, name)) = name.split_once('/') {
            self.take_pair(kind, name);
            return;
        }
        if matches!(before, Some("-n" | "--namespace" | "namespace:")) {
            self.namespace = Some(name);
            return;
        }
        if name.starts_with('-') || is_common(&name) || kinds::names_something(&name) {
            return;
        }
        let called =
            |word: Option<&str>, wanted: &[&str]| word.is_some_and(|it| wanted.contains(&it));
        let namespace = ["namespace", "ns"];
        let beside_namespace = called(after, &namespace) || called(before, &namespace);
        if beside_namespace && self.namespace.is_none() {
            self.namespace = Some(name);
            return;
        }
        if is_span(&name) {
            return;
        }
        let said = [after, before].into_iter().flatten().find(|word| kinds::names_something(word));
        match said {
            Some(word) if self.workload.as_ref().is_none_or(|it| !it.certain) => {
                let beside = after.filter(|it| *it == word).map(str::to_owned);
                let named =
                    Named { kind: kinds::kind(word), name: name.clone(), beside, certain: false };
                if let Some(other) = self.workload.replace(named) {
                    self.others.push(other.name);
                }
            }
            _ => self.others.push(name),
        }
    }

    fn take_pair(&mut self, kind: &str, name: &str) {
        if matches!(kind, "ns" | "namespace" | "namespaces") {
            self.namespace = Some(name.to_owned());
        } else if let Some(kind) = kinds::written(kind) {
            self.workload = Some(Named {
                kind: Some(kind),
                name: name.to_owned(),
                beside: None,
                certain: true,
            });
        } else if kinds::names_something(kind) {
            self.workload =
                Some(Named { name: name.to_owned(), certain: true, ..Named::default() });
        } else {
            // `shop/web`: a namespace and a name, if both turn out to exist.
            self.others.push(kind.to_owned());
            self.others.push(name.to_owned());
        }
    }
}

fn trimmed(token: &str) -> String {
    let mark = |character: char| {
        matches!(character, '?' | '!' | ',' | '.' | ';' | ':' | '"' | '\'' | '`' | '(' | ')')
    };
    token.trim_matches(mark).replace('\'', "")
}

fn is_common(word: &str) -> bool {
    is_in(COMMON, word)
}

/// Whether a list of words has a word.
pub(super) fn is_in(list: &str, word: &str) -> bool {
    list.split_whitespace().any(|it| it == word)
}

fn is_span(word: &str) -> bool {
    word.starts_with(|first: char| first.is_ascii_digit()) && time::span(word).is_ok()
}

/// `since 2h`, `last 30 minutes`, `past hour`.
fn since(tokens: &[String]) -> Option<Duration> {
    for (position, token) in tokens.iter().enumerate() {
        if !matches!(token.as_str(), "since" | "last" | "past") {
            continue;
        }
        let next = tokens.get(position + 1)?;
        let unit = tokens.get(position + 2).map_or("", String::as_str);
        let span = time::span(next)
            .or_else(|_| time::span(&format!("{next} {unit}")))
            .or_else(|_| time::span(&format!("1 {next}")));
        if let Ok(span) = span {
            return Some(span);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn namespace(question: &str, expected: &str) {
        assert_eq!(read(question).namespace.as_deref(), Some(expected), "{question}");
    }

    #[test]
    fn a_namespace_is_what_is_called_one() {
        namespace("why is the pod in terranetes namespace not running?", "terranetes");
        namespace("what is wrong in the namespace shop", "shop");
        namespace("pods failing -n shop", "shop");
        namespace("look at ns/shop please", "shop");
        namespace("the order-service pod in the pets namespace keeps crashing", "pets");
    }

    #[track_caller]
    fn workload(question: &str, kind: Option<&str>, name: &str) {
        let named = read(question).workload.unwrap_or_default();
        assert_eq!((named.kind, named.name.as_str()), (kind, name), "{question}");
    }

    #[test]
    fn a_workload_is_what_stands_beside_a_kind() {
        workload("why is deployment/web down", Some("Deployment"), "web");
        workload("the order-service pod in the pets namespace", Some("Pod"), "order-service");
        workload("why does svc/cart answer 503?", Some("Service"), "cart");
        workload("the checkout app is slow", None, "checkout");
    }

    #[test]
    fn plain_english_names_nothing() {
        for question in
            ["why is everything broken?", "what is wrong with the cluster", "is it healthy", ""]
        {
            assert_eq!(read(question), Words::default(), "{question}");
        }
    }

    #[test]
    fn that_there_is_none_names_no_node() {
        assert_eq!(read("why are there no settlements?").workload, None);
        workload("what ails no/node-1", Some("Node"), "node-1");
    }

    #[test]
    fn other_words_may_be_names() {
        assert_eq!(read("why is checkout slow").others, ["checkout"]);
        assert_eq!(read("what about shop/web?").others, ["shop", "web"]);
        assert_eq!(read("what about everything under /shop/cart?"), Words::default());
    }

    #[test]
    fn how_far_back_is_read() {
        assert_eq!(read("what failed in the last 2 hours").since, Some(Duration::from_secs(7200)));
        assert_eq!(read("what failed in the past hour").since, Some(Duration::from_secs(3600)));
        assert_eq!(read("failures since 15m").since, Some(Duration::from_secs(900)));
    }
}
