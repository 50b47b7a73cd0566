//! What an evaluation leaves out, to measure what it is worth: rules of the engine, or sources of the snapshots.

use crate::trouble::Trouble;
use diagnosis::rules::Rules;
use replay::snapshot::Snapshot;
use replay::snapshot::about::Source;

/// Sources that an investigation may have to do without, as a snapshot names them.
pub const SOURCES: [&str; 18] = [
    "configmaps",
    "controllerrevisions",
    "deployments",
    "endpointslices",
    "events",
    "ingresses",
    "jobs",
    "limitranges",
    "logs",
    "networkpolicies",
    "nodes",
    "persistentvolumeclaims",
    "persistentvolumes",
    "pods",
    "replicasets",
    "resourcequotas",
    "services",
    "storageclasses",
];

/// What is left out.
#[derive(Clone, Debug, Default)]
pub struct Without {
    /// The rules in force.
    pub rules: Rules,
    /// Sources that cannot be read.
    pub sources: Vec<String>,
    /// The failure modes of a scenario's own truth.
    pub own_modes: bool,
}

impl Without {
    /// Leaves out what bears these names.
    ///
    /// # Errors
    /// One line with the valid names, where a name is none of them.
    pub fn of(names: &[String]) -> Result<Self, Trouble> {
        let mut without = Without::default();
        for name in names {
            if SOURCES.contains(&name.as_str()) {
                without.sources.push(name.clone());
            } else if !without.rules.drop(name) {
                return Err(Trouble::Usage(format!(
                    "--without {name}: it is one of {}, or of {}",
                    Rules::NAMES.join(", "),
                    SOURCES.join(", ")
                )));
            }
        }
        Ok(without)
    }

    /// Makes a snapshot answer as if these sources may not be read.
    pub(super) fn take_from(&self, snapshot: &mut Snapshot) {
        for source in &self.sources {
            let denied = Source {
                available: false,
                reason: Some("left out of this evaluation".to_owned()),
                left_out: None,
            };
            snapshot.about.sources.insert(source.clone(), denied);
        }
    }
}
