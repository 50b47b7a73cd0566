//! A server that was started with other settings shortly before it began to fail its clients.

use super::Case;
use super::containers::all_read_by;
use super::disputes::Dispute;
use super::touching::{MAKING, changed_data, edited_lately};
use crate::finding::{Cite, Finding, Judgement, Strength};
use crate::kubectl;
use crate::seen::{Presence, Seen};
use evidence::entity::Entity;
use evidence::fact::access::Config;
use evidence::fact::meta::Touch;
use evidence::fact::pod::{ContainerStatus, State};
use evidence::report::Remedy;
use jiff::Timestamp;

/// Settings that were changed.
#[derive(Clone, Copy, Debug)]
pub struct Retuned<'a> {
    /// The ConfigMap that holds them.
    pub config: Seen<'a, Config>,
    /// Who changed it.
    pub touch: &'a Touch,
    /// When.
    pub at: Timestamp,
}

/// What became of the settings of a server.
#[derive(Clone, Copy, Debug)]
pub enum Settings<'a> {
    /// They are what they were, as far as it started with them.
    Same,
    /// One of its ConfigMaps was changed.
    Retuned(Retuned<'a>),
    /// Nobody read one of them, or several were changed.
    Unclear,
}

impl Case {
    /// The one ConfigMap of a server that somebody changed lately, before the server was started and that before a moment.
    pub fn retuned(&self, server: &Entity, before: Option<Timestamp>) -> Option<Retuned<'_>> {
        match self.settings_of(server, before) {
            Settings::Retuned(retuned) => Some(retuned),
            Settings::Same | Settings::Unclear => None,
        }
    }

    /// With what settings a server was started before a moment, as against those of before.
    pub fn settings_of(&self, server: &Entity, before: Option<Timestamp>) -> Settings<'_> {
        let Some(workload) = self.workload(server).seen() else { return Settings::Unclear };
        let read = all_read_by(&workload.it.template);
        let mut found: Option<Retuned<'_>> = None;
        for object in read.filter(|it| it.kind == "ConfigMap") {
            let config = match self.config("ConfigMap", &server.namespace, &object.name) {
                Presence::Present(config) => config,
                Presence::Absent => continue,
                Presence::Unknown => return Settings::Unclear,
            };
            let Some((touch, at)) = edited_lately(self, &config.it.meta) else { continue };
            if !self.started_between(server, at, before) {
                continue;
            }
            if found.is_some_and(|it| it.config.exhibit != config.exhibit) {
                return Settings::Unclear;
            }
            found = Some(Retuned { config, touch, at });
        }
        found.map_or(Settings::Same, Settings::Retuned)
    }

    /// A charge where the accused was started with changed settings before the first complaint: those are to change.
    pub fn since_retuned(&self, dispute: &Dispute<'_>, charge: Judgement) -> Judgement {
        let (Judgement::Proven(finding), Some(server)) = (&charge, &dispute.accused) else {
            return charge;
        };
        match self.retuned(server, dispute.began()) {
            Some(retuned) => Judgement::Proven(retuned.instead(finding.clone())),
            None => charge,
        }
    }

    /// Whether all of a workload's containers are known to have been started before a moment.
    pub(super) fn runs_since_before(&self, root: &Entity, at: Timestamp) -> bool {
        let mut pods = self.pods_of(root).peekable();
        let started_before = |it: &ContainerStatus| {
            it.init || matches!(it.state, Some(State::Running { since: Some(since) }) if since < at)
        };
        pods.peek().is_some()
            && pods.all(|it| {
                !it.it.containers.is_empty() && it.it.containers.iter().all(started_before)
            })
    }

    /// Whether a container of a workload was started after a moment, and not later than another.
    fn started_between(&self, root: &Entity, from: Timestamp, to: Option<Timestamp>) -> bool {
        let mut containers = self.all_containers().filter(|it| it.root == root && !it.spec.init);
        containers.any(|it| match it.status.state {
            Some(State::Running { since: Some(at) }) => {
                from <= at && to.is_none_or(|to| at <= to + MAKING)
            }
            _ => false,
        })
    }
}

impl Retuned<'_> {
    /// A finding of a server, as one of its settings: that they came first is not that they did it.
    pub fn instead(&self, mut finding: Finding) -> Finding {
        let (config, at) = (self.config.meta.entity("ConfigMap"), self.at);
        let said = finding.statement.trim_end_matches('.');
        finding.statement =
            format!("{said}, since it was started with the settings of {config}, changed at {at}.");
        let says = format!("{config} was changed by {} at {at}", self.touch.manager);
        finding.proofs.push(Cite::new(self.config.exhibit, says));
        finding.field = Some(changed_data(self.touch));
        (finding.subject, finding.strength) = (config, Strength::Strong);
        finding
    }
}

/// What a human might do about settings with which a server was started.
pub fn remedy(config: &Entity) -> Vec<Remedy> {
    vec![Remedy {
        action: format!(
            "Take back the last change of {config} in its source, if it is what its server refuses for, and start the server again."
        ),
        command: kubectl::object("get", config, "-o yaml"),
        risk: "medium".to_owned(),
        reversible: true,
        verify: "The clients' logs no longer say that they are refused.".to_owned(),
    }]
}
