//! What is known not to be there because what it would be in is not.

use super::Case;
use evidence::question::Question;

/// Kinds of which a namespace that is not there has none.
const IN_A_NAMESPACE: [&str; 6] =
    ["Pod", "Deployment", "StatefulSet", "DaemonSet", "Service", "EndpointSlice"];

impl Case {
    /// Notes that the cluster does not know the kind that a question asks for, or not the namespace: there is nothing of
    /// it.
    pub fn none_of(&mut self, question: &Question) {
        match question {
            Question::Objects { kind, namespace } => {
                self.looks.insert((kind.clone(), namespace.clone()), true);
            }
            Question::Survey { namespaces, .. } => {
                for namespace in namespaces {
                    for kind in IN_A_NAMESPACE {
                        self.looks.insert((kind.to_owned(), namespace.clone()), true);
                    }
                }
            }
            Question::Logs { .. } | Question::Measures { .. } | Question::Rule { .. } => {}
        }
    }
}
