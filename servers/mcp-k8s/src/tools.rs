//! The tools, in reading order.

pub mod k8s_survey;

use crate::server::{INSTRUCTIONS, Kubernetes, NAME};
use mcp::server::Server;
use mcp::tools::Tools;
use std::sync::Arc;

/// The server with all its tools.
pub fn server(kubernetes: Arc<Kubernetes>) -> Server {
    let tools = Tools::new().with::<k8s_survey::Survey>();
    Server::new(NAME, INSTRUCTIONS, kubernetes, tools)
}
