//! What nobody can know because it is not measured: targets that are down, and objects whose numbers broke off. OBS-01.

use crate::case::Case;
use crate::case::scrape_errors;
use crate::numbers::Reading;
use evidence::entity::Entity;
use evidence::fact::metric::Measure;
use evidence::testimony::Gap;
use jiff::{Timestamp, Unit};
use std::collections::BTreeMap;

/// Gaps of each sort that are told: more help nobody, and the survey of numbers tells all of them.
const MOST: usize = 3;
const SERVER: &str = "mcp-prometheus";

/// What is not measured of what was asked about.
pub(super) fn of(case: &Case) -> Vec<Gap> {
    let namespaces = &case.scope.namespaces;
    // Of a whole cluster something is always down.
    if namespaces.is_empty() {
        return Vec::new();
    }
    let here = |it: &Entity| namespaces.contains(&it.namespace);
    let mut down: BTreeMap<(Entity, &str), &str> = BTreeMap::new();
    for target in case.scrape_targets().filter(|it| it.health == "down") {
        if let Some(subject) = target.it.subject.as_ref().filter(|it| here(it)) {
            let root = case.known_as(subject);
            if serves(case, &root) {
                down.entry((root, target.it.job.as_str())).or_insert(&target.it.error);
            }
        }
    }
    let mut gaps: Vec<Gap> = down
        .iter()
        .take(MOST)
        .map(|((root, job), error)| Gap {
            server: SERVER.to_owned(),
            what: format!("what job {job} measures of {root}"),
            why: match scrape_errors::read(error) {
                None => "its target is down".to_owned(),
                Some(error) => format!("its target is down: {}", error.words()),
            },
            remedy: "put the target right; until then these numbers are unknown, not bad"
                .to_owned(),
        })
        .collect();
    let is_down = |it: &Entity| down.keys().any(|(root, _)| root == it);
    let broke_off = broken_off(case).into_iter().filter(|(it, _)| here(it));
    let broke_off = broke_off.filter(|(it, _)| {
        let root = case.known_as(it);
        !is_down(&root) && serves(case, &root)
    });
    let broke_off = broke_off.take(MOST);
    gaps.extend(
        broke_off.map(|(subject, since)| Gap {
            server: SERVER.to_owned(),
            what: format!(
                "numbers of {subject} since {}",
                since.round(Unit::Second).unwrap_or(since)
            ),
            why: "there is no sample of any of them since then".to_owned(),
            remedy: "see in Prometheus whether it is still a target; the gap itself is no outage"
                .to_owned(),
        }),
    );
    gaps
}

/// What does not serve has trouble of its own, and is not measured for that.
fn serves(case: &Case, root: &Entity) -> bool {
    case.workload(root).seen().is_some_and(|it| case.serves(it))
}

/// The objects of which every row broke off, and since when. A gap in one row among others is that row's own.
fn broken_off(case: &Case) -> BTreeMap<Entity, Timestamp> {
    let mut rows: BTreeMap<Entity, Vec<Option<Timestamp>>> = BTreeMap::new();
    let own = |it: &Measure| it.peer.is_none();
    for measure in case.measures().filter(|it| own(it.it)) {
        let blind = case.reading(measure).and_then(|it: Reading| it.blind);
        rows.entry(measure.it.subject.clone()).or_default().push(blind);
    }
    let last = |rows: &Vec<Option<Timestamp>>| {
        let all: Option<Vec<Timestamp>> = rows.iter().copied().collect();
        all?.into_iter().max()
    };
    // A pod's rows end with the pod.
    let lives = |it: &Entity| it.kind != "Pod" || case.pod(it).seen().is_some();
    let ended = rows.into_iter().filter(|(entity, _)| lives(entity));
    ended.filter_map(|(entity, rows)| Some((entity, last(&rows)?))).collect()
}
