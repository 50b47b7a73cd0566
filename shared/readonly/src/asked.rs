//! What was asked of whom: every answer carries it, so that a fault found while reading it can be named.

use crate::refusal::{Kind, Refusal};

/// One question to one system. `reader::Reader` puts it into the extensions of each response.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// The upstream system, such as `kubernetes`.
    pub system: &'static str,
    /// The request, as `GET /api/v1/pods`.
    pub request: String,
}

impl Asked {
    /// The refusal of this question for a reason.
    pub fn refused(&self, kind: Kind) -> Refusal {
        Refusal { system: self.system, request: self.request.clone(), kind }
    }

    /// What `extensions` say was asked; without a word about it, an unnamed upstream.
    pub(crate) fn of(extensions: &http::Extensions) -> Asked {
        let unnamed = || Asked { system: "upstream", request: String::new() };
        extensions.get::<Asked>().cloned().unwrap_or_else(unnamed)
    }
}
