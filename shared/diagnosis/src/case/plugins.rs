//! The network plugin's own pods, where they are down on the node on which sandboxes fail.

use super::Case;
use super::agents::{brings_plugin, is_agent};
use super::denials::between;
use super::kept_off::kept_off;
use super::sandboxes::{Sandboxless, says_no_address, says_no_network};
use crate::engine::symptoms::is_ready;
use crate::finding::Cite;
use crate::seen::Seen;
use evidence::entity::Entity;
use evidence::fact::pod::State;
use evidence::fact::workload::Workload;
use evidence::question::Question;

/// Logs of the plugin's pods that are read: they are alike.
const MOST_LOGS: usize = 2;

/// A DaemonSet that brings the plugin and does not work on a node, and where that shows.
#[derive(Clone, Debug)]
pub struct PluginDown<'a> {
    /// The DaemonSet.
    pub daemon: Seen<'a, Workload>,
    /// Where it shows.
    pub cite: Cite,
}

impl Case {
    /// Who brings the plugin of a sandbox that fails, and is down on its node.
    pub fn plugin_down(&self, sandbox: &Sandboxless<'_>) -> Option<PluginDown<'_>> {
        let node = sandbox.pod.it.spec.node_name.as_str();
        self.bringers(sandbox.said).into_iter().find_map(|daemon| {
            let entity = daemon.meta.entity("DaemonSet");
            if let Some(pod) = self.pod_on(daemon, node) {
                let says = format!("{} on {node} is not ready", pod.meta.entity("Pod"));
                let down = !is_ready(pod.it);
                return down.then(|| PluginDown { daemon, cite: Cite::new(pod.exhibit, says) });
            }
            let by = kept_off(daemon.it, self.node(node).seen()?.it)?;
            let says = format!("{entity}: its {} excludes Node {node}", by.words());
            Some(PluginDown { daemon, cite: Cite::new(daemon.exhibit, says) })
        })
    }

    /// The DaemonSets that may bring the plugin that the kubelet names: those that bear its name, else those that mount
    /// where the runtime looks for plugins.
    pub fn bringers(&self, said: &str) -> Vec<Seen<'_, Workload>> {
        let daemons = || self.workloads().filter(|it| it.kind == "DaemonSet");
        let brings = |it: &Seen<'_, Workload>| brings_plugin(it.it) || is_agent(it.it);
        let plugin = said.contains(TYPE).then(|| between(said, TYPE, "\"")).flatten();
        // `cilium-cni`, `calico`, `aws-cni`; `kube-ovn` would be the first word of others, too.
        let word = plugin.and_then(|it| it.split('-').next()).filter(|it| *it != "kube");
        let named: Vec<_> = daemons()
            .filter(|it| word.is_some_and(|word| it.meta.name.split('-').any(|it| it == word)))
            .filter(|it| brings(it) || word.is_some_and(|word| runs_at(it.it, word)))
            .collect();
        if !named.is_empty() {
            return named;
        }
        daemons().filter(|it| brings_plugin(it.it)).collect()
    }

    /// What the network of a workload's pods rests on, where their sandboxes fail and that is down.
    pub fn plugins_missed_by(&self, entity: &Entity) -> Vec<Entity> {
        let sandboxless = self.sandboxless();
        let own = sandboxless.iter().filter(|it| it.root == *entity && says_no_network(it.said));
        own.filter_map(|it| self.plugin_down(it))
            .map(|it| it.daemon.meta.entity("DaemonSet"))
            .collect()
    }

    /// What would tell who brings the plugin of sandboxes that fail, how that does, and why it does not work.
    pub fn ask_about_plugins(&self) -> Vec<Question> {
        let sandboxless = self.sandboxless();
        let failing: Vec<&Sandboxless<'_>> = sandboxless
            .iter()
            .filter(|it| says_no_network(it.said) && !says_no_address(it.said))
            .collect();
        if failing.is_empty() {
            return Vec::new();
        }
        let all = |kind: &str, namespace: &str| Question::Objects {
            kind: kind.to_owned(),
            namespace: namespace.to_owned(),
        };
        if let Some(question) = self.ask_for_daemon_sets() {
            return vec![question];
        }
        let mut questions = Vec::new();
        for daemon in failing.iter().flat_map(|it| self.bringers(it.said)) {
            let (namespace, entity) = (&daemon.it.meta.namespace, daemon.meta.entity("DaemonSet"));
            let kinds = ["Pod", "ConfigMap"];
            let unseen = kinds.iter().filter(|it| !self.looked(it, namespace));
            questions.extend(unseen.map(|it| all(it, namespace)));
            let down = self.all_containers().filter(|it| *it.root == entity && !it.status.ready);
            let wrote = down.filter(|it| it.runs() || it.ended().is_some());
            questions.extend(wrote.take(MOST_LOGS).map(|it| {
                let waits = matches!(it.status.state, Some(State::Waiting { .. }));
                it.ask_for_log(waits && it.status.restarts > 0)
            }));
        }
        questions.sort();
        questions.dedup();
        questions
    }
}

/// How the kubelet names a plugin.
const TYPE: &str = "plugin type=\"";

/// Whether it keeps its sockets where a plugin of that name looks for them: `/var/run/cilium`.
fn runs_at(daemon: &Workload, word: &str) -> bool {
    let mut paths = daemon.template.volumes.iter().filter(|it| it.object.kind == "hostPath");
    paths.any(|it| {
        let path = it.object.name.trim_end_matches('/');
        path.contains("/run/") && path.rsplit('/').next() == Some(word)
    })
}
