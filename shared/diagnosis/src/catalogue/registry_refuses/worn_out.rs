//! Credentials that were good once: what they do not pull now was pulled with them before.

use crate::case::Case;
use crate::case::containers::Running;
use crate::case::pulls::Pull;
use crate::finding::{Cite, Finding, Strength};
use evidence::entity::Entity;
use evidence::fact::meta::condition;

/// What registries say to a login that they do not know, or no more. What they say of the repository is another matter.
const UNKNOWN: [&str; 4] = [
    "401 Unauthorized",
    "authentication required",
    "token has expired",
    "incorrect username or password",
];

/// That no login was sent at all.
const ANONYMOUS: &str = "anonymous token";

/// The Secret to renew, where the pod names one alone.
pub(super) fn finding(case: &Case, pull: &Pull<'_>) -> Option<Finding> {
    let Pull { container, said, cites } = pull;
    let pod = container.pod;
    let [name] = pod.it.spec.pull_secrets.as_slice() else { return None };
    if said.contains(ANONYMOUS) || !UNKNOWN.iter().any(|it| said.contains(it)) {
        return None;
    }
    let (root, image) = (container.root.clone(), &container.spec.image);
    let worked = rolled_out(case, container).or_else(|| runs_elsewhere(case, container, name))?;
    let secret = Entity::new("Secret", &pod.meta.namespace, name);
    let mut proofs = cites.clone();
    proofs.push(worked);
    Some(Finding {
        field: None,
        value: None,
        statement: format!(
            "{root} cannot pull {image} because the registry does not accept the credentials of {secret} any more, which it did before."
        ),
        proofs,
        doubts: Vec::new(),
        strength: Strength::Strong,
        explains: vec![root],
        subject: secret,
    })
}

/// That the Deployment's rollout of this very template was complete once: the condition's reason is replaced by the next
/// rollout alone (`pkg/controller/deployment/progress.go`).
fn rolled_out(case: &Case, container: &Running<'_>) -> Option<Cite> {
    let root = container.root;
    let deployment = case.workload(root).seen().filter(|it| it.kind == "Deployment")?;
    let said = condition(&deployment.conditions, "Progressing")?;
    let newest = *case.revisions_of(root).first()?;
    let mut asked = newest.it.template.containers.iter();
    let same = asked.any(|it| it.name == container.spec.name && it.image == container.spec.image);
    let says = format!("{root}: its newest revision was rolled out completely before");
    let complete = said.reason == "NewReplicaSetAvailable";
    (same && complete).then(|| Cite::quoting(deployment.exhibit, says, &said.message))
}

/// That the same image runs, pulled with the same Secret.
fn runs_elsewhere(case: &Case, container: &Running<'_>, secret: &str) -> Option<Cite> {
    let namespace = &container.pod.meta.namespace;
    let mut running = case.all_containers().filter(|it| {
        it.status.ready
            && it.spec.image == container.spec.image
            && it.pod.meta.namespace == *namespace
            && it.pod.it.spec.pull_secrets == [secret]
    });
    let pod = running.next()?.pod;
    let says = format!("{} runs it, with the same Secret", pod.meta.entity("Pod"));
    Some(Cite::new(pod.exhibit, says))
}
