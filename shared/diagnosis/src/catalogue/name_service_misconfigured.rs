//! CoreDNS is configured to answer otherwise than the cluster's Services would have it.

mod forwarded;
mod looped;

use crate::case::Case;
use crate::case::containers::Running;
use crate::case::corefile::{Twist, twist};
use crate::case::resolving::Unresolved;
use crate::case::touching::data_toucher;
use crate::failure_mode::{Category, Depth, FailureMode};
use crate::finding::{Cite, Finding, Judgement, Strength};
use crate::kubectl;
use evidence::entity::Entity;
use evidence::question::Question;
use evidence::report::Remedy;
use std::collections::BTreeMap;

pub(super) static MODE: FailureMode = FailureMode {
    id: "DNS-02",
    title: "CoreDNS is configured to answer wrongly",
    category: Category::Network,
    proves: "a log says that the name of a Service that exists is not found, and the Corefile denies or rewrites that name, or lately answers for another zone; or CoreDNS says that it cannot read its Corefile; or its loop plugin ends it, and the Corefile forwards to its own address; or that the server does not answer to which the Corefile, lately changed, forwards a zone of which a log misses a name",
    refutes: "the Corefile leaves the name to the kubernetes plugin",
    confused_with: &["DNS-01", "DNS-03", "NET-05"],
    depth: Depth::Infrastructure,
    stands_alone: false,
    ask,
    judge,
    remedy,
};

/// Beyond the configuration itself: why CoreDNS's containers ended.
fn ask(case: &Case) -> Vec<Question> {
    let mut questions: Vec<Question> = forwarded::ask(case).into_iter().collect();
    questions.extend(looped::ask(case));
    if case.unanswered().is_empty() {
        return questions;
    }
    let containers = case.containers();
    let failing = containers.filter(|it| case.answers_names(&it.pod.meta) && !it.status.ready);
    let before = |it: &Running<'_>| it.waiting().is_some() && it.status.last.is_some();
    questions.extend(failing.take(1).map(|it| it.ask_for_log(before(&it))));
    questions
}

fn judge(case: &Case) -> Vec<Judgement> {
    let mut judgements = unreadable(case);
    judgements.extend(forwarded::judge(case));
    judgements.extend(looped::judge(case));
    let mut victims: BTreeMap<(usize, String), (Twist, Vec<Unresolved<'_>>)> = BTreeMap::new();
    for unresolved in case.unresolved() {
        let meta = &unresolved.service.meta;
        let name = format!("{}.{}.svc.cluster.local", meta.name, meta.namespace);
        for corefile in case.corefiles() {
            let Some((twist, line)) = twist(&corefile.corefile, &name) else { continue };
            // Additions to a Corefile need no plugin for Services of their own.
            if twist == Twist::NoKubernetes && corefile.meta.name != case.name_home().config {
                continue;
            }
            // Clusters may have another zone of their own; what names it so lately was wrong for those who are told the old.
            let lately = data_toucher(&corefile.it.meta).and_then(|it| it.at);
            if twist == Twist::OtherZone && !case.is_news(lately) {
                continue;
            }
            let entry = victims.entry((corefile.exhibit, line)).or_insert((twist, Vec::new()));
            entry.1.push(unresolved.clone());
        }
    }
    for ((exhibit, line), (twist, victims)) in victims {
        judgements.extend(one(case, exhibit, &line, &twist, &victims));
    }
    judgements
}

fn one(
    case: &Case,
    exhibit: usize,
    line: &str,
    twist: &Twist,
    victims: &[Unresolved<'_>],
) -> Option<Judgement> {
    let config = case.corefiles().find(|it| it.exhibit == exhibit)?;
    let subject = config.meta.entity("ConfigMap");
    let first = victims.first()?;
    let service = first.service.meta.entity("Service");
    let does = match twist {
        Twist::Denied { code } => format!("its template answers {code} for the name of {service}"),
        Twist::Rewritten { .. } => format!("it rewrites the name of {service} to another"),
        Twist::OtherZone => {
            format!(
                "its kubernetes plugin answers for zones that do not hold the name of {service}"
            )
        }
        Twist::NoKubernetes => {
            "it has no kubernetes plugin, so that no Service has a name".to_owned()
        }
    };
    let mut proofs: Vec<Cite> = victims.iter().take(2).map(|it| it.complaint.cite()).collect();
    proofs.push(Cite::quoting(exhibit, format!("{subject}: {does}"), line));
    proofs.push(Cite::new(first.service.exhibit, format!("{service} is there")));
    let mut explains: Vec<Entity> = victims.iter().map(|it| it.complaint.root().clone()).collect();
    explains.sort();
    explains.dedup();
    let root = first.complaint.root();
    Some(Judgement::Proven(Finding {
        field: Some("data.Corefile".to_owned()),
        value: (!line.is_empty()).then(|| line.to_owned()),
        statement: format!("{root} finds no address for {service} because of {subject}: {does}."),
        proofs,
        doubts: Vec::new(),
        strength: Strength::Conclusive,
        explains,
        subject,
    }))
}

/// A Corefile that CoreDNS cannot read. The words are those of `parseAll` in Caddy's caddyfile, which CoreDNS uses.
fn unreadable(case: &Case) -> Vec<Judgement> {
    let mut judgements = Vec::new();
    for running in case.containers().filter(|it| case.answers_names(&it.pod.meta)) {
        if running.status.ready {
            continue; // It goes on with what it read before.
        }
        let Some(log) = case.words_of(&running) else { continue };
        let said = log.it.lines.iter().rev().find(|it| {
            it.text.contains("Corefile:") && it.text.contains(" - Error during parsing: ")
        });
        let Some(said) = said else { continue };
        let home = case.name_home();
        let subject = Entity::new("ConfigMap", home.namespace, home.config);
        let pod = running.pod.meta.entity("Pod");
        let says = format!("{pod}: CoreDNS cannot read its Corefile");
        judgements.push(Judgement::Proven(Finding {
            field: Some("data.Corefile".to_owned()),
            value: None,
            statement: format!(
                "{} cannot start because its Corefile in {subject} has a mistake.",
                running.root
            ),
            proofs: vec![Cite::quoting(log.exhibit, says, &said.text)],
            doubts: Vec::new(),
            strength: Strength::Conclusive,
            explains: vec![running.root.clone()],
            subject,
        }));
        break;
    }
    judgements
}

fn remedy(finding: &Finding) -> Vec<Remedy> {
    let subject = &finding.subject;
    vec![Remedy {
        action: format!("Put {subject} back to what it was, in its source."),
        command: kubectl::object("edit", subject, ""),
        risk: "medium".to_owned(),
        reversible: true,
        verify: "CoreDNS reloads within two minutes, and the name is resolved.".to_owned(),
    }]
}
