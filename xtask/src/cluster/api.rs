//! The API of a cluster, or of what replays one, asked directly: status and body as they come.

use super::Cluster;
use anyhow::{Context, Result};
use reqwest::{Certificate, Identity};
use std::fs;

/// Somebody who asks an API.
#[derive(Debug)]
pub struct Api {
    runtime: tokio::runtime::Runtime,
    client: reqwest::Client,
    address: String,
}

impl Api {
    /// One that speaks plain HTTP.
    pub fn at(address: &str) -> Result<Api> {
        Api::new(reqwest::Client::new(), address)
    }

    /// Asks for a path with its query; gives the status and the body, whatever they are.
    pub fn get(&self, path: &str, accept: &str) -> Result<(u16, String)> {
        let request = self.client.get(format!("{}{path}", self.address)).header("accept", accept);
        let answer = self.runtime.block_on(async {
            let response = request.send().await?;
            Ok::<_, reqwest::Error>((response.status().as_u16(), response.text().await?))
        });
        answer.with_context(|| format!("no answer to {path}"))
    }

    /// Posts a form; gives the status and the body, whatever they are.
    pub fn post(&self, path: &str, form: &str) -> Result<(u16, String)> {
        let request = self.client.post(format!("{}{path}", self.address));
        let request = request.header("content-type", "application/x-www-form-urlencoded");
        let answer = self.runtime.block_on(async {
            let response = request.body(form.to_owned()).send().await?;
            Ok::<_, reqwest::Error>((response.status().as_u16(), response.text().await?))
        });
        answer.with_context(|| format!("no answer to {path}"))
    }

    fn new(client: reqwest::Client, address: &str) -> Result<Api> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        Ok(Api { runtime, client, address: address.trim_end_matches('/').into() })
    }
}

impl Cluster {
    /// The API server, asked as the administrator.
    pub fn api(&self) -> Result<Api> {
        let read = |file: &str| fs::read(self.folder().join("pki").join(file));
        let client = reqwest::Client::builder()
            .tls_certs_only([Certificate::from_pem(&read("ca.crt")?)?])
            .identity(Identity::from_pem(&[read("admin.crt")?, read("admin.key")?].concat())?)
            .build()?;
        Api::new(client, &self.address())
    }
}
