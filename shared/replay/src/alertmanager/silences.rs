//! `/silences`.

use crate::alertmanager::Reply;
use crate::alertmanager::filter::{filters, pass};
use crate::prometheus::parameters::Parameters;
use crate::snapshot::alertmanager::Silence;
use std::collections::BTreeMap;

/// Active ones first, the next to end at the front; then those to come; then those that are over, the last at the front.
pub(super) fn list<'a>(
    silences: &'a [Silence],
    parameters: &Parameters,
) -> Result<Vec<&'a Silence>, Reply> {
    let filters = filters(parameters)?;
    // A filter looks at what a silence matches.
    let named = |silence: &Silence| -> BTreeMap<String, String> {
        silence.matchers.iter().map(|one| (one.name.clone(), one.value.clone())).collect()
    };
    let mut listed: Vec<&Silence> =
        silences.iter().filter(|silence| pass(&filters, &named(silence))).collect();
    listed.sort_by_key(|silence| {
        let end = silence.ends_at.as_millisecond();
        match silence.status.state.as_str() {
            "active" => (0, end, &silence.id),
            "pending" => (1, silence.starts_at.as_millisecond(), &silence.id),
            _ => (2, -end, &silence.id),
        }
    });
    Ok(listed)
}
