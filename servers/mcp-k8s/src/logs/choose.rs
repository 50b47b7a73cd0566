//! Which container of a pod to listen to, and to which run of it, where nobody says.

use crate::unwell;
use evidence::fact::pod::{ContainerStatus, Pod, State};
use jiff::{SignedDuration, Timestamp};
use mcp::failure::Failure;

/// A container whose last run ended this lately crashes in a loop: the kubelet waits 5 min at most between two starts.
const LATELY: SignedDuration = SignedDuration::from_mins(10);

/// Whether the run before the present one explains more: the container waits to be started again, or has crashed lately.
pub(crate) fn previous(status: &ContainerStatus, now: Timestamp) -> bool {
    let Some(last) = &status.last else { return false };
    match &status.state {
        Some(State::Waiting { .. }) => true,
        Some(State::Running { .. }) => {
            let lately = now.checked_sub(LATELY).unwrap_or(now);
            last.exit_code != 0 && last.finished.is_none_or(|at| at >= lately)
        }
        // The run that has just ended is the present one.
        Some(State::Terminated(_)) | None => false,
    }
}

/// The containers to listen to: the one named, all, or the first that is not well, or the first of all.
///
/// # Errors
/// One line that names the containers there are, where the one named is none of them.
pub(crate) fn containers<'a>(
    pod: &'a Pod,
    named: Option<&str>,
    all: bool,
    now: Timestamp,
) -> Result<Vec<&'a str>, Failure> {
    let names = || pod.spec.containers.iter().map(|it| it.name.as_str());
    if let Some(named) = named {
        return match names().find(|name| *name == named) {
            Some(name) => Ok(vec![name]),
            None => Err(Failure::invalid(format!(
                "argument `container`: Pod {}/{} has no container {named}; valid: {}",
                pod.meta.namespace,
                pod.meta.name,
                names().collect::<Vec<_>>().join(", ")
            ))),
        };
    }
    if all {
        return Ok(names().collect());
    }
    let unwell = pod.containers.iter().find(|it| unwell::container(it, now).is_some());
    let unwell = unwell.and_then(|it| names().find(|name| *name == it.name));
    let main = pod.spec.containers.iter().find(|it| !it.init).map(|it| it.name.as_str());
    Ok(unwell.or(main).into_iter().collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use evidence::fact::pod::Ended;

    const NOW: &str = "2026-11-01T10:00:00Z";

    fn status(state: State, last: Option<(i32, &str)>) -> ContainerStatus {
        let last = last.map(|(exit_code, at)| Ended {
            exit_code,
            finished: Some(at.parse().unwrap()),
            ..Ended::default()
        });
        ContainerStatus { state: Some(state), last, ..ContainerStatus::default() }
    }

    fn waits() -> State {
        State::Waiting { reason: "CrashLoopBackOff".to_owned(), message: String::new() }
    }

    #[test]
    fn the_run_before_is_read_where_the_container_waits_or_crashes_in_a_loop() {
        let lately = "2026-11-01T09:58:00Z";
        let running = || State::Running { since: None };
        for (status, chosen) in [
            (status(waits(), Some((1, lately))), true),
            (status(waits(), None), false),
            (status(running(), Some((1, lately))), true),
            (status(running(), Some((0, lately))), false),
            (status(running(), Some((1, "2026-11-01T07:00:00Z"))), false),
            (status(State::Terminated(Ended::default()), Some((1, lately))), false),
        ] {
            assert_eq!(previous(&status, NOW.parse().unwrap()), chosen, "{status:?}");
        }
    }
}
