//! `cargo xtask NAME`: the chores of this repository.

use clap::{Parser, Subcommand};
use std::process::ExitCode;
use xtask::{bench, image, order, program, record, sbom, test, upstreams};

#[derive(Parser)]
#[command(name = "cargo xtask", about = "The chores of this repository")]
struct Arguments {
    #[command(subcommand)]
    chore: Chore,
}

#[derive(Subcommand)]
enum Chore {
    /// Builds, starts and stops real upstream servers.
    #[command(subcommand)]
    Upstreams(upstreams::Command),
    /// Measures speed, memory and size on a real control plane, beside the goals.
    Bench(bench::Arguments),
    /// Does what the Dockerfile's build stage does, without an engine, and tries the program.
    Image,
    /// Writes which functions run when a server starts, for the linker; needs valgrind and ten minutes.
    Order,
    /// Plays scenario scripts on a real control plane and records snapshots of them.
    Record(record::Arguments),
    /// Writes what the program is made of as a CycloneDX document.
    Sbom(sbom::Arguments),
    /// Runs every test, and installs what the tests need.
    Test(test::Arguments),
}

fn main() -> ExitCode {
    let outcome = match Arguments::parse().chore {
        Chore::Upstreams(command) => upstreams::run(&command),
        Chore::Bench(arguments) => bench::run(&arguments),
        Chore::Image => image::run(),
        Chore::Order => order::run(),
        Chore::Record(arguments) => record::run(&arguments),
        Chore::Sbom(arguments) => sbom::run(&arguments),
        Chore::Test(arguments) => test::run(&arguments),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            program::say(&format!("{error:#}"));
            ExitCode::FAILURE
        }
    }
}
