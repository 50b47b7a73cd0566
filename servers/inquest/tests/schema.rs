//! The report's published schema says what the types say; `UPDATE=1` writes it anew.
#![cfg(test)]

use evidence::report::Report;
use std::path::Path;

#[test]
fn the_published_schema_is_current() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/report.schema.json");
    let schema = schemars::schema_for!(Report);
    let text = format!("{:#}\n", serde_json::to_value(schema).unwrap());
    if option_env!("UPDATE").is_some() {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, &text).unwrap();
    }
    let published = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        published == text,
        "docs/report.schema.json is stale: UPDATE=1 cargo test -p inquest --test schema"
    );
}
