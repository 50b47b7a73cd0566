//! Claims that wait for a volume that somebody made, and what keeps the nearest one from them.

use super::Case;
use super::constraints::Constraint;
use crate::finding::{Cite, Finding, Strength};
use crate::quantity;
use crate::seen::Seen;
use evidence::entity::Entity;
use evidence::fact::storage::{Claim, Volume};
use evidence::question::Question;

/// A claim that no volume fits.
#[derive(Clone, Debug)]
pub struct Unfit<'a> {
    /// The claim.
    pub claim: Seen<'a, Claim>,
    /// Where it was said that it waits.
    pub said: Cite,
    /// The volume that is nearest to what it asks for, and what is in the way; none where no volume comes near.
    pub nearest: Option<(Seen<'a, Volume>, Misfit)>,
}

/// What keeps a volume from a claim.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Misfit {
    /// It does not offer this access mode.
    Access(String),
    /// It is too small.
    Capacity,
    /// It lacks the labels that the claim selects.
    Labels,
    /// It belongs to this other claim.
    Taken(Entity),
    /// It is left over from a claim that is gone, or could not be cleaned after it.
    Leftover,
}

impl Case {
    /// Every claim that waits although volumes were looked at, and that nobody provisions for. The controller says the
    /// same of all of them, so that the specs tell: rule R9.
    pub fn unfit_claims(&self) -> Vec<Unfit<'_>> {
        if !self.looked("PersistentVolume", "") {
            return Vec::new();
        }
        let mut unfit = Vec::new();
        for claim in self.claims().filter(|it| it.phase == "Pending") {
            let Some(said) = self.said_of_binding(&claim) else { continue };
            match self.nearest(&claim) {
                Nearest::Fits => {}
                Nearest::Misses(volume, misfit) => {
                    unfit.push(Unfit { claim, said, nearest: Some((volume, misfit)) });
                }
                Nearest::Nothing => unfit.push(Unfit { claim, said, nearest: None }),
            }
        }
        unfit
    }

    /// Whether a claim waits because it names no class where there are classes, and none of them is the default. A volume
    /// that would fit but for its class was rather meant.
    pub fn lacks_default(&self, unfit: &Unfit<'_>) -> bool {
        let claim = unfit.claim.it;
        let meant =
            || self.volumes().any(|it| it.phase == "Available" && misfits(claim, it.it).is_empty());
        claim.class.is_none()
            && claim.volume.is_empty()
            && unfit.nearest.is_none()
            && self.looked("StorageClass", "")
            && self.storage_classes().next().is_some()
            && !self.storage_classes().any(|it| it.it.default)
            && !meant()
    }

    /// What to ask before claims and volumes can be compared.
    pub fn ask_for_volumes(&self) -> Vec<Question> {
        let pending = self.claims().any(|it| it.phase == "Pending");
        if !pending || self.looked("PersistentVolume", "") {
            return Vec::new();
        }
        vec![Question::Objects { kind: "PersistentVolume".to_owned(), namespace: String::new() }]
    }

    /// The words of the volume controller, or of the scheduler where the class binds on first use.
    fn said_of_binding(&self, claim: &Seen<'_, Claim>) -> Option<Cite> {
        let name = claim.meta.entity("PersistentVolumeClaim");
        let events = self.events_of(&name, &["FailedBinding", "ProvisioningFailed"]);
        let said = events
            .filter(|it| {
                it.reason == "FailedBinding" || it.message.contains("kubernetes.io/no-provisioner")
            })
            .max_by_key(|it| it.last);
        if let Some(event) = said {
            let says = format!("{name}: {}", event.reason);
            return Some(Cite::quoting(event.exhibit, says, &event.message));
        }
        let unplaced = self.unplaced();
        let waits = unplaced.iter().find(|it| {
            it.binding == Constraint::NoVolume
                && it.root.namespace == claim.meta.namespace
                && it.claims().any(|it| it == claim.meta.name)
        })?;
        waits.cites.first().cloned()
    }

    fn nearest<'a>(&'a self, claim: &Claim) -> Nearest<'a> {
        let class = claim.class.clone().unwrap_or_default();
        let candidates = self.volumes().filter(|volume| {
            claim.volume == volume.meta.name || claim.volume.is_empty() && volume.class == class
        });
        // A volume that is free was rather meant than one that another claim has; one left from this very name most.
        let rank = |volume: &Volume| {
            let misfits = misfits(claim, volume);
            let taken = misfits.iter().any(|it| matches!(it, Misfit::Taken(_)));
            (taken, misfits.len(), !is_own(claim, volume))
        };
        let Some(volume) = candidates.min_by_key(|it| rank(it.it)) else { return Nearest::Nothing };
        match rank(volume.it) {
            (_, 0, _) => Nearest::Fits,
            // One that another claim has and that would not fit either tells nothing.
            (true, 2.., _) => Nearest::Nothing,
            _ => match misfits(claim, volume.it).into_iter().next() {
                Some(misfit) => Nearest::Misses(volume, misfit),
                None => Nearest::Fits,
            },
        }
    }
}

/// What comes of looking for a claim's volume.
enum Nearest<'a> {
    Fits,
    Misses(Seen<'a, Volume>, Misfit),
    Nothing,
}

impl Unfit<'_> {
    /// The claim's name.
    pub fn name(&self) -> Entity {
        self.claim.meta.entity("PersistentVolumeClaim")
    }

    /// A finding about the claim, with what was said and what both ask and offer.
    pub fn finding(&self, case: &Case, field: &str, why: &str) -> Finding {
        let subject = self.name();
        let claim = &self.claim;
        let asks = format!("{subject}: asks for {} {}", claim.request, claim.access.join(","));
        let mut proofs = vec![self.said.clone(), Cite::new(claim.exhibit, asks)];
        let volume = self.nearest.as_ref().map(|(volume, _)| volume);
        let nearest = match volume {
            None => String::new(),
            Some(volume) => {
                let name = volume.meta.entity("PersistentVolume");
                let offers = volume.access.join(",");
                let says = format!("{name}: {} {} {offers}", volume.phase, volume.capacity);
                proofs.push(Cite::new(volume.exhibit, says));
                format!("{name}, the nearest, ")
            }
        };
        let mut explains = vec![subject.clone()];
        explains.extend(case.mounters(&subject));
        Finding {
            field: Some(field.to_owned()),
            value: None,
            statement: format!("{subject} gets no volume because {nearest}{why}."),
            proofs,
            doubts: Vec::new(),
            strength: Strength::Conclusive,
            explains,
            subject,
        }
    }
}

fn is_own(claim: &Claim, volume: &Volume) -> bool {
    volume
        .claim
        .as_ref()
        .is_some_and(|it| it.name == claim.meta.name && it.namespace == claim.meta.namespace)
}

/// What keeps a claim and a volume apart.
pub fn misfits(claim: &Claim, volume: &Volume) -> Vec<Misfit> {
    let mut misfits = Vec::new();
    if let Some(mode) = claim.access.iter().find(|it| !volume.access.contains(it)) {
        misfits.push(Misfit::Access(mode.clone()));
    }
    if quantity::less(&volume.capacity, &claim.request) == Some(true) {
        misfits.push(Misfit::Capacity);
    }
    if claim.selector.as_ref().is_some_and(|it| !it.matches(&volume.meta.labels)) {
        misfits.push(Misfit::Labels);
    }
    match &volume.claim {
        _ if matches!(volume.phase.as_str(), "Released" | "Failed") => {
            misfits.push(Misfit::Leftover)
        }
        Some(other) if !is_own(claim, volume) => misfits.push(Misfit::Taken(other.clone())),
        _ => {}
    }
    misfits
}
