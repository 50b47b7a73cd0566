//! Security contexts as short `key=value` words; what is not set is not said.

use k8s_openapi::api::core::v1 as api;

/// A pod's security context, and the parts of its spec that belong with it.
pub fn of_pod(
    from: Option<api::PodSecurityContext>,
    host_pid: Option<bool>,
    host_ipc: Option<bool>,
) -> Vec<String> {
    let from = from.unwrap_or_default();
    let mut words = Vec::new();
    say(&mut words, "fsGroup", from.fs_group);
    say(&mut words, "hostIPC", host_ipc.filter(|host| *host));
    say(&mut words, "hostPID", host_pid.filter(|host| *host));
    say(&mut words, "runAsGroup", from.run_as_group);
    say(&mut words, "runAsNonRoot", from.run_as_non_root);
    say(&mut words, "runAsUser", from.run_as_user);
    say(&mut words, "seccompProfile", from.seccomp_profile.map(|it| it.type_));
    for sysctl in from.sysctls.unwrap_or_default() {
        words.push(format!("sysctl.{}={}", sysctl.name, sysctl.value));
    }
    words
}

/// A container's security context.
pub fn of_container(from: Option<api::SecurityContext>) -> Vec<String> {
    let from = from.unwrap_or_default();
    let capabilities = from.capabilities.unwrap_or_default();
    let mut words = Vec::new();
    say(&mut words, "allowPrivilegeEscalation", from.allow_privilege_escalation);
    say(&mut words, "capabilities.add", capabilities.add.map(|it| it.join(",")));
    say(&mut words, "capabilities.drop", capabilities.drop.map(|it| it.join(",")));
    say(&mut words, "privileged", from.privileged);
    say(&mut words, "procMount", from.proc_mount);
    say(&mut words, "readOnlyRootFilesystem", from.read_only_root_filesystem);
    say(&mut words, "runAsGroup", from.run_as_group);
    say(&mut words, "runAsNonRoot", from.run_as_non_root);
    say(&mut words, "runAsUser", from.run_as_user);
    say(&mut words, "seccompProfile", from.seccomp_profile.map(|it| it.type_));
    words
}

fn say(words: &mut Vec<String>, key: &str, value: Option<impl std::fmt::Display>) {
    if let Some(value) = value {
        words.push(format!("{key}={value}"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_container_says_what_is_set() {
        let from = json!({"runAsNonRoot": true, "runAsUser": 0, "privileged": false,
            "capabilities": {"drop": ["ALL"], "add": ["NET_ADMIN", "SYS_TIME"]}});
        let words = of_container(serde_json::from_value(from).unwrap());
        assert_eq!(
            words,
            [
                "capabilities.add=NET_ADMIN,SYS_TIME",
                "capabilities.drop=ALL",
                "privileged=false",
                "runAsNonRoot=true",
                "runAsUser=0"
            ]
        );
    }

    #[test]
    fn a_pod_that_shares_the_hosts_processes_says_so() {
        assert_eq!(of_pod(None, Some(true), Some(false)), ["hostPID=true"]);
    }
}
