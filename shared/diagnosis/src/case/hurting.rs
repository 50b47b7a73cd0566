//! Numbers that hurt: those that somebody outside notices, or that leave nothing to be used up.
//!
//! A busy number is no symptom. One is where it changed and what it became harms, or where its level harms by itself.

use super::Case;
use super::measured::Told;
use crate::numbers::worded;
use evidence::entity::Entity;
use evidence::fact::metric::Signal;
use jiff::Timestamp;

/// Errors that are no chance, and how many more than usual.
const ERRORS: (f64, f64) = (0.05, 0.03);
/// Errors that harm, however long they have been there.
const MANY_ERRORS: f64 = 0.2;
/// Answers are slow where they take so many times what is usual, and so many seconds more.
const SLOWER: (f64, f64) = (2.0, 0.1);
/// kubernetes-mixin warns of a volume with so little left.
const LEFT: f64 = 0.03;
/// kubernetes-mixin and node-mixin call this full.
const FULL: f64 = 0.95;

/// A number that hurts.
#[derive(Clone, Debug)]
pub struct Hurt<'a> {
    /// What shows it.
    pub entity: Entity,
    /// In words: `errors 42 %, before 1 %`.
    pub what: String,
    /// Since when.
    pub since: Option<Timestamp>,
    /// It does not work at all.
    pub down: bool,
    /// The number.
    pub told: Told<'a>,
}

impl Case {
    /// Every number that hurts.
    pub fn hurts(&self) -> Vec<Hurt<'_>> {
        let rows = self.measures().map(|it| it.it.signal);
        let signals: std::collections::BTreeSet<Signal> = rows.collect();
        signals.into_iter().flat_map(|it| self.told(it)).filter_map(hurt).collect()
    }

    /// The numbers of an object that hurt.
    pub fn hurts_of(&self, root: &Entity) -> Vec<Hurt<'_>> {
        self.hurts().into_iter().filter(|it| it.entity == *root).collect()
    }

    /// The objects whose answers are slow or fail.
    pub fn ailing(&self) -> Vec<Hurt<'_>> {
        let served = |it: &Hurt<'_>| {
            matches!(
                it.told.measure.signal,
                Signal::ErrorRatio | Signal::LatencyP99 | Signal::ProbeSuccess
            )
        };
        self.hurts().into_iter().filter(served).collect()
    }
}

fn hurt(told: Told<'_>) -> Option<Hurt<'_>> {
    if told.measure.peer.is_some() {
        return None; // What calls suffer, who calls suffers; its own answers tell.
    }
    let now = told.now;
    let since = match told.measure.signal {
        Signal::ErrorRatio => {
            let more = told.worse_by(ERRORS.1).filter(|_| now >= ERRORS.0);
            more.map(Some).or((now >= MANY_ERRORS).then_some(told.reading.since))?
        }
        Signal::LatencyP99 => Some(told.grew(SLOWER.0).and(told.worse_by(SLOWER.1))?),
        Signal::PoolWaiting => Some(told.worse_by(1.0)?),
        Signal::QueueLag => Some(told.grew(3.0).and(told.worse_by(100.0))?),
        Signal::MeshOverflow => Some(told.worse_by(1.0)?),
        Signal::DnsErrors => {
            let more = told.worse_by(ERRORS.1).filter(|_| now >= ERRORS.0);
            more.map(Some).or((now >= MANY_ERRORS).then_some(told.reading.since))?
        }
        Signal::NodeRetransmits => Some(told.worse_by(0.04).filter(|_| now >= 0.05)?),
        Signal::ApiserverRejected => Some(told.worse_by(0.5)?),
        Signal::ApiserverLatency => Some(told.grew(SLOWER.0).filter(|_| now >= 1.0)?),
        Signal::EtcdFsync => told.reading.since.filter(|_| now >= 0.5).map(Some)?,
        Signal::EtcdLeader | Signal::ProbeSuccess => held(&told, now < 0.5)?,
        Signal::ConntrackUse | Signal::EtcdSpace => held(&told, now >= FULL)?,
        Signal::ConnectionsUse => held(&told, now >= 0.98)?,
        Signal::NodeDiskFree
        | Signal::NodeInodesFree
        | Signal::NodeMemoryAvailable
        | Signal::VolumeFree
        | Signal::VolumeInodesFree => held(&told, now < LEFT)?,
        Signal::CertificateLeft => held(&told, now <= 0.0)?,
        _ => return None,
    };
    let usual = match since {
        Some(_) => format!(", before {}", worded::value(told.measure.signal, told.reading.usual)),
        None => String::new(),
    };
    let part = if told.measure.part.is_empty() {
        String::new()
    } else {
        format!(" ({})", told.measure.part)
    };
    let what = format!("{}{part}: {}{usual}", worded::name(told.measure.signal), told.in_words());
    let down = match told.measure.signal {
        Signal::ErrorRatio => now >= 0.5,
        Signal::ProbeSuccess | Signal::EtcdLeader => true,
        _ => false,
    };
    Some(Hurt { entity: told.root.clone(), what, since, down, told })
}

/// A level that harms, since whenever.
fn held(told: &Told<'_>, harms: bool) -> Option<Option<Timestamp>> {
    harms.then_some(told.reading.since)
}
