//! What a tool is asked about: a kind, a namespace and a name, checked before anything is sent.

use crate::survey::asked::no_namespace;
use crate::translate;
use clients::kubernetes::connection::Kubernetes as Client;
use clients::kubernetes::list::ListOptions;
use clients::kubernetes::reach::Reach;
use clients::kubernetes::reads::NAMESPACES;
use clients::kubernetes::resource::Resource;
use clients::kubernetes::words::Meaning;
use clients::kubernetes::{rbac, redact};
use evidence::entity::Entity;
use evidence::fact::Body;
use evidence::testimony::Source;
use mcp::arguments::label;
use mcp::failure::{Code, Failure};
use mcp::nearest::offer;
use serde_json::Value;

/// Names that are read to offer the nearest of them.
const MOST_NAMES: usize = 2_000;

/// One object, by what it is called.
#[derive(Clone, Debug)]
pub(crate) struct Address {
    /// Its kind.
    pub(crate) resource: Resource,
    /// Its namespace; empty for what has none.
    pub(crate) namespace: String,
    /// Its name.
    pub(crate) name: String,
}

/// An object that was read.
pub(crate) struct Found {
    /// The object, secrets and all.
    pub(crate) value: Value,
    /// What it says to a diagnosis.
    pub(crate) body: Body,
    /// The read.
    pub(crate) source: Source,
}

impl Address {
    /// Understands a kind in any spelling, and finds the namespace of what nobody said where it is.
    ///
    /// # Errors
    /// One line that names the argument, where one is wrong; not found, where no namespace has it.
    pub(crate) async fn read(
        client: &Client,
        kind: &str,
        name: &str,
        namespace: Option<&str>,
    ) -> Result<Self, Failure> {
        check_object("resource_name", name)?;
        if let Some(namespace) = namespace {
            check_namespace(namespace)?;
        }
        let resource = self::kind(client, "resource_type", kind).await?;
        let namespace = match namespace {
            _ if !resource.namespaced => String::new(),
            Some(namespace) => namespace.to_owned(),
            None => whereabouts(client, &resource, name).await?,
        };
        Ok(Address { resource, namespace, name: name.to_owned() })
    }

    /// The object in plain terms.
    pub(crate) fn entity(&self) -> Entity {
        Entity::new(&self.resource.kind, &self.namespace, &self.name)
    }

    /// The namespaces that an answer about it has looked at.
    pub(crate) fn namespaces(&self) -> Vec<String> {
        Some(self.namespace.clone()).filter(|it| !it.is_empty()).into_iter().collect()
    }

    /// Reads the object.
    ///
    /// # Errors
    /// Where it is not there, with the nearest names; where it may not be read, with the right that is missing.
    pub(crate) async fn get(&self, client: &Client) -> Result<Found, Failure> {
        let got = client.get::<Value>(&self.resource, self.reach(), &self.name).await;
        let got = match got.map_err(|refusal| Failure::from(&refusal)) {
            Ok(got) => got,
            Err(failure) if failure.code == Code::NotFound => {
                return Err(self.missing(client).await);
            }
            Err(failure) => return Err(with_right(failure, &self.resource)),
        };
        let api_version = self.resource.api_version();
        let body = translate::any(&api_version, &self.resource.kind, got.object.clone())
            .map_err(|error| unknown_form(&error))?;
        let source =
            Source { method: "GET".to_owned(), path: got.path, observed_at: got.observed_at };
        Ok(Found { value: got.object, body, source })
    }

    fn reach(&self) -> Reach<'_> {
        match self.namespace.as_str() {
            "" => Reach::Cluster,
            namespace => Reach::Namespace(namespace),
        }
    }

    /// Says that it is not there, and what may have been meant.
    pub(crate) async fn missing(&self, client: &Client) -> Failure {
        if let Some(failure) = missing_namespace(client, &self.namespace).await {
            return failure;
        }
        let names = names(client, &self.resource, self.reach()).await;
        Failure {
            code: Code::NotFound,
            message: format!("there is no {}", self.entity()),
            retryable: false,
            hint: offer(&self.name, names.iter().map(String::as_str)),
        }
    }
}

impl Found {
    /// The object without the secrets in it.
    pub(crate) fn redacted(mut self) -> Value {
        redact::in_process(&mut self.value);
        self.value
    }
}

/// The kind that a word means.
///
/// # Errors
/// One line, where the word is no kind's name, or names something that is never read.
pub(crate) async fn kind(client: &Client, argument: &str, word: &str) -> Result<Resource, Failure> {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.');
    if word.is_empty() || word.len() > 253 || !word.bytes().all(is_plain) {
        return Err(Failure::invalid(format!(
            "argument `{argument}` must be a kind of object, such as pod, deployments or applications.argoproj.io"
        )));
    }
    match client.resolve(word).await.map_err(|refusal| Failure::from(&refusal))? {
        Meaning::Kind(resource) => Ok(resource),
        Meaning::Unreadable(why) => Err(Failure {
            code: Code::Forbidden,
            message: format!("argument `{argument}`: {word} is refused: {why}"),
            retryable: false,
            hint: "describe the object that uses it: that shows names and keys, and no values"
                .to_owned(),
        }),
        Meaning::Unknown(near) => Err(Failure {
            code: Code::NotFound,
            hint: match near.as_slice() {
                [] => "k8s_get_resources(resource_type=crd) shows the custom kinds".to_owned(),
                near => format!("did you mean {}?", near.join(", ")),
            },
            ..Failure::invalid(format!("argument `{argument}`: the cluster serves no kind {word}"))
        }),
        Meaning::Unanswered { groups, near } => Err(unanswered(argument, word, &groups, &near)),
    }
}

/// Says that nobody knows whether there is such a kind, since these groups did not answer.
pub(crate) fn unanswered(
    argument: &str,
    word: &str,
    groups: &[String],
    near: &[String],
) -> Failure {
    let meant = match near {
        [] => String::new(),
        near => format!("did you mean {}? else ", near.join(", ")),
    };
    Failure {
        code: Code::Unreachable,
        message: format!(
            "argument `{argument}`: whether the cluster serves a kind {word} is not known: {} did not answer",
            groups.join(", ")
        ),
        retryable: true,
        hint: format!("{meant}k8s_get_resources(resource_type=apiservices) shows why"),
    }
}

/// Checks the name of a namespace: a DNS-1123 label.
pub(crate) fn check_namespace(name: &str) -> Result<(), Failure> {
    label("namespace", name)
}

/// Checks the name of an object. Not all are DNS names (`system:node`), but none leaves its segment of a path.
pub(crate) fn check_object(argument: &str, name: &str) -> Result<(), Failure> {
    let is_odd =
        |letter: char| letter.is_control() || letter.is_whitespace() || "/\\%".contains(letter);
    if (1..=253).contains(&name.len()) && !matches!(name, "." | "..") && !name.contains(is_odd) {
        return Ok(());
    }
    Err(Failure::invalid(format!(
        "argument `{argument}` must be an object's name: 1 to 253 characters without / % \\ and spaces"
    )))
}

/// The failure, with the right that is missing where that is it.
pub(crate) fn with_right(failure: Failure, resource: &Resource) -> Failure {
    match failure.code {
        Code::Forbidden => {
            Failure { hint: format!("allow it: {}", rbac::rule_for(resource)), ..failure }
        }
        _ => failure,
    }
}

/// Says that a namespace is not there; none where it is, or where nobody can tell.
pub(crate) async fn missing_namespace(client: &Client, namespace: &str) -> Option<Failure> {
    if namespace.is_empty() {
        return None;
    }
    let got = client.get::<Value>(&NAMESPACES, Reach::Cluster, namespace).await;
    let failure = got.map_err(|refusal| Failure::from(&refusal)).err()?;
    if failure.code != Code::NotFound {
        return None;
    }
    Some(no_namespace(namespace, &names(client, &NAMESPACES, Reach::Cluster).await))
}

/// The names there are, as far as they may be read.
async fn names(client: &Client, resource: &Resource, reach: Reach<'_>) -> Vec<String> {
    let options = ListOptions { at_most: MOST_NAMES, ..ListOptions::default() };
    let Ok(listed) = client.list_metadata(resource, reach, &options).await else {
        return Vec::new();
    };
    listed.items.into_iter().filter_map(|it| it.metadata.name).collect()
}

/// In which namespace an object is, where nobody said.
async fn whereabouts(client: &Client, resource: &Resource, name: &str) -> Result<String, Failure> {
    let options = ListOptions { fields: format!("metadata.name={name}"), ..ListOptions::default() };
    let listed = client.list_metadata(resource, Reach::Cluster, &options).await;
    let listed = match listed.map_err(|refusal| Failure::from(&refusal)) {
        Ok(listed) => listed,
        // Who may not look everywhere is at home in one namespace.
        Err(failure) if failure.code == Code::Forbidden => {
            return Ok(client.cluster().namespace.clone());
        }
        Err(failure) => return Err(failure),
    };
    let found = listed.items.into_iter().filter_map(|it| it.metadata.namespace);
    let found: Vec<String> = found.collect();
    match found.as_slice() {
        [only] => Ok(only.clone()),
        [] => {
            let names = names(client, resource, Reach::Cluster).await;
            Err(Failure {
                code: Code::NotFound,
                message: format!("there is no {} {name} in any namespace", resource.kind),
                retryable: false,
                hint: offer(name, names.iter().map(String::as_str)),
            })
        }
        several => Err(Failure::invalid(format!(
            "argument `namespace` must say which {} {name}: there is one in {}",
            resource.kind,
            several.join(", ")
        ))),
    }
}

/// An object that is not in the form of its kind.
pub(crate) fn unknown_form(error: &serde_json::Error) -> Failure {
    Failure {
        code: Code::UpstreamError,
        message: format!("the API server answered in a form that we do not know: {error}"),
        retryable: false,
        hint: String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_could_leave_their_segment_are_refused() {
        for name in ["", ".", "..", "a/b", "../../x", "a%2fb", "a\u{0}", "a b", &"a".repeat(254)] {
            let refused = check_object("resource_name", name).unwrap_err();
            assert!(refused.message.contains("`resource_name`"), "{name:?}");
        }
        assert!(check_object("resource_name", "system:node").is_ok());
    }
}
