//! A real Prometheus, and an Alertmanager and exporters beside it, on loopback ports; several may run side by side.

pub mod edition;

use crate::cluster::api::Api;
use crate::cluster::process::Processes;
use crate::cluster::{Lifetime, ports};
use crate::install::{Cache, component};
use crate::{debian, program};
use anyhow::{Context, Result, bail};
use edition::Edition;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

/// Of Debian 12: Prometheus 2.42 with promtool, Alertmanager 0.25, node exporter 1.5, blackbox exporter 0.23.
const PACKAGES: [&str; 4] = [
    "prometheus",
    "prometheus-alertmanager",
    "prometheus-node-exporter",
    "prometheus-blackbox-exporter",
];
/// The version that PromQL over a snapshot is held to; see docs/decisions/0017-promql-of-2-42.md.
const VERSION: &str = "2.42";
/// Their folder in the cache.
const FOLDER: &str = "debian-prometheus";
/// The one place, from the root, where Debian's Alertmanager looks for its templates; without them, it stops.
const TEMPLATES: &str = "usr/share/prometheus/alertmanager";
/// How long a server may take to become ready, on a machine that is busy with other things.
const PATIENCE: Duration = Duration::from_secs(60);
/// A route without which Alertmanager does not start; it tells nobody.
const ALERTMANAGER: &str = "route: {receiver: nobody, group_by: [alertname], group_wait: 1s, group_interval: 2s}\n\
    receivers: [{name: nobody}]\n";

/// Unpacks the programs if they are not there, and refuses those of another Debian.
pub fn install(cache: &Cache) -> Result<()> {
    debian::install(cache, FOLDER, &PACKAGES, |folder| {
        let prometheus = folder.join("usr/bin/prometheus");
        right_version(&program::output(Command::new(prometheus).arg("--version"))?)
    })
}

/// Takes what `prometheus --version` says.
fn right_version(said: &str) -> Result<()> {
    let version = said.split_whitespace().nth(2).unwrap_or_default();
    if !version.strip_prefix(VERSION).is_some_and(|patch| patch.starts_with('.')) {
        bail!("answers are held to Prometheus {VERSION} of Debian 12, and this one is {version}");
    }
    Ok(())
}

/// Whether the programs are there.
pub fn is_installed(cache: &Cache) -> bool {
    program(cache, "prometheus").is_file()
}

/// Why Debian's Alertmanager cannot run here; none if it can. Its templates are put where it looks for them, which only
/// root may do; where its package is installed, they are there.
pub fn why_no_alertmanager(cache: &Cache) -> Option<String> {
    let to = Path::new("/").join(TEMPLATES);
    let put = put_missing(&cache.folder.join(FOLDER).join(TEMPLATES), &to);
    put.err().map(|error| {
        format!(
            "Alertmanager needs its templates in {}, and they could not be put there: {error}; as root, run apt-get \
            install prometheus-alertmanager",
            to.display()
        )
    })
}

/// Copies the files that are not there, each at once, so that several processes may do it.
fn put_missing(from: &Path, to: &Path) -> std::io::Result<()> {
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.path().is_file() && !target.is_file() {
            fs::create_dir_all(to)?;
            let copied = tempfile::NamedTempFile::new_in(to)?;
            fs::copy(entry.path(), copied.path())?;
            copied.persist(target)?;
        }
    }
    Ok(())
}

/// Runs promtool and gives back what it printed.
pub fn promtool(cache: &Cache, arguments: &[&str]) -> Result<String> {
    program::output(Command::new(program(cache, "promtool")).args(arguments))
}

/// What a Prometheus is started with. All may be empty.
#[derive(Clone, Copy, Debug, Default)]
pub struct Setup<'a> {
    /// Which store it is.
    pub edition: Edition,
    /// OpenMetrics text with times, which is loaded into the database before it starts.
    pub metrics: &'a str,
    /// A rule file.
    pub rules: &'a str,
    /// How often rules are evaluated; a minute unless it says so.
    pub evaluation_interval: &'a str,
    /// The entries of `scrape_configs`, as YAML; nothing is scraped without.
    pub scrape_configs: &'a str,
    /// The configuration of an Alertmanager. One that tells nobody runs beside rules unless it says so, and none without
    /// rules.
    pub alertmanager: &'a str,
    /// Whether the exporters run, too.
    pub exporters: bool,
}

impl<'a> Setup<'a> {
    fn interval(&self) -> &'a str {
        if self.evaluation_interval.is_empty() { "1m" } else { self.evaluation_interval }
    }

    /// What Alertmanager is configured with, if there is to be one.
    fn alertmanager(&self) -> Option<&'a str> {
        match (self.alertmanager, self.rules) {
            ("", "") => None,
            ("", _) => Some(ALERTMANAGER),
            (configuration, _) => Some(configuration),
        }
    }
}

/// The servers of one folder. They end with this, unless they were started detached.
#[derive(Debug)]
pub struct Monitoring {
    folder: PathBuf,
    cache: Cache,
    port: u16,
    lifetime: Lifetime,
}

impl Monitoring {
    /// Claims ports for a folder, so that addresses are known before anything is started.
    pub fn of(folder: &Path, lifetime: Lifetime) -> Result<Monitoring> {
        let cache = Cache::of_the_user()?;
        fs::create_dir_all(folder)?;
        let folder = folder.canonicalize()?;
        let port = ports::block_of(&folder, &cache)?;
        Ok(Monitoring { folder, cache, port, lifetime })
    }

    /// Starts the servers and waits until they are ready; what is not installed is installed first.
    pub fn start(&self, setup: &Setup) -> Result<()> {
        install(&self.cache)?;
        setup.edition.install(&self.cache, setup.metrics)?;
        let why_not = setup.alertmanager().and_then(|_| why_no_alertmanager(&self.cache));
        if let Some(why) = why_not {
            bail!(why);
        }
        self.backfill(setup.metrics)?;
        self.configure(setup)?;
        let started = self.start_all(setup);
        started.map_err(|error| {
            let error = self.processes().explain(error);
            self.stop();
            error
        })
    }

    /// Where Prometheus answers.
    pub fn prometheus(&self) -> String {
        format!("http://{}", self.address(0))
    }

    /// Where Alertmanager answers, if there is one.
    pub fn alertmanager(&self) -> String {
        format!("http://{}", self.address(1))
    }

    /// `HOST:PORT` of the node exporter, a target.
    pub fn node_exporter(&self) -> String {
        self.address(2)
    }

    /// `HOST:PORT` of the blackbox exporter, which probes what a target says; its module is `http_2xx`.
    pub fn blackbox_exporter(&self) -> String {
        self.address(3)
    }

    /// Stops the servers; the folder stays.
    pub fn stop(&self) {
        self.processes().stop_all();
    }

    /// Makes blocks of a database from OpenMetrics text.
    fn backfill(&self, metrics: &str) -> Result<()> {
        if metrics.is_empty() {
            return Ok(());
        }
        let file = self.folder.join("metrics.om");
        fs::write(&file, metrics)?;
        let mut promtool = Command::new(program(&self.cache, "promtool"));
        promtool.args(["tsdb", "create-blocks-from", "openmetrics"]);
        // A block for each two hours would take long for recordings of days.
        promtool.arg("--max-block-duration=24h").arg(file).arg(self.folder.join("database"));
        program::output(&mut promtool).context("could not load the metrics")?;
        Ok(())
    }

    fn configure(&self, setup: &Setup) -> Result<()> {
        let or = |text: &str, otherwise: &str| {
            if text.is_empty() { otherwise.to_owned() } else { text.to_owned() }
        };
        let interval = setup.interval();
        let scrapes: String =
            setup.scrape_configs.lines().map(|line| format!("  {line}\n")).collect();
        let scrapes = if scrapes.is_empty() { "  []\n".to_owned() } else { scrapes };
        let told = setup
            .alertmanager()
            .map(|_| format!("{{static_configs: [{{targets: [\"{}\"]}}]}}", self.address(1)));
        let prometheus = format!(
            "global: {{evaluation_interval: {interval}, scrape_interval: {interval}, scrape_timeout: 1s}}\n\
            alerting: {{alertmanagers: [{}]}}\nrule_files: [\"rules.yaml\"]\nscrape_configs:\n{scrapes}",
            told.unwrap_or_default(),
        );
        for (file, text) in [
            ("prometheus.yaml", prometheus.as_str()),
            ("rules.yaml", &or(setup.rules, "groups: []\n")),
            ("alertmanager.yaml", setup.alertmanager().unwrap_or_default()),
            ("blackbox.yaml", "modules: {http_2xx: {prober: http, timeout: 2s}}\n"),
        ] {
            fs::write(self.folder.join(file), text)?;
        }
        Ok(())
    }

    fn start_all(&self, setup: &Setup) -> Result<()> {
        let file = |name: &str| self.folder.join(name).display().to_string();
        let address = |offset: u16| format!("--web.listen-address={}", self.address(offset));
        if setup.alertmanager().is_some() {
            self.run(
                "prometheus-alertmanager",
                &[
                    format!("--config.file={}", file("alertmanager.yaml")),
                    format!("--storage.path={}", file("alertmanager")),
                    "--cluster.listen-address=".to_owned(),
                    address(1),
                ],
            )?;
        }
        if setup.exporters {
            self.run("prometheus-node-exporter", &[address(2)])?;
            let config = format!("--config.file={}", file("blackbox.yaml"));
            self.run("prometheus-blackbox-exporter", &[config, address(3)])?;
        }
        let by_vmalert = setup.edition == Edition::VictoriaMetrics && !setup.rules.is_empty();
        let rules = by_vmalert.then(|| self.address(4));
        self.start_program(
            "prometheus",
            &setup.edition.program(&self.cache),
            &setup.edition.arguments(&self.address(0), rules.as_deref()),
        )?;
        if let Some(address) = rules {
            let (store, notified) = (self.prometheus(), self.alertmanager());
            self.start_program(
                "vmalert",
                &self.cache.program(component::VMALERT.name),
                &Edition::vmalert(&store, &notified, &address, setup.interval()),
            )?;
        }
        if setup.alertmanager().is_some() {
            self.ready("prometheus-alertmanager", &self.alertmanager())?;
        }
        self.ready("prometheus", &self.prometheus())?;
        self.processes().all_alive()
    }

    fn run(&self, name: &str, arguments: &[String]) -> Result<()> {
        self.start_program(name, &program(&self.cache, name), arguments)
    }

    fn start_program(&self, name: &str, program: &Path, arguments: &[String]) -> Result<()> {
        let mut command = Command::new(program);
        self.processes().start(name, command.args(arguments).current_dir(&self.folder))
    }

    /// Waits for a server, but not for one that has ended.
    fn ready(&self, name: &str, address: &str) -> Result<()> {
        let api = Api::at(address)?;
        program::retry(PATIENCE, || match api.get("/-/ready", "*/*") {
            Ok((200, _)) => Ok(Ok(())),
            other if self.processes().is_alive(name) => {
                Err(anyhow::anyhow!("{name} is not ready: {other:?}"))
            }
            _ => Ok(Err(anyhow::anyhow!("{name} has ended"))),
        })?
    }

    fn address(&self, offset: u16) -> String {
        format!("127.0.0.1:{}", self.port + offset)
    }

    fn processes(&self) -> Processes<'_> {
        Processes { folder: &self.folder, lifetime: self.lifetime }
    }
}

impl Drop for Monitoring {
    fn drop(&mut self) {
        if self.lifetime == Lifetime::Ours {
            self.processes().kill_all();
        }
    }
}

fn program(cache: &Cache, name: &str) -> PathBuf {
    cache.folder.join(FOLDER).join("usr/bin").join(name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn an_alertmanager_runs_where_it_is_configured_or_there_are_rules() {
        let of = |alertmanager, rules| {
            Setup { alertmanager, rules, ..Setup::default() }.alertmanager().is_some()
        };
        assert_eq!([of("", ""), of("", "groups: []"), of("route: {}", "")], [false, true, true]);
    }

    #[test]
    fn only_the_templates_that_are_missing_are_put() {
        let folder = tempfile::tempdir().unwrap();
        let (from, to) = (folder.path().join("from"), folder.path().join("a/to"));
        fs::create_dir_all(&from).unwrap();
        for name in ["one", "other"] {
            fs::write(from.join(name), "new").unwrap();
        }
        fs::create_dir_all(&to).unwrap();
        fs::write(to.join("other"), "old").unwrap();
        put_missing(&from, &to).unwrap();
        let texts = ["one", "other"].map(|name| fs::read_to_string(to.join(name)).unwrap());
        assert_eq!(texts, ["new", "old"]);
        assert_eq!(fs::read_dir(&to).unwrap().count(), 2, "nothing else is left");
        let mode = |file: PathBuf| fs::metadata(file).unwrap().permissions().mode();
        assert_eq!(mode(to.join("one")), mode(from.join("one")), "others may read it");
    }

    #[test]
    fn a_prometheus_of_another_version_is_refused() {
        let said = |version: &str| {
            format!("prometheus, version {version} (branch: debian/sid)\n  go version: go1.19.8\n")
        };
        right_version(&said("2.42.0+ds")).unwrap();
        for version in ["2.53.3+ds1", "2.4.2", "3.2.42.0"] {
            let refusal = right_version(&said(version)).unwrap_err().to_string();
            let expected = "answers are held to Prometheus 2.42 of Debian 12, and this one is ";
            assert_eq!(refusal, format!("{expected}{version}"));
        }
        assert!(right_version("").is_err());
    }
}
