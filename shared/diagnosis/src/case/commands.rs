//! The hosts that the command of a container waits for.

use super::Case;
use super::containers::Running;
use super::peers::{Meant, peers_in};
use super::words::peer::Peer;
use crate::finding::Cite;
use evidence::entity::Entity;
use evidence::fact::spec::Container;

/// How a script asks for the namespace that its pod lives in, as the documentation of Kubernetes has it.
const NAMESPACE: &str = "$(cat /var/run/secrets/kubernetes.io/serviceaccount/namespace)";
/// Words of a shell before the program of a statement.
const BEFORE: &[&str] =
    &["until", "while", "if", "elif", "!", "do", "then", "else", "exec", "time"];
/// Programs whose first word without a dash is a host.
const FIRST: &[&str] = &["nslookup", "host", "ping", "nc", "ncat", "netcat", "telnet", "dig"];
/// Programs that take a host after `-h` or `--host`, or in a URL, and nowhere else.
const AFTER_FLAG: &[&str] = &[
    "pg_isready",
    "psql",
    "mysql",
    "mysqladmin",
    "mariadb",
    "mariadb-admin",
    "redis-cli",
    "valkey-cli",
];
/// Flags before a value that is no host, of any program; numbers are none anyway.
const VALUED: &[&str] = &[
    "-o",
    "-X",
    "-H",
    "-i",
    "-p",
    "-s",
    "-t",
    "-w",
    "--user",
    "--username",
    "--dbname",
    "--port",
    "--timeout",
];
/// Those of them that stand alone in programs that fetch: `curl -s -i http://db`.
const ALONE_IN_FETCHERS: &[&str] = &["-i", "-p", "-s"];
/// Flags before a value, of the programs that take a host after a flag: in others they stand alone, as in `nc -u db 53`.
const VALUED_OF_CLIENTS: &[&str] = &["-A", "-U", "-a", "-d", "-q", "-u"];

/// A host that a command names.
#[derive(Debug, PartialEq, Eq)]
pub struct Host {
    /// What is named.
    pub peer: Peer,
    /// It can be nothing but a host there.
    pub sure: bool,
}

impl Case {
    /// The revision before, where its container of that name waited for a Service that is there, and not for the absent one that
    /// the command names now: it is the command that is to be mended.
    pub fn waited_for_another(&self, container: &Running<'_>, absent: &Entity) -> Option<Cite> {
        let namespace = &container.pod.meta.namespace;
        let names = |spec: &Container| {
            let mut hosts = hosts(spec, namespace).into_iter();
            hosts.any(
                |it| matches!(self.meant(&it.peer, namespace), Meant::Absent(it) if it == *absent),
            )
        };
        if !container.spec.init || !names(container.spec) {
            return None;
        }
        let (_, before) = self.two_newest(container.root)?;
        let mut containers = before.it.template.containers.iter();
        let then = containers.find(|it| it.name == container.spec.name).filter(|it| !names(it))?;
        let hosts = hosts(then, namespace);
        let service = hosts.iter().find_map(|it| self.service_of(&it.peer, namespace))?;
        let service = service.meta.entity("Service");
        Some(Cite::new(before.exhibit, format!("the revision before waited for {service}")))
    }
}

/// The hosts that a container's command and arguments name, in their order.
pub fn hosts(spec: &Container, namespace: &str) -> Vec<Host> {
    let words: Vec<String> =
        spec.command.iter().chain(&spec.args).map(|it| expand(it, spec, namespace)).collect();
    // A shell has its script in one word; else the words together are one statement.
    let (scripts, plain): (Vec<&String>, Vec<&String>) =
        words.iter().partition(|it| it.trim().contains(char::is_whitespace));
    let plain = plain.into_iter().map(String::as_str).collect::<Vec<&str>>().join(" ");
    let mut hosts = named(&plain);
    for script in scripts {
        let ends = |c: char| matches!(c, ';' | '\n' | '|' | '&' | '(' | ')' | '`');
        hosts.extend(script.split(ends).flat_map(named));
    }
    hosts
}

/// Puts in what is known of variables: `$(DB)` of Kubernetes, `$DB` and `${DB}` of shells, longer names first.
fn expand(text: &str, spec: &Container, namespace: &str) -> String {
    let mut text = text.replace(NAMESPACE, namespace);
    let mut env: Vec<_> =
        spec.env.iter().filter_map(|it| Some((&it.name, it.value.as_ref()?))).collect();
    env.sort_by_key(|(name, _)| std::cmp::Reverse(name.len()));
    for (name, value) in env {
        for form in [format!("$({name})"), format!("${{{name}}}")] {
            text = text.replace(&form, value);
        }
        text = bare(&text, name, value);
    }
    text
}

/// Puts a value in for `$DB`, and not for the beginning of `$DBHOST`.
fn bare(text: &str, name: &str, value: &str) -> String {
    let form = format!("${name}");
    let mut parts = text.split(form.as_str());
    let mut whole = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let goes_on = part.starts_with(|it: char| it.is_ascii_alphanumeric() || it == '_');
        whole.push_str(if goes_on { &form } else { value });
        whole.push_str(part);
    }
    whole
}

/// The hosts of one statement.
fn named(statement: &str) -> Vec<Host> {
    let tidy = |it: &'_ str| it.trim_matches(|c: char| "\"'[]<>".contains(c)).to_owned();
    let words: Vec<String> = statement.split_whitespace().map(tidy).collect();
    let mut words = words.iter().map(String::as_str).peekable();
    let mut hosts: Vec<Host> = Vec::new();
    let plain = statement.split_whitespace();
    let opened =
        plain.filter_map(|it| it.trim_start_matches(['<', '>', '&']).strip_prefix("/dev/tcp/"));
    hosts.extend(opened.filter_map(|it| sure(&it.replacen('/', ":", 1))));
    while words.next_if(|it| BEFORE.contains(it)).is_some() {}
    if words.next_if(|it| *it == "timeout").is_some() {
        words.next();
    }
    let program = words.next().unwrap_or_default();
    let program = program.rsplit('/').next().unwrap_or_default();
    let waits = program.starts_with("wait") || program == "dockerize";
    if matches!(program, "echo" | "printf" | "sleep") {
        return hosts;
    }
    let mut first = true;
    while let Some(word) = words.next() {
        if let Some(host) = host_flag(program, word, &mut words) {
            hosts.extend(sure(&host));
            continue;
        }
        if word.contains("://") {
            let url = word.split_once('=').filter(|(flag, _)| flag.starts_with('-'));
            let url = url.map_or(word, |(_, url)| url);
            hosts.extend(peers_in(url).into_iter().map(|peer| Host { peer, sure: true }));
            continue;
        }
        let of_client = AFTER_FLAG.contains(&program) && VALUED_OF_CLIENTS.contains(&word);
        let fetches = matches!(program, "curl" | "wget");
        let of_any = VALUED.contains(&word) && !(fetches && ALONE_IN_FETCHERS.contains(&word));
        if of_any || of_client || program == "curl" && word == "-u" {
            words.next_if(|it| !it.starts_with('-'));
            continue;
        }
        if word.starts_with(['-', '@', '+']) || program == "getent" && first {
            first &= word.starts_with('-');
            continue;
        }
        let Some(host) = sure(word) else { continue };
        match () {
            () if AFTER_FLAG.contains(&program) => {}
            () if FIRST.contains(&program) || program == "getent" => {
                hosts.push(host);
                break; // A port follows, or the server to ask.
            }
            () if waits && host.peer.port.is_some() => hosts.push(host),
            () => hosts.push(Host { sure: false, ..host }),
        }
    }
    hosts
}

/// The host of `--host=db`, and of `-h db` and `-hdb` where a program reads that so: `grep -h` and `chown -h` do not.
fn host_flag<'a>(
    program: &str,
    word: &str,
    rest: &mut impl Iterator<Item = &'a str>,
) -> Option<String> {
    let is_client = AFTER_FLAG.contains(&program) || program.starts_with("wait");
    if word == "--host" || word == "-h" && is_client {
        return rest.next().map(str::to_owned);
    }
    let attached = || word.strip_prefix("-h").filter(|_| AFTER_FLAG.contains(&program));
    let host = word.strip_prefix("--host=").or_else(attached)?;
    let host = host.trim_matches(['"', '\'']);
    (!host.is_empty()).then(|| host.to_owned())
}

/// A name or an address, with or without a port; a number alone is none.
fn sure(word: &str) -> Option<Host> {
    let peer = Peer::parse(word)?;
    let number = peer.host.chars().all(|it| it.is_ascii_digit());
    (!number).then_some(Host { peer, sure: true })
}

#[cfg(test)]
mod tests {
    use super::hosts;
    use evidence::fact::spec::{Container, EnvVar};

    #[test]
    fn reads_whom_a_command_waits_for() {
        for (script, expected) in [
            (
                "until nc -z -w 2 db 5432; do echo waiting for host to come; sleep 2; done",
                vec!["db"],
            ),
            ("until nc -zw2 db 5432; do sleep 1; done", vec!["db"]),
            ("while ! pg_isready -U app -h db -d shop -q; do sleep 1; done", vec!["db"]),
            ("pg_isready -U app", vec![]),
            (
                "until nslookup db.$(cat /var/run/secrets/kubernetes.io/serviceaccount/namespace).svc.cluster.local; do echo waiting for db; sleep 2; done",
                vec!["db.shop.svc.cluster.local"],
            ),
            ("until nc -z $(DB_HOST) $DB_PORT; do sleep 1; done", vec!["orders-db"]),
            ("until nc -z ${DB_HOST} 5432; do sleep 1; done", vec!["orders-db"]),
            ("until nc -z $OTHER 5432; do sleep 1; done", vec![]),
            (
                "until curl -sf -o /dev/null http://api:8080/ready; do sleep 1; done",
                vec!["api:8080"],
            ),
            ("until curl -s http://api:8080/ready; do sleep 1; done", vec!["api:8080"]),
            ("until curl -s -i http://api:8080/ready; do sleep 1; done", vec!["api:8080"]),
            ("until wget -s http://api:8080/ready; do sleep 1; done", vec!["api:8080"]),
            ("until nc -s 10.2.0.5 -z db 5432; do sleep 1; done", vec!["db"]),
            ("until ping -i 0.2 -c 1 db; do sleep 1; done", vec!["db"]),
            ("/wait-for-it.sh db:5432 -t 60 -- echo up", vec!["db:5432"]),
            ("dockerize -wait tcp://db:5432 -timeout 60s", vec!["db:5432"]),
            ("until redis-cli -h cache -p 6379 ping; do sleep 1; done", vec!["cache"]),
            ("until mysqladmin ping -h\"db\" --silent; do sleep 1; done", vec!["db"]),
            ("until (echo > /dev/tcp/db/5432) 2>/dev/null; do sleep 1; done", vec!["db:5432"]),
            ("until getent hosts db; do sleep 1; done", vec!["db"]),
            ("timeout 5 nc -z db 5432", vec!["db"]),
            ("until grep -h ready /status; do sleep 1; done", vec![]),
            ("until nc -u -z db 53; do sleep 1; done", vec!["db"]),
            ("until ping -q -c 1 db; do sleep 1; done", vec!["db"]),
            ("./wait-for-it.sh -h db -p 5432", vec!["db"]),
            ("until nc -z $DB_HOSTNAME 5432; do sleep 1; done", vec![]),
        ] {
            let variable = EnvVar {
                name: "DB_HOST".to_owned(),
                value: Some("orders-db".to_owned()),
                ..EnvVar::default()
            };
            let command = vec!["sh".to_owned(), "-c".to_owned(), script.to_owned()];
            let spec = Container { command, env: vec![variable], ..Container::default() };
            let found = hosts(&spec, "shop").into_iter().filter(|it| it.sure);
            let found: Vec<String> = found.map(|it| it.peer.to_string()).collect();
            assert_eq!(found, expected, "{script}");
        }
    }
}
