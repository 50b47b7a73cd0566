//! A program writes to a file system that its spec makes read-only.

use crate::case::Case;
use crate::case::complaints::Complaint;
use crate::case::words::said::Said;
use crate::failure_mode::{Category, Depth, FailureMode, nothing};
use crate::finding::{Cite, Finding, Judgement, Strength, one_each};
use evidence::report::Remedy;

pub(super) static MODE: FailureMode = FailureMode {
    id: "RUN-25",
    title: "it writes where its spec lets it only read",
    category: Category::Runtime,
    proves: "a failing container's log says that a file system is read-only, and the spec makes it so",
    refutes: "the spec lets it write there: then the volume itself has failed",
    confused_with: &["STO-11", "STO-12", "DEP-06"],
    depth: Depth::Workload,
    stands_alone: false,
    ask: nothing,
    judge,
    remedy,
};

fn judge(case: &Case) -> Vec<Judgement> {
    let complaints = case.complaints();
    one_each(complaints.iter().filter_map(|it| one(case, it)))
}

fn one(_: &Case, complaint: &Complaint<'_>) -> Option<Judgement> {
    let Said::ReadOnlyFiles { path } = &complaint.said else { return None };
    let (container, subject) = (&complaint.container, complaint.root().clone());
    let locked = container.spec.security.iter().any(|it| it == "readOnlyRootFilesystem=true");
    let mounted = path.as_deref().and_then(|it| container.mounted_at(it));
    let pod = container.pod.meta.entity("Pod");
    let (field, says) = match mounted {
        None if locked => {
            let says = format!(
                "{pod}: the root file system of container {} is read-only",
                container.spec.name
            );
            (container.field("securityContext.readOnlyRootFilesystem"), says)
        }
        Some(it)
            if it.mount.read_only || matches!(it.kind(), "ConfigMap" | "Secret" | "projected") =>
        {
            let (volume, at) = (&it.mount.volume, &it.mount.path);
            let says = format!("{pod}: volume {volume} is mounted at {at} to be read only");
            (container.field(&format!("volumeMounts[{volume}]")), says)
        }
        _ => return None,
    };
    let at = path.as_ref().map(|it| format!(" at {it}")).unwrap_or_default();
    Some(Judgement::Proven(Finding {
        field: Some(field),
        value: mounted.is_none().then(|| "true".to_owned()),
        statement: format!(
            "{subject} fails because it writes{at}, where its spec lets it only read."
        ),
        proofs: vec![complaint.cite(), Cite::new(container.pod.exhibit, says)],
        doubts: Vec::new(),
        strength: Strength::Conclusive,
        explains: vec![subject.clone()],
        subject,
    }))
}

fn remedy(finding: &Finding) -> Vec<Remedy> {
    let subject = &finding.subject;
    vec![Remedy {
        action: format!("Mount an emptyDir where {subject} writes; that keeps the rest read-only."),
        command: format!(
            "kubectl -n {} get {}/{} -o yaml",
            subject.namespace,
            subject.kind.to_lowercase(),
            subject.name
        ),
        risk: "low".to_owned(),
        reversible: true,
        verify:
            "The container starts, and its log no longer says that the file system is read-only."
                .to_owned(),
    }]
}
