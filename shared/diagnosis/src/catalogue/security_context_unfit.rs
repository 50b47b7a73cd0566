//! What a container's security context asks for does not fit its image.

mod image_file_not_permitted;
mod root_read_only;
mod runs_as_root_refused;
mod sysctl_forbidden;

use crate::case::Case;
use crate::failure_mode::{Category, Depth, FailureMode, nothing};
use crate::finding::{Finding, Judgement, one_each};
use evidence::report::Remedy;

pub(super) static MODE: FailureMode = FailureMode {
    id: "CFG-03",
    title: "its security context does not fit its image",
    category: Category::Configuration,
    proves: "the kubelet says that runAsNonRoot forbids a container's user; or a failing container's log says that a file system is read-only, that no directory takes temporary files, or permission denied for a path of the image, and the spec makes its root read-only, or sets its user; or the kubelet turns its pods away for a sysctl that they may not set",
    refutes: "the kubelet misses a ConfigMap or Secret: same reason, other words; or the path lies on a volume",
    confused_with: &["CFG-01", "ADM-06", "STO-11", "STO-12", "DEP-06", "RUN-25"],
    depth: Depth::Workload,
    stands_alone: false,
    ask: nothing,
    judge,
    remedy,
};

fn judge(case: &Case) -> Vec<Judgement> {
    let mut judgements: Vec<Judgement> =
        case.containers().filter_map(|it| runs_as_root_refused::one(&it)).collect();
    let complaints = case.complaints();
    judgements.extend(complaints.iter().filter_map(root_read_only::one));
    judgements.extend(complaints.iter().filter_map(image_file_not_permitted::one));
    judgements.extend(sysctl_forbidden::judge(case));
    one_each(judgements)
}

fn remedy(finding: &Finding) -> Vec<Remedy> {
    let field = finding.field.as_deref().unwrap_or_default();
    if field.ends_with(".sysctls") {
        return sysctl_forbidden::remedy(finding);
    }
    if field.ends_with(".readOnlyRootFilesystem") {
        return root_read_only::remedy(finding);
    }
    // Whom runAsNonRoot refuses asks for user 0 itself, or does not say for whom.
    if field.ends_with(".runAsUser") && finding.value.as_deref() != Some("0") {
        return image_file_not_permitted::remedy(finding);
    }
    runs_as_root_refused::remedy(finding)
}
