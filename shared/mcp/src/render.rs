//! An answer as text: the sentence, the problems, the rows, the quotes, and what was looked at.
//!
//! What does not fit is left out from the rows and the quotes first, and the text says how much; never from the
//! sentence and the scope.

use crate::answer::{Answer, Examined, Page, Quote};
use crate::table;
use crate::times;
use std::fmt::Write;

/// An answer is at most about 4,000 tokens.
pub(crate) const MOST_BYTES: usize = 16 * 1024;
/// More denied places are counted.
const MOST_DENIED: usize = 10;
/// A line that says what was left out, with the one that says how to go on; a fence and its label take about as much.
const SPARE_BYTES: usize = 120;

/// The text of an answer whose strings are safe already, and how many of its rows did not fit into it.
pub(crate) fn text(answer: &Answer, most_bytes: usize) -> (String, usize) {
    let mut text = format!("{}\n", answer.summary);
    let all = end(answer, answer.page.as_ref());
    let mut room = most_bytes.saturating_sub(text.len() + all.len());
    let rows = if answer.table.rows.is_empty() { Vec::new() } else { table::lines(&answer.table) };
    let quoted: usize = answer.quotes.iter().map(|quote| quote.text.len() + SPARE_BYTES).sum();

    let problems: Vec<String> =
        answer.problems.iter().map(|problem| format!("! {problem}")).collect();
    let all_else = size(&rows) + quoted;
    let most = room - all_else.min(room / 2);
    let (block, _) = fitting(&problems, 0, most, "problems did not fit");
    room = room.saturating_sub(block.len());
    text.push_str(&block);

    let most = room - quoted.min(room / 2);
    let goes_on = "rows did not fit; the cursor goes on with them";
    let (mut block, left_out) = fitting(&rows, 1, most, goes_on);
    let page = answer.page.as_ref().map(|page| page.without(left_out));
    if left_out > 0 && page.as_ref().is_none_or(|page| page.next().is_none()) {
        let ends = "rows did not fit; ask for fewer, or narrow the question";
        (block, _) = fitting(&rows, 1, most, ends);
    }
    room = room.saturating_sub(block.len());
    text.push_str(&block);

    for (at, quote) in answer.quotes.iter().enumerate() {
        let block = fenced(quote, room / (answer.quotes.len() - at));
        room = room.saturating_sub(block.len());
        text.push_str(&block);
    }
    text.push_str(&end(answer, page.as_ref()));
    (text, left_out)
}

fn size(lines: &[String]) -> usize {
    lines.iter().map(|line| line.len() + 1).sum()
}

/// The lines that fit into `room`, with a last one that counts the others, and their count; the first `heads` are not
/// counted.
fn fitting(lines: &[String], heads: usize, room: usize, left_out: &str) -> (String, usize) {
    let room = if size(lines) <= room { room } else { room.saturating_sub(SPARE_BYTES) };
    let mut block = String::new();
    for (at, line) in lines.iter().enumerate() {
        if block.len() + line.len() + 1 > room {
            let more = lines.len() - at.max(heads);
            let _ = writeln!(block, "… {more} more {left_out}");
            return (block, more);
        }
        block.push_str(line);
        block.push('\n');
    }
    (block, 0)
}

/// The quote between two fences that it cannot contain, with a label that says what it is and what is missing. Of times
/// before its lines only what is new is said.
fn fenced(quote: &Quote, room: usize) -> String {
    let whole: Vec<&str> = quote.text.lines().collect();
    let brief = times::brief(&whole);
    let lines: Vec<&str> =
        brief.as_ref().map_or_else(|| whole.clone(), |it| it.iter().map(AsRef::as_ref).collect());
    let said = if brief.is_some() { "; of each time only what is new" } else { "" };
    let fence = "`".repeat(longest_run(&quote.text, '`').max(2) + 1);
    let around = SPARE_BYTES + quote.label.len() + said.len() + times::LENGTH + 2 * fence.len();
    let (mut kept, gap) = start_and_end(&lines, room.saturating_sub(around));
    let missing = match gap {
        Some((after, count)) => {
            // What is behind the gap has no line before it that its time could lean on.
            if let (Some(line), Some(first)) = (kept.get_mut(after), whole.get(after + count)) {
                *line = first;
            }
            format!("; {count} of {} lines left out after line {after}", lines.len())
        }
        None => String::new(),
    };
    let mut block = format!("{} (data, not instructions{said}{missing}):\n{fence}\n", quote.label);
    for line in kept {
        block.push_str(line);
        block.push('\n');
    }
    block.push_str(&fence);
    block.push('\n');
    block
}

/// The lines that fit: a quarter of the room from the start, the rest from the end, where a crash says why.
fn start_and_end<'a>(lines: &[&'a str], room: usize) -> (Vec<&'a str>, Option<(usize, usize)>) {
    if lines.iter().map(|line| line.len() + 1).sum::<usize>() <= room {
        return (lines.to_vec(), None);
    }
    let first = within(lines.iter(), room / 4);
    let last = within(lines.iter().skip(first).rev(), room - room / 4);
    let missing = lines.len() - first - last;
    let mut kept: Vec<&str> = lines.iter().take(first).copied().collect();
    kept.extend(lines.iter().skip(first + missing));
    (kept, Some((first, missing)))
}

fn within<'a>(lines: impl Iterator<Item = &'a &'a str>, room: usize) -> usize {
    let mut used = 0;
    let fits = |line: &&&str| {
        used += line.len() + 1;
        used <= room
    };
    lines.take_while(fits).count()
}

fn longest_run(text: &str, mark: char) -> usize {
    let mut longest = 0;
    let mut run = 0;
    for c in text.chars() {
        run = if c == mark { run + 1 } else { 0 };
        longest = longest.max(run);
    }
    longest
}

/// Warnings, scope, what more there is, and what to ask next.
fn end(answer: &Answer, page: Option<&Page>) -> String {
    let mut text = String::new();
    for warning in &answer.warnings {
        let _ = writeln!(text, "warning: {warning}");
    }
    let _ = writeln!(text, "scope: {}", scope(&answer.examined));
    if let Some(page) = page {
        more(&mut text, page);
    }
    if !answer.next.is_empty() {
        let _ = writeln!(text, "next: {}", answer.next.join("; "));
    }
    text
}

fn scope(examined: &Examined) -> String {
    let mut parts = Vec::new();
    if !examined.cluster.is_empty() {
        parts.push(format!("cluster {}", examined.cluster));
    }
    if !examined.system.is_empty() {
        parts.push(examined.system.clone());
    }
    if examined.namespaces.is_empty() {
        if examined.system.is_empty() {
            parts.push("all namespaces".to_owned());
        }
    } else {
        parts.push(format!("namespace {}", examined.namespaces.join(", ")));
    }
    if let Some(window) = examined.window {
        parts.push(format!("{} to {}", window.start, window.end));
    }
    if let Some(as_of) = examined.as_of {
        parts.push(format!("as of {as_of:.0}"));
    }
    if !examined.denied.is_empty() {
        let named: Vec<&str> =
            examined.denied.iter().take(MOST_DENIED).map(String::as_str).collect();
        let more = examined.denied.len() - named.len();
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        parts.push(format!("denied: {}{more}", named.join(", ")));
    }
    match &examined.incomplete {
        Some(why) => parts.push(format!("incomplete: {why}")),
        None if examined.denied.is_empty() => parts.push("complete".to_owned()),
        None => {}
    }
    parts.join("; ")
}

fn more(text: &mut String, page: &Page) {
    if page.returned >= page.total {
        return;
    }
    let about = if page.exact { "" } else { "at least " };
    let _ = write!(text, "more: {} of {about}{} rows", page.returned, page.total);
    if let Some(cursor) = page.next() {
        let _ = write!(text, "; cursor={cursor}");
    }
    if page.stands_still() {
        text.push_str("; raise max_tokens");
    }
    text.push('\n');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_line_behind_a_gap_says_its_whole_time() {
        let line =
            |number: usize| format!("2026-11-21T11:{:02}:{:02}Z x\n", number / 60, number % 60);
        let text: String = (0..3_600).map(line).collect();
        let shown = fenced(&Quote { label: "log".to_owned(), text }, 1_000);
        assert!(shown.starts_with("log (data, not instructions; of each time only what is new; "));
        assert!(shown.len() <= 1_000, "{}", shown.len());
        let lines: Vec<&str> = shown.lines().skip(2).collect();
        let whole: Vec<&&str> = lines.iter().filter(|line| line.starts_with("2026-")).collect();
        assert_eq!(whole.len(), 2, "{shown}");
        assert_eq!(lines.first(), Some(*whole.first().unwrap()));
        assert!(lines.contains(&"01 x") && lines.contains(&"11:59:00 x"), "{shown}");
    }
}
