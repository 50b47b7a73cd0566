//! `inquest`: see `command` for what it can do.

use std::process::ExitCode;

fn main() -> anyhow::Result<ExitCode> {
    // Two providers of cryptography in one process panic at run time, so one is chosen before anything else.
    // An error says that one was chosen already.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let args = std::env::args_os().collect();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let (mut out, mut err) = (std::io::stdout(), std::io::stderr());
    let code = runtime.block_on(inquest::command::run(args, &mut out, &mut err));
    // A blocking read that still waits, such as of standard input, must not keep the process alive.
    runtime.shutdown_background();
    Ok(ExitCode::from(code))
}
