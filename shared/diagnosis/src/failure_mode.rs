//! One way things break.

use crate::case::Case;
use crate::finding::{Finding, Judgement};
use evidence::question::Question;
use evidence::report::Remedy;

/// What it is called, how to tell, what it is confused with, what to do. A value of this stands in each file of
/// `catalogue/`, beside a page that says the same in prose and is its test.
#[derive(Debug)]
pub struct FailureMode {
    /// The catalogue's id, such as `IMG-01`; stable, never used again.
    pub id: &'static str,
    /// One phrase that completes "because ...".
    pub title: &'static str,
    /// Its family.
    pub category: Category,
    /// What proves it, in one sentence for `inquest catalogue`.
    pub proves: &'static str,
    /// What refutes it.
    pub refutes: &'static str,
    /// Ids of the modes that look alike.
    pub confused_with: &'static [&'static str],
    /// How deep it lies: of two findings that explain the same symptom, the deeper one is the cause.
    pub depth: Depth,
    /// It counts although nothing fails yet, when its subject was asked about.
    pub stands_alone: bool,
    /// What to ask before judging, given what is known; empty when nothing more would help.
    pub ask: fn(&Case) -> Vec<Question>,
    /// What the facts say.
    pub judge: fn(&Case) -> Vec<Judgement>,
    /// What a human might do about it. Inquest itself does nothing.
    pub remedy: fn(&Finding) -> Vec<Remedy>,
}

/// The families of failure modes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Category {
    /// Admission and the API's machinery.
    Admission,
    /// Rights.
    Access,
    /// Scheduling.
    Scheduling,
    /// Storage.
    Storage,
    /// Images.
    Image,
    /// Configuration of containers.
    Configuration,
    /// What containers do when they run.
    Runtime,
    /// Controllers and delivery.
    Delivery,
    /// Services, DNS, network.
    Network,
    /// Nodes.
    Node,
    /// What a workload depends on.
    Dependency,
    /// Load, and how what is there bears it.
    Performance,
    /// What watches all of it.
    Observability,
}

impl Category {
    /// The word used in reports.
    pub fn word(self) -> &'static str {
        match self {
            Category::Admission => "admission",
            Category::Access => "access",
            Category::Scheduling => "scheduling",
            Category::Storage => "storage",
            Category::Image => "image",
            Category::Configuration => "configuration",
            Category::Runtime => "runtime",
            Category::Delivery => "delivery",
            Category::Network => "network",
            Category::Node => "node",
            Category::Dependency => "dependency",
            Category::Performance => "performance",
            Category::Observability => "observability",
        }
    }
}

/// How deep a cause lies, from what merely restates a symptom to what nothing in the cluster brings about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Depth {
    /// It restates a symptom: a stuck rollout, a Service without endpoints.
    Symptom,
    /// A workload's own fault.
    Workload,
    /// An object that a workload needs: configuration, claim, Service, quota, account.
    Object,
    /// A node, or the cluster's machinery.
    Infrastructure,
}

/// For modes that need nothing but the survey.
pub fn nothing(_: &Case) -> Vec<Question> {
    Vec::new()
}
