//! Whether a question reports a trouble that Kubernetes need not show: then that nothing is wrong there does not answer it.

/// Openings of what may be answered with "no".
const YES_OR_NO: &str =
    "are did do does had has have is was were isn't aren't did doesn't didn't hasn't wasn't";
/// What a look at Kubernetes settles, one way or the other; and what asks for whatever is wrong.
const SETTLED: &str = "backoff broke broken crash crashed crashes crashing crashloop crashloopbackoff down evicted \
fault faults healthy imagepullbackoff killed oom oomkilled pending pod pods ready restart restarted restarting restarts run \
running start starting starts started terminating unhealthy unready up wrong";
/// What asks for the cause of something that was said, ...
const CAUSE: &str = "behind happened happens root why";
/// ... and what says that something does not work as it should.
const EFFECT: &str = "404 500 502 503 504 cannot error errors fail failed failing fails latency missing never nobody none \
not reject rejected rejects slow timeout timeouts unavailable unreachable";

/// What says that a trouble is over, ...
const OVER: &str = "ago earlier until yesterday";
/// ... and what asks for its cause: `what was it`, `why did it crash`. A look at what is now does not settle that.
const ASKS: &str = "what which who why";
const PAST: &str = "caused did had happened was were";

/// Whether the question reports such a trouble.
pub fn is_reported(question: &str) -> bool {
    let lower = question.to_lowercase();
    let mut asks_yes_or_no = false;
    let mut reported = false;
    let mut settled = false;
    let mut over = false;
    let mut asks_what_was = false;
    for clause in lower.split(['.', ',', ':', ';', '?', '!']) {
        let words = || clause.split(|it: char| !it.is_ascii_alphanumeric() && it != '\'');
        let mut words = words().filter(|it| !it.is_empty()).peekable();
        asks_yes_or_no |= words.peek().is_some_and(|first| is_in(YES_OR_NO, first));
        let asks = words.peek().is_some_and(|first| is_in(ASKS, first));
        for word in words {
            settled |= is_in(SETTLED, word);
            over |= is_in(OVER, word);
            asks_what_was |= asks && is_in(PAST, word);
            reported |= is_in(CAUSE, word) || is_in(EFFECT, word) || word.ends_with("n't");
        }
    }
    let reported = if settled { over && asks_what_was } else { reported };
    reported && !asks_yes_or_no
}

fn is_in(list: &str, word: &str) -> bool {
    list.split_whitespace().any(|it| it == word)
}

#[cfg(test)]
mod tests {
    use super::is_reported;

    #[test]
    fn what_only_its_users_see_is_reported() {
        let reports = [
            "Visitors get 404 for every page. What happened?",
            "why does the shop answer so slowly?",
            "checkout doesn't answer",
            "Orders are accepted but never show up in the plan. Who swallows them?",
            "Payments fail now and then, with timeouts. What is behind it?",
            "web crashed again and again until its pods were deleted. What was it?",
            "why did the api restart two hours ago?",
        ];
        for question in reports {
            assert!(is_reported(question), "{question}");
        }
    }

    #[test]
    fn what_a_look_settles_is_not() {
        let settled = [
            "what is broken, and why?",
            "why is the pod in terranetes namespace not running?",
            "why does web restart?",
            "is everything healthy in shop?",
            "there were errors in the log of api: is it bad?",
            "did the deploy of api fail?",
            "why does web restart since it was deployed an hour ago?",
            "pods of web were restarted yesterday: is it healthy?",
            "check the namespace shop",
            "what is wrong with checkout?",
            "",
        ];
        for question in settled {
            assert!(!is_reported(question), "{question}");
        }
    }
}
