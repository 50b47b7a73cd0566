//! Whom a container's settings name: in its variables, and in the ConfigMaps that it reads, as far as those were read.

use super::Case;
use super::containers::EVERYBODYS;
use crate::seen::Seen;
use evidence::entity::Entity;
use evidence::fact::access::Config;
use evidence::fact::spec::{Container, PodSpec};
use evidence::question::Question;
use std::collections::BTreeSet;

/// Where a ConfigMap names somebody.
#[derive(Clone, Copy, Debug)]
pub struct Destination<'a> {
    /// The ConfigMap.
    pub config: Seen<'a, Config>,
    /// The key of its data.
    pub key: &'a str,
    /// The container reads all of it.
    pub whole: bool,
    /// The host, address or URL.
    pub place: &'a str,
}

impl Case {
    /// What the containers of pods in a namespace are told of others: values of variables, and what ConfigMaps name.
    pub fn destinations<'a>(&'a self, spec: &'a PodSpec, namespace: &str) -> Vec<&'a str> {
        self.told_in(spec, namespace, |_| true)
    }

    /// The same without what several workloads read as a whole: that says nothing of whom each of them calls.
    pub fn own_destinations<'a>(&'a self, spec: &'a PodSpec, namespace: &str) -> Vec<&'a str> {
        let is_own =
            |it: &Destination<'_>| !it.whole || !self.shared_configs.contains(&it.config.exhibit);
        self.told_in(spec, namespace, is_own)
    }

    fn told_in<'a>(
        &'a self,
        spec: &'a PodSpec,
        namespace: &str,
        counts: impl Fn(&Destination<'_>) -> bool,
    ) -> Vec<&'a str> {
        let mut told: Vec<&str> = Vec::new();
        for container in &spec.containers {
            told.extend(container.env.iter().filter_map(|it| it.value.as_deref()));
            let configured = self.configured_destinations(spec, container, namespace);
            told.extend(configured.into_iter().filter(&counts).map(|it| it.place));
        }
        told
    }

    /// The ConfigMaps that more than one workload reads, by their numbers.
    pub(super) fn configs_shared(&self) -> BTreeSet<usize> {
        let mut read: BTreeSet<usize> = BTreeSet::new();
        let mut shared = BTreeSet::new();
        for workload in self.workloads() {
            let (spec, namespace) = (&workload.it.template, &workload.it.meta.namespace);
            let names = spec.containers.iter().flat_map(|it| sources(spec, it));
            let configs =
                names.filter_map(|(name, _)| self.config("ConfigMap", namespace, name).seen());
            let own: BTreeSet<usize> = configs.map(|it| it.exhibit).collect();
            shared.extend(own.iter().filter(|it| read.contains(it)));
            read.extend(own);
        }
        shared
    }

    /// What the ConfigMaps that a container reads name, its variables first.
    pub fn configured_destinations<'a>(
        &'a self,
        spec: &PodSpec,
        container: &Container,
        namespace: &str,
    ) -> Vec<Destination<'a>> {
        let mut told = Vec::new();
        for (name, wanted_key) in sources(spec, container) {
            let Some(config) = self.config("ConfigMap", namespace, name).seen() else { continue };
            let wanted = |it: &str| wanted_key.is_none_or(|key| key == it);
            let wanted = config.it.places.iter().filter(|(it, _)| wanted(it));
            for (key, places) in wanted {
                let whole = wanted_key.is_none();
                told.extend(places.iter().map(|place| Destination { config, key, whole, place }));
            }
        }
        told
    }

    /// The ConfigMaps of workloads that were not read yet, with those of their namespaces.
    pub fn ask_for_destinations(&self, workloads: &BTreeSet<&Entity>) -> Vec<Question> {
        let mut namespaces: BTreeSet<&str> = BTreeSet::new();
        for running in self.all_containers().filter(|it| workloads.contains(it.root)) {
            let pod = running.pod.it;
            let namespace = pod.meta.namespace.as_str();
            let mut sources = sources(&pod.spec, running.spec);
            // One of which only the name is known was not read.
            if sources.any(|(name, _)| {
                let config = self.config("ConfigMap", namespace, name).seen();
                config.is_some_and(|it| it.it.keys.is_none())
            }) {
                namespaces.insert(namespace);
            }
        }
        let objects =
            |it: &str| Question::Objects { kind: "ConfigMap".into(), namespace: it.into() };
        namespaces.into_iter().map(objects).collect()
    }
}

/// The ConfigMaps that a container reads, each with the key where it reads one alone.
fn sources<'a>(
    spec: &'a PodSpec,
    container: &'a Container,
) -> impl Iterator<Item = (&'a str, Option<&'a str>)> {
    let variables = container.env.iter().filter_map(|it| it.from.as_ref());
    let variables = variables.map(|it| (it, Some(it.key.as_str())));
    let whole = container.env_from.iter().map(|it| (it, None));
    let mounts = container.mounts.iter().flat_map(|mount| {
        let volumes = spec.volumes.iter().filter(|it| it.volume == mount.volume);
        volumes.map(|it| (&it.object, None))
    });
    let all = variables.chain(whole).chain(mounts);
    // Every pod is shown the cluster's certificates, which name nobody.
    let own = all.filter(|(it, _)| it.kind == "ConfigMap" && it.name != EVERYBODYS);
    own.map(|(it, key)| (it.name.as_str(), key))
}

#[cfg(test)]
mod tests {
    use crate::engine::symptoms::trial::case;

    const CART: &str = r#"
- config: {kind: ConfigMap, meta: {namespace: shop, name: settings}, keys: [DB, NOTE], places: {DB: ["db:5432"]}}
- workload: {kind: Deployment, meta: {namespace: shop, name: cart}, template: {containers: [{name: cart, env_from: [{kind: ConfigMap, name: settings}]}]}}
"#;
    const PRICES: &str = "- workload: {kind: Deployment, meta: {namespace: shop, name: prices}, template: {containers: [{name: prices, READS}]}}";

    fn clients(facts: &str) -> Vec<String> {
        let case = case(facts, None);
        let clients = case.clients_of("shop", "db");
        clients.map(|it| it.meta.name.clone()).collect()
    }

    #[test]
    fn whom_a_config_map_names_its_only_reader_calls() {
        assert_eq!(clients(CART), ["cart"]);
    }

    #[test]
    fn what_several_read_as_a_whole_says_of_none_whom_it_calls() {
        let whole = PRICES.replace("READS", "env_from: [{kind: ConfigMap, name: settings}]");
        assert!(clients(&format!("{CART}{whole}")).is_empty());
        let key = "env: [{name: DB, from: {kind: ConfigMap, name: settings, key: DB}}]";
        assert_eq!(clients(&format!("{CART}{}", PRICES.replace("READS", key))), ["prices"]);
    }
}
