//! Reads one object.

use crate::kubernetes::connection::{JSON, Kubernetes};
use crate::kubernetes::paths;
use crate::kubernetes::reach::Reach;
use crate::kubernetes::resource::Resource;
use jiff::Timestamp;
use readonly::body;
use readonly::refusal::Refusal;
use serde::de::DeserializeOwned;

/// Bytes of one object at most: etcd keeps none above 1.5 MiB unless told to, JSON needs about twice that.
const OBJECT: usize = 8 << 20;

/// One object that was read.
#[derive(Clone, Debug)]
pub struct Got<T> {
    /// The object.
    pub object: T,
    /// The request's path, to be cited.
    pub path: String,
    /// When the answer began.
    pub observed_at: Timestamp,
}

impl Kubernetes {
    /// Reads the object `name`, typed or as a `serde_json::Value`.
    pub async fn get<T: DeserializeOwned>(
        &self,
        resource: &Resource,
        reach: Reach<'_>,
        name: &str,
    ) -> Result<Got<T>, Refusal> {
        self.get_at(paths::object(resource, reach, name)?).await
    }

    /// The same by its path.
    pub(crate) async fn get_at<T: DeserializeOwned>(
        &self,
        path: String,
    ) -> Result<Got<T>, Refusal> {
        let response = self.read(&path, JSON).await?;
        let observed_at = self.now();
        let object = body::json(response, OBJECT).await?;
        Ok(Got { object, path, observed_at })
    }
}
