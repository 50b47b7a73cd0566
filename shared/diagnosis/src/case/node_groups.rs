//! Groups of nodes that the cluster autoscaler may not enlarge, because its own arguments say so.

use super::Case;
use super::constraints::Constraint;
use super::containers::{Running, repository};
use super::growth::requests;
use super::unplaced::Unplaced;
use crate::quantity;
use crate::seen::Seen;
use evidence::fact::event::{Line, Log};
use evidence::question::Question;

/// Where the cluster autoscaler of the charts and of every cloud's guide runs.
const HOME: &str = "kube-system";

/// What `cluster-autoscaler/core/scaleup/orchestrator` logs of a group at its maximum, between these, once in each of its loops
/// in which a pod waits. Older versions say the same from `core/scale_up.go`.
const SKIPPED: (&str, &str) = ("Skipping node group ", " - max size reached");

/// An autoscaler that was told how large each of its groups may be, and says that all of them are.
#[derive(Clone, Debug)]
pub struct Bounded<'a> {
    /// Its container.
    pub autoscaler: Running<'a>,
    /// Its groups' arguments, as `4:4:general`.
    pub groups: Vec<&'a str>,
    /// What it says of one of them.
    pub line: &'a Line,
    /// The log that this stands in.
    pub log: Seen<'a, Log>,
}

impl Case {
    /// What to ask where pods find no room: whether somebody may make some.
    pub fn ask_for_node_groups(&self) -> Vec<Question> {
        if !self.unplaced().iter().any(|it| lacks_room(&it.binding)) {
            return Vec::new();
        }
        let all =
            |kind: &str| Question::Objects { kind: kind.to_owned(), namespace: HOME.to_owned() };
        let mut questions = vec![all("Pod")];
        if let Some(autoscaler) = self.cluster_autoscaler()
            && !groups(&autoscaler).is_empty()
        {
            // With its revisions, for what changed.
            questions.extend(["Deployment", "ReplicaSet"].map(all));
            questions.push(autoscaler.ask_for_log(false));
        }
        questions
    }

    /// The autoscaler whose arguments leave no room to grow for a pod that some node would be large enough for.
    pub fn bounded(&self, unplaced: &Unplaced<'_>) -> Option<Bounded<'_>> {
        let fits = self.nodes_for(unplaced.pod.it).iter().any(|node| {
            ["cpu", "memory"].into_iter().all(|resource| {
                let offered = node.it.allocatable.get(resource);
                let offered = offered.and_then(|it| quantity::thousandths(it));
                requests(unplaced.pod.it, resource).zip(offered).is_some_and(|(it, all)| it <= all)
            })
        });
        self.at_its_most(unplaced).filter(|_| fits)
    }

    /// Whether it may be the autoscaler whose arguments leave no room: its log was refused, or it says so and nobody could see
    /// whether any node would be large enough.
    pub(super) fn may_be_bounded(&self, unplaced: &Unplaced<'_>) -> bool {
        let Some(autoscaler) = self.cluster_autoscaler().filter(|it| !groups(it).is_empty()) else {
            return false;
        };
        match self.log_now(&autoscaler) {
            None => self.was_asked(&autoscaler.ask_for_log(false)),
            Some(_) => self.failed_to_look("Node", &[]) && self.at_its_most(unplaced).is_some(),
        }
    }

    /// The autoscaler that says of all its groups that they are at their maximum. Its word counts if it is of the time in which
    /// the pod waits.
    fn at_its_most(&self, unplaced: &Unplaced<'_>) -> Option<Bounded<'_>> {
        let autoscaler = self.cluster_autoscaler()?;
        let log = self.log_now(&autoscaler)?;
        let groups = groups(&autoscaler);
        let waits_since = unplaced.pod.meta.created?;
        let mut line = None;
        for group in &groups {
            // Some clouds are told of more than the name, which stands last: Hetzner's `2:3:CPX31:FSN1:workers`.
            let names = [group.splitn(3, ':').nth(2)?, group.rsplit(':').next()?];
            let is_skipped = |text: &str| skipped(text).is_some_and(|it| names.contains(&it));
            let said = log
                .it
                .lines
                .iter()
                .find(|it| it.last.is_some_and(|at| at >= waits_since) && is_skipped(&it.text));
            line = Some(said?);
        }
        line.map(|line| Bounded { autoscaler, groups, line, log })
    }

    fn cluster_autoscaler(&self) -> Option<Running<'_>> {
        let image = |it: &Running<'_>| repository(&it.spec.image).ends_with("/cluster-autoscaler");
        self.all_containers().find(|it| it.pod.meta.namespace == HOME && image(it) && it.runs())
    }
}

fn lacks_room(binding: &Constraint) -> bool {
    matches!(binding, Constraint::Resource(_) | Constraint::PodCount | Constraint::GroupsFull)
}

/// The groups that its arguments name, with their least and greatest size: `--nodes=1:10:name`, or in two words. Those of
/// `--node-group-auto-discovery` are bounded by the cloud.
fn groups<'a>(autoscaler: &Running<'a>) -> Vec<&'a str> {
    let mut groups = Vec::new();
    let mut is_next = false;
    for word in autoscaler.spec.command.iter().chain(&autoscaler.spec.args) {
        let word = word.trim_start_matches('-');
        if is_next {
            groups.push(word);
        } else if let Some(group) = word.strip_prefix("nodes=") {
            groups.push(group);
        } else if word.starts_with("node-group-auto-discovery") {
            return Vec::new();
        }
        is_next = word == "nodes";
    }
    groups
}

fn skipped(text: &str) -> Option<&str> {
    let (_, after) = text.split_once(SKIPPED.0)?;
    after.strip_suffix(SKIPPED.1)
}
