//! Why a selector selects nothing: the metric, a label or its value is misspelt, its target is gone, or the time is too early.

use crate::ask::Desk;
use crate::labels::{METRIC, of_metric};
use crate::number::moment;
use crate::table::seconds;
use clients::prometheus::query::Range;
use futures::future::join_all;
use jiff::Timestamp;
use mcp::age::span;
use mcp::nearest::{nearest, offer};
use promql_parser::label::{MatchOp, Matcher, Matchers};
use promql_parser::parser::VectorSelector;
use std::time::Duration;

/// Names and values are looked for so far back, in seconds: what was there lately may have been meant.
const LATELY: i64 = 6 * 3600;
/// How far back it is looked for when something was seen last: what range, in which steps.
const SEEN: [(&str, &str); 2] = [("6h", "5m"), ("7d", "1h")];
/// A value counts for so long, so a range that is shorter may miss what an instant finds.
const LOOKBACK: Duration = Duration::from_secs(300);
/// A time before now that is no matter of retention, in seconds.
const RECENT: i64 = 3600;

/// Lines that say why `selector` selects nothing at that moment, or within `range` before it.
pub(super) async fn why(
    desk: &Desk,
    selector: &VectorSelector,
    at: Timestamp,
    range: Option<Duration>,
) -> Vec<String> {
    if let Some(line) = too_early(desk, at).await {
        return vec![line];
    }
    let Some(metric) = metric(selector) else {
        return matchers(desk, selector, "", at).await;
    };
    let there = match range {
        None => format!("count({})", of_metric(&metric)),
        Some(_) => format!("count(last_over_time({}[5m]))", of_metric(&metric)),
    };
    match desk.number(&there, at).await {
        Ok(Some(_)) => {}
        Ok(None) => return absent(desk, &metric, at).await,
        Err(_) => return Vec::new(),
    }
    if let Some(range) = range.filter(|it| *it < LOOKBACK) {
        let bare = VectorSelector { offset: None, at: None, ..selector.clone() };
        let lately = desk.number(&format!("count(last_over_time({bare}[5m]))"), at).await;
        if matches!(lately, Ok(Some(_))) {
            let seconds = range.as_secs();
            return vec![format!(
                "`{bare}` has samples, and none within [{seconds}s]: use a longer range, such as [5m]"
            )];
        }
    }
    matchers(desk, selector, &metric, at).await
}

/// The metric that a selector names.
fn metric(selector: &VectorSelector) -> Option<String> {
    let named = |it: &&Matcher| it.name == METRIC && it.op == MatchOp::Equal;
    let by_label = || selector.matchers.matchers.iter().find(named).map(|it| it.value.clone());
    selector.name.clone().or_else(by_label)
}

/// The moment is before what is kept.
async fn too_early(desk: &Desk, at: Timestamp) -> Option<String> {
    let age = desk.now.as_second() - at.as_second();
    if age < RECENT {
        return None;
    }
    let retention = desk.read(desk.client.runtime()).await.ok()?.storage_retention;
    let kept = retention.split(" or ").find_map(lasts)?;
    (age > kept).then(|| {
        format!(
            "{} is {} ago, and samples are kept for {}: ask about a later time",
            moment(seconds(at)),
            span(age),
            span(kept)
        )
    })
}

/// The seconds of a duration such as `15d` or `1w2d`; none of a size.
fn lasts(text: &str) -> Option<i64> {
    let (mut total, mut number) = (0_i64, None::<i64>);
    for letter in text.trim().chars() {
        if let Some(digit) = letter.to_digit(10) {
            number = Some(number.unwrap_or(0).checked_mul(10)?.checked_add(i64::from(digit))?);
            continue;
        }
        let unit = match letter {
            's' => 1,
            'm' => 60,
            'h' => 3600,
            'd' => 86_400,
            'w' => 604_800,
            'y' => 31_536_000,
            _ => return None,
        };
        total = total.checked_add(number.take()?.checked_mul(unit)?)?;
    }
    (number.is_none() && total > 0).then_some(total)
}

/// There is no such metric now: it is misspelt, or it was there and went away.
async fn absent(desk: &Desk, metric: &str, at: Timestamp) -> Vec<String> {
    for (range, step) in SEEN {
        let seen = format!("max(max_over_time(timestamp({})[{range}:{step}]))", of_metric(metric));
        if let Ok(Some(seen)) = desk.number(&seen, at).await {
            let ago = span((seconds(at) - seen) as i64);
            let mut lines =
                vec![format!("`{metric}` has had no samples for {ago}, since {}", moment(seen))];
            lines.extend(targets(desk, metric, seen, at).await);
            return lines;
        }
    }
    let names = desk.read(desk.client.label_values(METRIC, None, lately(at))).await;
    let Ok(names) = names else { return Vec::new() };
    if names.names.is_empty() {
        let (before, at) = (span(LATELY), moment(seconds(at)));
        return vec![format!(
            "no metric at all has samples in the {before} before {at}: it was not running then, or that is longer ago than it keeps samples"
        )];
    }
    if names.names.iter().any(|it| it == metric) {
        let at = moment(seconds(at));
        return vec![format!(
            "`{metric}` has samples lately, and none at {at}: ask about another time"
        )];
    }
    let confined = desk.client.enforced().map(|it| format!(" with {it}")).unwrap_or_default();
    let near = nearest(metric, names.names.iter().map(String::as_str));
    vec![match near.as_slice() {
        [] => format!(
            "there is no metric `{metric}`{confined} among {}: list_metrics shows them",
            names.names.len()
        ),
        near => {
            format!("there is no metric `{metric}`{confined}; did you mean {}?", near.join(", "))
        }
    }]
}

/// What became of the targets that a metric came from.
async fn targets(desk: &Desk, metric: &str, seen: f64, at: Timestamp) -> Vec<String> {
    let Ok(then) = Timestamp::from_second(seen as i64) else { return Vec::new() };
    let jobs = desk.series(&format!("group by (job) ({})", of_metric(metric)), then).await;
    let jobs: Vec<String> = jobs
        .map(|it| it.series.into_iter().filter_map(|mut it| it.labels.remove("job")).collect())
        .unwrap_or_default();
    let told = jobs.into_iter().take(3).map(|job| async move {
        let (all, down) = (format!("count(up{{job={job:?}}})"), format!("count(up{{job={job:?}}} == 0)"));
        let (all, down) = tokio::join!(desk.number(&all, at), desk.number(&down, at));
        Some(match (all.ok()?, down.ok()?) {
            (None, _) => format!("job {job}, where it came from, has no targets any more: list_targets(job={job}, health=all)"),
            (Some(all), Some(down)) => format!("of job {job}, where it came from, {down} of {all} targets are down: list_targets(job={job})"),
            (Some(_), None) => format!("job {job}, where it came from, is up and does not expose it any more"),
        })
    });
    join_all(told).await.into_iter().flatten().collect()
}

/// The metric is there, and the matchers fit none of its series.
async fn matchers(
    desk: &Desk,
    selector: &VectorSelector,
    metric: &str,
    at: Timestamp,
) -> Vec<String> {
    let Matchers { matchers, .. } = &selector.matchers;
    let asked: Vec<&Matcher> = matchers.iter().filter(|it| it.name != METRIC).collect();
    let told = join_all(asked.iter().map(|it| matcher(desk, it, metric, at))).await;
    let lines: Vec<String> = told.into_iter().flatten().collect();
    if !lines.is_empty() {
        return lines;
    }
    let what = if metric.is_empty() {
        "some series".to_owned()
    } else {
        format!("some series of `{metric}`")
    };
    vec![format!("each label matcher fits {what}, and none fits all of them: leave one out")]
}

/// What is wrong with one matcher by itself; none where it fits something.
async fn matcher(desk: &Desk, it: &Matcher, metric: &str, at: Timestamp) -> Option<String> {
    let of = if metric.is_empty() {
        None
    } else {
        Some(desk.client.expression(&of_metric(metric)).ok()?)
    };
    let values =
        desk.read(desk.client.label_values(&it.name, of.as_ref(), lately(at))).await.ok()?;
    if values.names.iter().any(|value| it.is_match(value))
        || (it.is_match("") && values.names.is_empty())
    {
        return None;
    }
    let whose =
        if metric.is_empty() { "no series".to_owned() } else { format!("no series of `{metric}`") };
    if values.names.is_empty() {
        let labels = desk.read(desk.client.labels(of.as_ref(), lately(at))).await.ok()?.names;
        let labels: Vec<&str> =
            labels.iter().map(String::as_str).filter(|it| *it != METRIC).collect();
        return Some(format!("{whose} has the label `{}`; {}", it.name, offer(&it.name, labels)));
    }
    let near = offer(&it.value, values.names.iter().map(String::as_str));
    Some(format!("{whose} has `{it}`; {near}"))
}

fn lately(at: Timestamp) -> Range {
    let start = Timestamp::from_second(at.as_second() - LATELY).unwrap_or(at);
    Range { start, end: at, step: 1 }
}

#[cfg(test)]
mod tests {
    use super::lasts;

    #[test]
    fn retention_is_read_as_prometheus_writes_it() {
        assert_eq!(lasts("15d"), Some(1_296_000));
        assert_eq!(lasts("1w2d"), Some(777_600));
        for text in ["50GB", "", "d", "12"] {
            assert_eq!(lasts(text), None, "{text}");
        }
    }
}
