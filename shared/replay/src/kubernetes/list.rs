//! Collections and single objects, in the form that was asked for.

use crate::kubernetes::accept::Form;
use crate::kubernetes::address::Target;
use crate::kubernetes::query::Query;
use crate::kubernetes::reply::{self, Reply};
use crate::kubernetes::{fields, labels, table};
use crate::snapshot::object::{Object, Objects};
use crate::snapshot::resources::Resource;
use http::StatusCode;
use jiff::Timestamp;
use serde_json::{Map, Value, json};
use std::ops::Bound;

/// One page of a collection.
struct Page<'a> {
    objects: Vec<&'a Object>,
    metadata: Map<String, Value>,
}

/// Answers for one object.
pub(crate) fn get(
    object: &Object,
    resource: &Resource,
    form: Form,
    query: &Query,
    now: Timestamp,
) -> Reply {
    let value = match form {
        Form::Full => whole(object, resource),
        Form::Metadata => metadata_of(object),
        Form::MetadataList => {
            let message = format!(
                "you requested PartialObjectMetadataList, but the requested object is not a list ({})",
                type_name(resource)
            );
            return reply::not_acceptable(&message);
        }
        Form::Table => {
            let mut metadata = Map::new();
            if let Some(version) = object.value.pointer("/metadata/resourceVersion") {
                metadata.insert("resourceVersion".to_owned(), version.clone());
            }
            match table::render(&[object], resource, metadata, query.text("includeObject"), now) {
                Ok(table) => table,
                Err(refused) => return refused,
            }
        }
    };
    Reply::json(StatusCode::OK, &value)
}

/// Answers for a collection.
pub(crate) fn list(
    objects: &Objects,
    version: u64,
    resource: &Resource,
    target: &Target,
    form: Form,
    query: &Query,
    now: Timestamp,
) -> Result<Reply, Reply> {
    if form == Form::Metadata {
        let message = format!(
            "you requested PartialObjectMetadata, but the requested object is a list ({}List)",
            type_name(resource)
        );
        return Err(reply::not_acceptable(&message));
    }
    let Page { objects, metadata } = page(objects, version, resource, target, query)?;
    let value = match form {
        Form::Table => {
            table::render(&objects, resource, metadata, query.text("includeObject"), now)?
        }
        Form::MetadataList => {
            let items: Vec<_> = objects.iter().map(|object| metadata_of(object)).collect();
            // For none the API server writes null here, and only here.
            let items = if items.is_empty() { Value::Null } else { items.into() };
            json!({
                "kind": "PartialObjectMetadataList", "apiVersion": "meta.k8s.io/v1",
                "metadata": metadata, "items": items,
            })
        }
        Form::Full | Form::Metadata => json!({
            "kind": format!("{}List", resource.of.kind), "apiVersion": resource.api_version(),
            "metadata": metadata,
            "items": objects.iter().map(|object| item(object, resource)).collect::<Vec<_>>(),
        }),
    };
    Ok(Reply::json(StatusCode::OK, &value))
}

fn page<'a>(
    objects: &'a Objects,
    version: u64,
    resource: &Resource,
    target: &Target,
    query: &Query,
) -> Result<Page<'a>, Reply> {
    let bad = |message: String| reply::bad_request(&message);
    let labels = labels::parse(query.text("labelSelector")).map_err(bad)?;
    let fields = fields::parse(query.text("fieldSelector"), resource).map_err(bad)?;
    let limit = query.number("limit")?.and_then(|limit| usize::try_from(limit).ok()).unwrap_or(0);
    let start = match query.text("continue") {
        "" => String::new(),
        token => after(token, version)?,
    };
    let all = objects.of_kind.get(&resource.of);
    let from = if start.is_empty() { Bound::Unbounded } else { Bound::Excluded(start) };
    let mut selected = all
        .into_iter()
        .flat_map(|all| all.range((from.clone(), Bound::Unbounded)))
        .filter(|(_, object)| target.namespace.is_empty() || object.namespace == target.namespace)
        .filter(|(_, object)| {
            labels.select(object.value.pointer("/metadata/labels").and_then(Value::as_object))
                && fields.select(object)
        });
    let mut metadata = Map::new();
    metadata.insert("resourceVersion".to_owned(), version.to_string().into());
    if limit == 0 {
        return Ok(Page { objects: selected.map(|(_, object)| object).collect(), metadata });
    }
    let taken: Vec<_> = selected.by_ref().take(limit).collect();
    let remaining = selected.count();
    if let Some((last, _)) = taken.last().filter(|_| remaining > 0) {
        metadata.insert("continue".to_owned(), token(last, version).into());
        // The API server cannot count what it has not filtered.
        if query.text("labelSelector").is_empty() && query.text("fieldSelector").is_empty() {
            metadata.insert("remainingItemCount".to_owned(), remaining.into());
        }
    }
    Ok(Page { objects: taken.into_iter().map(|(_, object)| object).collect(), metadata })
}

/// The type within the API server, which stands in its refusals: `*apps.Deployment`.
fn type_name(resource: &Resource) -> String {
    let package = match resource.of.group.split('.').next() {
        None | Some("") => "core",
        Some(package) => package,
    };
    format!("*{package}.{}", resource.of.kind)
}

/// Opaque to whoever gets it: the snapshot's version and the last key, in hexadecimal digits.
fn token(last: &str, version: u64) -> String {
    format!("{version}:{last}").bytes().map(|byte| format!("{byte:02x}")).collect()
}

/// The key after which a page begins.
fn after(token: &str, version: u64) -> Result<String, Reply> {
    let digits: Vec<char> = token.chars().collect();
    let bytes: Option<Vec<u8>> = digits
        .chunks(2)
        .map(|pair| u8::from_str_radix(&pair.iter().collect::<String>(), 16).ok())
        .collect();
    let text = bytes.and_then(|bytes| String::from_utf8(bytes).ok());
    let parts = text.as_deref().and_then(|text| text.split_once(':'));
    let Some((of, last)) = parts.and_then(|(of, last)| Some((of.parse::<u64>().ok()?, last)))
    else {
        let message =
            "invalid continue token: continue key is not valid: not a token of this server";
        return Err(reply::bad_request(message));
    };
    if of == version { Ok(last.to_owned()) } else { Err(reply::expired()) }
}

/// An object with its kind and the version that was asked for.
pub(crate) fn whole(object: &Object, resource: &Resource) -> Value {
    let mut value = object.value.clone();
    if let Some(fields) = value.as_object_mut() {
        fields.insert("apiVersion".to_owned(), resource.api_version().into());
    }
    value
}

/// An item of a list: only custom resources repeat their kind there.
fn item(object: &Object, resource: &Resource) -> Value {
    let mut value = whole(object, resource);
    if resource.columns.is_none()
        && let Some(fields) = value.as_object_mut()
    {
        fields.remove("kind");
        fields.remove("apiVersion");
    }
    value
}

pub(crate) fn metadata_of(object: &Object) -> Value {
    json!({
        "kind": "PartialObjectMetadata", "apiVersion": "meta.k8s.io/v1",
        "metadata": object.value.get("metadata"),
    })
}
