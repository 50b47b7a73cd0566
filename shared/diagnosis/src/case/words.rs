//! What a container wrote before its run ended.

use super::Case;
use super::containers::Running;
use crate::seen::Seen;
use evidence::fact::event::{Line, Log};
use evidence::fact::pod::State;

impl Case {
    /// What a container wrote in the run that ended; where that is not known, in its present one.
    pub fn words_of(&self, container: &Running<'_>) -> Option<Seen<'_, Log>> {
        let (meta, name) = (&container.pod.meta, &container.spec.name);
        let log = |previous| self.log(&meta.namespace, &meta.name, name, previous);
        let has_ended = matches!(container.status.state, Some(State::Terminated(_)));
        if has_ended { log(false).or_else(|| log(true)) } else { log(true).or_else(|| log(false)) }
    }
}

/// The last line that shows something.
pub fn last_line(log: &Log, shows: fn(&str) -> bool) -> Option<&Line> {
    log.lines.iter().rev().find(|line| shows(&line.text))
}

/// The ports at which a program says that it listens.
pub fn listened(log: &Log) -> Vec<u16> {
    let mut ports = Vec::new();
    for line in &log.lines {
        let text = line.text.to_ascii_lowercase();
        if says_port_taken(&line.text) || says_unreachable(&line.text) {
            continue;
        }
        for sign in ["listening on", "listening at", "started on port", "running on", "serving at"]
        {
            let Some((_, rest)) = text.split_once(sign) else { continue };
            // After a colon or the word: `0.0.0.0:8080`, `port 8080`, `port(s): 8080`.
            let last = rest.split(|c: char| !c.is_ascii_digit()).rfind(|it| it.len() >= 2);
            ports.extend(last.and_then(|it| it.parse::<u16>().ok()));
        }
    }
    ports
}

/// Whether a line says that something else did not answer, or was not found by name.
pub fn says_unreachable(text: &str) -> bool {
    let signs = [
        "connection refused",
        "ECONNREFUSED",
        "Connection refused",
        "connection timed out",
        "ETIMEDOUT",
        "i/o timeout",
        "no such host",
        "ENOTFOUND",
        "EAI_AGAIN",
        "Name or service not known",
        "Temporary failure in name resolution",
        "could not translate host name",
        "UnknownHostException",
        "Communications link failure",
        "No route to host",
        "no route to host",
        "EHOSTUNREACH",
        "Can't connect to MySQL server",
        "could not connect to server",
        "ServerSelectionTimeoutError",
        "MongoServerSelectionError",
        "Connection to node -1 could not be established",
        // busybox.
        "bad address '",
        "can't resolve '",
    ];
    signs.iter().any(|sign| text.contains(sign))
}

/// Whether a line says that something else refused who we are: then it did answer.
pub fn says_unauthorised(text: &str) -> bool {
    let signs = [
        "Access denied for user",
        "password authentication failed",
        "WRONGPASS",
        "NOAUTH",
        "Authentication failed",
        "AuthenticationFailed",
        "is forbidden: User",
        "401 Unauthorized",
    ];
    signs.iter().any(|sign| text.contains(sign))
}

/// Whether a line says that the program itself cannot go on: what an unhandled error looks like in Go, Python, Node, Java,
/// .NET, Ruby and Rust, and the usual words for a setting that is missing or cannot be read.
pub fn says_own_fault(text: &str) -> bool {
    let signs = [
        "panic: ",
        "panicked at",
        "goroutine 1 [",
        "Traceback (most recent call last)",
        "KeyError:",
        "ValueError:",
        "TypeError:",
        "AttributeError:",
        "NameError:",
        "ImportError:",
        "SyntaxError:",
        "ReferenceError:",
        "RuntimeError:",
        "AssertionError",
        "ModuleNotFoundError:",
        "FileNotFoundError:",
        "ValidationError",
        "ImproperlyConfigured",
        "ConfigurationError",
        "Cannot find module",
        "Error: Unable to access jarfile",
        "Exception in thread \"main\"",
        "APPLICATION FAILED TO START",
        "BeanCreationException",
        "IllegalArgumentException",
        "IllegalStateException",
        "NullPointerException",
        "Unhandled exception.",
        "uncaughtException",
        "[emerg]",
    ];
    let lowered = text.to_ascii_lowercase();
    let settings = [
        "fatal",
        "must be set",
        "is not set",
        "not defined",
        "missing required",
        "is required",
        "unknown flag",
        "unknown option",
        "unrecognized argument",
        "flag provided but not defined",
        "failed to parse",
        "cannot parse",
        "could not parse",
        "parse error",
        "invalid configuration",
        "invalid config",
        "invalid value",
        "failed to load config",
        "no such file or directory",
    ];
    signs.iter().any(|sign| text.contains(sign))
        || settings.iter().any(|sign| lowered.contains(sign))
}

/// Whether a line says something that another mode answers for better than a fault of the program.
pub fn says_elsewhere(text: &str) -> bool {
    says_unreachable(text)
        || says_unauthorised(text)
        || says_port_taken(text)
        || says_wrong_format(text)
        || says_no_command(text)
        || text.contains("ermission denied")
        || text.contains("No space left on device")
        || text.contains("too many open files")
        || text.contains("Too many connections")
        || says_io_error(text)
}

/// Whether a line says that a disk does not answer: errno EIO in the words of C, Go and Node, and EUCLEAN.
pub fn says_io_error(text: &str) -> bool {
    let signs = [
        "Input/output error",
        "input/output error",
        "EIO: i/o error",
        "Structure needs cleaning",
        "structure needs cleaning",
    ];
    signs.iter().any(|sign| text.contains(sign))
}

/// Whether a line says that a certificate or token is of the future: the words of Go's crypto/x509, OpenSSL, Java,
/// Envoy and the usual libraries for JSON Web Tokens.
pub fn says_not_yet_valid(text: &str) -> bool {
    let signs = [
        "certificate has expired or is not yet valid",
        "certificate is not yet valid",
        "CertificateNotYetValidException",
        "CERT_NOT_YET_VALID",
        "Jwt not yet valid",
        "The token is not yet valid",
        "token used before issued",
    ];
    // Go says both in one sentence, and then which it is.
    signs.iter().any(|sign| text.contains(sign)) && !text.contains(" is after ")
}

/// Whether a line says that the address to listen at is taken: errno EADDRINUSE in the words of Go, C, Node, Python, Java
/// and Spring.
pub fn says_port_taken(text: &str) -> bool {
    let signs = [
        "address already in use",
        "Address already in use",
        "EADDRINUSE",
        "was already in use",
        "port is already allocated",
        "Only one usage of each socket address",
    ];
    signs.iter().any(|sign| text.contains(sign))
}

/// Whether a line says that a program is for another processor, in the kernel's words for ENOEXEC.
pub fn says_wrong_format(text: &str) -> bool {
    text.to_ascii_lowercase().contains("exec format error")
}

/// Whether a line says that there is no such program, in the words of shells.
pub fn says_no_command(text: &str) -> bool {
    let text = text.trim_end();
    text.ends_with(": command not found")
        || text.starts_with("exec: ") && text.ends_with(": not found")
        || text.contains("sh: ") && text.ends_with(": not found")
        || text.starts_with("exec ") && text.ends_with(": no such file or directory")
        || text.contains("executable file not found in $PATH")
}

#[cfg(test)]
mod tests {
    use super::listened;
    use evidence::fact::event::{Line, Log};

    #[test]
    fn reads_where_a_program_listens() {
        let texts = [
            ("Listening on http://0.0.0.0:8080", vec![8080]),
            ("server listening on port 3000", vec![3000]),
            (" * Running on http://127.0.0.1:5000", vec![5000]),
            ("Tomcat started on port(s): 8081 (http)", vec![8081]),
            ("Tomcat started on port 8081 (http)", vec![8081]),
            ("listening on 0.0.0.0:80: bind: address already in use", Vec::new()),
            ("order 1234 saved", Vec::new()),
        ];
        for (text, expected) in texts {
            let line = Line { text: text.to_owned(), ..Line::default() };
            assert_eq!(listened(&Log { lines: vec![line], ..Log::default() }), expected, "{text}");
        }
    }
}
