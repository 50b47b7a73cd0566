//! A real Prometheus, and an Alertmanager and exporters beside it, on loopback ports; several may run side by side.

use crate::cluster::api::Api;
use crate::cluster::process::Processes;
use crate::cluster::{Lifetime, ports};
use crate::install::Cache;
use crate::{debian, program};
use anyhow::{Context, Result};
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
/// Their folder in the cache.
const FOLDER: &str = "prometheus-debian";
/// The one place where Debian's Alertmanager looks for its template; without it, it stops.
const TEMPLATE: &str = "usr/share/prometheus/alertmanager";
/// How long a server may take to become ready, on a machine that is busy with other things.
const PATIENCE: Duration = Duration::from_secs(60);
/// A route without which Alertmanager does not start; it tells nobody.
const ALERTMANAGER: &str = "route: {receiver: nobody, group_by: [alertname], group_wait: 1s, group_interval: 2s}\n\
    receivers: [{name: nobody}]\n";

/// Unpacks the programs if they are not there.
pub fn install(cache: &Cache) -> Result<()> {
    debian::install(cache, FOLDER, &PACKAGES)
}

/// Whether the programs are there.
pub fn is_installed(cache: &Cache) -> bool {
    program(cache, "prometheus").is_file()
}

/// What a Prometheus is started with. All may be empty.
#[derive(Clone, Copy, Debug, Default)]
pub struct Setup<'a> {
    /// OpenMetrics text with times, which is loaded into the database before it starts.
    pub metrics: &'a str,
    /// A rule file.
    pub rules: &'a str,
    /// How often rules are evaluated; a minute unless it says so.
    pub evaluation_interval: &'a str,
    /// The entries of `scrape_configs`, as YAML; nothing is scraped without.
    pub scrape_configs: &'a str,
    /// The configuration of an Alertmanager; one that tells nobody unless it says so.
    pub alertmanager: &'a str,
    /// Whether the exporters run, too.
    pub exporters: bool,
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

    /// Where Alertmanager answers.
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
        let interval = or(setup.evaluation_interval, "1m");
        let scrapes: String =
            setup.scrape_configs.lines().map(|line| format!("  {line}\n")).collect();
        let scrapes = if scrapes.is_empty() { "  []\n".to_owned() } else { scrapes };
        let prometheus = format!(
            "global: {{evaluation_interval: {interval}, scrape_interval: {interval}, scrape_timeout: 1s}}\n\
            alerting: {{alertmanagers: [{{static_configs: [{{targets: [\"{}\"]}}]}}]}}\n\
            rule_files: [\"rules.yaml\"]\nscrape_configs:\n{scrapes}",
            self.address(1),
        );
        for (file, text) in [
            ("prometheus.yaml", prometheus.as_str()),
            ("rules.yaml", &or(setup.rules, "groups: []\n")),
            ("alertmanager.yaml", &or(setup.alertmanager, ALERTMANAGER)),
            ("blackbox.yaml", "modules: {http_2xx: {prober: http, timeout: 2s}}\n"),
        ] {
            fs::write(self.folder.join(file), text)?;
        }
        self.put_template()
    }

    fn put_template(&self) -> Result<()> {
        let (from, to) =
            (self.cache.folder.join(FOLDER).join(TEMPLATE), Path::new("/").join(TEMPLATE));
        for entry in fs::read_dir(from)? {
            let entry = entry?;
            let target = to.join(entry.file_name());
            if !target.is_file() {
                let remedy = "Debian's Alertmanager needs its template there; as root, apt-get install prometheus-alertmanager";
                fs::create_dir_all(&to)
                    .with_context(|| format!("no {}: {remedy}", to.display()))?;
                fs::copy(entry.path(), target).with_context(|| remedy)?;
            }
        }
        Ok(())
    }

    fn start_all(&self, setup: &Setup) -> Result<()> {
        let file = |name: &str| self.folder.join(name).display().to_string();
        let address = |offset: u16| format!("--web.listen-address={}", self.address(offset));
        self.run(
            "prometheus-alertmanager",
            &[
                format!("--config.file={}", file("alertmanager.yaml")),
                format!("--storage.path={}", file("alertmanager")),
                "--cluster.listen-address=".to_owned(),
                address(1),
            ],
        )?;
        if setup.exporters {
            self.run("prometheus-node-exporter", &[address(2)])?;
            let config = format!("--config.file={}", file("blackbox.yaml"));
            self.run("prometheus-blackbox-exporter", &[config, address(3)])?;
        }
        self.run(
            "prometheus",
            &[
                format!("--config.file={}", file("prometheus.yaml")),
                format!("--storage.tsdb.path={}", file("database")),
                // What was loaded may be of any age.
                "--storage.tsdb.retention.time=100y".to_owned(),
                // An alert that fires before Alertmanager was found is sent again after this time, not after a minute.
                "--rules.alert.resend-delay=1s".to_owned(),
                "--web.enable-lifecycle".to_owned(),
                address(0),
            ],
        )?;
        self.ready("prometheus-alertmanager", &self.alertmanager())?;
        self.ready("prometheus", &self.prometheus())?;
        self.processes().all_alive()
    }

    fn run(&self, name: &str, arguments: &[String]) -> Result<()> {
        let mut command = Command::new(program(&self.cache, name));
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
