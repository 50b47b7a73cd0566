//! A container's command is not in its image, or cannot be run; or that of its hook fails.

mod hook_fails;

use crate::case::Case;
use crate::case::containers::Running;
use crate::case::words::last_line;
use crate::case::words::process::says_no_command;
use crate::failure_mode::{Category, Depth, FailureMode};
use crate::finding::{Cite, Finding, Judgement, Strength, one_each};
use crate::kubectl;
use evidence::question::Question;
use evidence::report::Remedy;

pub(super) static MODE: FailureMode = FailureMode {
    id: "CFG-02",
    title: "its command or its directory is not in its image, or its hook fails",
    category: Category::Configuration,
    proves: "the container runtime or the shell says that there is no such program, or that it may not be run; or the runtime of its language does, and the newest revision starts it otherwise, or the spec sets the directory below which it is looked for; or the directory to start it in is not there; or the kubelet says that it kills the container because its hook after the start fails",
    refutes: "the program runs and ends by itself",
    confused_with: &["IMG-05", "RUN-10"],
    depth: Depth::Workload,
    stands_alone: false,
    ask,
    judge,
    remedy,
};

/// What a statement says where a directory lacks and no program.
const NO_DIRECTORY: &str = "the directory that";

fn ask(case: &Case) -> Vec<Question> {
    case.containers().filter_map(|it| case.ask_how_it_was_started(&it)).collect()
}

fn judge(case: &Case) -> Vec<Judgement> {
    one_each(case.containers().filter_map(|container| {
        one(case, &container).or_else(|| hook_fails::one(case, &container))
    }))
}

fn one(case: &Case, container: &Running<'_>) -> Option<Judgement> {
    let (subject, spec) = (container.root.clone(), container.spec);
    if let Some(cite) = refused(container, says_no_directory) {
        return Some(no_directory(container, cite));
    }
    let (cite, strength) = match refused(container, says_refused) {
        Some(cite) => (cite, Strength::Conclusive),
        None => match shell(case, container) {
            Some(said) => said,
            None => return lost(case, container),
        },
    };
    let forbidden = cite.excerpt.contains("ermission denied")
        || container.ended().is_some_and(|it| it.exit_code == 126);
    let (field, value) = match (spec.command.is_empty(), spec.args.is_empty()) {
        (true, _) if !spec.working_dir.is_empty() && is_relative(&cite.excerpt) => {
            ("workingDir", spec.working_dir.clone())
        }
        (false, _) => ("command", spec.command.join(" ")),
        (true, false) => ("args", spec.args.join(" ")),
        (true, true) => ("image", spec.image.clone()),
    };
    Some(Judgement::Proven(Finding {
        field: Some(container.field(field)),
        value: Some(value),
        statement: format!(
            "Container {} of {subject} cannot start because its image {} has no program that its {} names{}.",
            spec.name,
            spec.image,
            match field {
                "image" => "entrypoint",
                "workingDir" => "entrypoint, from its workingDir,",
                field => field,
            },
            if forbidden { ", or does not allow to run it" } else { "" },
        ),
        proofs: vec![cite],
        doubts: Vec::new(),
        strength,
        explains: vec![subject.clone()],
        subject,
    }))
}

/// The runtime of its language runs, and does not find the program where the newest revision, or the spec, has it started.
fn lost(case: &Case, container: &Running<'_>) -> Option<Judgement> {
    let lost = case.lost_program(container)?;
    let (subject, name) = (container.root.clone(), &container.spec.name);
    Some(Judgement::Proven(Finding {
        field: Some(container.field(lost.field)),
        value: Some(lost.value).filter(|it| !it.is_empty()),
        statement: format!(
            "Container {name} of {subject} cannot start because its program is not where its {} has it started.",
            lost.field
        ),
        proofs: lost.proofs,
        doubts: Vec::new(),
        strength: Strength::Strong,
        explains: vec![subject.clone()],
        subject,
    }))
}

/// What runc says before it runs anything: `exec: "foo": executable file not found in $PATH`, with the kubelet's reason
/// `RunContainerError`, or `StartError` of containerd and `ContainerCannotRun` of Docker.
fn refused(container: &Running<'_>, says_refused: fn(&str) -> bool) -> Option<Cite> {
    let pod = container.pod.meta.entity("Pod");
    let name = &container.spec.name;
    if let Some((reason, message)) = container.waiting().filter(|(_, it)| says_refused(it)) {
        let says = format!("{pod}: container {name} waits: {reason}");
        return Some(Cite::quoting(container.pod.exhibit, says, message));
    }
    let ended = container.ended().filter(|it| says_refused(&it.message))?;
    // It may have been so before the container came up.
    (!container.status.ready).then(|| container.cite_end(ended))
}

fn says_refused(said: &str) -> bool {
    let signs = [
        "executable file not found in $path",
        "no such file or directory",
        "permission denied",
        "is a directory",
    ];
    let lowered = said.to_ascii_lowercase();
    // runc; then crun, with CRI-O: "container create failed: executable file `foo` not found in $PATH: No such file or
    // directory", "open executable: Permission denied", "exec container process `/app`: ...".
    if lowered.contains("executable file `") && lowered.contains("` not found in $path") {
        return true;
    }
    let before = ["exec: \"", "open executable: ", "exec container process `"];
    let rest = before.iter().find_map(|it| lowered.split_once(it));
    rest.is_some_and(|(_, rest)| signs.iter().any(|sign| rest.contains(sign)))
}

/// Whether what could not be run was looked for below the directory that it is started in: `exec: "./server": stat ./server:
/// no such file or directory` of runc.
fn is_relative(said: &str) -> bool {
    said.split_once("exec: \"").is_some_and(|(_, rest)| rest.starts_with("./"))
}

/// runc: `chdir to cwd ("/app") set in config.json failed: no such file or directory`.
fn says_no_directory(said: &str) -> bool {
    said.contains("chdir to cwd (") && said.contains("set in config.json failed")
}

fn no_directory(container: &Running<'_>, cite: Cite) -> Judgement {
    let (subject, spec) = (container.root.clone(), container.spec);
    let (field, value) = match spec.working_dir.is_empty() {
        true => ("image", &spec.image),
        false => ("workingDir", &spec.working_dir),
    };
    Judgement::Proven(Finding {
        field: Some(container.field(field)),
        value: Some(value.clone()),
        statement: format!(
            "Container {} of {subject} cannot start because {NO_DIRECTORY} its {field} has it started in is not in its image, or closed to its user.",
            spec.name
        ),
        proofs: vec![cite],
        doubts: Vec::new(),
        strength: Strength::Conclusive,
        explains: vec![subject.clone()],
        subject,
    })
}

/// What a shell says that was to run it: exit code 127 or 126, and a line of the log.
fn shell(case: &Case, container: &Running<'_>) -> Option<(Cite, Strength)> {
    let ended = case.fails_by_ending(container).filter(|it| matches!(it.exit_code, 126 | 127))?;
    let line = case.words_of(container).and_then(|log| {
        let line = last_line(log.it, says_no_command)?;
        Some(Cite::quoting(
            log.exhibit,
            format!("container {} ended with exit code {}", container.spec.name, ended.exit_code),
            &line.text,
        ))
    });
    match line {
        Some(cite) => Some((cite, Strength::Strong)),
        None => Some((container.cite_end(ended), Strength::Suggestive)),
    }
}

fn remedy(finding: &Finding) -> Vec<Remedy> {
    let subject = &finding.subject;
    if finding.field.as_ref().is_some_and(|it| it.ends_with(".lifecycle")) {
        return vec![of_hook(finding)];
    }
    let directory = finding.field.as_ref().is_some_and(|it| it.ends_with(".workingDir"));
    let part = if directory { "workingDir" } else { "command" };
    let lacks =
        if finding.statement.contains(NO_DIRECTORY) { "the directory" } else { "the program" };
    vec![Remedy {
        action: format!(
            "Correct the {part} in the source of {subject}, or use an image that has {lacks}."
        ),
        command: kubectl::object("edit", subject, ""),
        risk: "low".to_owned(),
        reversible: true,
        verify: "Its containers start.".to_owned(),
    }]
}

fn of_hook(finding: &Finding) -> Remedy {
    let subject = &finding.subject;
    Remedy {
        action: format!(
            "Take the postStart hook out of {subject} in its source, or have it wait for what it calls and not fail; or roll back to the revision before."
        ),
        command: kubectl::object("get", subject, "-o yaml"),
        risk: "low".to_owned(),
        reversible: true,
        verify: "The container stays up, and the kubelet no longer says FailedPostStartHook."
            .to_owned(),
    }
}
