//! Fills a store and follows its watch until something ends it.

use super::IDLE;
use super::budget::Full;
use super::kept::{NotKept, Phase, Store};
use crate::kubernetes::connection::{JSON, Kubernetes, request};
use crate::kubernetes::list::{Cut, ListOptions, METADATA};
use crate::kubernetes::paths;
use bytes::Bytes;
use http::Method;
use readonly::lines::{Line, Lines};
use readonly::reader::Reader;
use readonly::refusal::{Kind, Refusal};
use serde::Deserialize;
use serde_json::Value;
use std::fmt;
use std::ops::ControlFlow;
use std::pin::pin;
use tokio::time::{Instant, timeout};

/// Seconds after which the API server shall end a watch, so that none lasts for ever.
const SECONDS: &str = "540";
/// Bytes of one event: an object has at most about 3 MiB as JSON.
const LONGEST_EVENT: usize = 8 << 20;
/// A watch that ends sooner, and in order, has not been one.
const SHORTEST: std::time::Duration = std::time::Duration::from_secs(1);
/// What was missed comes as soon as a watch is taken up; so long without a word, and nothing was.
const SOON: std::time::Duration = std::time::Duration::from_secs(1);
/// Metadata alone, of one object.
const METADATA_OBJECT: &str = "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1";

/// Why a store ended.
pub(super) enum End {
    /// Nobody asked for it, or another was asked for more lately.
    Unused,
    /// It would take too much memory, whatever else is kept.
    TooLarge,
    /// There is no memory left beside what else is kept.
    Crowded,
    /// It may not be watched, or cannot be.
    Hopeless(String),
    /// Anything else, such as a version that is gone, a broken connection, or silence.
    Failed(String),
}

impl fmt::Display for End {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            End::Unused => f.write_str("nobody asked for it"),
            End::TooLarge => f.write_str("it is too large"),
            End::Crowded => f.write_str("there is no memory left for it"),
            End::Hopeless(why) => write!(f, "it cannot be watched: {why}"),
            End::Failed(why) => f.write_str(why),
        }
    }
}

impl From<Refusal> for End {
    fn from(refusal: Refusal) -> Self {
        match &refusal.kind {
            Kind::Forbidden(_) | Kind::NotFound(_) | Kind::NotARead(_) => {
                End::Hopeless(refusal.to_string())
            }
            // A kind without watches.
            Kind::Status { status: 400 | 405 | 406, .. } => End::Hopeless(refusal.to_string()),
            _ => End::Failed(refusal.to_string()),
        }
    }
}

impl From<NotKept> for End {
    fn from(why: NotKept) -> Self {
        match why {
            NotKept::Full(Full::TooLarge) => End::TooLarge,
            NotKept::Full(Full::Crowded) => End::Crowded,
            // As what metrics-server serves, which is not stored anywhere.
            NotKept::Odd => End::Hopeless("an object has no name or version".to_owned()),
        }
    }
}

/// One line of a watch.
#[derive(Deserialize)]
struct Event {
    #[serde(rename = "type")]
    kind: String,
    object: Value,
}

/// Keeps `store` up to date until it ends.
pub(super) async fn follow(client: &Kubernetes, watches: &Reader, store: &Store) -> End {
    let following = async {
        match fill(client, store).await {
            Ok(()) => {}
            Err(end) => return end,
        }
        loop {
            match watch(client, watches, store).await {
                Ok(()) => store.enter(Phase::Between),
                Err(end) => return end,
            }
        }
    };
    tokio::select! {
        biased;
        () = store.ended() => End::Unused,
        end = following => end,
    }
}

/// Reads the whole list. One that is cut short is no list.
async fn fill(client: &Kubernetes, store: &Store) -> Result<(), End> {
    let options = ListOptions { at_most: usize::MAX, ..ListOptions::default() };
    let mut stopped = None;
    let keep = |object: Value| match store.put(object) {
        Ok(_) => ControlFlow::Continue(()),
        Err(why) => {
            stopped = Some(End::from(why));
            ControlFlow::Break(())
        }
    };
    let read = client.read_pages(&store.list, &options, store.form, keep).await;
    let (walk, _) = read.map_err(unfilled)?;
    if let Some(end) = stopped {
        return Err(end);
    }
    match walk.cut {
        None if walk.resource_version.is_empty() => {
            Err(End::Hopeless("the list has no version".to_owned()))
        }
        None => {
            store.filled()?;
            store.stands_at(walk.resource_version, walk.observed_at);
            Ok(())
        }
        Some(Cut::Refused(refusal)) => Err(unfilled(refusal)),
        Some(cut) => Err(End::Failed(cut.to_string())),
    }
}

/// Why a list did not come to its end. A page that is larger than we read is no smaller the next time.
fn unfilled(refusal: Refusal) -> End {
    match refusal.kind {
        Kind::TooLarge { .. } => End::TooLarge,
        _ => End::from(refusal),
    }
}

/// Follows one watch until the API server ends it in order, or says nothing for long.
async fn watch(client: &Kubernetes, watches: &Reader, store: &Store) -> Result<(), End> {
    let (began, from) = (Instant::now(), store.resource_version());
    let path = paths::with_query(
        &store.list,
        &[
            ("watch", "true"),
            ("allowWatchBookmarks", "true"),
            ("resourceVersion", &from),
            ("timeoutSeconds", SECONDS),
        ],
    );
    let form = if store.form.accept == METADATA.accept { METADATA_OBJECT } else { JSON };
    let response = watches.read(request(Method::GET, &path, form, Bytes::new())?).await?;
    if store.is_filling() {
        // What was listed a moment ago is served as of then.
        store.enter(Phase::Live);
    }
    let mut lines = Lines::new(response, LONGEST_EVENT);
    let mut from = Some(from);
    loop {
        if store.used().elapsed() >= IDLE {
            return Err(End::Unused);
        }
        let line = match next(client, store, &mut lines, from.take()).await {
            Ok(Some(line)) => line,
            Ok(None) => break,
            // A kind of which nothing changes has no bookmarks either. Whether it is quiet or the connection is dead shows when the
            // watch is taken up again on a new one.
            Err(Refusal { kind: Kind::TimedOut { phase: "body", .. }, .. }) => break,
            Err(refusal) => return Err(End::from(refusal)),
        };
        let version = apply(&line, store)?;
        store.stands_at(version, client.now());
        store.enter(Phase::Live);
    }
    if began.elapsed() < SHORTEST {
        return Err(End::Failed("the watch ended at once".to_owned()));
    }
    Ok(())
}

/// The next line of a watch. Before the first one of a watch that was taken up `from` a version, silence says that
/// nothing was missed.
async fn next(
    client: &Kubernetes,
    store: &Store,
    lines: &mut Lines,
    from: Option<String>,
) -> Result<Option<Line>, Refusal> {
    // A line that has begun to arrive is lost with its future, so this one is kept.
    let mut line = pin!(lines.next());
    if let Some(from) = from {
        match timeout(SOON, &mut line).await {
            Ok(line) => return line,
            Err(_) => {
                store.stands_at(from, client.now());
                store.enter(Phase::Live);
            }
        }
    }
    line.await
}

/// Takes over what one event says, and gives the version that the list has now.
fn apply(line: &Line, store: &Store) -> Result<String, End> {
    if line.dropped > 0 {
        return Err(End::Failed("an event is too long".to_owned()));
    }
    let event: Event = serde_json::from_str(&line.text)
        .map_err(|error| End::Failed(format!("an event is in a form we do not know: {error}")))?;
    match event.kind.as_str() {
        "ADDED" | "MODIFIED" => Ok(store.put(event.object)?),
        "DELETED" => Ok(store.remove(&event.object)?),
        "BOOKMARK" => match event.object.pointer("/metadata/resourceVersion") {
            Some(Value::String(version)) => Ok(version.clone()),
            _ => Err(End::Failed("a bookmark without a version came".to_owned())),
        },
        // 410 where the version is gone; the rest of it is for people.
        "ERROR" => {
            let code = event.object.get("code").and_then(Value::as_u64).unwrap_or_default();
            Err(End::Failed(format!("the watch ended with {code}")))
        }
        _ => Err(End::Failed("an event of a kind that we do not know came".to_owned())),
    }
}
