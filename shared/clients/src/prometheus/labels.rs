//! Which labels there are, and which values they have.

use crate::prometheus::connection::{Prometheus, not_sent};
use crate::prometheus::expression::Expression;
use crate::prometheus::form::Form;
use crate::prometheus::query::Range;
use crate::prometheus::reads::LABELS;
use crate::web::said::Said;
use promql_parser::parser::Expr;
use readonly::items::Items;
use readonly::refusal::Refusal;
use std::fmt::Write;

/// Names or values that are kept of one answer, some 5 MB.
const MOST: usize = 50_000;

/// Names or values, as far as they were read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Names {
    /// Those that were kept, sorted.
    pub names: Vec<String>,
    /// There are more.
    pub cut: bool,
}

impl Prometheus {
    /// The names of the labels that series have, of those that `selector` selects where it is given.
    ///
    /// # Errors
    /// Where the server refuses or does not answer.
    pub async fn labels(
        &self,
        selector: Option<&Expression>,
        range: Range,
    ) -> Result<Said<Names>, Refusal> {
        let form = self.selecting(selector, range)?;
        collected(self.post(LABELS, &form).await?).await
    }

    /// The values of a label, of the series that `selector` selects where it is given. `__name__` has the metrics.
    ///
    /// # Errors
    /// Where the server refuses or does not answer.
    pub async fn label_values(
        &self,
        label: &str,
        selector: Option<&Expression>,
        range: Range,
    ) -> Result<Said<Names>, Refusal> {
        let form = self.selecting(selector, range)?;
        let path = format!("/api/v1/label/{}/values", in_path(label)?);
        collected(self.get(&path, &form).await?).await
    }

    fn selecting(&self, selector: Option<&Expression>, range: Range) -> Result<Form, Refusal> {
        let matching = match (selector, &self.enforced) {
            (Some(it), _) if matches!(it.tree(), Some(Expr::VectorSelector(_))) => {
                it.sent().to_owned()
            }
            // Whatever it is, nobody can tell that it has the enforced matchers in it.
            (Some(_), Some(_)) => return Err(not_sent("a selector that is none".to_owned())),
            (Some(it), None) => it.sent().to_owned(),
            (None, Some(enforced)) => enforced.to_string(),
            (None, None) => String::new(),
        };
        Ok(Form::default()
            .with("match[]", matching)
            .with("start", range.start.as_second().to_string())
            .with("end", range.end.as_second().to_string())
            .with("limit", (MOST + 1).to_string()))
    }
}

async fn collected(
    said: Said<http::Response<readonly::transport::Body>>,
) -> Result<Said<Names>, Refusal> {
    let (response, said) = said.apart();
    let mut items = Items::<String>::new(response, "data");
    let mut names = Names::default();
    while let Some(name) = items.next().await? {
        if names.names.len() == MOST {
            names.cut = true;
            break;
        }
        names.names.push(name);
    }
    names.names.sort_unstable();
    let warnings = items.rest().get("warnings").cloned().unwrap_or_default();
    let warnings = serde_json::from_value(warnings).unwrap_or_default();
    Ok(Said { warnings, ..said }.around(names))
}

/// A label's name as a segment of a path; one that is not plain as Prometheus 3 writes it there.
fn in_path(label: &str) -> Result<String, Refusal> {
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '_';
    if label.is_empty() || label.len() > 200 {
        return Err(not_sent(
            "a label without a name, or with one longer than 200 bytes".to_owned(),
        ));
    }
    if label.chars().all(plain) {
        return Ok(label.to_owned());
    }
    let mut path = String::from("U__");
    for c in label.chars() {
        match c {
            '_' => path.push_str("__"),
            c if plain(c) => path.push(c),
            c => {
                let _ = write!(path, "_{:x}_", u32::from(c));
            }
        }
    }
    Ok(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_strange_label_cannot_leave_its_segment() {
        assert_eq!(in_path("job").unwrap(), "job");
        assert_eq!(in_path("__name__").unwrap(), "__name__");
        assert_eq!(in_path("http.status_code").unwrap(), "U__http_2e_status__code");
        assert_eq!(in_path("../../admin").unwrap(), "U___2e__2e__2f__2e__2e__2f_admin");
        assert!(in_path("").is_err());
    }
}
