//! The marks by which a line names whom it speaks of.

/// Marks after which a client names whom it calls. The strong ones are followed by nothing else.
pub(super) const STRONG: &[&str] = &[
    "dial tcp4 ",
    "dial tcp6 ",
    "dial tcp ",
    "dial udp ",
    "ECONNREFUSED ",
    "ETIMEDOUT ",
    "EHOSTUNREACH ",
    "ENETUNREACH ",
    "ECONNRESET ",
    "ENOTFOUND ",
    "EAI_AGAIN ",
    "connection to server at ",
    "running on host ",
    "MySQL server on ",
    "MySQL server host ",
    "database server at ",
    "translate host name ",
    "UnknownHostException: ",
    "Couldn't resolve server ",
    "host not found in upstream ",
    "bad address ",
    "can't resolve ",
    "Bootstrap broker ",
    "Failed to open TCP connection to ",
    "resolve host: ",
    "resolve host ",
    "resolve host address ",
    "resolve hostname ",
    "resolve address ",
    "epmd error for host ", // RabbitMQ
    "{epmd_error,",         // and Erlang's own term for it
    "find address for ",    // mongod
    "getaddrinfo(",         // mongod before 4.0
    "getaddrinfo for host ",
    "getaddrinfo for ",
    "lookup failure for: ",
    "queryA ETIMEOUT ",
    "queryA ESERVFAIL ",
    "\"Unspecified/", // .NET's DnsEndPoint
];

/// Marks that a common word may follow as well: what follows counts with a port or in quotes alone.
pub(super) const WEAK: &[&str] = &[
    "connecting to ",
    "Connecting to ",
    "onnection to ",
    "onnect to ",
    "onnected to ",
    "Connection refused: ",
    "timed out: ",
    "Redis on ",
    "UnableToConnect on ",
    "Failed to resolve ",
    "host ",
];

/// Words before a number that are no hosts.
pub(super) const NO_HOSTS: &[&str] = &[
    "attempt", "code", "col", "column", "count", "errno", "error", "exit", "failed", "unable",
    "address", "id", "level", "line", "pid", "port", "retry", "size", "status", "step", "time",
    "took", "try", "worker",
];

/// Endings of source files, which stand before the number of a line.
pub(super) const SOURCES: &[&str] = &[
    "c", "cc", "cpp", "cs", "ex", "go", "h", "java", "js", "jsx", "kt", "lua", "erl", "mjs", "php",
    "py", "rb", "rs", "scala", "ts", "tsx",
];
