//! The tools, in reading order.

pub mod helm_get_release;
pub mod helm_list_releases;
pub mod helm_release_history;

use crate::server::{Helm, INSTRUCTIONS, NAME};
use mcp::server::Server;
use mcp::tools::Tools;
use std::sync::Arc;

/// The server with all its tools.
pub fn server(helm: Arc<Helm>) -> Server {
    let tools = Tools::new()
        .with::<helm_list_releases::ListReleases>()
        .with::<helm_get_release::GetRelease>()
        .with::<helm_release_history::ReleaseHistory>();
    let upstream = Arc::clone(&helm.upstream);
    Server::new(NAME, INSTRUCTIONS, helm, tools).reading(&upstream)
}
