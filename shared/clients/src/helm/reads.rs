//! What is read of Helm: the transport's allow-list and the RBAC that we ask for are both made from this table.
//!
//! It is the only list with Secrets on it. Of those it lets through the metadata of lists, and single ones whose name is
//! that of a release; RBAC cannot tell them from other Secrets, so this list must.

use crate::kubernetes::access::{ACCESS_REVIEWS, RULES_REVIEWS};
use crate::kubernetes::list::METADATA_LIST;
use crate::kubernetes::release::PREFIX;
use http::Method;
use readonly::allow::{self, AllowList};

/// A kind that is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Read {
    /// The plural in paths.
    pub plural: &'static str,
    /// What it is read for.
    pub why: &'static str,
    /// Its objects hold releases.
    pub holds_releases: bool,
    /// Its objects live in namespaces.
    pub namespaced: bool,
}

/// All kinds, each of the core group.
pub const TABLE: &[Read] = &[
    Read {
        plural: "secrets",
        why: "releases, one by one and by name; of all others the metadata alone",
        holds_releases: true,
        namespaced: true,
    },
    Read {
        plural: "configmaps",
        why: "releases, where HELM_DRIVER=configmap",
        holds_releases: true,
        namespaced: true,
    },
    Read {
        plural: "namespaces",
        why: "whether a namespace without releases exists",
        holds_releases: false,
        namespaced: false,
    },
];

/// Everything that may be sent. What cannot stand on such a list is not on it, and so not sent.
pub(crate) fn allow_list() -> AllowList {
    let get = |template: String| allow::Read::new(Method::GET, &template).ok();
    let mut reads = Vec::new();
    for Read { plural, holds_releases, .. } in TABLE {
        if !holds_releases {
            reads.extend(get(format!("/api/v1/{plural}")));
            reads.extend(get(format!("/api/v1/{plural}/{{name}}")));
            continue;
        }
        for list in
            [format!("/api/v1/{plural}"), format!("/api/v1/namespaces/{{namespace}}/{plural}")]
        {
            // Whole objects of a list would bring along what Secrets of others hold.
            reads.extend(get(list).map(|read| read.in_form(METADATA_LIST)));
        }
        let one = format!("/api/v1/namespaces/{{namespace}}/{plural}/{PREFIX}{{release}}");
        reads.extend(get(one));
    }
    for question in [ACCESS_REVIEWS, RULES_REVIEWS] {
        reads.extend(allow::Read::new(Method::POST, question));
    }
    AllowList::new(reads)
}
