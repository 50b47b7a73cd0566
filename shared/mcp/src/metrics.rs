//! What a server did, in the text format of Prometheus. Every label is a word of ours, so the series are few.

use readonly::tally;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// Upper bounds in milliseconds: from an answer out of memory to the latest deadline.
const BOUNDS: [u32; 12] = [5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 25_000];

/// What a server did so far.
#[derive(Debug, Default)]
pub(crate) struct Metrics {
    counts: Mutex<Counts>,
}

#[derive(Debug, Default)]
struct Counts {
    in_flight: u64,
    calls: BTreeMap<(String, String), u64>,
    durations: BTreeMap<String, Durations>,
    refusals: BTreeMap<&'static str, u64>,
}

#[derive(Debug, Default)]
struct Durations {
    /// For each bound, how many took no longer.
    within: [u64; BOUNDS.len()],
    count: u64,
    sum: Duration,
}

impl Metrics {
    /// A call came in.
    pub(crate) fn begun(&self) {
        self.change(|counts| counts.in_flight += 1);
    }

    /// It ended. `tool` must be one that is listed.
    pub(crate) fn ended(&self, tool: &str, outcome: &str, took: Duration) {
        self.change(|counts| {
            counts.in_flight = counts.in_flight.saturating_sub(1);
            *counts.calls.entry((tool.to_owned(), outcome.to_owned())).or_default() += 1;
            let durations = counts.durations.entry(tool.to_owned()).or_default();
            for (bound, within) in BOUNDS.iter().zip(&mut durations.within) {
                *within += u64::from(took <= Duration::from_millis(u64::from(*bound)));
            }
            durations.count += 1;
            durations.sum += took;
        });
    }

    /// A request was turned away at the door.
    pub(crate) fn refused(&self, reason: &'static str) {
        self.change(|counts| *counts.refusals.entry(reason).or_default() += 1);
    }

    /// All of it, as Prometheus reads it.
    pub(crate) fn text(&self, server: &str) -> String {
        let counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        let mut text = String::new();
        // Writing to a string does not fail.
        let _ = write(&mut text, server, &counts);
        text
    }

    fn change(&self, change: impl FnOnce(&mut Counts)) {
        change(&mut self.counts.lock().unwrap_or_else(PoisonError::into_inner));
    }
}

fn write(text: &mut String, server: &str, counts: &Counts) -> std::fmt::Result {
    head(text, "inquest_build_info", "gauge", "The version that runs.")?;
    let version = env!("CARGO_PKG_VERSION");
    writeln!(text, "inquest_build_info{{server=\"{server}\",version=\"{version}\"}} 1")?;

    head(text, "inquest_tool_calls_in_flight", "gauge", "Calls that run or wait.")?;
    writeln!(text, "inquest_tool_calls_in_flight{{server=\"{server}\"}} {}", counts.in_flight)?;

    head(text, "inquest_tool_calls_total", "counter", "Calls by tool and outcome.")?;
    for ((tool, outcome), count) in &counts.calls {
        let labels = format!("server=\"{server}\",tool=\"{tool}\",outcome=\"{outcome}\"");
        writeln!(text, "inquest_tool_calls_total{{{labels}}} {count}")?;
    }

    head(text, "inquest_tool_call_duration_seconds", "histogram", "How long calls took.")?;
    for (tool, durations) in &counts.durations {
        let labels = format!("server=\"{server}\",tool=\"{tool}\"");
        let name = "inquest_tool_call_duration_seconds";
        for (bound, within) in BOUNDS.iter().zip(&durations.within) {
            let bound = f64::from(*bound) / 1000.0;
            writeln!(text, "{name}_bucket{{{labels},le=\"{bound}\"}} {within}")?;
        }
        writeln!(text, "{name}_bucket{{{labels},le=\"+Inf\"}} {}", durations.count)?;
        writeln!(text, "{name}_sum{{{labels}}} {}", durations.sum.as_secs_f64())?;
        writeln!(text, "{name}_count{{{labels}}} {}", durations.count)?;
    }

    head(text, "inquest_http_refusals_total", "counter", "Requests turned away at the door.")?;
    for (reason, count) in &counts.refusals {
        let labels = format!("server=\"{server}\",reason=\"{reason}\"");
        writeln!(text, "inquest_http_refusals_total{{{labels}}} {count}")?;
    }

    let help = "Requests sent to upstreams, retries included.";
    head(text, "inquest_upstream_requests_total", "counter", help)?;
    for ((system, outcome), count) in tally::of_process() {
        let labels = format!("server=\"{server}\",system=\"{system}\",outcome=\"{outcome}\"");
        writeln!(text, "inquest_upstream_requests_total{{{labels}}} {count}")?;
    }
    Ok(())
}

fn head(text: &mut String, name: &str, kind: &str, help: &str) -> std::fmt::Result {
    writeln!(text, "# HELP {name} {help}\n# TYPE {name} {kind}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_is_in_every_bucket_that_holds_it() {
        let metrics = Metrics::default();
        metrics.begun();
        metrics.begun();
        metrics.ended("greet", "ok", Duration::from_millis(30));
        let text = metrics.text("mcp-test");
        let series = "server=\"mcp-test\",tool=\"greet\"";
        for line in [
            "inquest_tool_calls_in_flight{server=\"mcp-test\"} 1".to_owned(),
            format!("inquest_tool_calls_total{{{series},outcome=\"ok\"}} 1"),
            format!("inquest_tool_call_duration_seconds_bucket{{{series},le=\"0.025\"}} 0"),
            format!("inquest_tool_call_duration_seconds_bucket{{{series},le=\"0.05\"}} 1"),
            format!("inquest_tool_call_duration_seconds_bucket{{{series},le=\"+Inf\"}} 1"),
            format!("inquest_tool_call_duration_seconds_sum{{{series}}} 0.03"),
        ] {
            assert!(text.lines().any(|written| written == line), "{line} is not in\n{text}");
        }
    }
}
