//! A Job changes a table in a way that locks it, and who writes to the table waits.

mod told;

use self::told::Process;
use crate::case::Case;
use crate::case::complaints::Complaint;
use crate::case::usage::names_host;
use crate::case::words::said::Said;
use crate::case::words::store::Store;
use crate::failure_mode::{Category, Depth, FailureMode};
use crate::finding::{Cite, Finding, Judgement, Strength, joined};
use crate::kubectl;
use crate::seen::Seen;
use evidence::entity::Entity;
use evidence::fact::network::Service;
use evidence::fact::workload::Job;
use evidence::report::Remedy;
use jiff::Timestamp;

pub(super) static MODE: FailureMode = FailureMode {
    id: "DEP-05",
    title: "something holds a lock that its statements wait for",
    category: Category::Dependency,
    proves: "its log repeats now that its statements wait for a lock or take too long, and a Job that runs on the same database began before with a statement that locks the table, or is served by the process that the database says holds the lock",
    refutes: "the Job has ended, calls another database, or its statement lets others write",
    confused_with: &["DEP-04", "RUN-20"],
    depth: Depth::Workload,
    stands_alone: false,
    ask: told::ask,
    judge,
    remedy,
};

/// Statements that keep others from writing while they run, by their first words; the table comes after the last of these
/// words. See <https://www.postgresql.org/docs/current/explicit-locking.html>.
const LOCKING: [(&str, &str); 10] = [
    ("CREATE INDEX ", " ON "),
    ("CREATE UNIQUE INDEX ", " ON "),
    ("REINDEX TABLE ", "REINDEX TABLE "),
    ("ALTER TABLE ", "ALTER TABLE "),
    ("VACUUM FULL ", "VACUUM FULL "),
    ("CLUSTER ", "CLUSTER "),
    ("LOCK TABLE ", "LOCK TABLE "),
    ("TRUNCATE ", "TRUNCATE "),
    ("OPTIMIZE TABLE ", "OPTIMIZE TABLE "),
    ("REFRESH MATERIALIZED VIEW ", "REFRESH MATERIALIZED VIEW "),
];
/// Words that may stand before a table's name.
const BEFORE_TABLE: [&str; 6] = ["TABLE", "ONLY", "IF", "EXISTS", "VERBOSE", "ANALYZE"];

fn judge(case: &Case) -> Vec<Judgement> {
    let complaints = case.complaints();
    let serves = |it: &&Complaint<'_>| Store::of_image(&it.container.spec.image).is_some();
    let (stores, callers): (Vec<_>, Vec<_>) = complaints.iter().partition(serves);
    let of_callers = joined(callers.into_iter().filter_map(|it| one(case, it)));
    if !of_callers.is_empty() {
        return of_callers;
    }
    joined(stores.into_iter().filter_map(|it| one(case, it)))
}

/// A Job that runs on the database since before statements waited there.
struct Holder<'a> {
    job: Seen<'a, Job>,
    began: Timestamp,
    /// The table that a statement of it locks, and where that stands when it is not its command.
    locks: Option<(String, Option<Cite>)>,
    backend: Option<Process>,
}

fn one(case: &Case, complaint: &Complaint<'_>) -> Option<Finding> {
    if !matches!(complaint.said, Said::Locked | Said::Cancelled) {
        return None;
    }
    let service = case.database_of(complaint)?;
    let told = told::holder(case, service);
    let runs = case.jobs().filter_map(|job| {
        let began = job.it.started.or(job.it.meta.created)?;
        let before = complaint.line.last.is_none_or(|at| began < at);
        let other = case.root_of(&job.it.meta, "Job") != *complaint.root();
        let runs = job.it.active > 0 && names(job.it, service.it) && before && other;
        let logged = || told::locks(case, job.it).map(|(table, cite)| (table, Some(cite)));
        let locks = || locks(job.it).map(|table| (table, None)).or_else(logged);
        let backend = told::backend(case, job.it);
        runs.then(|| Holder { job, began, locks: locks(), backend })
    });
    let mut holders: Vec<Holder<'_>> = runs.collect();
    let mut named = None;
    if let Some(told) = told {
        let is_named =
            |it: &Holder<'_>| it.backend.as_ref().is_some_and(|it| it.number == told.number);
        named = holders.iter().position(is_named).map(|at| (holders.swap_remove(at), told));
        // Another process than theirs holds it.
        holders.retain(|it| it.backend.is_none());
    }
    if let Some((holder, told)) = named {
        return Some(of_process(case, complaint, service, holder, told));
    }
    let mut holders = holders.into_iter().filter(|it| it.locks.is_some());
    let holder = holders.next()?;
    if holders.next().is_some() {
        return None; // Which of them holds it, only the database knows.
    }
    of_table(case, complaint, service, holder)
}

/// The database names the process that holds the lock, and a Job says that this is its own.
fn of_process(
    case: &Case,
    complaint: &Complaint<'_>,
    service: Seen<'_, Service>,
    holder: Holder<'_>,
    told: Process,
) -> Finding {
    let (root, name) = (complaint.root().clone(), holder.job.meta.entity("Job"));
    let database = service.meta.entity("Service");
    let number = told.number;
    let mut proofs = vec![complaint.cite(), told.cite];
    proofs.extend(holder.backend.map(|it| it.cite));
    proofs.extend(holder.locks.and_then(|(_, cite)| cite));
    Finding {
        field: None,
        value: None,
        statement: format!(
            "Statements of {root} wait for a lock that process {number} of {database} holds, which serves {name} since {}.",
            holder.began
        ),
        proofs,
        doubts: Vec::new(),
        strength: Strength::Conclusive,
        explains: suffering(case, root, service),
        subject: name,
    }
}

/// Who waits for the lock: whoever says so, and whose pools of connections are used up by statements that wait.
fn suffering(case: &Case, root: Entity, service: Seen<'_, Service>) -> Vec<Entity> {
    let mut all = vec![root];
    for complaint in case.complaints().iter().filter(|it| it.said == Said::PoolExhausted) {
        let of = case.database_of(complaint);
        if of.is_some_and(|it| it.exhibit == service.exhibit) && !all.contains(complaint.root()) {
            all.push(complaint.root().clone());
        }
    }
    all
}

/// A Job's statement locks a table.
fn of_table(
    case: &Case,
    complaint: &Complaint<'_>,
    service: Seen<'_, Service>,
    holder: Holder<'_>,
) -> Option<Finding> {
    let (root, name) = (complaint.root().clone(), holder.job.meta.entity("Job"));
    let (database, began) = (service.meta.entity("Service"), holder.began);
    let (table, cite) = holder.locks?;
    let says =
        format!("{name} runs since {began} on {database} with a statement that locks {table}");
    let mut proofs = vec![complaint.cite(), Cite::new(holder.job.exhibit, says)];
    proofs.extend(cite);
    // What waits must want the same table.
    let said = complaint.log.it.lines.iter().find(|line| has_word(&line.text, &table));
    let own = said.map(|line| {
        let says = format!("{root} uses {table}");
        Cite::quoting(complaint.log.exhibit, says, &line.text)
    });
    let wants = own.or_else(|| told::wanted(case, service, &table));
    let strength = if wants.is_some() { Strength::Strong } else { Strength::Suggestive };
    proofs.extend(wants);
    Some(Finding {
        field: None,
        value: None,
        statement: format!(
            "Statements of {root} wait because {name} runs since {began} on {database} with a statement that locks {table}."
        ),
        proofs,
        doubts: Vec::new(),
        strength,
        explains: suffering(case, root, service),
        subject: name,
    })
}

/// The table that a statement in a Job's command locks.
fn locks(job: &Job) -> Option<String> {
    let containers = job.template.containers.iter().filter(|it| !it.init);
    let mut words = containers.flat_map(|it| it.command.iter().chain(&it.args));
    words.find_map(|word| locked_table(word))
}

fn locked_table(text: &str) -> Option<String> {
    let upper = text.to_ascii_uppercase();
    if upper.contains("CONCURRENTLY") {
        return None;
    }
    let (begin, marks) = LOCKING.iter().find_map(|(opens, marks)| {
        let mut found = upper.match_indices(opens).map(|(at, _)| at);
        Some((found.find(|at| opens_statement(&upper, *at))?, marks))
    })?;
    let at = begin + upper.get(begin..)?.find(marks)? + marks.len();
    let rest = text.get(at..)?;
    let mut names =
        rest.split(|it: char| !(it.is_ascii_alphanumeric() || matches!(it, '_' | '.' | '"' | '`')));
    let name = names
        .find(|it| !it.is_empty() && !BEFORE_TABLE.contains(&it.to_ascii_uppercase().as_str()))?;
    let bare = name.trim_matches(['"', '`']).rsplit('.').next()?.trim_matches(['"', '`']);
    // No name of a table begins with a digit, unless it is quoted.
    let good = !bare.is_empty() && bare.len() <= 63 && !bare.bytes().all(|it| it.is_ascii_digit());
    good.then(|| bare.to_owned())
}

/// Whether a statement can begin there: at the beginning, in a new line, after a quote or after another statement. An option
/// such as `--cluster` is none.
fn opens_statement(text: &str, at: usize) -> bool {
    let before = text.get(..at).unwrap_or_default().trim_end_matches([' ', '\t']);
    before.is_empty() || before.ends_with(['"', '\'', ';', '\n', '(', '`'])
}

/// Whether a Job is told of a Service: by an argument or a variable.
fn names(job: &Job, service: &Service) -> bool {
    let (name, namespace, from) =
        (&service.meta.name, &service.meta.namespace, &job.meta.namespace);
    job.template.containers.iter().any(|it| {
        let values = it.env.iter().filter_map(|it| it.value.as_ref());
        let mut texts = it.command.iter().chain(&it.args).chain(values);
        texts.any(|text| names_host(text, name, namespace, from))
    })
}

fn has_word(text: &str, word: &str) -> bool {
    text.split(|it: char| !(it.is_ascii_alphanumeric() || it == '_'))
        .any(|it| it.eq_ignore_ascii_case(word))
}

fn remedy(finding: &Finding) -> Vec<Remedy> {
    let subject: &Entity = &finding.subject;
    vec![Remedy {
        action: format!(
            "Decide whether {subject} may be ended now: that frees the table, and its work is undone. Run it again at a quiet time, or so that others may write (CREATE INDEX CONCURRENTLY)."
        ),
        command: kubectl::object("describe", subject, ""),
        risk: "medium".to_owned(),
        reversible: false,
        verify: "Statements no longer wait.".to_owned(),
    }]
}

#[cfg(test)]
mod tests {
    use super::locked_table;

    #[test]
    fn a_statement_names_the_table_that_it_locks() {
        let rows = [
            ("CREATE INDEX rides_by_zone ON rides (zone)", Some("rides")),
            ("create unique index x on public.\"Rides\"(zone)", Some("Rides")),
            ("ALTER TABLE IF EXISTS ONLY rides ADD COLUMN zone text", Some("rides")),
            ("TRUNCATE TABLE rides", Some("rides")),
            ("CREATE INDEX CONCURRENTLY rides_by_zone ON rides (zone)", None),
            ("SELECT * FROM rides", None),
            ("psql -c 'SET lock_timeout = 0; TRUNCATE rides'", Some("rides")),
            ("pg_dump --cluster 16/main rides", None),
            ("CLUSTER 16/main", None),
        ];
        for (text, expected) in rows {
            assert_eq!(locked_table(text).as_deref(), expected, "{text}");
        }
    }
}
