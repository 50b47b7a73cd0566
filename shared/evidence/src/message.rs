//! How programs name a message of a queue in what they log.

/// The words before its id, in small letters.
const WORDS: [&str; 4] = ["message_id", "messageid", "message-id", "msg_id"];

/// The id of the message that a line names: `message_id=rem-a7c1f0d2`, `"messageId":"rem-a7c1f0d2"`.
#[must_use]
pub fn id(text: &str) -> Option<&str> {
    let lowered = text.to_ascii_lowercase();
    let after = WORDS.iter().find_map(|it| Some(lowered.find(it)? + it.len()))?;
    let rest = text.get(after..)?.trim_start_matches(['"', '\'', ':', '=', ' ']);
    let is_of_id = |it: char| it.is_ascii_alphanumeric() || matches!(it, '-' | '_' | '.' | ':');
    rest.split(|it: char| !is_of_id(it)).next().filter(|it| !it.is_empty())
}

#[cfg(test)]
mod tests {
    use super::id;

    #[test]
    fn a_message_is_named_in_many_spellings() {
        for text in [
            "put back message_id=41 of due",
            r#"{"messageId":"41"}"#,
            "{'MESSAGE_ID': '41'}",
            "message-id: 41, queue: due",
        ] {
            assert_eq!(id(text), Some("41"), "{text}");
        }
        assert_eq!(id("put back a message"), None);
        assert_eq!(id("message_id="), None);
    }
}
