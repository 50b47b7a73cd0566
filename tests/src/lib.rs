//! What acceptance tests share.

pub mod kubernetes_api;
