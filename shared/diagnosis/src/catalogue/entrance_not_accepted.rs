//! An Ingress or a Gateway that no controller serves: its class does not exist, or its controller has not set it up.

mod of_gateway;

use crate::case::Case;
use crate::failure_mode::{Category, Depth, FailureMode};
use crate::finding::{Cite, Finding, Judgement, Strength};
use crate::seen::Seen;
use evidence::fact::network::Ingress;
use evidence::question::Question;
use evidence::report::Remedy;

pub(super) static MODE: FailureMode = FailureMode {
    id: "ING-03",
    title: "no controller accepts or sets up its Ingress or Gateway",
    category: Category::Network,
    proves: "all classes were seen, the one named is not among them, and nothing serves it; or the class is there, and a Gateway's Accepted or Programmed condition is not True",
    refutes: "it has an address, or Accepted and Programmed are True: then a route or a backend is at fault",
    confused_with: &["ING-01", "ING-05"],
    depth: Depth::Object,
    stands_alone: false,
    ask,
    judge,
    remedy,
};

fn ask(case: &Case) -> Vec<Question> {
    let all = |kind: &str| Question::Objects { kind: kind.to_owned(), namespace: String::new() };
    let mut questions = case.ask_about_gateways();
    let unserved = |it: &Ingress| {
        it.addresses.is_empty() && !it.meta.annotations.contains_key("kubernetes.io/ingress.class")
    };
    if case.ingresses().any(|it| unserved(it.it) && case.is_settled(it.meta.created)) {
        questions.push(all("IngressClass"));
    }
    if case.gateways().any(|it| case.refused_gateway(it).is_some()) {
        questions.push(all("GatewayClass"));
    }
    questions
}

fn judge(case: &Case) -> Vec<Judgement> {
    let mut judgements: Vec<Judgement> =
        case.ingresses().filter_map(|ingress| of_ingress(case, ingress)).collect();
    judgements.extend(case.gateways().filter_map(|gateway| of_gateway::one(case, gateway)));
    judgements
}

fn of_ingress(case: &Case, ingress: Seen<'_, Ingress>) -> Option<Judgement> {
    let class = case.missing_class(ingress)?;
    let subject = ingress.meta.entity("Ingress");
    let (why, strength) = match class {
        "" => ("it names no class, and no class is the default".to_owned(), Strength::Suggestive),
        class => (format!("its class {class} does not exist"), Strength::Strong),
    };
    let proof = Cite::new(ingress.exhibit, format!("{subject}: {why}, and it has no address"));
    Some(Judgement::Proven(Finding {
        field: Some("spec.ingressClassName".to_owned()),
        value: Some(class.to_owned()),
        statement: format!("{subject} is served by nobody because {why}."),
        proofs: vec![proof],
        doubts: Vec::new(),
        strength,
        explains: vec![subject.clone()],
        subject,
    }))
}

fn remedy(finding: &Finding) -> Vec<Remedy> {
    let subject = &finding.subject;
    if finding.field.as_deref().is_some_and(|it| it.starts_with("status.")) {
        return of_gateway::remedy(finding);
    }
    vec![Remedy {
        action: format!(
            "Name a class that exists in the source of {subject}, or install its controller."
        ),
        command: "kubectl get ingressclasses,gatewayclasses".to_owned(),
        risk: "low".to_owned(),
        reversible: true,
        verify: format!("{subject} gets an address."),
    }]
}
