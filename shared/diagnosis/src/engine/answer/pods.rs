//! Which pods there are: how many, and which of them have trouble.

use super::{Answer, Told, is_asked_about};
use crate::case::Case;
use crate::engine::symptoms::is_ready;
use crate::finding::Cite;
use crate::seen::Seen;
use evidence::fact::pod::{Pod, State};

/// Pods told by name.
const MOST: usize = 10;

pub(super) fn answer(case: &Case) -> Answer {
    let mut pods = 0_u64;
    let mut unready = Vec::new();
    for pod in case.pods().filter(|pod| is_asked_about(case, &pod.meta.entity("Pod"))) {
        // One healthy pod stands for those of its workload that are like it.
        pods += 1 + u64::from(pod.alike);
        if !is_ready(&pod) {
            unready.push(pod);
        }
    }
    let count = unready.len();
    let names: Vec<String> = unready
        .iter()
        .take(MOST)
        .map(|pod| format!("{} ({})", pod.meta.name, state(pod)))
        .collect();
    // Of a whole cluster only what looks ill is read pod by pod.
    let namespaces = &case.scope.namespaces;
    let closely = if namespaces.is_empty() { " looked at closely" } else { "" };
    let seen = if namespaces.is_empty() {
        case.looked("Glance", "")
    } else {
        namespaces.iter().all(|namespace| case.looked("Pod", namespace))
    };
    let pods = format!("{pods} pods{closely}");
    let sentence = match count {
        0 if !seen => {
            "Not all pods could be seen; none of those that were lacks anything.".to_owned()
        }
        0 => format!("All {pods} are ready or done."),
        _ if count > MOST => {
            format!("{count} of {pods} are not ready, among them {}.", names.join(", "))
        }
        _ => format!("{count} of {pods} are not ready: {}.", names.join(", ")),
    };
    Answer { sentence, moments: unready.iter().take(MOST).map(|pod| told(case, pod)).collect() }
}

fn told(case: &Case, pod: &Seen<'_, Pod>) -> Told {
    let entity = pod.meta.entity("Pod");
    let what = format!("not ready: {}", state(pod));
    let says = format!("{entity}: {what}");
    let at = pod.meta.created.unwrap_or(case.as_of);
    Told { at, what, entity, cites: vec![Cite::new(pod.exhibit, says)] }
}

/// The first container's word for why it does not run, else the pod's phase.
fn state(pod: &Pod) -> &str {
    let words = pod.containers.iter().filter_map(|status| match &status.state {
        Some(State::Waiting { reason, .. }) if !reason.is_empty() => Some(reason.as_str()),
        Some(State::Terminated(ended)) if ended.exit_code != 0 => Some(ended.reason.as_str()),
        _ => None,
    });
    let mut words = words.filter(|it| !it.is_empty());
    words.next().unwrap_or(&pod.phase)
}
