//! The heap of a program's runtime is full, within the limit of its container.

use crate::case::Case;
use crate::case::complaints::Complaint;
use crate::case::containers::Running;
use crate::case::words::said::{Runtime, Said};
use crate::failure_mode::{Category, Depth, FailureMode, nothing};
use crate::finding::{Cite, Finding, Judgement, Strength, one_each};
use crate::kubectl;
use evidence::report::Remedy;

pub(super) static MODE: FailureMode = FailureMode {
    id: "RUN-21",
    title: "the heap of its runtime is full",
    category: Category::Runtime,
    proves: "a container's log says now, in its runtime's words, that its heap is full, and the kernel did not end it for its limit",
    refutes: "it was OOMKilled: then the container's limit is at fault",
    confused_with: &["RUN-01", "RUN-13", "RUN-03"],
    depth: Depth::Workload,
    stands_alone: false,
    ask: nothing,
    judge,
    remedy,
};

fn judge(case: &Case) -> Vec<Judgement> {
    let complaints = case.complaints();
    one_each(complaints.iter().filter_map(|it| one(case, it)))
}

fn one(_: &Case, complaint: &Complaint<'_>) -> Option<Judgement> {
    let Said::OutOfMemory { runtime } = &complaint.said else { return None };
    let (container, subject) = (&complaint.container, complaint.root().clone());
    let ended = container.ended();
    if ended.is_some_and(|it| it.reason == "OOMKilled") {
        return None;
    }
    let mut proofs = vec![complaint.cite()];
    proofs.extend(ended.filter(|_| complaint.fails).map(|it| container.cite_end(it)));
    let limit = container.spec.limits.get("memory");
    let (field, value) = set(container, runtime)
        .unwrap_or_else(|| (container.field("resources.limits.memory"), limit.cloned()));
    let within = limit.map(|it| format!(", within a limit of {it}")).unwrap_or_default();
    let says = format!("container {}: {field}", container.spec.name);
    proofs.push(Cite::new(container.pod.exhibit, says));
    Some(Judgement::Proven(Finding {
        field: Some(field),
        value,
        statement: format!("{subject} fails because the heap of its runtime is full{within}."),
        proofs,
        doubts: Vec::new(),
        strength: Strength::Conclusive,
        explains: vec![subject.clone()],
        subject,
    }))
}

/// Where the container sets how large its heap may be, whatever else stands there, and what stands there: a variable of
/// whatever name that holds the runtime's option, one that the runtime reads as the size itself, or the command.
fn set(container: &Running<'_>, runtime: &Runtime) -> Option<(String, Option<String>)> {
    let (options, sizes): (&[&str], &[&str]) = match runtime {
        Runtime::Java => (&["-Xmx", "-XX:MaxRAM", "-XX:MaxHeapSize"], &[]),
        Runtime::Node => (&["--max-old-space-size", "--max_old_space_size"], &[]),
        Runtime::Php => (&["memory_limit="], &["PHP_MEMORY_LIMIT"]),
        Runtime::Python | Runtime::Other => (&[], &["GOMEMLIMIT", "DOTNET_GCHeapHardLimit"]),
    };
    let sets = |text: &str| options.iter().any(|option| text.contains(option));
    let spec = container.spec;
    let variable = spec
        .env
        .iter()
        .find(|it| sizes.contains(&it.name.as_str()) || it.value.as_deref().is_some_and(sets));
    if let Some(it) = variable {
        return Some((container.field(&format!("env[{}]", it.name)), it.value.clone()));
    }
    let all = [("command", &spec.command), ("args", &spec.args)];
    let (field, words) = all.into_iter().find(|(_, words)| words.iter().any(|it| sets(it)))?;
    Some((container.field(field), Some(words.join(" "))))
}

fn remedy(finding: &Finding) -> Vec<Remedy> {
    let subject = &finding.subject;
    vec![Remedy {
        action: format!(
            "Find what the heap of {subject} holds, with a heap dump; give it more where the work needs more, and raise the container's limit with it."
        ),
        command: kubectl::object("get", subject, "-o yaml"),
        risk: "low".to_owned(),
        reversible: true,
        verify: "Its log no longer says that the heap is full.".to_owned(),
    }]
}
