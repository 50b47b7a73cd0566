//! Which lines of a log to show: by pattern, level and time, with what stands around them.

use clients::kubernetes::logs::LogLine;
use jiff::Timestamp;
use mcp::failure::Failure;
use regex::{Regex, RegexBuilder};
use schemars::JsonSchema;
use serde::Deserialize;

/// Bytes that a compiled pattern may take: ordinary ones take a few kilobytes.
const LARGEST_PATTERN: usize = 1 << 20;
/// Where in a line its level stands: within its head.
const HEAD: usize = 200;

/// How much a line matters, by its own words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Level {
    Debug,
    Info,
    Warn,
    Error,
}

/// Which lines to show.
#[derive(Debug, Default)]
pub(crate) struct Filter {
    /// Lines that hold this.
    pub(crate) grep: Option<Regex>,
    /// Without those that hold this.
    pub(crate) exclude: Option<Regex>,
    /// Of this level or a higher one.
    pub(crate) level: Option<Level>,
    /// Until this moment.
    pub(crate) until: Option<Timestamp>,
    /// Lines before and after each.
    pub(crate) context: usize,
}

impl Filter {
    /// It lets everything through.
    pub(crate) fn is_open(&self) -> bool {
        self.grep.is_none()
            && self.exclude.is_none()
            && self.level.is_none()
            && self.until.is_none()
    }

    /// The lines that pass, and how many of them did so by themselves.
    pub(crate) fn select<'a>(&self, lines: &'a [LogLine]) -> (Vec<&'a LogLine>, usize) {
        let mut passes = Vec::with_capacity(lines.len());
        let mut level = Level::Info;
        for line in lines {
            // A line that does not say its level belongs to the one before it, as those of a stack trace do.
            level = level_of(&line.text).unwrap_or(level);
            passes.push(self.lets(line, level));
        }
        let matched = passes.iter().filter(|passes| **passes).count();
        let near = |at: usize| {
            let last = (at + self.context + 1).min(passes.len());
            passes
                .get(at.saturating_sub(self.context)..last)
                .is_some_and(|near| near.contains(&true))
        };
        let kept = lines.iter().enumerate().filter(|(at, _)| near(*at)).map(|(_, line)| line);
        (kept.collect(), matched)
    }

    fn lets(&self, line: &LogLine, level: Level) -> bool {
        self.grep.as_ref().is_none_or(|pattern| pattern.is_match(&line.text))
            && !self.exclude.as_ref().is_some_and(|pattern| pattern.is_match(&line.text))
            && self.level.is_none_or(|least| level >= least)
            && self.until.is_none_or(|until| line.at.is_none_or(|at| at <= until))
    }
}

/// A pattern, in any case of letters.
///
/// # Errors
/// One line that names the argument, where it is no regular expression or too large a one.
pub(crate) fn pattern(argument: &str, pattern: Option<&str>) -> Result<Option<Regex>, Failure> {
    let Some(pattern) = pattern else { return Ok(None) };
    let built =
        RegexBuilder::new(pattern).case_insensitive(true).size_limit(LARGEST_PATTERN).build();
    built.map(Some).map_err(|_| {
        Failure::invalid(format!(
            "argument `{argument}` must be a regular expression (RE2 syntax), such as timeout|refused"
        ))
    })
}

/// The level that a line says it has: after the word `level`, else the first word that is one, or klog's first letter.
fn level_of(text: &str) -> Option<Level> {
    let head = text.get(..text.floor_char_boundary(HEAD)).unwrap_or(text);
    let mut words =
        head.split(|letter: char| !letter.is_ascii_alphanumeric()).filter(|it| !it.is_empty());
    let mut first = None;
    let mut named = false;
    for word in words.by_ref() {
        let word = word.to_ascii_lowercase();
        let level = level_word(&word);
        if named && level.is_some() {
            return level;
        }
        named = matches!(word.as_str(), "level" | "lvl" | "severity");
        first = first.or(level);
    }
    first.or_else(|| klog(head))
}

fn level_word(word: &str) -> Option<Level> {
    Some(match word {
        "error" | "err" | "fatal" | "critical" | "crit" | "panic" | "severe" => Level::Error,
        "warn" | "warning" => Level::Warn,
        "info" | "notice" | "information" => Level::Info,
        "debug" | "trace" => Level::Debug,
        _ => return None,
    })
}

/// `E1121 10:00:00.000000 ...`.
fn klog(head: &str) -> Option<Level> {
    let (letter, rest) = (head.chars().next()?, head.get(1..5)?);
    if !rest.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    match letter {
        'E' | 'F' => Some(Level::Error),
        'W' => Some(Level::Warn),
        'I' => Some(Level::Info),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(texts: &[&str]) -> Vec<LogLine> {
        let line = |text: &&str| LogLine { at: None, text: (*text).to_owned(), dropped: 0 };
        texts.iter().map(line).collect()
    }

    fn kept(filter: &Filter, texts: &[&str]) -> Vec<String> {
        filter.select(&lines(texts)).0.into_iter().map(|line| line.text.clone()).collect()
    }

    #[test]
    fn levels_are_read_in_the_forms_that_loggers_write() {
        for (text, level) in [
            ("2026-11-01 10:00:00 ERROR cannot reach db", Some(Level::Error)),
            (r#"{"level":"info","msg":"no error"}"#, Some(Level::Info)),
            ("level=warn msg=slow", Some(Level::Warn)),
            ("msg=\"error budget\" level=debug", Some(Level::Debug)),
            ("E1121 10:00:00.000000 1 main.go:1] failed", Some(Level::Error)),
            ("[WARNING] slow", Some(Level::Warn)),
            ("hello", None),
        ] {
            assert_eq!(level_of(text), level, "{text}");
        }
    }

    #[test]
    fn a_stack_trace_goes_with_its_line() {
        let filter = Filter { level: Some(Level::Error), ..Filter::default() };
        let texts = ["INFO up", "ERROR down", "  at main.rs:1", "INFO up again"];
        assert_eq!(kept(&filter, &texts), ["ERROR down", "  at main.rs:1"]);
    }

    #[test]
    fn what_stands_around_a_match_is_kept_and_not_counted() {
        let grep = pattern("grep", Some("C|nothing")).unwrap();
        let filter = Filter { grep, context: 1, ..Filter::default() };
        let all = lines(&["a", "b", "c", "d", "e"]);
        let (kept, matched) = filter.select(&all);
        let kept: Vec<&str> = kept.iter().map(|line| line.text.as_str()).collect();
        assert_eq!((kept.join(""), matched), ("bcd".to_owned(), 1));
    }

    #[test]
    fn a_pattern_that_is_none_names_its_argument() {
        let refused = pattern("grep", Some("(")).unwrap_err();
        assert!(refused.message.contains("`grep`"));
        assert!(pattern("grep", Some("(a{1000}){1000}")).is_err());
    }
}
