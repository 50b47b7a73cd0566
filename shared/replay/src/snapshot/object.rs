//! The Kubernetes objects of a snapshot, by kind, and which kinds were looked at.

use crate::snapshot::document;
use crate::snapshot::error::LoadError;
use crate::snapshot::files::Files;
use crate::snapshot::identity;
use crate::snapshot::resources::{self, Resource, split_api_version};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// All objects of a snapshot.
#[derive(Debug, Default)]
pub struct Objects {
    /// By kind; within it by `NAMESPACE/NAME`, or `NAME` alone, which is the order of an API server.
    pub of_kind: BTreeMap<GroupKind, BTreeMap<String, Object>>,
    /// Kinds of which there is an object or an empty List.
    pub looked_at: BTreeSet<GroupKind>,
    /// What the cluster serves.
    pub resources: Vec<Resource>,
}

/// A kind and the group that it belongs to.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct GroupKind {
    /// API group; empty for the core.
    pub group: String,
    /// Kind.
    pub kind: String,
}

/// One object.
#[derive(Clone, Debug)]
pub struct Object {
    /// Namespace; empty for what has none.
    pub namespace: String,
    /// Name.
    pub name: String,
    /// All of it.
    pub value: Value,
}

impl Object {
    pub(crate) fn key(&self) -> String {
        key(&self.namespace, &self.name)
    }

    /// The text at a JSON pointer; empty where there is none.
    pub(crate) fn text(&self, pointer: &str) -> &str {
        self.value.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
    }
}

pub(crate) fn key(namespace: &str, name: &str) -> String {
    if namespace.is_empty() { name.to_owned() } else { format!("{namespace}/{name}") }
}

/// An object before it has its place: where it was found, for messages.
struct Found<'a> {
    file: &'a str,
    document: usize,
    item: Option<usize>,
    value: Value,
}

impl Objects {
    /// Reads every file below `kubernetes/`.
    pub(crate) fn read(files: &Files) -> Result<Objects, LoadError> {
        let mut objects = Objects { resources: resources::built_in(), ..Objects::default() };
        let mut found = Vec::new();
        for (file, bytes) in files.iter().filter(|(file, _)| is_of_kubernetes(file)) {
            for (document, value) in document::documents(file, bytes)?.into_iter().enumerate() {
                let at = |item, reason| document::object_error(file, bytes, document, item, reason);
                objects
                    .unfold(file, document, value, &mut found)
                    .map_err(|(item, reason)| at(item, reason))?;
            }
        }
        objects.learn_resources(&found);
        for one in found {
            let (file, document, item) = (one.file, one.document, one.item);
            objects.place(one.value).map_err(|reason| {
                let bytes = files.get(file).map(|bytes| &bytes[..]).unwrap_or_default();
                document::object_error(file, bytes, document, item, reason)
            })?;
        }
        identity::complete(&mut objects);
        Ok(objects)
    }

    /// Takes lists apart and checks that each object says what it is.
    fn unfold<'a>(
        &mut self,
        file: &'a str,
        document: usize,
        mut value: Value,
        found: &mut Vec<Found<'a>>,
    ) -> Result<(), (Option<usize>, String)> {
        let kind = text(&value, "/kind").to_owned();
        let api_version = text(&value, "/apiVersion").to_owned();
        let Some(of_item) = kind.strip_suffix("List").filter(|_| value.get("items").is_some())
        else {
            check(&value).map_err(|reason| (None, reason))?;
            found.push(Found { file, document, item: None, value });
            return Ok(());
        };
        let items = match value.get_mut("items").map(Value::take) {
            Some(Value::Array(items)) => items,
            Some(Value::Null) => Vec::new(),
            _ => return Err((None, "items is not a list".to_owned())),
        };
        if of_item.is_empty() {
            self.look_by_file_name(file, items.is_empty());
        } else {
            let (group, _) = split_api_version(&api_version);
            let of = GroupKind { group: group.to_owned(), kind: of_item.to_owned() };
            self.looked_at.insert(of);
        }
        for (item, mut value) in items.into_iter().enumerate() {
            // An API server leaves these out of the items of a list.
            if let Some(object) = value.as_object_mut().filter(|_| !of_item.is_empty()) {
                object.entry("kind").or_insert_with(|| of_item.into());
                object.entry("apiVersion").or_insert_with(|| api_version.clone().into());
            }
            check(&value).map_err(|reason| (Some(item), reason))?;
            found.push(Found { file, document, item: Some(item), value });
        }
        Ok(())
    }

    /// `kubectl get pods -o json` writes `kind: List` for none; the name of the file says of what.
    fn look_by_file_name(&mut self, file: &str, empty: bool) {
        let stem =
            file.rsplit('/').next().and_then(|name| name.split('.').next()).unwrap_or_default();
        let resource = self.resources.iter().find(|resource| resource.plural == stem);
        if let Some(resource) = resource.filter(|_| empty) {
            self.looked_at.insert(resource.of.clone());
        }
    }

    fn learn_resources(&mut self, found: &[Found]) {
        for one in
            found.iter().filter(|one| text(&one.value, "/kind") == "CustomResourceDefinition")
        {
            self.resources.extend(resources::defined_by(&one.value));
        }
        let mut seen: BTreeMap<(GroupKind, String), (bool, &str)> = BTreeMap::new();
        for one in found {
            let (group, version) = split_api_version(text(&one.value, "/apiVersion"));
            let of =
                GroupKind { group: group.to_owned(), kind: text(&one.value, "/kind").to_owned() };
            let namespaced = !text(&one.value, "/metadata/namespace").is_empty();
            seen.entry((of, version.to_owned())).or_insert((false, one.file)).0 |= namespaced;
        }
        for ((of, version), (namespaced, file)) in seen {
            if identity::is_newer_event(&of) {
                continue;
            }
            if !self.resources.iter().any(|known| known.of == of && known.version == version) {
                let guessed = resources::guessed(&of, &version, namespaced, file, &self.resources);
                self.resources.push(guessed);
            }
        }
    }

    fn place(&mut self, mut value: Value) -> Result<(), String> {
        identity::modernise(&mut value);
        let (group, version) = split_api_version(text(&value, "/apiVersion"));
        let of = GroupKind { group: group.to_owned(), kind: text(&value, "/kind").to_owned() };
        let resource = self.resources.iter().find(|one| one.of == of && one.version == version);
        let namespaced = resource.is_none_or(|resource| resource.namespaced);
        let name = text(&value, "/metadata/name").to_owned();
        let namespace = match (namespaced, text(&value, "/metadata/namespace")) {
            (false, _) => "",
            (true, "") => "default",
            (true, namespace) => namespace,
        }
        .to_owned();
        identity::settle(&mut value, &of, &namespace, &name);
        let object = Object { namespace, name, value };
        self.looked_at.insert(of.clone());
        let named = format!("{} {}", of.kind, object.key());
        match self.of_kind.entry(of).or_default().insert(object.key(), object) {
            Some(_) => Err(format!("{named} is in the snapshot twice")),
            None => Ok(()),
        }
    }

    /// The object of this kind, namespace (empty for none) and name.
    pub(crate) fn get(&self, of: &GroupKind, namespace: &str, name: &str) -> Option<&Object> {
        self.of_kind.get(of)?.get(&key(namespace, name))
    }
}

fn is_of_kubernetes(file: &str) -> bool {
    file.starts_with("kubernetes/")
        && [".yaml", ".yml", ".json"].iter().any(|extension| file.ends_with(extension))
}

fn text<'a>(value: &'a Value, pointer: &str) -> &'a str {
    value.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
}

/// Whether it is an object at all.
fn check(value: &Value) -> Result<(), String> {
    if !value.is_object() {
        return Err("is not a Kubernetes object".to_owned());
    }
    for (pointer, field) in
        [("/apiVersion", "apiVersion"), ("/kind", "kind"), ("/metadata/name", "metadata.name")]
    {
        match value.pointer(pointer) {
            Some(Value::String(text)) if !text.is_empty() => {}
            Some(Value::String(_)) | Some(Value::Null) | None => {
                return Err(format!("{field} is missing"));
            }
            Some(_) => return Err(format!("{field} is not text")),
        }
    }
    match value.pointer("/metadata/namespace") {
        Some(Value::String(_)) | Some(Value::Null) | None => Ok(()),
        Some(_) => Err("metadata.namespace is not text".to_owned()),
    }
}
