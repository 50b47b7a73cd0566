//! What was written into the logs of what was asked about: the last lines of each container, as they stand.

use super::{Answer, Told, is_asked_about};
use crate::case::Case;
use crate::finding::Cite;
use evidence::entity::Entity;

/// Logs told.
const MOST: usize = 6;
/// Lines quoted of each.
const LINES: usize = 8;

pub(super) fn answer(case: &Case) -> Answer {
    let mut moments = Vec::new();
    let mut read = 0;
    for log in case.logs() {
        let pod = Entity::new("Pod", &log.namespace, &log.pod);
        if !is_asked_about(case, &pod) {
            continue;
        }
        read += log.it.read;
        let Some(last) = log.it.lines.last() else { continue };
        let skipped = log.it.lines.len().saturating_sub(LINES);
        let quoted: Vec<&str> =
            log.it.lines.iter().skip(skipped).map(|it| it.text.as_str()).collect();
        let run = if log.previous { ", run before the present one" } else { "" };
        let what = format!("container {} wrote {} lines{run}", log.container, log.it.read);
        let says = format!("{pod}: {what}, of which the last");
        let cites = vec![Cite::quoting(log.exhibit, says, &quoted.join("\n"))];
        moments.push(Told { at: last.last.unwrap_or(case.as_of), what, entity: pod, cites });
    }
    let logs = moments.len();
    let sentence = match logs {
        0 => "No log of it could be read.".to_owned(),
        1 => format!("{read} lines of one log were read; the last are quoted."),
        _ => format!("{read} lines of {logs} logs were read; the last of each are quoted."),
    };
    moments.truncate(MOST);
    Answer { sentence, moments }
}
