//! The words of each upstream system, one module and one cargo feature for each.

#[cfg(feature = "helm")]
pub mod helm;
#[cfg(feature = "kubernetes")]
pub mod kubernetes;
