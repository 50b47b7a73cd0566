//! Which store of metrics runs: the Prometheus of Debian, the newest, or VictoriaMetrics.

use crate::install::Cache;
use crate::install::component::{self, Component};
use anyhow::{Result, bail};
use std::path::PathBuf;

/// Which store of metrics.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Edition {
    /// Prometheus 2.42, of Debian 12.
    #[default]
    Debian,
    /// The newest Prometheus, built from its Go module.
    Newest,
    /// VictoriaMetrics, with vmalert for its rules.
    VictoriaMetrics,
}

impl Edition {
    /// What our tools say that it is.
    pub fn called(self) -> &'static str {
        match self {
            Edition::Debian => "Prometheus 2.42.0",
            Edition::Newest => "Prometheus 3.15.0",
            Edition::VictoriaMetrics => "VictoriaMetrics",
        }
    }

    /// What is built for it; Debian's is unpacked with what stands beside it.
    pub fn built(self) -> &'static [Component] {
        match self {
            Edition::Debian => &[],
            Edition::Newest => &[component::PROMETHEUS],
            Edition::VictoriaMetrics => &[component::VICTORIA_METRICS, component::VMALERT],
        }
    }

    /// Refuses what cannot be loaded, and builds what is not there.
    pub(super) fn install(self, cache: &Cache, metrics: &str) -> Result<()> {
        if self == Edition::VictoriaMetrics && !metrics.is_empty() {
            bail!("promtool makes no blocks that VictoriaMetrics reads");
        }
        cache.install(self.built())
    }

    /// Its program.
    pub(super) fn program(self, cache: &Cache) -> PathBuf {
        match self {
            Edition::Debian => super::program(cache, "prometheus"),
            Edition::Newest => cache.program(component::PROMETHEUS.name),
            Edition::VictoriaMetrics => cache.program(component::VICTORIA_METRICS.name),
        }
    }

    /// How it is started: in a folder with `prometheus.yaml`, to listen at `address`; what evaluates rules for it does so at
    /// `rules`.
    pub(super) fn arguments(self, address: &str, rules: Option<&str>) -> Vec<String> {
        let mut arguments: Vec<String> = match self {
            Edition::Debian | Edition::Newest => vec![
                "--config.file=prometheus.yaml".to_owned(),
                "--storage.tsdb.path=database".to_owned(),
                // What was loaded may be of any age.
                "--storage.tsdb.retention.time=100y".to_owned(),
                // An alert that fires before Alertmanager was found is sent again after this time, not after a minute.
                "--rules.alert.resend-delay=1s".to_owned(),
                "--web.enable-lifecycle".to_owned(),
                format!("--web.listen-address={address}"),
            ],
            Edition::VictoriaMetrics => vec![
                "-promscrape.config=prometheus.yaml".to_owned(),
                // It does not know where alerts go.
                "-promscrape.config.strictParse=false".to_owned(),
                "-storageDataPath=database".to_owned(),
                "-retentionPeriod=100y".to_owned(),
                // By default it does not tell of the last 30 s, in case some samples come late.
                "-search.latencyOffset=0s".to_owned(),
                format!("-httpListenAddr={address}"),
            ],
        };
        if let (Edition::VictoriaMetrics, Some(rules)) = (self, rules) {
            arguments.push(format!("-vmalert.proxyURL=http://{rules}"));
        }
        arguments
    }

    /// How vmalert is started, which evaluates the rules of VictoriaMetrics.
    pub(super) fn vmalert(
        store: &str,
        notified: &str,
        address: &str,
        interval: &str,
    ) -> Vec<String> {
        vec![
            "-rule=rules.yaml".to_owned(),
            format!("-datasource.url={store}"),
            format!("-remoteWrite.url={store}"),
            format!("-notifier.url={notified}"),
            format!("-evaluationInterval={interval}"),
            // By default it evaluates as of 30 s ago, for the same reason.
            "-rule.evalDelay=0s".to_owned(),
            format!("-httpListenAddr={address}"),
        ]
    }
}
