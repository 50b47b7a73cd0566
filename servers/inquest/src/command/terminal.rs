//! What a command knows of its surroundings: the terminal, the log, Ctrl-C.

use crate::report::text::Terminal;
use std::io::{IsTerminal, Write};
use tokio_util::sync::CancellationToken;
use tracing_subscriber::EnvFilter;

/// Exit code of a program that a second Ctrl-C ended: 128 and the signal's number.
const KILLED: i32 = 130;

/// How a report or a list is shown on standard output.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct Appearance {
    /// No colour, even on a terminal
    #[arg(long, env = "NO_COLOR", value_parser = clap::builder::FalseyValueParser::new())]
    pub no_color: bool,
}

impl Appearance {
    /// The terminal behind standard output; where there is none, what a file gets.
    pub fn terminal(&self) -> Terminal {
        if !std::io::stdout().is_terminal() {
            return Terminal::default();
        }
        let width = terminal_size::terminal_size().map(|(width, _)| usize::from(width.0));
        let width = width.filter(|it| *it > 0).unwrap_or(Terminal::default().width);
        Terminal { width, colour: !self.no_color }
    }
}

/// Logs to standard error. A filter that cannot be read becomes `warn`.
pub fn log(filter: &str) {
    let filter = EnvFilter::try_new(filter).unwrap_or_else(|_| EnvFilter::new("warn"));
    let subscriber = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    // An error says that there is one already, as in tests.
    let _ = subscriber.with_ansi(std::io::stderr().is_terminal()).try_init();
}

/// Set by the first Ctrl-C, or by the signal with which a cluster stops a pod; the second ends the process at once.
pub fn interrupt() -> CancellationToken {
    let stop = CancellationToken::new();
    let stopped = stop.clone();
    tokio::spawn(async move {
        signal().await;
        stopped.cancel();
        signal().await;
        std::process::exit(KILLED);
    });
    stop
}

#[cfg(unix)]
async fn signal() {
    use tokio::signal::unix::{SignalKind, signal};
    let Ok(mut terminated) = signal(SignalKind::terminate()) else {
        return interrupted().await;
    };
    tokio::select! {
        () = interrupted() => {}
        _ = terminated.recv() => {}
    }
}

#[cfg(not(unix))]
async fn signal() {
    interrupted().await;
}

/// Waits for Ctrl-C; for ever where the system does not tell.
async fn interrupted() {
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await;
    }
}

/// Whether progress is worth showing.
pub fn shows_progress(asked: bool) -> bool {
    asked || std::io::stderr().is_terminal()
}

/// Shows one line of progress.
pub fn progress(step: &str) {
    // Progress that cannot be shown is not worth an error.
    let _ = writeln!(std::io::stderr(), "· {step}");
}
