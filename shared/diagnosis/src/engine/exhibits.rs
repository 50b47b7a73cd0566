//! Evidence as the report numbers it: in the order in which the report cites it, each fact and what it says once.

use crate::case::Case;
use crate::finding::Cite;
use evidence::digest;
use evidence::report::{Evidence, Upstream};

/// Hands out ids while a report is put together.
#[derive(Debug)]
pub(super) struct Exhibits<'a> {
    case: &'a Case,
    cited: Vec<Cite>,
}

impl<'a> Exhibits<'a> {
    pub(super) fn new(case: &'a Case) -> Self {
        Exhibits { case, cited: Vec::new() }
    }

    /// The ids of these cites, new ones for what was not cited before.
    pub(super) fn ids(&mut self, cites: &[Cite]) -> Vec<String> {
        let mut ids = Vec::new();
        for cite in cites {
            let at = match self.cited.iter().position(|it| it == cite) {
                Some(at) => at,
                None => {
                    self.cited.push(cite.clone());
                    self.cited.len() - 1
                }
            };
            let id = format!("E{}", at + 1);
            if !ids.contains(&id) {
                ids.push(id);
            }
        }
        ids
    }

    /// Everything cited, in order.
    pub(super) fn all(self) -> Vec<Evidence> {
        let case = self.case;
        self.cited
            .iter()
            .enumerate()
            .filter_map(|(at, cite)| evidence(case, at + 1, cite))
            .collect()
    }
}

fn evidence(case: &Case, number: usize, cite: &Cite) -> Option<Evidence> {
    let exhibit = case.exhibits.get(cite.exhibit)?;
    let call = case.calls.get(exhibit.call)?;
    let source = call.sources.get(exhibit.source);
    Some(Evidence {
        id: format!("E{number}"),
        server: call.server.clone(),
        tool: call.tool.clone(),
        arguments: call.arguments.clone(),
        upstream: Upstream {
            method: source.map(|it| it.method.clone()).unwrap_or_default(),
            path: source.map(|it| it.path.clone()).unwrap_or_default(),
        },
        subject: exhibit.body.entity(),
        observed_at: source.map_or(case.as_of, |it| it.observed_at),
        observation: cite.says.clone(),
        excerpt: cite.excerpt.clone(),
        digest: digest::of(&exhibit.body),
    })
}
