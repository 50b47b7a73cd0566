//! What a workload's containers may use, as its template says.

use super::Case;
use super::containers::pod_spec_path;
use super::hurting::Hurt;
use evidence::entity::Entity;
use evidence::fact::metric::Signal;

impl Case {
    /// The limit of a container of an object; none where it has none or was not seen.
    pub fn limit_of(&self, root: &Entity, container: &str, resource: &str) -> Option<String> {
        let workload = self.workload(root).seen();
        let templates = workload.map(|it| &it.it.template).into_iter();
        let pods = self.pods_of(root).map(|pod| &pod.it.spec);
        let mut containers = templates.chain(pods).flat_map(|it| &it.containers);
        let container = containers.find(|it| it.name == container)?;
        container.limits.get(resource).cloned()
    }
}

/// The path of a limit of a container in the object to change.
pub fn limit_path(root: &Entity, container: &str, resource: &str) -> String {
    format!("{}.containers[{container}].resources.limits.{resource}", pod_spec_path(&root.kind))
}

impl Hurt<'_> {
    /// What it does wrong, after its name: `answers slowly`.
    pub fn does(&self) -> &'static str {
        match self.told.measure.signal {
            Signal::LatencyP99 => "answers slowly",
            Signal::ErrorRatio => "answers with errors",
            Signal::ProbeSuccess => "does not answer",
            Signal::QueueLag => "falls behind",
            _ => "does badly",
        }
    }
}
