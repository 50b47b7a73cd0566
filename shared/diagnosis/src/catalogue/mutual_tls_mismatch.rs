//! A mesh takes mutual TLS only, and who calls has none.

use crate::case::Case;
use crate::case::complaints::Complaint;
use crate::case::touching::toucher;
use crate::failure_mode::{Category, Depth, FailureMode};
use crate::finding::{Cite, Finding, Judgement, Strength, joined};
use crate::kubectl;
use evidence::question::Question;
use evidence::report::Remedy;

pub(super) static MODE: FailureMode = FailureMode {
    id: "MESH-05",
    title: "the mesh takes mutual TLS only, and it calls without",
    category: Category::Network,
    proves: "a pod without the mesh's proxy says again and again that its connections to a Service are cut, the pods of the Service have the proxy, and the PeerAuthentication that counts for them is STRICT",
    refutes: "the caller has the proxy, or a nearer PeerAuthentication takes both",
    confused_with: &["DEP-07", "NET-02"],
    depth: Depth::Object,
    stands_alone: false,
    ask,
    judge,
    remedy,
};

/// The field that says whether calls without TLS are taken.
const MODE_FIELD: &str = "spec.mtls.mode";

fn ask(case: &Case) -> Vec<Question> {
    case.ask_about_plain_calls()
}

fn judge(case: &Case) -> Vec<Judgement> {
    joined(case.complaints().iter().filter_map(|it| one(case, it)))
}

fn one(case: &Case, complaint: &Complaint<'_>) -> Option<Finding> {
    let call = case.plain_call(complaint)?;
    let caller = complaint.root().clone();
    let service = call.service.meta.entity("Service");
    let policy = call.policy.meta.entity(&call.policy.it.kind);
    let (caller_pod, called_pod) =
        (complaint.container.pod.meta.entity("Pod"), call.called.meta.entity("Pod"));
    let mut proofs = vec![
        complaint.cite(),
        Cite::new(call.policy.exhibit, format!("{policy}: {MODE_FIELD} is STRICT")),
        Cite::new(call.called.exhibit, format!("{called_pod} has the mesh's proxy")),
        Cite::new(complaint.container.pod.exhibit, format!("{caller_pod} has none")),
    ];
    let within = case.caller_in_mesh(call.service);
    proofs.extend(within.map(|(root, exhibit)| {
        Cite::new(exhibit, format!("{root}, which calls {service} from within the mesh, is ready"))
    }));
    // What was so for long is not what changed: then the caller lost its proxy, or never could call.
    let touched = toucher(&call.policy.it.meta, MODE_FIELD).and_then(|it| it.at);
    let changed = touched.filter(|at| complaint.since.is_none_or(|since| *at <= since));
    let news = changed.filter(|_| case.is_news(changed));
    let (subject, field, strength) = match news {
        Some(_) => (policy.clone(), Some(MODE_FIELD.to_owned()), Strength::Strong),
        None => (caller.clone(), None, Strength::Suggestive),
    };
    Some(Finding {
        value: field.as_ref().map(|_| "STRICT".to_owned()),
        field,
        statement: format!(
            "Connections of {caller} to {service} are cut because {policy} takes mutual TLS only, and the pods of {caller} are not in the mesh."
        ),
        proofs,
        doubts: Vec::new(),
        strength,
        explains: vec![caller],
        subject,
    })
}

fn remedy(finding: &Finding) -> Vec<Remedy> {
    let subject = &finding.subject;
    let callers: Vec<String> = finding.explains.iter().map(ToString::to_string).collect();
    vec![Remedy {
        action: format!(
            "Have {} take part in the mesh (a proxy beside its pods), or let what it calls take both with a PeerAuthentication of its own that is PERMISSIVE, until it does.",
            callers.join(", ")
        ),
        command: kubectl::object("get", subject, "-o yaml"),
        risk: "medium".to_owned(),
        reversible: true,
        verify: "The caller's log no longer says that its connections are cut.".to_owned(),
    }]
}
