//! The small structured part of an answer: what a program wants to know of it, and never the rows a second time.

use crate::answer::{Answer, Examined, Finding};
use crate::outside::Outside;
use crate::run::Form;
use evidence::digest;
use evidence::fact::Fact;
use evidence::testimony::Testimony;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// Evidence is named up to here, what findings cite first.
const MOST_EVIDENCE: usize = 20;

/// The envelope of an answer whose strings are safe already and of whose rows the last ones did not fit into the text;
/// `testimony` where it was asked for.
pub(crate) fn of(
    answer: &Answer,
    form: &Form,
    left_out: usize,
    outside: &mut Outside,
    testimony: Option<Value>,
) -> Value {
    let evidence = evidence(answer);
    let mut envelope = Map::new();
    let mut put = |name: &str, value: Value| {
        if !is_nothing(&value) {
            envelope.insert(name.to_owned(), value);
        }
    };
    put("summary", json!(answer.summary));
    put("status", json!(status(answer)));
    let mut cited = Value::Array(evidence.values().cloned().collect());
    outside.value(&mut cited);
    put("evidence", cited);
    if let Some(source) = answer.testimony.sources.first() {
        let mut query = json!({"method": source.method, "path": source.path});
        outside.value(&mut query);
        put("query", query);
    }
    put("scope", scope(&answer.examined));
    let left_out = if form.json { rows(answer, form.most_bytes, &mut put) } else { left_out };
    if let Some(page) = answer.page.as_ref().map(|page| page.without(left_out)) {
        let mut value =
            json!({"returned": page.returned, "total": page.total, "total_exact": page.exact});
        if let (Some(cursor), Value::Object(fields)) = (page.next(), &mut value) {
            fields.insert("cursor".to_owned(), json!(cursor));
        }
        if let (true, Value::Object(fields)) = (page.stands_still(), &mut value) {
            fields.insert("why".to_owned(), json!("not one more row fits; raise max_tokens"));
        }
        put("page", value);
    }
    let finding = |finding: &Finding| {
        let ids: Vec<&Value> =
            finding.facts.iter().filter_map(|at| evidence.get(at)?.get("id")).collect();
        json!({"code": finding.code, "severity": finding.severity, "subject": finding.subject, "evidence": ids})
    };
    put("findings", answer.findings.iter().map(finding).collect());
    put("warnings", json!(answer.warnings));
    put("next", json!(answer.next));
    if outside.redactions() > 0 {
        put("redactions", json!(outside.redactions()));
    }
    if let Some(testimony) = testimony {
        put("testimony", testimony);
    }
    Value::Object(envelope)
}

fn is_nothing(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Array(items) => items.is_empty(),
        Value::Object(fields) => fields.is_empty(),
        Value::Bool(_) | Value::Number(_) | Value::String(_) => false,
    }
}

/// `empty` only where everything was looked at: what could not be seen is never nothing.
fn status(answer: &Answer) -> &'static str {
    let brought = !answer.table.rows.is_empty()
        || !answer.quotes.is_empty()
        || !answer.problems.is_empty()
        || !answer.testimony.facts.is_empty();
    let denied = !answer.examined.denied.is_empty();
    match (brought, denied, answer.examined.incomplete.is_some()) {
        (false, true, _) => "denied",
        (_, true, _) | (_, _, true) => "partial",
        (false, false, false) => "empty",
        (true, false, false) => "ok",
    }
}

/// The facts to cite by their position: those of findings, then the first ones.
fn evidence(answer: &Answer) -> BTreeMap<usize, Value> {
    let cited = answer.findings.iter().flat_map(|finding| finding.facts.iter().copied());
    let all = 0..answer.testimony.facts.len();
    let mut evidence = BTreeMap::new();
    for at in cited.chain(all) {
        if evidence.len() == MOST_EVIDENCE {
            break;
        }
        if let Some(fact) = answer.testimony.facts.get(at) {
            evidence.entry(at).or_insert_with(|| cite(&answer.testimony, fact));
        }
    }
    evidence
}

fn cite(testimony: &Testimony, fact: &Fact) -> Value {
    let digest = digest::of(&fact.body);
    let server = testimony.server.trim_start_matches("mcp-");
    let short: String = digest.trim_start_matches("sha256:").chars().take(8).collect();
    let body = serde_json::to_value(&fact.body).unwrap_or_default();
    let kind = body.as_object().and_then(|fields| fields.keys().next().cloned());
    let observed = testimony.sources.get(fact.source).map(|source| source.observed_at);
    json!({
        "id": format!("ev:{server}:{short}"),
        "kind": kind,
        "ref": fact.body.entity().to_string(),
        "observed_at": observed,
        "digest": digest,
    })
}

fn scope(examined: &Examined) -> Value {
    let mut scope = Map::new();
    if !examined.cluster.is_empty() {
        scope.insert("cluster".to_owned(), json!(examined.cluster));
    }
    if !examined.system.is_empty() {
        scope.insert("system".to_owned(), json!(examined.system));
    }
    scope.insert("namespaces".to_owned(), json!(examined.namespaces));
    if !examined.denied.is_empty() {
        scope.insert("denied".to_owned(), json!(examined.denied));
    }
    if let Some(window) = examined.window {
        scope.insert("window".to_owned(), json!([window.start, window.end]));
    }
    if let Some(as_of) = examined.as_of {
        scope.insert("as_of".to_owned(), json!(as_of));
    }
    let complete = examined.incomplete.is_none() && examined.denied.is_empty();
    scope.insert("complete".to_owned(), json!(complete));
    if let Some(why) = &examined.incomplete {
        scope.insert("why".to_owned(), json!(why));
    }
    Value::Object(scope)
}

/// For `format=json`: the rows, problems and quotes that fit, instead of in the text. How many rows do not.
fn rows(answer: &Answer, most_bytes: usize, put: &mut impl FnMut(&str, Value)) -> usize {
    let mut room = most_bytes;
    let mut take = |size: usize| {
        let fits = size <= room;
        room = if fits { room - size } else { 0 };
        fits
    };
    let problems: Vec<&String> =
        answer.problems.iter().take_while(|line| take(line.len() + 3)).collect();
    let row_size = |row: &Vec<String>| row.iter().map(|cell| cell.len() + 3).sum::<usize>();
    let rows: Vec<&Vec<String>> =
        answer.table.rows.iter().take_while(|row| take(row_size(row))).collect();
    let quotes: Vec<Value> = answer
        .quotes
        .iter()
        .take_while(|quote| take(quote.text.len() + quote.label.len()))
        .map(|quote| json!({"label": quote.label, "text": quote.text}))
        .collect();
    let more = answer.table.rows.len() - rows.len();
    let left_out = json!({
        "problems": answer.problems.len() - problems.len(),
        "rows": more,
        "quotes": answer.quotes.len() - quotes.len(),
    });
    put("problems", json!(problems));
    put("columns", json!(answer.table.columns));
    put("rows", json!(rows));
    put("quotes", json!(quotes));
    if left_out.as_object().is_some_and(|fields| fields.values().any(|count| *count != 0)) {
        put("left_out", left_out);
    }
    more
}
