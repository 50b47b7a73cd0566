//! ingress-nginx is told to rewrite every path of a host to its root: an annotation without a place for the rest of the path,
//! on a rule for all paths.

use super::captured::asked_routes;
use crate::case::Case;
use crate::case::touching::toucher;
use crate::finding::{Cite, Finding, Judgement, Strength};
use crate::seen::Seen;
use evidence::fact::network::Ingress;

/// Read by `internal/ingress/annotations/rewrite` of ingress-nginx: what the matched path is replaced by. Where a rule's path
/// is `/`, that is all of it.
pub(super) const REWRITE: &str = "nginx.ingress.kubernetes.io/rewrite-target";

pub(super) fn judge(case: &Case) -> Vec<Judgement> {
    if !case.reported {
        return Vec::new();
    }
    case.ingresses().filter_map(|ingress| one(case, ingress)).collect()
}

fn one(case: &Case, ingress: Seen<'_, Ingress>) -> Option<Judgement> {
    let meta = &ingress.it.meta;
    let all = ingress.it.routes.iter().find(|it| it.path == "/")?;
    if meta.annotations.get(REWRITE)? != "/" || !is_asked_about(case, ingress) {
        return None;
    }
    let field = format!("metadata.annotations[{REWRITE}]");
    let touch = toucher(meta, &field).filter(|it| case.is_news(it.at))?;
    let set_later = meta.created.is_none_or(|made| touch.at.is_some_and(|at| at > made));
    let subject = meta.entity("Ingress");
    let says = format!("{subject} rewrites what it leads to {} to /", all.service);
    set_later.then(|| {
        Judgement::Proven(Finding {
            field: Some(field),
            value: Some("/".to_owned()),
            statement: format!(
                "Whatever is asked of {subject}, its programs are asked for /: it rewrites every path to that."
            ),
            proofs: vec![Cite::new(ingress.exhibit, says)],
            doubts: Vec::new(),
            strength: Strength::Strong,
            explains: vec![subject.clone()],
            subject,
        })
    })
}

fn is_asked_about(case: &Case, ingress: Seen<'_, Ingress>) -> bool {
    if case.asked_object().is_some() {
        return asked_routes(case).iter().any(|(it, _)| it.exhibit == ingress.exhibit);
    }
    let namespaces = &case.scope.namespaces;
    namespaces.is_empty() || namespaces.contains(&ingress.meta.namespace)
}
