//! Every failure mode we know, by the name of its file.
//!
//! Written by `cargo test -p diagnosis`. Do not edit: add a file to `catalogue/` instead.

use crate::failure_mode::FailureMode;

mod claim_missing;
mod container_runtime_down;
mod image_not_found;
mod insufficient_cpu;
mod insufficient_memory;
mod job_failed;
mod kubelet_down;
mod limit_range_violated;
mod memory_limit_too_low;
mod named_port_missing;
mod no_volume_fits;
mod node_affinity_unmatched;
mod node_cordoned;
mod node_selector_unmatched;
mod node_under_pressure;
mod pod_anti_affinity_unmet;
mod pod_security_forbids;
mod quota_exceeded;
mod quota_needs_resources;
mod rollout_stuck;
mod scaled_to_zero;
mod selector_mismatch;
mod service_account_missing;
mod service_missing;
mod storage_class_missing;
mod target_port_wrong;
mod untolerated_taint;
mod webhook_down;

/// Slug and failure mode.
pub static CATALOGUE: &[(&str, &FailureMode)] = &[
    ("claim_missing", &claim_missing::MODE),
    ("container_runtime_down", &container_runtime_down::MODE),
    ("image_not_found", &image_not_found::MODE),
    ("insufficient_cpu", &insufficient_cpu::MODE),
    ("insufficient_memory", &insufficient_memory::MODE),
    ("job_failed", &job_failed::MODE),
    ("kubelet_down", &kubelet_down::MODE),
    ("limit_range_violated", &limit_range_violated::MODE),
    ("memory_limit_too_low", &memory_limit_too_low::MODE),
    ("named_port_missing", &named_port_missing::MODE),
    ("no_volume_fits", &no_volume_fits::MODE),
    ("node_affinity_unmatched", &node_affinity_unmatched::MODE),
    ("node_cordoned", &node_cordoned::MODE),
    ("node_selector_unmatched", &node_selector_unmatched::MODE),
    ("node_under_pressure", &node_under_pressure::MODE),
    ("pod_anti_affinity_unmet", &pod_anti_affinity_unmet::MODE),
    ("pod_security_forbids", &pod_security_forbids::MODE),
    ("quota_exceeded", &quota_exceeded::MODE),
    ("quota_needs_resources", &quota_needs_resources::MODE),
    ("rollout_stuck", &rollout_stuck::MODE),
    ("scaled_to_zero", &scaled_to_zero::MODE),
    ("selector_mismatch", &selector_mismatch::MODE),
    ("service_account_missing", &service_account_missing::MODE),
    ("service_missing", &service_missing::MODE),
    ("storage_class_missing", &storage_class_missing::MODE),
    ("target_port_wrong", &target_port_wrong::MODE),
    ("untolerated_taint", &untolerated_taint::MODE),
    ("webhook_down", &webhook_down::MODE),
];
