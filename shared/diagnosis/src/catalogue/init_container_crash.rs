//! An init container fails, and the containers after it never start.

use super::application_crash::answered::are_answered;
use crate::case::Case;
use crate::case::complaints::Complaint;
use crate::case::containers::Running;
use crate::case::words::last_line;
use crate::case::words::process::{says_no_command, says_wrong_format};
use crate::case::words::said::Said;
use crate::failure_mode::{Category, Depth, FailureMode, nothing};
use crate::finding::{Cite, Finding, Judgement, Strength, one_each};
use crate::kubectl;
use evidence::fact::event::Line;
use evidence::fact::spec::Container;
use evidence::report::Remedy;

pub(super) static MODE: FailureMode = FailureMode {
    id: "CFG-05",
    title: "its init container fails",
    category: Category::Configuration,
    proves: "an init container ends with an error again and again, and the containers after it wait",
    refutes: "it ended well, or it says that something else does not answer",
    confused_with: &["CFG-06", "RUN-10", "RUN-11", "DEP-13"],
    depth: Depth::Workload,
    stands_alone: false,
    // The engine reads the log of whatever ends and is not explained.
    ask: nothing,
    judge,
    remedy,
};

fn judge(case: &Case) -> Vec<Judgement> {
    let complaints = case.complaints();
    one_each(case.containers().filter_map(|container| one(case, &complaints, &container)))
}

fn one(case: &Case, complaints: &[Complaint<'_>], container: &Running<'_>) -> Option<Judgement> {
    let (root, spec) = (container.root, container.spec);
    let ended = case.fails_by_ending(container).filter(|it| it.exit_code != 0)?;
    let signal = matches!(ended.exit_code, 126..=128 | 132..=139);
    if !spec.init || container.status.ready || signal || ended.reason == "OOMKilled" {
        return None;
    }
    let mut proofs = vec![container.cite_end(ended)];
    let log = case.words_of(container);
    let other = |text: &str| says_no_command(text) || says_wrong_format(text);
    if log.is_some_and(|log| {
        last_line(log.it, other).is_some()
            || are_answered(case, complaints, container, log, is_answered)
    }) {
        return None;
    }
    let last: Option<&Line> = log.and_then(|log| log.it.lines.last());
    if let (Some(log), Some(line)) = (log, last) {
        let what = if spec.sidecar { "sidecar" } else { "init container" };
        let says = format!("{what} {} wrote this last", spec.name);
        proofs.push(Cite::quoting(log.exhibit, says, &line.text));
    }
    let blamed = log.and_then(|log| case.blamed_file(container, log.it));
    let (subject, field, why) = match &blamed {
        Some(blamed) => {
            let (object, place) = (&blamed.object, &blamed.place);
            let says = format!("what the log names at {place} is mounted from {object}");
            proofs.push(Cite::new(container.pod.exhibit, says));
            (object.clone(), blamed.field(), format!(" because of what it reads from {object}"))
        }
        None => (root.clone(), Some(container.field(own_field(spec))), String::new()),
    };
    Some(Judgement::Proven(Finding {
        field,
        value: None,
        statement: match spec.sidecar {
            true => format!(
                "{root} is not ready because its sidecar {} ends again and again with exit code {}{why}.",
                spec.name, ended.exit_code
            ),
            false => format!(
                "{root} cannot start because its init container {} ends with exit code {}{why}.",
                spec.name, ended.exit_code
            ),
        },
        proofs,
        doubts: Vec::new(),
        strength: if last.is_some() { Strength::Strong } else { Strength::Suggestive },
        explains: vec![root.clone()],
        subject,
    }))
}

/// The field that says what an init container does.
fn own_field(spec: &Container) -> &'static str {
    match (spec.command.is_empty(), spec.args.is_empty()) {
        (false, _) => "command",
        (true, false) => "args",
        (true, true) => "image",
    }
}

/// Whether another mode answers for it better: something that it needs, or that the kernel refuses, or a schema.
fn is_answered(said: &Said) -> bool {
    !said.is_own()
        && !matches!(
            said,
            Said::MissingFile { .. } | Said::Reset { .. } | Said::NoTemporaryDirectory { .. }
        )
}

fn remedy(finding: &Finding) -> Vec<Remedy> {
    let subject = &finding.subject;
    let command = match subject.kind.as_str() {
        "ConfigMap" | "Secret" => kubectl::object("edit", subject, ""),
        _ => kubectl::object("logs", subject, "--all-containers --previous"),
    };
    vec![Remedy {
        action: format!(
            "Mend what the log of the init container tells, in the source of {subject}."
        ),
        command,
        risk: "low".to_owned(),
        reversible: true,
        verify: "The init container ends with exit code 0, and the pod starts.".to_owned(),
    }]
}
