//! Services that workloads could not reach, as their logs tell: rules R4 and R6.

use super::Case;
use super::usage::names_host;
use super::words::said::Said;
use super::words::store::store;
use crate::finding::Cite;
use crate::seen::{Presence, Seen};
use evidence::entity::Entity;
use evidence::fact::event::{Line, Log};
use evidence::fact::network::Service;
use evidence::fact::pod::Pod;

/// A Service that a pod's log says does not answer.
#[derive(Clone, Debug)]
pub struct Unreached<'a> {
    /// The Service.
    pub service: Seen<'a, Service>,
    /// Where the log says so.
    pub cite: Cite,
}

impl Case {
    /// The Services that exist and that the logs of a workload's pods say they could not reach.
    pub fn unreached(&self, root: &Entity) -> Vec<Unreached<'_>> {
        let mut unreached: Vec<Unreached<'_>> = Vec::new();
        let logs = self.logs().filter(|log| {
            let pod = Entity::new("Pod", &log.namespace, &log.pod);
            self.pod(&pod).seen().is_some_and(|pod| self.root_of(&pod.meta, "Pod") == *root)
        });
        for log in logs {
            let lines: Vec<(&Said, &Line)> =
                self.said_of_work(log).filter(|(it, _)| it.is_unreachable()).rev().collect();
            // An address leads to its Service, too, and so does the name of a pod of a StatefulSet.
            for (said, line) in &lines {
                let service = match said.peer() {
                    // Names that stand in a line otherwise are found below.
                    Some(peer) => self
                        .service_of(peer, &log.namespace)
                        .or_else(|| self.store_of_old_address(peer, &log.namespace)),
                    None => self.store_meant(&log, &line.text),
                };
                let Some(service) = service else { continue };
                if !unreached.iter().any(|it| it.service.exhibit == service.exhibit) {
                    let cite = cite(&log, &service, &line.text);
                    unreached.push(Unreached { service, cite });
                }
            }
            for service in self.services().filter(|_| !lines.is_empty()) {
                let known = unreached.iter().any(|it| it.service.exhibit == service.exhibit);
                if let Some(cite) = unreached_by(&log, &lines, &service).filter(|_| !known) {
                    unreached.push(Unreached { service, cite });
                }
            }
        }
        unreached
    }

    /// The Services that answer a workload, as its logs say, that they reach nothing behind themselves: poolers and routers,
    /// and stores too few of whose members are there.
    pub fn relays_of(&self, root: &Entity) -> Vec<Seen<'_, Service>> {
        let mut relays = Vec::new();
        for log in self.logs() {
            let pod = Entity::new("Pod", &log.namespace, &log.pod);
            let mut said = self.said_of_work(log);
            let said = said
                .rfind(|(it, _)| matches!(it, Said::NoneBehind { .. } | Said::QuorumLost { .. }));
            let Some((said, line)) = said else { continue };
            let root_of = |pod: Seen<'_, Pod>| self.root_of(&pod.meta, "Pod");
            if self.pod(&pod).seen().map(root_of).as_ref() != Some(root) {
                continue;
            }
            relays.extend(match said.peer() {
                Some(peer) => self.service_of(peer, &log.namespace),
                None => self.store_meant(&log, &line.text),
            });
        }
        relays
    }

    /// The one store that a pod's environment names, of the kind whose words a line uses: drivers do not always say
    /// whom they called.
    fn store_meant(&self, log: &Log, text: &str) -> Option<Seen<'_, Service>> {
        let pod = self.pod(&Entity::new("Pod", &log.namespace, &log.pod)).seen()?;
        self.store_named_by(&pod.it.spec, &log.namespace, store(text)?)
    }

    /// Where it shows that a Service has nobody ready behind it; none where it has, or where nobody knows.
    pub fn leads_nowhere(&self, service: Seen<'_, Service>) -> Option<Cite> {
        let name = service.meta.entity("Service");
        let says = format!("{name} has no ready endpoint");
        match self.endpoints(&service.meta.namespace, &service.meta.name) {
            Presence::Present(endpoints) if endpoints.ready == 0 => {
                Some(Cite::new(endpoints.exhibit, says))
            }
            Presence::Absent if !service.selector.is_empty() => {
                Some(Cite::new(service.exhibit, says))
            }
            _ => None,
        }
    }
}

fn unreached_by(log: &Seen<'_, Log>, lines: &[(&Said, &Line)], service: &Service) -> Option<Cite> {
    let (namespace, name) = (&service.meta.namespace, service.meta.name.as_str());
    let (_, line) = lines.iter().find(|(_, line)| {
        let quoted = || {
            line.text.contains(&format!("'{name}'")) || line.text.contains(&format!("\"{name}\""))
        };
        names_host(&line.text, name, namespace, &log.namespace)
            || *namespace == log.namespace && quoted()
    })?;
    Some(cite(log, service, &line.text))
}

fn cite(log: &Seen<'_, Log>, service: &Service, text: &str) -> Cite {
    let pod = Entity::new("Pod", &log.namespace, &log.pod);
    let says = format!("{pod} cannot reach {}", service.meta.entity("Service"));
    Cite::quoting(log.exhibit, says, text)
}
