//! The places for connections, and which one leaves where all are taken.
//!
//! A connection on which nothing is asked costs its owner nothing, so it may not keep anybody out:
//! the newest comes in, and of those on which nothing is asked one leaves.

use axum::Extension;
use axum::body::Body;
use axum::extract::Request;
use axum::middleware::Next;
use axum::response::Response;
use http_body_util::BodyExt;
use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

/// All places.
#[derive(Debug)]
pub(super) struct Places {
    most: usize,
    state: Mutex<State>,
    freed: Notify,
}

#[derive(Debug, Default)]
struct State {
    /// Counts what happens: the lower a number, the longer ago.
    happened: u64,
    taken: BTreeMap<u64, Taken>,
}

#[derive(Debug)]
struct Taken {
    peer: IpAddr,
    /// Requests that are being answered.
    busy: usize,
    /// Whether anything was ever answered.
    answered: bool,
    /// When it last had nothing to do.
    quiet: u64,
    leave: CancellationToken,
}

/// One connection's place, until it is dropped.
#[derive(Debug)]
pub(super) struct Place {
    places: Arc<Places>,
    number: u64,
    /// Set where the place is needed for another connection.
    pub(super) leave: CancellationToken,
}

/// A request that is being answered on a connection.
#[derive(Debug)]
struct Busy(Arc<Place>);

impl Places {
    pub(super) fn new(most: usize) -> Arc<Places> {
        Arc::new(Places { most, state: Mutex::default(), freed: Notify::new() })
    }

    /// A place, as soon as one is free or can be made free.
    pub(super) async fn take(self: &Arc<Places>, peer: IpAddr) -> Place {
        loop {
            if let Some(place) = self.take_now(peer) {
                return place;
            }
            self.freed.notified().await;
        }
    }

    fn take_now(self: &Arc<Places>, peer: IpAddr) -> Option<Place> {
        let mut state = self.state();
        if state.taken.len() >= self.most {
            let leaves = state.who_leaves()?;
            state.taken.remove(&leaves)?.leave.cancel();
        }
        let number = state.next();
        let leave = CancellationToken::new();
        let taken = Taken { peer, busy: 0, answered: false, quiet: number, leave: leave.clone() };
        state.taken.insert(number, taken);
        Some(Place { places: self.clone(), number, leave })
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn next(&mut self) -> u64 {
        self.happened += 1;
        self.happened
    }

    /// Of the connections that are not busy: one of the address that has most of them, rather one that never
    /// asked for anything, and of these the one that has been quiet longest.
    fn who_leaves(&self) -> Option<u64> {
        let quiet = || self.taken.iter().filter(|(_, taken)| taken.busy == 0);
        let mut crowds: BTreeMap<IpAddr, usize> = BTreeMap::new();
        for (_, taken) in quiet() {
            *crowds.entry(taken.peer).or_default() += 1;
        }
        let leaves = quiet().max_by_key(|(_, taken)| {
            (crowds.get(&taken.peer).copied(), !taken.answered, Reverse(taken.quiet))
        });
        leaves.map(|(number, _)| *number)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.places.state().taken.remove(&self.number);
        self.places.freed.notify_one();
    }
}

impl Busy {
    fn on(place: Arc<Place>) -> Busy {
        if let Some(taken) = place.places.state().taken.get_mut(&place.number) {
            taken.busy += 1;
        }
        Busy(place)
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        let mut state = self.0.places.state();
        let now = state.next();
        if let Some(taken) = state.taken.get_mut(&self.0.number) {
            taken.busy = taken.busy.saturating_sub(1);
            (taken.answered, taken.quiet) = (true, now);
        }
        drop(state);
        self.0.places.freed.notify_one();
    }
}

/// Keeps the connection's place from when a request is there, whole, until its answer has left.
pub(super) async fn keep(
    Extension(place): Extension<Arc<Place>>,
    request: Request,
    next: Next,
) -> Response {
    let busy = Busy::on(place);
    let answer = next.run(request).await;
    answer.map(|body| {
        Body::new(body.map_frame(move |frame| {
            let _kept = &busy;
            frame
        }))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(last: u8) -> IpAddr {
        [10, 0, 0, last].into()
    }

    #[tokio::test]
    async fn the_quiet_one_of_the_greatest_crowd_leaves_first() {
        let places = Places::new(4);
        let honest = Arc::new(places.take(address(1)).await);
        drop(Busy::on(honest.clone()));
        let first = places.take(address(2)).await;
        let second = Arc::new(places.take(address(2)).await);
        drop(Busy::on(second.clone()));
        let third = places.take(address(2)).await;
        let fourth = places.take(address(2)).await;
        assert!(first.leave.is_cancelled(), "the longest quiet");
        let _fifth = places.take(address(3)).await;
        assert!(third.leave.is_cancelled(), "the other that never asked");
        let _sixth = places.take(address(3)).await;
        assert!(fourth.leave.is_cancelled());
        assert!(!second.leave.is_cancelled() && !honest.leave.is_cancelled());
    }

    #[tokio::test]
    async fn a_busy_connection_is_waited_for() {
        let places = Places::new(1);
        let only = Arc::new(places.take(address(1)).await);
        let busy = Busy::on(only.clone());
        assert!(places.take_now(address(2)).is_none());
        drop(busy);
        let second = places.take(address(2)).await;
        assert!(only.leave.is_cancelled());
        drop(only);
        assert!(places.take_now(address(3)).is_some(), "the second was quiet");
        assert!(second.leave.is_cancelled());
    }
}
