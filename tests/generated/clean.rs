//! Characters that no answer may hold: control, reordering, invisible and tags, listed apart from the program's own list.

use mcp::client::reply::Reply;
use serde_json::Value;

/// The first such character in an answer, its rows and its failure.
pub(crate) fn hidden_in(reply: &Reply) -> Option<String> {
    let failure = reply.failure.iter().flat_map(|it| [&it.message, &it.hint]);
    let mut texts: Vec<&str> = failure.map(String::as_str).collect();
    texts.push(&reply.text);
    strings(&reply.structured, &mut texts);
    let testimony = serde_json::to_value(&reply.testimony).unwrap();
    strings(&testimony, &mut texts);
    texts.into_iter().find_map(|text| {
        let found = text.chars().find(|character| hides(*character))?;
        let near: String = text.chars().take(200).collect();
        Some(format!("U+{:04X} in {near:?}", found as u32))
    })
}

fn strings<'a>(value: &'a Value, texts: &mut Vec<&'a str>) {
    match value {
        Value::String(text) => texts.push(text),
        Value::Array(items) => items.iter().for_each(|item| strings(item, texts)),
        Value::Object(fields) => fields.iter().for_each(|(name, field)| {
            texts.push(name);
            strings(field, texts);
        }),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

fn hides(character: char) -> bool {
    let control = character.is_control() && !matches!(character, '\n' | '\t');
    let reorders = matches!(character, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let invisible = matches!(character, '\u{ad}' | '\u{200b}'..='\u{200d}' | '\u{2060}'..='\u{2064}' | '\u{feff}');
    let tags = matches!(character, '\u{e0000}'..='\u{e007f}');
    control || reorders || invisible || tags
}
