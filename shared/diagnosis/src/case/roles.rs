//! Labels that somebody writes on running pods, as operators of databases write which of them leads, and the Services that
//! select them.

use super::Case;
use evidence::fact::network::Service;
use evidence::fact::workload::Workload;
use std::collections::BTreeSet;

impl Case {
    /// Whether a label that a workload's template lacks is given to running pods: one has it, or a Service that selects
    /// another value of it has endpoints. While a pod is missing it may be that one which would bear what is selected, and
    /// where there are fewer pods than values, none may be left to bear it; else nobody writes that value any more.
    pub fn is_given_at_run_time(&self, service: &Service, workload: &Workload, key: &str) -> bool {
        if workload.template_labels.contains_key(key) {
            return false;
        }
        if workload.ready < workload.desired {
            return !self.borne(workload, key).is_empty() || !self.served(service, key).is_empty();
        }
        self.is_spare_role(service, workload, key)
    }

    /// Whether a Service leads to nobody because there are fewer pods than roles that Services select: `-follower` of a
    /// database of one pod, which leads.
    pub fn is_spare(&self, service: &Service) -> bool {
        self.workloads_in(&service.meta.namespace).any(|workload| {
            let labels = &workload.it.template_labels;
            let mut others =
                service.selector.iter().filter(|(key, value)| labels.get(*key) != Some(value));
            let (Some((key, _)), None) = (others.next(), others.next()) else { return false };
            !labels.contains_key(key)
                && service.selector.len() > 1
                && workload.ready >= workload.desired
                && self.is_spare_role(service, workload.it, key)
        })
    }

    fn is_spare_role(&self, service: &Service, workload: &Workload, key: &str) -> bool {
        let (borne, served) = (self.borne(workload, key), self.served(service, key));
        let pods = usize::try_from(workload.desired).unwrap_or(usize::MAX);
        !borne.is_empty() && borne.is_subset(&served) && served.len() >= pods
    }

    /// The values of a label that a workload's pods bear.
    fn borne<'a>(&'a self, workload: &Workload, key: &str) -> BTreeSet<&'a str> {
        let root = workload.meta.entity(&workload.kind);
        let pods = self.pods_of(&root);
        pods.filter_map(|pod| pod.it.meta.labels.get(key)).map(String::as_str).collect()
    }

    /// What other Services with endpoints select of a label, that are else as this one.
    fn served<'a>(&'a self, service: &Service, key: &str) -> BTreeSet<&'a str> {
        let others = self.services_in(&service.meta.namespace).filter(|other| {
            let endpoints = self.endpoints(&service.meta.namespace, &other.meta.name).seen();
            let mut rest = service.selector.iter().filter(|(of, _)| of.as_str() != key);
            rest.all(|(of, value)| other.it.selector.get(of) == Some(value))
                && endpoints.is_some_and(|it| it.ready > 0)
        });
        others.filter_map(|other| other.it.selector.get(key)).map(String::as_str).collect()
    }
}
