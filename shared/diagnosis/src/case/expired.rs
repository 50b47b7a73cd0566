//! Secrets whose value has expired where a workload shows it.

use super::complaints::Complaint;
use super::containers::Running;
use super::words::limits::token_expired_at;
use super::words::said::Said;
use evidence::entity::Entity;
use std::collections::BTreeSet;

/// A call to an API outside that a running client makes in vain with its own token: the API, and the Secret that the token
/// is from. Where no one Secret holds it, it may be a user's that the client passes on.
pub fn own_token<'a>(complaint: &Complaint<'a>) -> Option<(&'a str, Entity)> {
    let Said::Unauthenticated { .. } = complaint.said else { return None };
    let host = token_expired_at(&complaint.line.text)?;
    Some((host, secret_of(&complaint.container, is_token)?))
}

/// Whether a variable or the key behind it is for a token, by their names in small letters.
pub fn is_token(variable: &str, key: &str) -> bool {
    variable.contains("token") || key.contains("token")
}

/// The one Secret of which the container has such a variable, by the variable's name and the key's.
pub fn secret_of(container: &Running<'_>, such: impl Fn(&str, &str) -> bool) -> Option<Entity> {
    let named = container.spec.env.iter().filter_map(|it| {
        let from = it.from.as_ref().filter(|it| it.kind == "Secret")?;
        let (variable, key) = (it.name.to_ascii_lowercase(), from.key.to_ascii_lowercase());
        such(&variable, &key).then_some(from.name.as_str())
    });
    let secrets: BTreeSet<&str> = named.collect();
    let mut secrets = secrets.into_iter();
    let first = secrets.next()?;
    let namespace = &container.pod.it.meta.namespace;
    secrets.next().is_none().then(|| Entity::new("Secret", namespace, first))
}
