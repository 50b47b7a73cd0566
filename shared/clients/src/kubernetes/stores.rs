//! Lists that are kept up to date by watching, so that asking again costs no request.
//!
//! A store is one list in one form. It begins with its first use and ends when nobody has used it for a while, when it takes too
//! much memory, or when its watch fails in any way; then lists are read page by page again, and the next use may begin anew.
//! Nothing is served from a store whose watch is not open.

mod budget;
mod follow;
pub(crate) mod kept;
mod prune;

use crate::kubernetes::connection::Kubernetes;
use crate::kubernetes::list::Form;
use budget::Budget;
use follow::End;
use kept::{Kept, Store};
use readonly::limits::Limits;
use readonly::reader::Reader;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::time::Instant;

/// Stores at once: each holds a connection. A server is asked about some twenty kinds in a few places.
const MOST: usize = 48;
/// Where there are as many, one that was used since is not given up for another.
const IN_USE: Duration = Duration::from_secs(60);
/// Nobody asks for it any more.
const IDLE: Duration = Duration::from_secs(600);
/// What cannot be watched, or is too large, is not tried again for so long.
const HOPELESS: Duration = Duration::from_secs(600);
/// The longest pause after several failures.
const LONGEST_REST: Duration = Duration::from_secs(300);
/// A store that has lived so long has not failed at its start.
const LIVED: Duration = Duration::from_secs(60);

/// A watch outlives every other read. The API server sends a bookmark each minute where anything happens; where nothing comes for
/// longer, the watch is taken up again, lest what we have is old. It ends a watch after nine minutes, as asked; if not, we do.
const WATCH: Limits = Limits {
    connect: Duration::from_secs(3),
    headers: Duration::from_secs(10),
    stall: Duration::from_secs(75),
    total: Duration::from_secs(600),
    // 10,000 pods may all change several times in those minutes.
    body_bytes: 256 << 20,
    in_flight: MOST,
    retries: 0,
};

/// A list's path, and the form that it is asked for in.
type Key = (String, &'static str);

/// The lists of one cluster that are kept.
pub(crate) struct Stores {
    /// Reads lists page by page, since it keeps none itself.
    client: Kubernetes,
    /// Reads watches.
    watches: Reader,
    budget: Arc<Budget>,
    table: Mutex<BTreeMap<Key, Entry>>,
}

enum Entry {
    Kept(Arc<Store>),
    /// It ended, and is not begun again before a moment.
    Resting {
        until: Instant,
        failures: u32,
    },
}

impl Stores {
    /// Nothing yet, and never more than so many bytes.
    pub(crate) fn new(client: Kubernetes, most_bytes: u64) -> Self {
        let watches = client.reader.within(WATCH);
        let (budget, table) = (Arc::new(Budget::new(most_bytes)), Mutex::default());
        Stores { client, watches, budget, table }
    }

    /// What is kept of a list, which the first use waits for; none where it must be read from the API server.
    pub(crate) async fn kept(self: &Arc<Self>, list: &str, form: Form) -> Option<Kept> {
        let (store, namespace) = self.find(list, form)?;
        store.settled().await;
        store.kept(namespace)
    }

    /// The store of a list, or that of all namespaces and the one that is wanted of them.
    fn find<'a>(
        self: &Arc<Self>,
        list: &'a str,
        form: Form,
    ) -> Option<(Arc<Store>, Option<&'a str>)> {
        let mut table = self.table.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((all, namespace)) = of_all_namespaces(list)
            && let Some(Entry::Kept(store)) = table.get(&(all, form.accept))
            && store.is_live()
        {
            return Some((Arc::clone(store), Some(namespace)));
        }
        let key = (list.to_owned(), form.accept);
        let now = Instant::now();
        let failures = match table.get(&key) {
            Some(Entry::Kept(store)) => return Some((Arc::clone(store), None)),
            Some(Entry::Resting { until, .. }) if now < *until => return None,
            Some(Entry::Resting { failures, .. }) => *failures,
            None => 0,
        };
        if !make_room(&mut table, now) {
            return None;
        }
        let store = Arc::new(Store::new(list, form, Arc::clone(&self.budget), self.client.now()));
        table.insert(key.clone(), Entry::Kept(Arc::clone(&store)));
        tokio::spawn(Arc::clone(self).keep(key, Arc::clone(&store), failures));
        Some((store, None))
    }

    /// Keeps a store until it ends, and notes when it may begin again.
    async fn keep(self: Arc<Self>, key: Key, store: Arc<Store>, failures: u32) {
        let end = follow::follow(&self.client, &self.watches, &store).await;
        let lived = store.end();
        tracing::info!(list = key.0, %end, "a list is no longer kept up to date");
        let rest = match end {
            End::Unused => None,
            End::TooLarge | End::Hopeless(_) => Some((HOPELESS, failures)),
            End::Failed(_) | End::Crowded if lived >= LIVED => Some((Duration::ZERO, 0)),
            End::Failed(_) | End::Crowded => Some((after(failures), failures + 1)),
        };
        if matches!(end, End::TooLarge | End::Crowded) {
            let most_bytes = self.budget.most();
            tracing::warn!(list = key.0, most_bytes, %end, "not kept: every call reads it");
        }
        let mut table = self.table.lock().unwrap_or_else(PoisonError::into_inner);
        match rest {
            Some((rest, failures)) => {
                let until = Instant::now() + rest;
                table.insert(key, Entry::Resting { until, failures });
            }
            None => {
                table.remove(&key);
            }
        }
    }
}

/// The pause after one more failure.
fn after(failures: u32) -> Duration {
    Duration::from_secs(1).saturating_mul(2u32.saturating_pow(failures)).min(LONGEST_REST)
}

/// Forgets old failures, and where there are too many stores, the one that was used longest ago.
fn make_room(table: &mut BTreeMap<Key, Entry>, now: Instant) -> bool {
    table.retain(
        |_, entry| !matches!(entry, Entry::Resting { until, .. } if now >= *until + HOPELESS),
    );
    let stores = table.values().filter_map(|entry| match entry {
        Entry::Kept(store) => Some(store),
        Entry::Resting { .. } => None,
    });
    if stores.clone().count() < MOST {
        return true;
    }
    let Some(oldest) = stores.min_by_key(|store| store.used()) else { return false };
    let given_up = now.duration_since(oldest.used()) >= IN_USE;
    if given_up {
        oldest.end();
    }
    given_up
}

/// The list of all namespaces that this list is a part of, and its namespace.
fn of_all_namespaces(list: &str) -> Option<(String, &str)> {
    let (root, rest) = list.split_once("/namespaces/")?;
    let (namespace, plural) = rest.split_once('/')?;
    Some((format!("{root}/{plural}"), namespace))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_namespaces_list_is_part_of_that_of_all() {
        assert_eq!(
            of_all_namespaces("/api/v1/namespaces/shop/pods"),
            Some(("/api/v1/pods".to_owned(), "shop"))
        );
        assert_eq!(of_all_namespaces("/api/v1/namespaces"), None);
        assert_eq!(of_all_namespaces("/api/v1/nodes"), None);
    }

    #[test]
    fn each_failure_doubles_the_pause_up_to_a_bound() {
        let pauses = [0, 1, 2, 30].map(|failures| after(failures).as_secs());
        assert_eq!(pauses, [1, 2, 4, 300]);
    }
}
