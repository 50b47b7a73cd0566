//! Takes secrets out of the values of a chart. They have no form but what their authors gave them, so names decide.

use crate::helm::release::Release;
use crate::kubernetes::redact;
use readonly::redact::{Redactor, is_secret_name};
use serde_json::Value;
use std::collections::BTreeSet;

/// How names end under which every value is taken for a secret.
const HOLDERS: [&str; 14] = [
    "apikeys",
    "credential",
    "credentials",
    "creds",
    "password",
    "passwords",
    "privatekeys",
    "secret",
    "secretdata",
    "secretenv",
    "secrets",
    "secretvalues",
    "stringdata",
    "tokens",
];
/// Parts of names like those that hold references to Secrets, which say what is missing.
const REFERENCES: [&str; 4] = ["existingsecret", "externalsecret", "fromsecret", "pullsecret"];
/// How the name of the name of a Secret begins, or of one of its keys.
const REFERENCE: &str = "existingsecret";
/// Names of what is said about a secret.
const ABOUT: [&str; 10] = [
    "annotations",
    "apiVersion",
    "create",
    "enabled",
    "kind",
    "labels",
    "mountPath",
    "name",
    "secretName",
    "type",
];

/// Secrets of one release that are looked for in its texts; each is one pass over them.
const MOST_SECRETS: usize = 256;

/// Redacts values in place with the redactor of this process: those whose name says that they are secret, all below a name
/// such as `secrets`, and anything else that looks like a credential.
pub fn values(values: &mut Value) {
    let redactor = Redactor::of_process();
    redact::value(values, redactor);
    below(values, false, &mut |secret| redactor.value(secret));
}

/// The secrets among the values of releases, to be found again where others repeat them: in notes, a URL, a file.
#[derive(Clone, Debug, Default)]
pub struct Secrets {
    known: BTreeSet<String>,
    unknown: bool,
}

impl Secrets {
    /// The secrets in the values that were given and in those of the chart. Of revisions that are shown together, those of
    /// all: what one has as a secret may stand in the other as if it were none.
    pub fn of(releases: &[&Release]) -> Secrets {
        let mut secrets = Secrets::default();
        let values = releases.iter().flat_map(|it| [&it.config, &it.chart.values]);
        for values in values {
            let Ok(mut values) = values.read() else {
                secrets.unknown = true;
                continue;
            };
            below(&mut values, false, &mut |secret| {
                secrets.add(secret);
                String::new()
            });
        }
        secrets
    }

    fn add(&mut self, secret: &str) {
        if !is_telling(secret) || self.known.contains(secret) {
            return;
        }
        if self.known.len() == MOST_SECRETS {
            self.unknown = true;
            return;
        }
        self.known.insert(secret.to_owned());
    }

    /// Whether there are more of them than are known, so that a text from which they were taken may still hold one.
    pub fn are_too_many(&self) -> bool {
        self.unknown
    }

    /// The text with a mark in place of each of them.
    pub fn taken_from(&self, text: &str) -> String {
        // A secret may be the beginning of another, which then must go first.
        self.known.iter().rev().fold(text.to_owned(), |text, secret| {
            match text.contains(secret.as_str()) {
                true => text.replace(secret.as_str(), &Redactor::of_process().value(secret)),
                false => text,
            }
        })
    }

    /// Takes them out of every text in a value.
    pub fn take_from(&self, value: &mut Value) {
        match value {
            Value::String(text) => *text = self.taken_from(text),
            Value::Array(elements) => elements.iter_mut().for_each(|it| self.take_from(it)),
            Value::Object(fields) => fields.values_mut().for_each(|it| self.take_from(it)),
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }
}

/// Whether a secret is no ordinary word, such as `password` or `changeme`, which would be found all over a text.
fn is_telling(secret: &str) -> bool {
    let is_word = secret.bytes().all(|byte| byte.is_ascii_alphabetic());
    secret.len() >= if is_word { 12 } else { 8 }
}

/// Hides what is named a secret, and everything where `hidden` says that it stands below such a name.
fn below(value: &mut Value, hidden: bool, mark: &mut impl FnMut(&str) -> String) {
    match value {
        Value::Object(fields) => {
            let beside = fields.get("name").and_then(Value::as_str).is_some_and(is_secret_name);
            for (name, field) in fields {
                let about = ABOUT.contains(&name.as_str()) || letters(name).starts_with(REFERENCE);
                let hidden = hidden && !about;
                let named = is_secret_name(name) || (beside && name == "value");
                if field.is_object() || field.is_array() {
                    below(field, hidden || holds_secrets(name), mark);
                } else if hidden || named {
                    hide(field, mark);
                }
            }
        }
        Value::Array(elements) => {
            for element in elements {
                if element.is_object() || element.is_array() {
                    below(element, hidden, mark);
                } else if hidden {
                    hide(element, mark);
                }
            }
        }
        _ => {}
    }
}

/// A number may be a password; `true` and `null` are none. `$(OTHER)` is a reference that the kubelet fills in.
fn hide(scalar: &mut Value, mark: &mut impl FnMut(&str) -> String) {
    let text = match scalar {
        Value::String(text) if text.is_empty() => return,
        Value::String(text) if text.starts_with("$(") && text.ends_with(')') => return,
        Value::String(text) => mark(text),
        Value::Number(number) => mark(&number.to_string()),
        _ => return,
    };
    *scalar = Value::String(text);
}

fn holds_secrets(name: &str) -> bool {
    let name = letters(name);
    HOLDERS.iter().any(|end| name.ends_with(end))
        && !REFERENCES.iter().any(|part| name.contains(part))
}

/// A name without what parts its words: `existing_secret` is `existingSecret`.
fn letters(name: &str) -> String {
    name.chars().filter(|letter| letter.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    /// The values with `?` in place of what is hidden.
    fn shown(mut any: Value) -> Value {
        values(&mut any);
        fn mark(any: &mut Value) {
            match any {
                Value::String(text) if text.starts_with("<redacted len=") => "?".clone_into(text),
                Value::Object(fields) => fields.values_mut().for_each(mark),
                Value::Array(elements) => elements.iter_mut().for_each(mark),
                _ => {}
            }
        }
        mark(&mut any);
        any
    }

    #[test]
    fn what_is_named_a_secret_is_hidden_be_it_text_or_number() {
        let given = json!({"auth": {"enabled": true, "username": "shop", "rootPassword": 12345678,
            "metadata": {"password": "hunter2"}}, "apiKey": "abc", "replicas": 2});
        let expected = json!({"auth": {"enabled": true, "username": "shop", "rootPassword": "?",
            "metadata": {"password": "?"}}, "apiKey": "?", "replicas": 2});
        assert_eq!(shown(given), expected);
    }

    #[test]
    fn everything_below_a_name_for_secrets_is_hidden() {
        let given = json!({"secrets": {"dsn": "a", "list": ["b", 3], "on": true, "name": "web-keys",
            "deep": {"x": "c"}}, "secretEnv": [{"name": "MODE", "value": "d"}]});
        let expected = json!({"secrets": {"dsn": "?", "list": ["?", "?"], "on": true,
            "name": "web-keys", "deep": {"x": "?"}}, "secretEnv": [{"name": "MODE", "value": "?"}]});
        assert_eq!(shown(given), expected);
    }

    #[test]
    fn what_names_a_secret_stays() {
        let given = json!({"imagePullSecrets": [{"name": "registry"}], "existingSecret": "web-keys",
            "externalSecrets": {"store": "vault"}, "env": [{"name": "DB_PASSWORD", "valueFrom":
            {"secretKeyRef": {"name": "db", "key": "password"}}}], "password": ""});
        assert_eq!(shown(given.clone()), given);
    }

    #[test]
    fn a_secret_that_exists_is_none_that_is_named() {
        let given = json!({"secrets": {"existingPassword": "a", "existingSecret": "web-keys",
            "existing_secret_key": "dsn"}, "EXISTING_DB_PASSWORD": "b", "existingPasswords": ["c"]});
        let expected = json!({"secrets": {"existingPassword": "?", "existingSecret": "web-keys",
            "existing_secret_key": "dsn"}, "EXISTING_DB_PASSWORD": "?", "existingPasswords": ["?"]});
        assert_eq!(shown(given), expected);
    }

    #[test]
    fn a_variable_and_an_argument_are_named_by_what_stands_beside() {
        let given = json!({"env": [{"name": "DB_PASSWORD", "value": "x"}, {"name": "PORT", "value": 80}],
            "args": ["--token", "abc", "--port", "80"]});
        let expected = json!({"env": [{"name": "DB_PASSWORD", "value": "?"},
            {"name": "PORT", "value": 80}], "args": ["--token", "?", "--port", "80"]});
        assert_eq!(shown(given), expected);
    }

    #[test]
    fn a_file_among_the_values_loses_its_credentials_alone() {
        let file = shown(json!({"config": "host=db\npassword=hunter2hunter2\n"}));
        let file = file["config"].as_str().unwrap();
        assert!(file.starts_with("host=db\n") && !file.contains("hunter2"), "{file}");
    }

    #[test]
    fn secrets_are_found_again_where_templates_put_them() {
        let release = json!({"config": {"auth": {"password": "hunter2hunter2", "pin": 1}, "token": "password"},
            "chart": {"values": {"db": {"password": "hunter2hunter"}}}});
        let release: Release = serde_json::from_str(&release.to_string()).unwrap();
        let secrets = Secrets::of(&[&release]);
        let text = secrets.taken_from("the password is hunter2hunter2, not hunter2hunter.");
        assert_eq!(text.matches("<redacted len=14").count(), 1, "{text}");
        assert_eq!(text.matches("<redacted len=13").count(), 1, "{text}");
        assert!(text.starts_with("the password is "), "{text}");
        let mut value = json!({"data": {"url": ["db?p=hunter2hunter2&x"]}, "replicas": 2});
        secrets.take_from(&mut value);
        assert!(!value.to_string().contains("hunter2"), "{value}");
        assert!(!secrets.are_too_many());
    }

    #[test]
    fn secrets_that_are_not_looked_for_are_said() {
        let many: Vec<String> = (0..=MOST_SECRETS).map(|at| format!("hunter2-{at}")).collect();
        let huge = "a".repeat(5 << 20);
        for values in [json!({"passwords": many}), json!({"password": huge})] {
            let release = json!({"config": values}).to_string();
            let release: Release = serde_json::from_str(&release).unwrap();
            assert!(Secrets::of(&[&release]).are_too_many());
        }
    }
}
