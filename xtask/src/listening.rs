//! A server of ours that listens where the system lets it, and says so.

use crate::program;
use anyhow::{Context, Result, bail};
use std::io::{BufRead, BufReader};
use std::net::{Ipv4Addr, SocketAddr};
use std::process::{Child, ChildStderr, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

/// Far more than a start takes.
const PATIENCE: Duration = Duration::from_secs(20);

/// What it says before the address and after it.
const SAID: (&str, &str) = (" listens on http://", "/mcp");

/// A server over HTTP that ends with this.
#[derive(Debug)]
pub struct Listening {
    process: Child,
    /// Where it is reached on this machine.
    pub address: SocketAddr,
}

impl Listening {
    /// Starts a server and reads where it listens. Told to take port 0, it can't find that another has taken its port.
    pub fn start(command: &mut Command) -> Result<Listening> {
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
        let started = command.spawn();
        let process = started
            .with_context(|| format!("could not start {}", command.get_program().display()))?;
        let nowhere = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let mut server = Listening { process, address: nowhere };
        let said = lines(server.process.stderr.take().context("no standard error")?);
        let began = Instant::now();
        let mut before = Vec::new();
        loop {
            let left = PATIENCE.saturating_sub(began.elapsed());
            let Ok(line) = said.recv_timeout(left) else {
                bail!("the server does not listen; it said: {}", before.join("; "));
            };
            if let Some(address) = address(&line) {
                server.address = address;
                return Ok(server);
            }
            before.push(line);
        }
    }

    /// Asks it to end, and waits until it has.
    ///
    /// # Errors
    /// Where it could not be asked.
    pub fn end(mut self) -> Result<()> {
        program::run(Command::new("kill").args(["-TERM", &self.pid().to_string()]))?;
        self.process.wait().context("it did not end")?;
        Ok(())
    }

    /// Its process.
    pub fn pid(&self) -> u32 {
        self.process.id()
    }
}

impl Drop for Listening {
    fn drop(&mut self) {
        // One that has ended already needs no end.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Reads on when nobody listens any more: a pipe that is not read fills up, and the server would wait.
fn lines(stderr: ChildStderr) -> Receiver<String> {
    let (sender, receiver) = channel();
    std::thread::spawn(move || {
        for line in BufReader::new(stderr).lines().map_while(Result::ok) {
            // After the address, what it says is not asked for.
            let _ = sender.send(line);
        }
    });
    receiver
}

fn address(line: &str) -> Option<SocketAddr> {
    let (_, rest) = line.split_once(SAID.0)?;
    let (address, _) = rest.split_once(SAID.1)?;
    let mut address: SocketAddr = address.parse().ok()?;
    if address.ip().is_unspecified() {
        address.set_ip(Ipv4Addr::LOCALHOST.into());
    }
    Some(address)
}

#[cfg(test)]
mod tests {
    use super::address;

    #[test]
    fn the_address_stands_in_the_line() {
        let said = "· mcp-k8s listens on http://0.0.0.0:35793/mcp\n";
        assert_eq!(address(said), "127.0.0.1:35793".parse().ok());
        assert_eq!(address("· mcp-k8s starts\n"), None);
    }
}
