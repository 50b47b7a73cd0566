//! Placeholders in the words of a scenario.

use super::pod::{Container, Pod};
use super::time;
use anyhow::Result;
use serde_json::{Map, Value, json};

/// What each placeholder stands for.
#[derive(Default)]
pub(super) struct Words(Vec<(&'static str, String)>);

impl Words {
    pub(super) fn of(pod: &Pod, container: &Container, ip: &str) -> Words {
        Words(vec![
            ("{pod}", pod.metadata.name.clone()),
            ("{uid}", pod.metadata.uid.clone()),
            ("{namespace}", pod.metadata.namespace.clone()),
            ("{node}", pod.spec.node_name.clone()),
            ("{container}", container.name.clone()),
            ("{image}", container.image.clone()),
            ("{ip}", ip.to_string()),
        ])
    }

    pub(super) fn put_into(&self, text: &str) -> String {
        self.0.iter().fold(text.to_string(), |text, (word, meaning)| text.replace(word, meaning))
    }

    /// Puts them into every text of a value, and times in the place of `43s ago`.
    pub(super) fn put_into_all(&self, value: &Value) -> Result<Value> {
        Ok(match value {
            Value::String(text) if text.ends_with(" ago") => json!(time(Some(text))?),
            Value::String(text) => json!(self.put_into(text)),
            Value::Object(fields) => {
                let mut put = Map::new();
                for (name, field) in fields {
                    put.insert(name.clone(), self.put_into_all(field)?);
                }
                Value::Object(put)
            }
            other => other.clone(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_and_times_are_filled_in_at_any_depth() {
        let words = Words(vec![("{pod}", "web-1".into())]);
        let put = words
            .put_into_all(&json!({"waiting": {"message": "of {pod}"}, "at": "1h ago"}))
            .unwrap();
        assert_eq!(put.pointer("/waiting/message"), Some(&json!("of web-1")));
        assert!(put.pointer("/at").unwrap().as_str().unwrap().ends_with('Z'));
    }
}
