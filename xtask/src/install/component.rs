//! The upstream programs that we build, and their pinned versions.

/// A program of an upstream Go module.
#[derive(Debug)]
pub struct Component {
    /// The program's file name.
    pub name: &'static str,
    /// The folder of the Go module that we build it in; components of one upstream module share it.
    pub source: &'static str,
    /// The upstream Go module.
    pub module: &'static str,
    /// Its version, without the `v`.
    pub version: &'static str,
    /// The package of the program.
    pub package: &'static str,
    /// Build tags, separated by commas.
    pub tags: &'static str,
    /// A folder of the module that is kept beside the program.
    pub manifests: Option<&'static str>,
}

const KUBERNETES: &str = "1.34.4";

/// A control plane, simulated nodes, and what writes releases: what a cluster needs.
pub const ALL: &[Component] = &[
    Component {
        name: "etcd",
        source: "etcd",
        module: "go.etcd.io/etcd/server/v3",
        version: "3.6.16",
        package: "go.etcd.io/etcd/server/v3",
        tags: "",
        manifests: None,
    },
    kubernetes("kube-apiserver", "k8s.io/kubernetes/cmd/kube-apiserver"),
    kubernetes("kube-controller-manager", "k8s.io/kubernetes/cmd/kube-controller-manager"),
    kubernetes("kube-scheduler", "k8s.io/kubernetes/cmd/kube-scheduler"),
    kubernetes("kubectl", "k8s.io/kubernetes/cmd/kubectl"),
    Component {
        name: "kwok",
        source: "kwok",
        module: "sigs.k8s.io/kwok",
        version: "0.8.0",
        package: "sigs.k8s.io/kwok/cmd/kwok",
        tags: "",
        manifests: Some("kustomize"),
    },
    helm("helm3", "helm.sh/helm/v3", "3.22.0", "helm.sh/helm/v3/cmd/helm"),
    helm("helm4", "helm.sh/helm/v4", "4.3.1", "helm.sh/helm/v4/cmd/helm"),
];

/// The newest Prometheus, beside the one of Debian. Without service discovery, which is most of what there is to build: tests
/// name their targets.
pub const PROMETHEUS: Component = Component {
    name: "prometheus3",
    source: "prometheus3",
    module: "github.com/prometheus/prometheus",
    version: "0.315.0",
    package: "github.com/prometheus/prometheus/cmd/prometheus",
    tags: "remove_all_sd",
    manifests: None,
};

/// Tells a cluster's objects as metrics.
pub const KUBE_STATE_METRICS: Component = Component {
    name: "kube-state-metrics",
    source: "kube-state-metrics",
    module: "k8s.io/kube-state-metrics/v2",
    version: "2.18.0",
    package: "k8s.io/kube-state-metrics/v2",
    tags: "",
    manifests: None,
};

/// A store of metrics that speaks Prometheus' API.
pub const VICTORIA_METRICS: Component = victoria_metrics(
    "victoria-metrics",
    "github.com/VictoriaMetrics/VictoriaMetrics/app/victoria-metrics",
);

/// Evaluates rules for it.
pub const VMALERT: Component =
    victoria_metrics("vmalert", "github.com/VictoriaMetrics/VictoriaMetrics/app/vmalert");

/// What only tests of metrics need.
pub const METRICS: &[Component] = &[PROMETHEUS, KUBE_STATE_METRICS, VICTORIA_METRICS, VMALERT];

/// Everything that `cargo xtask upstreams install` builds.
pub fn every() -> impl Iterator<Item = &'static Component> {
    ALL.iter().chain(METRICS)
}

/// The component of a name.
pub fn named(name: &str) -> Option<&'static Component> {
    every().find(|component| component.name == name)
}

/// The version of Kubernetes that nodes say they run.
pub fn kubernetes_version() -> String {
    format!("v{KUBERNETES}")
}

const fn kubernetes(name: &'static str, package: &'static str) -> Component {
    Component {
        name,
        source: "kubernetes",
        module: "k8s.io/kubernetes",
        version: KUBERNETES,
        package,
        tags: "",
        manifests: None,
    }
}

/// Each of the two writes releases into clusters today, in the same form but for some fields.
const fn helm(
    name: &'static str,
    module: &'static str,
    version: &'static str,
    package: &'static str,
) -> Component {
    Component { name, source: name, module, version, package, tags: "", manifests: None }
}

const fn victoria_metrics(name: &'static str, package: &'static str) -> Component {
    Component {
        name,
        source: "victoria-metrics",
        module: "github.com/VictoriaMetrics/VictoriaMetrics",
        version: "1.130.0",
        package,
        tags: "",
        manifests: None,
    }
}

/// Modules that Kubernetes develops in its own tree: its `replace` lines do not count for those who require it.
const STAGING: &[&str] = &[
    "api",
    "apiextensions-apiserver",
    "apimachinery",
    "apiserver",
    "cli-runtime",
    "client-go",
    "cloud-provider",
    "cluster-bootstrap",
    "code-generator",
    "component-base",
    "component-helpers",
    "controller-manager",
    "cri-api",
    "cri-client",
    "csi-translation-lib",
    "dynamic-resource-allocation",
    "endpointslice",
    "externaljwt",
    "kms",
    "kube-aggregator",
    "kube-controller-manager",
    "kube-proxy",
    "kube-scheduler",
    "kubectl",
    "kubelet",
    "metrics",
    "mount-utils",
    "pod-security-admission",
    "sample-apiserver",
    "sample-cli-plugin",
    "sample-controller",
];

impl Component {
    /// The go.mod of a module of ours that requires the upstream: `go install` refuses modules with `replace` lines.
    pub fn go_mod(&self) -> String {
        let require = format!("require {} v{}\n", self.module, self.version);
        if self.source != "kubernetes" {
            return format!("module upstream\n\ngo 1.26.0\n\n{require}");
        }
        let minor = self.minor();
        let mut text =
            format!("module upstream\n\ngo 1.24.0\n\ngodebug default=go1.24\n\n{require}");
        text.push_str("\nreplace (\n");
        for name in STAGING {
            text.push_str(&format!("\tk8s.io/{name} => k8s.io/{name} v0.{minor}\n"));
        }
        text.push_str(")\n");
        text
    }

    /// What a program must have been built of to be this one: its module, and the tags that it was built with.
    pub fn wanted(&self) -> String {
        let text = self.go_mod();
        if self.tags.is_empty() { text } else { format!("{text}// tags: {}\n", self.tags) }
    }

    /// Flags for the linker: no symbols, and for Helm, Prometheus and Kubernetes the version that they report.
    pub fn linker_flags(&self) -> String {
        let mut flags = String::from("-s -w");
        if self.source == PROMETHEUS.source {
            // The module 0.315.0 is Prometheus 3.15.0.
            let version = self.version.trim_start_matches("0.3");
            flags
                .push_str(&format!(" -X github.com/prometheus/common/version.Version=3.{version}"));
        }
        if self.source.starts_with("helm") {
            flags.push_str(&format!(
                " -X {}/internal/version.version=v{}",
                self.module, self.version
            ));
        }
        if self.source != "kubernetes" {
            return flags;
        }
        let minor = self.minor().split('.').next().unwrap_or_default();
        for package in ["k8s.io/component-base/version", "k8s.io/client-go/pkg/version"] {
            for (name, value) in [
                ("gitVersion", format!("v{}", self.version)),
                ("gitMajor", "1".to_string()),
                ("gitMinor", minor.to_string()),
                ("gitTreeState", "clean".to_string()),
                ("gitCommit", "0".repeat(40)),
                ("buildDate", "1970-01-01T00:00:00Z".to_string()),
            ] {
                flags.push_str(&format!(" -X {package}.{name}={value}"));
            }
        }
        flags
    }

    /// `34.4` of Kubernetes `1.34.4`: what its staging modules are numbered after `v0.`.
    fn minor(&self) -> &'static str {
        self.version.split_once('.').map_or("", |(_, minor)| minor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_with_other_tags_is_another() {
        let other = Component { tags: "netgo", ..PROMETHEUS };
        let none = Component { tags: "", ..PROMETHEUS };
        assert_ne!(PROMETHEUS.wanted(), other.wanted());
        assert_eq!(none.wanted(), none.go_mod());
    }

    #[test]
    fn prometheus_reports_the_version_that_people_know() {
        let flags = PROMETHEUS.linker_flags();
        assert!(flags.ends_with("version.Version=3.15.0"), "{flags}");
    }
}
