//! `inquest catalogue`: the failure modes that can be told apart.

use super::tools::Listing;
use crate::trouble::Trouble;
use diagnosis::catalogue::CATALOGUE;
use diagnosis::failure_mode::FailureMode;
use diagnosis::finding::{Finding, Strength};
use diagnosis::pending::{PENDING, Pending};
use evidence::entity::Entity;
use serde::Serialize;
use serde_json::json;
use std::io::Write;

/// The failure modes, or one of them
#[derive(Debug, clap::Args)]
pub struct Catalogue {
    /// One failure mode, by id or name, as IMG-01 or image_not_found
    #[arg(value_name = "ID")]
    pub id: Option<String>,
    /// Those that Kubernetes alone cannot prove, and what could
    #[arg(long, conflicts_with = "id")]
    pub pending: bool,
    /// The list's form
    #[arg(long, env = "INQUEST_LIST_FORMAT", value_enum, default_value = "text")]
    pub format: Listing,
}

/// A failure mode, as programs read it.
#[derive(Serialize)]
struct Row {
    id: &'static str,
    name: &'static str,
    title: &'static str,
    category: &'static str,
    proves: &'static str,
    refutes: &'static str,
    confused_with: &'static [&'static str],
    remedy: Vec<String>,
}

impl Catalogue {
    pub(super) fn run(self, out: &mut dyn Write) -> Result<u8, Trouble> {
        if self.pending {
            return super::write(out, &self.pending()?);
        }
        let mut rows: Vec<Row> = CATALOGUE.iter().map(|(name, mode)| row(name, mode)).collect();
        rows.sort_by_key(|row| row.id);
        if let Some(id) = &self.id {
            rows.retain(|row| row.id.eq_ignore_ascii_case(id) || row.name == id);
            if rows.is_empty() {
                return Err(unknown(id));
            }
        }
        let text = match self.format {
            Listing::Json => pretty(&rows)?,
            Listing::Text if self.id.is_some() => rows.iter().map(page).collect(),
            Listing::Text => rows.iter().map(line).collect(),
        };
        super::write(out, &text)
    }
}

impl Catalogue {
    fn pending(&self) -> Result<String, Trouble> {
        let line = |it: &Pending| format!("{:<8} {:<40} needs {}\n", it.id, it.title, it.needs);
        let value = |it: &Pending| json!({"id": it.id, "title": it.title, "needs": it.needs});
        match self.format {
            Listing::Json => pretty(&PENDING.iter().map(value).collect::<Vec<_>>()),
            Listing::Text => Ok(PENDING.iter().map(line).collect()),
        }
    }
}

fn row(name: &'static str, mode: &FailureMode) -> Row {
    Row {
        id: mode.id,
        name,
        title: mode.title,
        category: mode.category.word(),
        proves: mode.proves,
        refutes: mode.refutes,
        confused_with: mode.confused_with,
        remedy: (mode.remedy)(&example()).into_iter().map(|remedy| remedy.action).collect(),
    }
}

/// What a remedy is told about where there is no finding: places to fill in.
fn example() -> Finding {
    Finding {
        subject: Entity::new("OBJECT", "NAMESPACE", "NAME"),
        field: None,
        value: None,
        statement: String::new(),
        proofs: Vec::new(),
        doubts: Vec::new(),
        strength: Strength::Suggestive,
        explains: Vec::new(),
    }
}

fn line(row: &Row) -> String {
    format!("{:<8} {:<28} {:<14} {}\n", row.id, row.name, row.category, row.title)
}

fn page(row: &Row) -> String {
    format!(
        "{} {} ({})\nbecause {}\nproved by      {}\nrefuted by     {}\nconfused with  {}\nremedy         {}\n",
        row.id,
        row.name,
        row.category,
        row.title,
        row.proves,
        row.refutes,
        row.confused_with.join(", "),
        row.remedy.join(" ")
    )
}

fn pretty<T: Serialize>(rows: &T) -> Result<String, Trouble> {
    let mut text =
        serde_json::to_string_pretty(rows).map_err(|error| Trouble::Ours(error.to_string()))?;
    text.push('\n');
    Ok(text)
}

fn unknown(id: &str) -> Trouble {
    let near = CATALOGUE
        .iter()
        .flat_map(|(name, mode)| [mode.id, *name])
        .max_by(|a, b| strsim::jaro_winkler(id, a).total_cmp(&strsim::jaro_winkler(id, b)));
    Trouble::Usage(match near {
        Some(near) => format!("ID {id:?}: there is no such failure mode; did you mean {near}?"),
        None => format!("ID {id:?}: there is no such failure mode"),
    })
}
