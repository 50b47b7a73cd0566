//! A program ends by itself with an error, and its log says why.

pub(super) mod answered;
mod refused_by_nginx;
mod trust_changed;

use super::crashed_natively::{ends_in_abort, signal};
use crate::case::Case;
use crate::case::complaints::Complaint;
use crate::case::containers::{EVERYBODYS, Running};
use crate::case::probes::{FailingProbe, Which, says_too_slow, says_wrong_door};
use crate::case::touching::{data_toucher, toucher};
use crate::case::words::forward::loops;
use crate::case::words::process::{says_no_command, says_wrong_format};
use crate::case::words::program::{flag_of, said, says_bad_setting, unknown_flag};
use crate::case::words::said::Said;
use crate::failure_mode::{Category, Depth, FailureMode};
use crate::finding::{Cite, Finding, Judgement, Strength, one_each};
use crate::kubectl;
use crate::seen::Seen;
use answered::{are_answered, fault};
use evidence::fact::access::Config;
use evidence::fact::event::{Line, Log};
use evidence::fact::pod::Ended;
use evidence::fact::spec::Container;
use evidence::fact::workload::Revision;
use evidence::report::Remedy;
use jiff::{SignedDuration, Timestamp};

/// What began to fail so long after its template was made worked before.
const WORKED: SignedDuration = SignedDuration::from_hours(24);
/// SIGTRAP, by which .NET and Swift abort, beside the signals that native code ends by.
const TRAPPED: i32 = 133;
/// What ends because of what it reads first does so within this.
const AT_START: SignedDuration = SignedDuration::from_mins(10);
/// The kubelet starts a container again after five minutes at most, and it ends a little later.
const BACK_OFF: SignedDuration = SignedDuration::from_mins(6);

pub(super) static MODE: FailureMode = FailureMode {
    id: "RUN-10",
    title: "its program ends with an error of its own",
    category: Category::Runtime,
    proves: "a container ends by itself with an exit code of its own, and its log ends in an error of its configuration or its code, or in that it trusts a certificate no more since the ConfigMap with the authorities was changed; or a controller of Ingresses logs that nginx knows nothing of what comes of its ConfigMap",
    refutes: "the log says that something else refused or did not answer; or it was killed",
    confused_with: &["RUN-01", "RUN-05", "RUN-11", "CFG-04", "DEP-01"],
    depth: Depth::Workload,
    stands_alone: false,
    // Beside the log of whatever ends and is not explained, which the engine reads.
    ask: refused_by_nginx::ask,
    judge,
    remedy,
};

fn judge(case: &Case) -> Vec<Judgement> {
    let mut judgements = trust_changed::judge(case);
    let complaints = case.complaints();
    judgements.extend(refused_by_nginx::judge(case));
    judgements.extend(case.containers().filter_map(|it| one(case, &complaints, &it)));
    one_each(judgements)
}

fn one(case: &Case, complaints: &[Complaint<'_>], container: &Running<'_>) -> Option<Judgement> {
    let ended = case.fails_by_ending(container)?;
    // 126 to 128 were never run, above that are signals; 255 is exit(-1). Runtimes abort by signals of their own.
    let own = match ended.exit_code {
        1..=125 | 255 => true,
        code if code == TRAPPED || signal(code).is_some() => {
            case.words_of(container).is_some_and(|log| ends_in_abort(log.it))
        }
        _ => false,
    };
    if !own || ended.reason == "OOMKilled" || container.spec.init || ended_by_probe(case, container)
    {
        return None;
    }
    let root = container.root;
    let name = &container.spec.name;
    let mut proofs = vec![container.cite_end(ended)];
    // Where nobody read what it said it may be anything, whatever was changed before.
    let log = case.words_of(container)?;
    let known = case.lost_program(container).is_some() || case.linked(container).is_some();
    let why = fault(log.it).map(|line| (log, line));
    if says_elsewhere(log.it)
        || are_answered(case, complaints, container, log, is_answered)
        || known
    {
        return None;
    }
    if container.is_starved() && why.is_none_or(|(_, line)| says_too_slow(&line.text)) {
        return None; // With so little CPU it is late rather than wrong.
    }
    let elsewhere = is_of_elsewhere(case, container, ended, why.map(|(_, line)| line));
    let mut subject = root.clone();
    let (mut field, mut value) = (None, None);
    if let Some((log, line)) = why {
        let pod = container.pod.meta.entity("Pod");
        let says = format!("{pod}: container {name} wrote this before it ended");
        proofs.push(Cite::quoting(log.exhibit, says, &line.text));
    }
    if let Some(blamed) = case.blamed_file(container, log.it) {
        let (object, place) = (&blamed.object, &blamed.place);
        let says = format!("what the log names at {place} is mounted from {object}");
        proofs.push(Cite::new(container.pod.exhibit, says));
        (subject, field) = (blamed.object.clone(), blamed.field());
    } else if let Some((config, by)) = why
        .and_then(|(_, line)| configured(case, container, line))
        .or_else(|| if elsewhere { reread(case, container, ended) } else { None })
    {
        let object = config.it.meta.entity(&config.it.kind);
        proofs.push(Cite::new(config.exhibit, format!("{object} was changed {by}")));
        subject = object;
    }
    if subject == *root && case.gave_up(container.pod.it) {
        return None; // That its Job gave up says as much, and more: CTL-07.
    }
    if subject == *root && elsewhere {
        return None; // Of what became another nobody saw anything.
    }
    if subject == *root {
        let variable = why.and_then(|(_, line)| variable(case, container, line));
        let changed = changed(case, container);
        let argument = why.and_then(|(_, line)| argument(container, line));
        if let Some(variable) = variable {
            let env = container.spec.env.iter().find(|it| it.name == variable);
            value = env.and_then(|it| it.value.clone());
            field = Some(container.field(&format!("env[{variable}]")));
        } else if let Some((what, argument)) = argument {
            value = Some(argument.clone());
            field = Some(container.field(what));
        } else if let Some((what, _)) = &changed {
            field = Some(container.field(what));
        }
        proofs.extend(changed.map(|(what, revision)| {
            let number = revision.number.unwrap_or_default();
            Cite::new(revision.exhibit, format!("revision {number} changed its {what}"))
        }));
    }
    let code = ended.exit_code;
    let statement = match (&why, subject == *root) {
        (None, true) => format!("Container {name} of {root} ends by itself with exit code {code}."),
        (Some(_), true) => format!(
            "Container {name} of {root} ends with exit code {code} because of an error of its own, which its log names."
        ),
        (_, false) => format!(
            "Container {name} of {root} ends with exit code {code} because of what it reads from {subject}."
        ),
    };
    Some(Judgement::Proven(Finding {
        field,
        value,
        statement,
        proofs,
        doubts: Vec::new(),
        strength: if why.is_some() || subject != *root {
            Strength::Strong
        } else {
            Strength::Suggestive
        },
        explains: vec![root.clone()],
        subject,
    }))
}

/// Whether another mode answers better for what a line says: all but an error of the program's own, and a file that is not
/// there, which may be mounted.
fn is_answered(said: &Said) -> bool {
    let others = matches!(
        said,
        Said::MissingFile { .. }
            | Said::Reset { .. }
            | Said::DevelopmentServer
            | Said::Flagged { .. }
            // Why not, the line does not say.
            | Said::NoTemporaryDirectory { .. }
            // What it misses may be a matter of its own code as well.
            | Said::NoSuchThing { .. }
    );
    said.lacking_of_schema().is_some() || !others && !said.is_own()
}

fn says_elsewhere(log: &Log) -> bool {
    let shows = |text: &str| says_wrong_format(text) || says_no_command(text) || loops(text);
    log.lines.iter().any(|line| shows(&line.text))
}

/// Whether what a program ends at came from elsewhere: pods of the same template worked before, and it is no error of its
/// code that the last line names. What it reads has become another since.
fn is_of_elsewhere(
    case: &Case,
    container: &Running<'_>,
    ended: &Ended,
    why: Option<&Line>,
) -> bool {
    let of_code = why.is_some_and(|it| said(&it.text).is_some_and(|it| it.is_own()));
    // A custom object may own the workload.
    let owner = container.pod.it.meta.owner.as_ref().map_or("", |it| it.kind.as_str());
    let serves = [owner, container.root.kind.as_str()]
        .into_iter()
        .any(|it| matches!(it, "ReplicaSet" | "Deployment" | "StatefulSet" | "DaemonSet"));
    let (Some(made), Some(pod)) = (template_made(case, container), container.pod.meta.created)
    else {
        return false;
    };
    let ran = ended.finished.zip(ended.started).map(|(end, start)| end.duration_since(start));
    if of_code || !serves || !case.rules.baseline || ran.is_some_and(|it| it > AT_START) {
        return false;
    }
    let restarts = i32::try_from(container.status.restarts).unwrap_or(i32::MAX);
    let fails_for = BACK_OFF.checked_mul(restarts).unwrap_or(SignedDuration::MAX);
    let failing = case.as_of.checked_sub(fails_for).unwrap_or(pod);
    pod.max(failing).duration_since(made) > WORKED
}

/// The one object that a container mounts or takes its variables from and that was changed after its template, lately, and
/// by whom and when.
fn reread<'a>(
    case: &'a Case,
    container: &Running<'_>,
    ended: &Ended,
) -> Option<(Seen<'a, Config>, String)> {
    let made = template_made(case, container)?;
    let volumes = container.pod.it.spec.volumes.iter().filter(|volume| {
        container.spec.mounts.iter().any(|it| it.volume == volume.volume)
            && volume.object.name != EVERYBODYS
    });
    let read = volumes.map(|it| (&it.object.kind, &it.object.name));
    let read = read.chain(container.spec.env_from.iter().map(|it| (&it.kind, &it.name)));
    let mut changed: Vec<(Seen<'a, Config>, String)> = Vec::new();
    for (kind, name) in read {
        let config = case.config(kind, &container.pod.meta.namespace, name).seen();
        let Some(config) = config else { continue };
        let touch = data_toucher(&config.it.meta);
        let Some((touch, at)) = touch.and_then(|it| Some((it, it.at?))) else { continue };
        let since = at > made && ended.finished.is_none_or(|end| at < end);
        if since
            && case.is_news(Some(at))
            && changed.iter().all(|it| it.0.exhibit != config.exhibit)
        {
            changed.push((config, format!("by {} at {at}", touch.manager)));
        }
    }
    let mut changed = changed.into_iter();
    let (one, None) = (changed.next()?, changed.next()) else { return None };
    Some(one)
}

/// When what a container's pods are made of changed last. Whoever restarts a workload writes a time into its template.
fn template_made(case: &Case, container: &Running<'_>) -> Option<Timestamp> {
    if changed(case, container).is_none()
        && let Some(before) = case.revisions_of(container.root).get(1)
    {
        return before.it.meta.created;
    }
    case.template_made(container.root)
}

/// The kubelet ended it, or it has a probe that can only fail.
fn ended_by_probe(case: &Case, container: &Running<'_>) -> bool {
    let same = |it: &FailingProbe<'_>| {
        it.container.pod.exhibit == container.pod.exhibit
            && it.container.spec.name == container.spec.name
    };
    case.killed_by_probe(container).is_some()
        || case.failing_probes().iter().any(|it| {
            let wrong = it.misses(case) || it.says(says_wrong_door).is_some();
            same(it) && it.which != Which::Readiness && wrong && container.was_killed()
        })
}

/// The one ConfigMap that a container mounts, where a line speaks of a setting of a file and it was changed after the
/// newest revision, and by whom and when.
fn configured<'a>(
    case: &'a Case,
    container: &Running<'_>,
    line: &Line,
) -> Option<(Seen<'a, Config>, String)> {
    if !says_bad_setting(&line.text) {
        return None;
    }
    let volumes = container.pod.it.spec.volumes.iter();
    let mut mounted = volumes.filter(|volume| {
        volume.object.kind == "ConfigMap"
            && volume.object.name != EVERYBODYS
            && container.spec.mounts.iter().any(|it| it.volume == volume.volume)
    });
    let (one, None) = (mounted.next()?, mounted.next()) else { return None };
    let namespace = &container.pod.meta.namespace;
    let config = case.config("ConfigMap", namespace, &one.object.name).seen()?;
    let touch = data_toucher(&config.it.meta)?;
    let at = touch.at?;
    let meta = case.meta_of(container.root)?;
    let mut template = toucher(meta, "spec.template").and_then(|it| it.at).or(meta.created)?;
    // Whoever restarts a workload writes a time into its template; that is not what changed.
    if changed(case, container).is_none()
        && let Some(before) = case.revisions_of(container.root).get(1)
    {
        template = before.it.meta.created?;
    }
    (at > template).then(|| (config, format!("by {} at {at}", touch.manager)))
}

/// The first name in a line that is one of a variable which the container has, or had before the newest revision: errors
/// are written in capitals, too.
fn variable<'a>(case: &Case, container: &Running<'_>, line: &'a Line) -> Option<&'a str> {
    let part = |c: char| !(c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_');
    let mut words = line.text.split(part).filter(|word| word.len() >= 4 && word.contains('_'));
    words.find(|word| {
        let has = |of: &Container| of.env.iter().any(|it| it.name == **word);
        has(container.spec)
            || container.spec.env_from.iter().any(|from| {
                let namespace = &container.pod.meta.namespace;
                let config = case.config(&from.kind, namespace, &from.name).seen();
                config.is_some_and(|it| it.it.keys.iter().flatten().any(|key| key == word))
            })
            || case.revisions_of(container.root).get(1).is_some_and(|before| {
                let mut then = before.it.template.containers.iter();
                then.any(|it| it.name == container.spec.name && has(it))
            })
    })
}

/// The argument of the container that a line says the program does not know: `args`, `--worker-count=50`.
fn argument<'a>(container: &Running<'a>, line: &Line) -> Option<(&'static str, &'a String)> {
    let flag = unknown_flag(&line.text)?;
    let spec = container.spec;
    let all = [("args", &spec.args), ("command", &spec.command)];
    let mut all = all.into_iter().flat_map(|(of, all)| all.iter().map(move |it| (of, it)));
    all.find(|(_, it)| it.starts_with('-') && flag_of(it) == flag)
}

/// What of the container the newest revision changed.
fn changed<'a>(
    case: &'a Case,
    container: &Running<'_>,
) -> Option<(&'static str, Seen<'a, Revision>)> {
    let (newest, before) = case.two_newest(container.root)?;
    let of = |revision: Seen<'a, Revision>| {
        revision.it.template.containers.iter().find(|it| it.name == container.spec.name)
    };
    let (now, then) = (of(newest)?, of(before)?);
    let what = match () {
        () if now.image != then.image => "image",
        () if now.command != then.command => "command",
        () if now.args != then.args => "args",
        () if now.working_dir != then.working_dir => "workingDir",
        () if now.env != then.env => "env",
        () if now.env_from != then.env_from => "envFrom",
        () => return None,
    };
    Some((what, newest))
}

fn remedy(finding: &Finding) -> Vec<Remedy> {
    let subject = &finding.subject;
    vec![Remedy {
        action: format!(
            "Mend what the log names in the source of {subject}, or go back to what ran before."
        ),
        command: kubectl::undo(subject),
        risk: "medium".to_owned(),
        reversible: true,
        verify: "Its containers start once, and stay.".to_owned(),
    }]
}
