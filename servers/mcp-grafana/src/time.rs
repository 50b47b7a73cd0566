//! The time that a dashboard shows.

use crate::panels::{Panel, text_at};
use crate::views::{collapsed, short};
use jiff::Timestamp;
use mcp::arguments::Since;
use serde_json::Value;

/// The time that is shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Shown {
    /// As its author wrote it, as `now-6h to now`.
    pub(crate) told: String,
    /// From when until when; none where it cannot be told from here.
    pub(crate) span: Option<(Timestamp, Timestamp)>,
}

/// Bytes of one end of it.
const LONGEST: usize = 40;
/// What Grafana shows where nothing is said.
const USUAL: (&str, &str) = ("now-6h", "now");

impl Shown {
    /// The time that the dashboard opens with, or what the caller asks for instead.
    pub(crate) fn of(body: &Value, since: Option<Since>, now: Timestamp) -> Shown {
        if let Some(since) = since {
            let start = since.seen_from(now);
            let span = (start < now).then_some((start, now));
            return Shown { told: format!("{start} to {now}"), span };
        }
        let said = |first: &str, second: &str, usual: &str| {
            let said = [first, second].map(|path| text_at(body, path));
            let said = said.into_iter().find(|it| !it.is_empty());
            said.map_or_else(|| usual.to_owned(), |it| short(&collapsed(&it), LONGEST))
        };
        let from = said("/time/from", "/timeSettings/from", USUAL.0);
        let to = said("/time/to", "/timeSettings/to", USUAL.1);
        let span = moment(&from, now).zip(moment(&to, now)).filter(|(start, end)| start < end);
        Shown { told: format!("{from} to {to}"), span }
    }

    /// The time that a panel shows, which may look back and be shifted in its own way. Where the dashboard shows a time
    /// between two moments, Grafana shows that in every panel, but shifted.
    pub(crate) fn of_panel(&self, panel: &Panel, now: Timestamp) -> Shown {
        let mut shown = self.clone();
        let back = short(&collapsed(&panel.time_from), LONGEST);
        if !back.is_empty() && self.told.starts_with("now") {
            let from = if back.starts_with("now") { back } else { format!("now-{back}") };
            shown.span = moment(&from, now).filter(|start| *start < now).map(|start| (start, now));
            shown.told = format!("{from} to now");
        }
        let shift = short(&collapsed(&panel.time_shift), LONGEST);
        if !shift.is_empty() {
            let earlier = |at: Timestamp| moment(&format!("now-{shift}"), at);
            shown.span = shown.span.and_then(|(start, end)| Some((earlier(start)?, earlier(end)?)));
            shown.told = format!("{}, {shift} earlier", shown.told);
        }
        shown
    }

    /// How long it is, in milliseconds.
    pub(crate) fn length(&self) -> Option<i64> {
        let (start, end) = self.span?;
        Some(end.as_millisecond() - start.as_millisecond())
    }
}

/// `now`, `now-6h`, RFC 3339 or milliseconds. What is rounded to a day, or counted in months, needs the browser's calendar.
fn moment(text: &str, now: Timestamp) -> Option<Timestamp> {
    let text = text.trim();
    if text == "now" {
        return Some(now);
    }
    if let Some(before) = text.strip_prefix("now-") {
        let Ok(Since::Ago(seconds)) = Since::try_from(before.to_owned()) else { return None };
        return Timestamp::from_second(now.as_second().checked_sub(seconds)?).ok();
    }
    let milliseconds = text.parse().ok().and_then(|it| Timestamp::from_millisecond(it).ok());
    milliseconds.or_else(|| text.parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn length(body: Value) -> Option<i64> {
        let now = "2026-11-21T12:00:00Z".parse().unwrap();
        Shown::of(&body, None, now).length()
    }

    #[test]
    fn a_panel_may_look_back_and_be_shifted_in_its_own_way() {
        let now = "2026-11-21T12:00:00Z".parse().unwrap();
        let of = |body: Value, time_from: &str, time_shift: &str| {
            let (time_from, time_shift) = (time_from.to_owned(), time_shift.to_owned());
            let panel = Panel { time_from, time_shift, ..Panel::default() };
            let shown = Shown::of(&body, None, now).of_panel(&panel, now);
            let span = shown.span.map(|(start, end)| format!("{start} {end}"));
            (shown.told, span.unwrap_or_default())
        };
        let told = |told: &str, span: &str| (told.to_owned(), span.to_owned());
        let fixed = json!({"time": {"from": "2026-11-20T00:00:00Z", "to": "2026-11-20T01:00:00Z"}});
        assert_eq!(
            of(json!({}), "1h", ""),
            told("now-1h to now", "2026-11-21T11:00:00Z 2026-11-21T12:00:00Z")
        );
        assert_eq!(
            of(json!({}), "", "1d"),
            told("now-6h to now, 1d earlier", "2026-11-20T06:00:00Z 2026-11-20T12:00:00Z")
        );
        assert_eq!(of(fixed, "1h", "").1, "2026-11-20T00:00:00Z 2026-11-20T01:00:00Z");
        assert_eq!(of(json!({}), "1M", ""), told("now-1M to now", ""), "a month has no length");
        assert_eq!(of(json!({}), "", "1M").1, "");
    }

    #[test]
    fn a_time_is_read_in_every_form_that_needs_no_calendar() {
        assert_eq!(length(json!({"time": {"from": "now-1h", "to": "now"}})), Some(3_600_000));
        assert_eq!(
            length(json!({"timeSettings": {"from": "now-2d", "to": "now-1d"}})),
            Some(86_400_000)
        );
        let fixed = json!({"from": "2026-11-21T00:00:00.000Z", "to": "1795219260000"});
        assert_eq!(length(json!({"time": fixed})), Some(60_000));
        assert_eq!(length(json!({})), Some(6 * 3_600_000));
        for from in ["now/d", "now-1M", "yesterday"] {
            assert_eq!(length(json!({"time": {"from": from, "to": "now"}})), None, "{from}");
        }
        assert_eq!(length(json!({"time": {"from": "now", "to": "now-1h"}})), None);
    }
}
