//! Data sources, of which nothing is kept that could be a secret.

use crate::grafana::connection::Grafana;
use crate::grafana::reads::DATASOURCES;
use crate::web::said::Said;
use crate::web::tolerant::or_nothing;
use readonly::refusal::Refusal;
use serde::Deserialize;
use url::Url;

/// A data source.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Datasource {
    /// What dashboards name it by.
    #[serde(deserialize_with = "or_nothing")]
    pub uid: String,
    /// Its name; dashboards of before version 8 name it by that.
    #[serde(deserialize_with = "or_nothing")]
    pub name: String,
    /// The plugin that speaks to it, such as `prometheus`.
    #[serde(rename = "type", deserialize_with = "or_nothing")]
    pub kind: String,
    /// `proxy`, or `direct` from the browser.
    #[serde(deserialize_with = "or_nothing")]
    pub access: String,
    /// Where Grafana finds it: without user, password and query.
    #[serde(deserialize_with = "without_credentials")]
    pub url: String,
    /// The one that is taken where none is named.
    pub is_default: bool,
    /// Written by provisioning, and not to be changed in the browser.
    pub read_only: bool,
    /// Of all its options, the one that queries depend on.
    #[serde(deserialize_with = "or_nothing")]
    pub json_data: Options,
}

/// The options that are kept: the others may hold names, headers and keys.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Options {
    /// How often it is scraped, as `15s`; empty where nobody said so.
    #[serde(deserialize_with = "or_nothing")]
    pub time_interval: String,
}

impl Grafana {
    /// All data sources of the organisation that may be seen.
    ///
    /// # Errors
    /// Where the server refuses or does not answer.
    pub async fn datasources(&self) -> Result<Said<Vec<Datasource>>, Refusal> {
        self.get(DATASOURCES, &[]).await
    }
}

fn without_credentials<'de, D: serde::Deserializer<'de>>(from: D) -> Result<String, D::Error> {
    Ok(shown(&or_nothing::<D, String>(from)?))
}

/// The address without what may be a secret in it.
fn shown(address: &str) -> String {
    let plain = |it: &str| it.split(['?', '#']).next().unwrap_or_default().to_owned();
    let Ok(mut url) = Url::parse(address) else {
        // Some plugins take a host and port, or a list of them.
        let start = address.rsplit('@').next().unwrap_or_default();
        return plain(start);
    };
    if url.cannot_be_a_base() {
        // `user:password@host` parses as a scheme and a path.
        return plain(address.rsplit('@').next().unwrap_or_default());
    }
    // Both fail only for addresses without a host.
    let _ = url.set_username("");
    let _ = url.set_password(None);
    plain(url.as_str()).trim_end_matches('/').to_owned()
}

#[cfg(test)]
mod tests {
    use super::shown;

    #[test]
    fn an_address_is_shown_without_what_may_be_a_secret() {
        for (address, told) in [
            ("http://ada:pass@prometheus:9090/prom/", "http://prometheus:9090/prom"),
            ("https://loki.example.com?api_key=abc#x", "https://loki.example.com"),
            ("ada:pass@db:5432", "db:5432"),
            ("//ada:pass@db:5432", "db:5432"),
            ("db.example.com:5432", "db.example.com:5432"),
            ("postgres://ada:p@ss@db:5432/shop?password=x", "postgres://db:5432/shop"),
            ("", ""),
        ] {
            assert_eq!(shown(address), told, "{address}");
        }
    }
}
