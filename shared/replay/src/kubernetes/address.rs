//! The path of a request, taken apart.

use std::borrow::Cow;

/// What a path is about.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Address {
    /// `/version`, `/readyz`, ...
    Root(String),
    /// `/api` and `/apis`.
    Groups { core: bool },
    /// `/apis/GROUP`.
    Group(String),
    /// `/api/v1` and `/apis/GROUP/VERSION`.
    Resources { group: String, version: String },
    /// Anything below.
    Resource(Target),
}

/// A collection, an object or a part of one.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Target {
    pub(crate) group: String,
    pub(crate) version: String,
    pub(crate) plural: String,
    /// Empty where the path names none.
    pub(crate) namespace: String,
    /// Empty for a collection.
    pub(crate) name: String,
    /// Empty for the object itself.
    pub(crate) part: String,
}

/// Takes a path apart; `None` for what no API server has.
pub(crate) fn parse(path: &str) -> Option<Address> {
    let segments: Vec<String> =
        path.trim_matches('/').split('/').map(decode).collect::<Option<_>>()?;
    let segments: Vec<&str> = segments.iter().map(String::as_str).collect();
    let (group, rest) = match segments.as_slice() {
        ["api"] => return Some(Address::Groups { core: true }),
        ["apis"] => return Some(Address::Groups { core: false }),
        ["apis", group] => return Some(Address::Group((*group).to_owned())),
        ["api", rest @ ..] => ("", rest),
        ["apis", group, rest @ ..] => (*group, rest),
        [root, ..] => return Some(Address::Root((*root).to_owned())),
        [] => return None,
    };
    let (version, rest) = rest.split_first()?;
    if rest.is_empty() {
        return Some(Address::Resources {
            group: group.to_owned(),
            version: (*version).to_owned(),
        });
    }
    let (namespace, rest) = match rest {
        // A namespace's own parts, not resources within it.
        ["namespaces", _, "status" | "finalize"] => ("", rest),
        ["namespaces", namespace, plural, rest @ ..] => {
            let target = target(group, version, namespace, plural, rest)?;
            return Some(Address::Resource(target));
        }
        _ => ("", rest),
    };
    let (plural, rest) = rest.split_first()?;
    Some(Address::Resource(target(group, version, namespace, plural, rest)?))
}

fn target(
    group: &str,
    version: &str,
    namespace: &str,
    plural: &str,
    rest: &[&str],
) -> Option<Target> {
    let (name, part) = match rest {
        [] => ("", ""),
        [name] => (*name, ""),
        [name, part] => (*name, *part),
        _ => return None,
    };
    let [group, version, namespace, plural, name, part] =
        [group, version, namespace, plural, name, part].map(str::to_owned);
    Some(Target { group, version, plural, namespace, name, part })
}

/// Undoes the percent encoding of one segment; `None` where that leaves no text.
fn decode(segment: &str) -> Option<String> {
    if !segment.contains('%') {
        return Some(segment.to_owned());
    }
    let plus_kept = segment.replace('+', "%2B");
    let (decoded, _) = url::form_urlencoded::parse(plus_kept.as_bytes()).next()?;
    // A segment with `=` or `&` in it is no name.
    (!segment.contains(['=', '&'])).then(|| Cow::into_owned(decoded))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target_of(path: &str) -> Target {
        match parse(path) {
            Some(Address::Resource(target)) => target,
            other => panic!("{path}: {other:?}"),
        }
    }

    #[test]
    fn a_path_names_group_version_namespace_resource_name_and_part() {
        let target = target_of("/apis/apps/v1/namespaces/shop/deployments/web");
        assert_eq!((target.group.as_str(), target.version.as_str()), ("apps", "v1"));
        assert_eq!((target.namespace.as_str(), target.name.as_str()), ("shop", "web"));
        assert_eq!(target_of("/api/v1/namespaces/shop/pods/web/log").part, "log");
    }

    #[test]
    fn a_namespace_is_an_object_and_not_a_place_without_a_resource() {
        let target = target_of("/api/v1/namespaces/shop");
        assert_eq!((target.plural.as_str(), target.name.as_str()), ("namespaces", "shop"));
        assert_eq!(target_of("/api/v1/namespaces/shop/status").part, "status");
        assert_eq!(target_of("/api/v1/namespaces/shop/pods").namespace, "shop");
    }
}
