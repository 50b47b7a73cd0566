//! The command line: which commands there are, and what wrong usage is told.

#[cfg(feature = "k8s")]
pub mod capture;
pub mod catalogue;
pub mod demo;
pub mod doctor;
pub mod eval;
pub mod investigate;
pub mod mcp;
pub mod rbac;
pub mod replay;
pub mod serve;
pub mod terminal;
pub mod tools;

use crate::report::plain;
use crate::settings;
use crate::trouble::{DONE, Trouble};
use clap::error::{Error, ErrorKind};
use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};
use std::ffi::OsString;
use std::io::Write;
use std::path::PathBuf;

/// One line of an error, on any terminal.
const LONGEST_ERROR: usize = 1000;

/// Finds the root cause of a Kubernetes incident and proves it; reads, and changes nothing
#[derive(Debug, Parser)]
#[command(
    name = "inquest",
    version,
    disable_help_subcommand = true,
    arg_required_else_help = false
)]
pub struct Inquest {
    /// Settings file; unset: inquest.toml in the current folder, where there is one
    #[arg(
        long,
        global = true,
        env = "INQUEST_CONFIG",
        hide_env_values = true,
        value_name = "FILE"
    )]
    pub config: Option<PathBuf>,
    /// What is logged to standard error, as in RUST_LOG
    #[arg(long, global = true, env = "INQUEST_LOG", value_name = "FILTER", default_value = "warn")]
    pub log: String,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Investigate one question, alert, namespace or workload, or the whole cluster
    Investigate(investigate::Investigate),
    /// Investigate a bundled incident: no cluster, no network, no key
    Demo(demo::Demo),
    /// Run one specialist as an MCP server
    Mcp(Box<mcp::Mcp>),
    /// Run the lead as an MCP server over HTTP
    Serve(serve::Serve),
    /// Record what an investigation reads into a snapshot, redacted
    #[cfg(feature = "k8s")]
    Capture(capture::Capture),
    /// Serve a snapshot as the Kubernetes API that it came from
    Replay(replay::Replay),
    /// Show what can be reached and read, and what is missing
    Doctor(Box<doctor::Doctor>),
    /// Print the rights that the tools need
    Rbac(rbac::Rbac),
    /// List the tools, their arguments, and what their schemas cost
    Tools(tools::Tools),
    /// List the failure modes, or show one
    Catalogue(catalogue::Catalogue),
    /// Run every scenario below a folder, and count what was right
    Eval(eval::Eval),
}

/// Runs the command line and returns the exit code. Reports go to `out`, everything else to `err`.
pub async fn run(args: Vec<OsString>, out: &mut dyn Write, err: &mut dyn Write) -> u8 {
    match parse(&args) {
        Ok(inquest) => {
            terminal::log(&inquest.log);
            finish(inquest.command.run(out).await, err)
        }
        Err(Refused::Shown(text)) => finish(write(out, &text), err),
        Err(Refused::Trouble(trouble)) => finish(Err(trouble), err),
    }
}

/// Writes a command's output.
///
/// # Errors
/// When it cannot be written; that nobody reads it any more is not an error.
pub fn write(out: &mut dyn Write, text: &str) -> Result<u8, Trouble> {
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
            Err(Trouble::unwritten(&error))
        }
        _ => Ok(DONE),
    }
}

impl Command {
    async fn run(self, out: &mut dyn Write) -> Result<u8, Trouble> {
        match self {
            Command::Investigate(command) => command.run(out).await,
            Command::Demo(command) => command.run(out).await,
            Command::Mcp(command) => command.run().await,
            Command::Serve(command) => command.run(out).await,
            #[cfg(feature = "k8s")]
            Command::Capture(command) => command.run(out).await,
            Command::Replay(command) => command.run(out).await,
            Command::Doctor(command) => command.run(out).await,
            Command::Rbac(command) => command.run(out),
            Command::Tools(command) => command.run(out),
            Command::Catalogue(command) => command.run(out),
            Command::Eval(command) => command.run(out).await,
        }
    }
}

fn finish(outcome: Result<u8, Trouble>, err: &mut dyn Write) -> u8 {
    match outcome {
        Ok(code) => code,
        Err(trouble) => {
            let line = plain::line(&trouble.to_string(), LONGEST_ERROR);
            // There is nobody left to tell where this fails.
            let _ = writeln!(err, "inquest: {line}");
            trouble.exit_code()
        }
    }
}

enum Refused {
    /// Help or the version was asked for.
    Shown(String),
    Trouble(Trouble),
}

fn parse(args: &[OsString]) -> Result<Inquest, Refused> {
    let file = settings::read(config(args).as_deref()).map_err(Refused::Trouble)?;
    let command = settings::apply(Inquest::command(), &file).map_err(Refused::Trouble)?;
    let parsed = command.try_get_matches_from(args).and_then(|it| Inquest::from_arg_matches(&it));
    parsed.map_err(|error| match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => Refused::Shown(error.to_string()),
        _ => Refused::Trouble(Trouble::Usage(one_line(&error))),
    })
}

/// The settings file has to be known before the settings are parsed; whatever else is wrong is told after.
fn config(args: &[OsString]) -> Option<PathBuf> {
    let arg = clap::Arg::new("config").long("config").env("INQUEST_CONFIG").global(true);
    let rest = clap::Arg::new("rest").num_args(0..).allow_hyphen_values(true);
    let matches = clap::Command::new("inquest")
        .disable_help_flag(true)
        .ignore_errors(true)
        .arg(arg.value_parser(clap::value_parser!(PathBuf)))
        .arg(rest)
        .try_get_matches_from(named(args));
    matches.ok()?.get_one::<PathBuf>("config").cloned()
}

/// The program's name and `--config`, wherever it stands.
fn named(args: &[OsString]) -> Vec<OsString> {
    let mut kept = vec![OsString::from("inquest")];
    let mut rest = args.iter().skip(1);
    while let Some(arg) = rest.next() {
        if arg == "--config" {
            kept.push(arg.clone());
            kept.extend(rest.next().cloned());
        } else if arg.to_string_lossy().starts_with("--config=") {
            kept.push(arg.clone());
        }
    }
    kept
}

/// What clap says over several lines, up to the usage, in one.
fn one_line(error: &Error) -> String {
    let text = error.to_string();
    let told: Vec<&str> = text
        .lines()
        .map(str::trim)
        .take_while(|line| !line.starts_with("Usage:") && !line.starts_with("For more information"))
        .filter(|line| !line.is_empty())
        .collect();
    let told = told.join(" ");
    told.strip_prefix("error: ").unwrap_or(&told).to_owned()
}
