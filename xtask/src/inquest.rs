//! The program `inquest` of this checkout: built, and run as a user runs it.

use crate::cluster::Cluster;
use crate::{program, settings};
use anyhow::{Context, Result, bail};
use std::path::{Path, PathBuf};
use std::process::Command;

/// The name under which inquest reads a cluster in tests and recordings.
pub const READER: &str = "inquest-reader";

/// The program `inquest`.
#[derive(Clone, Debug)]
pub struct Inquest {
    /// Where it is.
    pub path: PathBuf,
}

impl Inquest {
    /// Builds it with the profile that this program was built with.
    pub fn build() -> Result<Inquest> {
        let mut command = Command::new(settings::cargo());
        command.current_dir(settings::repository());
        program::run(command.args(["build", "--quiet", "--package", "inquest"]))?;
        Inquest::beside_us()
    }

    /// The one that stands in the same target folder as this program.
    pub fn beside_us() -> Result<Inquest> {
        let us = std::env::current_exe()?;
        // A test stands one folder deeper than a program.
        let folders = us.ancestors().skip(1).take(2);
        let mut candidates = folders.map(|folder| folder.join("inquest"));
        let found = candidates.find(|path| path.is_file());
        let path = found.context("inquest is not built; run `cargo build -p inquest`")?;
        Ok(Inquest { path })
    }

    /// The one that an image carries, in the same target folder.
    pub fn in_image() -> Result<Inquest> {
        let us = std::env::current_exe()?;
        let target = us.ancestors().nth(2).context("this program stands in no target folder")?;
        Ok(Inquest { path: target.join("image/inquest") })
    }

    /// A command line of it, without any settings of the caller's.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(&self.path);
        for (name, _) in std::env::vars_os() {
            let is_ours = name.to_string_lossy().starts_with("INQUEST_");
            if is_ours || name == "KUBECONFIG" {
                command.env_remove(name);
            }
        }
        command.args(arguments);
        command
    }

    /// A user of a cluster with the rights that `inquest rbac` asks for, but for the `denied` resources, and no others; its
    /// kubeconfig.
    pub fn reader(&self, cluster: &Cluster, denied: &[String]) -> Result<PathBuf> {
        self.identity(cluster, "k8s", READER, denied)
    }

    /// The same for any server, under a name of its own.
    pub fn identity(
        &self,
        cluster: &Cluster,
        server: &str,
        name: &str,
        denied: &[String],
    ) -> Result<PathBuf> {
        let role = program::output(&mut self.command(&["rbac", server]))?;
        let role = without(&role, denied);
        let mut apply = cluster.kubectl_command();
        apply.args(["apply", "--server-side", "-o", "name", "-f", "-"]);
        let applied = program::output_of_input(&mut apply, &role)?;
        let prefix = "clusterrole.rbac.authorization.k8s.io/";
        let Some(role) = applied.lines().find_map(|line| line.strip_prefix(prefix)) else {
            bail!("`inquest rbac {server}` printed no ClusterRole: {applied}");
        };
        let (role, user) = (format!("--clusterrole={role}"), format!("--user={name}"));
        cluster.kubectl(&["create", "clusterrolebinding", name, &role, &user])?;
        cluster.user(name, None)
    }

    /// Records all there is in a namespace, or in the whole cluster, into a folder.
    pub fn capture(&self, kubeconfig: &Path, namespace: Option<&str>, to: &Path) -> Result<()> {
        let mut command = self.command(&["capture", "--all", "--since", "1h"]);
        command.env("KUBECONFIG", kubeconfig).arg("--output").arg(to);
        if let Some(namespace) = namespace {
            command.args(["--namespace", namespace]);
        }
        program::output(&mut command)?;
        Ok(())
    }
}

/// The role with the custom kinds that it proposes, and without these resources: a name that nothing bears stands in their
/// place, as a rule must name something.
fn without(role: &str, denied: &[String]) -> String {
    let mut lines = Vec::new();
    for line in role.lines() {
        let proposed = ["# - apiGroups", "#   resources", "#   verbs"];
        let is_proposed = proposed.iter().any(|it| line.starts_with(it));
        let line = line.strip_prefix("# ").filter(|_| is_proposed).unwrap_or(line);
        let resource = line.strip_prefix("  - ").and_then(|it| it.split_whitespace().next());
        match resource.filter(|it| denied.iter().any(|denied| denied == it)) {
            Some(resource) => lines.push(format!("  - denied-{}", resource.replace('/', "-"))),
            None => lines.push(line.to_owned()),
        }
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::without;

    #[test]
    fn a_denied_resource_is_named_no_more() {
        let role = "  resources:\n  - pods # what runs\n  - events # what was said\n  verbs: [get]";
        let expected = "  resources:\n  - pods # what runs\n  - denied-events\n  verbs: [get]";
        assert_eq!(without(role, &["events".to_owned()]), expected);
    }
}
