//! Arguments as somebody makes them up who wants to be sent elsewhere: those of the pages, changed in places.

use crate::servers::Examined;
use mcp::tools::Listed;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// Names, paths, queries and times that lead elsewhere where they are believed. `CANARY` is an address of ours.
const STRANGE: &[&str] = &[
    "http://CANARY/",
    "http://CANARY/api/v1/namespaces",
    "//CANARY/api",
    "CANARY",
    "http://kubernetes@CANARY/",
    "https://CANARY#.kubernetes.default.svc",
    "http://CANARY/?jku=http://CANARY/keys",
    "up or vector(1) # http://CANARY/",
    "{__name__=~\".+\",address=\"http://CANARY/\"}",
    "../../../CANARY",
    "http://169.254.169.254/latest/meta-data",
    "file:///etc/passwd",
    "../../secrets",
    "..%2f..%2fsecrets",
    "%252e%252e%252fsecrets",
    "..;/secrets",
    "secrets",
    "Secret",
    "v1/secrets",
    "secrets.v1.",
    "SECRETS",
    "pods/exec",
    "nodes/proxy",
    "services/proxy",
    "pods/eviction",
    "serviceaccounts/token",
    "web/exec?command=sh",
    "web?watch=true",
    "web#a",
    "a/b",
    "a\\b",
    "a b",
    "kube-system",
    "",
    "*",
    ".*",
    "((((((((((",
    "sum(sum(sum(sum(up))))",
    "{}",
    "up[999999d:1s]",
    "/api/v1/admin/tsdb/delete_series",
    "/-/reload",
    "99999999999999999999",
    "-1",
    "now-1h",
    "2026-01-31T12:00:00Z",
    "true",
    "null",
    "a\u{202e}b\u{200b}",
    "a\u{1b}[2J",
    "ＳＥＣＲＥＴＳ",
    "sh.helm.release.v1.",
    "sh.helm.release.v1.web.v1/../db",
    "deployment/../../secrets",
    "owner=helm;a=b",
    "a=b&watch=true",
];
/// Those of them that hold an address of ours.
const ADDRESSES: usize = 10;
const NUMBERS: &[i64] = &[-1, 0, 1, 2, 5, 30, 100, 1_000_000, i64::MAX];

/// Draws arguments; the same in every run.
pub(crate) struct Draw {
    seed: u64,
    /// Arguments that the pages have, by tool.
    seeds: BTreeMap<String, Vec<Map<String, Value>>>,
    /// What they hold, by the argument's name.
    usual: BTreeMap<String, Vec<Value>>,
    strange: Vec<String>,
}

impl Draw {
    pub(crate) fn new(server: &Examined, canary: &str) -> Draw {
        let strange = STRANGE.iter().map(|text| text.replace("CANARY", canary));
        let mut usual: BTreeMap<String, Vec<Value>> = BTreeMap::new();
        for (name, value) in server.seeds.values().flatten().flatten() {
            usual.entry(name.clone()).or_default().push(value.clone());
        }
        let strange = strange.chain(["a".repeat(70_000)]).collect();
        Draw { seed: 42, seeds: server.seeds.clone(), usual, strange }
    }

    /// Arguments for a tool: those of a call on its page, of which up to three are changed.
    pub(crate) fn arguments(&mut self, tool: &Listed) -> Map<String, Value> {
        let seeds = self.seeds.get(&tool.name).cloned().unwrap_or_default();
        let mut arguments = match seeds.is_empty() {
            true => Map::new(),
            false => seeds[self.below(seeds.len())].clone(),
        };
        let properties = tool.schema.get("properties").and_then(Value::as_object);
        let properties: Vec<(&String, &Value)> = properties.into_iter().flatten().collect();
        for _ in 0..self.below(4) {
            if properties.is_empty() {
                break;
            }
            let (name, schema) = properties[self.below(properties.len())];
            let usual = self.usual.get(name).cloned().unwrap_or_default();
            let value = match self.below(2) == 0 || usual.is_empty() {
                true => self.value(schema),
                false => usual[self.below(usual.len())].clone(),
            };
            arguments.insert(name.clone(), value);
        }
        if self.below(50) == 0 {
            arguments.insert("url".to_owned(), self.text());
        }
        arguments
    }

    /// A value, mostly of the type that is wanted.
    fn value(&mut self, schema: &Value) -> Value {
        let among = schema["enum"].as_array().cloned().unwrap_or_default();
        if !among.is_empty() && self.below(4) > 0 {
            return among[self.below(among.len())].clone();
        }
        let wanted = schema["type"].as_str().unwrap_or("string");
        match (self.below(20), wanted) {
            (0, _) => Value::Null,
            (1, _) => json!({"name": self.text()}),
            (_, "integer" | "number") => json!(NUMBERS[self.below(NUMBERS.len())]),
            (_, "boolean") => json!(self.below(2) == 0),
            (_, "array") => (0..self.below(4)).map(|_| self.value(&schema["items"])).collect(),
            _ => self.text(),
        }
    }

    fn text(&mut self) -> Value {
        // Addresses come first among them, and are drawn oftener.
        let most = if self.below(3) == 0 { ADDRESSES } else { self.strange.len() };
        let at = self.below(most);
        Value::String(self.strange[at].clone())
    }

    fn below(&mut self, most: usize) -> usize {
        let (by, more) = (6_364_136_223_846_793_005, 1_442_695_040_888_963_407);
        self.seed = self.seed.wrapping_mul(by).wrapping_add(more);
        (self.seed >> 33) as usize % most
    }
}
