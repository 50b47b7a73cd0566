//! Snapshots written by hand: how they are read, refused, served and captured.
#![cfg(test)]

mod capturing;
mod http;
mod loading;
mod logs;
mod measured;
mod recorded;
mod serving;
mod written;
