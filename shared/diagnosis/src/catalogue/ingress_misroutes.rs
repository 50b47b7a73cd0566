//! An Ingress sends a path to another Service than the one of its name, to that of another namespace, in a protocol
//! that it does not speak, or without what lies below it.

mod captured;
mod exact;
mod protocol;

use crate::case::Case;
use crate::case::misled_routes::MisledRoute;
use crate::case::news::Turn;
use crate::case::routes;
use crate::failure_mode::{Category, Depth, FailureMode};
use crate::finding::{Cite, Finding, Judgement, Strength};
use crate::kubectl;
use evidence::question::Question;
use evidence::report::Remedy;

pub(super) static MODE: FailureMode = FailureMode {
    id: "ING-02",
    title: "an Ingress sends a path to the wrong Service",
    category: Category::Network,
    proves: "somebody asks about the Ingress or the Service, or misses it by its name since the rules were changed, the path or host bears the name of a Service to which no rule leads, and its rule leads to another; or a trouble of it is reported, and an Ingress of another namespace, made lately, takes a path below it on the same host; or a path of it is taken exactly since a change, and the log of the Service of a shorter path shows requests below it; or it is the only thing that was changed before a trouble that users report; or its controller is to speak TLS to programs that speak plain HTTP, or the other way round",
    refutes: "some rule leads to the Service of that name, or there is none",
    confused_with: &["ING-01"],
    depth: Depth::Object,
    // A path may be named as one likes, and nothing in the cluster tells what it was meant for.
    stands_alone: true,
    ask,
    judge,
    remedy,
};

fn ask(case: &Case) -> Vec<Question> {
    let mut questions = case.ask_about_strays();
    questions.extend(captured::ask(case));
    questions.extend(protocol::ask(case));
    questions
}

fn judge(case: &Case) -> Vec<Judgement> {
    let mut judgements = Vec::new();
    for misled in case.misled_routes() {
        // An ordinary question is not about how somebody names his paths.
        let missed = case.is_missed_since(&misled);
        if case.asks_about("Ingress", &misled.ingress.meta.name)
            || case.asks_about("Service", &misled.meant.meta.name)
            || missed
        {
            judgements.push(one(&misled, missed));
        }
    }
    judgements.extend(captured::judge(case));
    judgements.extend(exact::judge(case));
    judgements.extend(protocol::judge(case));
    judgements.extend(case.judge_coincidence(Turn::Entrance));
    judgements
}

fn one(misled: &MisledRoute<'_>, missed: bool) -> Judgement {
    let MisledRoute { ingress, route, meant } = misled;
    let subject = ingress.meta.entity("Ingress");
    let (path, other, name) =
        (routes::written(route), &route.service, meant.meta.entity("Service"));
    let mut proofs = vec![
        Cite::new(ingress.exhibit, format!("{subject} sends {path} to Service {other}")),
        Cite::new(meant.exhibit, format!("{name} is there, and no Ingress leads to it")),
    ];
    if missed {
        proofs
            .push(Cite::new(ingress.exhibit, format!("{subject}: its rules were changed lately")));
    }
    Judgement::Proven(Finding {
        field: Some(routes::field(route, "name")),
        value: Some(other.clone()),
        statement: format!(
            "{subject} sends {path} to Service {other}, while no rule leads to {name}, which bears its name."
        ),
        proofs,
        doubts: Vec::new(),
        strength: if missed { Strength::Strong } else { Strength::Suggestive },
        explains: vec![subject.clone(), name],
        subject,
    })
}

fn remedy(finding: &Finding) -> Vec<Remedy> {
    let subject = &finding.subject;
    if finding.field.as_deref().is_some_and(|it| it.contains("backend-protocol")) {
        return vec![Remedy {
            action: format!(
                "Set the annotation backend-protocol in the source of {subject} to what the programs behind it speak, or remove it where that is HTTP."
            ),
            command: kubectl::object("get", subject, "-o yaml"),
            risk: "low".to_owned(),
            reversible: true,
            verify: "Its hosts answer, and the controller's log tells no failed handshake."
                .to_owned(),
        }];
    }
    vec![Remedy {
        action: format!("Compare the rules of {subject} with their source, and correct that one."),
        command: kubectl::object("describe", subject, ""),
        risk: "low".to_owned(),
        reversible: true,
        verify: "The path is answered by the Service that it is meant for.".to_owned(),
    }]
}
