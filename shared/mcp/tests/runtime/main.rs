//! The runtime as a caller meets it: over memory, over HTTP in both eras, and from people who mean no good.

mod calls;
mod deadlines;
mod door;
mod eras;
mod fixture;
mod listing;
mod speed;
mod text;
