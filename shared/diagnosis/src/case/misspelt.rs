//! A host in a ConfigMap, where the name that is asked for is another's with a slip of the hand. The value itself is not
//! read.

use super::Case;
use super::addresses::is_alike;
use super::complaints::Complaint;
use crate::seen::Seen;
use evidence::entity::Entity;
use evidence::fact::access::Config;
use evidence::fact::network::Service;

/// What the names of settings hold that hold a host.
const HOSTS: [&str; 8] = ["ADDR", "BROKER", "DSN", "ENDPOINT", "HOST", "SERVER", "URI", "URL"];

/// Where the slip is.
#[derive(Clone, Debug)]
pub struct Misspelt<'a> {
    /// The Service that was meant.
    pub meant: Seen<'a, Service>,
    /// What holds the name.
    pub config: Seen<'a, Config>,
    /// Its first key for a host.
    pub key: &'a str,
}

impl Case {
    /// The one ConfigMap behind the container's environment that holds a host, where one Service of the namespace is called
    /// almost like the one that is missed.
    pub fn misspelt(&self, complaint: &Complaint<'_>, absent: &Entity) -> Option<Misspelt<'_>> {
        let here = self.services().filter(|it| it.meta.namespace == absent.namespace);
        let mut alike = here.filter(|it| is_alike(&it.meta.name, &absent.name));
        let meant = alike.next()?;
        if alike.next().is_some() {
            return None;
        }
        let spec = &complaint.container.spec;
        let single = spec.env.iter().filter_map(|it| it.from.as_ref());
        let single = single.map(|it| (it, Some(it.key.as_str())));
        let whole = spec.env_from.iter().map(|it| (it, None));
        let mut found = single.chain(whole).filter_map(|(object, key)| {
            let namespace = complaint.namespace();
            let config = self.config(&object.kind, namespace, &object.name).seen()?;
            let key = (object.kind == "ConfigMap").then(|| host_in(config.it, key))??;
            Some(Misspelt { meant, config, key })
        });
        let first = found.next()?;
        found.all(|it| it.config.exhibit == first.config.exhibit).then_some(first)
    }
}

/// The first key of a ConfigMap, or the one that is asked for, that holds a host by its name.
fn host_in<'a>(config: &'a Config, key: Option<&str>) -> Option<&'a str> {
    // The last one to write comes first: it is the likeliest to have slipped.
    let fields = config.meta.touches.iter().rev().flat_map(|it| it.fields.iter());
    let mut keys = fields.filter_map(|it| it.strip_prefix("data."));
    keys.find(|it| key.is_none_or(|key| key == *it) && holds_host(it))
}

fn holds_host(key: &str) -> bool {
    let key = key.to_ascii_uppercase();
    HOSTS.iter().any(|host| key.contains(host))
}
