//! A store says in its own log that it refuses what one client shows, which says nothing.

use super::blame;
use crate::case::Case;
use crate::case::disputes::Dispute;
use crate::case::turned_away::TurnedAway;
use crate::case::words::turned_away::Why;
use crate::finding::Judgement;

pub(super) fn judge(case: &Case) -> Vec<Judgement> {
    let mut all = case.turned_away();
    all.retain(|it| it.turned.why == Why::Refused);
    let alone = |it: &&TurnedAway<'_>| {
        let mut others = all.iter().filter(|other| other.server == it.server);
        others.all(|other| other.client.root == it.client.root)
    };
    all.iter().filter(alone).map(|it| one(case, it)).collect()
}

fn one(case: &Case, turned: &TurnedAway<'_>) -> Judgement {
    let (client, server) = (turned.client.root, turned.server);
    let setting = case.credentials_of(&turned.complaint);
    let blamed = blame(client, &server.to_string(), setting, vec![turned.cite.clone()]);
    let complaints = vec![turned.complaint.clone()];
    let accused = Some(server.clone());
    let dispute =
        Dispute { service: None, accused, complaints, echoes: Vec::new(), content: Vec::new() };
    dispute.doubted(case, Judgement::Proven(blamed))
}
