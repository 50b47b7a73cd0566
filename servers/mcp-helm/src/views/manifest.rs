//! The objects that a release is made of, without the secrets in them.

use super::{Revision, lines};
use crate::objects::{Objects, written};
use mcp::answer::{Answer, Quote, Table};
use mcp::failure::Failure;

/// Bytes of YAML that are shown without being asked for by a path: some 2,000 tokens.
const MOST: usize = 8 << 10;

/// A table of them, and the YAML where it is not too long; or the one, or the part of one, that a path names.
pub(crate) fn of(revision: &Revision<'_>, path: Option<&str>) -> Result<Answer, Failure> {
    let objects =
        Objects::read(&revision.release.manifest, &revision.kept.namespace, &revision.secrets);
    shown(&objects, &format!("manifest of {}", revision.name()), path)
}

/// What a path names of these objects, or all.
pub(crate) fn shown(objects: &Objects, what: &str, path: Option<&str>) -> Result<Answer, Failure> {
    let unreadable = objects.unreadable.iter().map(|why| format!("not all is shown: {why}"));
    let warnings: Vec<String> = unreadable.collect();
    if let Some(path) = path {
        let text = written(objects.part(path)?)?;
        return Ok(Answer {
            summary: format!("{path} of the {what}: {}.", lines(&text)),
            quotes: vec![Quote { label: path.to_owned(), text }],
            warnings,
            ..Answer::default()
        });
    }
    let mut whole = String::new();
    let mut rows = Vec::new();
    for made in &objects.made {
        let text = written(&made.value)?;
        let template = made.source.split_once("templates/").map_or(&*made.source, |(_, file)| file);
        rows.push(vec![made.key.clone(), text.lines().count().to_string(), template.to_owned()]);
        whole.push_str("---\n");
        whole.push_str(&text);
    }
    let mut answer = Answer {
        summary: format!("The {what}: {} objects, {}.", rows.len(), lines(&whole)),
        warnings,
        ..Answer::default()
    };
    if whole.len() <= MOST && !rows.is_empty() {
        answer.quotes = vec![Quote { label: "manifest".to_owned(), text: whole }];
        return Ok(answer);
    }
    if let Some(first) = objects.made.first() {
        answer.next = vec![format!("one of them, or a part, with path={}", first.key)];
    }
    let columns = ["OBJECT", "LINES", "TEMPLATE"].map(str::to_owned).to_vec();
    answer.table = Table { columns, rows };
    Ok(answer)
}

#[cfg(test)]
mod tests {
    use super::*;
    use clients::helm::redact::Secrets;

    #[test]
    fn a_long_manifest_is_a_table_of_its_objects() {
        let config = |name: &str, size: usize| {
            let text = "line\n    ".repeat(size);
            format!(
                "---\n# Source: web/templates/{name}.yaml\nkind: ConfigMap\nmetadata:\n  name: {name}\ndata:\n  text: |\n    {text}\n"
            )
        };
        let manifest = format!("{}{}", config("one", 1), config("two", 2_000));
        let objects = Objects::read(&manifest, "shop", &Secrets::default());
        let answer = shown(&objects, "manifest", None).unwrap();
        let row = |cells: [&str; 3]| cells.map(str::to_owned).to_vec();
        let expected =
            [row(["ConfigMap/one", "6", "one.yaml"]), row(["ConfigMap/two", "2005", "two.yaml"])];
        assert_eq!(answer.table.rows, expected);
        assert!(answer.quotes.is_empty());
        assert_eq!(answer.next, ["one of them, or a part, with path=ConfigMap/one"]);
        let part = shown(&objects, "manifest", Some("ConfigMap/one.metadata.name")).unwrap();
        assert_eq!(part.quotes.first().map(|quote| quote.text.trim()), Some("one"));
    }
}
