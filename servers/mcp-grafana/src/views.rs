//! How a dashboard is told: in short, by its queries, or by one part of it.

pub(crate) mod property;
pub(crate) mod queries;
pub(crate) mod sources;
pub(crate) mod summary;

/// Text on one line, each run of white space made one space.
pub(crate) fn collapsed(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    words.join(" ")
}

/// Text of at most so many bytes, and a mark where something is missing.
pub(crate) fn short(text: &str, most: usize) -> String {
    match text.get(..text.floor_char_boundary(most)) {
        Some(start) if start.len() < text.len() => format!("{start}…"),
        _ => text.to_owned(),
    }
}

/// Text without the tags of HTML, which Grafana allows in some places: what they hide or lead to is not shown.
pub(crate) fn without_tags(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('<') {
        plain.push_str(before);
        let is_tag =
            after.starts_with(|it: char| it.is_ascii_alphabetic() || matches!(it, '/' | '!'));
        match after.split_once('>') {
            Some((_, behind)) if is_tag => {
                plain.push(' ');
                rest = behind;
            }
            _ => {
                plain.push('<');
                rest = after;
            }
        }
    }
    plain.push_str(rest);
    plain
}

#[cfg(test)]
mod tests {
    use super::{short, without_tags};

    #[test]
    fn tags_go_and_comparisons_stay() {
        let text = "<b>web</b> 1 < 2 <a href=\"http://evil\">here</a> a<b";
        assert_eq!(without_tags(text), " web  1 < 2  here  a<b");
    }

    #[test]
    fn what_is_cut_says_so() {
        assert_eq!(short("abc", 3), "abc");
        assert_eq!(short("abcd", 3), "abc…");
        assert_eq!(short("aüb", 2), "a…");
    }
}
