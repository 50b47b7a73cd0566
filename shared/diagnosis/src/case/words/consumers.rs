//! Lines in which a consumer says that it cannot get past a message: of Kafka its topic, partition and offset, of a queue its
//! id.

use super::levels::says_error;
use super::names::{between, name};
use super::said::Said;
use evidence::message;

/// What opens such a line.
const STUCK: &[&str] = &[
    "Error when calling eachMessage",   // kafkajs
    "Error when calling eachBatch",     // kafkajs
    "Error deserializing ",             // the Java client, RecordDeserializationException
    " exhausted for ",                  // Spring Kafka, DefaultErrorHandler with its back-off
    "Error handler threw an exception", // Spring Kafka
    "Exception caught in process.",     // Kafka Streams
    "Error encountered in task ",       // Kafka Connect
];

/// How programs say, in small letters, that they give a message back to its queue.
const PUT_BACK: [&str; 7] =
    ["requeue", "re-queue", "put back", "putting back", "redeliver", "nacked", "nacking"];

/// What a line says of the message that it failed at.
pub fn said(text: &str) -> Option<Said> {
    put_back(text).or_else(|| stuck(text))
}

/// `level=ERROR msg="cannot handle message, put back" message_id=rem-a7c1f0d2`.
fn put_back(text: &str) -> Option<Said> {
    let lowered = text.to_ascii_lowercase();
    if !PUT_BACK.iter().any(|it| lowered.contains(it)) || !says_error(text) {
        return None;
    }
    Some(Said::PutBack { message: name(message::id(text)?)? })
}

fn stuck(text: &str) -> Option<Said> {
    if !STUCK.iter().any(|sign| text.contains(sign)) {
        return None;
    }
    let (topic, partition, offset) = fields(text).or_else(|| written(text))?;
    Some(Said::Stuck { topic, partition, offset })
}

/// `"topic":"trips","partition":7,"offset":"884121"` and `topic=trips, partition=7, offset=884121`.
fn fields(text: &str) -> Option<(String, u32, u64)> {
    let plain = text.replace(['"', '\\', '\''], "").replace('=', ":");
    let value = |field: &str| {
        let rest = between(&plain, field, "\n")?.trim_start();
        let end = rest.find([',', ' ', '}', ';', ')']).unwrap_or(rest.len());
        rest.get(..end)
    };
    let topic = value("topic:").and_then(name)?;
    Some((topic, value("partition:")?.parse().ok()?, value("offset:")?.parse().ok()?))
}

/// `partition trips-7 at offset 884121` and `trips-7@884121`.
fn written(text: &str) -> Option<(String, u32, u64)> {
    if let Some((before, after)) = text.split_once(" at offset ") {
        let (topic, partition) = before.rsplit(' ').next()?.rsplit_once('-')?;
        let offset = after.split(|it: char| !it.is_ascii_digit()).next()?;
        return Some((name(topic)?, partition.parse().ok()?, offset.parse().ok()?));
    }
    text.split([' ', ',', ';', '(', ')', '[', ']']).find_map(|word| {
        let (place, offset) = word.split_once('@')?;
        let (topic, partition) = place.rsplit_once('-')?;
        Some((name(topic)?, partition.parse().ok()?, offset.parse().ok()?))
    })
}

#[cfg(test)]
mod tests {
    use super::said;
    use crate::case::words::said::Said;

    #[test]
    fn a_message_is_named_by_its_place() {
        let stuck = Said::Stuck { topic: "trip-events".to_owned(), partition: 7, offset: 884_121 };
        for text in [
            r#"{"level":"ERROR","logger":"kafkajs","message":"[Runner] Error when calling eachMessage","topic":"trip-events","partition":7,"offset":"884121","stack":"TypeError: x"}"#,
            "org.apache.kafka.common.errors.RecordDeserializationException: Error deserializing VALUE for partition trip-events-7 at offset 884121. If needed, please seek past the record to continue consumption.",
            "o.s.kafka.listener.DefaultErrorHandler : Backoff FixedBackOff{interval=0, currentAttempts=10, maxAttempts=9} exhausted for trip-events-7@884121",
            "Exception caught in process. taskId=0_7, processor=KSTREAM-SOURCE-0000000000, topic=trip-events, partition=7, offset=884121, stacktrace=java.lang.NullPointerException",
        ] {
            assert_eq!(said(text).as_ref(), Some(&stuck), "{text}");
        }
    }

    #[test]
    fn a_message_that_is_put_back_is_named_by_its_id() {
        let put_back = Some(Said::PutBack { message: "rem-a7c1f0d2".to_owned() });
        for text in [
            r#"time=2026-11-23T17:32:00Z level=ERROR msg="cannot handle message, put back" queue=reminders.due message_id=rem-a7c1f0d2 err="render: nil pointer""#,
            r#"{"level":"error","messageId":"rem-a7c1f0d2","msg":"handler failed, requeueing"}"#,
        ] {
            assert_eq!(said(text), put_back, "{text}");
        }
    }

    #[test]
    fn that_a_message_was_read_is_no_complaint() {
        for text in [
            r#"level=INFO msg="delivery" queue=reminders.due message_id=rem-a7c1f0d2 redelivered=true"#,
            r#"level=ERROR msg="cannot handle message, set aside" message_id=rem-a7c1f0d2"#,
            r#"level=ERROR msg="cannot handle message, put back""#,
            r#"{"level":"info","message":"receipt rendered","partition":2,"offset":"901877"}"#,
            "Resetting offset for partition trip-events-7 to position at offset 12",
            "Error when calling eachMessage",
        ] {
            assert_eq!(said(text), None, "{text}");
        }
    }
}
