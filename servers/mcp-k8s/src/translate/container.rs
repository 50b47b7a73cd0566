//! A container as a spec describes it: image, resources, probes, environment and mounts.

use super::meta::{as_written, count, port, quantities, shortened};
use super::security;
use clients::kubernetes::redact;
use evidence::fact::spec::{Container, EnvVar, Mount, ObjectRef, Port, Probe};
use k8s_openapi::api::core::v1 as api;

/// Containers in the order in which a kubelet starts them: init containers first.
pub fn containers(init: Option<Vec<api::Container>>, main: Vec<api::Container>) -> Vec<Container> {
    let init = init.unwrap_or_default().into_iter().map(|it| container(it, true));
    init.chain(main.into_iter().map(|it| container(it, false))).collect()
}

fn container(from: api::Container, init: bool) -> Container {
    let resources = from.resources.unwrap_or_default();
    let from_objects = from.env_from.unwrap_or_default().into_iter();
    Container {
        name: from.name,
        image: from.image.unwrap_or_default(),
        pull_policy: from.image_pull_policy.unwrap_or_default(),
        init,
        sidecar: init && from.restart_policy.as_deref() == Some("Always"),
        command: words(from.command),
        args: words(from.args),
        working_dir: shortened(from.working_dir.unwrap_or_default()),
        ports: from.ports.unwrap_or_default().into_iter().map(declared_port).collect(),
        requests: quantities(resources.requests),
        limits: quantities(resources.limits),
        liveness: from.liveness_probe.map(probe),
        readiness: from.readiness_probe.map(probe),
        startup: from.startup_probe.map(probe),
        env: from.env.unwrap_or_default().into_iter().map(variable).collect(),
        env_from: from_objects.filter_map(whole_object).collect(),
        mounts: from.volume_mounts.unwrap_or_default().into_iter().map(mount).collect(),
        security: security::of_container(from.security_context),
    }
}

fn words(from: Option<Vec<String>>) -> Vec<String> {
    from.unwrap_or_default().into_iter().map(shortened).collect()
}

fn declared_port(from: api::ContainerPort) -> Port {
    Port {
        name: from.name.unwrap_or_default(),
        number: port(from.container_port),
        protocol: super::meta::unless("TCP", from.protocol),
        host: from.host_port.filter(|number| *number != 0).map(port),
    }
}

/// What a probe leaves out has the API server's own defaults, so that an object written by hand reads the same.
fn probe(from: api::Probe) -> Probe {
    let mut probe = Probe {
        delay: count(from.initial_delay_seconds),
        period: count(from.period_seconds.or(Some(10))),
        timeout: count(from.timeout_seconds.or(Some(1))),
        failures: count(from.failure_threshold.or(Some(3))),
        ..Probe::default()
    };
    if let Some(http) = from.http_get {
        probe.handler = http.scheme.unwrap_or_else(|| "HTTP".to_owned()).to_lowercase();
        probe.port = as_written(Some(http.port));
        probe.path = http.path.unwrap_or_default();
    } else if let Some(tcp) = from.tcp_socket {
        probe.handler = "tcp".to_owned();
        probe.port = as_written(Some(tcp.port));
    } else if let Some(grpc) = from.grpc {
        probe.handler = "grpc".to_owned();
        probe.port = grpc.port.to_string();
        probe.path = grpc.service.unwrap_or_default();
    } else if let Some(exec) = from.exec {
        probe.handler = "exec".to_owned();
        probe.path = shortened(exec.command.unwrap_or_default().join(" "));
    }
    probe
}

fn variable(from: api::EnvVar) -> EnvVar {
    let value = from.value.map(|value| redact::variable(&from.name, &value).into_owned());
    EnvVar {
        name: from.name,
        value: value.map(shortened),
        from: from.value_from.and_then(variable_source),
    }
}

fn variable_source(from: api::EnvVarSource) -> Option<ObjectRef> {
    if let Some(key) = from.config_map_key_ref {
        return Some(object("ConfigMap", key.name, key.key, key.optional));
    }
    if let Some(key) = from.secret_key_ref {
        return Some(object("Secret", key.name, key.key, key.optional));
    }
    if let Some(field) = from.field_ref {
        return Some(object("field", field.field_path, String::new(), None));
    }
    from.resource_field_ref.map(|it| object("resourceField", it.resource, String::new(), None))
}

fn whole_object(from: api::EnvFromSource) -> Option<ObjectRef> {
    if let Some(map) = from.config_map_ref {
        return Some(object("ConfigMap", map.name, String::new(), map.optional));
    }
    from.secret_ref.map(|secret| object("Secret", secret.name, String::new(), secret.optional))
}

/// A reference to one object and a key of it.
pub fn object(kind: &str, name: String, key: String, optional: Option<bool>) -> ObjectRef {
    ObjectRef { kind: kind.to_owned(), name, key, optional: optional.unwrap_or(false) }
}

fn mount(from: api::VolumeMount) -> Mount {
    Mount {
        volume: from.name,
        path: from.mount_path,
        sub_path: from.sub_path.or(from.sub_path_expr).unwrap_or_default(),
        read_only: from.read_only.unwrap_or(false),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn read(value: serde_json::Value) -> Container {
        container(serde_json::from_value(value).unwrap(), false)
    }

    #[test]
    fn init_containers_come_first_and_sidecars_are_told_apart() {
        let init = json!([{"name": "migrate"}, {"name": "mesh", "restartPolicy": "Always"}]);
        let main = json!([{"name": "web"}]);
        let all = containers(
            serde_json::from_value(init).unwrap(),
            serde_json::from_value(main).unwrap(),
        );
        let said: Vec<(&str, bool, bool)> =
            all.iter().map(|it| (it.name.as_str(), it.init, it.sidecar)).collect();
        assert_eq!(said, [("migrate", true, false), ("mesh", true, true), ("web", false, false)]);
    }

    #[test]
    fn quantities_are_as_written() {
        let container = read(json!({"name": "web", "resources": {
            "requests": {"cpu": "0.5"}, "limits": {"memory": "64Mi"}}}));
        assert_eq!(container.requests["cpu"], "0.5");
        assert_eq!(container.limits["memory"], "64Mi");
    }

    #[test]
    fn each_kind_of_probe_is_told_apart() {
        let container = read(json!({"name": "web",
            "livenessProbe": {"httpGet": {"path": "/live", "port": "http", "scheme": "HTTPS"}, "timeoutSeconds": 7},
            "readinessProbe": {"tcpSocket": {"port": 8080}, "initialDelaySeconds": 5},
            "startupProbe": {"exec": {"command": ["cat", "/ready"]}, "failureThreshold": 30}}));
        let liveness = container.liveness.unwrap();
        assert_eq!(
            (liveness.handler.as_str(), liveness.port.as_str(), liveness.path.as_str()),
            ("https", "http", "/live")
        );
        assert_eq!((liveness.period, liveness.timeout, liveness.failures), (10, 7, 3));
        assert_eq!(container.readiness.unwrap().handler, "tcp");
        assert_eq!(container.startup.unwrap().path, "cat /ready");
    }

    #[test]
    fn a_secret_looking_value_is_redacted_and_a_reference_is_not() {
        let container = read(json!({"name": "web", "env": [
            {"name": "DB_PASSWORD", "value": "hunter2hunter2"},
            {"name": "LOG_LEVEL", "value": "debug"},
            {"name": "API_TOKEN", "valueFrom": {"secretKeyRef": {"name": "api", "key": "token", "optional": true}}},
            {"name": "NODE", "valueFrom": {"fieldRef": {"fieldPath": "spec.nodeName"}}}],
            "envFrom": [{"configMapRef": {"name": "settings"}}]}));
        let password = container.env[0].value.clone().unwrap();
        assert!(!password.contains("hunter2"), "{password}");
        assert!(password.starts_with("<redacted"), "{password}");
        assert_eq!(container.env[1].value.as_deref(), Some("debug"));
        let token = container.env[2].from.clone().unwrap();
        assert_eq!(token, object("Secret", "api".into(), "token".into(), Some(true)));
        assert_eq!(container.env[3].from.clone().unwrap().name, "spec.nodeName");
        assert_eq!(container.env_from[0].name, "settings");
    }
}
