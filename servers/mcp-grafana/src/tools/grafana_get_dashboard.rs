//! A dashboard: its panels in short, its queries with variables put in, or one part of it.

use crate::panels::{self, Panel, Query};
use crate::record::{Record, within};
use crate::resolve::Context;
use crate::server::Grafana;
use crate::time::Shown;
use crate::variables::{self, Variable};
use crate::views::sources::{Source, Sources};
use crate::views::{property, queries, summary};
use clients::grafana::dashboards::Dashboard;
use jiff::Timestamp;
use mcp::answer::Answer;
use mcp::arguments::Since;
use mcp::failure::{Code, Failure};
use mcp::tool::{Call, Tool};
use schemars::JsonSchema;
use serde::Deserialize;
use std::collections::BTreeSet;

/// The tool.
pub struct GetDashboard;

/// Which dashboard, and how much of it.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Ask {
    uid: String,
    detail: Option<Detail>,
    /// As panels[0].options.
    path: Option<String>,
    /// Its id.
    panel: Option<String>,
    #[schemars(extend("seldom" = "variables=[namespace=shop]"))]
    variables: Option<Vec<String>>,
    #[schemars(extend("seldom" = "since=1h"))]
    since: Option<Since>,
    cursor: Option<String>,
}

// How much of it. No doc, as agents would pay for it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
enum Detail {
    #[default]
    Summary,
    Queries,
    Property,
}

/// Variables that may be given, and bytes of one.
const MOST_GIVEN: usize = 20;
const LONGEST_GIVEN: usize = 200;
/// Bytes of a path.
const LONGEST_PATH: usize = 300;
/// Bytes of a uid: those of objects are no longer.
const LONGEST_UID: usize = 253;
/// Problems of one kind that are told.
const MOST_PROBLEMS: usize = 10;

/// Panels that need no plugin of others, or that newer versions replace by one of these.
const OWN_PANELS: [&str; 34] = [
    "alertGroups",
    "alertlist",
    "annolist",
    "barchart",
    "bargauge",
    "candlestick",
    "canvas",
    "dashlist",
    "datagrid",
    "debug",
    "flamegraph",
    "gauge",
    "geomap",
    "gettingstarted",
    "graph",
    "heatmap",
    "histogram",
    "library-panel-ref",
    "live",
    "logs",
    "news",
    "nodeGraph",
    "piechart",
    "singlestat",
    "stat",
    "state-timeline",
    "status-history",
    "table",
    "table-old",
    "text",
    "timeseries",
    "traces",
    "trend",
    "xychart",
];

/// What is not known where plugins are not listed.
const PLUGINS: &str = "whether the plugins of panels are installed";

/// A dashboard that was read, and what it depends on.
pub(crate) struct Read {
    pub(crate) dashboard: Dashboard,
    pub(crate) title: String,
    pub(crate) panels: Vec<Panel>,
    pub(crate) variables: Vec<Variable>,
    pub(crate) time: Shown,
    pub(crate) now: Timestamp,
    sources: Sources,
}

impl Read {
    /// What its variables are put in from.
    pub(crate) fn context(&self) -> Context<'_> {
        Context { variables: &self.variables, time: &self.time, title: &self.title }
    }

    /// Whether data sources were refused.
    pub(crate) fn lacks_sources(&self) -> bool {
        self.sources.read.is_none()
    }

    /// Whom a query asks.
    pub(crate) fn source(&self, query: &Query) -> Source {
        self.source_in(query, self.context())
    }

    /// Whom a query asks, where variables have these values.
    pub(crate) fn source_in(&self, query: &Query, context: Context<'_>) -> Source {
        self.sources.find(&query.datasource, context)
    }
}

impl Tool<Grafana> for GetDashboard {
    const NAME: &'static str = "grafana_get_dashboard";
    const ABOUT: &'static str =
        "A dashboard's panels, or their queries ready to run. Use it to reuse what people watch.";
    type Ask = Ask;

    async fn answer(server: &Grafana, ask: Ask, call: &Call) -> Result<Answer, Failure> {
        let detail = ask.detail.unwrap_or_default();
        check(&ask, detail)?;
        let mut record = Record::new(server.client()?, call.deadline);
        let read = read(&ask, detail, &mut record).await?;
        let answer = match detail {
            Detail::Summary => {
                let problems = problems(&read, &mut record).await;
                let told = summary::told(&read, ask.cursor.as_deref())?;
                Answer { problems, ..told }
            }
            Detail::Queries => {
                queries::told(&read, ask.panel.as_deref(), ask.cursor.as_deref(), &mut record)?
            }
            Detail::Property => property::told(&read, ask.path.as_deref().unwrap_or_default())?,
        };
        Ok(record.into(answer))
    }
}

/// Whether a dashboard may be called so.
///
/// # Errors
/// One line that names the argument.
pub(crate) fn check_uid(argument: &str, uid: &str) -> Result<(), Failure> {
    let is_plain = |it: char| it.is_ascii_alphanumeric() || matches!(it, '-' | '_' | '.');
    let fits = (1..=LONGEST_UID).contains(&uid.len()) && !uid.starts_with('.');
    if fits && uid.chars().all(is_plain) {
        return Ok(());
    }
    Err(Failure {
        hint: "grafana_search_dashboards finds uids".to_owned(),
        ..Failure::invalid(format!(
            "argument `{argument}` must be 1 to {LONGEST_UID} letters, digits, -, _ and ."
        ))
    })
}

/// Arguments that can be judged before anything is read.
fn check(ask: &Ask, detail: Detail) -> Result<(), Failure> {
    check_uid("uid", &ask.uid)?;
    let path = ask.path.as_deref().map(str::trim);
    match (detail, path) {
        (Detail::Property, None | Some("")) => {
            return Err(Failure::invalid(
                "argument `path` must name a part for detail=property, as panels[0].fieldConfig",
            ));
        }
        (Detail::Property, Some(path)) if path.len() > LONGEST_PATH => {
            return Err(Failure::invalid(format!(
                "argument `path` must be at most {LONGEST_PATH} bytes"
            )));
        }
        (Detail::Summary | Detail::Queries, Some(_)) => {
            return Err(Failure::invalid("argument `path` goes with detail=property alone"));
        }
        _ => {}
    }
    if ask.panel.is_some() && detail != Detail::Queries {
        return Err(Failure::invalid("argument `panel` goes with detail=queries alone"));
    }
    let given = ask.variables.as_deref().unwrap_or_default();
    if given.len() > MOST_GIVEN || given.iter().any(|it| it.len() > LONGEST_GIVEN) {
        return Err(Failure::invalid(format!(
            "argument `variables` must be at most {MOST_GIVEN}, each of at most {LONGEST_GIVEN} bytes"
        )));
    }
    Ok(())
}

/// Reads the dashboard, and beside it the data sources that its panels name.
async fn read(ask: &Ask, detail: Detail, record: &mut Record) -> Result<Read, Failure> {
    let (client, deadline) = (record.client.clone(), record.deadline());
    let datasources = async {
        match detail {
            Detail::Property => None,
            Detail::Summary | Detail::Queries => Some(within(deadline, client.datasources()).await),
        }
    };
    let (dashboard, datasources) =
        tokio::join!(within(deadline, client.dashboard(&ask.uid)), datasources);
    let dashboard = record.take(dashboard, "dashboards:read on its folder").map_err(unknown)?;
    let read = match datasources.map(|it| record.take(it, "datasources:read")) {
        None => None,
        Some(Ok(read)) => Some(read),
        Some(Err(failure)) => {
            let what = match detail {
                Detail::Queries => "data sources, and so their names, types and scrape intervals",
                _ => "data sources, and so their names",
            };
            record.gap(what, &failure);
            None
        }
    };
    if dashboard.is_converted {
        record.warn(
            "it is kept in a newer schema than it could be read in; parts may be missing"
                .to_owned(),
        );
    }
    let now = record.client.now();
    let body = &dashboard.body;
    let mut variables = variables::of(body);
    variables::put(&mut variables, ask.variables.as_deref().unwrap_or_default())?;
    Ok(Read {
        title: panels::text_at(body, "/title"),
        panels: panels::of(body),
        variables,
        time: Shown::of(body, ask.since, now),
        now,
        sources: Sources { read },
        dashboard,
    })
}

fn unknown(failure: Failure) -> Failure {
    match failure.code {
        Code::NotFound => Failure {
            hint: "grafana_search_dashboards finds uids; one that this identity may not see is not found, too"
                .to_owned(),
            ..failure
        },
        _ => failure,
    }
}

/// Grafana lists the plugins of others only to those who may create data sources or install plugins.
fn only_own() -> Failure {
    Failure {
        code: Code::Forbidden,
        message: "none of others is listed; this identity may not list other plugins".to_owned(),
        retryable: false,
        hint: "ask an administrator; an identity that only reads is not shown them".to_owned(),
    }
}

/// Data sources and plugins that panels need and that are not there.
async fn problems(read: &Read, record: &mut Record) -> Vec<String> {
    let mut problems = BTreeSet::new();
    for panel in &read.panels {
        for query in &panel.queries {
            let source = read.source(query);
            if source.is_missing {
                problems.insert(format!(
                    "panel {} asks the data source {}, which is not among those this identity may see",
                    panel.id, source.name
                ));
            }
        }
    }
    let mut problems: Vec<String> = problems.into_iter().take(MOST_PROBLEMS).collect();
    let foreign = |it: &&Panel| !it.kind.is_empty() && !OWN_PANELS.contains(&it.kind.as_str());
    let foreign: Vec<&Panel> = read.panels.iter().filter(foreign).collect();
    if foreign.is_empty() {
        return problems;
    }
    let answer = within(record.deadline(), record.client.panel_plugins()).await;
    match record.take(answer, "plugins:read, or ask an administrator") {
        Ok(plugins) if plugins.iter().all(|it| OWN_PANELS.contains(&it.id.as_str())) => {
            record.gap(PLUGINS, &only_own());
        }
        Ok(plugins) => {
            let is_missing = |it: &&&Panel| !plugins.iter().any(|has| has.id == it.kind);
            problems.extend(foreign.iter().filter(is_missing).take(MOST_PROBLEMS).map(|it| {
                format!("panel {} needs the plugin {}, which is not installed", it.id, it.kind)
            }));
        }
        Err(failure) => record.gap(PLUGINS, &failure),
    }
    problems
}
