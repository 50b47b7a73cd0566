//! A store says in its own log that a client's user is gone, or that it refuses several clients; they say nothing.

use crate::case::Case;
use crate::case::disputes::whom;
use crate::case::turned_away::TurnedAway;
use crate::case::words::turned_away::Why;
use crate::finding::{Cite, Finding, Judgement, Strength};
use evidence::entity::Entity;
use std::collections::BTreeMap;

pub(super) fn judge(case: &Case) -> Vec<Judgement> {
    let all = case.turned_away();
    let mut by_server: BTreeMap<(&Entity, Why), Vec<&TurnedAway<'_>>> = BTreeMap::new();
    for one in &all {
        by_server.entry((one.server, one.turned.why)).or_default().push(one);
    }
    by_server.into_iter().filter_map(|((server, why), all)| one(case, server, why, &all)).collect()
}

fn one(case: &Case, server: &Entity, why: Why, all: &[&TurnedAway<'_>]) -> Option<Judgement> {
    let mut victims: Vec<Entity> = Vec::new();
    let mut proofs: Vec<Cite> = Vec::new();
    for it in all {
        // Who came as another before has been told of a user that is not there.
        let told = match why {
            Why::NoUser => Some(it.came_before(case)?),
            Why::Refused => None,
        };
        if !victims.contains(it.client.root) {
            victims.push(it.client.root.clone());
            proofs.push(it.cite.clone());
            proofs.extend(told);
        }
    }
    // One that shows a wrong password has itself to blame: DEP-01.
    if victims.is_empty() || why == Why::Refused && victims.len() < 2 {
        return None;
    }
    proofs.truncate(4);
    let does = match why {
        Why::NoUser => "no longer has the user as whom it is called",
        Why::Refused => "refuses the credentials that it is given",
    };
    let fail = if victims.len() == 1 { "fails" } else { "fail" };
    Some(Judgement::Proven(Finding {
        field: None,
        value: None,
        statement: format!("{} {fail} because {server} {does}.", whom(&victims)),
        proofs,
        doubts: Vec::new(),
        strength: Strength::Strong,
        explains: victims,
        subject: server.clone(),
    }))
}
