//! One server over several clusters: every tool then takes `cluster`, and every answer says which it was.

use crate::failure::Failure;
use crate::server::{Ask, Bound};
use crate::tool::Call;
use crate::tools::Entry;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;

/// The argument that says which cluster is meant. Never an address.
const CLUSTER: &str = "cluster";

/// What a server reads from, by the name of each cluster.
pub struct Clusters<S>(Arc<BTreeMap<String, Arc<S>>>);

impl<S: Send + Sync + 'static> Clusters<S> {
    /// These clusters.
    pub fn new(clusters: BTreeMap<String, Arc<S>>) -> Self {
        Clusters(Arc::new(clusters))
    }

    /// The tool over all of them.
    pub(crate) fn bind(&self, entry: Entry<S>) -> Bound {
        let Entry { mut listed, mut checked, ask } = entry;
        self.take_cluster(&mut listed.schema);
        self.take_cluster(&mut checked);
        let clusters = Arc::clone(&self.0);
        let ask: Box<Ask> = Box::new(move |mut arguments: Map<String, Value>, call: Call| {
            let given = arguments.remove(CLUSTER);
            let name = given.as_ref().and_then(Value::as_str).unwrap_or_default().to_owned();
            let Some(state) = clusters.get(&name).cloned() else {
                // The schema has refused it before.
                let message = format!("argument `{CLUSTER}` names no cluster");
                return Box::pin(async move { Err(Failure::invalid(message)) });
            };
            let answering = ask(state, arguments, call);
            Box::pin(async move {
                let mut answer = answering.await?;
                answer.next.iter_mut().for_each(|next| name_cluster(next, &name));
                answer.examined.cluster = name;
                Ok(answer)
            })
        });
        Bound { listed, checked, ask }
    }

    fn take_cluster(&self, schema: &mut Map<String, Value>) {
        let names: Vec<&String> = self.0.keys().collect();
        let properties = schema.entry("properties").or_insert_with(|| json!({}));
        if let Value::Object(properties) = properties {
            properties.insert(CLUSTER.to_owned(), json!({"type": "string", "enum": names}));
        }
        let required = schema.entry("required").or_insert_with(|| json!([]));
        if let Value::Array(required) = required {
            required.push(json!(CLUSTER));
        }
    }
}

/// Puts the cluster into a call that is worth making next, which would be refused without it.
fn name_cluster(next: &mut String, cluster: &str) {
    let Some((tool, arguments)) = next.split_once('(') else { return };
    if !tool.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_') {
        return;
    }
    let comma = if arguments.starts_with(')') { "" } else { ", " };
    *next = format!("{tool}({CLUSTER}={cluster}{comma}{arguments}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_names_the_cluster_before_all_else() {
        for (next, named) in [
            ("k8s_survey()", "k8s_survey(cluster=prod)"),
            ("k8s_top(kind=node)", "k8s_top(cluster=prod, kind=node)"),
            ("look at the node", "look at the node"),
            ("look at it (now)", "look at it (now)"),
        ] {
            let mut next = next.to_owned();
            name_cluster(&mut next, "prod");
            assert_eq!(next, named);
        }
    }
}
