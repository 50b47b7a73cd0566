//! Queries through `mcp-prometheus` against the same requests to the Prometheus behind it.

use super::calls::{over_http, over_stdio, raw};
use super::investigation::tokens;
use super::mcp::{Calls, Pipe};
use super::samples::memory;
use super::sheet::{Sheet, number};
use crate::cluster::Lifetime;
use crate::inquest::Inquest;
use crate::monitoring::{Monitoring, Setup};
use anyhow::{Context, Result};
use jiff::Timestamp;
use reqwest::Url;
use serde_json::{Value, json};
use std::fmt::Write;
use std::process::Command;
use tokio::runtime::Runtime;

/// How many clients call at once, and how often in all.
const CROWDS: [(usize, usize); 2] = [(1, 300), (16, 1_600)];
/// Series of the metric that is asked for.
const SERIES: usize = 20;
/// Its last hour, in seconds, measured this often.
const HOUR: i64 = 3_600;
const INTERVAL: i64 = 15;
/// Series of the metric that has too many.
const TOO_MANY: usize = 100_000;
/// The goal of a call's time against its request's, at the median.
const MOST_RATIO: f64 = 1.2;

/// A tool call and the request that it makes.
struct Question {
    what: &'static str,
    call: Value,
    path: &'static str,
    form: Vec<(&'static str, String)>,
}

/// Starts a Prometheus that holds what is asked for, and measures.
pub(super) fn measure(inquest: &Inquest, sheet: &mut Sheet) -> Result<()> {
    let folder = tempfile::tempdir()?;
    let runtime = Runtime::new()?;
    let prometheus = Monitoring::of(&folder.path().join("prometheus"), Lifetime::Ours)?;
    let end = Timestamp::now().as_second();
    prometheus.start(&Setup { metrics: &samples(end)?, ..Setup::default() })?;
    let address = prometheus.prometheus();
    let server = || {
        let mut command = inquest.command(&["mcp", "prometheus"]);
        command.args(["--prometheus-url", &address]);
        command
    };
    let columns = [
        "query",
        "over",
        "clients",
        "call ms, median",
        "p99",
        "raw POST ms, median",
        "p99",
        "the same packed ms",
        "ratio at the median",
        "tokens",
    ];
    sheet.table("`mcp-prometheus`: a query over 20 series", &columns);
    // As ours asks over a plain connection, and as most clients do.
    let bare = reqwest::Client::builder().no_proxy().gzip(false).build()?;
    let packing = reqwest::Client::builder().no_proxy().build()?;
    for question in questions(end) {
        let url = Url::parse_with_params(&format!("{address}{}", question.path), &question.form)?;
        let form = url.query().unwrap_or_default().to_owned();
        let post = |client: &reqwest::Client| {
            client
                .post(format!("{address}{}", question.path))
                .header("content-type", "application/x-www-form-urlencoded")
                .body(form.clone())
        };
        let said =
            runtime.block_on(async { Pipe::open(server()).await?.text(&question.call).await })?;
        let tokens =
            sheet.goal(&format!("tokens, {}", question.what), tokens(&said)? as f64, 1_100.0);
        for (at_once, count) in CROWDS {
            let calls = Calls { params: question.call.clone(), at_once, count };
            let floor = runtime.block_on(raw(&post(&bare), &calls))?;
            let packed = runtime.block_on(raw(&post(&packing), &calls))?;
            let stdio = runtime.block_on(over_stdio(server(), &calls))?;
            let http = runtime.block_on(over_http(server(), &calls))?;
            for (over, ours) in [("stdio", &stdio), ("HTTP", &http)] {
                let ratio = ours.median() / floor.median();
                let about = format!("{} over {over}", question.what);
                let ratio = match at_once {
                    1 => number(ratio),
                    _ => sheet.goal(&about, ratio, MOST_RATIO),
                };
                sheet.row(&[
                    question.what.to_owned(),
                    over.to_owned(),
                    at_once.to_string(),
                    number(ours.median()),
                    number(ours.percentile(99)),
                    number(floor.median()),
                    number(floor.percentile(99)),
                    number(packed.median()),
                    ratio,
                    tokens.clone(),
                ]);
            }
        }
    }
    runtime.block_on(too_many(server(), sheet))
}

/// What comes of a question that no answer can hold.
async fn too_many(server: Command, sheet: &mut Sheet) -> Result<()> {
    sheet.table("`run_promql` of 100,000 series", &["peak MB", "tokens", "first line"]);
    let mut pipe = Pipe::open(server).await?;
    let text = pipe.text(&json!({"name": "run_promql", "arguments": {"query": "crowd"}})).await?;
    let peak = pipe.pid().and_then(|pid| memory(pid, "VmHWM")).context("no memory")?;
    let peak = sheet.goal("memory of 100,000 series in MB", peak, 64.0);
    let first = text.lines().next().unwrap_or_default().to_owned();
    sheet.row(&[peak, tokens(&text)?.to_string(), first]);
    Ok(())
}

fn questions(end: i64) -> Vec<Question> {
    let query = "rate(http_requests_total[5m])";
    let call = |tool: &str, arguments: Value| json!({"name": tool, "arguments": arguments});
    let form = |rest: &[(&'static str, String)]| {
        let form = [("query", query.to_owned()), ("limit", "1001".to_owned())];
        [&form[..], rest].concat()
    };
    let (start, last) = (end - HOUR, end.to_string());
    vec![
        Question {
            what: "instant",
            call: call("run_promql", json!({"query": query, "time": last})),
            path: "/api/v1/query",
            form: form(&[("time", last.clone())]),
        },
        Question {
            what: "range of 1 h",
            call: call(
                "run_promql_range",
                json!({"query": query, "start": start.to_string(), "end": last}),
            ),
            path: "/api/v1/query_range",
            form: form(&[
                ("start", start.to_string()),
                ("end", last),
                ("step", (HOUR / 60).to_string()),
            ]),
        },
    ]
}

/// OpenMetrics text of both metrics.
fn samples(end: i64) -> Result<String> {
    let mut text = "# TYPE http_requests counter\n".to_owned();
    for series in 0..SERIES {
        let mut requests = 0;
        for step in 0..=(HOUR + 600) / INTERVAL {
            let at = end - HOUR - 600 + step * INTERVAL;
            requests += 20 + (step as usize * (series + 3)) % 17;
            writeln!(
                text,
                "http_requests_total{{namespace=\"shop\",pod=\"web-6d8f7c9b4-{series:05}\",code=\"200\"}} {requests} {at}"
            )?;
        }
    }
    text.push_str("# TYPE crowd gauge\n");
    for series in 0..TOO_MANY {
        writeln!(text, "crowd{{id=\"{series}\",namespace=\"shop\"}} 1 {}", end - 1)?;
        writeln!(text, "crowd{{id=\"{series}\",namespace=\"shop\"}} 1 {}", end + 240)?;
    }
    text.push_str("# EOF\n");
    Ok(text)
}
