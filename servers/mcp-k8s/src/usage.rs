//! What pods request, may use and use: sums of quantities, and how they read.

use diagnosis::quantity::thousandths;
use evidence::fact::spec::{Container, PodSpec};
use std::collections::BTreeMap;

/// CPU in thousandths of a core, and memory in bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Amount {
    /// Thousandths of a core.
    pub(crate) cpu: u64,
    /// Bytes.
    pub(crate) memory: u64,
}

impl Amount {
    /// What quantities as written come to; what is not written is nothing.
    pub(crate) fn of(written: &BTreeMap<String, String>) -> Self {
        let read = |name: &str| written.get(name).and_then(|it| thousandths(it)).unwrap_or(0);
        Amount { cpu: whole(read("cpu")), memory: whole(read("memory") / 1000) }
    }

    /// The sum.
    pub(crate) fn plus(self, other: Self) -> Self {
        Amount {
            cpu: self.cpu.saturating_add(other.cpu),
            memory: self.memory.saturating_add(other.memory),
        }
    }

    fn or_more(self, other: Self) -> Self {
        Amount { cpu: self.cpu.max(other.cpu), memory: self.memory.max(other.memory) }
    }
}

fn whole(number: i128) -> u64 {
    u64::try_from(number).unwrap_or(0)
}

/// What a pod requests, as the scheduler counts it: what runs together, or more where an init container needs more.
pub(crate) fn requests(spec: &PodSpec) -> Amount {
    let mut sidecars = Amount::default();
    let mut most = Amount::default();
    let mut running = Amount::default();
    for container in &spec.containers {
        let own = Amount::of(&container.requests);
        match (container.init, container.sidecar) {
            (true, false) => most = most.or_more(sidecars.plus(own)),
            (true, true) => sidecars = sidecars.plus(own),
            (false, _) => running = running.plus(own),
        }
    }
    running.plus(sidecars).or_more(most)
}

/// What a pod may use: none of a resource that one of its running containers has no limit for.
pub(crate) fn limits(spec: &PodSpec) -> (Option<u64>, Option<u64>) {
    let running: Vec<&Container> =
        spec.containers.iter().filter(|it| !it.init || it.sidecar).collect();
    let all = |name: &str| running.iter().all(|it| it.limits.contains_key(name));
    let sum = running.iter().fold(Amount::default(), |sum, it| sum.plus(Amount::of(&it.limits)));
    (all("cpu").then_some(sum.cpu), all("memory").then_some(sum.memory))
}

/// How much of `whole` is used, in percent.
pub(crate) fn percent(used: u64, whole: u64) -> Option<u64> {
    used.saturating_mul(100).checked_div(whole)
}

/// `42%`, or `-`.
pub(crate) fn share(used: u64, whole: Option<u64>) -> String {
    let percent = whole.and_then(|whole| percent(used, whole));
    percent.map_or_else(|| "-".to_owned(), |it| format!("{it}%"))
}

/// `250m`, or `3.2` cores from one on.
pub(crate) fn cpu(milli: u64) -> String {
    match milli {
        0..1000 => format!("{milli}m"),
        _ => tenths(milli, 1000),
    }
}

/// `412Mi`, or `1.5Gi` from one on.
pub(crate) fn memory(bytes: u64) -> String {
    match bytes {
        0..0x4000_0000 => format!("{}Mi", bytes >> 20),
        _ => format!("{}Gi", tenths(bytes, 1 << 30)),
    }
}

fn tenths(amount: u64, unit: u64) -> String {
    let tenths = amount.saturating_mul(10) / unit;
    match tenths % 10 {
        0 => (tenths / 10).to_string(),
        rest => format!("{}.{rest}", tenths / 10),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn container(init: bool, sidecar: bool, cpu: &str, limit: &str) -> Container {
        let written = |it: &str| match it {
            "" => BTreeMap::new(),
            it => BTreeMap::from([("cpu".to_owned(), it.to_owned())]),
        };
        Container {
            init,
            sidecar,
            requests: written(cpu),
            limits: written(limit),
            ..Container::default()
        }
    }

    #[test]
    fn an_init_container_counts_only_where_it_needs_more_than_what_runs() {
        let set_up = container(true, false, "500m", "");
        let proxy = container(true, true, "100m", "");
        let main = container(false, false, "200m", "");
        let asks = |containers: Vec<Container>| {
            requests(&PodSpec { containers, ..PodSpec::default() }).cpu
        };
        assert_eq!(asks(vec![main.clone(), main.clone()]), 400);
        assert_eq!(asks(vec![set_up.clone(), main.clone()]), 500);
        assert_eq!(asks(vec![proxy, set_up, main]), 600);
    }

    #[test]
    fn one_container_without_a_limit_leaves_the_pod_without() {
        let limited = container(false, false, "", "1");
        let free = container(false, false, "", "");
        let may =
            |containers: Vec<Container>| limits(&PodSpec { containers, ..PodSpec::default() }).0;
        assert_eq!(may(vec![limited.clone()]), Some(1000));
        assert_eq!(may(vec![limited, free]), None);
    }

    #[test]
    fn amounts_read_as_people_write_them() {
        let said = [cpu(250), cpu(3200), cpu(4000), memory(412 << 20), memory(3 << 29)];
        assert_eq!(said, ["250m", "3.2", "4", "412Mi", "1.5Gi"]);
        assert_eq!(share(1, Some(0)), "-");
        assert_eq!(share(50, Some(200)), "25%");
    }
}
