//! `inquest mcp`: one specialist, on standard input and output or over HTTP; and what there is to say of each.

use super::terminal;
use crate::trouble::{DONE, Trouble, chain};
use axum::Router;
use clap::{Subcommand, ValueEnum};
#[cfg(any(feature = "grafana", feature = "helm", feature = "k8s", feature = "prometheus"))]
use mcp::failure::Code;
#[cfg(any(feature = "grafana", feature = "helm", feature = "k8s", feature = "prometheus"))]
use mcp::failure::Failure;
use mcp::http::settings::HttpSettings;
use mcp::http::{self, HttpError};
use mcp::server::Server;
use mcp::stdio;
use mcp::trace::Traces;
#[cfg(feature = "k8s")]
use std::collections::BTreeMap;
#[cfg(any(feature = "helm", feature = "k8s"))]
use std::sync::Arc;
#[cfg(any(feature = "helm", feature = "k8s"))]
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// A cluster that answers at all has answered by then.
#[cfg(any(feature = "helm", feature = "k8s"))]
const LONGEST_START: Duration = Duration::from_secs(10);

/// One specialist as an MCP server
#[derive(Debug, clap::Args)]
pub struct Mcp {
    /// Which specialist.
    #[command(subcommand)]
    pub server: Specialist,
}

/// The specialists, each with its settings.
#[derive(Debug, Subcommand)]
pub enum Specialist {
    /// Kubernetes: objects, events, logs
    #[cfg(feature = "k8s")]
    K8s(K8s),
    /// Helm: releases, their values, manifests and history
    #[cfg(feature = "helm")]
    Helm(Helm),
    /// Prometheus and Alertmanager: metrics, rules, alerts, silences
    #[cfg(feature = "prometheus")]
    Prometheus(Box<Prometheus>),
    /// Grafana: dashboards and their queries, data sources, alert rules, annotations
    #[cfg(feature = "grafana")]
    Grafana(Box<Grafana>),
}

/// Settings of the Kubernetes specialist.
#[cfg(feature = "k8s")]
#[derive(Debug, clap::Args)]
pub struct K8s {
    /// The cluster.
    #[command(flatten)]
    pub settings: mcp_k8s::settings::Settings,
    /// How it is offered.
    #[command(flatten)]
    pub http: HttpSettings,
    /// MiB for lists that are kept up to date by watching, over HTTP alone; 0 reads every list anew
    #[arg(
        long,
        env = "INQUEST_WATCH_MEMORY",
        value_name = "MIB",
        default_value = "192",
        value_parser = clap::value_parser!(u16).range(0..=16_384),
    )]
    pub watch_memory: u16,
}

#[cfg(feature = "k8s")]
impl K8s {
    /// Bytes for lists that are kept. On standard input one caller asks a few questions, for which no watch is worth it.
    fn kept(&self) -> Option<u64> {
        let bytes = u64::from(self.watch_memory) << 20;
        (self.http.http.is_some() && bytes > 0).then_some(bytes)
    }

    /// The server over the cluster, or over each of several contexts.
    async fn server(&self) -> Result<Server, Trouble> {
        let settings = self.settings.kubernetes.one_each();
        let several = settings.len() > 1;
        let kept = self.kept().map(|bytes| bytes / settings.len().max(1) as u64);
        let mut clusters = BTreeMap::new();
        for (name, settings) in settings {
            let for_others = self.http.is_for_others();
            let kubernetes = mcp_k8s::server::Kubernetes::keeping(settings, for_others, kept);
            clusters.insert(name, Arc::new(kubernetes));
        }
        if self.http.http.is_some() {
            all_fit(clusters.values().map(|kubernetes| kubernetes.ready())).await?;
        }
        match clusters.pop_first() {
            Some((_, only)) if !several => Ok(mcp_k8s::tools::server(only)),
            first => {
                clusters.extend(first);
                Ok(mcp_k8s::tools::server_of_several(clusters))
            }
        }
    }
}

/// Settings of the Helm specialist.
#[cfg(feature = "helm")]
#[derive(Debug, clap::Args)]
pub struct Helm {
    /// The cluster.
    #[command(flatten)]
    pub settings: mcp_helm::settings::Settings,
    /// How it is offered.
    #[command(flatten)]
    pub http: HttpSettings,
}

/// Settings of the Prometheus specialist.
#[cfg(feature = "prometheus")]
#[derive(Debug, clap::Args)]
pub struct Prometheus {
    /// Prometheus and Alertmanager.
    #[command(flatten)]
    pub settings: mcp_prometheus::settings::Settings,
    /// How it is offered.
    #[command(flatten)]
    pub http: HttpSettings,
}

/// Settings of the Grafana specialist.
#[cfg(feature = "grafana")]
#[derive(Debug, clap::Args)]
pub struct Grafana {
    /// Grafana.
    #[command(flatten)]
    pub settings: mcp_grafana::settings::Settings,
    /// How it is offered.
    #[command(flatten)]
    pub http: HttpSettings,
}

/// The specialists by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Name {
    /// Kubernetes.
    #[cfg(feature = "k8s")]
    K8s,
    /// Helm.
    #[cfg(feature = "helm")]
    Helm,
    /// Prometheus and Alertmanager.
    #[cfg(feature = "prometheus")]
    Prometheus,
    /// Grafana.
    #[cfg(feature = "grafana")]
    Grafana,
    /// The lead itself.
    Lead,
}

impl Name {
    /// All that are part of this build, the lead last.
    pub(super) fn all() -> Vec<Name> {
        Name::value_variants().to_vec()
    }

    /// The server without a backend: enough to list its tools.
    pub(super) fn server(self) -> Server {
        match self {
            #[cfg(feature = "k8s")]
            Name::K8s => mcp_k8s::lead::unconnected(),
            #[cfg(feature = "helm")]
            Name::Helm => mcp_helm::lead::unconnected(),
            #[cfg(feature = "prometheus")]
            Name::Prometheus => mcp_prometheus::lead::unconnected(),
            #[cfg(feature = "grafana")]
            Name::Grafana => mcp_grafana::lead::unconnected(),
            Name::Lead => crate::tools::unconnected(),
        }
    }

    /// The rights that it needs in Kubernetes, in YAML.
    #[cfg_attr(
        not(any(feature = "helm", feature = "k8s")),
        expect(unused_variables, reason = "only Kubernetes has rights")
    )]
    pub(super) fn rights(self, namespace: Option<&str>) -> String {
        match self {
            #[cfg(feature = "k8s")]
            Name::K8s => mcp_k8s::lead::rights("inquest-mcp-k8s", namespace),
            #[cfg(feature = "helm")]
            Name::Helm => mcp_helm::lead::rights("inquest-mcp-helm", namespace),
            #[cfg(feature = "prometheus")]
            Name::Prometheus => {
                "# mcp-prometheus reads Prometheus and Alertmanager, and nothing of Kubernetes.\n"
                    .to_owned()
            }
            #[cfg(feature = "grafana")]
            Name::Grafana => "# mcp-grafana reads Grafana, and nothing of Kubernetes.\n".to_owned(),
            Name::Lead => {
                "# The lead needs no rights of its own: it asks the servers.\n".to_owned()
            }
        }
    }
}

impl Mcp {
    pub(super) async fn run(self) -> Result<u8, Trouble> {
        match self.server {
            #[cfg(feature = "k8s")]
            Specialist::K8s(it) => {
                let server = it.server().await?;
                offer(server, &it.http).await
            }
            #[cfg(feature = "helm")]
            Specialist::Helm(it) => {
                let (settings, for_others) = (it.settings.kubernetes, it.http.is_for_others());
                let helm = mcp_helm::server::Helm::open(settings, for_others);
                if it.http.http.is_some() {
                    fit(helm.ready()).await?;
                }
                offer(mcp_helm::tools::server(Arc::new(helm)), &it.http).await
            }
            #[cfg(feature = "prometheus")]
            Specialist::Prometheus(it) => {
                let Prometheus { settings, http } = *it;
                let prometheus = mcp_prometheus::server::Prometheus::open(settings);
                usable(prometheus.ready())?;
                offer(mcp_prometheus::tools::server(std::sync::Arc::new(prometheus)), &http).await
            }
            #[cfg(feature = "grafana")]
            Specialist::Grafana(it) => {
                let Grafana { settings, http } = *it;
                let grafana = mcp_grafana::server::Grafana::open(settings);
                usable(grafana.ready())?;
                offer(mcp_grafana::tools::server(std::sync::Arc::new(grafana)), &http).await
            }
        }
    }
}

/// Tools are listed without an address; a setting that cannot be used is told at once.
#[cfg(any(feature = "grafana", feature = "prometheus"))]
fn usable(ready: Result<(), Failure>) -> Result<(), Trouble> {
    match ready {
        Err(failure) if failure.code != Code::NotFound => Err(Trouble::Usage(failure.message)),
        _ => Ok(()),
    }
}

/// Refuses to offer a server whose identity may do too much. A cluster that does not answer yet is not waited for: its
/// identity is looked at before the first answer.
///
/// # Errors
/// What the identity may do that it should not.
#[cfg(any(feature = "helm", feature = "k8s"))]
pub(crate) async fn fit(ready: impl Future<Output = Result<(), Failure>>) -> Result<(), Trouble> {
    match tokio::time::timeout(LONGEST_START, ready).await {
        Ok(Err(failure)) if failure.code == Code::Forbidden => {
            Err(Trouble::Usage(format!("{}; {}", failure.message, failure.hint)))
        }
        _ => Ok(()),
    }
}

/// The same of several, which are asked at once: the start takes as long as the slowest of them.
///
/// # Errors
/// What the first of those that may do too much may do.
#[cfg(feature = "k8s")]
async fn all_fit(
    ready: impl Iterator<Item = impl Future<Output = Result<(), Failure>>>,
) -> Result<(), Trouble> {
    let asked = futures::future::join_all(ready.map(fit)).await;
    asked.into_iter().collect()
}

/// Offers a server over HTTP where an address is set, else on standard input and output.
///
/// # Errors
/// Where the address cannot be used, or the other side does not speak MCP.
pub async fn offer(server: Server, settings: &HttpSettings) -> Result<u8, Trouble> {
    let stop = terminal::interrupt();
    let traces = Traces::open(&settings.traces).map_err(|error| Trouble::Usage(chain(&error)))?;
    let server = server.with_traces(traces.clone());
    let offered = offer_until(server, settings, stop).await;
    if let Some(traces) = traces {
        traces.flush().await;
    }
    offered
}

async fn offer_until(
    server: Server,
    settings: &HttpSettings,
    stop: CancellationToken,
) -> Result<u8, Trouble> {
    if settings.http.is_some() {
        let door = http::bind(settings).await.map_err(|error| refused(&error))?;
        terminal::progress(&format!("{} listens on http://{}/mcp", server.name(), door.address()));
        http::serve(door, server, Router::new(), stop).await;
        return Ok(DONE);
    }
    stdio::serve(server, stop).await.map_err(|error| Trouble::Usage(chain(&error)))?;
    Ok(DONE)
}

/// An address that cannot be served is for who set it to put right.
fn refused(error: &HttpError) -> Trouble {
    Trouble::Usage(chain(error))
}

#[cfg(all(test, feature = "k8s"))]
mod tests {
    use super::*;
    use tokio::time::Instant;

    fn answering(code: Option<Code>) -> impl Future<Output = Result<(), Failure>> {
        let failure = |code| Failure { code, ..Failure::invalid("may delete pods") };
        async move {
            match code {
                Some(code) => Err(failure(code)),
                None => std::future::pending().await,
            }
        }
    }

    #[tokio::test(start_paused = true)]
    async fn clusters_that_do_not_answer_are_waited_for_together() {
        let began = Instant::now();
        assert!(all_fit([answering(None), answering(None)].into_iter()).await.is_ok());
        assert_eq!(began.elapsed().as_secs(), LONGEST_START.as_secs());
    }

    #[tokio::test(start_paused = true)]
    async fn one_that_may_do_too_much_stops_the_start() {
        let all = [answering(None), answering(Some(Code::Forbidden))];
        assert!(matches!(all_fit(all.into_iter()).await, Err(Trouble::Usage(_))));
        let all = [answering(Some(Code::Unreachable)), answering(None)];
        assert!(all_fit(all.into_iter()).await.is_ok());
    }
}
