//! Whether a question reports a trouble that Kubernetes need not show: then that nothing is wrong there does not answer it.

use super::words::is_in;

/// Openings of what may be answered with "no".
const YES_OR_NO: &str =
    "are did do does had has have is was were isn't aren't doesn't didn't hasn't wasn't";
/// Openings of what asks for what to do, which may be nothing; what is suffered beside it is reported all the same.
const TO_DO: &str = "can could must need shall should will would";
/// What stands before them: `and did it break anything`.
const JOINS: &str = "and but or so";
/// What a look at Kubernetes settles, one way or the other; and what asks for whatever is wrong.
const SETTLED: &str = "backoff broke broken crash crashed crashes crashing crashloop crashloopbackoff down evicted \
fault faults healthy imagepullbackoff killed oom oomkilled pending pod pods ready restart restarted restarting restarts run \
running start starting starts started terminating unhealthy unready wrong";
/// What makes `up` the opposite of `down`: a pod is up, and an order shows up.
const BEFORE_UP: &str = "is are be been was were isn't aren't come comes came go goes went stay stays back not all everything";
/// Openings and answers by which `is it ... or ...` asks which of two it is, rather than whether there is anything.
const IT: &str = "it this that";
const WELL: &str =
    "not over well fine ok okay normal healthy harmless expected intended meant nothing";
/// What asks for the cause of something that was said, ...
const CAUSE: &str = "behind happened happens root why";
/// ... and what says that something does not work as it should.
const EFFECT: &str = "404 500 502 503 504 cannot error errors fail failed failing fails latency missing refuse refused \
refuses reject rejected rejects slow timeout timeouts unavailable unreachable warn warned warns";
/// ... by what it does not do. `nobody deployed anything` does not say so.
const DENIAL: &str = "never no nobody none not";
const CHANGE: &str =
    "change changed changes deploy deployed released rolled touched updated upgraded";
/// `requests time out`: said of what waits in vain.
const TIME: &str = "time times timed timing";
/// What says that something is well: `all pods are green` reports no trouble that a look at pods would settle.
const GREEN: &str = "fine green healthy ok ready running up well";

/// What is gladly missed, and what is no thing: `without downtime`, `without any problem`, `without touching it`.
const MISSED_GLADLY: &str = "complaint complaints delay doubt downtime effort harm hitch impact incident interruption issue issues \
notice problem problems reason restart restarts success trouble warning warnings";

/// What is said of the part that is not down: `the site is down, the app works`.
const WORKS: &str = "fine ok okay work works answers";

/// What says that the other part is not.
const DOWN: &str = "blank broken dead down empty frozen stuck unusable";

/// What says that a trouble is over, ...
const OVER: &str = "ago earlier until yesterday";
/// ... and what asks for its cause: `what was it`, `why did it crash`. A look at what is now does not settle that.
const ASKS: &str = "what which who why";
const PAST: &str = "caused did had happened was were";

/// What stands before an effect that was some time `ago`, ...
const WAS: &str = "felt gave got had saw seemed was were";
/// ... and what says that it only began then, or has not ended.
const ONSET: &str = "again began begun since start started starts still stopped";

/// What tells of an effect as of something that was, ...
const FAILED: &str = "failed refused rejected timed warned";
/// ... how long it lasted, ...
const UNITS: &str = "hour hours minute minutes moment moments second seconds";
/// ... and when that was; ...
const WHEN: &str =
    "afternoon breakfast earlier evening lunch midnight morning night noon overnight yesterday";
/// ... but not what lasts until now, or comes again.
const LASTS: &str = "again always daily each every had has have keep keeps last now past still";

/// Openings of what only asks for a look: `check the namespace shop`.
const LOOK: &str = "analyse analyze audit check diagnose examine find health healthcheck inspect investigate list look \
please report review show status summarise summarize tell verify";
/// Fewer words only name what to look at.
const FEWEST: usize = 4;

/// Whether the question reports such a trouble.
pub fn is_reported(question: &str) -> bool {
    let lower = question.to_lowercase();
    let (mut yes_or_no, mut over, mut asks_what_was) = (false, false, false);
    let (mut asks_why, mut settled, mut suffers) = (false, false, false);
    let (mut count, mut asks_what_to_do, mut asks_what_changed) = (0, false, false);
    let lower = lower.replace(" - ", ", ");
    let looks = lower.split(' ').next().is_some_and(|it| is_in(LOOK, it));
    let goes_on = lower.split(|it: char| !it.is_ascii_alphanumeric()).any(|it| is_in(ONSET, it));
    for clause in lower.split(['.', ',', ':', ';', '?', '!', '–', '—']) {
        let words = clause.split(|it: char| !it.is_ascii_alphanumeric() && it != '\'');
        let words: Vec<&str> = words.filter(|it| !it.is_empty()).collect();
        count += words.len();
        let opening = words.iter().find(|it| !is_in(JOINS, it));
        // `and so does the search`: as the one before it.
        let likewise = words.starts_with(&["and", "so"]);
        let opens = opening.is_some_and(|first| is_in(YES_OR_NO, first)) && !likewise;
        asks_what_to_do |= opening.is_some_and(|first| is_in(TO_DO, first));
        yes_or_no |= opens && !asks_which(&words);
        let reassures = !opens && says_well(&words);
        // `it felt slow ten minutes ago. What is wrong?`: what was so asks for no cause, and what is so a look settles.
        let past = is_past(&words) && !goes_on;
        let bounded = is_bounded(&words) && !goes_on;
        let (mut settled_here, mut suffers_here, mut before) = (false, false, "");
        for (at, word) in words.iter().copied().enumerate() {
            // `nobody has deployed anything` denies a change, and `no errors` an effect.
            let of_change = words.iter().skip(at + 1).take(3).any(|it| is_in(CHANGE, it));
            let of_effect = words.get(at + 1).is_some_and(|it| is_in(EFFECT, it));
            let is_up = word == "up" && is_in(BEFORE_UP, before);
            asks_what_changed |= is_in(ASKS, before) && is_in(CHANGE, word);
            asks_what_was |= is_in(ASKS, before) && is_in(PAST, word);
            settled_here |= !reassures && (is_in(SETTLED, word) || is_up);
            over |= is_in(OVER, word);
            asks_why |= is_in(CAUSE, word);
            let was = is_in(WAS, before);
            let is_over = past && was || bounded && (was || is_in(FAILED, word));
            suffers_here |= is_in(EFFECT, word) && !is_in(DENIAL, before) && !is_over;
            let denies = is_in(DENIAL, word) || word.ends_with("n't");
            suffers_here |= denies && !of_change && !of_effect;
            suffers_here |=
                word == "out" && is_in(TIME, before) && !(bounded && is_in(FAILED, before));
            suffers_here |= word == "without" && lacks(words.get(at + 1..).unwrap_or_default());
            before = word;
        }
        suffers_here |= !looks && is_so_since(&words);
        settled |= settled_here;
        // `customers can't pay. Where is the fault?`: what they suffer is no less reported for what is asked then.
        suffers |= suffers_here && !settled_here && !reassures;
    }
    suffers |= is_down_in_part(&lower);
    // Nobody writes a sentence of something else about a cluster that is well.
    let tells = count >= FEWEST && !(looks || asks_what_to_do || asks_what_changed);
    let reported = match settled {
        true => suffers || over && asks_what_was,
        false => suffers || asks_why || tells,
    };
    reported && !yes_or_no
}

/// `the site is down, the app works`: who tells both apart has seen it, and a look at pods does not settle it. Of pods it does.
fn is_down_in_part(lower: &str) -> bool {
    let clauses = || {
        let sentences = lower.split(['.', '!', ';']).filter(|it| !it.contains('?'));
        let all = sentences
            .flat_map(|it| it.split([',', ':', '–', '—']))
            .flat_map(|it| it.split(" but "));
        all.map(|it| it.split_whitespace().collect::<Vec<&str>>())
    };
    let told = |words: &[&str]| !words.iter().any(|it| is_in("pod pods node nodes if whether", it));
    let denies = |words: &[&str]| {
        let denies = |it: &&str| is_in(DENIAL, it) || *it == "nothing" || it.ends_with("n't");
        words.iter().any(denies)
    };
    let is_down = |words: &[&str]| words.iter().any(|it| is_in(DOWN, it)) && !denies(words);
    let down = clauses().any(|it| is_down(&it) && told(&it));
    let works = |words: &[&str]| {
        words.len() >= 2
            && words.last().is_some_and(|it| is_in(WORKS, it))
            && told(words)
            && !denies(words)
    };
    down && clauses().any(|it| works(&it) && !is_down(&it))
}

/// `the map shows the same picture since two hours`: what is so since some time, and was not brought about by whoever tells it.
fn is_so_since(words: &[&str]) -> bool {
    let asks = |it: &&str| is_in(ASKS, it) || is_in(CHANGE, it);
    // `we run cilium since two weeks`.
    let is_plan = words.windows(2).any(|it| matches!(it, ["we", "have" | "run" | "use"]));
    let at = words.iter().position(|it| *it == "since");
    at.is_some_and(|at| at + 1 >= FEWEST && at + 1 < words.len())
        && !is_plan
        && !words.iter().any(asks)
}

/// Whether a word says that something does not work as it should.
pub(super) fn tells_trouble(word: &str) -> bool {
    is_in(EFFECT, word) || is_in(DENIAL, word) || word.ends_with("n't")
}

/// `shown without a price`: whether what stands behind `without` is a thing that should be there.
fn lacks(words: &[&str]) -> bool {
    let thing = words.iter().find(|it| !is_in("a an any the their its his her", it));
    thing.is_some_and(|it| !is_in(MISSED_GLADLY, it) && !is_in(EFFECT, it) && !it.ends_with("ing"))
}

/// Whether a clause tells of something some time ago, and does not ask why it was.
fn is_past(words: &[&str]) -> bool {
    words.contains(&"ago") && !words.iter().any(|it| is_in(ASKS, it))
}

/// `failed for some minutes around eight this morning`: of what is over one tells how long it lasted, and when.
fn is_bounded(words: &[&str]) -> bool {
    let lasted = words.iter().enumerate().any(|(at, word)| {
        let mut span = words.iter().skip(at + 1).take(3);
        *word == "for" && span.any(|it| is_in(UNITS, it))
    });
    lasted
        && words.iter().any(|it| is_in(WHEN, it))
        && !words.iter().any(|it| is_in(ASKS, it) || is_in(LASTS, it))
}

/// `is it our cluster or the provider`.
fn asks_which(words: &[&str]) -> bool {
    words.get(1).is_some_and(|it| is_in(IT, it))
        && words.contains(&"or")
        && !words.iter().any(|it| is_in(WELL, it))
}

/// `all pods are green`, and not `are all pods green` or `pods are not ready`.
pub(super) fn says_well(words: &[&str]) -> bool {
    let denies = |it: &&str| is_in("no not never none nobody why", it) || it.ends_with("n't");
    words.windows(2).any(|pair| match pair {
        [before, word] => {
            is_in("is are be been look looks stay stays all", before) && is_in(GREEN, word)
        }
        _ => false,
    }) && !words.iter().any(denies)
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
            "Payments fail for all of them. Is it our cluster or the bank?",
            "Payments fail now and then, with timeouts. What is behind it?",
            "web crashed again and again until its pods were deleted. What was it?",
            "why did the api restart two hours ago?",
            "Bookings time out since half an hour. It was released just before, shall we roll it back?",
            "One in twelve members gets no receipt. All pods are green. Why?",
            "The site gives 502 to everybody. All pods look fine. Why?",
            "Customers can't pay: every order ends with an error. Where is the fault?",
            "Since we deployed this morning nobody can log in. Which pods are new?",
            "the export is empty since the weekend",
            "Partners refuse to talk to us since this morning, and browsers warn. All our pods look fine. What is it?",
            "The till shows old prices. Everything is fine in the cluster. What is it?",
            "Checkout was slow an hour ago, and still is. What is wrong?",
            "Logins were refused ten minutes ago. What was it?",
            "Nobody can log in after the database was upgraded an hour ago. What is wrong?",
            "The shop felt slow ten minutes ago",
            "Logins failed for some minutes around eight this morning",
            "Logins failed for some minutes this morning. What was it?",
            "Logins have failed for some minutes this morning. What is wrong?",
            "Logins fail for some minutes every morning. What is wrong?",
            "Logins failed for some minutes this morning, and still do. What is wrong?",
            "Logins failed for the last minutes of the morning. What is wrong?",
            "users report that the web site is down, the app works. what is the root cause?",
            "The shop is down but the till works. What is wrong?",
            "The map in our app is blank. In the browser it works. What is broken?",
            "The rain radar shows the same picture since two hours. What is wrong?",
            "Some books are shown without their author. What is wrong?",
            "Booking a ticket hangs for minutes and then fails, and so does the search. What is it?",
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
            "a pod restarts. What is it?",
            "look at the namespace shop: what is there?",
            "A lot was rolled out to shop since noon. What changed?",
            "the shop is not up and nothing fails",
            "new pods do not come up, the ones that run are fine. Why?",
            "why are not all pods ready?",
            "payments failed at noon. Is it over or not, or is it normal?",
            "All pods of web are new, and nobody has deployed anything. Are they in trouble",
            "We see no errors. Which pods restarted?",
            "look at everything in the namespace of the shop",
            "namespace shop",
            "is the site down, or is it fine?",
            "a pod is down, the others are fine. What is wrong?",
            "if the shop is down but the till works, what is wrong?",
            "The shop is not down and the till works. What is wrong?",
            "The shop works, nothing is down. Does anything restart?",
            "Show the events of namespace shop since noon",
            "Please look at the shop since the boss asked",
            "We run cilium since two weeks. What is wrong in shop?",
            "What changed in shop since two hours? Is anything broken?",
            "Somebody says that the shop felt slow ten minutes ago. What is wrong in namespace shop?",
            "Logins failed for some minutes around eight this morning, and traffic has no pods at all. What is wrong in namespace shop?",
            "Payments timed out for about ten minutes at noon. What is wrong now?",
            "We released half an hour ago and saw warnings among the events. Users cannot open trees, somebody says; is that so, and why?",
            "A lot was changed in shop for the sale. What, and did any of it break something?",
            "The release went out without a hitch or any warnings, without downtime. What is wrong in shop?",
            "Weekend round - does anything need somebody before Monday",
            "The event list is red with 'exceeded quota'. Must we do something before noon?",
            "",
        ];
        for question in settled {
            assert!(!is_reported(question), "{question}");
        }
    }
}
