//! A pod's volumes: which object each one mounts.

use super::container::object;
use evidence::fact::spec::VolumeRef;
use k8s_openapi::api::core::v1 as api;

/// A pod's volumes; a projected one is said once for each object in it.
pub fn volumes(from: Vec<api::Volume>) -> Vec<VolumeRef> {
    from.into_iter().flat_map(volume).collect()
}

fn volume(from: api::Volume) -> Vec<VolumeRef> {
    let name = from.name.clone();
    if let Some(map) = from.config_map {
        return vec![keyed(name, "ConfigMap", map.name, map.optional, map.items)];
    }
    if let Some(secret) = from.secret {
        let object = secret.secret_name.unwrap_or_default();
        return vec![keyed(name, "Secret", object, secret.optional, secret.items)];
    }
    if let Some(claim) = from.persistent_volume_claim {
        return vec![keyed(name, "PersistentVolumeClaim", claim.claim_name, None, None)];
    }
    if let Some(path) = from.host_path {
        return vec![keyed(name, "hostPath", path.path, None, None)];
    }
    if let Some(driver) = from.csi {
        return vec![keyed(name, "csi", driver.driver, None, None)];
    }
    if let Some(projected) = from.projected {
        return all_projected(name, projected.sources.unwrap_or_default());
    }
    vec![keyed(name, other_type(from), String::new(), None, None)]
}

fn keyed(
    volume: String,
    kind: &str,
    name: String,
    optional: Option<bool>,
    items: Option<Vec<api::KeyToPath>>,
) -> VolumeRef {
    VolumeRef {
        volume,
        object: object(kind, name, String::new(), optional),
        keys: items.unwrap_or_default().into_iter().map(|item| item.key).collect(),
    }
}

fn all_projected(volume: String, sources: Vec<api::VolumeProjection>) -> Vec<VolumeRef> {
    let mut all = Vec::new();
    for source in sources {
        if let Some(map) = source.config_map {
            all.push(keyed(volume.clone(), "ConfigMap", map.name, map.optional, map.items));
        }
        if let Some(secret) = source.secret {
            all.push(keyed(volume.clone(), "Secret", secret.name, secret.optional, secret.items));
        }
    }
    if all.is_empty() {
        all.push(keyed(volume, "projected", String::new(), None, None));
    }
    all
}

/// The word by which the API calls the types of volume that name no object of the cluster.
fn other_type(from: api::Volume) -> &'static str {
    if from.empty_dir.is_some() {
        return "emptyDir";
    }
    if from.downward_api.is_some() {
        return "downwardAPI";
    }
    if from.ephemeral.is_some() {
        return "ephemeral";
    }
    if from.nfs.is_some() {
        return "nfs";
    }
    if from.image.is_some() {
        return "image";
    }
    if from.iscsi.is_some() {
        return "iscsi";
    }
    // A dozen vendors' types remain, all of them replaced by csi.
    "other"
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn read(value: serde_json::Value) -> Vec<VolumeRef> {
        volumes(serde_json::from_value(value).unwrap())
    }

    #[test]
    fn a_config_map_names_its_mounted_keys() {
        let volumes =
            read(json!([{"name": "conf", "configMap": {"name": "settings", "optional": true,
            "items": [{"key": "app.yml", "path": "app.yml"}]}}]));
        assert_eq!(
            volumes[0].object,
            object("ConfigMap", "settings".into(), String::new(), Some(true))
        );
        assert_eq!(volumes[0].keys, ["app.yml"]);
    }

    #[test]
    fn a_projected_volume_names_every_object_in_it() {
        let volumes = read(json!([{"name": "all", "projected": {"sources": [
            {"serviceAccountToken": {"path": "token"}},
            {"configMap": {"name": "ca"}}, {"secret": {"name": "tls"}}]}}]));
        let said: Vec<(&str, &str, &str)> = volumes
            .iter()
            .map(|it| (it.volume.as_str(), it.object.kind.as_str(), it.object.name.as_str()))
            .collect();
        assert_eq!(said, [("all", "ConfigMap", "ca"), ("all", "Secret", "tls")]);
    }

    #[test]
    fn claims_secrets_and_scratch_space_are_told_apart() {
        let volumes = read(json!([{"name": "data", "persistentVolumeClaim": {"claimName": "db"}},
            {"name": "key", "secret": {"secretName": "tls"}}, {"name": "tmp", "emptyDir": {}}]));
        let kinds: Vec<&str> = volumes.iter().map(|it| it.object.kind.as_str()).collect();
        assert_eq!(kinds, ["PersistentVolumeClaim", "Secret", "emptyDir"]);
    }
}
