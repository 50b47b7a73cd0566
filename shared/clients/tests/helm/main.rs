//! The Helm client against a scripted API server: what it asks, and what it makes of releases that Helm itself wrote.
