//! The floor: a bare HTTP client that asks for what inquest asked for, as early as it can be known.

use super::heard::Heard;
use crate::cluster::Cluster;
use crate::inquest::READER;
use anyhow::{Result, bail};
use jiff::Timestamp;
use reqwest::{Certificate, Client, Identity, RequestBuilder};
use serde_json::Value;
use std::fs;
use std::time::{Duration, Instant};
use tokio::task::JoinSet;

const OBJECTS: &str = "application/json";
const TABLE: &str = "application/json;as=Table;g=meta.k8s.io;v=v1";
const METADATA: &str = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1";

/// What is done with the bytes that come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reading {
    /// They are counted.
    Bare,
    /// They are decoded into `serde_json::Value`.
    Decoded,
}

/// What is asked: rounds, one after the other, of lists side by side, of pages one after the other.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Rounds(Vec<Vec<Vec<String>>>);

impl Rounds {
    /// The rounds of what was heard: what came after everything before was answered had to wait for it. Questions about
    /// one's own rights, which are not reads, are left out.
    pub(super) fn of(heard: &[Heard]) -> Rounds {
        let mut rounds: Vec<Vec<Vec<String>>> = Vec::new();
        let mut answered = Timestamp::MIN;
        for one in heard.iter().filter(|one| matches!(one.verb.as_str(), "get" | "list")) {
            let round = match rounds.last_mut() {
                Some(round) if one.came <= answered => round,
                _ => rounds.push_mut(Vec::new()),
            };
            let of_same_list = |pages: &&mut Vec<String>| {
                pages.first().is_some_and(|first| unpaged(first) == unpaged(&one.uri))
            };
            match round.iter_mut().find(of_same_list) {
                Some(pages) => pages.push(one.uri.clone()),
                None => round.push(vec![one.uri.clone()]),
            }
            answered = answered.max(one.answered);
        }
        Rounds(rounds)
    }

    /// How many lists each round has.
    pub(super) fn widths(&self) -> Vec<usize> {
        self.0.iter().map(Vec::len).collect()
    }
}

/// A client with the rights and the certificate that inquest has, and HTTP as it speaks it.
pub(super) fn client(cluster: &Cluster) -> Result<Client> {
    let read = |file: &str| fs::read(cluster.folder().join("pki").join(file));
    let (certificate, key) = (read(&format!("{READER}.crt"))?, read(&format!("{READER}.key"))?);
    let client = Client::builder()
        .tls_certs_only([Certificate::from_pem(&read("ca.crt")?)?])
        .identity(Identity::from_pem(&[certificate, key].concat())?)
        .no_proxy()
        .http1_only();
    Ok(client.build()?)
}

/// Asks for everything with a client that has no connection yet. Gives the time and the bytes after decompression.
pub(super) async fn fetch(
    cluster: &Cluster,
    rounds: &Rounds,
    reading: Reading,
) -> Result<(Duration, usize)> {
    let began = Instant::now();
    let (_, bytes) = fetch_by(&client(cluster)?, cluster, rounds, reading).await?;
    Ok((began.elapsed(), bytes))
}

/// The same by a client that may have connections.
pub(super) async fn fetch_by(
    client: &Client,
    cluster: &Cluster,
    rounds: &Rounds,
    reading: Reading,
) -> Result<(Duration, usize)> {
    let began = Instant::now();
    let mut bytes = 0;
    for round in &rounds.0 {
        let mut lists = JoinSet::new();
        for pages in round {
            let urls = pages.iter().map(|uri| format!("{}{uri}", cluster.address())).collect();
            lists.spawn(list(client.clone(), urls, reading));
        }
        while let Some(list) = lists.join_next().await {
            bytes += list??;
        }
    }
    Ok((began.elapsed(), bytes))
}

/// Reads one address to its end.
pub(super) async fn get(client: &Client, url: &str) -> Result<Vec<u8>> {
    let response = request(client, url).send().await?;
    let status = response.status();
    let bytes = response.bytes().await?;
    // A refusal that inquest met is one that the floor meets.
    if status.is_server_error() || status == 410 {
        bail!("{url} was answered with {status}");
    }
    Ok(bytes.into())
}

/// The request that inquest makes for it.
pub(super) fn request(client: &Client, url: &str) -> RequestBuilder {
    client.get(url).header("accept", form(url))
}

/// The form that inquest asks for. The audit log does not tell it, but the path does: only tables have `includeObject`,
/// and of ConfigMaps only names are read.
fn form(url: &str) -> &'static str {
    let path = url.split('?').next().unwrap_or_default();
    match url.contains("includeObject=") {
        true => TABLE,
        false if path.ends_with("/configmaps") => METADATA,
        false => OBJECTS,
    }
}

async fn list(client: Client, urls: Vec<String>, reading: Reading) -> Result<usize> {
    let mut bytes = 0;
    for url in urls {
        let body = get(&client, &url).await?;
        bytes += body.len();
        if reading == Reading::Decoded {
            // Logs are not JSON; that they are not is found at their first byte.
            std::hint::black_box(serde_json::from_slice::<Value>(&body).ok());
        }
    }
    Ok(bytes)
}

/// A list without the token of its page.
fn unpaged(uri: &str) -> String {
    let kept = uri.split(['?', '&']).filter(|part| !part.starts_with("continue="));
    kept.collect::<Vec<&str>>().join("&")
}

#[cfg(test)]
mod tests {
    use super::Rounds;
    use crate::bench::heard::Heard;
    use serde_json::json;

    fn heard(verb: &str, uri: &str, came: &str, answered: &str) -> Heard {
        let time = |second: &str| format!("2026-11-21T10:00:{second}Z");
        let value = json!({
            "verb": verb,
            "requestURI": uri,
            "requestReceivedTimestamp": time(came),
            "stageTimestamp": time(answered),
            "user": {"username": "anybody"},
        });
        serde_json::from_value(value).unwrap()
    }

    #[test]
    fn what_waits_for_all_answers_is_another_round() {
        let log = [
            heard("list", "/pods", "01", "05"),
            heard("list", "/nodes", "02", "03"),
            heard("list", "/events", "06", "07"),
        ];
        assert_eq!(Rounds::of(&log).widths(), [2, 1]);
    }

    #[test]
    fn pages_follow_one_another_within_their_round() {
        let log = [
            heard("list", "/pods?limit=5", "01", "03"),
            heard("list", "/nodes", "02", "09"),
            heard("list", "/pods?limit=5&continue=abc", "04", "05"),
        ];
        let pages = vec!["/pods?limit=5".to_owned(), "/pods?limit=5&continue=abc".to_owned()];
        assert_eq!(Rounds::of(&log), Rounds(vec![vec![pages, vec!["/nodes".to_owned()]]]));
    }

    #[test]
    fn a_question_about_rights_is_not_repeated() {
        assert!(
            Rounds::of(&[heard("create", "/selfsubjectreviews", "01", "02")]).widths().is_empty()
        );
    }
}
