//! What the simulated kubelet does with pods: kwok stages, with the states, conditions and events of a kubelet 1.34.

const RUNNING: &str = include_str!("stages/pod-running.yaml");
const COMPLETE: &str = include_str!("stages/pod-complete.yaml");
const PULL: &str = include_str!("stages/pod-pull.yaml");
const EVENT: &str = include_str!("stages/event.yaml");
const ADDRESSES: &str = include_str!("stages/addresses.yaml");

/// The name under which containerd speaks of the first container's image, and what it says when there is no such image.
const REFERENCE: &str = concat!(
    r#"{{ $ref := (index .spec.containers 0).image }}"#,
    r#"{{ if not (regexMatch "^[^/]+[.:][^/]*/" $ref) }}{{ $ref = printf "docker.io/%s" $ref }}{{ end }}"#,
    r#"{{ $why := printf "rpc error: code = NotFound desc = failed to pull and unpack image %q: "#,
    r#"failed to resolve reference %q: %s: not found" $ref $ref $ref }}"#,
);

/// Pods run as soon as they are scheduled.
pub(super) fn running() -> String {
    let events = [
        event(
            1,
            "Normal",
            "Pulled",
            quoted(r#""Container image %q already present on machine" $c.image"#),
        ),
        event(2, "Normal", "Created", quoted(r#""Created container: %s" $c.name"#)),
        event(3, "Normal", "Started", quoted(r#""Started container %s" $c.name"#)),
    ];
    RUNNING.replace("@ADDRESSES@", ADDRESSES).replace("@EVENTS@", &events.concat())
}

/// Pods of Jobs complete.
pub(super) fn complete() -> &'static str {
    COMPLETE
}

/// Pods whose image is of this repository but has none of these tags fail to pull it, back off, and try again after ten
/// seconds (a kubelet waits up to five minutes, but a recording should not): three stages.
pub(super) fn missing_tags(repository: &str, tags: &[String]) -> String {
    let known = if tags.is_empty() { "none".to_string() } else { tags.join("|") };
    let missing = format!(
        r#"select(.image | test("^(docker.io/)?{repository}(:|@|$)") and (test(":({known})$") | not))"#
    );
    let waiting = "'.status.containerStatuses.[].state.waiting.reason'";
    let failed = Pull {
        name: "failed",
        matches: format!("{{key: {waiting}, operator: DoesNotExist}}"),
        delay: 200,
        waiting: "ErrImagePull",
        message: "{{ $why | Quote }}".into(),
        events: pulling(),
    };
    let backoff = Pull {
        name: "backoff",
        matches: format!("{{key: {waiting}, operator: In, values: [ErrImagePull]}}"),
        delay: 300,
        waiting: "ImagePullBackOff",
        message: quoted(r#""Back-off pulling image %q: ErrImagePull: %s" .image $why"#),
        events: event(4, "Normal", "BackOff", quoted(r#""Back-off pulling image %q" $c.image"#))
            + &event(5, "Warning", "Failed", r#""Error: ImagePullBackOff""#.into()),
    };
    let again = Pull {
        name: "again",
        matches: format!("{{key: {waiting}, operator: In, values: [ImagePullBackOff]}}"),
        delay: 10_000,
        waiting: "ErrImagePull",
        message: "{{ $why | Quote }}".into(),
        events: pulling(),
    };
    let stages = [failed, backoff, again].map(|pull| pull.stage(repository, &missing));
    stages.join("\n---\n")
}

/// One of the three states of a pull that cannot succeed.
struct Pull {
    name: &'static str,
    matches: String,
    /// Milliseconds.
    delay: u32,
    waiting: &'static str,
    message: String,
    events: String,
}

impl Pull {
    fn stage(&self, repository: &str, missing: &str) -> String {
        let plain = |letter: char| if letter.is_ascii_alphanumeric() { letter } else { '-' };
        let repository: String = repository.to_lowercase().chars().map(plain).collect();
        PULL.replace("@NAME@", &format!("pull-{}-{repository}", self.name))
            .replace("@MISSING@", missing)
            .replace("@MATCH@", &self.matches)
            .replace("@DELAY@", &self.delay.to_string())
            .replace("@WAITING@", self.waiting)
            .replace("@MESSAGE@", &self.message)
            .replace("@ADDRESSES@", ADDRESSES)
            .replace("@EVENTS@", &self.events)
            .replace("@REFERENCE@", REFERENCE)
    }
}

fn pulling() -> String {
    let failed = quoted(r#""Failed to pull image %q: %s" $c.image $why"#);
    [
        event(1, "Normal", "Pulling", quoted(r#""Pulling image %q" $c.image"#)),
        event(2, "Warning", "Failed", format!("{REFERENCE}{failed}")),
        event(3, "Warning", "Failed", r#""Error: ErrImagePull""#.into()),
    ]
    .concat()
}

fn event(number: u8, kind: &str, reason: &str, message: String) -> String {
    EVENT
        .replace("@NUMBER@", &number.to_string())
        .replace("@TYPE@", kind)
        .replace("@REASON@", reason)
        .replace("@MESSAGE@", &message)
}

/// A Go template that prints a quoted string.
fn quoted(printf: &str) -> String {
    format!("{{{{ printf {printf} | Quote }}}}")
}
