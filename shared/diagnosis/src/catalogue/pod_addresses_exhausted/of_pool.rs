//! Calico gives addresses out of pools of the whole cluster: what is used up is none of a node's.

use crate::case::Case;
use crate::case::sandboxes::Sandboxless;
use crate::finding::{Cite, Finding, Strength};
use evidence::question::Question;

/// Where Calico keeps its pools.
const POOLS: &str = "ippools.crd.projectcalico.org";

/// The pools that Calico's IPAM names where none of them has an address left
/// (`Assigned 0 out of 1 requested IPv4 addresses; No IPs available in pools: [10.245.0.0/28]`, `lib/ipam` of libcalico-go).
pub(super) fn pools(said: &str) -> Option<Vec<&str>> {
    let (_, listed) = said.split_once("No IPs available in pools: [")?;
    let (listed, _) = listed.split_once(']')?;
    let is_range = |it: &&str| {
        let good = |byte: u8| byte.is_ascii_hexdigit() || b".:/".contains(&byte);
        !it.is_empty() && it.len() <= 43 && it.bytes().all(good)
    };
    let pools: Vec<&str> = listed.split([' ', ',']).filter(is_range).collect();
    (!pools.is_empty()).then_some(pools)
}

pub(super) fn ask(case: &Case) -> Vec<Question> {
    let named = case.sandboxless().iter().any(|it| pools(it.said).is_some());
    let question = Question::Objects { kind: POOLS.to_owned(), namespace: String::new() };
    let daemons = case.ask_for_daemon_sets();
    if named { daemons.into_iter().chain([question]).collect() } else { Vec::new() }
}

/// The pool that is used up; where pools cannot be seen, the plugin that is set up with them.
pub(super) fn finding(case: &Case) -> Option<Finding> {
    let waiting = case.sandboxless();
    let waiting: Vec<&Sandboxless<'_>> =
        waiting.iter().filter(|it| pools(it.said).is_some()).collect();
    let first = waiting.first()?;
    let named = pools(first.said)?;
    let ranges = named.join(", ");
    let mut proofs: Vec<Cite> = waiting.iter().take(3).map(|it| it.cite.clone()).collect();
    let pool = case.objects().find(|it| {
        let range = it.it.fields.get("spec.cidr");
        it.it.kind == "IPPool" && range.is_some_and(|it| named.contains(&it.as_str()))
    });
    let (subject, strength, doubts) = match pool {
        Some(pool) => {
            let subject = pool.it.meta.entity("IPPool");
            proofs.push(Cite::new(pool.exhibit, format!("{subject} is {ranges}")));
            (subject, Strength::Conclusive, Vec::new())
        }
        None => {
            let daemon = case.bringers(first.said).into_iter().next()?;
            let subject = daemon.meta.entity("DaemonSet");
            let doubt = format!("the pools that {subject} gives addresses from were not seen");
            (subject, Strength::Strong, vec![Cite::new(daemon.exhibit, doubt)])
        }
    };
    let mut explains = Vec::new();
    for it in &waiting {
        if !explains.contains(&it.root) {
            explains.push(it.root.clone());
        }
    }
    let root = &first.root;
    Some(Finding {
        field: None,
        value: None,
        statement: format!(
            "Pods of {root} cannot start because no address is left in the pools that they may have one from: {ranges}."
        ),
        proofs,
        doubts,
        strength,
        explains,
        subject,
    })
}
