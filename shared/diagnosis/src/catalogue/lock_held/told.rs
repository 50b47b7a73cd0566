//! What the logs of the database and of a Job tell of who holds a lock.

use super::{LOCKING, locked_table, names};
use crate::case::Case;
use crate::case::containers::Running;
use crate::case::denials::between;
use crate::case::words::said::Said;
use crate::case::words::store::Store;
use crate::finding::Cite;
use crate::seen::Seen;
use evidence::fact::event::{Line, Log};
use evidence::fact::network::Service;
use evidence::fact::workload::Job;
use evidence::question::Question;

/// Jobs whose logs are read.
const MOST_JOBS: usize = 4;

/// A process of the database, and where it was named.
pub(super) struct Process {
    /// Its number.
    pub(super) number: u32,
    /// Where it stands.
    pub(super) cite: Cite,
}

/// The log of the database that statements wait at, and those of the Jobs that run on it.
pub(super) fn ask(case: &Case) -> Vec<Question> {
    let mut questions = Vec::new();
    for complaint in case.complaints() {
        // Statements that wait keep the connections of a pool.
        if !matches!(complaint.said, Said::Locked | Said::Cancelled | Said::PoolExhausted) {
            continue;
        }
        let Some(service) = case.database_of(&complaint) else { continue };
        let jobs = case.jobs().filter(|it| it.active > 0 && names(it.it, service.it));
        let mut jobs = jobs.take(MOST_JOBS).peekable();
        if jobs.peek().is_none() {
            continue; // Who else may hold it does not say so.
        }
        questions.extend(of_store(case, service).first().map(|it| it.ask_for_log(false)));
        questions.extend(jobs.flat_map(|it| of_job(case, it.it)).map(|it| it.ask_for_log(false)));
    }
    questions.sort();
    questions.dedup();
    questions
}

/// The containers of the database behind a Service.
fn of_store<'a>(case: &'a Case, service: Seen<'a, Service>) -> Vec<Running<'a>> {
    let pods: Vec<usize> = case.selected_by(service.it).map(|it| it.exhibit).collect();
    let serves = |it: &Running<'_>| Store::of_image(&it.spec.image).is_some();
    let all = case.all_containers();
    all.filter(|it| pods.contains(&it.pod.exhibit) && !it.spec.init && serves(it)).collect()
}

fn of_job<'a>(case: &'a Case, job: &Job) -> Vec<Running<'a>> {
    let job = job.meta.entity("Job");
    let owned = |it: &Running<'_>| it.pod.it.meta.owner.as_ref() == Some(&job) && !it.spec.init;
    case.all_containers().filter(owned).collect()
}

fn logs<'a>(case: &'a Case, of: Vec<Running<'a>>) -> impl Iterator<Item = Seen<'a, Log>> {
    of.into_iter().filter_map(|it| {
        let meta = &it.pod.it.meta;
        case.log(&meta.namespace, &meta.name, &it.spec.name, false)
    })
}

/// The one process that PostgreSQL, with `log_lock_waits`, says now that others wait for.
pub(super) fn holder(case: &Case, service: Seen<'_, Service>) -> Option<Process> {
    // It says so once for each statement that waits.
    for log in logs(case, of_store(case, service)) {
        let said =
            log.it.lines.iter().filter(|it| case.is_said_now(it) && it.text.contains(HOLDING));
        let Some(line) = said.max_by_key(|it| it.last) else { continue };
        let number = between(&line.text, HOLDING, ". Wait queue: ")?.trim().parse().ok()?;
        let says = format!("{}: process {number} holds the lock", service.meta.entity("Service"));
        return Some(Process { number, cite: Cite::quoting(log.exhibit, says, &line.text) });
    }
    None
}

/// See `errdetail_log_plural` in PostgreSQL's `src/backend/storage/lmgr/proc.c`; of several holders it says `Processes`.
const HOLDING: &str = "Process holding the lock: ";

/// The process of the database that a Job's own log says serves it: `backend pid 20771`, `pg_backend_pid=20771`.
pub(super) fn backend(case: &Case, job: &Job) -> Option<Process> {
    for log in logs(case, of_job(case, job)) {
        let told = log.it.lines.iter().filter_map(|it| Some((backend_in(&it.text)?, it)));
        let Some((number, line)) = told.max_by_key(|(_, it)| it.last) else { continue };
        let says = format!("{} is served by process {number}", job.meta.entity("Job"));
        return Some(Process { number, cite: Cite::quoting(log.exhibit, says, &line.text) });
    }
    None
}

fn backend_in(text: &str) -> Option<u32> {
    let lowered = text.to_ascii_lowercase();
    let (_, rest) = lowered.split_once("backend")?;
    let (between, rest) = rest.split_once("pid")?;
    if !between.trim_matches([' ', '_', '-']).is_empty() {
        return None;
    }
    let rest = rest.trim_start_matches([' ', '=', ':', '(', ')', '"']);
    let digits = rest.split(|it: char| !it.is_ascii_digit()).next()?;
    digits.parse().ok()
}

/// The table that the last line of a Job's log says it locks, in the words of SQL, but for lines that say how long that has
/// gone on: what came after is not told.
pub(super) fn locks(case: &Case, job: &Job) -> Option<(String, Cite)> {
    for log in logs(case, of_job(case, job)) {
        let goes_on = |it: &&Line| GOES_ON.iter().any(|word| it.text.contains(word));
        let said = log.it.lines.iter().filter(|it| !goes_on(it));
        let Some(line) = said.max_by_key(|it| it.last) else { continue };
        if let Some(table) = statement_in(&line.text).and_then(locked_table) {
            let says = format!("{} came to a statement that locks {table}", job.meta.entity("Job"));
            return Some((table, Cite::quoting(log.exhibit, says, &line.text)));
        }
    }
    None
}

/// How programs say that a statement has not come back yet.
const GOES_ON: [&str; 4] = ["running for", "running since", "still running", "waiting for"];

/// The statement behind what a program says before it: the name of the program, of a file, a time.
fn statement_in(text: &str) -> Option<&str> {
    let after = |marks: &'static str| text.match_indices(marks).map(|(at, it)| at + it.len());
    let starts = [0].into_iter().chain(after(": ")).chain(after("] "));
    let mut rests = starts.filter_map(|at| text.get(at..));
    rests.find(|rest| LOCKING.iter().any(|(opens, _)| rest.starts_with(opens)))
}

/// Whether statements that wait at the database name a table: `STATEMENT:  insert into trips ...`.
pub(super) fn wanted(case: &Case, service: Seen<'_, Service>, table: &str) -> Option<Cite> {
    for log in logs(case, of_store(case, service)) {
        let mut lines = log.it.lines.iter();
        let wants = |it: &&Line| it.text.contains("STATEMENT:") && super::has_word(&it.text, table);
        if let Some(line) = lines.find(wants) {
            let says = format!("a statement that waits uses {table}");
            return Some(Cite::quoting(log.exhibit, says, &line.text));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::{backend_in, statement_in};

    #[test]
    fn a_job_names_the_process_that_serves_it() {
        let rows = [
            ("connected to trips-db/trips as owner, backend pid 20771", Some(20771)),
            (r#"{"msg":"begin","backend_pid":311}"#, Some(311)),
            ("select pg_backend_pid() -> 41", None),
            ("pg_backend_pid=41", Some(41)),
            ("Started server process [27], pid 27", None),
            ("backend is ready, pid 27", None),
        ];
        for (text, expected) in rows {
            assert_eq!(backend_in(text), expected, "{text}");
        }
    }

    #[test]
    fn a_statement_stands_behind_the_names_of_programs_and_files() {
        let rows = [
            ("migrate: 814.sql: REINDEX TABLE trips", Some("REINDEX TABLE trips")),
            ("[psql] TRUNCATE rides", Some("TRUNCATE rides")),
            ("migrate: cluster trips is ready", None),
            ("migrate: after LOCK TABLE trips", None),
        ];
        for (text, expected) in rows {
            assert_eq!(statement_in(text), expected, "{text}");
        }
    }
}
