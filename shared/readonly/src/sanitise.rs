//! Text written by workloads, made safe to show: nothing that moves a cursor, hides or reorders.

use std::borrow::Cow;
use std::iter::Peekable;
use std::str::CharIndices;

const ESCAPE: char = '\u{1b}';
const BELL: char = '\u{7}';
/// Ends a control string, as one character (C1).
const STRING_END: char = '\u{9c}';

type Characters<'a> = Peekable<CharIndices<'a>>;

/// `text` cleaned of control, invisible and reordering characters, and cut to `max_bytes` with a mark that says how much was
/// dropped. Cleaning twice changes nothing.
pub fn clean(text: &str, max_bytes: usize) -> Cow<'_, str> {
    match strip(text) {
        Cow::Borrowed(text) => cut(text, max_bytes),
        Cow::Owned(text) => Cow::Owned(cut(&text, max_bytes).into_owned()),
    }
}

/// `text` without control, invisible and reordering characters; escape sequences go whole. New lines and tabs stay.
pub fn strip(text: &str) -> Cow<'_, str> {
    // Nearly every text is plain ASCII, and seeing so is much faster than reading its characters.
    let plain = |byte: u8| matches!(byte, b' '..=b'~' | b'\n' | b'\t');
    if text.bytes().all(plain) || !text.chars().any(may_go) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(stripped(text))
}

/// `text` cut to `max_bytes` at a character, the mark included.
pub fn cut(text: &str, max_bytes: usize) -> Cow<'_, str> {
    if text.len() <= max_bytes {
        return Cow::Borrowed(text);
    }
    // The mark is longest when everything is dropped.
    let longest = mark(text.len()).len();
    let Some(room) = max_bytes.checked_sub(longest) else {
        return Cow::Borrowed(head(text, max_bytes));
    };
    let head = head(text, room);
    Cow::Owned(format!("{head}{}", mark(text.len() - head.len())))
}

fn mark(dropped: usize) -> String {
    format!("… [{dropped} bytes dropped]")
}

fn head(text: &str, max_bytes: usize) -> &str {
    text.get(..text.floor_char_boundary(max_bytes)).unwrap_or_default()
}

fn stripped(text: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut characters = text.char_indices().peekable();
    let mut last = None;
    while let Some((_, character)) = characters.next() {
        match character {
            ESCAPE => skip_escape(&mut characters),
            '\u{9b}' => skip_sequence(&mut characters),
            '\u{90}' | '\u{98}' | '\u{9d}' | '\u{9e}' | '\u{9f}' => skip_string(&mut characters),
            '\u{fe0e}' | '\u{fe0f}' if last.is_some_and(takes_variation) => {
                kept.push(character);
                last = None;
            }
            _ if may_go(character) => {}
            _ => {
                kept.push(character);
                last = Some(character);
            }
        }
    }
    kept
}

/// Whether a character goes, at least in most places.
fn may_go(character: char) -> bool {
    match character {
        '\n' | '\t' => false,
        '\u{0}'..='\u{1f}' | '\u{7f}'..='\u{9f}' => true,
        // Invisible: soft hyphen, joiners and fillers, word joiners, the byte order mark.
        '\u{ad}' | '\u{34f}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' => true,
        '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200d}' | '\u{2060}'..='\u{2065}' => true,
        '\u{3164}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' => true,
        // Reordering, and separators that some take for the end of a line.
        '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' => true,
        '\u{2066}'..='\u{206f}' => true,
        // Variation selectors and tags, which can carry a hidden message.
        '\u{fe00}'..='\u{fe0f}' | '\u{e0000}'..='\u{e0fff}' => true,
        _ => false,
    }
}

/// Whether an emoji or text form can be chosen for a character; after another, the selector hides something.
fn takes_variation(character: char) -> bool {
    matches!(character, '#' | '*' | '0'..='9' | '©' | '®' | '\u{203c}'..='\u{3299}' | '\u{1f000}'..='\u{1faff}')
}

fn skip_escape(characters: &mut Characters<'_>) {
    match characters.peek() {
        Some((_, '[')) => {
            characters.next();
            skip_sequence(characters);
        }
        Some((_, ']' | 'P' | 'X' | '^' | '_')) => {
            characters.next();
            skip_string(characters);
        }
        _ => {
            while characters.next_if(|(_, c)| matches!(c, ' '..='/')).is_some() {}
            characters.next_if(|(_, c)| matches!(c, '0'..='~'));
        }
    }
}

/// Passes what follows a control sequence introducer: parameters, intermediates, the final character.
fn skip_sequence(characters: &mut Characters<'_>) {
    while characters.next_if(|(_, c)| matches!(c, '0'..='?')).is_some() {}
    while characters.next_if(|(_, c)| matches!(c, ' '..='/')).is_some() {}
    characters.next_if(|(_, c)| matches!(c, '@'..='~'));
}

/// Passes a control string with its end. One that does not end hides nothing: its text stays.
fn skip_string(characters: &mut Characters<'_>) {
    let mut ahead = characters.clone();
    while ahead.next_if(|(_, c)| !c.is_control()).is_some() {}
    let ended = match ahead.next() {
        Some((_, BELL | STRING_END)) => true,
        Some((_, ESCAPE)) => ahead.next_if(|(_, c)| *c == '\\').is_some(),
        _ => false,
    };
    if ended {
        *characters = ahead;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ordinary_text_is_borrowed() {
        for text in ["", "plain\n\ttext ~", "grün 中文 🎉 ❤\u{e9}"] {
            assert!(matches!(clean(text, 1000), Cow::Borrowed(same) if same == text));
        }
    }

    #[test]
    fn escape_sequences_go_whole() {
        for (text, cleaned) in [
            ("\u{1b}[31mred\u{1b}[0m", "red"),
            ("\u{9b}1;31mred\u{9b}m", "red"),
            ("a\u{1b}]8;;http://evil\u{7}b\u{1b}]8;;\u{1b}\\c", "abc"),
            ("a\u{1b}]52;c;cm0gLXJm\u{9c}b", "ab"),
            ("a\u{1b}Pq#0\u{1b}\\b\u{9d}0;title\u{7}c", "abc"),
            ("a\u{1b}(Bb\u{1b}cd\u{1b}7e", "abde"),
            ("a\u{1b}[2Jb\u{1b}[?25lc\u{1b}[", "abc"),
            ("a\u{1b}", "a"),
        ] {
            assert_eq!(clean(text, 1000), cleaned, "{text:?}");
        }
    }

    #[test]
    fn a_control_string_without_end_swallows_nothing() {
        assert_eq!(clean("a\u{1b}]0;the error\nis here", 1000), "a0;the error\nis here");
        assert_eq!(clean("a\u{1b}Pthe\u{1b}[1m error", 1000), "athe error");
    }

    #[test]
    fn what_hides_or_reorders_goes() {
        for character in [
            '\0',
            '\r',
            '\u{8}',
            '\u{7f}',
            '\u{85}',
            '\u{ad}',
            '\u{61c}',
            '\u{180e}',
            '\u{200b}',
            '\u{200d}',
            '\u{200f}',
            '\u{202a}',
            '\u{202e}',
            '\u{2028}',
            '\u{2060}',
            '\u{2066}',
            '\u{2069}',
            '\u{feff}',
            '\u{fe00}',
            '\u{e0001}',
            '\u{e0041}',
            '\u{e007f}',
            '\u{e0100}',
        ] {
            assert_eq!(clean(&format!("a{character}b"), 1000), "ab", "{character:?}");
        }
    }

    #[test]
    fn a_variation_selector_stays_where_it_selects() {
        assert_eq!(clean("❤\u{fe0f} 1\u{fe0f}", 1000), "❤\u{fe0f} 1\u{fe0f}");
        assert_eq!(clean("❤\u{fe0f}\u{fe0f}a\u{fe0f}", 1000), "❤\u{fe0f}a");
        assert_eq!(clean("\u{fe0f}a", 1000), "a");
    }

    #[test]
    fn a_cut_says_how_much_is_gone() {
        let cut = clean(&"x".repeat(1000), 100).into_owned();
        let kept = cut.chars().take_while(|c| *c == 'x').count();
        assert_eq!(cut, format!("{}… [{} bytes dropped]", "x".repeat(kept), 1000 - kept));
        assert!(cut.len() <= 100 && kept > 70);
        assert_eq!(clean("abcdef", 3), "abc", "no room for the mark");
        assert_eq!(clean("üü", 3), "ü");
    }

    #[test]
    fn any_text_comes_out_clean_and_bounded_and_stays_so() {
        let pieces = [
            "a",
            "Z9",
            "\n",
            "\t",
            "\r",
            "\0",
            "\u{1b}",
            "[",
            "]",
            "31m",
            ";",
            "\u{7}",
            "\\",
            "P",
            "\u{9b}",
            "\u{9c}",
            "\u{9d}",
            "\u{90}",
            "\u{202e}",
            "\u{200b}",
            "\u{fe0f}",
            "❤",
            "ü",
            "🎉",
            "\u{e0041}",
            "(",
            " ",
            "…",
            "1",
            "\u{85}",
        ];
        let mut seed = 42_u64;
        let mut draw = |below: usize| {
            seed = seed
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            (seed >> 33) as usize % below
        };
        for round in 0..1_000_000 {
            let text: String = (0..draw(40)).map(|_| pieces[draw(pieces.len())]).collect();
            let limit = draw(80);
            let once = clean(&text, limit).into_owned();
            assert!(once.len() <= limit, "{round} {text:?}");
            assert_eq!(clean(&once, limit), once, "{round} {text:?}");
            let bad = |c: char| may_go(c) && !matches!(c, '\u{fe0e}' | '\u{fe0f}');
            assert!(!once.contains(bad), "{round} {text:?}");
        }
    }
}
