//! YAML and JSON files as values, and errors that name the line.

use crate::snapshot::error::LoadError;
use serde::Deserialize;
use serde::de::{DeserializeOwned, IgnoredAny};
use serde_json::Value;
use serde_saphyr::{Options, Spanned};

/// The documents of a file: several in YAML between `---`, several in JSON one after another.
pub(crate) fn documents(file: &str, bytes: &[u8]) -> Result<Vec<Value>, LoadError> {
    let text = text(file, bytes)?;
    if file.ends_with(".json") {
        return serde_json::Deserializer::from_str(text)
            .into_iter()
            .collect::<Result<_, _>>()
            .map_err(|error| of_json(file, &error));
    }
    serde_saphyr::from_multiple_with_options(text, options()).map_err(|error| of_yaml(file, &error))
}

/// A file that is one YAML document of a known form.
pub(crate) fn document<T: DeserializeOwned>(file: &str, bytes: &[u8]) -> Result<T, LoadError> {
    let text = text(file, bytes)?;
    serde_saphyr::from_str_with_options(text, options()).map_err(|error| of_yaml(file, &error))
}

/// A file that is one JSON document of a known form.
pub(crate) fn json<T: DeserializeOwned>(file: &str, bytes: &[u8]) -> Result<T, LoadError> {
    serde_json::from_str(text(file, bytes)?).map_err(|error| of_json(file, &error))
}

/// An error about one object of a file whose form is right: `item` counts in the `items` of a list.
///
/// The file is read again to find the line; that costs only those whose snapshot is refused.
pub(crate) fn object_error(
    file: &str,
    bytes: &[u8],
    document: usize,
    item: Option<usize>,
    reason: String,
) -> LoadError {
    #[derive(Deserialize)]
    struct Shape {
        #[serde(default)]
        items: Vec<Spanned<IgnoredAny>>,
    }
    // JSON is YAML, too.
    let shapes = text(file, bytes).ok().and_then(|text| {
        serde_saphyr::from_multiple_with_options::<Spanned<Shape>>(text, options()).ok()
    });
    let place = shapes.as_ref().and_then(|shapes| shapes.get(document)).and_then(|shape| {
        let Some(item) = item else { return Some(shape.referenced) };
        shape.value.items.get(item).map(|item| item.referenced)
    });
    match place {
        Some(place) => LoadError::at(file, place.line(), place.column(), reason),
        None => LoadError::new(file, reason),
    }
}

/// A file as text.
pub(crate) fn text<'a>(file: &str, bytes: &'a [u8]) -> Result<&'a str, LoadError> {
    std::str::from_utf8(bytes).map_err(|error| {
        let before = bytes.get(..error.valid_up_to()).unwrap_or_default();
        let line = 1 + before.iter().filter(|byte| **byte == b'\n').count() as u64;
        LoadError::at(file, line, 1, "is not UTF-8")
    })
}

fn options() -> Options {
    // Files are bounded before they are parsed; these are only larger than the defaults, which fit settings.
    let budget = serde_saphyr::budget! {
        max_events: 50_000_000,
        max_nodes: 50_000_000,
        max_documents: 100_000,
        max_total_scalar_bytes: 256 << 20,
    };
    serde_saphyr::options! {
        budget: budget,
        with_snippet: false,
        // `value: yes` is a word, as in YAML 1.2.
        strict_booleans: true,
        leading_zero_numbers_as_strings: true,
    }
}

fn of_json(file: &str, error: &serde_json::Error) -> LoadError {
    // serde_json ends with the place that already stands at the front.
    let text = error.to_string();
    let reason = text.rsplit_once(" at line ").map_or(text.as_str(), |(reason, _)| reason);
    LoadError::at(file, error.line() as u64, error.column() as u64, reason)
}

fn of_yaml(file: &str, error: &serde_saphyr::Error) -> LoadError {
    let text = error.without_snippet().to_string();
    let line = text.lines().next().unwrap_or_default();
    match error.location() {
        Some(place) => LoadError::at(file, place.line(), place.column(), line),
        None => LoadError::new(file, line),
    }
}
