//! What Argo CD and Flux say that they could not deliver: rules R2 and R3.
//!
//! Phases and health are those of Argo CD's `pkg/apis/application/v1alpha1/types.go` and gitops-engine; conditions and
//! reasons those of Flux's `apis/meta/conditions.go`, `kustomize-controller` and `helm-controller`.

use super::Case;
use super::touching::NEWS;
use crate::seen::Seen;
use evidence::entity::Entity;
use evidence::fact::meta::condition;
use evidence::fact::object::Object;
use jiff::Timestamp;

/// An object of a GitOps tool that is not delivered as it should be.
#[derive(Clone, Debug)]
pub struct Undelivered<'a> {
    /// What was seen of it.
    pub object: Seen<'a, Object>,
    /// What is amiss.
    pub trouble: Trouble,
    /// The tool's own one word for it.
    pub word: String,
    /// The tool's own sentence.
    pub said: String,
    /// Since when, where that is known.
    pub since: Option<Timestamp>,
}

impl Undelivered<'_> {
    /// Its name.
    pub fn entity(&self) -> Entity {
        self.object.it.meta.entity(&self.object.it.kind)
    }

    /// The namespace that it delivers into, where it says so. What an Application delivers elsewhere may be another
    /// cluster's.
    pub fn into(&self) -> Option<&str> {
        let field = |name: &str| self.object.it.fields.get(name).map(String::as_str);
        match self.object.it.kind.as_str() {
            "Application" => {
                let server = field("spec.destination.server");
                let here = server.is_none_or(|it| it == "https://kubernetes.default.svc")
                    && field("spec.destination.name").is_none_or(|it| it == "in-cluster");
                field("spec.destination.namespace").filter(|_| here)
            }
            _ => field("spec.targetNamespace"),
        }
    }

    /// Whether it is known to deliver into a namespace: it says so, or Flux names an object of it that the cluster does not
    /// take, as `Ingress/shop/web dry-run failed (InternalError): ...` (`FmtUnstructured` of fluxcd/pkg/ssa).
    pub fn lands_in(&self, namespace: &str) -> bool {
        let object = self.said.split(' ').next().unwrap_or_default();
        let mut parts = object.split('/');
        let refused = match (parts.next(), parts.next(), parts.next(), parts.next()) {
            (Some(_), Some(of), Some(_), None) => Some(of),
            _ => None,
        };
        self.into() == Some(namespace)
            || self.object.it.kind == "Kustomization" && refused == Some(namespace)
    }

    /// The webhook that could not be asked about what was to be applied.
    pub fn misses_webhook(&self) -> bool {
        self.trouble == Trouble::Apply && self.said.contains("failed calling webhook \"")
    }
}

/// What is amiss with a delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// What was to be delivered could not be had or made sense of.
    Source,
    /// The cluster did not take it.
    Apply,
    /// An operation of Helm that was cut short holds the release, and no other one may begin.
    Locked,
    /// It was delivered, and does not do well.
    Health,
}

impl Case {
    /// Whether a delivery belongs to what was asked about: it lies there, or delivers there.
    pub fn concerns_scope(&self, undelivered: &Undelivered<'_>) -> bool {
        let namespaces = &self.scope.namespaces;
        namespaces.is_empty()
            || namespaces.contains(&undelivered.object.it.meta.namespace)
            || namespaces.iter().any(|it| undelivered.lands_in(it))
    }

    /// What is not delivered as it should be, where that is news or was asked about.
    pub fn undelivered(&self) -> Vec<Undelivered<'_>> {
        let mut undelivered = Vec::new();
        for object in self.objects().filter(|it| it.meta.deleted.is_none()) {
            let found = match object.it.kind.as_str() {
                "Application" => application(object),
                "HelmRelease" | "Kustomization" => release(object),
                _ => None,
            };
            let Some(found) = found else { continue };
            let asked = self.asks_about(&object.it.kind, &object.it.meta.name);
            let age = found.since.map(|at| self.as_of.duration_since(at));
            // Bad health of unknown age may be as old as the cluster; what is new shows at the workloads.
            let old = age.map_or(found.trouble == Trouble::Health, |age| age > NEWS);
            if asked || !(old && self.rules.baseline) {
                undelivered.push(found);
            }
        }
        undelivered
    }
}

fn application(object: Seen<'_, Object>) -> Option<Undelivered<'_>> {
    if !object.it.api_version.starts_with("argoproj.io/") {
        return None;
    }
    let field = |name: &str| object.it.fields.get(name).map_or("", String::as_str);
    let errors = ["ComparisonError", "InvalidSpecError"];
    let error = object.it.conditions.iter().find(|it| errors.contains(&it.kind.as_str()));
    if let Some(error) = error {
        let (word, said, since) = (error.kind.clone(), error.message.clone(), error.since);
        return Some(Undelivered { object, trouble: Trouble::Source, word, said, since });
    }
    let (phase, health) = (field("status.operationState.phase"), field("status.health.status"));
    // Somebody may have mended by hand what the last operation failed to.
    let mended = field("status.sync.status") == "Synced" && health == "Healthy";
    if matches!(phase, "Failed" | "Error") && !mended {
        let since = field("status.operationState.finishedAt").parse().ok();
        let said = field("status.operationState.message").to_owned();
        return Some(Undelivered {
            object,
            trouble: if says_gave_up(&said) { Trouble::Health } else { Trouble::Apply },
            word: phase.to_owned(),
            said,
            since,
        });
    }
    // One that syncs by itself tells it so where the operation is none of its own.
    let refused = object.it.conditions.iter().find(|it| it.kind == "SyncError");
    if let Some(refused) = refused.filter(|_| !mended) {
        let (word, said, since) = (refused.kind.clone(), refused.message.clone(), refused.since);
        return Some(Undelivered { object, trouble: Trouble::Apply, word, said, since });
    }
    let since = field("status.health.lastTransitionTime").parse().ok();
    let said = field("status.health.message").to_owned();
    (health == "Degraded").then(|| Undelivered {
        object,
        trouble: Trouble::Health,
        word: health.to_owned(),
        said,
        since,
    })
}

fn release(object: Seen<'_, Object>) -> Option<Undelivered<'_>> {
    if !object.it.api_version.contains(".toolkit.fluxcd.io/") {
        return None;
    }
    let suspended = object.it.fields.get("spec.suspend").is_some_and(|it| it == "true");
    let ready = condition(&object.it.conditions, "Ready").filter(|it| it.status == "False")?;
    let trouble = match ready.reason.as_str() {
        _ if says_locked(&ready.message) => Trouble::Locked,
        // What it depends on says itself what is wrong.
        "DependencyNotReady" | "Suspended" => return None,
        "HealthCheckFailed" => Trouble::Health,
        "InstallFailed" | "UpgradeFailed" if says_waited(&ready.message) => Trouble::Health,
        "ArtifactFailed" | "BuildFailed" | "SourceNotReady" => Trouble::Source,
        _ => Trouble::Apply,
    };
    let (word, said, since) = (ready.reason.clone(), ready.message.clone(), ready.since);
    (!suspended).then_some(Undelivered { object, trouble, word, said, since })
}

/// What Helm says where it waited for what it had applied, which did not become ready in time.
fn says_waited(said: &str) -> bool {
    let signs = ["context deadline exceeded", "timed out waiting for the condition", " not ready"];
    let applied = !said.contains("failed calling webhook") && !said.contains("unable to build");
    applied && signs.iter().any(|it| said.contains(it))
}

/// What Argo CD says of a hook that was run and failed.
fn says_gave_up(said: &str) -> bool {
    said.contains("Job has reached the specified backoff limit")
}

/// What Helm says of a release whose last revision is `pending-install`, `pending-upgrade` or `pending-rollback`
/// (`errPending` of `pkg/action/action.go`), and of one of which no revision was ever deployed (`pkg/storage/driver`).
fn says_locked(said: &str) -> bool {
    said.contains("another operation (install/upgrade/rollback) is in progress")
        || said.contains("has no deployed releases")
}
