//! Dashboards by title, tag and folder.

use crate::grafana::connection::Grafana;
use crate::grafana::form::{Form, Newer, has_none, is_refused};
use crate::grafana::reads::SEARCH;
use crate::web::said::Said;
use crate::web::tolerant::or_nothing;
use readonly::names::encode;
use readonly::refusal::Refusal;
use serde::Deserialize;
use std::collections::BTreeSet;

/// Dashboards of one answer: more are not asked for, and an answer that has as many may not be all.
pub const MOST: usize = 1_000;
/// Folders whose titles are looked up; each name makes the address longer.
pub const MOST_FOLDERS: usize = 50;

/// A dashboard that was found.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Hit {
    /// What it is read by.
    #[serde(deserialize_with = "or_nothing")]
    pub uid: String,
    /// Its title.
    #[serde(deserialize_with = "or_nothing")]
    pub title: String,
    /// The path of its page.
    #[serde(deserialize_with = "or_nothing")]
    pub url: String,
    /// Its tags.
    #[serde(deserialize_with = "or_nothing")]
    pub tags: Vec<String>,
    /// The folder's uid; empty for the root.
    #[serde(deserialize_with = "or_nothing")]
    pub folder_uid: String,
    /// The folder's title; empty where it is not known.
    #[serde(deserialize_with = "or_nothing")]
    pub folder_title: String,
}

/// What a search brought.
#[derive(Debug, Default)]
pub struct Search {
    /// The dashboards.
    pub hits: Vec<Hit>,
    /// There are more than were brought.
    pub is_cut: bool,
    /// Some dashboard lies in a folder whose title is not known.
    pub lacks_titles: bool,
    /// Why titles of folders could not be looked up, where the server refused or did not answer.
    pub refusal: Option<Refusal>,
}

impl Search {
    fn of(hits: Vec<Hit>, total: usize, refusal: Option<Refusal>) -> Search {
        let is_cut = hits.len() >= MOST || total > hits.len();
        let is_unnamed = |it: &Hit| !it.folder_uid.is_empty() && it.folder_title.is_empty();
        let lacks_titles = hits.iter().any(is_unnamed);
        Search { hits, is_cut, lacks_titles, refusal }
    }
}

// The field must be there: what has no hits is no list of none.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Found {
    #[serde(deserialize_with = "or_nothing")]
    hits: Vec<Named>,
    #[serde(default, deserialize_with = "or_nothing")]
    total_hits: usize,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Named {
    #[serde(deserialize_with = "or_nothing")]
    name: String,
    #[serde(deserialize_with = "or_nothing")]
    title: String,
    #[serde(deserialize_with = "or_nothing")]
    tags: Vec<String>,
    #[serde(deserialize_with = "or_nothing")]
    folder: String,
}

impl Grafana {
    /// At most [`MOST`] dashboards whose title fits `text` and that have `tag`, where these are not empty.
    ///
    /// # Errors
    /// Where the server refuses or does not answer.
    pub async fn search(&self, text: &str, tag: &str) -> Result<Said<Search>, Refusal> {
        if let Form::Newer(newer) = self.form().await? {
            match self.search_newer(&newer, text, tag).await {
                Err(refusal) if has_none(&refusal) || is_refused(&refusal) => {}
                answer => return answer,
            }
        }
        let mut query = vec![("type", "dash-db".to_owned()), ("limit", MOST.to_string())];
        query.extend(given("query", text));
        query.extend(given("tag", tag));
        let hits: Said<Vec<Hit>> = self.get(SEARCH, &query).await?;
        Ok(hits.map(|hits| Search::of(hits, 0, None)))
    }

    async fn search_newer(
        &self,
        newer: &Newer,
        text: &str,
        tag: &str,
    ) -> Result<Said<Search>, Refusal> {
        let mut query = vec![("type", "dashboard".to_owned()), ("limit", MOST.to_string())];
        query.extend(given("query", text));
        query.extend(given("tag", tag));
        let found: Said<Found> = self.get(&search_path(newer), &query).await?;
        let hit = |it: Named| Hit {
            url: format!("/d/{}", encode(&it.name)),
            uid: it.name,
            title: it.title,
            tags: it.tags,
            // The root has a name here, too.
            folder_uid: if it.folder == "general" { String::new() } else { it.folder },
            folder_title: String::new(),
        };
        let total = found.data.total_hits;
        let mut found = found.map(|it| it.hits.into_iter().map(hit).collect::<Vec<Hit>>());
        let refusal = self.name_folders(newer, &mut found.data).await.err();
        Ok(found.map(|hits| Search::of(hits, total, refusal)))
    }

    /// Fills in the titles of folders. Without them a hit still has the folder's uid.
    ///
    /// # Errors
    /// Where the server refuses or does not answer.
    async fn name_folders(&self, newer: &Newer, hits: &mut [Hit]) -> Result<(), Refusal> {
        let folders: BTreeSet<&String> =
            hits.iter().map(|it| &it.folder_uid).filter(|it| !it.is_empty()).collect();
        if folders.is_empty() {
            return Ok(());
        }
        let mut query = vec![("type", "folder".to_owned()), ("limit", MOST_FOLDERS.to_string())];
        query.extend(folders.into_iter().take(MOST_FOLDERS).map(|it| ("name", it.clone())));
        let found: Said<Found> = self.get(&search_path(newer), &query).await?;
        for hit in hits {
            let folder = found.data.hits.iter().find(|it| it.name == hit.folder_uid);
            hit.folder_title = folder.map(|it| it.title.clone()).unwrap_or_default();
        }
        Ok(())
    }
}

fn search_path(newer: &Newer) -> String {
    let namespace = encode(&newer.namespace);
    format!("/apis/dashboard.grafana.app/v0alpha1/namespaces/{namespace}/search")
}

fn given(key: &'static str, value: &str) -> Option<(&'static str, String)> {
    (!value.is_empty()).then(|| (key, value.to_owned()))
}
