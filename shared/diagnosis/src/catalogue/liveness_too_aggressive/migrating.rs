//! A program that changes its schema before it serves takes as long as its data are many.

use crate::case::Case;
use crate::case::containers::Running;
use crate::finding::Cite;

/// Once may be an accident of its database.
const AGAIN: u32 = 2;

/// What tools say as they begin with a change: `DbMigrate` of Flyway, `UpdateVisitor` of Liquibase, `MigrationContext` of
/// Alembic, the command `migrate` of Django (`Applying shop.0042_tax...`), `Migrator` of Entity Framework Core.
const BEGINS: [&str; 4] =
    ["Migrating schema ", "Running Changeset: ", "Running upgrade ", "Applying migration '"];

/// That the run which ended was in the middle of a change: its last words say that it began with it.
pub(super) fn at_its_end(case: &Case, container: &Running<'_>) -> Option<Cite> {
    if container.status.restarts < AGAIN {
        return None;
    }
    let log = case.words_of(container)?;
    let line = log.it.lines.iter().max_by_key(|it| it.last)?;
    if !begins(&line.text) {
        return None;
    }
    let says =
        format!("container {} was migrating its schema when it was ended", container.spec.name);
    Some(Cite::quoting(log.exhibit, says, &line.text))
}

/// Django ends its line with `OK` once it is done.
fn begins(text: &str) -> bool {
    let of_django = text.trim_start().starts_with("Applying ") && text.ends_with("...");
    of_django || BEGINS.iter().any(|it| text.contains(it))
}
