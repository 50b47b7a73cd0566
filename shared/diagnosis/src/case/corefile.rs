//! What CoreDNS's configuration makes of a name, in closed forms: a template that denies it, a rewrite to something else,
//! no answers for the cluster's names at all. See <https://coredns.io/plugins/>.

use regex::Regex;

/// Why CoreDNS answers a name otherwise than from the Service of that name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Twist {
    /// `template ... { rcode X }`: a fixed answer.
    Denied {
        /// The code of the answer, such as `NXDOMAIN`.
        code: String,
    },
    /// `rewrite name ...`: another name is looked up in its stead.
    Rewritten {
        /// That name.
        to: String,
    },
    /// No `kubernetes` plugin answers for Services.
    NoKubernetes,
    /// Its `kubernetes` plugin answers for other zones.
    OtherZone,
}

/// What a configuration does to a name that ends without a dot, and the line that does it.
pub fn twist(corefile: &str, name: &str) -> Option<(Twist, String)> {
    let lines: Vec<&str> = corefile.lines().map(uncommented).filter(|it| !it.is_empty()).collect();
    for (at, line) in lines.iter().enumerate() {
        let words: Vec<&str> = line.split_whitespace().collect();
        let found = match words.as_slice() {
            ["template", _, "A" | "AAAA" | "ANY", zones @ ..] => {
                denied(zones, lines.get(at + 1..)?, name)
            }
            ["rewrite", rest @ ..] => rewritten(rest, name),
            _ => None,
        };
        if let Some(twist) = found {
            return Some((twist, (*line).to_owned()));
        }
    }
    let serves = lines.iter().any(|it| it.split_whitespace().next() == Some("kubernetes"));
    if let Some(line) = of_other_zone(&lines, name) {
        return Some((Twist::OtherZone, line));
    }
    let whole = lines.iter().any(|it| it.starts_with('.') && it.ends_with('{'));
    (whole && !serves).then(|| (Twist::NoKubernetes, String::new()))
}

/// The line of the one `kubernetes` plugin, where it names its zones and none holds the name: `kubernetes cluster.local
/// in-addr.arpa ip6.arpa {`. Without zones it answers for those of its block.
fn of_other_zone(lines: &[&str], name: &str) -> Option<String> {
    let mut plugins = lines.iter().filter(|it| it.split_whitespace().next() == Some("kubernetes"));
    let line = plugins.next().filter(|_| plugins.next().is_none())?;
    let named = line.split_whitespace().skip(1).filter(|it| *it != "{");
    let mut zones = named.map(zone_of).peekable();
    zones.peek()?;
    (!zones.any(|zone| zone.is_empty() || is_below(name, &zone))).then(|| (*line).to_owned())
}

/// A zone that is not the root's, and the servers to which names of it are forwarded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Zone {
    /// The zone, without a last dot.
    pub name: String,
    /// The servers' addresses.
    pub servers: Vec<String>,
    /// The line that names them.
    pub line: String,
}

/// Where a configuration forwards a name to other servers than the root's names: the smallest zone that holds it.
pub fn forwarded(corefile: &str, name: &str) -> Option<Zone> {
    let mut best: Option<Zone> = None;
    let mut zones: Vec<String> = Vec::new();
    let mut depth = 0_usize;
    for line in corefile.lines().map(uncommented) {
        let words: Vec<&str> = line.split_whitespace().collect();
        let opens = words.last() == Some(&"{");
        if depth == 0 && opens {
            let named = words.iter().filter(|it| **it != "{");
            zones = named.map(|it| zone_of(it.trim_end_matches(','))).collect();
        }
        if let ["forward" | "proxy", from, to @ ..] = words.as_slice()
            && depth > 0
        {
            let from = zone_of(from);
            // Within a block for a zone, `.` means all of the block.
            let of_block = zones.iter().filter(|it| is_below(name, it)).max_by_key(|it| it.len());
            let zone = if from.is_empty() { of_block.cloned() } else { Some(from) };
            let held = zone.filter(|it| !it.is_empty() && is_below(name, it) && of_block.is_some());
            if let Some(zone) = held
                && best.as_ref().is_none_or(|it| it.name.len() < zone.len())
            {
                let servers = to.iter().filter(|it| **it != "{").map(|it| address_of(it));
                let (servers, line) = (servers.collect(), line.to_owned());
                best = Some(Zone { name: zone, servers, line });
            }
        }
        depth = depth + usize::from(opens) - usize::from(line == "}" && depth > 0);
    }
    best
}

/// Every line that forwards to servers by the port of names, whatever the zone: its zone is as the line names it.
pub fn forwards(corefile: &str) -> Vec<Zone> {
    let mut found = Vec::new();
    for line in corefile.lines().map(uncommented) {
        let words: Vec<&str> = line.split_whitespace().collect();
        let ["forward" | "proxy", from, to @ ..] = words.as_slice() else { continue };
        let servers = to.iter().filter(|it| !matches!(**it, "{" | "}") && has_usual_port(it));
        let servers = servers.map(|it| address_of(it)).collect();
        found.push(Zone { name: zone_of(from), servers, line: line.to_owned() });
    }
    found
}

/// Whether a server is asked at port 53, which is meant where none is written.
fn has_usual_port(word: &str) -> bool {
    let plain = word.strip_prefix("dns://").unwrap_or(word);
    let host = address_of(plain);
    !plain.contains("://") && (plain == host || plain.strip_prefix(&host) == Some(":53"))
}

/// `dns://corp:53` is the zone `corp`, and `.` the root, which is empty here.
fn zone_of(word: &str) -> String {
    let word = word.split_once("://").map_or(word, |(_, it)| it);
    let word = word.split(':').next().unwrap_or(word);
    word.trim_end_matches('.').to_owned()
}

/// `tls://10.9.4.53:853` is the server 10.9.4.53.
fn address_of(word: &str) -> String {
    let word = word.split_once("://").map_or(word, |(_, it)| it);
    let port = word.rsplit_once(':').filter(|(host, _)| !host.contains(':'));
    port.map_or(word, |(host, _)| host).to_owned()
}

fn uncommented(line: &str) -> &str {
    line.split('#').next().unwrap_or_default().trim()
}

/// A template's block: its zones, what it matches, and the code that it answers with.
fn denied(zones: &[&str], below: &[&str], name: &str) -> Option<Twist> {
    let zones: Vec<&str> = zones.iter().copied().filter(|it| *it != "{").collect();
    let block: Vec<&str> = below.iter().copied().take_while(|it| *it != "}").collect();
    let value = |key: &str| block.iter().find_map(|it| it.strip_prefix(key)).map(str::trim);
    let code = value("rcode ")?.to_ascii_uppercase();
    if !matches!(code.as_str(), "NXDOMAIN" | "SERVFAIL" | "REFUSED") {
        return None;
    }
    let zone_fits = zones.iter().any(|zone| is_below(name, zone));
    let pattern = value("match ").map(|it| Regex::new(it.trim_matches(['"', '\''])));
    // CoreDNS matches against the name with its last dot; without a pattern all names of the zones.
    let fits = match pattern {
        None => zone_fits && !zones.is_empty(),
        Some(Ok(regex)) => (zones.is_empty() || zone_fits) && regex.is_match(&format!("{name}.")),
        Some(Err(_)) => false,
    };
    // One that denies whatever it is asked would be no configuration of a cluster that worked.
    fits.then_some(Twist::Denied { code })
}

fn is_below(name: &str, zone: &str) -> bool {
    let zone = zone.trim_end_matches('.');
    zone.is_empty() || name == zone || name.ends_with(&format!(".{zone}"))
}

/// `[continue|stop] name [exact|prefix|suffix|substring|regex] FROM TO`.
fn rewritten(words: &[&str], name: &str) -> Option<Twist> {
    let words = match words {
        ["stop" | "continue", rest @ ..] => rest,
        rest => rest,
    };
    let ["name", words @ ..] = words else { return None };
    let (how, from, to) = match words {
        [how @ ("exact" | "prefix" | "suffix" | "substring" | "regex"), from, to, ..] => {
            (*how, *from, *to)
        }
        [from, to, ..] => ("exact", *from, *to),
        _ => return None,
    };
    let plain = |it: &str| it.trim_end_matches('.').to_owned();
    let (from_plain, to_plain) = (plain(from), plain(to));
    let to = match how {
        "exact" => (name == from_plain).then_some(to_plain)?,
        "prefix" => format!("{to_plain}{}", name.strip_prefix(from)?),
        "suffix" => format!("{}{to_plain}", name.strip_suffix(&from_plain)?),
        "substring" if name.contains(from) => name.replacen(from, to, 1),
        "regex" => {
            let regex = Regex::new(from).ok()?;
            let dotted = format!("{name}.");
            regex.is_match(&dotted).then_some(())?;
            // CoreDNS writes groups as {1}, and puts the whole name in the place of the old one.
            let groups = regex.captures(&dotted)?;
            let mut target = to.to_owned();
            for (number, group) in groups.iter().enumerate() {
                let text = group.map_or("", |it| it.as_str());
                target = target.replace(&format!("{{{number}}}"), text);
            }
            plain(&target)
        }
        _ => return None,
    };
    (to != name).then_some(Twist::Rewritten { to })
}

#[cfg(test)]
mod tests {
    use super::{Twist, forwarded, forwards, twist};

    const NAME: &str = "catalog.shop.svc.cluster.local";

    fn made(plugin: &str) -> Option<Twist> {
        let corefile = format!(
            ".:53 {{\n    errors\n    {plugin}\n    kubernetes cluster.local in-addr.arpa ip6.arpa {{\n       pods insecure\n    }}\n    forward . /etc/resolv.conf\n}}\n"
        );
        twist(&corefile, NAME).map(|(twist, _)| twist)
    }

    #[test]
    fn the_usual_configuration_twists_nothing() {
        assert_eq!(made("ready"), None);
    }

    #[test]
    fn a_zone_of_its_own_is_forwarded() {
        let corefile = ".:53 {\n    forward . /etc/resolv.conf {\n       max_concurrent 1000\n    }\n    forward lab.corp 10.0.0.1\n}\ncorp:53 eu.corp {\n    forward . 10.9.4.53:53 tls://10.9.4.54\n}\n";
        let zone = |name: &str| forwarded(corefile, name).map(|it| (it.name, it.servers));
        let servers = |all: &[&str]| all.iter().map(|it| (*it).to_owned()).collect::<Vec<_>>();
        let both = servers(&["10.9.4.53", "10.9.4.54"]);
        assert_eq!(zone("db.corp"), Some(("corp".to_owned(), both.clone())));
        assert_eq!(zone("db.eu.corp"), Some(("eu.corp".to_owned(), both)));
        assert_eq!(zone("a.lab.corp"), Some(("lab.corp".to_owned(), servers(&["10.0.0.1"]))));
        assert_eq!(zone("example.com"), None);
    }

    #[test]
    fn servers_at_other_ports_are_others() {
        let corefile = ".:53 {\n    forward . 10.96.0.10:53 127.0.0.1:5353 tls://10.9.4.54 {\n    }\n    forward corp dns://10.9.4.53\n}\n";
        let servers: Vec<_> = forwards(corefile).into_iter().map(|it| it.servers).collect();
        assert_eq!(servers, [["10.96.0.10"], ["10.9.4.53"]]);
    }

    #[test]
    fn a_template_denies_its_zone() {
        let denied = Some(Twist::Denied { code: "NXDOMAIN".to_owned() });
        let template =
            |head: &str, body: &str| format!("template {head} {{\n        {body}\n    }}");
        assert_eq!(made(&template("ANY ANY shop.svc.cluster.local", "rcode NXDOMAIN")), denied);
        assert_eq!(
            made(&template(
                "IN A svc.cluster.local",
                "match \"^catalog\\.shop\\.\"\n        rcode NXDOMAIN"
            )),
            denied
        );
        assert_eq!(made(&template("IN AAAA other.svc.cluster.local", "rcode NXDOMAIN")), None);
        assert_eq!(made(&template("ANY ANY shop.svc.cluster.local", "rcode NOERROR")), None);
    }

    #[test]
    fn a_rewrite_leads_elsewhere() {
        let to = |to: &str| Some(Twist::Rewritten { to: to.to_owned() });
        assert_eq!(
            made(&format!("rewrite name {NAME} gone.shop.svc.cluster.local")),
            to("gone.shop.svc.cluster.local")
        );
        assert_eq!(
            made(
                "rewrite stop name regex (.*)\\.shop\\.svc\\.cluster\\.local {1}.old.svc.cluster.local"
            ),
            to("catalog.old.svc.cluster.local")
        );
        assert_eq!(made("rewrite name suffix .shop.example .shop.svc.cluster.local"), None);
        assert_eq!(made("# rewrite name catalog.shop.svc.cluster.local x"), None);
    }

    #[test]
    fn services_need_the_kubernetes_plugin() {
        let corefile = ".:53 {\n    forward . 8.8.8.8\n}\n";
        assert_eq!(twist(corefile, NAME).map(|it| it.0), Some(Twist::NoKubernetes));
    }
}
