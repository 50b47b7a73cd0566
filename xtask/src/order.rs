//! `cargo xtask order`: writes which functions run when a server starts, for the linker to lay side by side.
//!
//! They are 2 MB of 24 and lie scattered; the system maps 64 KB around each that is touched. See docs/decisions/0018.

use crate::bench::mcp::{Calls, Door};
use crate::inquest::Inquest;
use crate::listening::Listening;
use crate::replaying::Replaying;
use crate::{image, program, settings};
use anyhow::{Context, Result, ensure};
use serde_json::json;
use std::collections::BTreeSet;
use std::fs;
use std::process::Command;

/// Where the list stands; the Dockerfile names it.
const LIST: &str = "deploy/link-order.txt";

/// What the server reads in the meantime.
const RECORDED: &str = "tests/scenarios/demos/image_not_found/snapshot.tar.zst";

/// Fewer would mean that the program had no names.
const FEWEST: usize = 500;

/// Builds the image's program with the names of its functions, watches it start and answer, and writes the list.
pub fn run() -> Result<()> {
    image::build(&["-C", "strip=none"])?;
    let inquest = Inquest::in_image()?;
    let cluster = Replaying::start(&inquest, &settings::repository().join(RECORDED))?;
    let folder = tempfile::tempdir()?;
    let profile = folder.path().join("profile");
    let mut command = Command::new("valgrind");
    command.args(["--tool=callgrind", "--demangle=no", "--compress-strings=no"]);
    command.arg(format!("--callgrind-out-file={}", profile.display())).arg(&inquest.path);
    command.args(["mcp", "k8s", "--http", "127.0.0.1:0"]);
    command.env("KUBECONFIG", cluster.kubeconfig());
    let server = Listening::start(&mut command)?;
    tokio::runtime::Runtime::new()?.block_on(async {
        let door = Door::open(server.address).await?;
        let params =
            json!({"name": "k8s_get_resources", "arguments": {"resource_type": "namespaces"}});
        door.call(&Calls { params, at_once: 1, count: 1 }).await
    })?;
    server.end()?;
    let watched = fs::read_to_string(&profile).context("valgrind wrote nothing")?;
    let functions = functions(&watched, &inquest.path.display().to_string());
    ensure!(functions.len() >= FEWEST, "only {} functions have names", functions.len());
    let list: String = functions.iter().map(|name| format!("{name}\n")).collect();
    fs::write(settings::repository().join(LIST), list)?;
    program::say(&format!("{} functions, in {LIST}", functions.len()));
    Ok(())
}

/// The functions of a program that callgrind saw, by its format (<https://valgrind.org/docs/manual/cl-format.html>).
fn functions<'a>(watched: &'a str, program: &str) -> BTreeSet<&'a str> {
    let mut functions = BTreeSet::new();
    let mut ours = false;
    for line in watched.lines() {
        if let Some(object) = line.strip_prefix("ob=") {
            ours = object == program;
        }
        let Some(name) = line.strip_prefix("fn=").filter(|_| ours) else { continue };
        // Of what has no name it writes the address.
        if name.starts_with(|it: char| it.is_ascii_alphabetic() || it == '_') {
            functions.insert(name);
        }
    }
    functions
}

#[cfg(test)]
mod tests {
    use super::functions;

    #[test]
    fn functions_of_the_program_alone_are_listed() {
        let watched = "ob=/lib/libc.so.6\nfn=malloc\n16 5\n\nob=/bin/us\nfn=0x4a10\nfn=b\n1 2\ncob=/lib/libc.so.6\ncfn=free\n\nfn=a\n";
        assert_eq!(Vec::from_iter(functions(watched, "/bin/us")), ["a", "b"]);
    }
}
