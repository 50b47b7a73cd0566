//! `inquest.toml`: a key for every setting, beside its flag and its environment variable.
//!
//! A flag counts more than the environment, the environment more than the file. Every flag that has an environment
//! variable is a setting, so a new one gets its key and its line of help from here without more being written.

use crate::trouble::Trouble;
use clap::builder::OsStr;
use clap::{Arg, Command};
use std::collections::BTreeMap;
use std::path::Path;
use toml::{Table, Value};

/// The file that is read where none is named.
pub const FILE: &str = "inquest.toml";
/// A settings file of people is a page; more is another file.
const LARGEST: u64 = 1 << 20;

/// Reads the file: the one that is named, else `inquest.toml` of the current folder where there is one.
///
/// # Errors
/// One line that names the file, where it cannot be read or is not TOML.
pub fn read(named: Option<&Path>) -> Result<Table, Trouble> {
    let path = named.unwrap_or(Path::new(FILE));
    let wrong = |why: String| Trouble::Usage(format!("{}: {why}", path.display()));
    let size = match std::fs::metadata(path) {
        Ok(about) => about.len(),
        Err(_) if named.is_none() => return Ok(Table::new()),
        Err(error) => return Err(wrong(error.to_string())),
    };
    if size > LARGEST {
        return Err(wrong(format!("it is larger than {LARGEST} bytes")));
    }
    let text = std::fs::read_to_string(path).map_err(|error| wrong(error.to_string()))?;
    text.parse::<Table>().map_err(|error| {
        let line = error
            .span()
            .map(|span| 1 + text.bytes().take(span.start).filter(|it| *it == b'\n').count());
        let place = line.map(|line| format!("line {line}: ")).unwrap_or_default();
        wrong(format!("{place}{}", error.message().replace('\n', " ")))
    })
}

/// The command with the file's values as defaults, and with each setting's key in its help.
///
/// # Errors
/// One line that names the key, where there is no such setting or its value is not one.
pub fn apply(command: Command, file: &Table) -> Result<Command, Trouble> {
    let mut defaults: BTreeMap<&str, Vec<OsStr>> = BTreeMap::new();
    for (key, value) in file {
        defaults.insert(key, texts(key, value)?);
    }
    let mut known = Vec::new();
    let command = with_defaults(command, &defaults, &mut known);
    known.sort_unstable();
    known.dedup();
    match defaults.keys().find(|key| !known.iter().any(|it| it == *key)) {
        Some(key) => Err(Trouble::Usage(format!(
            "{FILE}: there is no setting called {key:?}; there are {}",
            known.join(", ")
        ))),
        None => Ok(command),
    }
}

fn with_defaults(
    mut command: Command,
    defaults: &BTreeMap<&str, Vec<OsStr>>,
    known: &mut Vec<String>,
) -> Command {
    let ids: Vec<clap::Id> = command.get_arguments().map(|arg| arg.get_id().clone()).collect();
    for id in ids {
        command = command.mut_arg(id, |arg| match key(&arg) {
            Some(key) => {
                known.push(key.clone());
                setting(arg, &key, defaults.get(key.as_str()))
            }
            None => arg,
        });
    }
    let names: Vec<String> = command.get_subcommands().map(|it| it.get_name().to_owned()).collect();
    for name in names {
        command = command.mut_subcommand(name, |it| with_defaults(it, defaults, known));
    }
    command
}

/// `list_format` for `INQUEST_LIST_FORMAT`; none for what is no setting. The file cannot name itself.
fn key(arg: &Arg) -> Option<String> {
    let variable = arg.get_env()?.to_str()?;
    let key = variable.strip_prefix("INQUEST_").unwrap_or(variable).to_lowercase();
    Some(key).filter(|key| key != "config")
}

fn setting(arg: Arg, key: &str, default: Option<&Vec<OsStr>>) -> Arg {
    let help = arg.get_help().map(ToString::to_string).unwrap_or_default();
    let arg = arg.help(format!("{help} [{FILE}: {key}]")).hide_env_values(true);
    match default {
        Some(values) => arg.default_values(values.clone()),
        None => arg,
    }
}

fn texts(key: &str, value: &Value) -> Result<Vec<OsStr>, Trouble> {
    match value {
        Value::Array(values) => values.iter().map(|value| text(key, value)).collect(),
        one => Ok(vec![text(key, one)?]),
    }
}

fn text(key: &str, value: &Value) -> Result<OsStr, Trouble> {
    match value {
        Value::String(text) => Ok(text.clone().into()),
        Value::Integer(number) => Ok(number.to_string().into()),
        Value::Float(number) => Ok(number.to_string().into()),
        Value::Boolean(truth) => Ok(truth.to_string().into()),
        _ => Err(Trouble::Usage(format!(
            "{FILE}: {key} is a text, a number, true, false or a list of them"
        ))),
    }
}
