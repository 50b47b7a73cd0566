//! Whether what a failing program says of others ended it, or only stands in its log before an error of its own.

use crate::case::Case;
use crate::case::complaints::Complaint;
use crate::case::containers::Running;
use crate::case::words::last_line;
use crate::case::words::levels::is_of_telemetry;
use crate::case::words::program::says_own_fault;
use crate::case::words::said::Said;
use crate::case::words::trace::is_frame;
use crate::seen::Seen;
use evidence::fact::event::{Line, Log};

/// As many lines before an error of its own, the frames of traces left out, a program went on after what it said.
const FAR: usize = 20;

/// The last line in which a program names an error of its own; one about telemetry only where there is no other.
pub(in crate::catalogue) fn fault(log: &Log) -> Option<&Line> {
    let own = |text: &str| says_own_fault(text) && !is_of_telemetry(text);
    last_line(log, own).or_else(|| last_line(log, says_own_fault))
}

/// Whether a log says a thing that another mode answers for, of which it may have died. Where it names an error of its
/// own, that is not what was over by then, stands long before it, or is about telemetry.
pub(in crate::catalogue) fn are_answered(
    case: &Case,
    complaints: &[Complaint<'_>],
    container: &Running<'_>,
    log: Seen<'_, Log>,
    is_answered: fn(&Said) -> bool,
) -> bool {
    let of_it = |it: &&Complaint<'_>| {
        it.log.exhibit == log.exhibit && it.container.spec.name == container.spec.name
    };
    if complaints.iter().filter(of_it).any(lacks_scratch) {
        return true;
    }
    let Some(own) = fault(log.it).filter(|it| !is_of_telemetry(&it.text)) else {
        return case.said_of_work(log).any(|(said, _)| is_answered(said));
    };
    complaints.iter().filter(of_it).any(|it| {
        is_answered(&it.said) && !is_of_telemetry(&it.line.text) && !is_far(log.it, it.line, own)
    })
}

/// Whether it finds no directory for temporary files since its spec leaves it none: CFG-03. Of others that say so nobody
/// knows why.
fn lacks_scratch(complaint: &Complaint<'_>) -> bool {
    let Said::NoTemporaryDirectory { paths } = &complaint.said else { return false };
    complaint.container.may_write_none_of(paths)
}

/// Whether much was written between a line and the error, both counted where they were last said.
fn is_far(log: &Log, line: &Line, own: &Line) -> bool {
    let at = |of: &Line| log.lines.iter().position(|it| std::ptr::eq(it, of));
    let (Some(from), Some(to)) = (at(line), at(own)) else { return false };
    let between = log.lines.iter().take(to).skip(from + 1);
    let after =
        between.filter(|it| !is_frame(&it.text) && (it.last.is_none() || it.last >= line.last));
    after.count() >= FAR
}
