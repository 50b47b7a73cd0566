//! Whether a log says later that what failed works by now.

use crate::case::words::items::is_done_later;
use crate::case::words::limits::says_unblocked;
use crate::case::words::peer::{Peer, peer};
use crate::case::words::said::Said;
use crate::case::words::store::{Store, store};
use evidence::fact::event::{Line, Log};
use jiff::SignedDuration;

/// How a program says that a connection stands, in small letters.
const CONNECTED: [&str; 9] = [
    "connected to",
    "connection established",
    "connection successful",
    "reconnected",
    "successfully connected",
    "connection restored",
    "connection to the database established",
    "is ready",
    "recovered",
];
/// How it says that it is up itself. One that fails may have come that far and ended all the same.
const UP: [&str; 5] =
    ["listening on", "listening at", "ready to accept", "server started", "started application"];
/// How it says that neither is so.
const NOT: [&str; 6] =
    ["not connected to", "not ready", "not yet", "disconnected", "unable", "failed"];

/// Whether a later line says that it works by now: it connected to the same, is ready, or listens where it does not fail.
pub(super) fn is_over(log: &Log, line: &Line, said: &Said, fails: bool) -> bool {
    let waits = said.is_unreachable()
        || matches!(
            said,
            Said::Reset { .. }
                | Said::NoneBehind { .. }
                | Said::QuorumLost { .. }
                | Said::OtherProtocol { .. }
                | Said::Unauthenticated { .. }
                | Said::TlsFailed { .. }
        );
    let blocked = matches!(said, Said::PublishersBlocked | Said::MemoryAlarm);
    if !waits && !blocked {
        return false;
    }
    let at = log.lines.iter().position(|it| std::ptr::eq(it, line)).unwrap_or_default();
    // What is said again and again stands where it was said first; it tells nothing while the failure only takes breath.
    let is_past = has_stopped(log, line);
    let is_later = |number: usize, it: &Line| match (it.last, line.last) {
        (Some(success), Some(failure)) if number > at => success >= failure,
        (Some(success), Some(failure)) => is_past && success > failure,
        _ => number > at,
    };
    let mut later = log.lines.iter().enumerate().filter(|(number, it)| is_later(*number, it));
    if blocked {
        return later.any(|(_, it)| says_unblocked(&it.text));
    }
    later.any(|(_, it)| {
        says_success(line, said, &it.text, fails) || is_done_later(&line.text, &it.text)
    })
}

/// Whether a log goes on for longer after a line than its usual pause between two of them.
fn has_stopped(log: &Log, line: &Line) -> bool {
    let end = log.lines.iter().filter_map(|it| it.last).max();
    let (Some(end), Some(last)) = (end, line.last) else { return false };
    let gaps = i32::try_from(line.count.saturating_sub(1)).unwrap_or(i32::MAX).max(1);
    let pause = line.first.map_or(SignedDuration::ZERO, |first| last.duration_since(first) / gaps);
    end.duration_since(last) > pause
}

/// Whether a line says that what failed before stands, or that a program is up.
fn says_success(failed: &Line, said: &Said, text: &str, fails: bool) -> bool {
    let lowered = text.to_ascii_lowercase();
    let says = |signs: &[&str]| signs.iter().any(|it| lowered.contains(it));
    if says(&NOT) {
        return false;
    }
    says(&UP) && !fails || says(&CONNECTED) && may_be_of(failed, said, text)
}

/// Whether what works may be what failed: it is not where both are named, or the stores that they are, and they differ.
fn may_be_of(failed: &Line, said: &Said, works: &str) -> bool {
    if let (Some(one), Some(other)) = (said.peer(), peer(works)) {
        return is_same(one, &other);
    }
    let port = said.peer().and_then(|it| it.port);
    match (store(works), store(&failed.text).or_else(|| Store::of_port(port?))) {
        (Some(works), Some(failed)) => works == failed,
        (Some(_), None) => said.peer().is_none(),
        (None, _) => true,
    }
}

/// At another port somebody else listens; of a name and an address nobody can tell but by their ports.
fn is_same(one: &Peer, other: &Peer) -> bool {
    if one.port.is_some() && other.port.is_some() && one.port != other.port {
        return false;
    }
    if one.address().is_some() != other.address().is_some() {
        return true;
    }
    let longer = |it: &Peer, than: &Peer| {
        it.host
            .strip_prefix(&than.host)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    };
    longer(one, other) || longer(other, one)
}

#[cfg(test)]
mod tests {
    use super::{is_over, may_be_of};
    use crate::case::words::said::{Said, said};
    use evidence::fact::event::{Line, Log};

    #[test]
    fn an_election_is_over_once_it_is_connected_again() {
        let line = |text: &str| Line { text: text.to_owned(), ..Line::default() };
        let failed =
            "KafkaError{code=LEADER_NOT_AVAILABLE,val=5,str=\"Broker: Leader not available\"}";
        let said = said(failed).unwrap();
        assert!(matches!(said, Said::QuorumLost { .. }));
        let lines = vec![line(failed), line("connected to kafka:9092")];
        let log = Log { lines, ..Log::default() };
        assert!(is_over(&log, &log.lines[0], &said, false));
        let log =
            Log { lines: vec![line("connected to kafka:9092"), line(failed)], ..Log::default() };
        assert!(!is_over(&log, &log.lines[1], &said, false));
    }

    #[track_caller]
    fn over(failed: &str, works: &str, expected: bool) {
        let line = Line { text: failed.to_owned(), ..Line::default() };
        let said = said(failed).unwrap();
        assert_eq!(may_be_of(&line, &said, works), expected, "{works}");
    }

    #[test]
    fn what_listens_at_another_port_is_another() {
        let refused = "dial tcp 127.0.0.1:5432: connect: connection refused";
        over(refused, "connected to 127.0.0.1:6379", false);
        over(refused, "connected to 127.0.0.1:5432", true);
        over(refused, "connected to db:5432", true);
        let refused = "dial tcp db:5432: connect: connection refused";
        over(refused, "connected to db.shop:5433", false);
        over(refused, "connected to db.shop", true);
    }
}
