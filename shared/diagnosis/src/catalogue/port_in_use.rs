//! A program cannot listen because something in its pod, or on its node, already does.

use crate::case::Case;
use crate::case::containers::Running;
use crate::case::words::last_line;
use crate::case::words::process::says_port_taken;
use crate::failure_mode::{Category, Depth, FailureMode, nothing};
use crate::finding::{Cite, Finding, Judgement, Strength, one_each};
use crate::kubectl;
use evidence::report::Remedy;

pub(super) static MODE: FailureMode = FailureMode {
    id: "RUN-15",
    title: "the port at which it wants to listen is taken",
    category: Category::Runtime,
    proves: "a container that ends again and again says that its address is already in use; another of the pod declares the port",
    refutes: "the container goes on to serve",
    confused_with: &["RUN-10", "SCH-10"],
    depth: Depth::Workload,
    stands_alone: false,
    // The engine reads the log of whatever ends and is not explained.
    ask: nothing,
    judge,
    remedy,
};

fn judge(case: &Case) -> Vec<Judgement> {
    one_each(case.containers().filter_map(|container| one(case, &container)))
}

fn one(case: &Case, container: &Running<'_>) -> Option<Judgement> {
    let ended = case.fails_by_ending(container)?;
    let log = case.words_of(container)?;
    let line = last_line(log.it, says_port_taken)?;
    let (subject, spec) = (container.root.clone(), container.spec);
    let pod = container.pod.meta.entity("Pod");
    let mut proofs = vec![container.cite_end(ended)];
    let says = format!("{pod}: container {} cannot listen", spec.name);
    proofs.push(Cite::quoting(log.exhibit, says, &line.text));
    let port = port(&line.text);
    // Containers of a pod share its address.
    let rival = container.pod.it.spec.containers.iter().find(|other| {
        other.name != spec.name
            && (!other.init || other.sidecar)
            && other.ports.iter().any(|it| Some(it.number) == port)
    });
    let which = port.map_or_else(|| "its port".to_owned(), |port| format!("port {port}"));
    let whom = match rival {
        Some(rival) => {
            let says = format!("{pod}: container {} declares {which} as well", rival.name);
            proofs.push(Cite::new(container.pod.exhibit, says));
            format!("container {} of the same pod", rival.name)
        }
        None if container.pod.it.spec.host_network => "something else on its node".to_owned(),
        None => "something else in the pod".to_owned(),
    };
    Some(Judgement::Proven(Finding {
        field: Some(container.field("ports")),
        value: port.map(|it| it.to_string()),
        statement: format!(
            "Container {} of {subject} cannot start because {which} is taken by {whom}.",
            spec.name
        ),
        proofs,
        doubts: Vec::new(),
        strength: if rival.is_some() { Strength::Conclusive } else { Strength::Strong },
        explains: vec![subject.clone()],
        subject,
    }))
}

/// The port in `listen tcp :8080: bind: address already in use`, `EADDRINUSE ... :::8080` or `Port 8080 was already in
/// use`: the last number before or after these words that is a port.
fn port(text: &str) -> Option<u16> {
    let words = text.split(|c: char| c.is_whitespace() || matches!(c, ',' | ')' | '('));
    words
        .filter_map(|word| {
            let word = word.trim_end_matches([':', '.', '\'', '"']);
            word.rsplit(':').next()?.parse::<u16>().ok()
        })
        .filter(|port| *port > 0)
        // An errno stands among the words: EADDRINUSE is 98 on Linux.
        .find(|port| *port != 98)
}

fn remedy(finding: &Finding) -> Vec<Remedy> {
    let subject = &finding.subject;
    vec![Remedy {
        action: format!(
            "Let the containers of {subject} listen at different ports; they share the pod's address."
        ),
        command: kubectl::object("edit", subject, ""),
        risk: "low".to_owned(),
        reversible: true,
        verify: "All its containers are ready.".to_owned(),
    }]
}

#[cfg(test)]
mod tests {
    use super::port;

    #[test]
    fn reads_the_port() {
        for (text, expected) in [
            ("listen tcp :8080: bind: address already in use", Some(8080)),
            ("Error: listen EADDRINUSE: address already in use :::3000", Some(3000)),
            ("Web server failed to start. Port 18885 was already in use.", Some(18885)),
            ("OSError: [Errno 98] Address already in use", None),
            ("bind() to 0.0.0.0:80 failed (98: Address already in use)", Some(80)),
        ] {
            assert_eq!(port(text), expected, "{text}");
        }
    }
}
