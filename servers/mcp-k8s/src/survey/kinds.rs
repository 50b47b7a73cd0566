//! How each kind of object is read: as what the API server calls it, and into which fact.

use super::events::{self, Cut};
use super::pods::{Rolled, Rollup};
use super::reading::{Desk, Reading, Trouble};
use super::revisions;
use crate::translate::event::Groups;
use crate::translate::slices::Slices;
use crate::translate::{access, autoscaler, job, network, node, pod, policy, storage, workload};
use clients::kubernetes::list::ListOptions;
use clients::kubernetes::reach::Reach;
use clients::kubernetes::reads;
use clients::kubernetes::resource::Resource;
use evidence::fact::Body;
use futures::future::BoxFuture;
use jiff::Timestamp;

impl Desk {
    /// Reads a kind that needs nothing but its translation; none where the kind is not one of these.
    pub(crate) fn plain<'a>(
        &'a self,
        resource: &Resource,
        reach: Reach<'a>,
    ) -> Option<BoxFuture<'a, Reading>> {
        let all = (self, resource, reach);
        Some(match resource.plural.as_ref() {
            "namespaces" => read(all, |it| Body::Namespace(policy::namespace(it))),
            "nodes" => read(all, |it| Body::Node(node::node(it))),
            "services" => read(all, |it| Body::Service(network::service(it))),
            "deployments" => read(all, |it| Body::Workload(workload::deployment(it))),
            "statefulsets" => read(all, |it| Body::Workload(workload::stateful_set(it))),
            "daemonsets" => read(all, |it| Body::Workload(workload::daemon_set(it))),
            "jobs" => read(all, |it| Body::Job(job::job(it))),
            "cronjobs" => read(all, |it| Body::CronJob(job::cron_job(it))),
            "poddisruptionbudgets" => read(all, |it| Body::Budget(job::budget(it))),
            "horizontalpodautoscalers" => {
                read(all, |it| Body::Autoscaler(autoscaler::autoscaler(it)))
            }
            "ingresses" => read(all, |it| Body::Ingress(network::ingress(it))),
            "networkpolicies" => read(all, |it| Body::NetworkPolicy(network::network_policy(it))),
            "persistentvolumeclaims" => read(all, |it| Body::Claim(storage::claim(it))),
            "persistentvolumes" => read(all, |it| Body::Volume(storage::volume(it))),
            "storageclasses" => read(all, |it| Body::StorageClass(storage::storage_class(it))),
            "resourcequotas" => read(all, |it| Body::Quota(policy::quota(it))),
            "limitranges" => read(all, |it| Body::LimitRange(policy::limit_range(it))),
            "serviceaccounts" => read(all, |it| Body::Account(access::account(it))),
            "validatingwebhookconfigurations" => {
                read(all, |it| Body::Webhooks(policy::validating(it)))
            }
            "mutatingwebhookconfigurations" => read(all, |it| Body::Webhooks(policy::mutating(it))),
            _ => return None,
        })
    }

    /// Reads pods, rolled up.
    pub(crate) async fn pods(
        &self,
        reach: Reach<'_>,
        since: Timestamp,
        asked: Option<&str>,
    ) -> Reading {
        let mut rollup = Rollup::new(since, asked);
        let visit = |it| rollup.add(pod::pod(it));
        let mut reading = self.each(&reads::PODS, reach, ListOptions::default(), visit).await;
        let Rolled { pods, left_out } = rollup.close();
        if left_out > 0 {
            let why = format!("{left_out} more pods that are not well were left out");
            reading.trouble = reading.trouble.or(Some(Trouble::too_much(why)));
        }
        reading.bodies = pods.into_iter().map(Body::Pod).collect();
        reading
    }

    /// Reads the pods that bear this name in any namespace: there is a row of it that says nothing more.
    pub(crate) async fn pods_named(&self, name: &str) -> Reading {
        let options =
            ListOptions { fields: format!("metadata.name={name}"), ..ListOptions::default() };
        let mut bodies = Vec::new();
        let visit = |it| bodies.push(Body::Pod(pod::pod(it)));
        let mut reading = self.each(&reads::PODS, Reach::Cluster, options, visit).await;
        reading.bodies = bodies;
        reading.is_look = false;
        reading
    }

    /// Reads ReplicaSets: the revisions that matter.
    pub(crate) async fn replica_sets(&self, reach: Reach<'_>) -> Reading {
        let mut all = Vec::new();
        let visit = |it| all.push(workload::replica_set(it));
        let mut reading =
            self.each(&reads::REPLICA_SETS, reach, ListOptions::default(), visit).await;
        reading.bodies = revisions::worth_keeping(all).into_iter().map(Body::Revision).collect();
        reading
    }

    /// Reads ControllerRevisions: the revisions that matter.
    pub(crate) async fn controller_revisions(&self, reach: Reach<'_>) -> Reading {
        let mut all = Vec::new();
        let visit = |it| all.push(workload::controller_revision(it));
        let mut reading =
            self.each(&reads::CONTROLLER_REVISIONS, reach, ListOptions::default(), visit).await;
        reading.bodies = revisions::worth_keeping(all).into_iter().map(Body::Revision).collect();
        reading
    }

    /// Reads EndpointSlices, together for each Service.
    pub(crate) async fn endpoints(&self, reach: Reach<'_>) -> Reading {
        let mut slices = Slices::default();
        let visit = |it| slices.add(it);
        let mut reading =
            self.each(&reads::ENDPOINT_SLICES, reach, ListOptions::default(), visit).await;
        reading.bodies = slices.all().map(Body::Endpoints).collect();
        reading
    }

    /// Reads ConfigMaps by name.
    pub(crate) async fn config_maps(&self, reach: Reach<'_>) -> Reading {
        self.names(&reads::CONFIG_MAPS, reach, |it| {
            Body::Config(access::config_known_by_name("ConfigMap", it.metadata))
        })
        .await
    }

    /// Reads what controllers warned of lately about all objects of a kind of which there are few. It is no look at events.
    pub(crate) async fn warnings_about(&self, kind: &str, since: Timestamp) -> Reading {
        let mut groups = Groups::default();
        let visit = |it| groups.add(it);
        let fields = format!("involvedObject.kind={kind},type=Warning");
        let options = ListOptions { fields, ..ListOptions::default() };
        let mut reading = self.each(&reads::EVENTS, Reach::Cluster, options, visit).await;
        let recent = groups.all().filter(|it| it.last >= Some(since)).collect();
        let (events, _) = events::worth_keeping(recent);
        reading.bodies = events.into_iter().map(Body::Event).collect();
        reading.is_look = false;
        reading
    }

    /// Reads events, grouped: warnings of any age, others only since `since`, and those that are alike not all.
    pub(crate) async fn events(&self, reach: Reach<'_>, since: Timestamp) -> Reading {
        let mut groups = Groups::default();
        let visit = |it| groups.add(it);
        let mut reading = self.each(&reads::EVENTS, reach, ListOptions::default(), visit).await;
        let worth = groups.all().filter(|it| it.warning || it.last >= Some(since)).collect();
        let (events, cut) = events::worth_keeping(worth);
        match cut {
            Cut::Nothing => {}
            // There are more of the kind of those that are kept: nothing new, but not all there is.
            Cut::Alike => reading.is_look = false,
            Cut::Different(count) => {
                let why = format!("{count} more groups of events were left out");
                reading.trouble = reading.trouble.or(Some(Trouble::too_much(why)));
            }
        }
        reading.bodies = events.into_iter().map(Body::Event).collect();
        reading
    }
}

fn read<'a, T: serde::de::DeserializeOwned + Send + 'a>(
    (desk, resource, reach): (&'a Desk, &Resource, Reach<'a>),
    fact: fn(T) -> Body,
) -> BoxFuture<'a, Reading> {
    let resource = resource.clone();
    Box::pin(async move { desk.objects(&resource, reach, fact).await })
}
