//! What containers logged: `logs/NAMESPACE/POD/CONTAINER.log` and `CONTAINER.previous.log`.

use crate::snapshot::error::LoadError;
use crate::snapshot::files::Files;
use bytes::Bytes;
use std::collections::BTreeMap;

/// The recorded logs; an empty one means that the container logged nothing.
pub type Logs = BTreeMap<LogOf, Bytes>;

/// Whose log, and of which run.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct LogOf {
    /// Namespace.
    pub namespace: String,
    /// Pod.
    pub pod: String,
    /// Container.
    pub container: String,
    /// Of the run before the present one.
    pub previous: bool,
}

impl LogOf {
    /// The file that it stands in.
    pub fn path(&self) -> String {
        let run = if self.previous { ".previous" } else { "" };
        format!("logs/{}/{}/{}{run}.log", self.namespace, self.pod, self.container)
    }

    fn of_path(path: &str) -> Option<LogOf> {
        let mut parts = path.strip_prefix("logs/")?.split('/');
        let (namespace, pod, file) = (parts.next()?, parts.next()?, parts.next()?);
        let stem = file.strip_suffix(".log").filter(|_| parts.next().is_none())?;
        // A container's name has no dot.
        let (container, previous) =
            stem.strip_suffix(".previous").map_or((stem, false), |container| (container, true));
        Some(LogOf {
            namespace: namespace.to_owned(),
            pod: pod.to_owned(),
            container: container.to_owned(),
            previous,
        })
    }
}

/// Collects the files below `logs/`.
pub(crate) fn read(files: &Files) -> Result<Logs, LoadError> {
    let mut logs = Logs::new();
    for (path, bytes) in files.iter().filter(|(path, _)| path.starts_with("logs/")) {
        let Some(of) = LogOf::of_path(path) else {
            let reason = "is not logs/NAMESPACE/POD/CONTAINER.log or CONTAINER.previous.log";
            return Err(LoadError::new(path, reason));
        };
        logs.insert(of, bytes.clone());
    }
    Ok(logs)
}
