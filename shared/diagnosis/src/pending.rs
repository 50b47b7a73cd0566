//! Rows of the catalogue that Kubernetes alone cannot prove, and the system that could.

/// A way in which things break that needs another witness.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pending {
    /// The catalogue's id.
    pub id: &'static str,
    /// What it is.
    pub title: &'static str,
    /// The server, or the source where no server is planned, that would have to testify.
    pub needs: &'static str,
}

/// All of them, by id.
pub const PENDING: &[Pending] = &[
    pending("AUTH-01", "Token expired", "mcp-auth"),
    pending("AUTH-03", "Audience mismatch", "mcp-auth"),
    pending("AUTH-04", "JWKS unavailable / kid unknown", "mcp-auth"),
    pending("AUTH-05", "nbf/iat in future", "mcp-auth"),
    pending("AUTH-06", "OIDC discovery mismatch", "mcp-auth"),
    pending("AUTH-07", "redirect_uri invalid", "mcp-auth"),
    pending("AUTH-08", "Client secret/ID wrong", "mcp-auth"),
    pending("AUTH-09", "Realm/client/user disabled, wrong flow", "mcp-auth"),
    pending("AUTH-10", "Keycloak down/DB down", "mcp-auth"),
    pending("AUTH-12", "oauth2-proxy session/CSRF", "mcp-auth"),
    pending("AUTH-13", "Email/group not allowed", "mcp-auth"),
    pending("AUTH-14", "Upstream 502/503 behind proxy", "mcp-auth"),
    pending("CLD-01", "VM/VMSS instance stopped/deallocated/redeployed", "mcp-azure"),
    pending("CLD-02", "NSG / route / firewall change", "mcp-azure"),
    pending("CLD-03", "LB/App GW probe or rule change", "mcp-azure"),
    pending("CLD-04", "Role assignment/identity removed", "mcp-azure"),
    pending("CLD-06", "AKS upgrade/maintenance", "mcp-azure"),
    pending("CLD-07", "Regional/platform incident", "mcp-azure"),
    pending("MESH-01", "No healthy upstream (UH 503)", "mcp-kiali"),
    pending("MESH-02", "Upstream connect failure (UF)", "mcp-kiali"),
    pending("MESH-04", "No route / cluster (NR, NC)", "mcp-kiali"),
    pending("MESH-06", "AuthorizationPolicy deny", "mcp-kiali"),
    pending("MESH-07", "Outlier ejection", "mcp-prometheus"),
    pending("MESH-08", "Timeouts/retries (UT, retry storm)", "mcp-kiali"),
    pending("MESH-10", "istiod down / config stale", "mcp-kiali"),
    pending("MESH-11", "Workload cert expired", "mcp-kiali"),
    pending("MESH-12", "Ambient disabled / waypoint missing", "mcp-kiali"),
    pending("MESH-13", "Protocol selection by port name", "mcp-kiali"),
    pending("NET-13", "CNI routing/BGP", "the network plugin's own state"),
    pending("RUN-14", "SIGTERM storms", "the API server's audit log"),
    pending("RUN-16", "Wrong binary/image content", "the registry"),
    pending(
        "SCH-11",
        "Unbound immediate PVC",
        "nothing of its own: STO-01 to STO-06 say why a claim is not bound",
    ),
];

const fn pending(id: &'static str, title: &'static str, needs: &'static str) -> Pending {
    Pending { id, title, needs }
}

#[cfg(test)]
mod tests {
    use super::PENDING;
    use crate::catalogue::CATALOGUE;

    #[test]
    fn nothing_that_is_pending_can_be_proven() {
        for pending in PENDING {
            let known = CATALOGUE.iter().any(|(_, mode)| mode.id == pending.id);
            assert!(!known, "{} is in the catalogue", pending.id);
        }
    }
}
