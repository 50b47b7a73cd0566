//! Images that a kubelet cannot pull, and what the registry said.

use super::Case;
use super::containers::Running;
use super::words::peer::Peer;
use crate::finding::Cite;
use crate::seen::Seen;
use evidence::entity::Entity;
use evidence::fact::network::Service;
use std::net::IpAddr;

/// A container whose image does not come, with what was said about it.
#[derive(Clone, Debug)]
pub struct Pull<'a> {
    /// The container.
    pub container: Running<'a>,
    /// What the runtime said, in the container's state or in an event, newest kubelets first.
    pub said: String,
    /// Where it was said.
    pub cites: Vec<Cite>,
}

/// Waiting reasons of an image that does not come.
/// See <https://github.com/kubernetes/kubernetes/blob/master/pkg/kubelet/images/types.go>.
const REASONS: [&str; 5] = [
    "ErrImagePull",
    "ImagePullBackOff",
    "RegistryUnavailable",
    "ImageInspectError",
    "SignatureValidationFailed",
];

impl Case {
    /// Every container that waits for its image.
    pub fn pulls(&self) -> Vec<Pull<'_>> {
        let mut pulls = Vec::new();
        for container in self.containers() {
            let Some((reason, message)) = container.waiting() else { continue };
            if !REASONS.contains(&reason) {
                continue;
            }
            let pod = container.pod.meta.entity("Pod");
            let says = format!("{pod}: container {} waits: {reason}", container.spec.name);
            let mut cites = vec![Cite::quoting(container.pod.exhibit, says, message)];
            let mut said = message.to_owned();
            // Older kubelets give the cause in an event only.
            let failed = self
                .events_of(&pod, &["Failed"])
                .filter(|it| it.message.contains(&container.spec.image))
                .max_by_key(|it| it.last);
            if let Some(event) = failed {
                let says = format!("{pod}: Failed, {} times", event.count.max(1));
                cites.push(Cite::quoting(event.exhibit, says, &event.message));
                said.push('\n');
                said.push_str(&event.message);
            }
            pulls.push(Pull { container, said, cites });
        }
        pulls
    }

    /// Whether a container was given another image than its template names, by somebody of whom nothing shows that what he
    /// gives elsewhere is there.
    pub fn was_given_image(&self, container: &Running<'_>) -> bool {
        let given = |it: &Running<'_>| {
            let owner = it.pod.it.meta.owner.as_ref().filter(|it| it.kind == "ReplicaSet")?;
            let template = &self.revision(owner).seen()?.it.template;
            let asked = template.containers.iter().find(|of| of.name == it.spec.name)?;
            Some(asked.image != it.spec.image)
        };
        let registry = registry_of(&container.spec.image);
        let works = |it: Running<'_>| {
            it.status.ready && registry_of(&it.spec.image) == registry && given(&it) == Some(true)
        };
        given(container) == Some(true) && !self.all_containers().any(works)
    }

    /// The Services of the cluster from which a workload pulls in vain, for nobody answers: one that the registry's name
    /// means, or one whose port on the nodes it is.
    pub fn registries_missed_by(&self, root: &Entity) -> Vec<Seen<'_, Service>> {
        let pulls = self.pulls().into_iter();
        let own = pulls.filter(|it| it.container.root == root && says_unreachable(&it.said));
        own.filter_map(|it| self.registry(registry_of(&it.container.spec.image))).collect()
    }

    fn registry(&self, registry: &str) -> Option<Seen<'_, Service>> {
        let peer = peer_of(registry);
        let of_service = self.service_of(&peer, "");
        if of_service.is_some() || !self.is_at_a_node(&peer) {
            return of_service;
        }
        let port = peer.port;
        let leads = |it: &Service| it.ports.iter().any(|it| port.is_some() && it.node_port == port);
        self.services().find(|it| leads(it.it))
    }

    fn is_at_a_node(&self, peer: &Peer) -> bool {
        let private = matches!(peer.address(), Some(IpAddr::V4(it)) if it.is_private());
        peer.is_loopback() || private || self.nodes().any(|it| it.it.meta.name == peer.host)
    }

    /// Whether a registry may run in the cluster, where nobody could see which program it is.
    pub fn may_hide_registry(&self, registry: &str) -> bool {
        let peer = peer_of(registry);
        let here = self.is_at_a_node(&peer) || self.service_of(&peer, "").is_some();
        here && (self.failed_to_look("Service", &[]) || self.missed_workloads(&[]))
    }
}

fn peer_of(registry: &str) -> Peer {
    let (host, port) = registry.rsplit_once(':').unwrap_or((registry, ""));
    Peer { host: host.to_owned(), port: port.parse().ok() }
}

/// Whether the registry knows no such image or tag.
pub fn says_not_found(said: &str) -> bool {
    if says_other_platform(said) {
        return false;
    }
    // Reference "x": not found (containerd), manifest unknown (registries), and Docker's own words.
    said.lines().any(|line| line.trim_end().ends_with(": not found"))
        || said.contains("code = NotFound")
        || said.contains("manifest unknown")
        || said.contains("manifest for ") && said.contains(" not found")
        || said.contains("name unknown")
}

/// Whether the registry refuses us.
pub fn says_refused(said: &str) -> bool {
    let signs = [
        "401 Unauthorized",
        "403 Forbidden",
        "unauthorized:",
        "authentication required",
        "no basic auth credentials",
        "pull access denied",
        "insufficient_scope",
        "denied:",
        "authorization failed",
    ];
    signs.iter().any(|sign| said.contains(sign))
}

/// Whether the registry could not be reached.
pub fn says_unreachable(said: &str) -> bool {
    let signs = [
        "no such host",
        "Temporary failure in name resolution",
        "server misbehaving",
        "i/o timeout",
        "connection timed out",
        "connection reset by peer",
        "Client.Timeout exceeded",
        "503 Service Unavailable",
        "connection refused",
        "TLS handshake timeout",
        "network is unreachable",
        "no route to host",
        "context deadline exceeded",
        "x509:",
        "server gave HTTP response to HTTPS client",
    ];
    signs.iter().any(|sign| said.contains(sign)) || said.trim_end_matches('"').ends_with(": EOF")
}

/// Whether the registry told us to come back later.
pub fn says_too_many(said: &str) -> bool {
    said.contains("toomanyrequests") || said.contains("429 Too Many Requests")
}

/// Whether the registry has the image, and not for the node's processor: containerd's words.
pub fn says_other_platform(said: &str) -> bool {
    said.contains("no match for platform in manifest")
        || said.contains("no matching manifest for linux/")
        // CRI-O, of containers/image.
        || said.contains("no image found in image index for architecture")
        || said.contains("no image found in manifest list for architecture")
}

/// The registry that an image's name begins with; Docker Hub where it names none.
pub fn registry_of(image: &str) -> &str {
    match image.split_once('/') {
        Some((host, _)) if host.contains(['.', ':']) || host == "localhost" => host,
        _ => "docker.io",
    }
}

#[cfg(test)]
mod tests {
    use super::{registry_of, says_unreachable};

    #[test]
    fn a_registry_that_is_not_reached_is_told_from_one_that_refuses() {
        let head = "failed to do request: Head \"https://ghcr.io/v2/a/manifests/1\": ";
        for end in [
            "dial tcp: lookup ghcr.io on 10.0.0.2:53: server misbehaving",
            "dial tcp 140.82.1.1:443: connect: connection timed out",
            "read tcp 10.0.0.1:1->140.82.1.1:443: read: connection reset by peer",
            "EOF",
            "unexpected status from HEAD request: 503 Service Unavailable",
        ] {
            assert!(says_unreachable(&format!("{head}{end}")), "{end}");
        }
        assert!(!says_unreachable(&format!("{head}401 Unauthorized")));
    }

    #[test]
    fn a_registry_is_told_from_a_repository() {
        for (image, expected) in [
            ("nginx:1.27", "docker.io"),
            ("library/nginx", "docker.io"),
            ("ghcr.io/owner/app:1", "ghcr.io"),
            ("localhost/app", "localhost"),
            ("registry:5000/app", "registry:5000"),
        ] {
            assert_eq!(registry_of(image), expected, "{image}");
        }
    }
}
