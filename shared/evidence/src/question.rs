//! What the engine wants to know next, in the domain's words. Which tool answers it is not the engine's business.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// One thing worth asking.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Question {
    /// What is there, and what is wrong, in these namespaces (none: in the whole cluster)?
    Survey {
        /// Namespaces to survey; empty for the whole cluster.
        namespaces: Vec<String>,
        /// One object to centre on, as `KIND/NAME`.
        workload: Option<String>,
    },
    /// Which numbers of these namespaces (none: of the whole cluster), of its nodes and of its control plane tell anything?
    Measures {
        /// Namespaces; empty for the whole cluster.
        namespaces: Vec<String>,
    },
    /// What does the rule of an alert ask for, and what of that does nobody have?
    Rule {
        /// The alert's name.
        alert: String,
    },
    /// What did this container write last?
    Logs {
        /// The pod's namespace.
        namespace: String,
        /// The pod.
        pod: String,
        /// The container.
        container: String,
        /// Ask for the run before the present one.
        previous: bool,
    },
    /// What objects of this kind are there?
    Objects {
        /// The kind, such as `StorageClass`.
        kind: String,
        /// The namespace; empty for all or none.
        namespace: String,
    },
}
