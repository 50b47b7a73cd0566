//! Lines that say that a server and its client have no way to authenticate in common: in the words of the clients of
//! MySQL, PostgreSQL, MongoDB and Kafka.

/// Both sides have no way to authenticate in common: the server has dropped it, or never had it.
const NO_METHOD: &[&str] = &[
    "Client does not support authentication protocol requested by server", // MySQL, 1251
    "server requested authentication method unknown to the client",        // PHP's mysqlnd
    "Unable to load authentication plugin",                                // MySQL's Connector/J
    "unknown auth plugin",                                                 // Go's driver for MySQL
    "this authentication plugin is not supported",                         // Go's driver for MySQL
    "SCRAM authentication requires libpq version 10",                      // libpq
    "The authentication type 10 is not supported",                         // pgjdbc
    "authentication method 10 not supported",                              // libpq and others
    "Unsupported mechanism",                                               // MongoDB
    "MechanismUnavailable",                                                // MongoDB
    "UnsupportedSaslMechanismException",                                   // Kafka
    "not enabled in the server, enabled mechanisms are",                   // Kafka
];

/// Whether a line says that the server does not know the way in which the client authenticates: MySQL's plugins have
/// names of their own, as in `Plugin 'mysql_native_password' is not loaded`.
pub fn says_no_method(text: &str) -> bool {
    let plugin = |before: &str, after: &str| {
        text.split_once(before).is_some_and(|(_, rest)| {
            rest.split_once('\'').is_some_and(|(name, rest)| {
                name.contains("password") && rest.trim_start().starts_with(after)
            })
        })
    };
    NO_METHOD.iter().any(|sign| text.contains(sign))
        || plugin("Plugin '", "is not loaded")
        || plugin("uthentication plugin '", "cannot be loaded")
        || plugin("uthentication plugin '", "is not supported")
}

#[cfg(test)]
mod tests {
    use super::says_no_method;

    #[test]
    fn a_plugin_of_a_program_is_no_way_to_authenticate() {
        assert!(says_no_method("Plugin 'mysql_native_password' is not loaded"));
        assert!(says_no_method(
            "Authentication plugin 'caching_sha2_password' cannot be loaded: x"
        ));
        assert!(!says_no_method("Plugin 'reports' is not loaded"));
    }
}
