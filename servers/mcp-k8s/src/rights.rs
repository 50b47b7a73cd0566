//! What our identity may do, asked of the API server about ourselves.

use clients::kubernetes::access::Rules;
use clients::kubernetes::connection::Kubernetes as Client;
use clients::kubernetes::rbac;
use clients::kubernetes::reach::Reach;
use clients::kubernetes::reads::{PODS, TABLE};
use clients::kubernetes::resource::Resource;
use futures::future::join_all;
use mcp::failure::Failure;

/// The verbs of an API server.
pub(crate) const VERBS: [&str; 8] =
    ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"];
/// Everything, as a role names it.
const EVERYTHING: Resource = Resource::clusterwide("*", "*", "*", "*");

/// One kind that is read, and whether it may be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Right {
    /// The kind.
    pub(crate) resource: Resource,
    /// A part of its objects, `log`; empty for the objects.
    pub(crate) part: &'static str,
    /// What it is read for.
    pub(crate) why: &'static str,
    /// It may be; none where nobody could tell.
    pub(crate) allowed: Option<bool>,
}

impl Right {
    /// `deployments.apps`, or `pods/log`.
    pub(crate) fn name(&self) -> String {
        match self.part {
            "" => self.resource.to_string(),
            part => format!("{}/{part}", self.resource),
        }
    }
}

/// Whether each kind of the table may be read in the whole cluster, and the logs of pods. Who may do everything is asked once.
pub(crate) async fn everywhere(client: &Client) -> Vec<Right> {
    let everything = client.may("*", &EVERYTHING, "", Reach::Cluster).await;
    let mut rights = read_by_us(|_| true);
    if everything.is_ok_and(|access| access.allowed) {
        rights.iter_mut().for_each(|right| right.allowed = Some(true));
        return rights;
    }
    ask(client, &mut rights, Reach::Cluster).await;
    rights
}

/// Whether each kind of the table that lives in namespaces may be read in this one. One question tells, unless the API
/// server cannot list all rights.
pub(crate) async fn within(client: &Client, namespace: &str, rules: Option<&Rules>) -> Vec<Right> {
    let mut rights = read_by_us(|resource| resource.namespaced);
    for right in &mut rights {
        let verb = if right.part.is_empty() { "list" } else { "get" };
        right.allowed = rules
            .filter(|rules| !rules.incomplete || rules.allow(verb, &right.resource, right.part))
            .map(|rules| rules.allow(verb, &right.resource, right.part));
    }
    ask(client, &mut rights, Reach::Namespace(namespace)).await;
    rights
}

/// Custom kinds worth reading that the cluster serves, and whether they may be.
///
/// # Errors
/// Where nobody told which kinds it serves.
pub(crate) async fn custom(client: &Client, reach: Reach<'_>) -> Result<Vec<Right>, Failure> {
    let discovery = client.discover().await.map_err(|refusal| Failure::from(&refusal))?;
    let is_worth = |resource: &Resource| {
        let plurals = rbac::CUSTOM.iter().find(|(group, _)| *group == resource.group);
        plurals.is_some_and(|(_, plurals)| plurals.split(", ").any(|it| it == resource.plural))
    };
    let kinds = discovery.kinds.iter().map(|kind| &kind.resource);
    let kinds = kinds.filter(|it| it.namespaced || reach == Reach::Cluster);
    let mut rights: Vec<Right> = kinds
        .filter(|it| is_worth(it))
        .map(|it| Right {
            resource: it.clone(),
            part: "",
            why: "what operators make and report",
            allowed: None,
        })
        .collect();
    ask(client, &mut rights, reach).await;
    Ok(rights)
}

fn read_by_us(wanted: impl Fn(&Resource) -> bool) -> Vec<Right> {
    let kinds = TABLE.iter().filter(|read| wanted(&read.resource));
    let kinds = kinds.map(|read| (read.resource.clone(), "", read.why));
    let all = kinds.chain([(PODS, "log", "what containers wrote")]);
    all.map(|(resource, part, why)| Right { resource, part, why, allowed: None }).collect()
}

/// Asks about those that nobody has told of.
async fn ask(client: &Client, rights: &mut [Right], reach: Reach<'_>) {
    let unknown = rights.iter().filter(|right| right.allowed.is_none());
    let asked: Vec<_> = unknown
        .map(|right| {
            let verb = if right.part.is_empty() { "list" } else { "get" };
            client.may(verb, &right.resource, right.part, reach)
        })
        .collect();
    let answers = join_all(asked).await;
    let unknown = rights.iter_mut().filter(|right| right.allowed.is_none());
    for (right, answer) in unknown.zip(answers) {
        right.allowed = answer.ok().map(|access| access.allowed);
    }
}
