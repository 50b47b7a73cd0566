//! The tools of one server, in reading order, each decoded in the same way.

use crate::answer::Answer;
use crate::failure::Failure;
use crate::schema;
use crate::tool::{Call, Tool};
use futures::future::BoxFuture;
use serde_json::{Map, Value};
use std::sync::Arc;

/// The tools of a server that holds `S`.
pub struct Tools<S> {
    pub(crate) entries: Vec<Entry<S>>,
}

/// One tool, with its type erased.
pub(crate) struct Entry<S> {
    pub(crate) listed: Listed,
    pub(crate) checked: Map<String, Value>,
    pub(crate) ask: Ask<S>,
}

/// Decodes the arguments and asks the tool.
type Ask<S> = fn(Arc<S>, Map<String, Value>, Call) -> BoxFuture<'static, Result<Answer, Failure>>;

/// What a caller can know about a tool before calling it.
#[derive(Clone, Debug, PartialEq)]
pub struct Listed {
    /// The name on the wire.
    pub name: String,
    /// What it brings back, and when to use it.
    pub about: String,
    /// The JSON Schema of its arguments, those that are seldom given left out.
    pub schema: Map<String, Value>,
}

impl<S: Send + Sync + 'static> Tools<S> {
    /// No tools yet.
    #[expect(clippy::new_without_default, reason = "it is only the start of a sentence")]
    pub fn new() -> Self {
        Tools { entries: Vec::new() }
    }

    /// Adds `T` after those already there.
    #[must_use]
    pub fn with<T: Tool<S>>(mut self) -> Self {
        let checked = schema::of::<T::Ask>();
        let (schema, seldom) = schema::listed(&checked);
        let about = match seldom.as_slice() {
            [] => T::ABOUT.to_owned(),
            names => format!("{} Also takes {}.", T::ABOUT, names.join(", ")),
        };
        let listed = Listed { name: T::NAME.to_owned(), about, schema };
        self.entries.push(Entry { listed, checked, ask: ask::<S, T> });
        self
    }
}

fn ask<S: Send + Sync + 'static, T: Tool<S>>(
    state: Arc<S>,
    arguments: Map<String, Value>,
    call: Call,
) -> BoxFuture<'static, Result<Answer, Failure>> {
    Box::pin(async move {
        let ask = decode::<T::Ask>(arguments)?;
        T::answer(&state, ask, &call).await
    })
}

/// The schema was checked before; what is left is what only the type itself can know.
fn decode<A: serde::de::DeserializeOwned>(arguments: Map<String, Value>) -> Result<A, Failure> {
    serde_path_to_error::deserialize(Value::Object(arguments)).map_err(|error| {
        let path = error.path().to_string();
        let why = error.into_inner().to_string();
        if path == "." {
            return Failure::invalid(why);
        }
        Failure::invalid(format!("argument `{path}`: {why}"))
    })
}
