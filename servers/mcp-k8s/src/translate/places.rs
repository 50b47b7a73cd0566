//! Whom the settings in a ConfigMap name: hosts with ports, and URLs. Nothing else of its text is taken over.

use clients::kubernetes::redact::{HIDDEN, without_secrets};
use std::collections::BTreeMap;

/// Longer texts are no settings, in bytes.
const LONGEST_TEXT: usize = 65_536;
/// Longer words name nobody, in bytes.
const LONGEST: usize = 200;
/// Names that one ConfigMap tells.
const MOST: usize = 64;
/// How keys end whose whole value is a host, or hosts with commas between.
const HOSTS: [&str; 14] = [
    "addr",
    "address",
    "broker",
    "brokers",
    "contact_point",
    "contact_points",
    "endpoint",
    "endpoints",
    "host",
    "hostname",
    "hosts",
    "server",
    "servers",
    "url",
];

/// Of each key the words that name somebody, in their order.
pub fn of(data: &BTreeMap<String, String>) -> BTreeMap<String, Vec<String>> {
    let mut left = MOST;
    let mut all = BTreeMap::new();
    for (key, text) in data.iter().filter(|(_, text)| text.len() <= LONGEST_TEXT) {
        let mut words: Vec<String> = Vec::new();
        for word in within(key, &without_secrets(key, text)) {
            if words.len() < left && !words.contains(&word) {
                words.push(word);
            }
        }
        left -= words.len();
        if !words.is_empty() {
            all.insert(key.clone(), words);
        }
    }
    all
}

fn within(key: &str, text: &str) -> Vec<String> {
    let key = key.to_ascii_lowercase().replace(|it: char| !it.is_ascii_alphanumeric(), "_");
    let ends_in = |word: &&str| {
        key.strip_suffix(*word).is_some_and(|rest| rest.is_empty() || rest.ends_with('_'))
    };
    let of_hosts = HOSTS.iter().any(ends_in);
    let hosts = text.trim().split(',').map(str::trim);
    let hosts = hosts.filter(|it| of_hosts && is_name(it) && it.len() <= LONGEST);
    let ends = |it: char| it.is_whitespace() || "\"'`,;<>()[]{}=|".contains(it);
    let words = text.split(ends).filter(|it| it.len() <= LONGEST).filter_map(place);
    hosts.map(str::to_owned).chain(words).collect()
}

/// `jdbc:postgresql://db.data:5432/shop`, `db.data:5432`: without the user before the host, and what is asked behind the path.
fn place(word: &str) -> Option<String> {
    let word = word.split('?').next().unwrap_or_default().trim_end_matches(['.', '/']);
    let (scheme, rest) = word.split_once("://").unwrap_or(("", word));
    let rest = rest.rsplit_once('@').map_or(rest, |(_, host)| host);
    if rest.contains(HIDDEN) {
        return None;
    }
    if scheme.is_empty() {
        return (is_peer(rest) || is_service(rest)).then(|| rest.to_owned());
    }
    let (host, _) = rest.split_once('/').unwrap_or((rest, ""));
    (is_peer(host) || is_name(host)).then(|| format!("{scheme}://{rest}"))
}

/// `db.data:5432`. Ports of one digit are none: `debug:1` is a level.
fn is_peer(word: &str) -> bool {
    let Some((host, port)) = word.rsplit_once(':') else { return false };
    is_name(host) && port.len() > 1 && port.parse::<u16>().is_ok_and(|it| it > 0)
}

/// The name of a Service, as it is written nowhere else.
fn is_service(word: &str) -> bool {
    is_name(word) && (word.ends_with(".svc") || word.contains(".svc."))
}

/// A name in DNS, or an address.
fn is_name(text: &str) -> bool {
    let mut chars = text.chars();
    chars.next().is_some_and(|it| it.is_ascii_alphanumeric())
        && chars.all(|it| it.is_ascii_alphanumeric() || it == '-' || it == '.')
        && text.contains(|it: char| it.is_ascii_alphabetic() || it == '.')
}

#[cfg(test)]
mod tests {
    use super::of;

    #[track_caller]
    fn names(key: &str, text: &str, expected: &[&str]) {
        let data = [(key.to_owned(), text.to_owned())].into();
        assert_eq!(of(&data).remove(key).unwrap_or_default(), expected);
    }

    #[test]
    fn a_value_that_names_somebody_is_taken_over() {
        names("DATABASE_HOST", "db.data", &["db.data"]);
        names("CASSANDRA_CONTACT_POINTS", "cassandra.data", &["cassandra.data"]);
        names(
            "CASSANDRA_CONTACT_POINTS",
            "cass-0.cass, cass-1.cass",
            &["cass-0.cass", "cass-1.cass"],
        );
        names("Mongo__Host", "course-mongo.campus", &["course-mongo.campus"]);
        names("BROKER_URL", "nats://nats.data:4222", &["nats://nats.data:4222"]);
        names("BROKERS", "a.kafka:9092,b.kafka:9092", &["a.kafka:9092", "b.kafka:9092"]);
    }

    #[test]
    fn so_are_the_names_within_a_file() {
        let text = "server:\n  port: 8080\nspring.datasource.url: jdbc:postgresql://db.data:5432/shop\ncache: redis:6379\n";
        names("application.yml", text, &["jdbc:postgresql://db.data:5432/shop", "redis:6379"]);
        let text =
            "location /api/ { set $to guide.shop.svc.cluster.local; proxy_pass http://$to:8000; }";
        names("default.conf", text, &["guide.shop.svc.cluster.local"]);
        names("config.json", r#"{"UserMongoAddress": "mongo-user:27017"}"#, &["mongo-user:27017"]);
    }

    #[test]
    fn nothing_else_is() {
        for (key, text) in [
            ("LOG_LEVEL", "info"),
            ("HOST", "20"),
            ("greeting", "hello: world, it is 12:30"),
            ("Corefile", ".:53 {\n errors\n}"),
            ("NOTE", "http://"),
        ] {
            names(key, text, &[]);
        }
    }

    #[test]
    fn a_secret_stays_whatever_parts_it() {
        names("DATABASE_URL", "postgres://app:S3cr3tPw@db:5432/x", &["postgres://db:5432/x"]);
        names("BROKER_URL", "amqp://user:c2VjcmV0cGFzcw==@mq:5672", &["amqp://mq:5672"]);
        names("DATABASE_URL", "postgres://app:Pa,ss9x@db:5432/x", &["postgres://db:5432/x"]);
        names("config.yaml", "auth: admin:4711\nlevels: debug:1", &[]);
        names("PASSWORD", "hunter:4711", &[]);
        names("url", "http://hook:80/in?token=abc:4711", &["http://hook:80/in"]);
        names("x", "redis://:4711@redis:6379", &["redis://redis:6379"]);
    }

    #[test]
    fn a_name_that_stands_there_often_counts_once() {
        let text = format!("{} http://db:5432", "http://web:80 ".repeat(super::MOST));
        names("default.conf", &text, &["http://web:80", "http://db:5432"]);
    }

    #[test]
    fn they_are_bounded() {
        let text: Vec<String> = (0..500).map(|it| format!("host-{it}:80")).collect();
        let data = [("all".to_owned(), text.join(" "))].into();
        assert_eq!(of(&data).values().flatten().count(), super::MOST);
    }
}
