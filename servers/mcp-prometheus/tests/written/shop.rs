//! The shop of the pages: a snapshot with numbers that are written in a few words, as far as it is to be there.

use crate::series;
use replay::snapshot::Snapshot;
use replay::snapshot::about::Source;
use std::fs;
use std::path::Path;
use std::sync::Arc;

use mcp::client::Specialist;
use mcp_prometheus::server::Prometheus;

/// Puts series and rules into a snapshot: those of `series.txt` and `rules.yaml` in a folder.
pub(crate) fn measured(snapshot: &mut Snapshot, folder: &Path) {
    let words = fs::read_to_string(folder.join("series.txt")).unwrap();
    let rules = fs::read_to_string(folder.join("rules.yaml")).unwrap();
    let words: Vec<&str> = match is_without(snapshot, "targets") {
        false => words.lines().collect(),
        // Targets are told from these.
        true => words.lines().filter(|line| !line.starts_with("up{")).collect(),
    };
    put(snapshot, &words.join("\n"), &rules);
}

/// Puts series and rules into a snapshot, as if they had been recorded.
pub(crate) fn put(snapshot: &mut Snapshot, words: &str, rules: &str) {
    let written = tempfile::tempdir().unwrap();
    let folder = written.path().join("prometheus");
    fs::create_dir(&folder).unwrap();
    let about = format!(
        "apiVersion: inquest.dev/v1\nkind: Snapshot\ncluster: shop\ncapturedAt: {}\n",
        snapshot.about.captured_at
    );
    fs::write(written.path().join("snapshot.yaml"), about).unwrap();
    fs::write(folder.join("all.om"), series::written(words, snapshot.about.captured_at)).unwrap();
    fs::write(folder.join("rules.yaml"), rules).unwrap();
    let recorded = Snapshot::load(written.path()).unwrap();
    snapshot.metrics = recorded.metrics;
    snapshot.rules = recorded.rules;
}

/// The server over a snapshot. What it is without is not configured, or, being a part of one of the two systems, refused.
pub(crate) async fn served(mut snapshot: Snapshot) -> Specialist {
    let now = snapshot.about.captured_at;
    let (no_prometheus, no_alertmanager) =
        (is_without(&snapshot, "prometheus"), is_without(&snapshot, "alertmanager"));
    if is_without(&snapshot, "rules") {
        snapshot.rules = None;
    }
    if is_without(&snapshot, "alerts") {
        snapshot.alertmanager.alerts = None;
    }
    if is_without(&snapshot, "silences") {
        snapshot.alertmanager.silences = None;
    }
    let snapshot = Arc::new(snapshot);
    let prometheus: clients::web::wire::Wire =
        Arc::new(replay::prometheus::Prometheus::of(Arc::clone(&snapshot)));
    let alertmanager: clients::web::wire::Wire =
        Arc::new(replay::alertmanager::Alertmanager::of(snapshot));
    let server = Prometheus::replaying(
        (!no_prometheus).then_some(prometheus),
        (!no_alertmanager).then_some(alertmanager),
        now,
    );
    Specialist::in_memory(mcp_prometheus::tools::server(Arc::new(server))).await.unwrap()
}

fn is_without(snapshot: &Snapshot, what: &str) -> bool {
    snapshot.about.sources.get(what).is_some_and(|it: &Source| !it.available)
}
