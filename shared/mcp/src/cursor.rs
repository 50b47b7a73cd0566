//! A cursor: how far a caller has read a result, and a digest that tells whether the result is still the same.
//!
//! It holds all that is needed to go on, so nothing is kept between calls.

use crate::answer::Page;
use crate::failure::Failure;
use evidence::digest;
use std::ops::Range;

/// Hexadecimal digits of the digest: by chance one changed result of four thousand million passes for the same.
const DIGITS: usize = 8;

/// A part of a result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// The positions of its rows.
    pub rows: Range<usize>,
    /// What the answer says of it; `returned` counts the rows before it too.
    pub page: Page,
}

/// What the cursor after a part is made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cursor {
    /// Where the part begins that a cursor led to: none leads back there. The first part has problems and quotes before
    /// its rows, so that of the same rows more may fit after a cursor.
    led_to: Option<u64>,
    /// What the cursors into one result have in common.
    digest: String,
}

/// The next `limit` rows of a result after `cursor`, by what identifies each row in the order of the result; `exact` where
/// the result is all there is.
///
/// # Errors
/// One line, where the cursor is none of ours, or the result has changed since it was given.
pub fn part(
    cursor: Option<&str>,
    identities: &[String],
    limit: u64,
    exact: bool,
) -> Result<Part, Failure> {
    let total = identities.len();
    let digest = digest::of(&identities);
    let digest: String = digest.trim_start_matches("sha256:").chars().take(DIGITS).collect();
    let start = match cursor {
        None => 0,
        Some(cursor) => {
            let (start, then) = read(cursor)?;
            if then != digest || start >= total {
                return Err(Failure::invalid(
                    "argument `cursor`: the result has changed since, or the question has; ask again without it",
                ));
            }
            start
        }
    };
    let end = start.saturating_add(usize::try_from(limit).unwrap_or(usize::MAX)).min(total);
    let led_to = cursor.map(|_| start as u64);
    let cursor = Some(Cursor { led_to, digest });
    let page = Page { returned: end as u64, total: total as u64, exact, cursor };
    Ok(Part { rows: start..end, page })
}

impl Page {
    /// The same, without the last rows that did not fit into the answer.
    pub(crate) fn without(&self, rows: usize) -> Page {
        Page { returned: self.returned.saturating_sub(rows as u64), ..self.clone() }
    }

    /// The cursor of the first row that was not returned; none where all were, or a call cannot go on.
    pub(crate) fn next(&self) -> Option<String> {
        let cursor = self.cursor.as_ref().filter(|_| self.returned < self.total)?;
        (!self.stands_still()).then(|| format!("{}-{}", self.returned, cursor.digest))
    }

    /// Not one row of the part fitted into the answer: a cursor would lead back to where it began.
    pub(crate) fn stands_still(&self) -> bool {
        let start = self.cursor.as_ref().and_then(|cursor| cursor.led_to);
        self.returned < self.total && start.is_some_and(|start| self.returned <= start)
    }
}

fn read(cursor: &str) -> Result<(usize, &str), Failure> {
    let parts =
        cursor.split_once('-').and_then(|(start, digest)| Some((start.parse().ok()?, digest)));
    parts.ok_or_else(|| {
        Failure::invalid(
            "argument `cursor` must be what an answer to the same question said after `cursor=`",
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(count: usize) -> Vec<String> {
        (0..count).map(|number| format!("row {number}")).collect()
    }

    #[test]
    fn cursors_lead_through_the_whole_result() {
        let rows = rows(5);
        let mut seen = Vec::new();
        let mut cursor = None;
        loop {
            let part = part(cursor.as_deref(), &rows, 2, true).expect("the same result");
            seen.extend(rows[part.rows].to_vec());
            assert_eq!(part.page.returned, seen.len() as u64);
            cursor = part.page.next();
            if cursor.is_none() {
                break;
            }
        }
        assert_eq!(seen, rows);
    }

    #[test]
    fn rows_that_did_not_fit_are_the_next_ones() {
        let rows = rows(5);
        let page = part(None, &rows, 4, true).expect("a part").page.without(3);
        assert_eq!(page.returned, 1);
        let next = part(page.next().as_deref(), &rows, 4, true).expect("the same result");
        assert_eq!(next.rows, 1..5);
        let page = next.page.without(1);
        let last = part(page.next().as_deref(), &rows, 4, true).expect("the same result");
        assert_eq!((last.rows, last.page.next()), (4..5, None));
    }

    #[test]
    fn where_no_row_fitted_there_is_no_cursor_that_leads_nowhere() {
        let rows = rows(5);
        let first = part(None, &rows, 2, true).expect("a part").page;
        let again = first.without(2).next().expect("a cursor, after which problems take no room");
        for (cursor, returned) in [(again, 0), (first.next().expect("a cursor"), 2)] {
            let page = part(Some(&cursor), &rows, 2, true).expect("a part").page;
            assert!(!page.stands_still());
            let page = page.without(2);
            assert_eq!((page.returned, page.next(), page.stands_still()), (returned, None, true));
        }
    }

    #[test]
    fn a_result_that_fits_has_no_cursor() {
        assert_eq!(part(None, &rows(2), 2, true).expect("a part").page.next(), None);
        assert_eq!(part(None, &[], 2, true).expect("a part").rows, 0..0);
    }

    #[test]
    fn a_result_that_changed_is_told() {
        let first = part(None, &rows(5), 2, true).expect("a part");
        let changed = part(first.page.next().as_deref(), &rows(6), 2, true).expect_err("stale");
        assert!(changed.message.contains("has changed since"), "{}", changed.message);
    }

    #[test]
    fn what_is_no_cursor_is_refused() {
        for cursor in ["", "2", "-2", "two-1a2b3c4d", "eyJ2IjoxMH0"] {
            let refused = part(Some(cursor), &rows(5), 2, true).expect_err("no cursor");
            assert!(refused.message.starts_with("argument `cursor` must be"), "{cursor}");
        }
        let wrong = part(Some("2-00000000"), &rows(5), 2, true).expect_err("another digest");
        assert!(wrong.message.contains("has changed since"), "{}", wrong.message);
    }
}
