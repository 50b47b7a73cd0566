//! An Ingress or a Gateway names a class that does not exist.

use crate::case::Case;
use crate::failure_mode::{Category, Depth, FailureMode};
use crate::finding::{Cite, Finding, Judgement, Strength};
use crate::seen::Seen;
use evidence::entity::Entity;
use evidence::fact::network::Ingress;
use evidence::fact::object::Object;
use evidence::question::Question;
use evidence::report::Remedy;

pub(super) static MODE: FailureMode = FailureMode {
    id: "ING-03",
    title: "it names a class of Ingress or Gateway that does not exist",
    category: Category::Network,
    proves: "all classes were seen, the one named is not among them, and nothing serves it",
    refutes: "the class exists, or it has an address: then something serves it",
    confused_with: &["ING-01", "ING-06"],
    depth: Depth::Object,
    stands_alone: false,
    ask,
    judge,
    remedy,
};

fn ask(case: &Case) -> Vec<Question> {
    let all = |kind: &str| Question::Objects { kind: kind.to_owned(), namespace: String::new() };
    let mut questions = Vec::new();
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
    judgements.extend(case.gateways().filter_map(|gateway| of_gateway(case, gateway)));
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
    Some(proven(subject, "spec.ingressClassName", class, &why, vec![proof], strength))
}

fn of_gateway(case: &Case, gateway: Seen<'_, Object>) -> Option<Judgement> {
    let said = case.refused_gateway(gateway)?;
    let class = gateway.it.fields.get("spec.gatewayClassName")?;
    let exists = case.gateway_classes().any(|it| it.meta.name == *class);
    if exists || !case.looked("GatewayClass", "") {
        return None;
    }
    let subject = gateway.meta.entity("Gateway");
    let why = format!("its class {class} does not exist");
    let says = format!("{subject}: {} is {} ({}), {why}", said.kind, said.status, said.reason);
    let proof = Cite::quoting(gateway.exhibit, says, &said.message);
    Some(proven(subject, "spec.gatewayClassName", class, &why, vec![proof], Strength::Conclusive))
}

fn proven(
    subject: Entity,
    field: &str,
    class: &str,
    why: &str,
    proofs: Vec<Cite>,
    strength: Strength,
) -> Judgement {
    Judgement::Proven(Finding {
        field: Some(field.to_owned()),
        value: Some(class.to_owned()),
        statement: format!("{subject} is served by nobody because {why}."),
        proofs,
        doubts: Vec::new(),
        strength,
        explains: vec![subject.clone()],
        subject,
    })
}

fn remedy(finding: &Finding) -> Vec<Remedy> {
    let subject = &finding.subject;
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
