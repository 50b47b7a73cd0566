//! Objects that were told to go and do not: what they wait for. The words are those of
//! `pkg/controller/namespace/deletion/status_condition_utils.go`.

use super::Case;
use crate::finding::Cite;
use crate::seen::Seen;
use evidence::entity::Entity;
use evidence::fact::meta::{Meta, condition};
use evidence::fact::pod::{Pod, State};
use evidence::fact::policy::Namespace;
use evidence::fact::workload::Workload;
use evidence::question::Question;
use jiff::SignedDuration;

/// What the garbage collector itself takes away, once what hangs on an object is gone.
const COLLECTED: [&str; 2] = ["foregroundDeletion", "orphan"];

/// Parts of domains that say nothing of whose they are.
const COMMON: [&str; 12] = [
    "com",
    "org",
    "net",
    "dev",
    "example",
    "k8s",
    "x-k8s",
    "sigs",
    "kubernetes",
    "finalizer",
    "finalizers",
    "cluster",
];

/// What controllers run as.
const KEEPERS: [&str; 2] = ["Deployment", "StatefulSet"];

/// What was told to go has this long before it counts as stuck.
const LEAVING: SignedDuration = SignedDuration::from_mins(5);

impl Case {
    /// Who may make nothing in a namespace because it goes, as their logs repeat after the API server, each with the line.
    pub fn barred_from(&self, namespace: &str) -> Vec<(Entity, Cite)> {
        let sentence = format!(
            "unable to create new content in namespace {namespace} because it is being terminated"
        );
        let mut barred: Vec<(Entity, Cite)> = Vec::new();
        for container in self.all_containers() {
            if barred.iter().any(|(root, _)| root == container.root) {
                continue;
            }
            let Some(log) = self.words_of(&container) else { continue };
            let line = log.it.lines.iter().rev().find(|it| it.text.contains(&sentence));
            barred.extend(line.map(|line| {
                let pod = container.pod.meta.entity("Pod");
                let says = format!("{pod} may make nothing in namespace {namespace}");
                (container.root.clone(), Cite::quoting(log.exhibit, says, &line.text))
            }));
        }
        barred
    }

    /// Whether an object was told to go long ago and is still there.
    pub fn lingers(&self, meta: &Meta) -> bool {
        meta.deleted.is_some_and(|at| self.as_of.duration_since(at) >= LEAVING)
    }

    /// Namespaces that do not go.
    pub fn lingering_namespaces(&self) -> impl Iterator<Item = Seen<'_, Namespace>> {
        self.namespaces().filter(|it| it.phase == "Terminating" && self.lingers(&it.meta))
    }

    /// The object that was asked about, where it does not go and waits for a finalizer: what it is, where that stands, and
    /// the finalizer.
    pub fn asked_to_go(&self) -> Option<(Entity, usize, &Meta, &String)> {
        let asked = self.asked_object().filter(|it| it.kind != "Pod")?;
        let (_, exhibit, meta) = self.metas().find(|(entity, ..)| **entity == asked)?;
        let finalizer = finalizer(meta).filter(|_| self.lingers(meta))?;
        Some((asked, exhibit, meta, finalizer))
    }

    /// The controller that ought to take a finalizer away, where none of it runs: the only workload that is told of it, or that
    /// bears in its name what the finalizer's domain says, as `widget-operator` for `widgets.example.com/cleanup`, and
    /// that is called as controllers are. One that runs has another reason, and nobody is told.
    pub fn absent_keeper(&self, finalizer: &str) -> Option<Seen<'_, Workload>> {
        self.keeper(finalizer).filter(|it| it.ready == 0)
    }

    /// Whether all workloads that may be controllers were seen.
    pub fn knows_keepers(&self) -> bool {
        KEEPERS.iter().all(|kind| self.looked(kind, ""))
    }

    /// The controller that ought to take a finalizer away, whether it runs or not.
    pub fn keeper(&self, finalizer: &str) -> Option<Seen<'_, Workload>> {
        if !self.knows_keepers() || is_of_kubernetes(finalizer) {
            return None;
        }
        if let Some(told) = self.keeper_told(finalizer) {
            return Some(told);
        }
        let domain = domain(finalizer);
        let labels: Vec<&str> =
            domain.split('.').filter(|it| it.len() > 2 && !COMMON.contains(it)).collect();
        let mut keepers = self.workloads().filter(|it| {
            let name = it.it.meta.name.as_str();
            labels.iter().any(|label| is_called(name, label))
        });
        let first = keepers.next()?;
        keepers.next().is_none().then_some(first)
    }

    /// The only workload that is told of a finalizer by name, as an argument or a variable: whoever sets or takes it.
    pub fn keeper_told(&self, finalizer: &str) -> Option<Seen<'_, Workload>> {
        let is_part = |it: char| it.is_ascii_alphanumeric() || matches!(it, '-' | '.' | '/' | '_');
        let names = |text: &str| text.split(|it: char| !is_part(it)).any(|it| it == finalizer);
        let mut told = self.workloads().filter(|it| {
            it.it.template.containers.iter().any(|it| {
                let values = it.env.iter().filter_map(|it| it.value.as_deref());
                let words = it.command.iter().chain(&it.args).map(String::as_str);
                values.chain(words).any(names)
            })
        });
        let first = told.next()?;
        told.next().is_none().then_some(first)
    }

    /// Pods whose containers have ended and that stay for a finalizer which no part of Kubernetes takes away.
    pub fn held_pods(&self) -> Vec<(Seen<'_, Pod>, &String)> {
        let ended = |it: &Pod| {
            let mut states = it.containers.iter().map(|it| &it.state);
            matches!(it.phase.as_str(), "Succeeded" | "Failed")
                || !it.containers.is_empty()
                    && states.all(|it| matches!(it, Some(State::Terminated(_))))
        };
        let mut held = Vec::new();
        for pod in self.pods().filter(|it| self.lingers(&it.meta) && ended(it.it)) {
            let finalizer = finalizer(&pod.it.meta).filter(|it| !is_of_kubernetes(it));
            held.extend(finalizer.map(|it| (pod, it)));
        }
        held
    }

    /// What would tell whether it runs.
    pub fn ask_about_keepers(&self) -> Vec<Question> {
        let mut finalizers: Vec<String> =
            self.lingering_namespaces().flat_map(|it| holding(it.it)).collect();
        finalizers.extend(self.asked_to_go().map(|(.., finalizer)| finalizer.clone()));
        let of_pods = self.held_pods().into_iter().map(|(_, finalizer)| finalizer);
        finalizers.extend(of_pods.cloned());
        let mut questions = Vec::new();
        for finalizer in finalizers.iter().filter(|it| !is_of_kubernetes(it)) {
            for kind in KEEPERS.iter().filter(|kind| !self.looked(kind, "")) {
                let (kind, namespace) = ((*kind).to_owned(), String::new());
                questions.push(Question::Objects { kind, namespace });
            }
            let keeper = self.absent_keeper(finalizer).map(|it| &it.it.meta.namespace);
            if let Some(place) = keeper.filter(|it| !self.looked("Pod", it)) {
                let namespaces = vec![place.clone()];
                questions.push(Question::Survey { namespaces, workload: None });
            }
        }
        questions
    }

    /// Objects of a namespace that were told to go and wait for one of these.
    pub fn held_by(&self, namespace: &str, finalizers: &[String]) -> Vec<(Entity, Cite)> {
        let mut held = Vec::new();
        for (entity, exhibit, meta) in self.metas() {
            let waits = meta.finalizers.iter().any(|it| finalizers.contains(it));
            if entity.namespace == namespace && meta.deleted.is_some() && waits {
                let since = meta.deleted.map(|at| format!(" since {at}")).unwrap_or_default();
                let waits_for = meta.finalizers.join(", ");
                let says = format!("{entity} has been going{since} and waits for {waits_for}");
                held.push((entity.clone(), Cite::new(exhibit, says)));
            }
        }
        held
    }
}

fn domain(finalizer: &str) -> &str {
    finalizer.split('/').next().unwrap_or_default()
}

/// Whether Kubernetes takes a finalizer away itself, with no controller that a cluster would see as a workload.
fn is_of_kubernetes(finalizer: &str) -> bool {
    let domain = domain(finalizer);
    domain == "kubernetes.io" || domain.ends_with(".kubernetes.io")
}

/// Whether a workload's name is the label, or has it in it, in one or many, and is a controller's.
fn is_called(name: &str, label: &str) -> bool {
    let one = label.strip_suffix('s').unwrap_or(label);
    let bears = [label, one].iter().any(|it| {
        name.split_once(it).is_some_and(|(before, after)| {
            (before.is_empty() || before.ends_with('-'))
                && (after.is_empty() || after.starts_with('-'))
        })
    });
    let controls = |part: &str| matches!(part, "operator" | "controller" | "manager");
    name == label || bears && name.split('-').any(controls)
}

/// The finalizer of an object that somebody has to take away.
pub fn finalizer(meta: &Meta) -> Option<&String> {
    meta.finalizers.iter().find(|it| !COLLECTED.contains(&it.as_str()))
}

/// The finalizers that a namespace says hold its content.
pub fn holding(namespace: &Namespace) -> Vec<String> {
    let said = condition(&namespace.conditions, "NamespaceFinalizersRemaining");
    let Some(said) = said.filter(|it| it.status == "True") else { return Vec::new() };
    let Some((_, list)) = said.message.split_once("finalizers remaining: ") else {
        return Vec::new();
    };
    let names = list.split(", ").filter_map(|it| it.split_once(" in ")).map(|(name, _)| name);
    names.filter(|it| is_name(it)).map(str::to_owned).collect()
}

/// The kinds of which it says there is something left, as `pods` or `widgets.example.com`.
pub fn remaining(namespace: &Namespace) -> Vec<String> {
    let said = condition(&namespace.conditions, "NamespaceContentRemaining");
    let Some(said) = said.filter(|it| it.status == "True") else { return Vec::new() };
    let Some((_, list)) = said.message.split_once("resources are remaining: ") else {
        return Vec::new();
    };
    let kinds = list.split(", ").filter_map(|it| it.split_once(" has ")).map(|(kind, _)| kind);
    // A kind of the core has a dot and no group behind it.
    let kinds = kinds.map(|it| it.trim_end_matches('.')).filter(|it| is_name(it));
    kinds.map(str::to_owned).collect()
}

fn is_name(text: &str) -> bool {
    let good = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '/' | '_');
    !text.is_empty() && text.len() <= 253 && text.chars().all(good)
}

#[cfg(test)]
mod tests {
    use super::{holding, remaining};
    use evidence::fact::meta::Condition;
    use evidence::fact::policy::Namespace;

    fn namespace(kind: &str, message: &str) -> Namespace {
        let condition = Condition {
            kind: kind.into(),
            status: "True".into(),
            message: message.into(),
            ..Condition::default()
        };
        Namespace { conditions: vec![condition], ..Namespace::default() }
    }

    #[test]
    fn reads_what_holds_a_namespace() {
        let said = "Some content in the namespace has finalizers remaining: a.example/x in 1 resource instances, kubedb in 5 resource instances";
        assert_eq!(
            holding(&namespace("NamespaceFinalizersRemaining", said)),
            ["a.example/x", "kubedb"]
        );
    }

    #[test]
    fn a_controller_is_called_after_its_domain() {
        for (name, label, called) in [
            ("widget-operator", "widgets", true),
            ("cert-manager", "cert-manager", true),
            ("argocd-application-controller", "argocd", true),
            ("strimzi-cluster-operator", "strimzi", true),
            ("widget-gateway", "widgets", false),
            ("gadget-operator", "widgets", false),
            ("widgetry-operator", "widget", false),
            ("kyverno", "kyverno", true),
            ("shop-widgets", "widgets", false),
            ("payment-service", "service", false),
        ] {
            assert_eq!(super::is_called(name, label), called, "{name}");
        }
    }

    #[test]
    fn reads_what_is_left() {
        let said = "Some resources are remaining: daemonsets.apps has 5 resource instances, pods. has 1 resource instances";
        assert_eq!(
            remaining(&namespace("NamespaceContentRemaining", said)),
            ["daemonsets.apps", "pods"]
        );
    }
}
