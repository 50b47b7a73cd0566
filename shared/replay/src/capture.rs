//! Writes what an investigation read as a snapshot.

mod archive;
mod collect;
mod reread;

use crate::capture::archive::Files;
use crate::capture::collect::Collected;
use crate::snapshot::about::About;
use bytes::Bytes;
use futures::future::BoxFuture;
use futures::{FutureExt, StreamExt};
use http::{HeaderMap, Method, Request, Response, StatusCode, Uri};
use readonly::refusal::Refusal;
use readonly::transport::{Body, Transport};
use serde_json::Value;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

/// Bytes of answers kept while an investigation runs; what came after is read again when the snapshot is written.
const MAX_KEPT: usize = 256 << 20;

/// Takes the secrets out of one object; `clients::kubernetes::redact::object` does.
pub type Redact = fn(&mut Value);

/// Passes every request on and remembers what came back.
///
/// It stands between the reader and the transport that authenticates: what an investigation read in a shorter form (tables,
/// metadata) is read again in full through the same transport.
pub struct Recorder {
    inner: Arc<dyn Transport>,
    heard: Arc<Mutex<Vec<Heard>>>,
}

/// One read, and what came back.
#[derive(Clone, Debug)]
struct Heard {
    uri: Uri,
    headers: HeaderMap,
    status: StatusCode,
    /// The whole body, once it has come to its end and where there was room for it.
    body: Option<Bytes>,
}

impl Recorder {
    /// Listens to what goes through `inner`.
    pub fn over(inner: Arc<dyn Transport>) -> Recorder {
        Recorder { inner, heard: Arc::default() }
    }

    /// Writes all that was read, redacted: a directory, or one file where `path` ends in `.tar.zst`. `about.sources` is completed
    /// with what was denied and what was left out. Secrets are never written.
    ///
    /// # Errors
    /// When there is something at `path` already, or a file cannot be written.
    pub async fn write(
        &self,
        mut about: About,
        redact: Redact,
        path: &Path,
    ) -> Result<Captured, CaptureError> {
        let heard = self.heard.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let mut collected = Collected::default();
        for read in collect::reads(&heard) {
            collected.take(read, self.inner.as_ref()).await;
        }
        collected.describe(&mut about);
        let captured = Captured {
            objects: collected.objects.values().map(|collection| collection.items.len()).sum(),
            logs: collected.logs.len(),
            left_out: collected.left_out.clone(),
        };
        let files: Files = archive::files(&about, collected, redact)?;
        archive::write(&files, path)?;
        Ok(captured)
    }
}

impl Transport for Recorder {
    fn send(&self, request: Request<Bytes>) -> BoxFuture<'_, Result<Response<Body>, Refusal>> {
        if request.method() != Method::GET {
            return self.inner.send(request);
        }
        let (uri, headers) = (request.uri().clone(), request.headers().clone());
        async move {
            let response = self.inner.send(request).await?;
            let entry = Heard { uri, headers, status: response.status(), body: None };
            let place = {
                let mut heard = self.heard.lock().unwrap_or_else(PoisonError::into_inner);
                heard.push(entry);
                heard.len() - 1
            };
            let ear = Ear { heard: Arc::clone(&self.heard), place, kept: Some(Vec::new()) };
            Ok(response.map(|body| listen(body, ear)))
        }
        .boxed()
    }
}

/// Collects one body while somebody else reads it.
struct Ear {
    heard: Arc<Mutex<Vec<Heard>>>,
    place: usize,
    /// None once something was missed.
    kept: Option<Vec<u8>>,
}

impl Ear {
    fn hear(&mut self, chunk: Result<&Bytes, &Refusal>) {
        match (chunk, &mut self.kept) {
            (Ok(chunk), Some(kept)) if kept.len() + chunk.len() <= MAX_KEPT => {
                kept.extend_from_slice(chunk)
            }
            _ => self.kept = None,
        }
    }

    /// The body has come to its end.
    fn keep(&mut self) {
        let Some(body) = self.kept.take().map(Bytes::from) else { return };
        let mut heard = self.heard.lock().unwrap_or_else(PoisonError::into_inner);
        let before: usize = heard.iter().filter_map(|one| one.body.as_ref()).map(Bytes::len).sum();
        let room = before + body.len() <= MAX_KEPT;
        if let Some(entry) = heard.get_mut(self.place).filter(|_| room) {
            entry.body = Some(body);
        }
    }
}

fn listen(body: Body, ear: Ear) -> Body {
    let step = |(mut body, mut ear): (Body, Ear)| async move {
        let Some(chunk) = body.next().await else {
            ear.keep();
            return None;
        };
        ear.hear(chunk.as_ref());
        Some((chunk, (body, ear)))
    };
    futures::stream::unfold((body, ear), step).boxed()
}

/// What a capture holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Captured {
    /// Objects written.
    pub objects: usize,
    /// Logs written.
    pub logs: usize,
    /// What was left out, and why; one line each.
    pub left_out: Vec<String>,
}

/// A capture that could not be written.
#[derive(Debug, thiserror::Error)]
pub enum CaptureError {
    /// There is something at the path already.
    #[error("{0} exists already")]
    Exists(String),
    /// What was read cannot be written down.
    #[error("could not write {0} down")]
    Form(&'static str),
    /// A file could not be written.
    #[error("could not write {path}")]
    Write {
        /// The file.
        path: String,
        /// Why.
        #[source]
        source: std::io::Error,
    },
}
