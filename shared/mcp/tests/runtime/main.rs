//! The runtime as a caller meets it: over memory, over HTTP in both eras, and from people who mean no good.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stderr,
    reason = "a test says what went wrong by failing, and clippy knows test functions only"
)]

mod calls;
mod cancels;
mod clusters;
mod deadlines;
mod door;
mod eras;
mod fixture;
mod issuer;
mod limits;
mod listing;
mod matrix;
mod oidc;
mod text;
mod traces;
