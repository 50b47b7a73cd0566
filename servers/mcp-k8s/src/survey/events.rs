//! Which of many events are worth a fact: no routine ones, and not the same about every pod of a large workload.

use crate::translate::log::template;
use evidence::fact::event::Event;
use std::cmp::Reverse;
use std::collections::BTreeMap;

/// Groups of one reason and wording that are kept, about whatever objects: the hundredth pod that cannot pull the same
/// image says nothing new.
const MOST_ALIKE: usize = 20;
/// Groups that are kept in all.
const MOST: usize = 1_000;

/// What happens to every pod that starts.
const ROUTINE: [&str; 6] =
    ["Created", "Pulled", "Pulling", "Scheduled", "Started", "SuccessfulCreate"];

/// What was left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cut {
    /// Nothing but routine.
    Nothing,
    /// Only what is like something kept.
    Alike,
    /// So many groups unlike those kept.
    Different(usize),
}

/// The events worth keeping, in their order, and what was left out. Warnings come before others, and the latest first.
pub(crate) fn worth_keeping(mut events: Vec<Event>) -> (Vec<Event>, Cut) {
    events.retain(|it| it.warning || !ROUTINE.contains(&it.reason.as_str()));
    events.sort_by_cached_key(|it| {
        (Reverse((it.warning, it.last)), it.subject.clone(), it.message.clone())
    });
    let mut alike: BTreeMap<(String, String, String), usize> = BTreeMap::new();
    let before = events.len();
    events.retain(|it| {
        let place = it.subject.namespace.clone();
        let seen = alike.entry((place, it.reason.clone(), template(&it.message))).or_default();
        *seen += 1;
        *seen <= MOST_ALIKE
    });
    let cut = match events.len() {
        many if many > MOST => Cut::Different(many - MOST),
        some if some < before => Cut::Alike,
        _ => Cut::Nothing,
    };
    events.truncate(MOST);
    events.sort_by_cached_key(|it| (it.subject.clone(), it.reason.clone(), it.message.clone()));
    (events, cut)
}

#[cfg(test)]
mod tests {
    use super::*;
    use evidence::entity::Entity;

    fn event(pod: usize, reason: &str, message: &str, warning: bool) -> Event {
        Event {
            subject: Entity::new("Pod", "shop", &format!("web-{pod}")),
            reason: reason.to_owned(),
            message: message.to_owned(),
            warning,
            ..Event::default()
        }
    }

    #[test]
    fn routine_is_left_out_silently_and_a_killing_is_not() {
        let events =
            vec![event(1, "Pulled", "pulled", false), event(1, "Killing", "killed", false)];
        let (kept, cut) = worth_keeping(events);
        assert_eq!((kept.len(), cut), (1, Cut::Nothing));
        assert_eq!(kept[0].reason, "Killing");
    }

    #[test]
    fn the_same_about_many_pods_is_kept_of_some() {
        let mut events: Vec<Event> =
            (0..300).map(|pod| event(pod, "Failed", "no such image", true)).collect();
        events.push(event(999, "FailedMount", "no such secret", true));
        let (kept, cut) = worth_keeping(events);
        assert_eq!((kept.len(), cut), (MOST_ALIKE + 1, Cut::Alike));
        assert!(kept.iter().any(|it| it.reason == "FailedMount"));
    }

    #[test]
    fn of_too_many_different_ones_the_warnings_stay() {
        let word = |number: usize| "x".repeat(number + 1);
        let events = (0..MOST + 5).map(|it| event(it, "Odd", &word(it), it >= 5)).collect();
        let (kept, cut) = worth_keeping(events);
        assert_eq!((kept.len(), cut), (MOST, Cut::Different(5)));
        assert!(kept.iter().all(|it| it.warning));
    }
}
