//! Which cluster, and as whom: read from kubeconfig files or from a pod's service account.

use crate::kubernetes::settings::KubernetesSettings;
use kube::Config;
use kube::config::{KubeConfigOptions, Kubeconfig, KubeconfigError};
use std::path::PathBuf;

/// The name of the cluster whose pod we are.
pub(crate) const IN_CLUSTER: &str = "in-cluster";

/// Why there is no connection to try.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// There is neither a kubeconfig nor a service account.
    #[error(
        "no cluster is configured: give --kubeconfig or KUBECONFIG, have a ~/.kube/config, or run in a pod"
    )]
    NotConfigured,
    /// The kubeconfig cannot be used.
    #[error("could not use the kubeconfig {path}: {what}")]
    Kubeconfig {
        /// The files.
        path: String,
        /// What is wrong with it.
        what: String,
    },
    /// More than one cluster is named where one is read.
    #[error("--context names several contexts, which `mcp k8s` alone reads; name one")]
    SeveralContexts,
    /// The kubeconfig asks for something we do not have.
    #[error("the kubeconfig asks for {0}, which is not supported")]
    Unsupported(&'static str),
    /// The credentials, or the certificates, cannot be used.
    #[error("could not use the credentials of {cluster}: {what}")]
    Credentials {
        /// The cluster's name.
        cluster: String,
        /// What is wrong, without what a credential plugin printed.
        what: String,
    },
    /// The address cannot be one.
    #[error("could not use the address of {cluster}: {why}")]
    Address {
        /// The cluster's name.
        cluster: String,
        /// What is wrong with it.
        why: String,
    },
}

/// Reads the configuration, and with it the context's name. Asks nobody anything.
pub(crate) async fn read(settings: &KubernetesSettings) -> Result<(Config, String), OpenError> {
    let paths = kubeconfig_paths(settings);
    if paths.is_empty() {
        let config = Config::incluster().map_err(|_| OpenError::NotConfigured)?;
        return Ok((config, IN_CLUSTER.to_owned()));
    }
    let path = paths.iter().map(|path| path.display().to_string()).collect::<Vec<_>>().join(", ");
    let unusable =
        |error: KubeconfigError| OpenError::Kubeconfig { path: path.clone(), what: said(&error) };
    let mut merged = Kubeconfig::default();
    for path in &paths {
        let next = Kubeconfig::read_from(path).map_err(unusable)?;
        merged = merged.merge(next).map_err(unusable)?;
    }
    let context = match settings.context.as_slice() {
        [] => None,
        [one] => Some(one.clone()),
        _ => return Err(OpenError::SeveralContexts),
    };
    let name = context.clone().or_else(|| merged.current_context.clone());
    refuse_unsupported(&merged, name.as_deref())?;
    let options = KubeConfigOptions { context, ..KubeConfigOptions::default() };
    let config = Config::from_custom_kubeconfig(merged, &options).await.map_err(unusable)?;
    Ok((config, name.unwrap_or_default()))
}

/// The files to merge: those that were named, or the one at its usual place if it is there.
fn kubeconfig_paths(settings: &KubernetesSettings) -> Vec<PathBuf> {
    if let Some(named) = settings.kubeconfig.as_ref().filter(|named| !named.is_empty()) {
        let all: Vec<PathBuf> =
            std::env::split_paths(named).filter(|path| !path.as_os_str().is_empty()).collect();
        // As kubectl does: of several files some may be missing, a single one may not.
        let present: Vec<PathBuf> = all.iter().filter(|path| path.exists()).cloned().collect();
        return if present.is_empty() { all } else { present };
    }
    let usual = std::env::home_dir().map(|home| home.join(".kube").join("config"));
    usual.into_iter().filter(|path| path.exists()).collect()
}

/// What a kubeconfig may ask for that our own way out does not do.
fn refuse_unsupported(kubeconfig: &Kubeconfig, context: Option<&str>) -> Result<(), OpenError> {
    let context = kubeconfig
        .contexts
        .iter()
        .find(|named| Some(named.name.as_str()) == context)
        .and_then(|named| named.context.as_ref());
    let Some(cluster) = kubeconfig
        .clusters
        .iter()
        .find(|named| context.is_some_and(|context| context.cluster == named.name))
        .and_then(|named| named.cluster.as_ref())
    else {
        return Ok(());
    };
    let set = |value: &Option<String>| value.as_ref().is_some_and(|value| !value.is_empty());
    if set(&cluster.proxy_url) {
        return Err(OpenError::Unsupported("proxy-url"));
    }
    if set(&cluster.tls_server_name) {
        return Err(OpenError::Unsupported("tls-server-name"));
    }
    Ok(())
}

/// What is wrong with a kubeconfig. A parse error may quote the file, tokens and all, so only its place is told.
fn said(error: &KubeconfigError) -> String {
    match error {
        KubeconfigError::Parse(parse) => parse.location().map_or_else(
            || "it is not YAML of the form of a kubeconfig".to_owned(),
            |at| {
                format!(
                    "line {}, column {} is not of the form of a kubeconfig",
                    at.line(),
                    at.column()
                )
            },
        ),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use tempfile::TempDir;

    const GOOD: &str = "
current-context: prod
clusters: [{name: c, cluster: {server: 'https://api.example.com:6443'}}]
contexts:
- {name: prod, context: {cluster: c, user: u, namespace: shop}}
- {name: test, context: {cluster: c, user: u}}
users: [{name: u, user: {token: hunter2}}]
";

    /// Reads a kubeconfig of this text, in the context of this name.
    async fn read_text(text: &str, context: Option<&str>) -> Result<(Config, String), OpenError> {
        let directory = TempDir::new().unwrap();
        let path = directory.path().join("config");
        fs::write(&path, text).unwrap();
        let context = context.into_iter().map(str::to_owned).collect();
        read(&KubernetesSettings {
            kubeconfig: Some(path.into()),
            context,
            request_timeout: 20,
            allow_overprivileged: false,
        })
        .await
    }

    #[tokio::test]
    async fn the_current_context_is_used() {
        let (config, name) = read_text(GOOD, None).await.unwrap();
        assert_eq!((name.as_str(), config.default_namespace.as_str()), ("prod", "shop"));
        assert_eq!(config.cluster_url.to_string(), "https://api.example.com:6443/");
    }

    #[tokio::test]
    async fn another_context_may_be_named() {
        let (config, name) = read_text(GOOD, Some("test")).await.unwrap();
        assert_eq!((name.as_str(), config.default_namespace.as_str()), ("test", "default"));
    }

    #[tokio::test]
    async fn an_unknown_context_is_named() {
        let error = read_text(GOOD, Some("staging")).await.unwrap_err().to_string();
        assert!(error.contains("staging"), "{error}");
    }

    #[tokio::test]
    async fn a_broken_file_is_told_by_its_place_and_not_quoted() {
        let error = read_text("users: [{name: u, user: {token: hunter2\n: [", None).await;
        let message = error.unwrap_err().to_string();
        assert!(message.contains("line 2") && !message.contains("hunter2"), "{message}");
    }

    #[tokio::test]
    async fn what_we_do_not_do_is_said() {
        for key in ["proxy-url", "tls-server-name"] {
            let text = GOOD.replace("6443'", &format!("6443', {key}: 'http://other.example.com'"));
            let error = read_text(&text, None).await.unwrap_err();
            assert!(matches!(error, OpenError::Unsupported(what) if what == key), "{error}");
        }
    }

    #[tokio::test]
    async fn of_several_files_some_may_be_missing() {
        let directory = TempDir::new().unwrap();
        let (here, gone) = (directory.path().join("here"), directory.path().join("gone"));
        fs::write(&here, GOOD).unwrap();
        let settings = |paths: &[&PathBuf]| KubernetesSettings {
            kubeconfig: Some(std::env::join_paths(paths).unwrap()),
            context: Vec::new(),
            request_timeout: 20,
            allow_overprivileged: false,
        };
        assert!(read(&settings(&[&gone, &here])).await.is_ok());
        let message = read(&settings(&[&gone])).await.unwrap_err().to_string();
        assert!(message.contains("gone"), "{message}");
    }
}
