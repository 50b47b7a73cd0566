//! Which kind of database, cache or queue a line, an image or a port is of.

/// Which kind of server speaks, or is spoken of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Store {
    /// MySQL or MariaDB.
    Mysql,
    /// PostgreSQL.
    Postgres,
    /// MongoDB.
    Mongo,
    /// Redis or Valkey.
    Redis,
    /// RabbitMQ.
    Rabbit,
    /// Kafka.
    Kafka,
    /// NATS.
    Nats,
    /// Elasticsearch or OpenSearch.
    Search,
    /// Cassandra or ScyllaDB.
    Cassandra,
}

/// Which store a line's words belong to.
pub fn store(text: &str) -> Option<Store> {
    let signs: &[(Store, &[&str])] = &[
        (
            Store::Mysql,
            &[
                "MySQL",
                "mysql",
                "MariaDB",
                "mariadb",
                "(using password: ",
                "Communications link failure",
                "Unknown database '",
                "command denied to user '",
            ],
        ),
        (
            Store::Postgres,
            &[
                "PSQLException",
                "org.postgresql",
                "asyncpg",
                "psycopg",
                "pq: ",
                "password authentication failed for user",
                "PG::",
                "Npgsql",
                "pgx",
                "failed to connect to `", // pgconn's connectError
                "postgres",
                "pg_hba.conf",
                "remaining connection slots",
                "too many clients already",
                "in a read-only transaction",
                "permission denied for ", // a table, a schema, a sequence
            ],
        ),
        (Store::Mongo, &["Mongo", "mongo", " to execute command {"]),
        (
            Store::Redis,
            &[
                "Redis",
                "redis",
                "WRONGPASS",
                "NOAUTH",
                "Jedis",
                "Lettuce",
                "lettuce",
                "OOM command not allowed",
                "READONLY You can't write",
                "NOPERM ",
            ],
        ),
        (
            Store::Rabbit,
            &["ACCESS_REFUSED", "amqp", "AMQP", "RabbitMQ", "rabbitmq", "access to vhost"],
        ),
        (
            Store::Kafka,
            &[
                "kafka",
                "Kafka",
                "bootstrap.servers",
                "Not authorized to access ",
                "TopicAuthorizationException",
            ],
        ),
        (
            Store::Nats,
            &["nats: ", "nats://", "nats.aio", "nats.errors", "io.nats", "async_nats", "NATS"],
        ),
        (
            Store::Search,
            &[
                "lasticsearch",
                "OpenSearch",
                "opensearch",
                "cluster_block_exception", // what either answers a write with
            ],
        ),
        (Store::Cassandra, &["assandra", "com.datastax.", "gocql", "scylla"]),
    ];
    signs
        .iter()
        .find(|(_, signs)| signs.iter().any(|sign| text.contains(sign)))
        .map(|(store, _)| *store)
}

/// What is in the names of images that bear a store's name and are none: exporters, tools, and what runs beside it.
const BESIDE: [&str; 11] = [
    "exporter",
    "backup",
    "admin",
    "commander",
    "operator",
    "client",
    "dashboards",
    "ui",
    "-box",
    "reloader",
    "config",
];

impl Store {
    /// The store that an image is, by the last part of its name.
    pub fn of_image(image: &str) -> Option<Store> {
        let image = image.split('@').next().unwrap_or_default();
        let last = image.rsplit('/').next().unwrap_or_default();
        let last = last.split(':').next().unwrap_or_default().to_ascii_lowercase();
        if BESIDE.iter().any(|it| last.contains(it)) {
            return None;
        }
        let names: &[(Store, &[&str])] = &[
            (Store::Mysql, &["mysql", "mariadb", "percona-server", "percona-xtradb"]),
            (Store::Postgres, &["postgres", "timescaledb", "postgis", "pgvector", "spilo"]),
            (Store::Mongo, &["mongo"]),
            (Store::Redis, &["redis", "valkey", "dragonfly", "keydb"]),
            (Store::Rabbit, &["rabbitmq"]),
            (Store::Kafka, &["kafka", "redpanda"]),
            (Store::Nats, &["nats"]),
            (Store::Search, &["elasticsearch", "opensearch"]),
            (Store::Cassandra, &["cassandra", "scylla"]),
        ];
        names
            .iter()
            .find(|(_, names)| names.iter().any(|name| last.contains(name)))
            .map(|(store, _)| *store)
    }

    /// The store that listens at a port, unless somebody says otherwise.
    pub fn of_port(port: u16) -> Option<Store> {
        let all = [
            Store::Mysql,
            Store::Postgres,
            Store::Mongo,
            Store::Redis,
            Store::Rabbit,
            Store::Kafka,
            Store::Nats,
            Store::Search,
            Store::Cassandra,
        ];
        all.into_iter().find(|it| it.usual_port() == port)
    }

    /// The port at which it listens, unless somebody says otherwise.
    pub fn usual_port(self) -> u16 {
        match self {
            Store::Mysql => 3306,
            Store::Postgres => 5432,
            Store::Mongo => 27017,
            Store::Redis => 6379,
            Store::Rabbit => 5672,
            Store::Kafka => 9092,
            Store::Nats => 4222,
            Store::Search => 9200,
            Store::Cassandra => 9042,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Store, store};

    #[test]
    fn knows_whose_words_they_are() {
        assert_eq!(store("(2003, \"Can't connect to MySQL server on 'db'\")"), Some(Store::Mysql));
        assert_eq!(store("pq: sorry, too many clients already"), Some(Store::Postgres));
        let refused = "(Unauthorized) not authorized on plants to execute command { find: \"p\" }";
        assert_eq!(store(refused), Some(Store::Mongo));
        assert_eq!(store("ERROR: permission denied for table orders"), Some(Store::Postgres));
        assert_eq!(store("nats: no servers available for connection"), Some(Store::Nats));
        assert_eq!(store("connection refused"), None);
        assert_eq!(store("the coordinates of Donats"), None);
        assert_eq!(Store::of_image("docker.io/bitnami/redis:7.2@sha256:ab"), Some(Store::Redis));
        assert_eq!(Store::of_image("nats:2.10-alpine"), Some(Store::Nats));
        for image in [
            "oliver006/redis_exporter:v1",
            "natsio/nats-box:0.14.1",
            "natsio/nats-server-config-reloader:0.13.0",
            "opensearchproject/opensearch-dashboards:2.19",
        ] {
            assert_eq!(Store::of_image(image), None, "{image}");
        }
        assert_eq!(Store::of_image("opensearchproject/opensearch:2.19"), Some(Store::Search));
    }
}
