//! Who makes and attaches the volumes of a CSI driver, and who waits for that in vain.

use super::Case;
use super::containers::Running;
use super::kept_off::KeptOff;
use super::sandboxes::is_before_its_containers;
use crate::finding::Cite;
use crate::seen::Seen;
use evidence::entity::Entity;
use evidence::fact::spec::Container;
use evidence::fact::workload::Workload;
use evidence::question::Question;
use jiff::SignedDuration;

/// A provisioner that runs says within seconds that it has begun.
const PATIENCE: SignedDuration = SignedDuration::from_mins(5);

/// What the containers beside a driver do, by the names of their images: one of them that fails keeps the others from nothing.
const SIDECARS: [&str; 6] =
    ["attacher", "provisioner", "resizer", "snapshotter", "snapshot-controller", "liveness-probe"];

/// Something that a CSI driver's controller was asked for, and that did not come.
#[derive(Clone, Debug)]
pub struct Unserved<'a> {
    /// The claim that is not bound, or the object whose pod waits for the volume.
    pub who: Entity,
    /// The driver's name, as in `csi.driver` or a class's `provisioner`.
    pub driver: &'a str,
    /// What its part is called: `attacher`, `provisioner`.
    pub part: &'static str,
    /// Where that was seen.
    pub cite: Cite,
}

impl Case {
    /// Everything that a driver's controller was asked for in vain and without an answer. The words are those of
    /// `waitForVolumeAttachmentWithTimeout` in Kubernetes' `pkg/volume/csi/csi_attacher.go`, and of its volume controller.
    pub fn unserved_storage(&self) -> Vec<Unserved<'_>> {
        let mut unserved = Vec::new();
        for pod in self.pods().filter(|pod| is_before_its_containers(pod)) {
            let name = pod.meta.entity("Pod");
            let said = self.events_of(&name, &["FailedAttachVolume"]).max_by_key(|it| it.last);
            let Some(said) = said else { continue };
            let after = said.it.message.split_once("waiting for external-attacher of ");
            let driver = after.and_then(|(_, it)| Some(it.split_once(" CSI driver to attach")?.0));
            let Some(driver) = driver.filter(|it| is_name(it)) else { continue };
            let says = format!("{name}: FailedAttachVolume, {} times", said.count.max(1));
            let cite = Cite::quoting(said.exhibit, says, &said.message);
            let who = self.root_of(&pod.meta, "Pod");
            unserved.push(Unserved { who, driver, part: "attacher", cite });
        }
        for claim in self.claims().filter(|it| it.phase == "Pending") {
            let name = claim.meta.entity("PersistentVolumeClaim");
            let asked = self.events_of(&name, &["ExternalProvisioning"]).max_by_key(|it| it.last);
            let Some(asked) = asked else { continue };
            let mut begun = self.events_of(&name, &["Provisioning", "ProvisioningFailed"]);
            let class = claim.it.class.as_deref().filter(|it| !it.is_empty());
            let class = class.and_then(|it| self.storage_class(it).seen());
            let Some(class) = class.filter(|_| begun.next().is_none()) else { continue };
            let waited = asked.first.or(claim.meta.created);
            if waited.is_none_or(|it| self.as_of.duration_since(it) < PATIENCE) {
                continue;
            }
            let says = format!("{name}: ExternalProvisioning, {} times", asked.count.max(1));
            let cite = Cite::quoting(asked.exhibit, says, &asked.message);
            let driver = class.it.provisioner.as_str();
            unserved.push(Unserved { who: name, driver, part: "provisioner", cite });
        }
        unserved
    }

    /// The workload with a driver's part: the one that names the driver; where none does, the only one of its kind, if it
    /// serves all classes.
    pub fn storage_part(&self, driver: &str, part: &str) -> Option<Seen<'_, Workload>> {
        let all: Vec<Seen<'_, Workload>> = self
            .workloads()
            .filter(|it| it.kind != "DaemonSet")
            .filter(|it| it.template.containers.iter().any(|it| is_part(it, part)))
            .collect();
        let naming: Vec<&Seen<'_, Workload>> =
            all.iter().filter(|it| self.names_driver(it, driver)).collect();
        let mut classes = self.storage_classes();
        match (naming.as_slice(), all.as_slice()) {
            ([one], _) => Some(**one),
            ([], [only]) => {
                let own = |it: &str| it == driver || it == "kubernetes.io/no-provisioner";
                classes.all(|it| own(&it.it.provisioner)).then_some(*only)
            }
            _ => None,
        }
    }

    /// The DaemonSet that registers a driver with the kubelets, where its own template keeps it from every node: the one that
    /// names the driver; where none does, the only one of its kind, if all classes that make volumes are the driver's.
    pub fn node_plugin_kept_off(&self, driver: &str) -> Option<(Seen<'_, Workload>, KeptOff)> {
        let mut daemons = self.workloads().filter(|it| it.kind == "DaemonSet");
        let all_known = self.looked("DaemonSet", "") && self.looked("Node", "");
        if !all_known || daemons.any(|it| it.template.containers.is_empty()) {
            return None; // Another one may bring it.
        }
        let registers = |it: &Seen<'_, Workload>| {
            it.template.containers.iter().any(|it| is_part(it, "node-driver-registrar"))
        };
        let all: Vec<Seen<'_, Workload>> =
            self.workloads().filter(|it| it.kind == "DaemonSet" && registers(it)).collect();
        let naming: Vec<&Seen<'_, Workload>> =
            all.iter().filter(|it| self.names_driver(it, driver)).collect();
        let mut makes = self.storage_classes().map(|it| it.it.provisioner.as_str());
        let daemon = match (naming.as_slice(), all.as_slice()) {
            ([one], _) => **one,
            ([], [only]) if self.looked("StorageClass", "") => {
                let made = makes.any(|it| it == driver);
                let others = ["kubernetes.io/no-provisioner", driver];
                let own =
                    self.storage_classes().all(|it| others.contains(&it.it.provisioner.as_str()));
                Some(*only).filter(|_| made && own)?
            }
            _ => return None,
        };
        let by = self.kept_from_all(daemon.it)?;
        (daemon.desired == 0 && !daemon.unobserved).then_some((daemon, by))
    }

    /// Whether it, or a DaemonSet beside it that runs the same program, bears the driver's name in what it is started with.
    fn names_driver(&self, workload: &Workload, driver: &str) -> bool {
        let says = |it: &Container| {
            let env = it.env.iter().filter_map(|it| it.value.as_ref());
            it.command.iter().chain(&it.args).chain(env).any(|it| has_word(it, driver))
        };
        let own = &workload.template.containers;
        let runs = |it: &Container| {
            !is_sidecar(it) && own.iter().any(|own| own.image == it.image && !own.image.is_empty())
        };
        let mut beside = self.workloads_in(&workload.meta.namespace);
        own.iter().any(says)
            || beside.any(|it| {
                let containers = &it.it.template.containers;
                it.kind == "DaemonSet" && containers.iter().any(runs) && containers.iter().any(says)
            })
    }

    /// Whether a driver's part does not run: nobody of its workload is ready, and what fails there is the part or the
    /// driver, where pods are seen.
    pub fn is_part_down(&self, workload: &Workload, part: &str) -> bool {
        if workload.ready > 0 {
            return false;
        }
        let namespace = &workload.meta.namespace;
        let root = workload.meta.entity(&workload.kind);
        let mut pods = self.pods_of(&root).peekable();
        if pods.peek().is_none() {
            return workload.desired == 0 || self.looked("Pod", namespace);
        }
        let failing = || self.all_containers().filter(|it| *it.root == root && !it.status.ready);
        let counts = |it: &Running<'_>| is_part(it.spec, part) || !is_sidecar(it.spec);
        pods.all(|it| it.it.containers.is_empty() || it.it.spec.node_name.is_empty())
            || failing().any(|it| it.spec.init || counts(&it))
    }

    /// The workloads that do not run although they should serve an object's volumes.
    pub fn storage_missed_by(&self, entity: &Entity) -> Vec<Entity> {
        let unserved = self.unserved_storage().into_iter();
        let mine = unserved.filter(|it| {
            it.who == *entity
                || it.who.kind == "PersistentVolumeClaim" && self.mounters(&it.who).contains(entity)
        });
        let parts = mine.filter_map(|it| {
            let part = self.storage_part(it.driver, it.part)?;
            self.is_part_down(part.it, it.part).then(|| part.meta.entity(&part.kind))
        });
        parts.collect()
    }

    /// What would tell why a driver does not serve: its controller, which may live in any namespace, its pods, and the last
    /// words of those.
    pub fn ask_about_storage(&self) -> Vec<Question> {
        let unserved = self.unserved_storage();
        let all = |kind: &str, namespace: &str| {
            let (kind, namespace) = (kind.to_owned(), namespace.to_owned());
            Question::Objects { kind, namespace }
        };
        if unserved.is_empty() {
            return Vec::new();
        }
        let kinds = ["Deployment", "StatefulSet", "DaemonSet"];
        let mut questions: Vec<Question> = kinds.into_iter().map(|it| all(it, "")).collect();
        let parts = unserved.iter().filter_map(|it| self.storage_part(it.driver, it.part));
        let parts: Vec<Seen<'_, Workload>> = parts.filter(|it| it.ready == 0).collect();
        for part in parts.iter().take(1) {
            // With its revisions, for what changed.
            let kinds = ["Pod", "ReplicaSet"].into_iter();
            questions.extend(kinds.map(|it| all(it, &part.meta.namespace)));
            questions.extend(self.last_words_of(&part.meta.entity(&part.kind)));
        }
        questions
    }

    /// Asks for the last words of the containers of one workload that fail.
    pub fn last_words_of(&self, root: &Entity) -> Vec<Question> {
        let mut asked: Vec<Question> = Vec::new();
        let mut names: Vec<&str> = Vec::new();
        for running in self.containers().filter(|it| it.root == root && !it.status.ready) {
            let wrote = running.ended().is_some() || running.runs();
            if wrote && !names.contains(&running.spec.name.as_str()) {
                names.push(&running.spec.name);
                let before = running.waiting().is_some() && running.status.last.is_some();
                asked.push(running.ask_for_log(before));
            }
        }
        asked
    }
}

/// The last component of an image's name, or the container's own: `csi-attacher`, `ose-csi-external-attacher`.
fn is_part(container: &Container, part: &str) -> bool {
    let image = container.image.rsplit('/').next().unwrap_or_default();
    container.name.contains(part) || image.contains(part)
}

fn is_sidecar(container: &Container) -> bool {
    SIDECARS.iter().any(|it| is_part(container, it))
}

fn is_name(driver: &str) -> bool {
    !driver.is_empty() && driver.chars().all(|it| it.is_ascii_alphanumeric() || "-.".contains(it))
}

/// Whether a text has a name in it that does not go on to either side: that of `rbd.csi.ceph.com` is not in
/// `rook-ceph.rbd.csi.ceph.com`.
fn has_word(text: &str, name: &str) -> bool {
    let goes_on =
        |it: Option<char>| it.is_some_and(|it| it.is_ascii_alphanumeric() || "-.".contains(it));
    text.match_indices(name).any(|(at, _)| {
        let before = text.get(..at).and_then(|it| it.chars().next_back());
        let after = text.get(at + name.len()..).and_then(|it| it.chars().next());
        !goes_on(before) && !goes_on(after)
    })
}

#[cfg(test)]
mod tests {
    use super::has_word;

    #[test]
    fn a_driver_is_named_whole() {
        let path = "--kubelet-registration-path=/var/lib/kubelet/plugins/ebs.csi.aws.com/csi.sock";
        assert!(has_word(path, "ebs.csi.aws.com"));
        assert!(has_word("--drivername=rbd.csi.ceph.com", "rbd.csi.ceph.com"));
        assert!(!has_word("--drivername=rook-ceph.rbd.csi.ceph.com", "rbd.csi.ceph.com"));
        assert!(!has_word("--drivername=ceph.com", "rbd.csi.ceph.com"));
    }
}
