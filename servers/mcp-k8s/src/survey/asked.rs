//! What a survey is asked: arguments checked at the door, and the object in the middle found.

use crate::address::unanswered;
use clients::kubernetes::connection::Kubernetes as Client;
use clients::kubernetes::resource::Resource;
use clients::kubernetes::words::Meaning;
use evidence::entity::Entity;
use evidence::fact::Body;
use mcp::arguments::label;
use mcp::failure::{Code, Failure};
use mcp::nearest::offer;

/// Namespaces in one survey; more are a question about the cluster.
const MOST_NAMESPACES: usize = 10;

/// Characters of a DNS name.
const LONGEST_NAME: usize = 253;

/// The object that a survey centres on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Centre {
    /// Its kind.
    pub(crate) resource: Resource,
    /// Its name.
    pub(crate) name: String,
}

impl Centre {
    /// Understands `deployment/web`, `po/web-0`, `Service/web`.
    ///
    /// # Errors
    /// One line that names the argument, where it is written otherwise or the kind does not exist.
    pub(crate) async fn read(client: &Client, workload: &str) -> Result<Self, Failure> {
        let Some((kind, name)) = workload.split_once('/') else {
            return Err(Failure::invalid(
                "argument `workload` must be KIND/NAME, such as deployment/web",
            ));
        };
        check_name("workload", name)?;
        match client.resolve(kind).await.map_err(|refusal| Failure::from(&refusal))? {
            Meaning::Kind(resource) if resource.namespaced => {
                Ok(Centre { resource, name: name.to_owned() })
            }
            Meaning::Kind(resource) => Err(Failure::invalid(format!(
                "argument `workload` must name an object of a namespace; a {} has none",
                resource.kind
            ))),
            Meaning::Unreadable(why) => {
                Err(Failure::invalid(format!("argument `workload`: {why}")))
            }
            Meaning::Unknown(near) => Err(Failure::invalid(format!(
                "argument `workload`: there is no kind {kind}; {}",
                offer(kind, near.iter().map(String::as_str))
            ))),
            Meaning::Unanswered { groups, near } => {
                Err(unanswered("workload", kind, &groups, &near))
            }
        }
    }

    /// The object, in a namespace.
    pub(crate) fn entity(&self, namespace: &str) -> Entity {
        Entity::new(&self.resource.kind, namespace, &self.name)
    }

    /// Says that it is not there, and what may have been meant among what is.
    pub(crate) fn missing<'a>(
        &self,
        namespace: &str,
        facts: impl Iterator<Item = &'a Body>,
    ) -> Failure {
        let names: Vec<String> = facts
            .map(Body::entity)
            .filter(|it| it.kind == self.resource.kind && it.namespace == namespace)
            .map(|it| it.name)
            .collect();
        Failure {
            code: Code::NotFound,
            message: format!("there is no {}", self.entity(namespace)),
            retryable: false,
            hint: offer(&self.name, names.iter().map(String::as_str)),
        }
    }
}

/// Checks the namespaces asked about.
///
/// # Errors
/// One line that names the argument and what it may hold.
pub(crate) fn namespaces(given: Option<Vec<String>>) -> Result<Vec<String>, Failure> {
    let mut namespaces = given.unwrap_or_default();
    namespaces.sort();
    namespaces.dedup();
    if namespaces.len() > MOST_NAMESPACES {
        return Err(Failure::invalid(format!(
            "argument `namespaces` may hold {MOST_NAMESPACES} names at most; leave it out for the whole cluster"
        )));
    }
    for namespace in &namespaces {
        label("namespaces", namespace)?;
    }
    Ok(namespaces)
}

/// What Kubernetes calls a DNS name, and nothing that could leave its segment of a path.
fn check_name(argument: &str, name: &str) -> Result<(), Failure> {
    let is_plain = |byte: u8| {
        byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'-' | b'.')
    };
    let is_edge = |byte: Option<u8>| byte.is_some_and(|it| it.is_ascii_alphanumeric());
    let edges = is_edge(name.bytes().next()) && is_edge(name.bytes().last());
    if edges && name.len() <= LONGEST_NAME && name.bytes().all(is_plain) {
        return Ok(());
    }
    Err(Failure::invalid(format!(
        "argument `{argument}` must hold names of lower-case letters, digits, - and ., {LONGEST_NAME} characters at most"
    )))
}

/// Says that a namespace is not there, and what may have been meant.
pub(crate) fn no_namespace(namespace: &str, names: &[String]) -> Failure {
    Failure {
        code: Code::NotFound,
        message: format!("there is no namespace {namespace}"),
        retryable: false,
        hint: offer(namespace, names.iter().map(String::as_str)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_could_leave_their_segment_are_refused() {
        for name in ["../../x", "", "a/b", "a.b", "A", "a\u{0}b", "-a", ".", &"a".repeat(64)] {
            let refused = namespaces(Some(vec![name.to_owned()])).unwrap_err();
            assert_eq!(refused.code, Code::InvalidArgument, "{name:?}");
            assert!(refused.message.contains("`namespaces`"));
        }
    }

    #[test]
    fn the_same_namespace_is_read_once() {
        let given = Some(vec!["shop".to_owned(), "blog".to_owned(), "shop".to_owned()]);
        assert_eq!(namespaces(given).unwrap(), ["blog", "shop"]);
    }

    #[test]
    fn too_many_namespaces_are_refused() {
        let given = (0..20).map(|number| format!("team-{number}")).collect();
        assert!(namespaces(Some(given)).is_err());
    }
}
