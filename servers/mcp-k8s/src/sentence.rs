//! A component's sentence without what it says twice, and without what nobody acts on: uids and timers.

/// The sentence on one line, without the name and uid of its pod, and with what it quotes once.
pub(crate) fn short(sentence: &str) -> String {
    let mut words: Vec<&str> = Vec::new();
    for word in sentence.split_whitespace() {
        if !is_pod_with_uid(word) {
            words.push(word);
            continue;
        }
        if words.ends_with(&["in", "pod"]) {
            words.truncate(words.len() - 2);
        }
    }
    quoted_once(&words.join(" "))
}

/// It says only that the kubelet waits before it starts a container again, which its reason says too.
pub(crate) fn is_timer(sentence: &str) -> bool {
    sentence.starts_with("back-off ") && sentence.contains(" restarting failed container")
}

/// An event's sentence that says no more than the state of a container does.
pub(crate) fn is_state(sentence: &str) -> bool {
    let error = sentence.strip_prefix("Error: ");
    error.is_some_and(|word| !word.contains(' '))
        || sentence.starts_with("Back-off restarting failed container")
}

/// `web-0_shop(1f0c...)`, as the kubelet writes a pod.
fn is_pod_with_uid(word: &str) -> bool {
    let Some((pod, uid)) =
        word.trim_end_matches(',').strip_suffix(')').and_then(|it| it.split_once('('))
    else {
        return false;
    };
    pod.contains('_')
        && !uid.is_empty()
        && uid.bytes().all(|it| it.is_ascii_hexdigit() || it == b'-')
}

/// Chains of errors repeat what they are about: `pulling "X": rpc error: resolving "X": X: not found` becomes
/// `pulling "X": not found`.
fn quoted_once(sentence: &str) -> String {
    let whole = || sentence.to_owned();
    let mut parts = sentence.splitn(3, '"');
    let (Some(head), Some(quoted), Some(rest)) = (parts.next(), parts.next(), parts.next()) else {
        return whole();
    };
    if quoted.len() < SHORTEST {
        return whole();
    }
    let Some((_, tail)) = rest.rsplit_once(quoted) else { return whole() };
    match tail.trim_start_matches(['"', ':', ' ']) {
        "" => whole(),
        end => format!("{head}\"{quoted}\": {end}"),
    }
}

/// Shorter words may stand anywhere by chance.
const SHORTEST: usize = 8;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chain_of_errors_ends_with_what_matters() {
        let sentence = "Failed to pull image \"r.example.com/web:9\": rpc error: code = NotFound desc = failed to \
resolve reference \"r.example.com/web:9\": r.example.com/web:9: not found";
        assert_eq!(short(sentence), "Failed to pull image \"r.example.com/web:9\": not found");
    }

    #[test]
    fn the_pod_and_its_uid_are_left_out() {
        let sentence = "Back-off restarting failed container web in pod web-0_shop(f3fa60a6-658e)";
        assert_eq!(short(sentence), "Back-off restarting failed container web");
        let sentence =
            "back-off 5m0s restarting failed container=web pod=web-0_shop(f3fa60a6-658e)";
        assert_eq!(short(sentence), "back-off 5m0s restarting failed container=web");
    }

    #[test]
    fn other_sentences_stay() {
        for sentence in [
            "0/1 nodes are available: 1 Insufficient cpu.",
            "failed calling webhook \"a.example.com\": no endpoints available for service \"a\"",
            "exec: \"/bin/server\": stat /bin/server: no such file or directory (exit_code(127))",
            "said \"nothing",
        ] {
            let expected = sentence.replace(": stat /bin/server", "");
            assert_eq!(short(sentence), expected);
        }
    }

    #[test]
    fn a_timer_is_known_by_its_words() {
        assert!(is_timer("back-off 5m0s restarting failed container=web pod=web-0_shop(12)"));
        assert!(!is_timer("Back-off pulling image \"x\""));
    }

    #[test]
    fn a_state_said_as_an_event_is_known() {
        assert!(is_state("Error: ErrImagePull"));
        assert!(is_state("Back-off restarting failed container web in pod web-0_shop(12)"));
        assert!(!is_state("Error: secret \"web\" not found"));
    }
}
