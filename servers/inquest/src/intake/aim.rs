//! What a question wants to know, told from a few plain words; and whether it is a question at all.

use super::premise;
use diagnosis::aim::Aim;

/// Words that ask for a cause or for health, whatever else stands beside them.
const CAUSE: &str = "alert anything attention broke broken bug cause caused causes check crash crashed crashes crashing crashloop dead debug degraded \
denied deny diagnose down error errors everything explain fail failed failing fails failure failures fault faults find fine \
fix forbidden green hang hanging happen happened happening health healthy help incident investigate issue issues \
killed late latency look loop lost matter missing need needs never nobody not nothing odd ok okay oom oomkilled outage pending \
problem problems reason refused restart restarting restarts root sick slow something status stop strange stopped stops stuck \
timeout timeouts trouble unavailable unhealthy unreachable unready up wait waiting waits well went why working \
wrong";
/// Words of what users tell, which nobody says of a cluster that is well.
const TOLD: &str = "clients complain complains complaint complaints customers everybody everyone guests members partners \
people refuse refuses report reported reports shoppers since subscribers users visitors";
/// Words for a change.
const CHANGE: &str = "change changed changes changing deploy deployed deploys edit edited edits \
modified release released releases rollout rollouts scaled touched update updated updates upgrade upgraded";
/// Words that ask for a list.
const LIST: &str = "all get how list many show what which";
/// Those of them that can mean nothing else.
const FETCH: &str = "get how list many show what which";

/// What the question wants; none where no word of it says.
pub fn read(question: &str) -> Option<Aim> {
    let lower = question.to_lowercase();
    // `deployment/web` is a name.
    let plain = lower.split_whitespace().filter(|it| !it.contains('/'));
    let apart = |it: char| !it.is_ascii_alphanumeric() && it != '\'';
    let words: Vec<&str> =
        plain.flat_map(|it| it.split(apart)).filter(|it| !it.is_empty()).collect();
    let has = |list: &str| words.iter().any(|word| list.split_whitespace().any(|it| it == *word));
    let asks = |word: &str| words.contains(&word);
    if asks("why") || asks("root") || asks("cause") || asks_what_fails(&words) {
        return Some(Aim::Cause);
    }
    let is_recent = asks("recent") && (has(CHANGE) || asks("deployments"));
    if is_recent || has("who what show list") && has(CHANGE) {
        return Some(Aim::Changes);
    }
    let clauses = || lower.split(['.', ',', ';', '?', '!']);
    if clauses().any(lists_pods) && !lower.split(['.', ';', '?', '!']).any(calms_about_pods) {
        return Some(Aim::Pods);
    }
    // `Why does everything log timeouts?` asks for no log.
    let phrase =
        words.windows(2).any(|it| matches!(it, ["log" | "logs", "of" | "from" | "for" | "since"]));
    let fetch = has("show get tail print fetch") && has("log logs");
    if phrase || fetch {
        return Some(Aim::Logs);
    }
    let broken =
        words.iter().any(|word| word.ends_with("n't") || *word == "cannot" || *word == "can");
    (has(CAUSE) || has(TOLD) || broken || has(CHANGE)).then_some(Aim::Cause)
}

/// `what is wrong since the last deploy`: that asks for no list.
fn asks_what_fails(words: &[&str]) -> bool {
    words.windows(3).any(|it| {
        matches!(
            it,
            [
                "what",
                "is" | "s" | "has" | "was" | "went" | "goes",
                "wrong" | "broken" | "happening" | "happened"
            ]
        )
    }) || words.windows(2).any(|it| {
        matches!(
            it,
            ["what's" | "whats", "wrong" | "broken" | "happening"]
                | ["what", "breaks" | "broke" | "fails"]
        )
    })
}

/// `which pods`, and not `the pods of checkout keep crashing, what is it`, nor `all pods of checkout crash`.
fn lists_pods(clause: &str) -> bool {
    let words = clause.split(|it: char| !it.is_ascii_alphanumeric() && it != '\'');
    let words: Vec<&str> = words.filter(|it| !it.is_empty()).collect();
    let Some(at) = words.iter().position(|it| *it == "pods") else { return false };
    let before = words.get(..at).unwrap_or_default();
    let has =
        |list: &str, words: &[&str]| words.iter().any(|word| list.split(' ').any(|it| it == *word));
    has(FETCH, before) || has(LIST, before) && !has(CAUSE, &words)
}

/// `all our pods look fine`, and not `which pods are ready`: whoever says how they are does not ask it.
fn calms_about_pods(clause: &str) -> bool {
    let words = clause.split(|it: char| !it.is_ascii_alphanumeric() && it != '\'');
    let words: Vec<&str> = words.filter(|it| !it.is_empty()).collect();
    let fetches = words.iter().any(|word| FETCH.split(' ').any(|it| it == *word));
    words.contains(&"pods") && !fetches && premise::says_well(&words)
}

#[cfg(test)]
mod tests {
    use super::read;
    use diagnosis::aim::Aim;

    #[test]
    fn plain_words_say_what_is_wanted() {
        let asked = [
            ("why is the pod in terranetes namespace not running?", Aim::Cause),
            ("is everything healthy in shop?", Aim::Cause),
            ("checkout doesn't answer", Aim::Cause),
            ("Visitors see the prices of yesterday", Aim::Cause),
            ("what changed in the last 2 hours in shop?", Aim::Changes),
            ("who changed deployment/web?", Aim::Changes),
            ("show recent deployments in shop", Aim::Changes),
            ("which pods are not ready in shop?", Aim::Pods),
            ("how many pods run in shop", Aim::Pods),
            ("list all pods that are ready", Aim::Pods),
            ("Browsers warn. All our pods look fine. What is it?", Aim::Cause),
            ("logs of web since 10m", Aim::Logs),
            ("show me the logs of deployment/web", Aim::Logs),
            ("why did the last deployment of web fail?", Aim::Cause),
            ("which pods fail, and why?", Aim::Cause),
            ("The checkout pods keep crashing, what is happening?", Aim::Cause),
            ("All pods of checkout crash", Aim::Cause),
            ("are all pods ready in shop?", Aim::Pods),
            ("What is wrong since the last deploy?", Aim::Cause),
            ("what was changed in shop?", Aim::Changes),
        ];
        for (question, aim) in asked {
            assert_eq!(read(question), Some(aim), "{question}");
        }
    }

    #[test]
    fn what_asks_for_nothing_says_nothing() {
        for question in ["make me a sandwich", "shop", "hello there"] {
            assert_eq!(read(question), None, "{question}");
        }
    }
}
