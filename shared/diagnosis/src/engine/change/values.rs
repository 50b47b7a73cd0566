//! The value that a revision gave to a field of a container, in a few words that two revisions can be told apart by.

use evidence::fact::spec::{Container, EnvVar, Probe};
use evidence::fact::workload::Revision;
use std::collections::BTreeMap;

/// The value at `spec.template.spec.containers[NAME].FIELD`; none where the field is another, or the container is not
/// there.
pub(super) fn at(revision: &Revision, field: &str) -> Option<String> {
    let (_, rest) = field.split_once("ontainers[")?;
    let (container, name) = rest.split_once("].")?;
    let container = revision.template.containers.iter().find(|it| it.name == container)?;
    of_container(container, name)
}

fn of_container(container: &Container, name: &str) -> Option<String> {
    if let Some(rest) = name.strip_prefix("env[") {
        let (variable, _) = rest.split_once(']')?;
        return Some(variable_of(&container.env, variable));
    }
    let (first, rest) = name.split_once('.').unwrap_or((name, ""));
    let is_scheme = rest == "httpGet.scheme";
    match first {
        "image" => Some(container.image.clone()),
        "command" => Some(list(&container.command)),
        "args" => Some(list(&container.args)),
        "workingDir" if container.working_dir.is_empty() => Some("its image's".to_owned()),
        "workingDir" => Some(container.working_dir.clone()),
        "resources" => {
            let (which, resource) = rest.split_once('.')?;
            let map = if which == "limits" { &container.limits } else { &container.requests };
            Some(quantity(map, resource))
        }
        "livenessProbe" if is_scheme => Some(scheme(container.liveness.as_ref())),
        "readinessProbe" if is_scheme => Some(scheme(container.readiness.as_ref())),
        "startupProbe" if is_scheme => Some(scheme(container.startup.as_ref())),
        "livenessProbe" => Some(probe(container.liveness.as_ref())),
        "readinessProbe" => Some(probe(container.readiness.as_ref())),
        "startupProbe" => Some(probe(container.startup.as_ref())),
        "ports" => {
            Some(list(&container.ports.iter().map(|it| it.number.to_string()).collect::<Vec<_>>()))
        }
        "securityContext" => Some(list(&container.security)),
        _ => None,
    }
}

fn variable_of(variables: &[EnvVar], name: &str) -> String {
    // Where a name occurs twice, the last one counts.
    let Some(variable) = variables.iter().rev().find(|it| it.name == name) else {
        return "none".to_owned();
    };
    match (&variable.from, &variable.value) {
        (Some(from), _) if from.key.is_empty() => format!("{} {}", from.kind, from.name),
        (Some(from), _) => format!("key {} of {} {}", from.key, from.kind, from.name),
        (None, Some(value)) => value.clone(),
        (None, None) => "empty".to_owned(),
    }
}

fn quantity(map: &BTreeMap<String, String>, resource: &str) -> String {
    map.get(resource).cloned().unwrap_or_else(|| "none".to_owned())
}

fn list(words: &[String]) -> String {
    if words.is_empty() { "none".to_owned() } else { words.join(" ") }
}

/// `HTTP` or `HTTPS`, as the field has it.
fn scheme(probe: Option<&Probe>) -> String {
    probe.map_or_else(|| "none".to_owned(), |it| it.handler.to_ascii_uppercase())
}

fn probe(probe: Option<&Probe>) -> String {
    let Some(it) = probe else { return "none".to_owned() };
    let mut text = it.handler.clone();
    if !it.port.is_empty() {
        text.push_str(&format!(" :{}", it.port));
    }
    if !it.path.is_empty() {
        text.push_str(&format!(" {}", it.path));
    }
    let (delay, period, timeout, failures) = (it.delay, it.period, it.timeout, it.failures);
    format!("{text}, delay {delay}s, period {period}s, timeout {timeout}s, {failures} failures")
}

#[cfg(test)]
mod tests {
    use super::at;
    use evidence::fact::spec::{Container, EnvVar, ObjectRef, PodSpec};
    use evidence::fact::workload::Revision;

    fn revision() -> Revision {
        let from = ObjectRef {
            kind: "Secret".into(),
            name: "db".into(),
            key: "pw".into(),
            ..ObjectRef::default()
        };
        let variable = EnvVar { name: "PASSWORD".into(), value: None, from: Some(from) };
        let container =
            Container { name: "web".into(), env: vec![variable], ..Container::default() };
        let template = PodSpec { containers: vec![container], ..PodSpec::default() };
        Revision { template, ..Revision::default() }
    }

    #[test]
    fn names_where_a_variable_comes_from() {
        let field = "spec.template.spec.containers[web].env[PASSWORD].valueFrom";
        assert_eq!(at(&revision(), field).as_deref(), Some("key pw of Secret db"));
    }

    #[test]
    fn says_none_for_a_limit_that_is_not_set() {
        let field = "spec.template.spec.containers[web].resources.limits.memory";
        assert_eq!(at(&revision(), field).as_deref(), Some("none"));
    }

    #[test]
    fn knows_no_other_fields() {
        assert_eq!(at(&revision(), "spec.replicas"), None);
    }
}
