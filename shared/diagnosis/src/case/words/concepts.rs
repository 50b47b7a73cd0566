//! What a line says by concepts: small sets of words that stand together in a line that tells of an error, in whatever order
//! and form a library writes them. The fixed sentences of the other modules come first; this is for all other libraries.
//!
//! A library's own whole sentence counts wherever it stands. All other words are plain English, of which a healthy program
//! makes sentences about its users and their things: they count where the line names a driver, a store or a server.

mod gate;
mod identity;
mod limits;
mod line;
mod members;
mod network;
mod plain;
mod pool;
mod resolver;
mod stores;
mod things;
mod tls;
mod whom;

use super::program::own_class;
use super::said::Said;
use line::Line;

/// What a line says by its words, the most particular first.
pub fn said(text: &str) -> Option<Said> {
    if !gate::may_tell(text) {
        return None;
    }
    let line = Line::new(text);
    if gate::is_well(&line) {
        return None;
    }
    // An error of a class that no driver has is the program's own, whatever words follow; Node's `Error` is anybody's.
    if own_class(text).is_some_and(|class| class != "Error") && !line.is_named() {
        return None;
    }
    tls::said(&line).or_else(|| stores::said(&line)).or_else(|| network::said(&line))
}

#[cfg(test)]
mod tests {
    use super::gate::{is_well, may_tell};
    use super::line::Line;
    use super::plain::plain;
    use super::{identity, limits, members, network, pool, resolver, stores, things, tls, whom};

    #[test]
    fn no_sign_is_dead() {
        let modules = [
            identity::SIGNS,
            limits::SIGNS,
            members::SIGNS,
            network::SIGNS,
            pool::SIGNS,
            resolver::SIGNS,
            stores::SIGNS,
            things::SIGNS,
            tls::SIGNS,
            &[whom::STORES, whom::CALLERS],
        ];
        for list in modules.concat() {
            for (at, sign) in list.iter().enumerate() {
                let stem = sign.trim_end_matches(['*', '$']);
                assert_eq!(stem, plain(stem), "no line in plain words holds it");
                assert!(stem.starts_with(|it: char| it.is_ascii_alphanumeric()), "{sign}");
                assert!(!is_well(&Line::new(stem)), "{sign}: a line with it tells of no failure");
                assert!(!list[..at].contains(sign), "{sign} stands twice");
            }
        }
    }

    #[test]
    fn every_sentence_tells_of_a_failure() {
        let modules = [
            identity::SENTENCES,
            limits::SENTENCES,
            members::SENTENCES,
            network::SENTENCES,
            pool::SENTENCES,
            resolver::SENTENCES,
            stores::SENTENCES,
            things::SENTENCES,
            tls::SENTENCES,
        ];
        let sentences = modules.concat().concat();
        let quiet: Vec<&&str> = sentences.iter().filter(|it| !may_tell(it)).collect();
        assert!(quiet.is_empty(), "{quiet:#?}");
    }
}
