//! Probes that fail now, and what the kubelet said of them: rule R2 for `Unhealthy` events.

use super::Case;
use super::containers::Running;
use super::words::ports::listened;
use super::words::tls::says_plain_call;
use crate::finding::Cite;
use crate::seen::Seen;
use evidence::fact::event::Event;
use evidence::fact::pod::State;
use evidence::fact::spec::{Container, Probe};
use jiff::SignedDuration;

/// Which of a container's probes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Which {
    /// Whose failure ends the container.
    Liveness,
    /// Whose failure takes it out of its Services.
    Readiness,
    /// Whose failure ends it while it starts.
    Startup,
}

/// A probe that fails now.
#[derive(Clone, Debug)]
pub struct FailingProbe<'a> {
    /// The container.
    pub container: Running<'a>,
    /// Which probe of it.
    pub which: Which,
    /// How it is set.
    pub probe: &'a Probe,
    /// The kubelet's events about it, the newest first; never empty.
    pub events: Vec<Seen<'a, Event>>,
}

impl Which {
    /// The field of the container that holds it.
    pub fn field(self) -> &'static str {
        match self {
            Which::Liveness => "livenessProbe",
            Which::Readiness => "readinessProbe",
            Which::Startup => "startupProbe",
        }
    }

    /// How a sentence calls it.
    pub fn word(self) -> &'static str {
        match self {
            Which::Liveness => "liveness probe",
            Which::Readiness => "readiness probe",
            Which::Startup => "startup probe",
        }
    }

    /// How the kubelet's messages begin that mean something. See `pkg/kubelet/prober/prober.go`: `%s probe failed: %s`,
    /// `%s probe errored: %v`, `%s probe errored and resulted in %s state: %s`. What errored `worker.go` throws away: no
    /// container is ended for it, and none is ready or started by it.
    fn begins(self) -> &'static [&'static str] {
        match self {
            Which::Liveness => &["Liveness probe failed"],
            Which::Readiness => &["Readiness probe failed", "Readiness probe errored"],
            Which::Startup => &["Startup probe failed", "Startup probe errored"],
        }
    }

    /// How a container sets it.
    pub fn of(self, container: &Container) -> Option<&Probe> {
        match self {
            Which::Liveness => container.liveness.as_ref(),
            Which::Readiness => container.readiness.as_ref(),
            Which::Startup => container.startup.as_ref(),
        }
    }
}

impl Case {
    /// Every probe that the kubelet reports and whose container shows it: it is not ready, or was ended lately.
    pub fn failing_probes(&self) -> Vec<FailingProbe<'_>> {
        let mut failing = Vec::new();
        for container in self.containers() {
            for which in [Which::Startup, Which::Liveness, Which::Readiness] {
                let Some(probe) = which.of(container.spec) else { continue };
                if !self.shows(&container, which, probe) {
                    continue;
                }
                let events = self.said_of(&container, which);
                if !events.is_empty() {
                    failing.push(FailingProbe { container, which, probe, events });
                }
            }
        }
        failing
    }

    /// The kubelet's word that it ended a container because of a probe: `Container %s failed %s probe, will be restarted`,
    /// of `pkg/kubelet/kuberuntime/kuberuntime_manager.go`.
    pub fn killed_by_probe(&self, container: &Running<'_>) -> Option<Seen<'_, Event>> {
        let name = container.spec.name.as_str();
        self.events_of(&container.pod.meta.entity("Pod"), &["Killing"]).find(|event| {
            let Some((_, rest)) = event.message.split_once("ontainer ") else { return false };
            rest.strip_prefix(name).is_some_and(|rest| {
                rest.starts_with(" failed liveness probe")
                    || rest.starts_with(" failed startup probe")
            })
        })
    }

    /// Ports that something in the pod is meant to serve: declared ones where this container declares any, or else those
    /// that Services send to, or else those at which its log says that it listens.
    pub fn ports_of(&self, container: &Running<'_>) -> Vec<u16> {
        let pod = container.pod.it;
        let mut ports: Vec<u16> = Vec::new();
        // What a proxy beside it declares says nothing of it.
        if !container.spec.ports.is_empty() {
            let all = pod.spec.containers.iter().flat_map(|it| &it.ports);
            ports.extend(all.map(|it| it.number));
        }
        if ports.is_empty() {
            let before = self.services().filter(|service| {
                service.meta.namespace == pod.meta.namespace
                    && self.selected_by(service.it).any(|it| it.exhibit == container.pod.exhibit)
            });
            ports = before
                .flat_map(|service| &service.it.ports)
                .filter_map(|it| match it.target.as_str() {
                    "" => Some(it.port),
                    target => target.parse().ok(),
                })
                .collect();
        }
        if ports.is_empty() {
            ports = self.words_of(container).map(|log| listened(log.it)).unwrap_or_default();
        }
        ports.sort_unstable();
        ports.dedup();
        ports
    }

    fn shows(&self, container: &Running<'_>, which: Which, probe: &Probe) -> bool {
        let status = container.status;
        let late = match status.state {
            // A container may fail its probe while it starts.
            Some(State::Running { since: Some(since) }) => {
                let patience = budget(probe).max(SignedDuration::from_secs(30));
                self.as_of.duration_since(since) >= patience
            }
            Some(State::Running { since: None }) => true,
            _ => false,
        };
        let ended = status.restarts > 0
            && container.ended().is_none_or(|it| {
                it.reason != "OOMKilled"
                    && it.finished.is_none_or(|at| at >= self.window.start || !self.rules.baseline)
            });
        match which {
            Which::Liveness => ended,
            // Once it has passed, the kubelet asks by the others alone, and what it said before is over.
            Which::Startup => ended || (late && !status.ready && status.started != Some(true)),
            Which::Readiness => late && !status.ready,
        }
    }

    fn said_of(&self, container: &Running<'_>, which: Which) -> Vec<Seen<'_, Event>> {
        let field = format!("{{{}}}", container.spec.name);
        let mut events: Vec<_> = self
            .events_of(&container.pod.meta.entity("Pod"), &["Unhealthy"])
            .filter(|event| {
                which.begins().iter().any(|begin| event.message.starts_with(begin))
                    && (event.field.is_empty() || event.field.ends_with(&field))
            })
            .collect();
        events.sort_by(|left, right| {
            (right.last, right.count, &left.message).cmp(&(left.last, left.count, &right.message))
        });
        events
    }
}

/// How long a container has from its start until a probe that never passes ends it.
pub fn budget(probe: &Probe) -> SignedDuration {
    let (period, failures) = (probe.period.max(1), probe.failures.max(1));
    let seconds = i64::from(probe.delay) + i64::from(period) * i64::from(failures);
    SignedDuration::from_secs(seconds)
}

impl<'a> FailingProbe<'a> {
    /// It knocks at a port that nothing in the pod is meant to serve, as far as that is known.
    pub fn misses(&self, case: &Case) -> bool {
        // What Istio's injector has written anew knocks at its agent, which asks the program.
        let through_agent = matches!(self.port(), Some(15020 | 15021))
            || self.probe.path.starts_with("/app-health/");
        if self.probe.handler == "exec" || through_agent {
            return false;
        }
        let known = case.ports_of(&self.container);
        match self.port() {
            Some(port) => !known.is_empty() && !known.contains(&port),
            None => !self.probe.port.is_empty(),
        }
    }

    /// The newest event whose words show something.
    pub fn says(&self, shows: fn(&str) -> bool) -> Option<Seen<'a, Event>> {
        self.events.iter().copied().find(|event| shows(&event.message))
    }

    /// Cites an event of this probe.
    pub fn cite(&self, event: Seen<'_, Event>) -> Cite {
        let pod = self.container.pod.meta.entity("Pod");
        let count = event.count.max(1);
        let says = format!(
            "{pod}: the {} of container {} failed {count} times",
            self.which.word(),
            self.container.spec.name
        );
        Cite::quoting(event.exhibit, says, &event.message)
    }

    /// The path of what it asks for in the object to change: its `port`, `path` or `command`.
    pub fn field(&self, name: &str) -> String {
        let handler = match self.probe.handler.as_str() {
            "http" | "https" => "httpGet",
            "tcp" => "tcpSocket",
            handler => handler,
        };
        self.container.field(&format!("{}.{handler}.{name}", self.which.field()))
    }

    /// The field that holds what it asks for.
    pub fn asked_field(&self, case: &Case) -> &'static str {
        match self.probe.handler.as_str() {
            "exec" => "command",
            "grpc" => "service",
            "tcp" => "port",
            _ if self.misses_scheme(case) => "scheme",
            _ => "path",
        }
    }

    /// What that field holds.
    pub fn asked_value(&self, case: &Case) -> Option<String> {
        let value = match self.asked_field(case) {
            "scheme" => self.probe.handler.to_ascii_uppercase(),
            _ => self.probe.path.clone(),
        };
        Some(value).filter(|it| !it.is_empty())
    }

    /// Whether it speaks HTTPS to a server that speaks HTTP, or the other way round. A server of HTTPS that answers at all
    /// answers 400 to HTTP, and tells in its log why.
    fn misses_scheme(&self, case: &Case) -> bool {
        let handler = self.probe.handler.as_str();
        let refused = |said: &str| said.contains("statuscode: 400");
        match handler {
            "https" => self.says(says_plain_answer).is_some(),
            "http" if self.says(says_tls_answer).is_some() => true,
            "http" if self.says(refused).is_some() => {
                let log = case.words_of(&self.container);
                log.is_some_and(|log| log.it.lines.iter().any(|it| says_plain_call(&it.text)))
            }
            _ => false,
        }
    }

    /// What it asks of a server that does not answer it, as the end of a sentence.
    pub fn asks(&self, case: &Case) -> String {
        let (path, port) = (&self.probe.path, &self.probe.port);
        let answered =
            self.says(|said| said.contains("statuscode: ")).is_some() && !self.misses_scheme(case);
        match self.probe.handler.as_str() {
            "exec" => "runs a command that its image does not have".to_owned(),
            "grpc" if self.says(|said| said.contains("code = NotFound")).is_some() => {
                format!("asks port {port} for a service of gRPC that its program does not know")
            }
            "grpc" => format!("speaks gRPC's health protocol to port {port}, which does not"),
            handler if answered => {
                format!("asks for {path} by {handler}, which the server at port {port} refuses")
            }
            handler => format!("speaks {handler} to port {port}, which does not"),
        }
    }

    /// The port it knocks at; none where it knocks at none, or at a name that its container does not declare.
    pub fn port(&self) -> Option<u16> {
        let named = |name: &str| self.container.spec.ports.iter().find(|it| it.name == name);
        let port = self.probe.port.as_str();
        port.parse().ok().or_else(|| named(port).map(|it| it.number))
    }
}

/// Whether a probe could not be made at all.
pub fn says_errored(said: &str) -> bool {
    said.contains(" probe errored")
}

/// Whether nothing listened: Go's `dial tcp` words, and those of `pkg/probe/grpc`.
pub fn says_nobody_listens(said: &str) -> bool {
    let signs = ["connection refused", "timeout: failed to connect service"];
    signs.iter().any(|sign| said.contains(sign))
}

/// Whether something listened, and did not answer in time: Go's `net/http` words, and the runtimes' for a command.
pub fn says_too_slow(said: &str) -> bool {
    let signs = [
        "context deadline exceeded",
        "Client.Timeout exceeded",
        "i/o timeout",
        "timed out",
        "health rpc did not complete within",
    ];
    signs.iter().any(|sign| said.contains(sign))
}

/// Whether a server answered that it has nothing like what the probe wants.
pub fn says_wrong_door(said: &str) -> bool {
    // pkg/probe/http: `HTTP probe failed with statuscode: %d`. 4xx blames the request, but for 408 and 429, which ask for
    // patience.
    if let Some((_, code)) = said.split_once("statuscode: 4") {
        return !code.starts_with("08") && !code.starts_with("29");
    }
    let signs = [
        // HTTP to a server that speaks something else, of net/http, and HTTPS to one that speaks HTTP.
        "malformed HTTP response",
        "malformed HTTP status",
        "server gave HTTP response to HTTPS client",
        "first record does not look like a TLS handshake",
        // pkg/probe/grpc.
        "does not implement the grpc health protocol",
        "unknown service grpc.health.v1.Health",
        "health rpc probe failed: rpc error: code = NotFound", // It knows the protocol, and not that service.
        "error reading server preface",
        // A command that the image does not have, of runc.
        "executable file not found in $PATH",
        "no such file or directory: unknown",
    ];
    signs.iter().any(|sign| said.contains(sign))
}

/// Whether a server answered in HTTP to who spoke TLS: of Go's `crypto/tls` and `net/http`.
fn says_plain_answer(said: &str) -> bool {
    said.contains("server gave HTTP response to HTTPS client")
        || said.contains("first record does not look like a TLS handshake")
}

/// Whether a server answered with an alert of TLS to who spoke HTTP: `net/http` quotes its first bytes, of which 0x15 is
/// an alert and 3 the version.
fn says_tls_answer(said: &str) -> bool {
    said.contains(r#"malformed HTTP response "\x15\x03"#)
}

/// Whether the application itself answered that it is not well.
pub fn says_unwell(said: &str) -> bool {
    said.contains("statuscode: 5") || said.contains("service unhealthy")
}
