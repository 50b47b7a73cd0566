//! Which form of an answer the asker accepts.

use crate::kubernetes::reply::{self, Reply};

/// The forms of an object or a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    Full,
    Table,
    /// One object's metadata.
    Metadata,
    /// A list of them.
    MetadataList,
}

/// What the API server itself would offer, less what a snapshot does not: protobuf and YAML.
const OFFERED: &str = "406: Not Acceptable\n\nAvailable representations: application/json";

/// The first form of an `Accept` header that can be served.
pub(crate) fn form(accept: Option<&str>) -> Result<Form, Reply> {
    let Some(accept) = accept.filter(|accept| !accept.trim().is_empty()) else {
        return Ok(Form::Full);
    };
    for clause in clauses(accept) {
        let form = match (clause.get("as"), clause.get("g")) {
            (None, _) => Form::Full,
            (Some("Table"), Some("meta.k8s.io")) => Form::Table,
            (Some("PartialObjectMetadata"), Some("meta.k8s.io")) => Form::Metadata,
            (Some("PartialObjectMetadataList"), Some("meta.k8s.io")) => Form::MetadataList,
            _ => continue,
        };
        return Ok(form);
    }
    Err(reply::not_acceptable(OFFERED))
}

/// Whether aggregated discovery is asked for before the plain one; then the version of its form.
pub(crate) fn aggregated(accept: Option<&str>) -> Option<&str> {
    let first = clauses(accept?).next()?;
    if first.get("as")? != "APIGroupDiscoveryList" || first.get("g")? != "apidiscovery.k8s.io" {
        return None;
    }
    first.get("v").filter(|version| *version == "v2")
}

/// The parameters of one clause that we could serve.
struct Clause<'a>(Vec<(&'a str, &'a str)>);

impl<'a> Clause<'a> {
    fn get(&self, name: &str) -> Option<&'a str> {
        self.0.iter().find(|(key, _)| *key == name).map(|(_, value)| *value)
    }
}

fn clauses(accept: &str) -> impl Iterator<Item = Clause<'_>> {
    accept.split(',').filter_map(|clause| {
        let mut parts = clause.split(';').map(str::trim);
        if !matches!(parts.next()?, "application/json" | "application/*" | "*/*") {
            return None;
        }
        let parameters: Vec<_> = parts.filter_map(|part| part.split_once('=')).collect();
        let clause = Clause(parameters);
        clause.get("stream").is_none().then_some(clause)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_form_that_can_be_served_is_taken() {
        let accept = "application/vnd.kubernetes.protobuf,application/json;as=Table;v=v1;g=meta.k8s.io,application/json";
        assert_eq!(form(Some(accept)).unwrap(), Form::Table);
        assert_eq!(form(Some("application/vnd.kubernetes.protobuf, */*")).unwrap(), Form::Full);
    }

    #[test]
    fn protobuf_alone_is_not_acceptable() {
        let reply = form(Some("application/vnd.kubernetes.protobuf")).unwrap_err();
        assert_eq!(reply.status, 406);
    }
}
