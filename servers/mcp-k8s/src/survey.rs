//! One call that gathers every fact that the first round of an investigation needs.

mod kinds;
mod namespace;
mod pods;
mod reading;
mod record;
mod revisions;
