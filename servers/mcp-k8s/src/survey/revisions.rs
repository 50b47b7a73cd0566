//! Which revisions of a workload are worth a fact: those with pods, and the newest three.

use evidence::entity::Entity;
use evidence::fact::workload::Revision;
use std::collections::BTreeMap;

/// How many revisions of one owner are kept: this one, the one before, and the one that was rolled back from.
const NEWEST: usize = 3;

/// The revisions worth keeping, the newest first for each owner.
pub(crate) fn worth_keeping(all: Vec<Revision>) -> Vec<Revision> {
    let mut by_owner: BTreeMap<Option<Entity>, Vec<Revision>> = BTreeMap::new();
    for revision in all {
        by_owner.entry(revision.meta.owner.clone()).or_default().push(revision);
    }
    let mut kept = Vec::new();
    for (owner, mut revisions) in by_owner {
        // Without an owner they are nobody's revisions, but workloads of their own.
        let newest = if owner.is_some() { NEWEST } else { usize::MAX };
        revisions.sort_by(|left, right| {
            let age = |it: &Revision| (it.number, it.meta.created);
            age(right).cmp(&age(left)).then_with(|| left.meta.name.cmp(&right.meta.name))
        });
        let ranked = revisions.into_iter().enumerate();
        let worth = ranked.filter(|(rank, it)| *rank < newest || it.desired > 0 || it.current > 0);
        kept.extend(worth.map(|(_, revision)| revision));
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;
    use evidence::fact::meta::Meta;

    fn revision(number: u64, desired: u32) -> Revision {
        Revision {
            number: Some(number),
            desired,
            meta: Meta {
                name: format!("web-{number}"),
                owner: Some(Entity::new("Deployment", "shop", "web")),
                ..Meta::default()
            },
            ..Revision::default()
        }
    }

    #[test]
    fn the_newest_three_and_those_with_pods_stay() {
        let all =
            vec![revision(1, 2), revision(2, 0), revision(3, 0), revision(5, 1), revision(4, 0)];
        let numbers: Vec<Option<u64>> = worth_keeping(all).iter().map(|it| it.number).collect();
        assert_eq!(numbers, [Some(5), Some(4), Some(3), Some(1)]);
    }
}
