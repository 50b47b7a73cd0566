//! Columns that the caller chooses: ours by their heads, and parts of objects by their paths.

use super::Row;
use mcp::failure::Failure;
use mcp::part;
use serde_json::Value;

/// More columns are no table.
const MOST: usize = 12;
/// A cell that holds an object or a list is cut here.
const LONGEST: usize = 120;

/// The columns in the order in which they were asked for; none for the usual ones.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Chosen(Vec<Field>);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Field {
    Column(String),
    Path(String),
}

impl Chosen {
    /// Reads `NAME,status,spec.nodeName`: what has a dot or a bracket is a path.
    ///
    /// # Errors
    /// One line, where there are none or too many.
    pub(crate) fn read(fields: Option<&str>) -> Result<Chosen, Failure> {
        let Some(fields) = fields else { return Ok(Chosen::default()) };
        let fields = fields.split(',').map(str::trim).filter(|field| !field.is_empty());
        let field = |field: &str| match field.contains(['.', '[']) {
            true => Field::Path(field.to_owned()),
            false => Field::Column(field.to_uppercase()),
        };
        let fields: Vec<Field> = fields.map(field).collect();
        if (1..=MOST).contains(&fields.len()) {
            return Ok(Chosen(fields));
        }
        Err(Failure::invalid(format!(
            "argument `fields` must be 1 to {MOST} columns or paths, as READY,spec.nodeName"
        )))
    }

    /// Nothing was chosen.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Parts of objects are asked for.
    pub(crate) fn has_paths(&self) -> bool {
        self.paths().next().is_some()
    }

    fn paths(&self) -> impl Iterator<Item = &str> {
        self.0.iter().filter_map(|field| match field {
            Field::Path(path) => Some(path.as_str()),
            Field::Column(_) => None,
        })
    }

    /// The parts of an object without secrets that the paths name; a failure for each that it does not have.
    pub(super) fn parts(&self, object: &Value) -> Vec<Result<String, Failure>> {
        self.paths().map(|path| part::of(object, path).map(text)).collect()
    }

    /// Puts what was chosen in the place of the cells that the rows were filled with, after the name.
    ///
    /// # Errors
    /// One line, where there is no such column, or no object has such a part.
    pub(super) fn put(&self, columns: &mut Vec<String>, rows: &mut [Row]) -> Result<(), Failure> {
        if self.is_empty() || rows.is_empty() {
            return Ok(());
        }
        let usual = |row: &Row, at: usize| row.special.as_ref().and_then(|it| it.get(at)).cloned();
        let mut cells: Vec<Vec<String>> =
            rows.iter().map(|row| usual(row, 0).into_iter().collect()).collect();
        let mut heads: Vec<String> = columns.iter().take(1).cloned().collect();
        let mut position = 0;
        for field in &self.0 {
            match field {
                Field::Column(head) if heads.contains(head) => {}
                Field::Column(head) => {
                    let at = columns.iter().position(|it| it == head).ok_or_else(|| {
                        Failure::invalid(format!(
                            "argument `fields`: there is no column {head}; valid: {}, or a path as spec.nodeName",
                            columns.join(", ")
                        ))
                    })?;
                    heads.push(head.clone());
                    for (row, cells) in rows.iter().zip(&mut cells) {
                        cells.push(usual(row, at).unwrap_or_default());
                    }
                }
                Field::Path(path) => {
                    let parts = rows.iter().filter_map(|row| row.parts.get(position));
                    if let Some(Err(failure)) = parts.clone().next()
                        && parts.clone().all(Result::is_err)
                    {
                        let message = failure.message.replace("`path`", "`fields`");
                        return Err(Failure { message, ..failure.clone() });
                    }
                    heads.push(path.clone());
                    for (part, cells) in parts.zip(&mut cells) {
                        cells.push(part.clone().unwrap_or_else(|_| "-".to_owned()));
                    }
                    position += 1;
                }
            }
        }
        *columns = heads;
        for (row, cells) in rows.iter_mut().zip(cells) {
            row.special = Some(cells);
        }
        Ok(())
    }
}

fn text(value: &Value) -> String {
    let text = match value {
        Value::String(text) => text.clone(),
        value => value.to_string(),
    };
    let end = text.floor_char_boundary(LONGEST);
    match text.get(..end).filter(|start| start.len() < text.len()) {
        Some(start) => format!("{start}…"),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn columns_and_paths_are_told_apart() {
        let chosen = Chosen::read(Some("ready, spec.nodeName,status.conditions[0]")).unwrap();
        assert_eq!(chosen.paths().collect::<Vec<_>>(), ["spec.nodeName", "status.conditions[0]"]);
        assert!(Chosen::read(Some(" , ")).is_err());
        assert!(Chosen::read(Some(&"a,".repeat(13))).is_err());
    }

    #[test]
    fn a_part_that_is_no_word_is_json_and_cut() {
        let object = json!({"spec": {"size": 3, "list": vec!["a"; 60]}});
        let chosen = Chosen::read(Some("spec.size,spec.list,spec.none")).unwrap();
        let parts = chosen.parts(&object);
        assert_eq!(parts[0], Ok("3".to_owned()));
        assert!(parts[1].as_ref().is_ok_and(|text| text.ends_with('…') && text.len() < 130));
        assert!(parts[2].is_err());
    }
}
