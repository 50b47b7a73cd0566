//! Jobs that init containers wait for.

use super::Case;
use super::containers::Running;
use crate::seen::Seen;
use evidence::entity::Entity;
use evidence::fact::meta::condition;
use evidence::fact::pod::State;
use evidence::fact::spec::Container;
use evidence::fact::workload::Job;
use jiff::SignedDuration;

/// How long a Job that gave up may lie behind what waits for it.
const TOGETHER: SignedDuration = SignedDuration::from_hours(24);

/// Parts of names by which programs say that they bring a schema up to date, or wait until it is.
const OF_SCHEMAS: [&str; 8] =
    ["migrate", "migration", "migrations", "migrator", "schema", "flyway", "liquibase", "alembic"];

impl Case {
    /// The Jobs that gave up and that a waiting init container of this object waits for.
    pub fn waits_for(&self, root: &Entity) -> Vec<Entity> {
        let waiting = self.containers().filter(|it| it.root == root);
        let jobs = waiting.filter_map(|it| self.job_waited_for(&it));
        let mut jobs: Vec<Entity> = jobs.map(|it| self.root_of(&it.it.meta, "Job")).collect();
        jobs.sort();
        jobs.dedup();
        jobs
    }

    /// The Job that gave up and that a waiting init container waits for: the one that its command names, as
    /// `kubectl wait job/migrate` does; or the only one lately that migrates a schema, where the container waits for one.
    pub fn job_waited_for(&self, container: &Running<'_>) -> Option<Seen<'_, Job>> {
        let waits = container.spec.init
            && !container.spec.sidecar
            && matches!(container.status.state, Some(State::Running { .. }));
        if !waits {
            return None;
        }
        let namespace = &container.pod.it.meta.namespace;
        let gave_up: Vec<Seen<'_, Job>> = self
            .jobs()
            .filter(|it| it.meta.namespace == *namespace && self.gave_up_lately(it))
            .collect();
        let named = |job: &&Seen<'_, Job>| names_job(container.spec, &job.meta.name);
        if let Some(job) = gave_up.iter().find(named) {
            return Some(*job);
        }
        if !is_of_schemas(&container.spec.name, container.spec) {
            return None;
        }
        let migrates = |job: &&Seen<'_, Job>| {
            job.it.template.containers.iter().any(|it| is_of_schemas(&job.meta.name, it))
        };
        let mut migrations = gave_up.iter().filter(migrates);
        let first = migrations.next()?;
        migrations.next().is_none().then_some(*first)
    }

    fn gave_up_lately(&self, job: &Job) -> bool {
        condition(&job.conditions, "Failed").is_some_and(|it| {
            let age = it.since.map(|at| self.as_of.duration_since(at));
            it.status == "True" && age.is_none_or(|age| age < TOGETHER)
        })
    }
}

/// Whether a container's command line names a Job as one, as in `job/migrate` and `jobs migrate`: the bare word may mean
/// anything.
fn names_job(spec: &Container, name: &str) -> bool {
    let mut before = "";
    for word in words(spec) {
        let (kind, named) = word.split_once('/').unwrap_or((before, word));
        if named == name && matches!(kind, "job" | "jobs" | "job.batch" | "jobs.batch") {
            return true;
        }
        before = word;
    }
    false
}

/// The words of a container's command line, without quotes and brackets.
fn words(spec: &Container) -> impl Iterator<Item = &str> {
    let texts = spec.command.iter().chain(&spec.args);
    texts
        .flat_map(|it| it.split_whitespace())
        .map(|word| word.trim_matches(['"', '\'', ';', '(', ')']))
}

/// Whether its name or its command line says that it is about a schema.
fn is_of_schemas(name: &str, spec: &Container) -> bool {
    let part = |text: &str| {
        text.split(|it: char| !it.is_ascii_alphanumeric())
            .any(|it| OF_SCHEMAS.contains(&it.to_lowercase().as_str()))
    };
    part(name) || part(&spec.name) || words(spec).any(part)
}

#[cfg(test)]
mod tests {
    use super::{is_of_schemas, names_job};
    use evidence::fact::spec::Container;

    #[test]
    fn a_job_is_named_as_one() {
        for (line, names) in [
            ("kubectl wait --for=condition=complete job/load", true),
            ("kubectl wait --for=condition=complete 'jobs.batch/load'", true),
            ("wait_for.sh job load", true),
            ("kubectl get jobs load", true),
            ("./load --then start", false),
            ("until nc -z load 80; do sleep 1; done", false),
            ("curl http://job/load/er", false),
        ] {
            let args = vec![line.to_owned()];
            assert_eq!(
                names_job(&Container { args, ..Container::default() }, "load"),
                names,
                "{line}"
            );
        }
    }

    #[test]
    fn a_schema_is_meant_by_whole_words() {
        let spec = |args: &[&str]| Container {
            args: args.iter().map(|it| (*it).to_owned()).collect(),
            ..Container::default()
        };
        assert!(is_of_schemas("wait", &spec(&["python", "manage.py", "migrate", "--check"])));
        assert!(is_of_schemas("schema-gate", &spec(&[])));
        assert!(!is_of_schemas("wait", &spec(&["nc", "-z", "db", "5432"])));
        assert!(!is_of_schemas("emigrated", &spec(&[])));
    }
}
