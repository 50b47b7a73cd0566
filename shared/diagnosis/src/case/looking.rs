//! Finding facts in a case: all of a sort, or the one of a name.

use super::Case;
use super::keys::{Key, Sort};
use crate::seen::{Presence, Seen};
use evidence::entity::Entity;
use evidence::fact::Body;
use evidence::fact::access::{Account, Config, Grant};
use evidence::fact::alerting_rule::AlertingRule;
use evidence::fact::event::Log;
use evidence::fact::metric::{Alert, Measure, Measured, ScrapeTarget};
use evidence::fact::network::{Endpoints, Ingress, NetworkPolicy, Service};
use evidence::fact::node::Node;
use evidence::fact::object::Object;
use evidence::fact::pod::Pod;
use evidence::fact::policy::{LimitRange, Namespace, Quota, Webhooks};
use evidence::fact::storage::{Claim, StorageClass, Volume};
use evidence::fact::workload::{Autoscaler, Budget, CronJob, Job, Revision, Workload};

impl Case {
    /// Pods, by namespace and name.
    pub fn pods(&self) -> impl Iterator<Item = Seen<'_, Pod>> {
        self.all(Sort::Pod, pod)
    }

    /// Deployments, StatefulSets and DaemonSets.
    pub fn workloads(&self) -> impl Iterator<Item = Seen<'_, Workload>> {
        self.all(Sort::Workload, workload)
    }

    /// Pods of one namespace.
    pub fn pods_in<'a>(&'a self, namespace: &str) -> impl Iterator<Item = Seen<'a, Pod>> + use<'a> {
        self.within(Sort::Pod, "Pod", namespace, pod)
    }

    /// Deployments, StatefulSets and DaemonSets of one namespace.
    pub fn workloads_in<'a>(
        &'a self,
        namespace: &str,
    ) -> impl Iterator<Item = Seen<'a, Workload>> + use<'a> {
        let of = |kind| self.within(Sort::Workload, kind, namespace, workload);
        of("DaemonSet").chain(of("Deployment")).chain(of("StatefulSet"))
    }

    /// Services of one namespace.
    pub fn services_in<'a>(
        &'a self,
        namespace: &str,
    ) -> impl Iterator<Item = Seen<'a, Service>> + use<'a> {
        self.within(Sort::Service, "Service", namespace, service)
    }

    /// Revisions of workloads.
    pub fn revisions(&self) -> impl Iterator<Item = Seen<'_, Revision>> {
        self.all(Sort::Revision, revision)
    }

    /// Jobs.
    pub fn jobs(&self) -> impl Iterator<Item = Seen<'_, Job>> {
        self.all(Sort::Job, job)
    }

    /// CronJobs.
    pub fn cron_jobs(&self) -> impl Iterator<Item = Seen<'_, CronJob>> {
        self.all(Sort::CronJob, cron_job)
    }

    /// HorizontalPodAutoscalers.
    pub fn autoscalers(&self) -> impl Iterator<Item = Seen<'_, Autoscaler>> {
        self.all(Sort::Autoscaler, autoscaler)
    }

    /// PodDisruptionBudgets.
    pub fn budgets(&self) -> impl Iterator<Item = Seen<'_, Budget>> {
        self.all(Sort::Budget, budget)
    }

    /// Services.
    pub fn services(&self) -> impl Iterator<Item = Seen<'_, Service>> {
        self.all(Sort::Service, service)
    }

    /// Ingresses.
    pub fn ingresses(&self) -> impl Iterator<Item = Seen<'_, Ingress>> {
        self.all(Sort::Ingress, ingress)
    }

    /// NetworkPolicies.
    pub fn network_policies(&self) -> impl Iterator<Item = Seen<'_, NetworkPolicy>> {
        self.all(Sort::NetworkPolicy, network_policy)
    }

    /// Nodes.
    pub fn nodes(&self) -> impl Iterator<Item = Seen<'_, Node>> {
        self.all(Sort::Node, node)
    }

    /// PersistentVolumeClaims.
    pub fn claims(&self) -> impl Iterator<Item = Seen<'_, Claim>> {
        self.all(Sort::Claim, claim)
    }

    /// PersistentVolumes.
    pub fn volumes(&self) -> impl Iterator<Item = Seen<'_, Volume>> {
        self.all(Sort::Volume, volume)
    }

    /// StorageClasses.
    pub fn storage_classes(&self) -> impl Iterator<Item = Seen<'_, StorageClass>> {
        self.all(Sort::StorageClass, storage_class)
    }

    /// ResourceQuotas.
    pub fn quotas(&self) -> impl Iterator<Item = Seen<'_, Quota>> {
        self.all(Sort::Quota, quota)
    }

    /// LimitRanges.
    pub fn limit_ranges(&self) -> impl Iterator<Item = Seen<'_, LimitRange>> {
        self.all(Sort::LimitRange, limit_range)
    }

    /// Webhook configurations.
    pub fn webhooks(&self) -> impl Iterator<Item = Seen<'_, Webhooks>> {
        self.all(Sort::Webhooks, webhooks)
    }

    /// Namespaces.
    pub fn namespaces(&self) -> impl Iterator<Item = Seen<'_, Namespace>> {
        self.all(Sort::Namespace, namespace)
    }

    /// ConfigMaps and Secrets.
    pub fn configs(&self) -> impl Iterator<Item = Seen<'_, Config>> {
        self.all(Sort::Config, config)
    }

    /// Roles and bindings.
    pub fn grants(&self) -> impl Iterator<Item = Seen<'_, Grant>> {
        self.all(Sort::Grant, grant)
    }

    /// Logs.
    pub fn logs(&self) -> impl Iterator<Item = Seen<'_, Log>> {
        self.all(Sort::Log, log)
    }

    /// Objects of other kinds.
    pub fn objects(&self) -> impl Iterator<Item = Seen<'_, Object>> {
        self.all(Sort::Object, object)
    }

    /// The pod of that name.
    pub fn pod(&self, name: &Entity) -> Presence<'_, Pod> {
        self.one(Sort::Pod, name, pod)
    }

    /// The workload of that kind and name.
    pub fn workload(&self, name: &Entity) -> Presence<'_, Workload> {
        self.one(Sort::Workload, name, workload)
    }

    /// The revision of that kind and name.
    pub fn revision(&self, name: &Entity) -> Presence<'_, Revision> {
        self.one(Sort::Revision, name, revision)
    }

    /// The Job of that name.
    pub fn job(&self, name: &Entity) -> Presence<'_, Job> {
        self.one(Sort::Job, name, job)
    }

    /// The Service of that name.
    pub fn service(&self, namespace: &str, name: &str) -> Presence<'_, Service> {
        self.one(Sort::Service, &Entity::new("Service", namespace, name), service)
    }

    /// The endpoints of the Service of that name; absent where its slices were looked at and there are none.
    pub fn endpoints(&self, namespace: &str, service: &str) -> Presence<'_, Endpoints> {
        let entity = Entity::new("Service", namespace, service);
        match self.find(Sort::Endpoints, &entity).and_then(|at| self.typed(at, endpoints)) {
            Some(seen) => Presence::Present(seen),
            None if self.looked("EndpointSlice", namespace) => Presence::Absent,
            None => Presence::Unknown,
        }
    }

    /// The node of that name.
    pub fn node(&self, name: &str) -> Presence<'_, Node> {
        self.one(Sort::Node, &Entity::new("Node", "", name), node)
    }

    /// The claim of that name.
    pub fn claim(&self, namespace: &str, name: &str) -> Presence<'_, Claim> {
        self.one(Sort::Claim, &Entity::new("PersistentVolumeClaim", namespace, name), claim)
    }

    /// The storage class of that name.
    pub fn storage_class(&self, name: &str) -> Presence<'_, StorageClass> {
        self.one(Sort::StorageClass, &Entity::new("StorageClass", "", name), storage_class)
    }

    /// The ConfigMap or Secret of that name.
    pub fn config(&self, kind: &str, namespace: &str, name: &str) -> Presence<'_, Config> {
        self.one(Sort::Config, &Entity::new(kind, namespace, name), config)
    }

    /// The ServiceAccount of that name.
    pub fn account(&self, namespace: &str, name: &str) -> Presence<'_, Account> {
        self.one(Sort::Account, &Entity::new("ServiceAccount", namespace, name), account)
    }

    /// What a container wrote, in its present run or the one before.
    pub fn log(
        &self,
        namespace: &str,
        pod: &str,
        container: &str,
        previous: bool,
    ) -> Option<Seen<'_, Log>> {
        let entity = Entity::new("Pod", namespace, pod);
        let key = Key { sort: Sort::Log, entity, detail: format!("{container}\n{previous}") };
        self.index.get(&key).and_then(|at| self.typed(*at, log))
    }

    pub(super) fn all<'a, T: 'a>(
        &'a self,
        sort: Sort,
        pick: fn(&Body) -> Option<&T>,
    ) -> impl Iterator<Item = Seen<'a, T>> {
        let first = Key { sort, entity: Entity::default(), detail: String::new() };
        self.index
            .range(first..)
            .take_while(move |(key, _)| key.sort == sort)
            .filter_map(move |(_, at)| self.typed(*at, pick))
    }

    /// All of a sort and kind in one namespace, without a look at the others.
    fn within<'a, T: 'a>(
        &'a self,
        sort: Sort,
        kind: &str,
        namespace: &str,
        pick: fn(&Body) -> Option<&T>,
    ) -> impl Iterator<Item = Seen<'a, T>> + use<'a, T> {
        let first = Key { sort, entity: Entity::new(kind, namespace, ""), detail: String::new() };
        let (kind, namespace) = (kind.to_owned(), namespace.to_owned());
        self.index
            .range(first..)
            .take_while(move |(key, _)| {
                key.sort == sort && key.entity.kind == kind && key.entity.namespace == namespace
            })
            .filter_map(move |(_, at)| self.typed(*at, pick))
    }

    fn one<'a, T>(
        &'a self,
        sort: Sort,
        name: &Entity,
        pick: fn(&Body) -> Option<&T>,
    ) -> Presence<'a, T> {
        match self.find(sort, name).and_then(|at| self.typed(at, pick)) {
            Some(seen) => Presence::Present(seen),
            None if self.looked(&name.kind, &name.namespace) => Presence::Absent,
            None => Presence::Unknown,
        }
    }

    fn find(&self, sort: Sort, name: &Entity) -> Option<usize> {
        let key = Key { sort, entity: name.clone(), detail: String::new() };
        self.index.get(&key).copied()
    }

    pub(crate) fn typed<'a, T>(
        &'a self,
        exhibit: usize,
        pick: fn(&Body) -> Option<&T>,
    ) -> Option<Seen<'a, T>> {
        self.body(exhibit).and_then(pick).map(|it| Seen { exhibit, it })
    }
}

/// Functions that take one sort of fact out of a body.
macro_rules! picks {
    ($($name:ident: $variant:ident($fact:ty)),* $(,)?) => {
        $(pub(crate) fn $name(body: &Body) -> Option<&$fact> {
            match body {
                Body::$variant(it) => Some(it),
                _ => None,
            }
        })*
    };
}

picks! {
    pod: Pod(Pod),
    workload: Workload(Workload),
    revision: Revision(Revision),
    job: Job(Job),
    cron_job: CronJob(CronJob),
    autoscaler: Autoscaler(Autoscaler),
    budget: Budget(Budget),
    service: Service(Service),
    endpoints: Endpoints(Endpoints),
    ingress: Ingress(Ingress),
    network_policy: NetworkPolicy(NetworkPolicy),
    node: Node(Node),
    claim: Claim(Claim),
    volume: Volume(Volume),
    storage_class: StorageClass(StorageClass),
    quota: Quota(Quota),
    limit_range: LimitRange(LimitRange),
    webhooks: Webhooks(Webhooks),
    namespace: Namespace(Namespace),
    config: Config(Config),
    account: Account(Account),
    grant: Grant(Grant),
    event: Event(evidence::fact::event::Event),
    log: Log(Log),
    object: Object(Object),
    measure: Measure(Measure),
    measured: Measured(Measured),
    alert: Alert(Alert),
    scrape_target: ScrapeTarget(ScrapeTarget),
    alerting_rule: AlertingRule(AlertingRule),
}
