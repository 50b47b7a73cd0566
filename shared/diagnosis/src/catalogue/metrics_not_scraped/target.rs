//! A target that is down, by what Prometheus says of it.

use crate::case::scrape_errors::ScrapeError;
use crate::case::scraping::{Origin, Unscraped};
use crate::finding::{Finding, Strength};
use evidence::entity::Entity;

/// What is to be changed: object, field and value.
type Fault = (Entity, Option<String>, Option<String>);

/// What makes a target's scrapes fail; none where its error leaves several explanations.
pub(super) fn finding(unscraped: &Unscraped<'_>) -> Option<Finding> {
    let root = unscraped.root();
    let (scheme, port, path) = unscraped.address();
    let origin = unscraped.origin();
    let entity = &origin.entity;
    let mut strength = Strength::Strong;
    let ((subject, field, value), why) = match unscraped.error? {
        ScrapeError::NoSuchPath(code) => (
            of(&origin, "path", Some(&path)),
            format!(
                "{entity} asks for {path}, and its pods answer that there is no such page ({code})"
            ),
        ),
        ScrapeError::Page => (
            of(&origin, "path", Some(&path)),
            format!("{entity} asks for {path}, and that is a page without metrics"),
        ),
        ScrapeError::Denied(code) => (
            of(&origin, "authorization", None),
            format!("its pods turn away {entity} as having no right to them ({code})"),
        ),
        ScrapeError::PlainHttp => {
            // Both ends have said so.
            strength = Strength::Conclusive;
            (
                of(&origin, "scheme", Some(scheme)),
                format!("{entity} asks by HTTPS, and its pods answer in plain HTTP"),
            )
        }
        ScrapeError::Fails(code) => (
            (root.clone(), None, None),
            format!("it answers {entity} with an error of its own ({code})"),
        ),
        ScrapeError::Refused => refused(unscraped, &origin, port)?,
    };
    Some(Finding {
        field,
        value,
        statement: format!("The metrics of {root} are missing because {why}."),
        proofs: vec![unscraped.cite(), unscraped.cite_ready()],
        doubts: Vec::new(),
        strength,
        explains: vec![root],
        subject,
    })
}

/// Nobody listens at a port. Whether it is the wrong one, its containers' declarations tell.
fn refused(unscraped: &Unscraped<'_>, origin: &Origin, port: &str) -> Option<(Fault, String)> {
    let root = unscraped.root();
    let template = &unscraped.workload.it.template;
    let ports = template.containers.iter().flat_map(|it| &it.ports).map(|it| it.number.to_string());
    let declared: Vec<String> = ports.collect();
    let entity = &origin.entity;
    if declared.iter().any(|it| it == port) {
        let why = format!(
            "nothing in its pods listens at port {port}, which they declare and {entity} asks"
        );
        return Some(((root, None, None), why));
    }
    if declared.is_empty() {
        return None;
    }
    let why = format!(
        "{entity} asks port {port}, where nothing listens: its pods declare {}",
        declared.join(", ")
    );
    Some((of(origin, "port", Some(port)), why))
}

fn of(origin: &Origin, field: &str, value: Option<&str>) -> Fault {
    let field = match origin.part.as_str() {
        "" => field.to_owned(),
        part => format!("{part}.{field}"),
    };
    (origin.entity.clone(), Some(field), value.map(str::to_owned))
}
