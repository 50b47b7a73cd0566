//! The smallest MCP clients: JSON-RPC over a child's standard input and output, and over HTTP.

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout};
use tokio::task::JoinSet;

const VERSION: &str = "2025-06-18";

/// One call of a tool, again and again.
#[derive(Clone, Debug)]
pub(crate) struct Calls {
    /// `params` of `tools/call`.
    pub(crate) params: Value,
    /// How many are under way at any time.
    pub(crate) at_once: usize,
    /// How many in all.
    pub(crate) count: usize,
}

/// A server on its standard input and output.
#[derive(Debug)]
pub(crate) struct Pipe {
    child: Child,
    stdin: ChildStdin,
    stdout: Lines<BufReader<ChildStdout>>,
}

impl Pipe {
    /// Starts a server and waits until it has listed its tools.
    pub(crate) async fn open(command: Command) -> Result<Pipe> {
        let mut command = tokio::process::Command::from(command);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.kill_on_drop(true).spawn()?;
        let stdin = child.stdin.take().context("no standard input")?;
        let stdout = child.stdout.take().context("no standard output")?;
        let mut pipe = Pipe { child, stdin, stdout: BufReader::new(stdout).lines() };
        pipe.send(&initialize()).await?;
        pipe.answer().await?;
        pipe.send(&initialized()).await?;
        pipe.send(&request(1, "tools/list", &json!({}))).await?;
        pipe.answer().await?;
        Ok(pipe)
    }

    /// The server's process.
    pub(crate) fn pid(&self) -> Option<u32> {
        self.child.id()
    }

    /// Calls and gives the time of each.
    pub(crate) async fn call(&mut self, calls: &Calls) -> Result<Vec<Duration>> {
        let mut began = BTreeMap::new();
        let (mut sent, mut times) = (0, Vec::new());
        while times.len() < calls.count {
            while sent < calls.count && began.len() < calls.at_once {
                sent += 1;
                began.insert(sent, Instant::now());
                self.send(&request(sent, "tools/call", &calls.params)).await?;
            }
            let answer = self.answer().await?;
            let id = answer.get("id").and_then(Value::as_u64).context("an answer to nothing")?;
            let began = began.remove(&usize::try_from(id)?).context("an answer to nothing")?;
            times.push(began.elapsed());
            check(&answer)?;
        }
        Ok(times)
    }

    /// Calls once and gives the text of the answer.
    pub(crate) async fn text(&mut self, params: &Value) -> Result<String> {
        self.send(&request(0, "tools/call", params)).await?;
        let answer = self.answer().await?;
        check(&answer)?;
        let content = answer.pointer("/result/content").and_then(Value::as_array);
        let texts = content.into_iter().flatten().filter_map(|it| it.get("text")?.as_str());
        Ok(texts.collect())
    }

    async fn send(&mut self, message: &Value) -> Result<()> {
        self.stdin.write_all(format!("{message}\n").as_bytes()).await?;
        Ok(self.stdin.flush().await?)
    }

    async fn answer(&mut self) -> Result<Value> {
        let line = self.stdout.next_line().await?.context("the server has ended")?;
        serde_json::from_str(&line).with_context(|| format!("no JSON: {line}"))
    }
}

/// A server over HTTP.
#[derive(Clone, Debug)]
pub(crate) struct Door {
    client: reqwest::Client,
    url: Arc<str>,
}

impl Door {
    /// Waits until a server has listed its tools.
    pub(crate) async fn open(address: SocketAddr) -> Result<Door> {
        let client = reqwest::Client::builder().no_proxy().build()?;
        let door = Door { client, url: format!("http://{address}/mcp").into() };
        door.ask(&initialize()).await?;
        door.ask(&initialized()).await?;
        door.ask(&request(1, "tools/list", &json!({}))).await?;
        Ok(door)
    }

    /// Calls and gives the time of each.
    pub(crate) async fn call(&self, calls: &Calls) -> Result<Vec<Duration>> {
        let message = Arc::new(request(1, "tools/call", &calls.params));
        let mut clients = JoinSet::new();
        for _ in 0..calls.at_once {
            let (door, message, count) =
                (self.clone(), message.clone(), calls.count / calls.at_once);
            clients.spawn(async move {
                let mut times = Vec::new();
                for _ in 0..count {
                    let began = Instant::now();
                    let answer = door.ask(&message).await?;
                    times.push(began.elapsed());
                    check(&answer)?;
                }
                Ok::<_, anyhow::Error>(times)
            });
        }
        let mut times = Vec::new();
        while let Some(client) = clients.join_next().await {
            times.extend(client??);
        }
        Ok(times)
    }

    /// Sends a message; the answer, which is null where there is none to give.
    async fn ask(&self, message: &Value) -> Result<Value> {
        let request = self.client.post(&*self.url).json(message);
        let request = request.header("accept", "application/json, text/event-stream");
        let response = request.header("mcp-protocol-version", VERSION).send().await?;
        let text = response.error_for_status()?.text().await?;
        // One answer as JSON, or as the last event of a stream.
        let mut events = text.lines().filter_map(|line| line.strip_prefix("data:"));
        let last = events.rfind(|data| !data.trim().is_empty());
        match last.unwrap_or(&text) {
            "" => Ok(Value::Null),
            json => serde_json::from_str(json).with_context(|| format!("no JSON: {text}")),
        }
    }
}

/// A call that fails is fast, and tells nothing.
fn check(answer: &Value) -> Result<()> {
    let result = answer.get("result").with_context(|| format!("a call failed: {answer}"))?;
    if result.get("isError") == Some(&Value::Bool(true)) {
        bail!("a call failed: {answer}");
    }
    Ok(())
}

fn initialize() -> Value {
    let client = json!({"name": "bench", "version": "0"});
    let params = json!({"protocolVersion": VERSION, "capabilities": {}, "clientInfo": client});
    request(0, "initialize", &params)
}

fn initialized() -> Value {
    json!({"jsonrpc": "2.0", "method": "notifications/initialized"})
}

fn request(id: usize, method: &str, params: &Value) -> Value {
    json!({"jsonrpc": "2.0", "id": id, "method": method, "params": params})
}
