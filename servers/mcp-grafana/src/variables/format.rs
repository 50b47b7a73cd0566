//! How values are written into a query: as its data source wants them, or as the query says.

use std::fmt::Write;

/// How values are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format<'a> {
    /// As this data source does where nothing is said, for a variable that may have several values or not.
    Of(&'a str, bool),
    /// As the query says, as `regex` in `${pod:regex}`.
    Named(&'a str),
}

/// What a regular expression means something by.
const MEANT: &str = "$^*{}[]+?.()|";

/// The values as text; none where it is not known how they are written.
pub(crate) fn written(name: &str, values: &[String], format: Format<'_>) -> Option<String> {
    match format {
        Format::Named(named) => by_name(name, values, named),
        Format::Of(kind, is_several) => by_kind(kind, values, is_several),
    }
}

/// Which way of writing a data source has of its own.
enum Dialect {
    Prometheus,
    Loki,
    Sql,
    Lucene,
    Influx,
    Graphite,
    Other,
}

fn dialect(kind: &str) -> Dialect {
    match kind {
        "loki" => Dialect::Loki,
        "prometheus"
        | "grafana-amazonprometheus-datasource"
        | "victoriametrics-datasource"
        | "victoriametrics-metrics-datasource" => Dialect::Prometheus,
        "mysql" | "postgres" | "grafana-postgresql-datasource" | "mssql" => Dialect::Sql,
        "elasticsearch" | "grafana-opensearch-datasource" => Dialect::Lucene,
        "influxdb" => Dialect::Influx,
        "graphite" => Dialect::Graphite,
        _ => Dialect::Other,
    }
}

fn by_kind(kind: &str, values: &[String], is_several: bool) -> Option<String> {
    match (dialect(kind), values) {
        (Dialect::Prometheus, [one]) if !is_several => Some(label(one)),
        (Dialect::Prometheus, _) => Some(group(values.iter().map(|it| label_expression(it)))),
        (Dialect::Loki, [one]) if !is_several => Some(one.replace('\'', "\\\\'")),
        (Dialect::Loki, _) => {
            Some(values.iter().map(|it| log_expression(it)).collect::<Vec<_>>().join("|"))
        }
        (Dialect::Sql, _) if is_several => by_name("", values, "sqlstring"),
        (Dialect::Lucene, _) => by_name("", values, "lucene"),
        (Dialect::Influx, _) if is_several => by_name("", values, "regex"),
        (Dialect::Graphite, _) => by_name("", values, "glob"),
        (_, [one]) => Some(one.clone()),
        _ => None,
    }
}

fn by_name(name: &str, values: &[String], format: &str) -> Option<String> {
    let joined = |sign: &str, each: &dyn Fn(&String) -> String| {
        values.iter().map(each).collect::<Vec<_>>().join(sign)
    };
    Some(match format {
        "raw" | "csv" => joined(",", &String::clone),
        "pipe" => joined("|", &String::clone),
        "regex" => group(values.iter().map(|it| expression(it))),
        "glob" => match values {
            [one] => one.clone(),
            _ => format!("{{{}}}", joined(",", &String::clone)),
        },
        "json" => match values {
            [one] => one.clone(),
            _ => serde_json::to_string(values).ok()?,
        },
        "singlequote" => joined(",", &|it| format!("'{}'", it.replace('\'', "\\'"))),
        "doublequote" => joined(",", &|it| format!("\"{}\"", it.replace('"', "\\\""))),
        "sqlstring" => joined(",", &|it| format!("'{}'", it.replace('\'', "''"))),
        "percentencode" => percent(&match values {
            [one] => one.clone(),
            _ => format!("{{{}}}", joined(",", &String::clone)),
        }),
        "queryparam" => joined("&", &|it| format!("var-{name}={}", percent(it))),
        "distributed" => joined(&format!(",{name}="), &String::clone),
        "lucene" => match values {
            [one] => lucene(one),
            _ => format!("({})", joined(" OR ", &|it| format!("\"{}\"", lucene(it)))),
        },
        _ => return None,
    })
}

/// One alternative as it is, several between brackets.
fn group(alternatives: impl Iterator<Item = String>) -> String {
    let alternatives: Vec<String> = alternatives.collect();
    match alternatives.as_slice() {
        [one] => one.clone(),
        _ => format!("({})", alternatives.join("|")),
    }
}

/// A value within the quotes of PromQL.
fn label(value: &str) -> String {
    value.replace('\\', "\\\\").replace('"', "\\\"")
}

/// A value within an expression within the quotes of PromQL, which take one backslash away.
fn label_expression(value: &str) -> String {
    let mut text = String::new();
    for letter in value.chars() {
        match letter {
            '\\' => text.push_str("\\\\\\\\"),
            '"' => text.push_str("\\\""),
            letter if MEANT.contains(letter) => {
                text.push_str("\\\\");
                text.push(letter);
            }
            letter => text.push(letter),
        }
    }
    text
}

/// A value within an expression within the quotes of LogQL: unlike in PromQL, single quotes are those that are meant.
fn log_expression(value: &str) -> String {
    let mut text = String::new();
    for letter in value.chars() {
        match letter {
            '\\' => text.push_str("\\\\\\\\"),
            letter if letter == '\'' || MEANT.contains(letter) => {
                text.push_str("\\\\");
                text.push(letter);
            }
            letter => text.push(letter),
        }
    }
    text
}

/// A value within an expression.
fn expression(value: &str) -> String {
    with_backslash(value, |it| it == '\\' || MEANT.contains(it))
}

fn lucene(value: &str) -> String {
    with_backslash(value, |it| it.is_whitespace() || "\\+-=&|><!(){}[]^\"~*?:/".contains(it))
}

fn with_backslash(value: &str, is_meant: impl Fn(char) -> bool) -> String {
    let mut text = String::new();
    for letter in value.chars() {
        if is_meant(letter) {
            text.push('\\');
        }
        text.push(letter);
    }
    text
}

fn percent(value: &str) -> String {
    let mut text = String::new();
    for byte in value.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            text.push(char::from(byte));
        } else {
            // Writing to a string cannot fail.
            let _ = write!(text, "%{byte:02X}");
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn by(values: &[&str], format: Format<'_>) -> Option<String> {
        let values: Vec<String> = values.iter().map(|it| (*it).to_owned()).collect();
        written("pod", &values, format)
    }

    #[test]
    fn each_data_source_has_its_own_way() {
        let several = &["a.b", "c"];
        for (kind, told) in [
            ("prometheus", Some(r"(a\\.b|c)")),
            ("loki", Some(r"a\\.b|c")),
            ("mysql", Some("'a.b','c'")),
            ("elasticsearch", Some("(\"a.b\" OR \"c\")")),
            ("influxdb", Some(r"(a\.b|c)")),
            ("graphite", Some("{a.b,c}")),
            ("some-plugin", None),
        ] {
            assert_eq!(by(several, Format::Of(kind, true)).as_deref(), told, "{kind}");
        }
    }

    #[test]
    fn one_value_is_escaped_as_an_expression_only_where_there_may_be_several() {
        assert_eq!(by(&["a.b"], Format::Of("prometheus", false)).as_deref(), Some("a.b"));
        assert_eq!(by(&["a.b"], Format::Of("prometheus", true)).as_deref(), Some(r"a\\.b"));
        assert_eq!(
            by(&["a\"} or up"], Format::Of("prometheus", false)).as_deref(),
            Some(r#"a\"} or up"#)
        );
        assert_eq!(by(&["x"], Format::Of("some-plugin", true)).as_deref(), Some("x"));
    }

    #[test]
    fn loki_takes_one_value_as_it_is_but_for_its_quotes() {
        for (value, is_several, told) in [
            (r"a\.b", false, r"a\.b"),
            (r#"a"b"#, false, r#"a"b"#),
            ("it's", false, r"it\\'s"),
            ("it's", true, r"it\\'s"),
            ("a.b", true, r"a\\.b"),
        ] {
            let written = by(&[value], Format::Of("loki", is_several));
            assert_eq!(written.as_deref(), Some(told), "{value} {is_several}");
        }
    }

    #[test]
    fn lucene_escapes_one_value_too_and_white_space() {
        for kind in ["elasticsearch", "grafana-opensearch-datasource"] {
            let written = by(&["a b:c"], Format::Of(kind, false));
            assert_eq!(written.as_deref(), Some(r"a\ b\:c"), "{kind}");
        }
    }

    #[test]
    fn a_query_may_name_the_way() {
        for (format, told) in [
            ("regex", r"(a\.b|c)"),
            ("pipe", "a.b|c"),
            ("csv", "a.b,c"),
            ("raw", "a.b,c"),
            ("glob", "{a.b,c}"),
            ("json", r#"["a.b","c"]"#),
            ("singlequote", "'a.b','c'"),
            ("doublequote", "\"a.b\",\"c\""),
            ("sqlstring", "'a.b','c'"),
            ("queryparam", "var-pod=a.b&var-pod=c"),
            ("distributed", "a.b,pod=c"),
            ("percentencode", "%7Ba.b%2Cc%7D"),
        ] {
            assert_eq!(by(&["a.b", "c"], Format::Named(format)).as_deref(), Some(told), "{format}");
        }
        assert_eq!(by(&["a"], Format::Named("unheard")), None);
    }
}
