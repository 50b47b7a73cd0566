//! What our identity may read and what not, with the role that would add it.

use crate::address::{check_namespace, missing_namespace, unanswered};
use crate::rights::{self, Right, VERBS};
use crate::server::Kubernetes;
use clients::kubernetes::access::Rules;
use clients::kubernetes::connection::Kubernetes as Client;
use clients::kubernetes::privilege::{self, READING};
use clients::kubernetes::rbac;
use clients::kubernetes::reach::Reach;
use clients::kubernetes::reads::SECRETS;
use clients::kubernetes::resource::Resource;
use clients::kubernetes::words::Meaning;
use evidence::testimony::{Cost, Testimony};
use mcp::answer::{Answer, Examined, Quote, Table};
use mcp::failure::Failure;
use mcp::tool::{Call, Tool};
use schemars::JsonSchema;
use serde::Deserialize;

/// The tool.
pub struct CheckAccess;

/// Which right; without any, all that is worth having.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Ask {
    verb: Option<String>,
    /// As pods/log.
    resource: Option<String>,
    namespace: Option<String>,
}

/// Rights to write that are named; who has more has an administrator's.
const MOST_WRITES: usize = 8;
/// Kinds that may not be read and are explained each.
const MOST_ROWS: usize = 15;
/// Subresources that only change or tunnel: that we may is no reason to.
const PARTS: [&str; 3] = ["log", "status", "scale"];

impl Tool<Kubernetes> for CheckAccess {
    const NAME: &'static str = "k8s_check_access";
    const ABOUT: &'static str =
        "What may be read and what not, with the Role to add. Use it when an answer was denied.";
    type Ask = Ask;

    async fn answer(server: &Kubernetes, ask: Ask, _: &Call) -> Result<Answer, Failure> {
        if let Some(verb) = ask.verb.as_deref().filter(|verb| !VERBS.contains(verb)) {
            return Err(Failure::invalid(format!(
                "argument `verb` must be one of {}, not {verb}",
                VERBS.join(", ")
            )));
        }
        if ask.verb.is_some() && ask.resource.is_none() {
            return Err(Failure::invalid(
                "argument `resource` must name a kind, such as pods, where `verb` is given",
            ));
        }
        if let Some(namespace) = &ask.namespace {
            check_namespace(namespace)?;
        }
        let client = server.client().await?;
        if let Some(namespace) = &ask.namespace
            && let Some(failure) = missing_namespace(&client, namespace).await
        {
            return Err(failure);
        }
        let namespace = ask.namespace.as_deref();
        let mut answer = match &ask.resource {
            Some(word) => one(&client, word, ask.verb.as_deref(), namespace).await?,
            None => all(&client, namespace).await?,
        };
        answer.examined = Examined {
            namespaces: ask.namespace.into_iter().collect(),
            incomplete: answer.examined.incomplete,
            ..Examined::default()
        };
        let spent = client.spent();
        let cost = Cost { upstream_requests: spent.requests, upstream_bytes: spent.bytes };
        answer.testimony = Testimony { cost, ..Testimony::default() };
        Ok(answer)
    }
}

/// All that the tools read.
async fn all(client: &Client, namespace: Option<&str>) -> Result<Answer, Failure> {
    let home = client.cluster().namespace.clone();
    let rules = client.rules(namespace.unwrap_or(&home)).await;
    let rules = rules.map_err(|refusal| Failure::from(&refusal))?;
    let mut rights = match namespace {
        Some(namespace) => rights::within(client, namespace, Some(&rules)).await,
        None => rights::everywhere(client).await,
    };
    let reach = namespace.map_or(Reach::Cluster, Reach::Namespace);
    let mut unseen = Vec::new();
    match rights::custom(client, reach).await {
        Ok(custom) => rights.extend(custom),
        Err(failure) => unseen.push(format!("which custom kinds there are: {}", failure.message)),
    }
    let lacking: Vec<&Right> = rights.iter().filter(|it| it.allowed != Some(true)).collect();
    let place = place(namespace);
    let may = rights.len() - lacking.len();
    let unknown = lacking.iter().filter(|it| it.allowed.is_none()).count();
    let row = |right: &&Right| {
        let may = if right.allowed.is_none() { "unknown" } else { "no" };
        let also = namespace.is_none()
            && right.resource.namespaced
            && rules.allow(
                if right.part.is_empty() { "list" } else { "get" },
                &right.resource,
                right.part,
            );
        let may = if also { format!("only in {home}") } else { may.to_owned() };
        vec![right.name(), may, right.why.to_owned()]
    };
    let columns = ["KIND", "MAY READ", "IS READ FOR"].map(str::to_owned).to_vec();
    // The role names them all; what each is for is worth its place where there are few.
    let few =
        if lacking.len() > MOST_ROWS { Vec::new() } else { lacking.iter().map(row).collect() };
    let wanted: Vec<(Resource, &'static str)> = lacking
        .iter()
        .filter(|it| it.allowed == Some(false))
        .map(|it| (it.resource.clone(), it.part))
        .collect();
    if unknown > 0 {
        unseen.push(format!("of {unknown} kinds nobody would say"));
    }
    let incomplete = (!unseen.is_empty()).then(|| unseen.join("; "));
    Ok(Answer {
        summary: format!("May read {may} of {} kinds that the tools read, {place}.", rights.len()),
        problems: too_much(&rules).into_iter().collect(),
        table: Table { columns, rows: few },
        quotes: role(namespace, &wanted),
        examined: Examined { incomplete, ..Examined::default() },
        ..Answer::default()
    })
}

/// One kind, by one verb or by those that read.
async fn one(
    client: &Client,
    word: &str,
    verb: Option<&str>,
    namespace: Option<&str>,
) -> Result<Answer, Failure> {
    let (kind, part) = word.split_once('/').unwrap_or((word, ""));
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.');
    if kind.is_empty() || word.len() > 253 || !kind.bytes().chain(part.bytes()).all(is_plain) {
        return Err(Failure::invalid(
            "argument `resource` must be a kind, such as pods, deployments.apps or pods/log",
        ));
    }
    let resource = resource(client, kind).await?;
    if namespace.is_some() && !resource.namespaced {
        return Err(Failure::invalid(format!(
            "argument `namespace` must be left out: {resource} have none"
        )));
    }
    let verbs: Vec<&str> = match verb {
        Some(verb) => vec![verb],
        None if part.is_empty() => READING.to_vec(),
        None => vec!["get"],
    };
    let home = client.cluster().namespace.clone();
    let mut places = vec![namespace];
    if namespace.is_none() && resource.namespaced {
        places.push(Some(home.as_str()));
    }
    let mut rows = Vec::new();
    let mut first = Vec::new();
    for (at, namespace) in places.into_iter().enumerate() {
        let reach = namespace.map_or(Reach::Cluster, Reach::Namespace);
        let mut all = true;
        for verb in &verbs {
            let access = client.may(verb, &resource, part, reach).await;
            let access = access.map_err(|refusal| Failure::from(&refusal))?;
            all &= access.allowed;
            let may = if access.allowed { "yes" } else { "no" };
            rows.push(vec![(*verb).to_owned(), place(namespace), may.to_owned(), access.reason]);
            if at == 0 {
                first.push((*verb, access.allowed));
            }
        }
        if all {
            break;
        }
    }
    let name = if part.is_empty() { resource.to_string() } else { format!("{resource}/{part}") };
    let list = |allowed: bool| {
        let verbs = first.iter().filter(|it| it.1 == allowed).map(|it| it.0);
        verbs.collect::<Vec<_>>().join(", ")
    };
    let summary = match (list(true).as_str(), list(false).as_str()) {
        (yes, "") => format!("May {yes} {name} {}.", place(namespace)),
        ("", no) => format!("May not {no} {name} {}.", place(namespace)),
        (yes, no) => format!("May {yes} {name} {}, and not {no}.", place(namespace)),
    };
    let reads = |verb: &str| READING.contains(&verb);
    let is_lacking =
        first.iter().any(|(verb, allowed)| !allowed && reads(verb) && *verb != "watch");
    let is_ours = !resource.is_secret() && (part.is_empty() || part == "log");
    let part = PARTS.iter().find(|it| **it == part).copied().unwrap_or_default();
    let wanted = if is_lacking && is_ours { vec![(resource.clone(), part)] } else { Vec::new() };
    let mut warnings = Vec::new();
    if resource.is_secret() {
        warnings.push("what Secrets hold is never read, with or without the right".to_owned());
    }
    if first.iter().any(|(verb, allowed)| *allowed && !reads(verb)) {
        warnings.push(
            "a right to write, which no tool uses: give an identity that only reads".to_owned(),
        );
    }
    let columns = ["VERB", "WHERE", "ALLOWED", "BECAUSE"].map(str::to_owned).to_vec();
    Ok(Answer {
        summary,
        table: Table { columns, rows },
        quotes: role(namespace, &wanted),
        warnings,
        ..Answer::default()
    })
}

/// The kind that a word means. Secrets, too: asking whether they may be read reads none.
async fn resource(client: &Client, word: &str) -> Result<Resource, Failure> {
    match client.resolve(word).await.map_err(|refusal| Failure::from(&refusal))? {
        Meaning::Kind(resource) => Ok(resource),
        Meaning::Unreadable(_) if word.to_lowercase().starts_with("secret") => Ok(SECRETS),
        Meaning::Unreadable(why) => {
            Err(Failure::invalid(format!("argument `resource`: {word}: {why}")))
        }
        Meaning::Unknown(near) => Err(Failure {
            hint: did_you_mean(&near),
            ..Failure::invalid(format!("argument `resource`: the cluster serves no kind {word}"))
        }),
        Meaning::Unanswered { groups, near } => Err(unanswered("resource", word, &groups, &near)),
    }
}

fn did_you_mean(near: &[String]) -> String {
    if near.is_empty() { String::new() } else { format!("did you mean {}?", near.join(", ")) }
}

fn place(namespace: Option<&str>) -> String {
    namespace.map_or_else(|| "in all namespaces".to_owned(), |it| format!("in namespace {it}"))
}

/// What it may do beside reading.
fn too_much(rules: &Rules) -> Option<String> {
    let writes = privilege::writing(rules);
    let shown: Vec<&str> = writes.iter().take(MOST_WRITES).map(String::as_str).collect();
    let more = writes.len() - shown.len();
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    (!shown.is_empty()).then(|| {
        format!("has rights beside reading, which no tool uses: {}{more}", shown.join("; "))
    })
}

/// The role that gives what lacks.
fn role(namespace: Option<&str>, wanted: &[(Resource, &'static str)]) -> Vec<Quote> {
    if wanted.is_empty() {
        return Vec::new();
    }
    let label = "the role to add, to be bound to this identity".to_owned();
    vec![Quote { label, text: rbac::role_to_add(namespace, wanted) }]
}
