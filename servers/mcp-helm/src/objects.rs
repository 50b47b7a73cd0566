//! The objects of a manifest, without their secrets, and the part of one that a path names.

use clients::helm::redact::Secrets;
use clients::kubernetes::redact;
use mcp::failure::{Code, Failure};
use mcp::nearest::offer;
use mcp::part;
use serde_json::Value;
use serde_saphyr::DuplicateKeyPolicy;
use std::collections::BTreeMap;

/// Bytes of a manifest that are decoded: some ten thousand lines. Helm's own limit is that of a Secret, a megabyte packed.
const MOST: usize = 8 << 20;
/// Names of one kind that are said.
const MOST_NAMES: usize = 8;
/// How Helm says which template an object comes from.
const SOURCE: &str = "# Source: ";

/// One object that a chart makes.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Made {
    /// `Deployment/web`, or `Deployment/web@other` outside the release's namespace.
    pub(crate) key: String,
    /// The template, where it is said.
    pub(crate) source: String,
    /// The object, without its secrets.
    pub(crate) value: Value,
}

/// The objects of a manifest, in its order.
#[derive(Debug, Default)]
pub(crate) struct Objects {
    /// Those that could be read.
    pub(crate) made: Vec<Made>,
    /// Why others could not, each with where it stands.
    pub(crate) unreadable: Vec<String>,
}

impl Objects {
    /// Reads a manifest of a release in `namespace` whose values hold these secrets.
    pub(crate) fn read(manifest: &str, namespace: &str, secrets: &Secrets) -> Objects {
        let mut objects = Objects::default();
        if manifest.len() > MOST {
            let why = format!("the manifest is {} bytes long, and {MOST} are read", manifest.len());
            objects.unreadable.push(why);
            return objects;
        }
        for (first_line, text) in documents(manifest) {
            let source = text.lines().find_map(|line| line.strip_prefix(SOURCE));
            let source = source.unwrap_or_default().to_owned();
            match yaml(&text) {
                Ok(Value::Null) => {}
                Ok(mut value) => {
                    redact::in_process(&mut value);
                    secrets.take_from(&mut value);
                    let key = key(&value, namespace);
                    objects.made.push(Made { key, source, value });
                }
                // The text itself may hold a secret, so only its place is told.
                Err(_) => objects.unreadable.push(format!("line {first_line} begins no YAML")),
            }
        }
        objects
    }

    /// The object that a path begins with, and the part of it that the rest names: `Deployment/web.spec.replicas`.
    ///
    /// # Errors
    /// One line that names the argument and what there is where the path ends.
    pub(crate) fn part(&self, path: &str) -> Result<&Value, Failure> {
        let named = |made: &&Made| {
            let rest = path.strip_prefix(&made.key);
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
        };
        // Names have dots as well, so the longest is meant.
        let Some(made) = self.made.iter().filter(named).max_by_key(|made| made.key.len()) else {
            let wanted = path.split(['.', '[']).next().unwrap_or(path);
            return Err(Failure {
                code: Code::InvalidArgument,
                message: format!(
                    "argument `path` must begin with an object, as Deployment/web.spec.replicas; there is no {wanted}"
                ),
                retryable: false,
                hint: offer(wanted, self.made.iter().map(|made| made.key.as_str())),
            });
        };
        part::of(&made.value, path.get(made.key.len()..).unwrap_or_default())
    }

    /// The names of each kind, as `web, worker`.
    pub(crate) fn by_kind(&self) -> BTreeMap<&str, String> {
        let mut kinds: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for made in &self.made {
            let (kind, name) = made.key.split_once('/').unwrap_or((&made.key, ""));
            kinds.entry(kind).or_default().push(name);
        }
        let said = |names: Vec<&str>| match names.len().saturating_sub(MOST_NAMES) {
            0 => names.join(", "),
            more => {
                let named = names.get(..MOST_NAMES).unwrap_or_default().join(", ");
                format!("{named} and {more} more")
            }
        };
        kinds.into_iter().map(|(kind, names)| (kind, said(names))).collect()
    }
}

/// A value as YAML.
pub(crate) fn written(value: &Value) -> Result<String, Failure> {
    serde_saphyr::to_string(value).map_err(|error| Failure {
        code: Code::Internal,
        message: format!("it cannot be written as YAML: {error}"),
        retryable: false,
        hint: String::new(),
    })
}

/// The documents between the lines `---`, each with the number of its first line.
fn documents(manifest: &str) -> Vec<(usize, String)> {
    let mut documents = vec![(1, String::new())];
    for (number, line) in (1..).zip(manifest.lines()) {
        // What is indented is the text of a block.
        if line.trim_end() == "---" || line.starts_with("--- ") {
            documents.push((number + 1, String::new()));
        } else if let Some((_, text)) = documents.last_mut() {
            text.push_str(line);
            text.push('\n');
        }
    }
    documents
}

/// YAML as Helm reads it, which is that of version 1.1: `yes` is true, and the last of two equal keys counts.
fn yaml(text: &str) -> Result<Value, serde_saphyr::Error> {
    let options = serde_saphyr::options! {
        with_snippet: false,
        duplicate_keys: DuplicateKeyPolicy::LastWins,
        legacy_octal_numbers: true,
    };
    // A document of nothing but comments is no value.
    serde_saphyr::from_str_with_options::<Option<Value>>(text, options)
        .map(Option::unwrap_or_default)
}

fn key(value: &Value, release_namespace: &str) -> String {
    let text = |pointer| value.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
    let (kind, name) = (text("/kind"), text("/metadata/name"));
    match text("/metadata/namespace") {
        "" => format!("{kind}/{name}"),
        namespace if namespace == release_namespace => format!("{kind}/{name}"),
        namespace => format!("{kind}/{name}@{namespace}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const MANIFEST: &str = "---
# Source: web/templates/config.yaml
apiVersion: v1
kind: ConfigMap
metadata: {name: web.conf}
data:
  a: |
    first
     ---
    last
---
# Source: web/templates/secret.yaml
kind: Secret
metadata: {name: keys, namespace: other}
stringData: {user: admin}
---
# only a comment
---
kind: Deployment
metadata: {name: web, namespace: shop}
spec: {replicas: 2, replicas: 3, paused: no, mode: 0644}
---
kind: [broken
password: hunter2
";

    #[test]
    fn a_manifest_is_its_objects_without_their_secrets() {
        let objects = Objects::read(MANIFEST, "shop", &Secrets::default());
        let keys: Vec<&str> = objects.made.iter().map(|made| made.key.as_str()).collect();
        assert_eq!(keys, ["ConfigMap/web.conf", "Secret/keys@other", "Deployment/web"]);
        let [config, secret, deployment] = objects.made.as_slice() else { panic!("{keys:?}") };
        assert_eq!(config.source, "web/templates/config.yaml");
        assert_eq!(config.value["data"]["a"], "first\n ---\nlast\n");
        assert!(secret.value["stringData"]["user"].as_str().unwrap().starts_with("<redacted"));
        let spec = json!({"replicas": 3, "paused": false, "mode": 420});
        assert_eq!(deployment.value["spec"], spec);
        assert_eq!(objects.unreadable, ["line 23 begins no YAML"]);
    }

    #[test]
    fn a_path_begins_with_an_object() {
        let objects = Objects::read(MANIFEST, "shop", &Secrets::default());
        assert_eq!(objects.part("Deployment/web.spec.replicas").unwrap(), 3);
        assert_eq!(objects.part("ConfigMap/web.conf").unwrap()["kind"], "ConfigMap");
        let refused = objects.part("Deployment/wep.spec").unwrap_err();
        assert!(refused.message.ends_with("there is no Deployment/wep"), "{}", refused.message);
        assert_eq!(refused.hint, "did you mean Deployment/web?");
    }

    #[test]
    fn a_kind_with_many_objects_is_cut() {
        let documents = (0..10).map(|at| format!("---\nkind: Job\nmetadata: {{name: j{at}}}\n"));
        let objects = Objects::read(&documents.collect::<String>(), "shop", &Secrets::default());
        assert_eq!(objects.by_kind()["Job"], "j0, j1, j2, j3, j4, j5, j6, j7 and 2 more");
    }
}
