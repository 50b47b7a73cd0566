//! Generated calls of every tool of every server: what is sent for them is on the published list, what is answered is clean.
#![cfg(test)]

#[path = "generated/clean.rs"]
mod clean;
#[path = "generated/draw.rs"]
mod draw;
#[path = "generated/oracle.rs"]
mod oracle;
#[path = "../servers/mcp-helm/tests/kept/pack.rs"]
mod pack;
mod role;
#[path = "../servers/mcp-prometheus/tests/written/series.rs"]
mod series;
#[path = "generated/servers.rs"]
mod servers;
#[path = "../servers/mcp-prometheus/tests/written/shop.rs"]
#[allow(dead_code, reason = "only its numbers are needed here")]
mod shop;
#[path = "generated/witness.rs"]
mod witness;
#[path = "generated/writes.rs"]
mod writes;

use crate::draw::Draw;
use crate::servers::Examined;
use mcp::client::CallError;
use mcp::failure::Code;
use serde_json::Map;
use std::io::ErrorKind;
use std::net::TcpListener;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// Longer than any call takes.
const LONG: Duration = Duration::from_secs(60);
/// The lead investigates, which takes as long as many calls of a server.
const LEADS_SHARE: usize = 10;

/// What calls of one server led to.
#[derive(Default)]
struct Led {
    calls: usize,
    answers: usize,
    urls: usize,
    faults: Vec<String>,
}

// Pauses before a second attempt take no time under a clock that jumps.
#[tokio::test(start_paused = true)]
async fn what_generated_calls_send_is_on_the_published_list() {
    // 20,000 of each server for the figures in docs/security.md: some minutes.
    let calls = option_env!("GENERATED_CALLS").and_then(|it| it.parse().ok());
    generated(calls.unwrap_or(250)).await;
}

/// Makes so many calls of each server at once, and judges what they led to.
async fn generated(calls: usize) {
    let canary = TcpListener::bind("127.0.0.1:0").unwrap();
    canary.set_nonblocking(true).unwrap();
    let address = canary.local_addr().unwrap().to_string();
    let running: Vec<_> = servers::all()
        .await
        .into_iter()
        .map(|server| tokio::spawn(exercised(server, calls, address.clone())))
        .collect();
    let (mut all, mut urls) = (0, 0);
    for server in running {
        let (server, led) = server.await.unwrap();
        let seen = server.witness.iter().map(|witness| witness.seen.lock().unwrap().clone());
        let (mut sent, mut different, mut poisoned) = (0, 0, 0);
        for seen in seen {
            assert_eq!(seen.outside, Vec::<String>::new(), "{}", server.name);
            (sent, different) = (sent + seen.sent, different + seen.different.len());
            poisoned += seen.poisoned;
        }
        eprintln!(
            "{}: {} calls, {} answered, {sent} requests, {different} of them different, {poisoned} hostile texts, {} addresses of ours",
            server.name, led.calls, led.answers, led.urls
        );
        assert!(led.answers * 10 > led.calls, "{}: most calls asked for nothing", server.name);
        assert!(server.witness.is_empty() || sent > 0, "{}: nothing was read", server.name);
        assert_eq!(led.faults, Vec::<String>::new(), "{}", server.name);
        (all, urls) = (all + led.calls, urls + led.urls);
    }
    eprintln!("{all} calls, {urls} of them with an address of ours");
    assert!(urls * 20 > all, "{urls} addresses in {all} calls");
    let asked = canary.accept().map(|_| ()).unwrap_err();
    assert_eq!(asked.kind(), ErrorKind::WouldBlock, "an address in an argument was asked");
}

/// Makes calls, each tool in turn.
async fn exercised(server: Examined, calls: usize, canary: String) -> (Examined, Led) {
    let mut draw = Draw::new(&server, &canary);
    let mut led = Led::default();
    let calls = if server.name == "inquest" { calls / LEADS_SHARE } else { calls };
    for at in 0..calls {
        let tool = &server.tools[at % server.tools.len()];
        let arguments = draw.arguments(tool);
        let said = serde_json::to_string(&arguments).unwrap();
        led.calls += 1;
        led.urls += usize::from(said.contains(&canary));
        let never = CancellationToken::new();
        let called = server.specialist.call(&tool.name, arguments, at % 3 == 0, LONG, &never).await;
        let short: String = said.chars().take(200).collect();
        let fault = |what: String| format!("{} {short}: {what}", tool.name);
        match called {
            Ok(reply) => {
                led.answers += usize::from(reply.failure.is_none());
                if let Some(failure) = &reply.failure
                    && matches!(failure.code, Code::Internal | Code::Timeout)
                {
                    led.faults.push(fault(failure.message.clone()));
                }
                led.faults.extend(clean::hidden_in(&reply).map(fault));
            }
            Err(error) => led.faults.push(fault(error.to_string())),
        }
    }
    (server, led)
}

#[tokio::test]
async fn what_is_listed_can_be_called_and_what_writes_elsewhere_cannot() {
    let names = writes::names();
    assert_eq!(names.len(), 200);
    for server in servers::all().await {
        let listed: Vec<&str> = server.tools.iter().map(|tool| tool.name.as_str()).collect();
        for name in listed.iter().copied().chain(names.iter().map(String::as_str)) {
            let never = CancellationToken::new();
            let called = server.specialist.call(name, Map::new(), false, LONG, &never).await;
            let refused = matches!(called, Err(CallError::Refused { .. }));
            assert_eq!(refused, !listed.contains(&name), "{} of {}: {called:?}", name, server.name);
        }
    }
}
