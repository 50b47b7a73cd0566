//! How many connections a client's pool may hold, and whether that was changed lately.

use super::Case;
use super::containers::Running;
use super::credentials::Setting;
use super::touching::MAKING;
use crate::finding::Cite;
use crate::seen::Seen;
use evidence::entity::Entity;
use evidence::fact::pod::State;
use evidence::fact::spec::EnvVar;
use evidence::fact::workload::Revision;
use jiff::Timestamp;

/// A change of the size of a pool.
#[derive(Clone, Debug)]
pub struct Resized {
    /// Where it was changed.
    pub setting: Setting,
    /// When.
    pub at: Timestamp,
    /// It may hold more than before; none where the sizes are not known.
    pub grown: Option<bool>,
}

impl Case {
    /// The change of the size of a container's pool, in a variable of its own or in a ConfigMap that it has variables
    /// from, if there was one lately, before the container started.
    pub fn resized_pool(&self, container: &Running<'_>) -> Option<Resized> {
        self.resized_variable(container).or_else(|| self.resized_config(container))
    }

    fn resized_variable(&self, container: &Running<'_>) -> Option<Resized> {
        let (newest, before) = self.two_newest(container.root)?;
        let at = newest.it.meta.created.filter(|at| self.is_news(Some(*at)))?;
        let of = |revision: &Seen<'_, Revision>| {
            let containers = &revision.it.template.containers;
            containers.iter().find(|it| it.name == container.spec.name).map(|it| it.env.clone())
        };
        let (now, then) = (of(&newest)?, of(&before)?);
        let changed = |it: &&EnvVar| is_pool_size(&it.name) && !then.contains(it);
        let variable = now.iter().find(changed)?;
        let number = newest.it.number.unwrap_or_default();
        let size = |it: &EnvVar| it.value.as_deref().and_then(|it| it.trim().parse::<u64>().ok());
        let was = then.iter().find(|it| it.name == variable.name).and_then(size);
        let grown = was.zip(size(variable)).map(|(was, is)| is > was);
        let says = format!("revision {number} changed its variable {}", variable.name);
        let setting = Setting {
            subject: container.root.clone(),
            field: Some(container.field(&format!("env[{}]", variable.name))),
            value: variable.value.clone(),
            cite: Cite::new(newest.exhibit, says),
        };
        Some(Resized { setting, at, grown })
    }

    /// A key of a ConfigMap that was written after the ConfigMap was made and before the container read it, at its start.
    /// Its value is not read.
    fn resized_config(&self, container: &Running<'_>) -> Option<Resized> {
        let State::Running { since: Some(started) } = container.status.state.as_ref()? else {
            return None;
        };
        let namespace = &container.pod.it.meta.namespace;
        let single = container.spec.env.iter().filter(|it| is_pool_size(&it.name));
        let single = single.filter_map(|it| it.from.as_ref()).map(|it| (it, Some(&it.key)));
        let whole = container.spec.env_from.iter().map(|it| (it, None));
        for (object, key) in single.chain(whole).filter(|(it, _)| it.kind == "ConfigMap") {
            let config = self.config("ConfigMap", namespace, &object.name).seen();
            let Some(config) = config else { continue };
            let made = config.it.meta.created;
            for touch in config.it.meta.touches.iter().rev().filter(|it| self.is_news(it.at)) {
                let Some(at) = touch.at.filter(|at| at <= started) else { continue };
                let later = made.is_none_or(|made| at > made + MAKING);
                let mut keys = touch.fields.iter().filter_map(|it| it.strip_prefix("data."));
                let wanted =
                    |it: &&str| key.map_or_else(|| is_pool_size(it), |key| key.as_str() == *it);
                let Some(field) = keys.find(wanted).filter(|_| later) else { continue };
                let subject = Entity::new("ConfigMap", namespace, &object.name);
                let says = format!("{subject}: {field} was set by {}", touch.manager);
                let setting = Setting {
                    subject,
                    field: Some(format!("data.{field}")),
                    value: None,
                    cite: Cite::new(config.exhibit, says),
                };
                return Some(Resized { setting, at, grown: None });
            }
        }
        None
    }
}

/// Whether a setting's name is that of the size of a pool of connections: `DB_POOL_SIZE`, `PGPOOL_MAX`,
/// `DB_MAX_OPEN_CONNS`, `spring.datasource.hikari.maximum-pool-size`. Pools of threads and of HTTP clients are others.
fn is_pool_size(name: &str) -> bool {
    let name = name.to_ascii_uppercase();
    let others = [
        "TIMEOUT", "LEAK", "IDLE", "LIFETIME", "INTERVAL", "NAME", "VALIDAT", "RECYCLE", "THREAD",
        "WORKER", "HTTP",
    ];
    let pool = name.contains("POOL") || name.contains("MAX") && name.contains("CONN");
    pool && !others.iter().any(|it| name.contains(it))
}

#[cfg(test)]
mod tests {
    use super::is_pool_size;

    #[test]
    fn knows_the_names_of_pool_sizes() {
        for name in [
            "SPRING_DATASOURCE_HIKARI_MAXIMUM_POOL_SIZE",
            "PGPOOL_MAX",
            "DB_MAX_OPEN_CONNS",
            "RAILS_DB_POOL",
            "quarkus.datasource.jdbc.max-pool-size",
        ] {
            assert!(is_pool_size(name), "{name}");
        }
        for name in [
            "DB_POOL_TIMEOUT",
            "HIKARI_POOL_NAME",
            "MAX_THREADS",
            "CONNECTION_URL",
            "SERVER_THREAD_POOL_SIZE",
            "WORKER_POOL_MAX",
            "HTTP_MAX_CONNECTIONS",
        ] {
            assert!(!is_pool_size(name), "{name}");
        }
    }
}
