//! Programs end since they were started anew, because the bundle of authorities that they mount was changed before.

use crate::case::Case;
use crate::case::complaints::Complaint;
use crate::case::disputes::whom;
use crate::case::stale::Stale;
use crate::finding::{Cite, Finding, Judgement, Strength};
use evidence::entity::Entity;
use jiff::SignedDuration;

/// Who hands one bundle out to several namespaces does so within this.
const AT_ONCE: SignedDuration = SignedDuration::from_mins(1);

/// One finding for each change: the same manager writes one bundle into ConfigMaps of one name in several namespaces.
pub(super) fn judge(case: &Case) -> Vec<Judgement> {
    let complaints = case.complaints();
    let mut changes: Vec<Vec<(&Complaint<'_>, Stale<'_>)>> = Vec::new();
    for complaint in complaints.iter().filter(|it| it.fails) {
        let Some(changed) = case.changed_trust(complaint) else { continue };
        let known = changes.iter_mut().find(|of| of.iter().any(|(_, it)| is_same(it, &changed)));
        match known {
            Some(known) => known.push((complaint, changed)),
            None => changes.push(vec![(complaint, changed)]),
        }
    }
    changes.iter().filter_map(|of| one(case, of)).map(Judgement::Proven).collect()
}

fn is_same(one: &Stale<'_>, other: &Stale<'_>) -> bool {
    one.config.it.meta.name == other.config.it.meta.name
        && one.touch.manager == other.touch.manager
        && one.at.duration_since(other.at).abs() <= AT_ONCE
}

fn one(case: &Case, of: &[(&Complaint<'_>, Stale<'_>)]) -> Option<Finding> {
    let (complaint, changed) = of.first()?;
    let mut victims: Vec<Entity> = Vec::new();
    let mut configs: Vec<Entity> = Vec::new();
    let mut proofs: Vec<Cite> = Vec::new();
    for (complaint, changed) in of {
        let root = complaint.root().clone();
        let config = changed.config.it.meta.entity(&changed.config.it.kind);
        if !victims.contains(&root) {
            victims.push(root);
            proofs.extend((proofs.len() < 2).then(|| complaint.cite()));
        }
        if !configs.contains(&config) {
            configs.push(config);
        }
    }
    let subject = configs.first()?.clone();
    let more = match configs.len() {
        1 => String::new(),
        several => format!(" and {} more of that name", several - 1),
    };
    let (by, at) = (&changed.touch.manager, changed.at);
    let says = format!("{subject} was changed by {by} at {at}");
    proofs.push(Cite::new(changed.config.exhibit, says));
    // That those who read it before are well tells that it is the content, and not the server.
    let before = of.iter().find_map(|(_, it)| case.reads_from_before(it));
    let strength = if before.is_some() { Strength::Strong } else { Strength::Suggestive };
    proofs.extend(before);
    let (ends, they, were) = match victims.len() {
        1 => ("ends because of a certificate that it does", "it", "was"),
        _ => ("end because of a certificate that they do", "they", "were"),
    };
    let statement = format!(
        "{} {ends} not trust: {they} {were} started after the authorities in {subject}{more} were changed at {at}.",
        whom(&victims)
    );
    Some(Finding {
        field: Some(field(complaint, &subject.name)),
        value: None,
        statement,
        proofs,
        doubts: Vec::new(),
        strength,
        explains: victims,
        subject,
    })
}

/// The field that the container names by a path below the mount, else all that the ConfigMap holds.
fn field(complaint: &Complaint<'_>, config: &str) -> String {
    let container = complaint.container;
    let values = container.spec.env.iter().filter_map(|it| it.value.as_deref());
    let words = container.spec.args.iter().chain(&container.spec.command).map(String::as_str);
    let named = values.chain(words).find_map(|it| {
        let mounted = container.mounted_at(it)?;
        let key = it.strip_prefix(mounted.mount.path.as_str())?.trim_start_matches('/');
        (mounted.volume?.object.name == config && !key.is_empty()).then_some(key)
    });
    named.map_or_else(|| "data".to_owned(), |key| format!("data.{key}"))
}
