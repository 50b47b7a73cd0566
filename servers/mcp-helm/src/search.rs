//! Which revisions there are, in both kinds of objects that Helm keeps them in, and where nobody let us look.

use crate::server::NAME;
use clients::helm::connection::Helm as Client;
use clients::helm::kept::{Driver, Kept, Revisions, is_release_name};
use clients::helm::rbac;
use clients::kubernetes::reach::Reach;
use evidence::testimony::{Cost, Gap, Look, Source, Testimony};
use mcp::answer::Examined;
use mcp::arguments::label;
use mcp::failure::{Code, Failure};
use mcp::nearest::offer;
use std::collections::BTreeSet;
use std::time::Duration;
use tokio::time::{Instant, timeout_at};

/// What is kept of the time for writing the answer down.
const TO_ANSWER: Duration = Duration::from_secs(1);
/// Objects that are named where they are not as Helm makes them.
const MOST_ODD: usize = 3;

/// What was found.
#[derive(Default)]
pub(crate) struct Search {
    /// The revisions; of each release together, the oldest first.
    pub(crate) kept: Vec<Kept>,
    /// What was looked at and what was denied.
    pub(crate) examined: Examined,
    /// Sources, looks and gaps.
    pub(crate) testimony: Testimony,
    /// What the reader should know.
    pub(crate) warnings: Vec<String>,
}

/// When reading must have ended, so that there is time to answer.
pub(crate) fn read_by(deadline: Instant) -> Instant {
    deadline.checked_sub(TO_ANSWER).unwrap_or(deadline)
}

/// Checks the name of a release.
///
/// # Errors
/// One line that names the argument and the rule.
pub(crate) fn check_release(name: &str) -> Result<(), Failure> {
    if is_release_name(name) {
        return Ok(());
    }
    Err(Failure::invalid(
        "argument `name` must be a release: 1 to 53 lower-case letters, digits, - and ., beginning and ending with a letter or digit",
    ))
}

/// Finds the revisions of one release or of all, in one namespace or in all. Where all are denied, the one that this
/// identity is at home in is tried. A denial is an entry in what was examined; it is never an empty list.
///
/// # Errors
/// Where the API server does not answer.
pub(crate) async fn search(
    client: &Client,
    namespace: Option<&str>,
    release: Option<&str>,
    deadline: Instant,
) -> Result<Search, Failure> {
    if let Some(namespace) = namespace {
        label("namespace", namespace)?;
    }
    let [first, second] = Driver::ALL.map(|driver| look(client, driver, namespace, release));
    let both = async { tokio::join!(first, second) };
    let (first, second) = timeout_at(read_by(deadline), both).await.map_err(|_| late())?;
    let mut search = Search::default();
    let looked = [first?, second?];
    // Where one of the two was seen whole, the answer is about the whole cluster, and what it lacks is denied.
    let whole = looked.iter().any(|it| it.found.is_some() && it.place.is_none());
    if !whole {
        let places: BTreeSet<String> = looked.iter().filter_map(|it| it.place.clone()).collect();
        search.examined.namespaces = places.into_iter().collect();
    }
    for (driver, looked) in Driver::ALL.into_iter().zip(looked) {
        search.take(driver, looked);
    }
    let by = |it: &Kept| (it.namespace.clone(), it.release.clone(), it.driver, it.revision);
    search.kept.sort_by_key(by);
    Ok(search)
}

/// Finds the revisions of one release, the oldest first.
///
/// # Errors
/// Where there are none, with the nearest names; where they may not be read, with the right that is missing.
pub(crate) async fn of_release(
    client: &Client,
    namespace: &str,
    release: &str,
    deadline: Instant,
) -> Result<Search, Failure> {
    check_release(release)?;
    let mut search = search(client, Some(namespace), Some(release), deadline).await?;
    if search.kept.is_empty() {
        return Err(missing(client, namespace, release, &search, deadline).await);
    }
    // What others call by its name is told where all releases are listed.
    search.warnings.clear();
    search.keep_one_driver();
    Ok(search)
}

/// What one driver keeps, and where it was denied.
struct Looked {
    /// The namespace that was looked into; none for all of them.
    place: Option<String>,
    found: Option<Revisions>,
    denied: Vec<(Option<String>, String)>,
}

async fn look(
    client: &Client,
    driver: Driver,
    namespace: Option<&str>,
    release: Option<&str>,
) -> Result<Looked, Failure> {
    let home = client.cluster().namespace.as_str();
    let mut places = vec![namespace];
    if namespace.is_none() {
        places.push(Some(home));
    }
    let mut looked = Looked { place: None, found: None, denied: Vec::new() };
    for place in places {
        looked.place = place.map(str::to_owned);
        let reach = place.map_or(Reach::Cluster, Reach::Namespace);
        match client.revisions(driver, reach, release).await {
            Ok(found) => {
                looked.found = Some(found);
                break;
            }
            Err(refusal) => {
                let failure = Failure::from(&refusal);
                if failure.code != Code::Forbidden {
                    return Err(failure);
                }
                looked.denied.push((looked.place.clone(), failure.message));
            }
        }
    }
    Ok(looked)
}

impl Search {
    /// Whether all was seen that was looked for.
    pub(crate) fn is_whole(&self) -> bool {
        self.examined.denied.is_empty() && self.examined.incomplete.is_none()
    }

    fn take(&mut self, driver: Driver, looked: Looked) {
        let kind = driver.to_string();
        let plural = driver.plural();
        for (place, why) in looked.denied {
            let (place, role, what) = match place {
                None => ("cluster".to_owned(), "ClusterRole", "of the whole cluster".to_owned()),
                Some(place) => (place.clone(), "Role", format!("in namespace {place}")),
            };
            self.examined.denied.push(format!("{place}: list {plural} (403)"));
            let rule = rbac::rule_for(plural);
            self.testimony.gaps.push(Gap {
                server: NAME.to_owned(),
                what: format!("releases in {kind}s {what}"),
                why,
                remedy: format!("add to a {role} of this identity: {rule}"),
            });
        }
        let namespace = looked.place.unwrap_or_default();
        let Some(found) = looked.found else {
            self.testimony.looks.push(Look { kind, namespace, complete: false });
            return;
        };
        let cut = found.walk.cut.as_ref().map(ToString::to_string);
        let complete = cut.is_none();
        if let Some(why) = cut {
            self.testimony.gaps.push(Gap {
                server: NAME.to_owned(),
                what: format!("some of the {plural} that hold releases"),
                why: why.clone(),
                remedy: "name a namespace".to_owned(),
            });
            self.examined.incomplete.get_or_insert(why);
        }
        if !found.odd.is_empty() {
            let named: Vec<&str> = found.odd.iter().take(MOST_ODD).map(String::as_str).collect();
            let more = match found.odd.len() - named.len() {
                0 => String::new(),
                more => format!(" and {more} more"),
            };
            self.warnings.push(format!(
                "these {plural} say owner=helm and are not named and labelled as Helm does it: {}{more}",
                named.join(", ")
            ));
        }
        self.testimony.looks.push(Look { kind, namespace, complete });
        self.testimony.sources.push(Source {
            method: "GET".to_owned(),
            path: found.walk.path,
            observed_at: found.walk.observed_at,
        });
        self.kept.extend(found.kept);
    }

    /// Who changed `HELM_DRIVER` has two releases of one name. The one that was worked on last is meant.
    fn keep_one_driver(&mut self) {
        let Some(last) = self.kept.iter().max_by_key(|it| (it.created, it.revision)) else {
            return;
        };
        let driver = last.driver;
        let all = self.kept.len();
        self.kept.retain(|it| it.driver == driver);
        if self.kept.len() < all {
            self.warnings.push(format!(
                "there is another release of this name in objects of another kind; this is the one in {driver}s, which is newer"
            ));
        }
    }

    /// Notes what it cost to read all this, and what was read since.
    pub(crate) fn spent(&mut self, client: &Client) {
        let spent = client.spent();
        self.testimony.cost =
            Cost { upstream_requests: spent.requests, upstream_bytes: spent.bytes };
    }
}

/// Says that a release is not there, and what may have been meant; or that nobody may know.
async fn missing(
    client: &Client,
    namespace: &str,
    release: &str,
    search: &Search,
    deadline: Instant,
) -> Failure {
    if let Some(gap) = search.testimony.gaps.first() {
        return Failure {
            code: Code::Forbidden,
            message: format!("{}: {}", gap.what, gap.why),
            retryable: false,
            hint: gap.remedy.clone(),
        };
    }
    let mut failure = Failure {
        code: Code::NotFound,
        message: format!("there is no release {namespace}/{release}"),
        retryable: false,
        hint: String::new(),
    };
    if let Some(failure) = no_namespace(client, Some(namespace)).await {
        return failure;
    }
    let others = self::search(client, Some(namespace), None, deadline).await;
    let others = others.map(|search| search.kept).unwrap_or_default();
    failure.hint = match offer(release, others.iter().map(|it| it.release.as_str())).as_str() {
        "" => format!("namespace {namespace} has no releases in Secrets and ConfigMaps"),
        offer => offer.to_owned(),
    };
    failure
}

/// Says that a namespace is not there; none where it is, or where nobody can tell.
pub(crate) async fn no_namespace(client: &Client, namespace: Option<&str>) -> Option<Failure> {
    let namespace = namespace?;
    if client.has_namespace(namespace).await? {
        return None;
    }
    let there = client.namespaces().await;
    Some(Failure {
        code: Code::NotFound,
        message: format!("there is no namespace {namespace}"),
        retryable: false,
        hint: offer(namespace, there.iter().map(String::as_str)),
    })
}

fn late() -> Failure {
    Failure {
        code: Code::Timeout,
        message: "the list of releases did not come to its end before the call's deadline"
            .to_owned(),
        retryable: true,
        hint: "name a namespace".to_owned(),
    }
}
