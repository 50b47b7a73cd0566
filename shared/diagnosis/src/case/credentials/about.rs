//! Which variable of a client holds what somebody refused, by its name.

use crate::case::complaints::Complaint;
use crate::case::words::store::Store;
use evidence::fact::spec::EnvVar;

/// Parts of names of variables that hold what one is known by, the telling ones first.
const WORDS: [&str; 12] = [
    "PASS",
    "PWD",
    "CRED",
    "TOKEN",
    "SECRET",
    "DSN",
    "CONNECTION_STRING",
    "CONNECTIONSTRING",
    "CONN_STR",
    "URL",
    "URI",
    "USER",
];
/// Those of them that are in the names of other things, too: an address counts where it is the refuser's, or holds a user.
const ADDRESSES: [&str; 2] = ["URL", "URI"];
/// Words for stores in names of variables.
const STORES: [(&[Store], &[&str]); 8] = [
    (&[Store::Postgres], &["PG", "POSTGRES"]),
    (&[Store::Mysql], &["MYSQL", "MARIADB"]),
    (&[Store::Mongo], &["MONGO"]),
    (&[Store::Redis], &["REDIS", "VALKEY", "CACHE"]),
    (&[Store::Rabbit], &["RABBIT", "AMQP"]),
    (&[Store::Kafka], &["KAFKA", "SASL"]),
    (&[Store::Nats], &["NATS"]),
    (&[Store::Cassandra], &["CASSANDRA", "SCYLLA"]),
];
/// Words for any store that is a database.
const DATABASE: [&str; 3] = ["DB", "DATABASE", "SQL"];

/// How much of who refused is in a variable's name, the most first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Nearness {
    /// Its name, or the word of its kind: `POSTGRES_PASSWORD`.
    Own,
    /// The word of any database: `DB_PASSWORD`.
    Database,
    /// A part that begins or ends so, as those of databases that are not known here do: `INFLUXDB_PASSWORD`.
    Similar,
    /// Nothing.
    Foreign,
}

/// Who refused.
pub(super) struct About {
    store: Option<Store>,
    /// The first label of its name, as a variable would have it: `ORDERS_DB`.
    peer: Option<String>,
}

impl About {
    pub(super) fn of(complaint: &Complaint<'_>) -> About {
        let peer = complaint.said.peer().filter(|it| it.address().is_none());
        let label = peer.and_then(|it| it.host.split('.').next());
        let port = complaint.said.peer().and_then(|it| it.port);
        About {
            store: complaint.store.or_else(|| Store::of_port(port?)),
            peer: label.map(|it| it.to_ascii_uppercase().replace('-', "_")),
        }
    }

    /// How little it looks like what was refused; none where it does not at all. Of two alike the one that is kept elsewhere
    /// is sooner a secret than what anybody may read.
    pub(super) fn rank(&self, variable: &EnvVar) -> Option<(Nearness, usize, bool)> {
        let name = variable.name.to_ascii_uppercase();
        let is_word = |word: &&str| match *word {
            "USER" => name.ends_with("USER") || name.ends_with("USERNAME"),
            word => name.contains(word),
        };
        let rank = WORDS.iter().position(is_word)?;
        let nearness = self.nearness(&name);
        let own = nearness != Nearness::Foreign;
        if !own && self.is_of_another(&name) {
            return None;
        }
        let held = variable.from.as_ref().is_some_and(|it| it.kind == "Secret");
        let known = held || variable.value.as_deref().is_some_and(|it| it.contains('@'));
        let bare = WORDS.get(rank).is_some_and(|it| ADDRESSES.contains(it)) && !known;
        (own || !bare).then_some((nearness, rank, variable.from.is_none()))
    }

    /// The variable that looks most like it; none where several look alike and nothing tells them apart.
    pub(super) fn best<'a>(&self, env: &'a [EnvVar]) -> Option<&'a EnvVar> {
        let ranked = || env.iter().filter_map(|it| Some((self.rank(it)?, it)));
        let (best, variable) = ranked().min_by_key(|(rank, _)| *rank)?;
        let alike = ranked().filter(|(rank, _)| *rank == best).count();
        let (nearness, ..) = best;
        (alike == 1 || nearness <= Nearness::Database).then_some(variable)
    }

    /// Whether a name of an object or a variable says that it is about who refused, or about something else; none where it
    /// says neither.
    pub(super) fn tells(&self, name: &str) -> Option<bool> {
        let name = name.to_ascii_uppercase().replace(['-', '.'], "_");
        match self.nearness(&name) {
            Nearness::Foreign => self.is_of_another(&name).then_some(false),
            _ => Some(true),
        }
    }

    fn nearness(&self, name: &str) -> Nearness {
        let of_peer = self.peer.as_deref().is_some_and(|it| it.len() > 2 && name.contains(it));
        let of_kind = |store| words_of(store).any(|it| has(name, it));
        if of_peer || self.store.is_some_and(of_kind) {
            return Nearness::Own;
        }
        let relational = matches!(self.store, Some(Store::Postgres | Store::Mysql | Store::Mongo));
        // `MYSQL` and `MONGODB` end as any database does.
        if !relational || self.is_of_another(name) {
            return Nearness::Foreign;
        }
        if name.split('_').any(|it| DATABASE.contains(&it)) {
            return Nearness::Database;
        }
        match DATABASE.iter().any(|it| has(name, it)) {
            true => Nearness::Similar,
            false => Nearness::Foreign,
        }
    }

    /// Whether a name has the word of a store of another kind in it.
    fn is_of_another(&self, name: &str) -> bool {
        let Some(store) = self.store else { return false };
        let others = STORES.iter().filter(|(stores, _)| !stores.contains(&store));
        let mut words = others.flat_map(|(_, words)| words.iter());
        words.any(|it| has(name, it))
    }
}

fn words_of(store: Store) -> impl Iterator<Item = &'static &'static str> {
    let own = STORES.iter().filter(move |(stores, _)| stores.contains(&store));
    own.flat_map(|(_, words)| words.iter())
}

/// Short words begin or end a part of a name: `PGPASSWORD`, `ORDERSDB_URL`, and not `FEEDBACK_URL`.
fn has(name: &str, word: &str) -> bool {
    if word.len() > 3 {
        return name.contains(word);
    }
    name.split('_').any(|it| it.starts_with(word) || it.ends_with(word))
}

#[cfg(test)]
mod tests {
    use super::About;
    use crate::case::words::store::Store;
    use evidence::fact::spec::EnvVar;

    #[track_caller]
    fn best(store: Option<Store>, names: &[&str], expected: Option<&str>) {
        let about = About { store, peer: None };
        let variable = |it: &&str| EnvVar {
            name: (*it).to_owned(),
            value: Some("x".to_owned()),
            ..EnvVar::default()
        };
        let env: Vec<EnvVar> = names.iter().map(variable).collect();
        let found = about.best(&env).map(|it| it.name.as_str());
        assert_eq!(found, expected, "{names:?}");
    }

    #[test]
    fn the_refusers_own_variable_is_taken() {
        best(
            Some(Store::Postgres),
            &["REDIS_PASSWORD", "POSTGRES_PASSWORD"],
            Some("POSTGRES_PASSWORD"),
        );
        best(Some(Store::Postgres), &["REDIS_PASSWORD", "PASSWORD"], Some("PASSWORD"));
        best(Some(Store::Postgres), &["DB_USER", "DB_PASSWORD"], Some("DB_PASSWORD"));
        best(Some(Store::Postgres), &["USER_SERVICE_URL", "FEATURE_API_URL"], None);
        best(Some(Store::Postgres), &["FEATURE_API_URL", "DATABASE_URL"], Some("DATABASE_URL"));
        best(None, &["MAPS_TOKEN", "MAIL_TOKEN"], None);
        best(Some(Store::Postgres), &["FEEDBACK_URL", "ORDERSDB_URL"], Some("ORDERSDB_URL"));
        best(Some(Store::Postgres), &["HOME", "DB_CONN_STR"], Some("DB_CONN_STR"));
        best(None, &["ConnectionStrings__Default"], Some("ConnectionStrings__Default"));
        best(Some(Store::Postgres), &["FEEDBACK_URL"], None);
        best(Some(Store::Postgres), &["MYSQL_PASSWORD", "MONGODB_PASSWORD"], None);
        best(Some(Store::Nats), &["MAIL_TOKEN", "NATS_TOKEN"], Some("NATS_TOKEN"));
        best(Some(Store::Postgres), &["NATS_PASSWORD"], None);
    }

    #[test]
    fn what_ends_as_any_database_does_comes_after_its_own() {
        let postgres = Some(Store::Postgres);
        for own in ["POSTGRES_PASSWORD", "DB_PASSWORD", "DATABASE_PASSWORD"] {
            best(postgres, &["INFLUXDB_PASSWORD", own], Some(own));
        }
        best(postgres, &["INFLUXDB_PASSWORD", "COUCHDB_PASSWORD"], None);
    }
}
