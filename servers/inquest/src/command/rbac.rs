//! `inquest rbac`: the rights that the tools need, from the table that the transport enforces.

use super::mcp::Name;
use crate::intake;
use crate::trouble::Trouble;
use std::io::Write;

/// The rights of one server, or of all
#[derive(Debug, clap::Args)]
pub struct Rbac {
    /// The server
    #[arg(value_name = "SERVER", value_enum)]
    pub server: Option<Name>,
    /// Rights in this namespace only: a Role in place of a ClusterRole
    #[arg(long, short, value_name = "NS")]
    pub namespace: Option<String>,
}

impl Rbac {
    pub(super) fn run(self, out: &mut dyn Write) -> Result<u8, Trouble> {
        let servers = match self.server {
            Some(server) => vec![server],
            None => Name::all(),
        };
        let namespace = self.namespace.as_deref();
        let namespace = namespace.map(|it| intake::name("--namespace", it)).transpose()?;
        let documents: Vec<String> =
            servers.iter().map(|server| server.rights(namespace.as_deref())).collect();
        super::write(out, &documents.join("---\n"))
    }
}
