//! Whoever makes the volumes of a class, or mounts them on a node, cannot or is not there.

mod absent_on_node;
mod part_down;

use crate::case::Case;
use crate::case::denials::between;
use crate::failure_mode::{Category, Depth, FailureMode};
use crate::finding::{Cite, Finding, Judgement, Strength, joined};
use crate::seen::Seen;
use evidence::entity::Entity;
use evidence::fact::storage::Claim;
use evidence::question::Question;
use evidence::report::Remedy;
use jiff::SignedDuration;

pub(super) static MODE: FailureMode = FailureMode {
    id: "STO-06",
    title: "the storage driver of its volume fails or does not run",
    category: Category::Storage,
    proves: "a claim is Pending, and its provisioner says `ProvisioningFailed`, or was asked for minutes ago and says nothing; or a pod waits for its volumes, and its kubelet says that the driver is `not found in the list of registered CSI drivers`, or it waits for an external-attacher whose workload has nobody ready",
    refutes: "the claim is Bound, or its class does not exist or makes no volumes; the pod runs by now",
    confused_with: &["STO-01", "STO-02", "STO-07", "STO-08", "ADM-01"],
    depth: Depth::Infrastructure,
    stands_alone: false,
    ask,
    judge,
    remedy,
};

/// A provisioner that runs says within seconds that it has begun.
const PATIENCE: SignedDuration = SignedDuration::from_mins(5);

fn ask(case: &Case) -> Vec<Question> {
    let mut questions = case.ask_about_storage();
    questions.extend(absent_on_node::ask(case));
    questions
}

fn judge(case: &Case) -> Vec<Judgement> {
    let waiting = case.claims().filter(|it| it.phase == "Pending");
    let findings = waiting.filter_map(|it| failed(case, &it).or_else(|| silent(case, &it)));
    // Many claims of one class are one fault: rule R6.
    let mut judgements = joined(findings);
    judgements.extend(absent_on_node::judge(case));
    judgements.extend(part_down::judge(case));
    judgements
}

/// failed to provision volume with StorageClass "fast": rpc error: code = ResourceExhausted desc = ...
fn failed(case: &Case, claim: &Seen<'_, Claim>) -> Option<Finding> {
    let name = claim.meta.entity("PersistentVolumeClaim");
    let said = case.events_of(&name, &["ProvisioningFailed"]).max_by_key(|it| it.last)?;
    let after = said.it.message.split_once("rovision volume with StorageClass \"")?.1;
    let class = after.split('"').next().filter(|it| !it.is_empty())?;
    let code = between(after, "code = ", " desc")
        .filter(|it| after.contains("code = ") && it.chars().all(|it| it.is_ascii_alphabetic()));
    let (how, field) = match code {
        Some("InvalidArgument") => {
            (" (InvalidArgument: the class's parameters)".to_owned(), "parameters")
        }
        Some(code) => (format!(" ({code})"), "provisioner"),
        None => (String::new(), "provisioner"),
    };
    let says = format!("{name}: ProvisioningFailed, {} times", said.count.max(1));
    let subject = Entity::new("StorageClass", "", class);
    let provisioner = case.storage_class(class).seen();
    let whose = provisioner.map(|it| format!(" {}", it.it.provisioner)).unwrap_or_default();
    Some(Finding {
        field: Some(field.to_owned()),
        value: provisioner.map(|it| it.it.provisioner.clone()),
        statement: format!(
            "{name} gets no volume because the provisioner{whose} of {subject} fails{how}."
        ),
        proofs: vec![
            Cite::quoting(said.exhibit, says, &said.message),
            Cite::new(claim.exhibit, format!("{name}: Pending")),
        ],
        doubts: Vec::new(),
        strength: Strength::Conclusive,
        explains: explains(case, name),
        subject,
    })
}

/// The volume controller has asked for a volume, and whoever it asked has not begun to make one.
fn silent(case: &Case, claim: &Seen<'_, Claim>) -> Option<Finding> {
    let name = claim.meta.entity("PersistentVolumeClaim");
    let asked = case.events_of(&name, &["ExternalProvisioning"]).max_by_key(|it| it.last)?;
    let begun = case.events_of(&name, &["Provisioning", "ProvisioningFailed"]).next().is_some();
    let waited = asked.first.or(claim.meta.created)?;
    if begun || case.as_of.duration_since(waited) < PATIENCE || part_down::is_known(case, &name) {
        return None;
    }
    let class = claim.it.class.as_deref().filter(|it| !it.is_empty())?;
    let class = case.storage_class(class).seen()?;
    let subject = class.meta.entity("StorageClass");
    let provisioner = &class.it.provisioner;
    let says = format!("{name}: ExternalProvisioning, {} times", asked.count.max(1));
    Some(Finding {
        field: Some("provisioner".to_owned()),
        value: Some(provisioner.clone()),
        statement: format!(
            "{name} gets no volume because the provisioner {provisioner} of {subject} does not answer: it does not run, or the name is wrong."
        ),
        proofs: vec![
            Cite::quoting(asked.exhibit, says, &asked.message),
            Cite::new(class.exhibit, format!("{subject}: its provisioner is {provisioner}")),
        ],
        doubts: Vec::new(),
        strength: Strength::Strong,
        explains: explains(case, name),
        subject,
    })
}

fn explains(case: &Case, claim: Entity) -> Vec<Entity> {
    let mut explains = case.mounters(&claim);
    explains.push(claim);
    explains
}

fn remedy(finding: &Finding) -> Vec<Remedy> {
    let subject = &finding.subject;
    if matches!(subject.kind.as_str(), "Node" | "DaemonSet") {
        return absent_on_node::remedy(finding);
    }
    if subject.kind != "StorageClass" {
        return part_down::remedy(finding);
    }
    vec![Remedy {
        action: format!(
            "Read the log of the provisioner of {subject} (the CSI driver's controller), and correct what it complains of: rights, quota, parameters."
        ),
        command: format!("kubectl get storageclass/{} -o yaml", subject.name),
        risk: "low".to_owned(),
        reversible: true,
        verify: "The claims of that class are Bound.".to_owned(),
    }]
}
