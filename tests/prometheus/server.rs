//! The Prometheus server as a client sees it, and what the tests ask of it.

use jiff::Timestamp;
use mcp::client::Specialist;
use mcp_prometheus::server::Prometheus;
use serde_json::{Value, json};
use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::Arc;
use std::time::Duration;
use tokio::runtime::Runtime;
use tokio_util::sync::CancellationToken;
use xtask::inquest::Inquest;

/// Far more than a call, or an alert on its way, takes.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

pub(crate) type Outcome<T = ()> = Result<T, String>;

/// `inquest mcp prometheus` as an agent host runs it, or the server in this process.
pub(crate) struct Server {
    runtime: Runtime,
    connection: Specialist,
}

impl Server {
    pub(crate) fn start(settings: &[&str]) -> Outcome<Server> {
        let runtime = told(Runtime::new())?;
        let inquest = told(Inquest::beside_us())?;
        let arguments: Vec<_> =
            ["mcp", "prometheus"].iter().chain(settings).map(Into::into).collect();
        let path = inquest.path.display().to_string();
        let connection = told(runtime.block_on(Specialist::child(&path, &arguments)))?;
        Ok(Server { runtime, connection })
    }

    pub(crate) fn over(server: Prometheus) -> Outcome<Server> {
        let runtime = told(Runtime::new())?;
        let server = mcp_prometheus::tools::server(Arc::new(server));
        let connection = told(runtime.block_on(Specialist::in_memory(server)))?;
        Ok(Server { runtime, connection })
    }

    fn reply(&self, tool: &str, arguments: Value) -> Outcome<mcp::client::reply::Reply> {
        let Value::Object(arguments) = arguments else { return Err("no arguments".to_owned()) };
        let stop = CancellationToken::new();
        told(self.runtime.block_on(self.connection.call(tool, arguments, false, PATIENCE, &stop)))
    }

    pub(crate) fn ask(&self, tool: &str, arguments: Value) -> Outcome<Value> {
        Ok(self.reply(tool, arguments)?.structured)
    }

    /// The text of an answer.
    pub(crate) fn text(&self, tool: &str, arguments: Value) -> Outcome<String> {
        let reply = self.reply(tool, arguments)?;
        match reply.failure {
            None => Ok(reply.text),
            Some(failure) => Err(format!("{tool}: {}; {}", failure.message, failure.hint)),
        }
    }

    /// The text of a failure.
    pub(crate) fn failure(&self, tool: &str, arguments: Value) -> Outcome<String> {
        let reply = self.reply(tool, arguments)?;
        reply.failure.map(|it| it.message).ok_or(reply.text)
    }

    /// Whatever it says.
    pub(crate) fn said(&self, tool: &str, arguments: Value) -> Outcome<String> {
        let reply = self.reply(tool, arguments)?;
        Ok(reply
            .failure
            .map_or(reply.text, |it| format!("{}: {}; {}", it.code, it.message, it.hint)))
    }
}

/// Keeps an alert quiet, as a person would.
pub(crate) fn silence(alertmanager: &str, alertname: &str) -> Outcome {
    let now = Timestamp::now();
    let ends = Timestamp::from_second(now.as_second() + 3600).unwrap();
    let body = json!({
        "matchers": [{"name": "alertname", "value": alertname, "isRegex": false, "isEqual": true}],
        "startsAt": now, "endsAt": ends, "createdBy": "ada", "comment": "known, see SHOP-1"
    })
    .to_string();
    let host = alertmanager.trim_start_matches("http://");
    let mut stream = told(TcpStream::connect(host))?;
    let request = format!(
        "POST /api/v2/silences HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    );
    told(stream.write_all(request.as_bytes()))?;
    let mut said = String::new();
    told(stream.read_to_string(&mut said))?;
    contains(&said, &["200 OK", "silenceID"])
}

pub(crate) fn contains(text: &str, parts: &[&str]) -> Outcome {
    match parts.iter().find(|part| !text.contains(**part)) {
        None => Ok(()),
        Some(part) => Err(format!("no {part:?} in {text}")),
    }
}

/// An error with all that it has to say.
pub(crate) fn told<T>(outcome: Result<T, impl std::fmt::Display>) -> Outcome<T> {
    outcome.map_err(|error| format!("{error:#}"))
}
