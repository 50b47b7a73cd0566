//! Variables that the kubelet gives a pod for each Service of its namespace, and that a program takes for its own.
//!
//! As Docker's links did, a Service `audit-sink` makes `AUDIT_SINK_PORT=tcp://10.96.14.77:9464`; a program that reads its own
//! port from that variable cannot. See `pkg/kubelet/envvars/envvars.go`.

use super::Case;
use super::containers::Running;
use crate::finding::Cite;
use crate::seen::Seen;
use evidence::fact::network::{Service, ServicePort};

/// Numbers that cannot be read, as runtimes say it; the text follows, or stands before.
const UNREADABLE: &[&str] = &[
    "invalid digit found in string",             // Rust
    "strconv.ParseInt: parsing ",                // Go
    "strconv.ParseUint: parsing ",               // Go
    "strconv.Atoi: parsing ",                    // Go
    "invalid literal for int() with base 10: ",  // Python
    "NumberFormatException: For input string: ", // Java
    "should be >= 0 and < 65536",                // Node
    "Input string was not in a correct format",  // .NET
    "The input string '",                        // .NET
];

/// A program that ends at the value of such a variable.
#[derive(Clone, Debug)]
pub struct Linked<'a> {
    /// The Service whose name makes the variable.
    pub service: Seen<'a, Service>,
    /// The variable.
    pub variable: String,
    /// Its value.
    pub value: String,
    /// The line that names the value.
    pub cite: Cite,
}

impl Case {
    /// The Service at whose variable a container ends: its log names the value, and the variable or that no number can be
    /// read, and the container sets no such variable itself.
    pub fn linked(&self, container: &Running<'_>) -> Option<Linked<'_>> {
        let log = self.words_of(container)?;
        let namespace = &container.pod.it.meta.namespace;
        for service in self.services().filter(|it| it.meta.namespace == *namespace) {
            let (Some(address), Some(port)) =
                (service.it.addresses.first(), service.it.ports.first())
            else {
                continue;
            };
            let variable = variable(&service.meta.name);
            // Its own setting goes before; what all keys of an object are, it may be too.
            if container.spec.env.iter().any(|it| it.name == variable) {
                continue;
            }
            // The kubelet knows what was there when it made the container.
            if service.meta.created > container.pod.it.meta.created {
                continue;
            }
            let value = value(address, port);
            let says = |text: &str| {
                names(text, &value)
                    && (names(text, &variable) || UNREADABLE.iter().any(|it| text.contains(it)))
            };
            let Some(line) = log.it.lines.iter().rev().find(|it| says(&it.text)) else { continue };
            let pod = container.pod.meta.entity("Pod");
            let entity = service.meta.entity("Service");
            let heard =
                format!("{pod}: container {} reads the port of {entity}", container.spec.name);
            let cite = Cite::quoting(log.exhibit, heard, &line.text);
            return Some(Linked { service, variable, value, cite });
        }
        None
    }
}

/// `makeEnvVariableName` and `makeLinkVariables`: the first port's variable has no number.
fn variable(service: &str) -> String {
    format!("{}_PORT", service.replace('-', "_").to_ascii_uppercase())
}

fn value(address: &str, port: &ServicePort) -> String {
    let protocol = if port.protocol.is_empty() { "tcp" } else { port.protocol.as_str() };
    let host = if address.contains(':') { format!("[{address}]") } else { address.to_owned() };
    format!("{}://{host}:{}", protocol.to_ascii_lowercase(), port.port)
}

/// Whether a text names a word, and not a longer one.
fn names(text: &str, word: &str) -> bool {
    let goes_on = |it: char| it.is_ascii_alphanumeric() || it == '_';
    text.match_indices(word).any(|(at, found)| {
        let before = text.get(..at).and_then(|it| it.chars().next_back());
        let after = text.get(at + found.len()..).and_then(|it| it.chars().next());
        !before.is_some_and(goes_on) && !after.is_some_and(goes_on)
    })
}

#[cfg(test)]
mod tests {
    use super::{names, variable};

    #[test]
    fn a_service_makes_a_variable() {
        assert_eq!(variable("audit-sink"), "AUDIT_SINK_PORT");
    }

    #[test]
    fn a_longer_word_is_another() {
        assert!(names("AUDIT_SINK_PORT: cannot parse", "AUDIT_SINK_PORT"));
        assert!(!names("AUDIT_SINK_PORT_9464_TCP: cannot parse", "AUDIT_SINK_PORT"));
        assert!(!names("parsing \"tcp://10.96.0.7:94641\"", "tcp://10.96.0.7:9464"));
    }
}
