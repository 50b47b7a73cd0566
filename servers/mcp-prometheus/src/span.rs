//! The time that a query is asked over, and how often in it.

use crate::number::moment;
use crate::table::seconds;
use clients::prometheus::query::Range;
use evidence::scope::Window;
use jiff::Timestamp;
use mcp::age::span;
use mcp::arguments::{Since, window};
use mcp::failure::Failure;

/// The time where none is named, in seconds.
pub(crate) const HOUR: i64 = 3_600;
/// The longest time, in seconds: beyond a month, statistics of sixty points say little.
pub(crate) const LONGEST: i64 = 31 * 24 * HOUR;
/// Points where no step is named.
const POINTS: i64 = 60;
/// Points at most: what a program may draw.
const MOST_POINTS: i64 = 1_000;
/// Steps that people choose, in seconds.
const STEPS: [i64; 18] = [
    1, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 10_800, 14_400, 21_600, 43_200,
    86_400,
];

/// The range that arguments mean.
///
/// # Errors
/// One line that names the argument, where they contradict each other or mean too much.
pub(crate) fn range(
    now: Timestamp,
    since: Option<Since>,
    start: Option<Since>,
    end: Option<Since>,
    step: Option<Since>,
) -> Result<Range, Failure> {
    let window = window(now, since, start, end, HOUR, LONGEST)?;
    match step {
        None => Ok(chosen(window)),
        Some(Since::Ago(step)) if step > 0 => of_step(window, step),
        Some(_) => Err(Failure::invalid("argument `step` must be a time such as 30s, 5m or 1h")),
    }
}

/// At most sixty points. The first moment is left out, as the range before it is not what was asked about.
pub(crate) fn chosen(window: Window) -> Range {
    let length = window.end.as_second() - window.start.as_second();
    let step = STEPS.into_iter().find(|step| length <= step * POINTS);
    let step = step.unwrap_or(length / POINTS + 1).min(length.max(1));
    let start = Timestamp::from_second(window.end.as_second() - (length / step - 1).max(0) * step);
    Range { start: start.unwrap_or(window.start), end: window.end, step }
}

fn of_step(window: Window, step: i64) -> Result<Range, Failure> {
    let length = window.end.as_second() - window.start.as_second();
    let points = length / step + 1;
    if points > MOST_POINTS {
        let least = STEPS.into_iter().find(|it| length / it < MOST_POINTS).unwrap_or(86_400);
        return Err(Failure::invalid(format!(
            "argument `step`: {} over {} are {points} points; at most {MOST_POINTS}, so at least {}",
            span(step),
            span(length),
            span(least)
        )));
    }
    Ok(Range { start: window.start, end: window.end, step })
}

/// `2026-11-21T11:00:00Z to 12:00:00Z every 60s`.
pub(crate) fn told(range: Range) -> String {
    let (start, end) = (moment(seconds(range.start)), moment(seconds(range.end)));
    let short = if start.get(..11) == end.get(..11) { end.get(11..) } else { None };
    format!("{start} to {} every {}", short.unwrap_or(&end), span(range.step))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(seconds: i64) -> Range {
        let end = Timestamp::from_second(1_795_262_400).unwrap();
        let start = Timestamp::from_second(1_795_262_400 - seconds).unwrap();
        chosen(Window { start, end })
    }

    #[test]
    fn a_step_is_chosen_for_sixty_points_at_most() {
        for (length, step, points) in [
            (3_600, 60, 60),
            (900, 15, 60),
            (86_400, 1_800, 48),
            (1, 1, 1),
            (30, 1, 30),
            (604_800, 10_800, 56),
        ] {
            let range = of(length);
            assert_eq!(range.step, step, "{length}");
            let span = range.end.as_second() - range.start.as_second();
            assert_eq!(span / step + 1, points, "{length}");
        }
    }

    #[test]
    fn too_many_points_are_refused_with_what_would_do() {
        let now = Timestamp::from_second(1_795_262_400).unwrap();
        let refused = range(now, Some(Since::Ago(86_400)), None, None, Some(Since::Ago(15)));
        let said = "argument `step`: 15s over 24h are 5761 points; at most 1000, so at least 120s";
        assert_eq!(refused.unwrap_err().message, said.replace("120s", "2m"));
        assert!(range(now, None, None, None, Some(Since::At(now))).is_err());
    }
}
