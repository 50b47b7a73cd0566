//! Workloads that only make load: they call others, to try or to measure them, and do nobody's work.

use super::Case;
use super::containers::repository;
use evidence::fact::spec::Container;
use evidence::fact::workload::Workload;

/// Programs that make load, as commands begin and as images are named.
const PROGRAMS: [&str; 12] = [
    "artillery",
    "autocannon",
    "bombardier",
    "fortio",
    "gatling",
    "jmeter",
    "k6",
    "locust",
    "oha",
    "siege",
    "tsung",
    "vegeta",
];

/// Words that are programs too, and that images may be named after for other reasons.
const COMMANDS: [&str; 4] = ["ab", "hey", "wrk", "wrk2"];

/// What images are called that applications for demonstration bring for this.
const IMAGES: [&str; 4] = ["load-generator", "loadgen", "loadgenerator", "load-gen"];

/// What runs another program, and is none that makes load.
const BEFORE: [&str; 6] = ["exec", "npx", "nice", "tini", "--", "dumb-init"];

impl Case {
    /// Whether a workload without pods only made load, and nobody calls it: that it rests harms nobody. Who asks about it
    /// wants to know why it does; who but names it beside a trouble does not.
    pub fn rests_unmissed(&self, workload: &Workload) -> bool {
        let asked = self.asks_about(&workload.kind, &workload.meta.name);
        workload.desired == 0 && !asked && self.only_makes_load(workload)
    }

    fn only_makes_load(&self, workload: &Workload) -> bool {
        let containers = &workload.template.containers;
        let mut working = containers.iter().filter(|it| !it.init && !it.sidecar).peekable();
        working.peek().is_some()
            && working.all(makes_load)
            && !self.services_before(workload).any(|it| self.is_called(it))
    }
}

/// Whether a container runs such a program, by its command, or by its image where nothing says what that runs. `fortio server`
/// is one that is called.
fn makes_load(container: &Container) -> bool {
    let words = || container.command.iter().chain(&container.args).map(String::as_str);
    if words().any(|it| it == "server") {
        return false;
    }
    let mut programs = words().skip_while(|it| BEFORE.contains(it));
    let program = programs.next().unwrap_or_default();
    let program = program.rsplit('/').next().unwrap_or_default();
    if !container.command.is_empty() {
        return PROGRAMS.contains(&program) || COMMANDS.contains(&program);
    }
    let name = repository(&container.image).rsplit('/').next().unwrap_or_default();
    PROGRAMS.contains(&name) || IMAGES.contains(&name)
}

#[cfg(test)]
mod tests {
    use super::makes_load;
    use evidence::fact::spec::Container;

    fn container(image: &str, command: &[&str], args: &[&str]) -> Container {
        let owned = |it: &[&str]| it.iter().map(|it| (*it).to_owned()).collect();
        Container {
            image: image.to_owned(),
            command: owned(command),
            args: owned(args),
            ..Container::default()
        }
    }

    #[test]
    fn tells_what_makes_load_from_what_does_work() {
        for (image, command, args) in [
            ("example/traffic:0.9", &["locust", "--headless"][..], &[][..]),
            ("example/traffic:0.9", &["/usr/bin/k6", "run", "walk.js"], &[]),
            ("grafana/k6:0.54", &[], &["run", "walk.js"]),
            ("gcr.io/demo/loadgenerator:v1", &[], &[]),
            ("example/tools:1", &["tini", "--", "hey", "http://web"], &[]),
        ] {
            assert!(makes_load(&container(image, command, args)), "{image} {command:?}");
        }
        for (image, command, args) in [
            ("example/locust:1", &["python", "consumer.py"][..], &[][..]),
            ("fortio/fortio:1.66", &[], &["server"]),
            ("example/hey:1", &[], &[]),
            ("example/worker:1", &["worker"], &["--like=locust"]),
            ("example/importer:5", &[], &[]),
        ] {
            assert!(!makes_load(&container(image, command, args)), "{image} {command:?}");
        }
    }
}
