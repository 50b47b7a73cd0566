//! Words of a question become names only where the cluster has them.
#![cfg(test)]

use evidence::fact::meta::Meta;
use evidence::fact::network::Service;
use evidence::fact::object::Object;
use evidence::fact::policy::Namespace;
use evidence::fact::workload::{Autoscaler, Workload};
use evidence::fact::{Body, Fact};
use evidence::testimony::{Look, Testimony};
use inquest::intake::names::{Place, resolve};
use inquest::intake::words::read;
use inquest::trouble::Trouble;

fn meta(namespace: &str, name: &str) -> Meta {
    Meta { namespace: namespace.to_owned(), name: name.to_owned(), ..Meta::default() }
}

fn deployment(namespace: &str, name: &str) -> Body {
    Body::Workload(Workload {
        kind: "Deployment".to_owned(),
        meta: meta(namespace, name),
        ..Workload::default()
    })
}

/// Two namespaces, both with a `web`; all workloads and namespaces were seen.
fn survey() -> Testimony {
    let bodies = [
        Body::Namespace(Namespace { meta: meta("", "shop"), ..Namespace::default() }),
        Body::Namespace(Namespace { meta: meta("", "pets"), ..Namespace::default() }),
        deployment("shop", "web"),
        deployment("pets", "web"),
        deployment("pets", "order-service"),
        Body::Service(Service { meta: meta("pets", "order-service"), ..Service::default() }),
        deployment("pets", "vaccine-export"),
        Body::Autoscaler(Autoscaler { meta: meta("pets", "grow"), ..Autoscaler::default() }),
        Body::Object(Object {
            kind: "HTTPRoute".to_owned(),
            meta: meta("pets", "front"),
            ..Object::default()
        }),
    ];
    let look =
        |kind: &str| Look { kind: kind.to_owned(), namespace: String::new(), complete: true };
    Testimony {
        facts: bodies.into_iter().map(|body| Fact { source: 0, body }).collect(),
        looks: vec![look("Namespace"), look("Deployment"), look("Service")],
        ..Testimony::default()
    }
}

#[track_caller]
fn means(question: &str, namespaces: &[&str], workload: Option<&str>) {
    let place = resolve(&read(question), &survey()).unwrap();
    let expected = Place {
        namespaces: namespaces.iter().map(|it| (*it).to_owned()).collect(),
        workload: workload.map(str::to_owned),
        seen: true,
    };
    assert_eq!(place, expected, "{question}");
}

#[track_caller]
fn asks_back(question: &str, expected: &str) {
    let trouble = resolve(&read(question), &survey()).unwrap_err();
    assert_eq!(trouble, Trouble::Usage(expected.to_owned()), "{question}");
}

#[test]
fn a_pod_called_by_its_workload_is_the_workload() {
    means(
        "why does the order-service pod in the pets namespace crash?",
        &["pets"],
        Some("Deployment/order-service"),
    );
}

#[test]
fn a_workload_found_once_brings_its_namespace() {
    means("why is order-service slow", &["pets"], Some("Deployment/order-service"));
    means("the order service is down", &["pets"], Some("Deployment/order-service"));
}

#[test]
fn a_kind_that_was_said_is_kept() {
    means("what about svc/order-service", &["pets"], Some("Service/order-service"));
}

#[test]
fn an_object_of_any_kind_is_found_where_its_kind_is_written() {
    means("why does hpa/grow do nothing", &["pets"], Some("HorizontalPodAutoscaler/grow"));
    means("is httproute/front right", &["pets"], Some("HTTPRoute/front"));
    means("what makes front grow", &[], None);
}

#[test]
fn a_name_of_several_words_is_found_by_them() {
    means("where is the export of the vaccine list", &["pets"], Some("Deployment/vaccine-export"));
    means("where is the export of the list", &[], None);
}

#[test]
fn words_that_several_namespaces_have_a_name_of_are_plain_words() {
    let mut survey = survey();
    for namespace in ["pets", "shop"] {
        survey.facts.push(Fact { source: 0, body: deployment(namespace, "stock-count") });
    }
    let place = resolve(&read("where is the count of the stock list"), &survey).unwrap();
    assert_eq!(place, Place { seen: true, ..Place::default() });
}

#[test]
fn a_bare_word_that_is_a_namespace_is_one() {
    means("what is wrong in shop", &["shop"], None);
    means("web in shop is down", &["shop"], Some("Deployment/web"));
}

#[test]
fn a_question_that_names_two_namespaces_is_about_both() {
    means(
        "shop has no new pods, nightly import of pets failed. same cause?",
        &["shop", "pets"],
        None,
    );
    means("order-service and web fail in pets, shop is slow", &["pets", "shop"], None);
    // The object stands in the second.
    means(
        "since shop changed, order-service in pets is slow",
        &["pets"],
        Some("Deployment/order-service"),
    );
}

#[test]
fn an_object_of_one_namespace_stays_alone_where_another_is_named_beside_it() {
    means(
        "order-service in pets is down, the shop team says no",
        &["pets"],
        Some("Deployment/order-service"),
    );
}

#[test]
fn english_is_not_a_name() {
    means("why does the website of grandmother misbehave", &[], None);
    means("why is the payment pod of ours slow", &[], None);
    means("Why are pods crash-looping in namespace shop?", &["shop"], None);
    means("after deployment v2.3.1 web fails in shop", &["shop"], Some("Deployment/web"));
    means("pods OOM-killed in shop", &["shop"], None);
}

#[test]
fn a_name_may_be_written_with_a_dash_or_without() {
    means("why is vaccineexport slow", &["pets"], Some("Deployment/vaccine-export"));
    means("why is the or-der-service slow", &["pets"], Some("Deployment/order-service"));
}

#[test]
fn an_unknown_namespace_is_asked_back_with_the_nearest() {
    asks_back(
        "what is wrong in namespace shap",
        "there is no namespace called \"shap\"; the nearest are shop, pets",
    );
}

#[test]
fn an_unknown_workload_is_asked_back_with_the_nearest() {
    asks_back(
        "why is deployment/order-servce down",
        "there is no deployment called \"order-servce\"; the nearest are order-service, web, vaccine-export",
    );
    asks_back(
        "why is the order-servce failing in the pets namespace",
        "there is no workload in namespace pets called \"order-servce\"; the nearest are order-service, web, vaccine-export",
    );
}

#[test]
fn a_name_in_several_namespaces_is_asked_back() {
    asks_back(
        "why is deployment/web down",
        "\"web\" is in more than one namespace (pets, shop): say which with --namespace",
    );
}

#[test]
fn what_could_not_be_seen_is_believed() {
    let mut blind = survey();
    blind.looks.clear();
    let place = resolve(&read("deployment/gone in namespace dark"), &blind).unwrap();
    assert_eq!(place.namespaces, ["dark"]);
    assert_eq!(place.workload.as_deref(), Some("Deployment/gone"));
    assert!(!place.seen);
}
