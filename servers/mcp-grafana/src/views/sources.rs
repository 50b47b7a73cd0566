//! Which data source a panel means.

use crate::panels::Reference;
use crate::resolve::{Context, EXPRESSION, resolve};
use clients::grafana::datasources::Datasource;

/// Data sources as far as they could be read.
pub(crate) struct Sources {
    /// None where they were refused.
    pub(crate) read: Option<Vec<Datasource>>,
}

/// A data source as it is told.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Source {
    /// Its name, or what the panel calls it where it could not be looked up.
    pub(crate) name: String,
    /// Its plugin; empty where it is not known.
    pub(crate) kind: String,
    /// How often it is scraped; empty where nobody said so.
    pub(crate) scraped: String,
    /// Data sources were read, and it is not among those this identity may see.
    pub(crate) is_missing: bool,
}

/// Those that are in every Grafana, and in no list.
const BUILT_IN: [(&str, &str); 6] = [
    ("-- Mixed --", "mixed"),
    ("-- Dashboard --", "another panel"),
    ("-- Grafana --", "Grafana"),
    ("grafana", "Grafana"),
    (EXPRESSION, "expression"),
    ("-100", "expression"),
];

impl Sources {
    /// The data source that a panel or query names, variables put in.
    pub(crate) fn find(&self, reference: &Reference, context: Context<'_>) -> Source {
        let uid = resolve(&reference.uid, "", None, context).text;
        if let Some((_, name)) = BUILT_IN.iter().find(|(it, _)| *it == uid) {
            let kind = if *name == "expression" { EXPRESSION } else { "" };
            return Source { name: (*name).to_owned(), kind: kind.to_owned(), ..Source::default() };
        }
        if reference.kind == EXPRESSION {
            let (name, kind) = ("expression".to_owned(), EXPRESSION.to_owned());
            return Source { name, kind, ..Source::default() };
        }
        let is_default = matches!(uid.as_str(), "" | "default");
        let kind = reference.kind.as_str();
        let read = self.read.iter().flatten();
        let found = match is_default {
            // In the second schema a kind alone means the default of that kind.
            true => {
                let mut fitting: Vec<&Datasource> =
                    read.filter(|it| kind.is_empty() || it.kind == kind).collect();
                fitting.sort_by_key(|it| !it.is_default);
                fitting.first().copied().filter(|it| it.is_default || !kind.is_empty())
            }
            false => {
                read.clone().find(|it| it.uid == uid).or(read.clone().find(|it| it.name == uid))
            }
        };
        if let Some(it) = found {
            return Source {
                name: it.name.clone(),
                kind: it.kind.clone(),
                scraped: it.json_data.time_interval.clone(),
                is_missing: false,
            };
        }
        let is_open = uid.contains('$');
        let name = match (is_default, kind) {
            (false, _) => uid,
            (true, "") => "the default".to_owned(),
            (true, kind) => format!("the default {kind}"),
        };
        let is_missing = self.read.is_some() && !is_open && !is_default;
        Source { name, kind: kind.to_owned(), scraped: String::new(), is_missing }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::Shown;

    fn found(read: Option<Vec<Datasource>>, uid: &str, kind: &str) -> Source {
        let time = Shown { told: String::new(), span: None };
        let context = Context { variables: &[], time: &time, title: "" };
        let reference = Reference { uid: uid.to_owned(), kind: kind.to_owned() };
        Sources { read }.find(&reference, context)
    }

    fn two() -> Option<Vec<Datasource>> {
        let one = |uid: &str, kind: &str, is_default| Datasource {
            uid: uid.to_owned(),
            name: format!("{uid} name"),
            kind: kind.to_owned(),
            is_default,
            ..Datasource::default()
        };
        Some(vec![one("p", "prometheus", false), one("l", "loki", true)])
    }

    #[test]
    fn a_data_source_is_found_by_uid_by_name_and_as_the_default() {
        for (uid, kind, name) in [
            ("p", "prometheus", "p name"),
            ("p name", "", "p name"),
            ("", "", "l name"),
            ("", "prometheus", "p name"),
            ("-- Mixed --", "", "mixed"),
            ("Expression", "__expr__", "expression"),
            ("", "__expr__", "expression"),
        ] {
            let source = found(two(), uid, kind);
            assert_eq!((source.name.as_str(), source.is_missing), (name, false), "{uid} {kind}");
        }
    }

    #[test]
    fn one_is_missing_only_where_all_were_read() {
        assert!(found(two(), "gone", "prometheus").is_missing);
        assert!(!found(None, "gone", "prometheus").is_missing);
        assert!(!found(two(), "${DS}", "prometheus").is_missing, "it depends on a variable");
        assert_eq!(found(None, "", "loki").name, "the default loki");
    }
}
