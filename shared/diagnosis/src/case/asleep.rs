//! Workloads that a program put to sleep by the hours that their owners wrote down, and nobody who is awake suffers from it.
//!
//! kube-downscaler writes beside the 0 how many pods there were, and reads the hours from annotations of the workload, else of
//! its namespace: `kube_downscaler/scaler.py`, and GoKubeDownscaler's `internal/pkg/scalable` and `internal/pkg/values`.

use super::Case;
use super::hours::covers;
use super::touching::toucher;
use super::usage::names_host;
use crate::finding::Cite;
use crate::seen::Seen;
use evidence::fact::meta::Meta;
use evidence::fact::network::Service;
use evidence::fact::workload::Workload;
use jiff::Timestamp;

/// How many pods there were before.
const BEFORE: &str = "downscaler/original-replicas";
/// What says when it sleeps, the first that is there before the others.
const FORCED_UP: &str = "downscaler/force-uptime";
const FORCED_DOWN: &str = "downscaler/force-downtime";
const DOWN: &str = "downscaler/downtime";
const UP: &str = "downscaler/uptime";

/// A workload that sleeps by plan.
#[derive(Clone, Debug)]
pub struct Asleep {
    /// The program that put it to sleep.
    pub by: String,
    /// When it did.
    pub at: Option<Timestamp>,
    /// The annotation that says when it sleeps.
    pub plan: &'static str,
    /// Where that was seen.
    pub cites: Vec<Cite>,
}

impl Case {
    /// Why a workload without pods has none by plan: the program that noted how many it had set them to 0 and nobody else
    /// since, and its hours say that it sleeps now. One that somebody needs who is awake is none.
    pub fn asleep(&self, workload: Seen<'_, Workload>) -> Option<Asleep> {
        let meta = &workload.it.meta;
        let before: u32 = meta.annotations.get(BEFORE)?.trim().parse().ok()?;
        let emptied = toucher(meta, "spec.replicas")?;
        let noted = toucher(meta, &format!("metadata.annotations[{BEFORE}]"))?;
        if workload.it.desired > 0 || before == 0 || emptied.manager != noted.manager {
            return None;
        }
        let own = plan(meta, workload.exhibit, self.as_of);
        let (sleeps, plan, exhibit) = own.or_else(|| {
            let mut namespaces = self.namespaces();
            let home = namespaces.find(|it| it.meta.name == meta.namespace)?;
            plan(&home.it.meta, home.exhibit, self.as_of)
        })?;
        if !sleeps || self.is_needed(workload.it) {
            return None;
        }
        let name = meta.entity(&workload.kind);
        let says = format!("{name} wants 0 pods by {}, and had {before}", emptied.manager);
        let cites =
            vec![Cite::new(workload.exhibit, says), Cite::new(exhibit, format!("{plan} is set"))];
        Some(Asleep { by: emptied.manager.clone(), at: emptied.at, plan, cites })
    }

    /// Whether all that a Service selects sleeps by plan.
    pub fn sleeps(&self, service: &Service) -> bool {
        let mut behind = self.workloads_behind(service).peekable();
        behind.peek().is_some() && behind.all(|it| self.asleep(it).is_some())
    }

    /// Whether a workload that should run now lacks pods, and calls this one.
    fn is_needed(&self, workload: &Workload) -> bool {
        self.services_before(workload).any(|service| {
            let (namespace, name) = (&service.it.meta.namespace, &service.it.meta.name);
            let suffers = |it: &Workload| it.desired > 0 && it.ready < it.desired;
            self.clients_of(namespace, name).any(|it| suffers(it.it))
                || self.logs().any(|log| {
                    let mut lines = log.it.lines.iter();
                    let names = lines
                        .any(|line| names_host(&line.text, name, namespace, &log.it.namespace));
                    let pod = self.pods_in(&log.it.namespace).find(|it| it.meta.name == log.it.pod);
                    let root = pod.map(|it| self.root_of(&it.meta, "Pod"));
                    names
                        && root.is_none_or(|root| match self.workload(&root).seen() {
                            Some(it) => suffers(it.it),
                            None => true,
                        })
                })
        })
    }
}

/// Whether an object's annotations say that it sleeps now, and which one says so; none where no plan can be read there.
fn plan(meta: &Meta, exhibit: usize, now: Timestamp) -> Option<(bool, &'static str, usize)> {
    let text = |key: &str| meta.annotations.get(key).map(String::as_str);
    let forced = |key: &str| text(key).is_some_and(|it| it.eq_ignore_ascii_case("true"));
    if forced(FORCED_UP) {
        return Some((false, FORCED_UP, exhibit));
    }
    if forced(FORCED_DOWN) {
        return Some((true, FORCED_DOWN, exhibit));
    }
    if let Some(hours) = text(DOWN) {
        return Some((covers(hours, now)?, DOWN, exhibit));
    }
    let awake = covers(text(UP)?, now)?;
    Some((!awake, UP, exhibit))
}
