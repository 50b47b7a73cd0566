//! The bundled incidents, recorded by `cargo xtask record` from a real control plane; see `tests/scenarios`.

/// One bundled incident.
#[derive(Debug)]
pub struct Bundled {
    /// What it is called on the command line; a scenario has the same name.
    pub name: &'static str,
    /// What it looks like to who meets it, without giving away the cause.
    pub title: &'static str,
    /// What is asked.
    pub question: &'static str,
    /// The snapshot.
    pub archive: &'static [u8],
}

/// The bundled incidents; the first is investigated where none is named.
pub const DEMOS: &[Bundled] = &[
    Bundled {
        name: "image_not_found",
        title: "A pod does not run",
        question: "why is the pod in terranetes namespace not running?",
        archive: include_bytes!("../../../demos/image_not_found.tar.zst"),
    },
    Bundled {
        name: "oom_limit",
        title: "A pod restarts, and its log is empty",
        question: "The order-service pod in the pets namespace is not healthy. What is the root cause?",
        archive: include_bytes!("../../../demos/oom_limit.tar.zst"),
    },
    Bundled {
        name: "cpu_starved",
        title: "A pod never becomes ready, and ends with exit code 1",
        question: "Why is makeline-service in the pets namespace not healthy?",
        archive: include_bytes!("../../../demos/cpu_starved.tar.zst"),
    },
    Bundled {
        name: "wrong_selector",
        title: "A shop answers 502 while every pod is ready",
        question: "why does the shop namespace answer 502 for products?",
        archive: include_bytes!("../../../demos/wrong_selector.tar.zst"),
    },
    Bundled {
        name: "missing_secret_key",
        title: "A rollout does not finish",
        question: "why does the rollout of checkout in the payments namespace not finish?",
        archive: include_bytes!("../../../demos/missing_secret_key.tar.zst"),
    },
    Bundled {
        name: "quota_exceeded",
        title: "A workload stays below the replicas it should have",
        question: "why does worker in the analytics namespace not reach its six replicas?",
        archive: include_bytes!("../../../demos/quota_exceeded.tar.zst"),
    },
    Bundled {
        name: "development_server",
        title: "Everything is ready, and still something is wrong",
        question: "is anything wrong with broken-app in the sre-lab namespace?",
        archive: include_bytes!("../../../demos/development_server.tar.zst"),
    },
    Bundled {
        name: "healthy_with_old_warnings",
        title: "A cluster full of warnings",
        question: "is anything wrong in this cluster?",
        archive: include_bytes!("../../../demos/healthy_with_old_warnings.tar.zst"),
    },
];
