//! How a client could not reach a peer, where one line names the peer and another the way.

use super::Complaint;
use crate::case::words::peer::Peer;
use crate::case::words::said::Said;
use evidence::fact::event::{Line, Log};

/// How many lines lie between the two at most: both are of one attempt.
const NEAR: usize = 8;

/// Joins the two, where a container says of one peer alone that it cannot reach it, and near that, of nobody, in one way
/// alone how. What was said of nobody is then about that peer, as any other such line.
pub(super) fn tell(log: &Log, said: &mut [Complaint<'_>]) {
    let mut named = said.iter().filter(|it| it.said.is_unreachable() && it.said.peer().is_some());
    let (Some(of_peer), None) = (named.next(), named.next()) else { return };
    let Said::Unreached { peer: Some(peer) } = &of_peer.said else { return };
    let mut ways = said.iter().filter(|it| with(&it.said, peer).is_some());
    let (Some(way), None) = (ways.next(), ways.next()) else { return };
    if !are_near(log, of_peer.line, way.line) {
        return;
    }
    let (line, told) = (of_peer.line, with(&way.said, peer));
    let of_peer =
        said.iter_mut().find(|it| std::ptr::eq(it.line, line) && it.said.peer().is_some());
    if let (Some(of_peer), Some(told)) = (of_peer, told) {
        of_peer.said = told;
    }
}

/// The same way, of this peer, where it is one that was said of nobody.
fn with(way: &Said, peer: &Peer) -> Option<Said> {
    let peer = Some(peer.clone());
    match way {
        Said::Refused { peer: None } => Some(Said::Refused { peer }),
        Said::TimedOut { peer: None } => Some(Said::TimedOut { peer }),
        Said::NoRoute { peer: None } => Some(Said::NoRoute { peer }),
        _ => None,
    }
}

fn are_near(log: &Log, one: &Line, other: &Line) -> bool {
    let at = |line: &Line| log.lines.iter().position(|it| std::ptr::eq(it, line));
    at(one).zip(at(other)).is_some_and(|(one, other)| one.abs_diff(other) <= NEAR)
}
