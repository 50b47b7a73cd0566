//! A query with its variables put in. What cannot be put in stays as it is, and is told.

use crate::interval::{Steps, automatic, told};
use crate::time::Shown;
use crate::variables::format::{Format, written};
use crate::variables::{Values, Variable};
use std::collections::BTreeMap;

/// What variables are put in from.
#[derive(Clone, Copy)]
pub(crate) struct Context<'a> {
    /// Those of the dashboard.
    pub(crate) variables: &'a [Variable],
    /// The time that it shows.
    pub(crate) time: &'a Shown,
    /// Its title.
    pub(crate) title: &'a str,
}

impl<'a> Context<'a> {
    fn variable(self, name: &str) -> Option<&'a Variable> {
        self.variables.iter().find(|it| it.name == name)
    }
}

/// A query as far as it could be put together.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Resolved {
    /// The query.
    pub(crate) text: String,
    /// What is still in it, and why.
    pub(crate) open: BTreeMap<String, String>,
    /// It depends on how wide the panel is.
    pub(crate) has_interval: bool,
}

/// The kind of data source that calculates with what other queries bring, each named as a variable is: `$A`.
pub(crate) const EXPRESSION: &str = "__expr__";
/// Bytes of a query: far more than any can be told, and few enough that values put in many times cannot fill the memory.
const MOST_BYTES: usize = 8 * 1024;

/// A variable as a query names it.
struct Named<'a> {
    name: &'a str,
    /// A part of the value, as `text` in `${pod.text}`.
    field: Option<&'a str>,
    format: Option<&'a str>,
    /// Where the query goes on.
    rest: &'a str,
}

/// Puts variables into a query for this kind of data source; its steps are none where the time is not known.
pub(crate) fn resolve(
    text: &str,
    kind: &str,
    steps: Option<Steps>,
    context: Context<'_>,
) -> Resolved {
    resolve_to(text, kind, steps, context, true)
}

/// The same; `is_outer` where a variable's own value may hold variables, too.
fn resolve_to(
    text: &str,
    kind: &str,
    steps: Option<Steps>,
    context: Context<'_>,
    is_outer: bool,
) -> Resolved {
    let mut resolved = Resolved::default();
    let mut rest = text;
    while let Some(at) = rest.find(['$', '[']) {
        let (before, after) = rest.split_at(at);
        resolved.text.push_str(before);
        let Some(named) = named(after) else {
            // Both signs are one byte.
            let (sign, behind) = after.split_at(1);
            resolved.text.push_str(sign);
            rest = behind;
            continue;
        };
        let as_written = after.get(..after.len() - named.rest.len()).unwrap_or_default();
        resolved.has_interval |= named.name.contains("interval");
        let is_query = kind == EXPRESSION && context.variable(named.name).is_none();
        if is_query {
            resolved.text.push_str(as_written);
            rest = named.rest;
            continue;
        }
        match value(&named, kind, steps, context, is_outer) {
            Ok(value) => resolved.text.push_str(&value),
            Err(why) => {
                resolved.text.push_str(as_written);
                resolved.open.insert(format!("${}", named.name), why);
            }
        }
        rest = named.rest;
        if resolved.text.len() > MOST_BYTES {
            let why = format!("with its variables put in, it is longer than {MOST_BYTES} bytes");
            resolved.open.insert("all of it".to_owned(), why);
            return resolved;
        }
    }
    resolved.text.push_str(rest);
    resolved
}

/// The variable that `text` begins with: `$name`, `${name}`, `${name:format}`, `${name.field}`, `[[name]]` or `[[name:format]]`.
fn named(text: &str) -> Option<Named<'_>> {
    if let Some(inner) = text.strip_prefix("${") {
        let (inner, rest) = inner.split_once('}')?;
        let (name, format) = apart(inner);
        let (name, field) = name.split_once('.').map_or((name, None), |it| (it.0, Some(it.1)));
        return is_name(name).then_some(Named { name, field, format, rest });
    }
    if let Some(inner) = text.strip_prefix("[[") {
        let (inner, rest) = inner.split_once("]]")?;
        let (name, format) = apart(inner);
        return is_name(name).then_some(Named { name, field: None, format, rest });
    }
    let inner = text.strip_prefix('$')?;
    let end = inner.find(|it: char| !is_letter(it)).unwrap_or(inner.len());
    let (name, rest) = inner.split_at(end);
    is_name(name).then_some(Named { name, field: None, format: None, rest })
}

fn apart(inner: &str) -> (&str, Option<&str>) {
    match inner.split_once(':') {
        Some((name, format)) => (name, Some(format)),
        None => (inner, None),
    }
}

fn is_letter(it: char) -> bool {
    it.is_ascii_alphanumeric() || it == '_'
}

/// `$1` is a group of a regular expression.
fn is_name(name: &str) -> bool {
    name.chars().all(is_letter) && name.starts_with(|it: char| !it.is_ascii_digit())
}

fn value(
    named: &Named<'_>,
    kind: &str,
    steps: Option<Steps>,
    context: Context<'_>,
    is_outer: bool,
) -> Result<String, String> {
    let Named { name, field, format, .. } = *named;
    let field = field.or(format.filter(|it| *it == "text"));
    if let Some(field) = field.filter(|it| *it != "value") {
        return Err(format!("the {field} of its value is not known here"));
    }
    let Some(variable) = context.variable(name) else {
        return match name.starts_with("__") {
            true => built_in(name, format, kind, steps, context),
            false => Err("the dashboard has no such variable".to_owned()),
        };
    };
    match &variable.values {
        Values::Raw(text) if is_outer => whole(text, steps, context),
        // Values that hold each other have no end.
        Values::Raw(_) => Err("it is All, within what is written for All".to_owned()),
        Values::Unknown(why) => Err(why.clone()),
        Values::Filters(_) => Err("Grafana makes filters of it, and no text".to_owned()),
        Values::Auto(count, least) => {
            let length = context.time.length().ok_or_else(|| no_time(context.time))?;
            Ok(told(automatic(length, *count, least)))
        }
        Values::Known(values) => {
            let format = match format {
                Some("") | None => Format::Of(kind, variable.is_several),
                Some(format) => Format::Named(format),
            };
            written(name, values, format).ok_or_else(|| match format {
                Format::Named(format) => {
                    format!("it is to be written as {format}, which is not known here")
                }
                Format::Of(..) => format!(
                    "it has {} values, and how {kind} writes several is not known here",
                    values.len()
                ),
            })
        }
    }
}

/// What its author wrote for all, the variables in it put in once: written as Grafana does where no data source is
/// asked.
fn whole(text: &str, steps: Option<Steps>, context: Context<'_>) -> Result<String, String> {
    let inner = resolve_to(text, "", steps, context, false);
    let open: Vec<String> =
        inner.open.into_iter().map(|(name, why)| format!("{name}: {why}")).collect();
    match open.is_empty() {
        true => Ok(inner.text),
        false => Err(format!("what is written for All holds {}", open.join("; "))),
    }
}

fn built_in(
    name: &str,
    format: Option<&str>,
    kind: &str,
    steps: Option<Steps>,
    context: Context<'_>,
) -> Result<String, String> {
    let time = context.time;
    let length = || time.length().ok_or_else(|| no_time(time));
    let step = |of: fn(Steps) -> i64| steps.map(of).ok_or_else(|| no_time(time));
    let moment = |is_end: bool| {
        let (start, end) = time.span.ok_or_else(|| no_time(time))?;
        let at = if is_end { end } else { start };
        match format {
            None => Ok(at.as_millisecond().to_string()),
            Some("date" | "date:iso") => Ok(format!("{at:.3}")),
            Some("date:seconds") => Ok(at.as_second().to_string()),
            Some(format) => {
                Err(format!("it is to be written as {format}, which is not known here"))
            }
        }
    };
    match name {
        // Loki's own word for it.
        "__auto" if kind == "loki" => step(|it| it.interval).map(told),
        "__interval" => step(|it| it.interval).map(told),
        "__interval_ms" => step(|it| it.interval).map(|it| it.to_string()),
        "__rate_interval" => step(|it| it.rate).map(told),
        "__rate_interval_ms" => step(|it| it.rate).map(|it| it.to_string()),
        "__range" => length().map(told),
        "__range_s" => length().map(|it| (it / 1_000).to_string()),
        "__range_ms" => length().map(|it| it.to_string()),
        "__from" => moment(false),
        "__to" => moment(true),
        "__dashboard" => Ok(context.title.to_owned()),
        _ => Err("Grafana or the data source's plugin fills it in".to_owned()),
    }
}

fn no_time(time: &Shown) -> String {
    format!(
        "the dashboard shows {}, which depends on the browser's calendar; give since",
        time.told
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::variables;
    use serde_json::json;

    fn put(text: &str, kind: &str) -> Resolved {
        let body = json!({"templating": {"list": [
            {"name": "namespace", "type": "query", "current": {"value": "shop"}},
            {"name": "pod", "type": "query", "multi": true, "current": {"value": ["web-0", "web-1"]}},
            {"name": "job", "type": "query", "includeAll": true, "allValue": ".*", "current": {"value": "$__all"}},
            {"name": "node", "type": "query", "current": {}},
            {"name": "host", "type": "query", "includeAll": true, "allValue": "$namespace-.*$", "current": {"value": "$__all"}},
            {"name": "loop", "type": "query", "includeAll": true, "allValue": "a|$loop", "current": {"value": "$__all"}},
            {"name": "lost", "type": "query", "includeAll": true, "allValue": "$node|b", "current": {"value": "$__all"}},
            {"name": "step", "type": "interval", "current": {"value": "$__auto_interval_step"}, "auto_count": 30, "auto_min": "10s"},
        ]}, "time": {"from": "now-6h", "to": "now"}});
        let now = "2026-11-21T12:00:00Z".parse().unwrap();
        let (variables, time) = (variables::of(&body), Shown::of(&body, None, now));
        let context = Context { variables: &variables, time: &time, title: "Shop" };
        resolve(text, kind, Some(Steps { interval: 30_000, rate: 120_000 }), context)
    }

    #[test]
    fn variables_are_put_in_however_they_are_named() {
        for (text, told) in [
            ("up{namespace=\"$namespace\"}", "up{namespace=\"shop\"}"),
            ("up{namespace=\"${namespace}\"}", "up{namespace=\"shop\"}"),
            ("up{namespace=\"[[namespace]]\"}", "up{namespace=\"shop\"}"),
            ("up{pod=~\"$pod\"}", "up{pod=~\"(web-0|web-1)\"}"),
            ("up{pod=~\"${pod:regex}\"}", "up{pod=~\"(web-0|web-1)\"}"),
            ("up{pod=~\"[[pod:pipe]]\"}", "up{pod=~\"web-0|web-1\"}"),
            ("up{job=~\"$job\"}", "up{job=~\".*\"}"),
            ("rate(a[$__rate_interval])", "rate(a[2m])"),
            ("rate(a[${__interval}])", "rate(a[30s])"),
            ("increase(a[$__range])", "increase(a[6h])"),
            ("a / $__interval_ms * $__range_s", "a / 30000 * 21600"),
            ("rate(a[$step])", "rate(a[10m])"),
            ("a @ ${__to:date:seconds}", "a @ 1795262400"),
            (
                "label_replace(up, \"a\", \"$1\", \"b\", \"(.*)$\")",
                "label_replace(up, \"a\", \"$1\", \"b\", \"(.*)$\")",
            ),
            ("a[5m] offset 1m", "a[5m] offset 1m"),
            ("$", "$"),
            ("${", "${"),
            ("[[a b]]", "[[a b]]"),
        ] {
            let resolved = put(text, "prometheus");
            assert_eq!((resolved.text.as_str(), resolved.open.len()), (told, 0), "{text}");
        }
    }

    #[test]
    fn what_is_not_known_stays_and_is_told() {
        let resolved = put("up{node=\"$node\",x=\"${nobody}\"} > $__value", "prometheus");
        assert_eq!(resolved.text, "up{node=\"$node\",x=\"${nobody}\"} > $__value");
        let open: Vec<(&str, &str)> =
            resolved.open.iter().map(|(name, why)| (name.as_str(), why.as_str())).collect();
        assert_eq!(
            open,
            [
                ("$__value", "Grafana or the data source's plugin fills it in"),
                ("$nobody", "the dashboard has no such variable"),
                ("$node", "no value is kept with the dashboard"),
            ]
        );
        assert_eq!(put("x $pod", "some-plugin").open.len(), 1, "several values");
        assert_eq!(put("${pod:unheard}", "prometheus").text, "${pod:unheard}");
        assert_eq!(put("${pod.text}", "prometheus").text, "${pod.text}");
        assert_eq!(put("${namespace.value}", "prometheus").text, "shop");
        for text in ["${namespace:text}", "${job:text}"] {
            let resolved = put(text, "prometheus");
            assert_eq!((resolved.text.as_str(), resolved.open.len()), (text, 1), "{text}");
        }
    }

    #[test]
    fn what_is_written_for_all_has_its_variables_put_in_once() {
        assert_eq!(put("$host", "prometheus").text, "shop-.*$");
        for (text, why) in [
            (
                "$loop",
                "what is written for All holds $loop: it is All, within what is written for All",
            ),
            ("$lost", "what is written for All holds $node: no value is kept with the dashboard"),
        ] {
            let resolved = put(text, "prometheus");
            assert_eq!(resolved.text, text);
            assert_eq!(resolved.open.get(text).map(String::as_str), Some(why));
        }
    }

    #[test]
    fn an_expression_names_queries_as_if_they_were_variables() {
        let resolved = put("$A > ${B} && $namespace", EXPRESSION);
        assert_eq!((resolved.text.as_str(), resolved.open.len()), ("$A > ${B} && shop", 0));
    }

    #[test]
    fn values_that_are_put_in_many_times_do_not_fill_the_memory() {
        let resolved = put(&"$pod".repeat(100_000), "prometheus");
        assert!(resolved.text.len() < 2 * MOST_BYTES, "{}", resolved.text.len());
        assert!(resolved.open.contains_key("all of it"));
    }

    #[test]
    fn a_value_that_looks_like_a_variable_is_not_put_in_twice() {
        let body = json!({"templating": {"list": [
            {"name": "a", "type": "textbox", "current": {"value": "$b"}},
            {"name": "b", "type": "textbox", "current": {"value": "x"}}]}});
        let now = "2026-11-21T12:00:00Z".parse().unwrap();
        let (variables, time) = (variables::of(&body), Shown::of(&body, None, now));
        let context = Context { variables: &variables, time: &time, title: "" };
        assert_eq!(resolve("$a", "prometheus", None, context).text, "$b");
    }
}
