//! What of an object is not kept, since no translation reads it of a list.

use serde_json::{Map, Value};

/// The whole object once more, as it was applied.
const LAST_APPLIED: &str = "kubectl.kubernetes.io/last-applied-configuration";

/// Drops what no tool reads of a list: often half of an object.
pub(super) fn prune(object: &mut Value) {
    let Some(Value::Object(metadata)) = object.get_mut("metadata") else { return };
    if let Some(Value::Object(annotations)) = metadata.get_mut("annotations") {
        annotations.remove(LAST_APPLIED);
    }
    let Some(Value::Array(entries)) = metadata.get_mut("managedFields") else { return };
    for fields in entries.iter_mut().filter_map(|entry| entry.get_mut("fieldsV1")) {
        let Value::Object(fields) = fields else { continue };
        // Who wrote the status is read from the status itself; of the metadata only labels decide anything.
        fields.remove("f:status");
        if let Some(Value::Object(metadata)) = fields.get_mut("f:metadata") {
            labels_alone(metadata);
        }
    }
}

fn labels_alone(metadata: &mut Map<String, Value>) {
    metadata.retain(|field, _| field == "f:labels");
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn who_wrote_what_stays_as_far_as_it_is_read() {
        let mut pod = json!({"metadata": {"name": "web",
            "annotations": {(LAST_APPLIED): "{}", "note": "stays"},
            "managedFields": [{"manager": "kubelet", "fieldsV1": {
                "f:status": {"f:phase": {}},
                "f:spec": {"f:nodeName": {}},
                "f:metadata": {"f:labels": {"f:app": {}}, "f:ownerReferences": {}}}}]},
            "status": {"phase": "Running"}});
        prune(&mut pod);
        assert_eq!(
            pod,
            json!({"metadata": {"name": "web", "annotations": {"note": "stays"},
                "managedFields": [{"manager": "kubelet", "fieldsV1": {
                    "f:spec": {"f:nodeName": {}}, "f:metadata": {"f:labels": {"f:app": {}}}}}]},
                "status": {"phase": "Running"}})
        );
    }
}
