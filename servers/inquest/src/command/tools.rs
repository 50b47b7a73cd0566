//! `inquest tools`: what agents are offered, and what it costs them to know it.

use super::mcp::Name;
use crate::trouble::Trouble;
use clap::ValueEnum;
use mcp::tools::Listed;
use serde_json::{Value, json};
use std::io::Write;

/// Bytes that a token stands for in JSON, near enough to compare by.
const BYTES_A_TOKEN: usize = 4;

/// The tools of one server, or of all
#[derive(Debug, clap::Args)]
pub struct Tools {
    /// The server
    #[arg(value_name = "SERVER", value_enum)]
    pub server: Option<Name>,
    /// The list's form
    #[arg(long, env = "INQUEST_LIST_FORMAT", value_enum, default_value = "text")]
    pub format: Listing,
}

/// The form of a list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Listing {
    /// For people.
    #[default]
    Text,
    /// For programs.
    Json,
}

impl Tools {
    pub(super) fn run(self, out: &mut dyn Write) -> Result<u8, Trouble> {
        let servers = match self.server {
            Some(server) => vec![server],
            None => Name::all(),
        };
        let servers: Vec<_> = servers.into_iter().map(Name::server).collect();
        let lists: Vec<(&str, Vec<Listed>)> =
            servers.iter().map(|it| (it.name(), it.list())).collect();
        let text = match self.format {
            Listing::Text => text(&lists),
            Listing::Json => {
                let rows: Vec<Value> =
                    lists.iter().flat_map(|(server, list)| rows(server, list)).collect();
                format!("{:#}\n", Value::from(rows))
            }
        };
        super::write(out, &text)
    }
}

fn text(lists: &[(&str, Vec<Listed>)]) -> String {
    let mut text = String::new();
    for (server, list) in lists {
        let total: usize = list.iter().map(tokens).sum();
        text.push_str(&format!(
            "{server}: tools: {}; tokens: about {total} (estimated: a token for {BYTES_A_TOKEN} bytes)\n",
            list.len()
        ));
        for tool in list {
            let arguments = arguments(tool).join(", ");
            text.push_str(&format!("  {:<26} {:>4}  {}\n", tool.name, tokens(tool), tool.about));
            text.push_str(&format!("  {:<26}       ({arguments})\n", ""));
        }
    }
    text
}

fn rows(server: &str, list: &[Listed]) -> Vec<Value> {
    let row = |tool: &Listed| {
        json!({
            "server": server,
            "name": tool.name,
            "about": tool.about,
            "schema": tool.schema,
            "tokens_estimated": tokens(tool),
        })
    };
    list.iter().map(row).collect()
}

/// Arguments by name; those that must be given bear a star.
fn arguments(tool: &Listed) -> Vec<String> {
    let required: Vec<&str> = match tool.schema.get("required") {
        Some(Value::Array(names)) => names.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    };
    let Some(Value::Object(properties)) = tool.schema.get("properties") else {
        return Vec::new();
    };
    let star = |name: &String| if required.contains(&name.as_str()) { "*" } else { "" };
    properties.keys().map(|name| format!("{name}{}", star(name))).collect()
}

fn tokens(tool: &Listed) -> usize {
    let schema = Value::Object(tool.schema.clone()).to_string();
    (tool.name.len() + tool.about.len() + schema.len()).div_ceil(BYTES_A_TOKEN)
}
