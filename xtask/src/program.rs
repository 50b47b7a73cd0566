//! Running other programs to their end, and telling how they failed.

use anyhow::{Context, Result, bail};
use std::io::Write;
use std::process::{Command, Output, Stdio};
use std::time::Duration;

/// How long `retry` waits between two tries.
const BREATH: Duration = Duration::from_millis(50);

/// Runs a program and gives back what it printed; fails with all that it said if it fails.
pub fn output(command: &mut Command) -> Result<String> {
    let ended = command
        .stdin(Stdio::null())
        .output()
        .with_context(|| format!("could not start {}", command.get_program().display()))?;
    printed(command, ended)
}

/// The same with text on its standard input.
pub fn output_of_input(command: &mut Command, input: &str) -> Result<String> {
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .with_context(|| format!("could not start {}", command.get_program().display()))?;
    let mut stdin = child.stdin.take().context("no standard input")?;
    let sent = stdin.write_all(input.as_bytes());
    drop(stdin);
    let ended = child.wait_with_output()?;
    let printed = printed(command, ended)?;
    sent.context("it did not read its input")?;
    Ok(printed)
}

/// Runs a program whose output the user wants to see.
pub fn run(command: &mut Command) -> Result<()> {
    let status = command
        .stdin(Stdio::null())
        .status()
        .with_context(|| format!("could not start {}", command.get_program().display()))?;
    if !status.success() {
        bail!("{} ended with {status}", spoken(command));
    }
    Ok(())
}

/// Tries until it works or the time is over; the last error is the one reported.
pub fn retry<T>(limit: Duration, mut what: impl FnMut() -> Result<T>) -> Result<T> {
    let began = std::time::Instant::now();
    loop {
        let error = match what() {
            Ok(value) => return Ok(value),
            Err(error) => error,
        };
        if began.elapsed() > limit {
            return Err(error.context(format!("gave up after {} s", limit.as_secs())));
        }
        std::thread::sleep(BREATH);
    }
}

/// One line for the person who runs the chore.
pub fn say(line: &str) {
    // A closed standard error is no reason to stop.
    let _ = writeln!(std::io::stderr(), "xtask: {line}");
}

/// The same on standard output, for what the chore is asked for.
pub fn print(line: &str) -> Result<()> {
    writeln!(std::io::stdout(), "{line}").context("could not write to standard output")
}

fn printed(command: &Command, ended: Output) -> Result<String> {
    if !ended.status.success() {
        // Some tell on their standard output what went wrong.
        let said = [ended.stderr, ended.stdout].concat();
        let said = String::from_utf8_lossy(&said);
        bail!("{} ended with {}: {}", spoken(command), ended.status, said.trim());
    }
    String::from_utf8(ended.stdout)
        .with_context(|| format!("{} did not print text", spoken(command)))
}

fn spoken(command: &Command) -> String {
    let mut words = vec![command.get_program().display().to_string()];
    words.extend(command.get_args().map(|argument| argument.to_string_lossy().into_owned()));
    words.join(" ")
}
