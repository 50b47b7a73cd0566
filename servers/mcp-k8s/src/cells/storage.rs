//! Claims, volumes and storage classes in cells.

use super::{Cell, cell, wide};
use evidence::fact::storage::{Claim, StorageClass, Volume};

pub(super) fn claim(it: &Claim) -> Vec<Cell> {
    vec![
        cell("STATUS", &it.phase),
        cell("REQUEST", &it.request),
        cell("CLASS", it.class.as_deref().unwrap_or("(default)")),
        cell("VOLUME", &it.volume),
        wide("ACCESS", it.access.join(",")),
    ]
}

pub(super) fn volume(it: &Volume) -> Vec<Cell> {
    let claim = it.claim.as_ref().map(|it| format!("{}/{}", it.namespace, it.name));
    vec![
        cell("STATUS", &it.phase),
        cell("CAPACITY", &it.capacity),
        cell("CLASS", &it.class),
        cell("CLAIM", claim.unwrap_or_default()),
        wide("ACCESS", it.access.join(",")),
        wide("RECLAIM", &it.reclaim),
    ]
}

pub(super) fn class(it: &StorageClass) -> Vec<Cell> {
    let binds = if it.waits_for_consumer { "when a pod wants it" } else { "at once" };
    vec![cell("PROVISIONER", &it.provisioner), cell("DEFAULT", it.default), cell("BINDS", binds)]
}
