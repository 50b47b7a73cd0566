//! Words of others, made fit to print: nothing that moves a cursor, hides or turns text around.

/// One line: line breaks become spaces, and no more than `limit` characters.
pub fn line(text: &str, limit: usize) -> String {
    let one = text.split_whitespace().collect::<Vec<_>>().join(" ");
    clip(&visible(&one), limit)
}

/// Several lines: at most `lines` of them, each at most `limit` characters.
pub fn lines(text: &str, lines: usize, limit: usize) -> Vec<String> {
    let mut kept: Vec<String> = Vec::new();
    let mut left_out = 0;
    for line in text.lines().map(visible).filter(|line| !line.trim().is_empty()) {
        if kept.len() == lines {
            left_out += 1;
        } else {
            kept.push(clip(line.trim_end(), limit));
        }
    }
    if left_out > 0 {
        kept.push(format!("… {left_out} more lines"));
    }
    kept
}

/// The text without control, zero-width and direction-turning characters; a tab becomes a space.
fn visible(text: &str) -> String {
    text.replace('\t', " ").chars().filter(|&character| !is_hidden(character)).collect()
}

fn is_hidden(character: char) -> bool {
    character.is_control()
        || matches!(character,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

fn clip(text: &str, limit: usize) -> String {
    if text.chars().count() <= limit {
        return text.to_owned();
    }
    let mut short: String = text.chars().take(limit.saturating_sub(1)).collect();
    short.push('…');
    short
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escape_sequences_and_hidden_characters_go() {
        assert_eq!(line("\u{1b}[2Jred\u{202e}gnirts\u{200b}\r\nnext", 80), "[2Jredgnirts next");
    }

    #[test]
    fn long_text_is_cut_and_says_so() {
        assert_eq!(line("abcdef", 4), "abc…");
        assert_eq!(lines("a\nb\nc\n", 2, 10), ["a", "b", "… 1 more lines"]);
    }
}
