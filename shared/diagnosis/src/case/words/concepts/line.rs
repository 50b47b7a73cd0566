//! A line in plain words, and where they begin: what concepts look for stands at the beginning of a word.

use super::plain::plain;
use super::whom;
use crate::case::words::peer::Peer;
use std::cell::OnceCell;

/// A line that may tell of a failure.
pub(super) struct Line<'a> {
    /// As it was written.
    pub text: &'a str,
    /// In plain words.
    pub plain: String,
    /// Where a word begins in them, by its first letter.
    starts: Vec<(u8, usize)>,
    server: OnceCell<Option<Peer>>,
    of_store: OnceCell<bool>,
}

impl<'a> Line<'a> {
    /// A line, its words taken apart once.
    pub(super) fn new(text: &'a str) -> Self {
        let plain = plain(text);
        let mut starts = Vec::with_capacity(plain.len() / 4);
        let mut before = b' ';
        for (at, letter) in plain.bytes().enumerate() {
            if letter.is_ascii_alphanumeric() && !before.is_ascii_alphanumeric() {
                starts.push((letter, at));
            }
            before = letter;
        }
        starts.sort_unstable();
        Line { text, plain, starts, server: OnceCell::new(), of_store: OnceCell::new() }
    }

    /// The server that it names.
    pub(super) fn server(&self) -> Option<Peer> {
        self.known_server().clone()
    }

    fn known_server(&self) -> &Option<Peer> {
        self.server.get_or_init(|| whom::server(self.text))
    }

    /// Whether it names somebody whom it may be about: a store or a client by its own words, or a server.
    pub(super) fn is_named(&self) -> bool {
        self.is_of_store() || self.has_one(whom::CALLERS) || self.known_server().is_some()
    }

    /// Whether it names a store: by its own words, or by where it listens.
    pub(super) fn is_of_store(&self) -> bool {
        let listens = |it: &Peer| whom::listens_as_store(self.text, it);
        *self.of_store.get_or_init(|| {
            self.has_one(whom::STORES) || self.known_server().as_ref().is_some_and(listens)
        })
    }

    /// Whether one of some signs stands in it.
    pub(super) fn has_one(&self, signs: &[&str]) -> bool {
        signs.iter().any(|sign| self.places(sign).next().is_some())
    }

    /// Whether one sign of each group stands in it, all within so many letters to either side of that of the first.
    pub(super) fn near(&self, span: usize, groups: &[&[&str]]) -> bool {
        let Some((first, others)) = groups.split_first() else { return false };
        let within = |sign: &str, from: usize, to: usize| {
            self.places(sign).any(|(at, end)| at >= from && end <= to)
        };
        first.iter().any(|sign| {
            self.places(sign).any(|(at, end)| {
                let (from, to) = (at.saturating_sub(span), end + span);
                others.iter().all(|group| group.iter().any(|sign| within(sign, from, to)))
            })
        })
    }

    /// Where a sign begins and ends: whole words; the stem of any word, which ends with `*`; the last words of a line, which
    /// end with `$`.
    fn places(&self, sign: &str) -> impl Iterator<Item = (usize, usize)> {
        let (sign, open) = sign.strip_suffix('*').map_or((sign, false), |stem| (stem, true));
        let (sign, last) = sign.strip_suffix('$').map_or((sign, false), |stem| (stem, true));
        let sign = sign.as_bytes();
        let first = sign.first().copied().unwrap_or_default();
        let closed = !open && sign.last().is_some_and(u8::is_ascii_alphanumeric);
        let from = self.starts.partition_point(|(letter, _)| *letter < first);
        let alike = self.starts.iter().skip(from).take_while(move |(letter, _)| *letter == first);
        alike.filter_map(move |(_, at)| {
            let after = self.plain.as_bytes().get(*at..)?.strip_prefix(sign)?;
            let goes_on = closed && after.first().is_some_and(u8::is_ascii_alphanumeric)
                || last && after.iter().any(u8::is_ascii_alphanumeric);
            (!goes_on).then_some((*at, at + sign.len()))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::Line;

    #[test]
    fn signs_are_whole_words_but_for_stems() {
        let has = |text: &str, sign: &str| Line::new(text).has_one(&[sign]);
        assert!(has("it failed", "fail*"));
        assert!(!has("it failed", "fail"));
        assert!(!has("the failover", "fail"));
        assert!(!has("the unlimited", "limit"));
        assert!(has("é limit", "limit"));
        assert!(has("redis:6379", "redis"));
        assert!(has("err=\"too many open connections\"", "too many open connections$"));
        assert!(!has("too many open connections in the graph", "too many open connections$"));
        assert!(!has("redistributed", "redis"));
    }

    #[test]
    fn words_of_one_thing_stand_together() {
        let groups: &[&[&str]] = &[&["connections", "clients"], &["max*", "limit"], &["exceeded"]];
        assert!(Line::new("server maximum connections exceeded").near(40, groups));
        let apart = format!("max {} connections exceeded", "x".repeat(50));
        assert!(!Line::new(&apart).near(40, groups));
        assert!(!Line::new("max connections = 100").near(40, groups));
    }
}
