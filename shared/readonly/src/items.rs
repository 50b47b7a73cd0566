//! A long JSON list, one element at a time as it arrives.

use crate::asked::Asked;
use crate::body::not_json;
use crate::refusal::{Kind, Refusal};
use crate::scan::Scan;
use crate::transport::Body;
use futures::StreamExt;
use http::Response;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use std::marker::PhantomData;

/// The elements of one array field of a JSON object, and beside them the object's other fields. The array may stand in objects
/// within objects. It holds one element and one piece of the body at a time.
pub struct Items<T> {
    asked: Asked,
    body: Body,
    field: &'static str,
    /// The fields that lead to the object with the array, and how many of them have been entered.
    around: &'static [&'static str],
    depth: usize,
    /// What has arrived and is not read yet begins at `start`.
    buffer: Vec<u8>,
    start: usize,
    scan: Scan,
    place: Place,
    key: String,
    seen: bool,
    rest: Map<String, Value>,
    element: PhantomData<fn() -> T>,
}

/// Where in the document the next byte stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    Document,
    FirstKey,
    Key,
    Colon,
    Value,
    AfterValue,
    FirstElement,
    Element,
    AfterElement,
    End,
}

/// What reading on from the buffer came to.
enum Step {
    /// A part was read; there may be more.
    On,
    /// An element stands at this range of the buffer.
    Element(usize, usize),
    /// The buffer ends within a part.
    Short,
}

impl<T: DeserializeOwned> Items<T> {
    /// Decodes the array `field` (`items`, or `rows` of a Table) of the object that `response` carries.
    pub fn new(response: Response<Body>, field: &'static str) -> Items<T> {
        Items::within(response, &[], field)
    }

    /// Decodes the array `field` of an object that the fields `around` lead to, the outermost first: `result` in `data`.
    pub fn within(
        response: Response<Body>,
        around: &'static [&'static str],
        field: &'static str,
    ) -> Items<T> {
        Items {
            asked: Asked::of(response.extensions()),
            body: response.into_body(),
            field,
            around,
            depth: 0,
            buffer: Vec::new(),
            start: 0,
            scan: Scan::default(),
            place: Place::Document,
            key: String::new(),
            seen: false,
            rest: Map::new(),
            element: PhantomData,
        }
    }

    /// The next element; none after the last, when the whole document has arrived and was complete. An element that is JSON but
    /// not a `T` is an error, and the next call goes on behind it; every other error is final.
    pub async fn next(&mut self) -> Result<Option<T>, Refusal> {
        loop {
            match self.step()? {
                Step::On => {}
                Step::Element(from, to) => return self.decode(from, to).map(Some),
                Step::Short => match self.body.next().await {
                    Some(piece) => self.refill(&piece?),
                    None => return self.ended(),
                },
            }
        }
    }

    /// The object's other fields (`metadata` with the `continue` token), those of the objects around it among them: complete
    /// after `next` gave none.
    pub fn rest(&self) -> &Map<String, Value> {
        &self.rest
    }

    fn step(&mut self) -> Result<Step, Refusal> {
        let unread = self.buffer.get(self.start..).unwrap_or_default();
        let space = unread.iter().take_while(|byte| byte.is_ascii_whitespace()).count();
        if self.scan.is_fresh() {
            self.start += space;
        }
        let Some(&byte) = self.buffer.get(self.start) else {
            return Ok(Step::Short);
        };
        match (self.place, byte) {
            (Place::Document, b'{') => self.pass(Place::FirstKey),
            (Place::FirstKey | Place::AfterValue, b'}') if self.depth > 0 => {
                self.depth -= 1;
                self.pass(Place::AfterValue);
            }
            (Place::FirstKey, b'}') | (Place::AfterValue, b'}') => self.pass(Place::End),
            (Place::FirstKey | Place::Key, b'"') => return self.key(),
            (Place::Colon, b':') => self.pass(Place::Value),
            (Place::Value, b'[') if self.is_at_field() => self.pass(Place::FirstElement),
            (Place::Value, b'{') if self.around.get(self.depth) == Some(&self.key.as_str()) => {
                self.depth += 1;
                self.pass(Place::FirstKey);
            }
            (Place::Value, _) => return self.value(),
            (Place::AfterValue, b',') => self.pass(Place::Key),
            (Place::FirstElement | Place::AfterElement, b']') => self.pass(Place::AfterValue),
            (Place::FirstElement | Place::Element, _) => {
                let Some((from, to)) = self.take() else {
                    return Ok(Step::Short);
                };
                self.place = Place::AfterElement;
                return Ok(Step::Element(from, to));
            }
            (Place::AfterElement, b',') => self.pass(Place::Element),
            _ => {
                let unread = self.buffer.get(self.start..).unwrap_or_default();
                return Err(self.malformed(not_json(unread, &"it does not follow the grammar")));
            }
        }
        Ok(Step::On)
    }

    fn is_at_field(&self) -> bool {
        self.key == self.field && self.depth == self.around.len()
    }

    fn pass(&mut self, place: Place) {
        self.start += 1;
        self.place = place;
    }

    fn key(&mut self) -> Result<Step, Refusal> {
        let Some((from, to)) = self.take() else {
            return Ok(Step::Short);
        };
        self.key = self.decode(from, to)?;
        if self.is_at_field() && std::mem::replace(&mut self.seen, true) {
            return Err(self.malformed(format!("`{}` stands there twice", self.field)));
        }
        self.place = Place::Colon;
        Ok(Step::On)
    }

    fn value(&mut self) -> Result<Step, Refusal> {
        let Some((from, to)) = self.take() else {
            return Ok(Step::Short);
        };
        let value: Value = self.decode(from, to)?;
        // An empty Go slice is written as null.
        if !self.is_at_field() {
            self.rest.insert(std::mem::take(&mut self.key), value);
        } else if !value.is_null() {
            return Err(self.malformed(format!("`{}` is not a list", self.field)));
        }
        self.place = Place::AfterValue;
        Ok(Step::On)
    }

    /// The range of the JSON value that begins at `start`, once all of it is here.
    fn take(&mut self) -> Option<(usize, usize)> {
        let length = self.scan.end(self.buffer.get(self.start..)?)?;
        self.scan = Scan::default();
        let from = self.start;
        self.start += length;
        Some((from, self.start))
    }

    fn decode<D: DeserializeOwned>(&self, from: usize, to: usize) -> Result<D, Refusal> {
        let json = self.buffer.get(from..to).unwrap_or_default();
        serde_json::from_slice(json).map_err(|error| self.malformed(not_json(json, &error)))
    }

    fn refill(&mut self, piece: &[u8]) {
        self.buffer.drain(..self.start);
        self.start = 0;
        self.buffer.extend_from_slice(piece);
    }

    fn ended(&self) -> Result<Option<T>, Refusal> {
        if self.place != Place::End {
            return Err(self.malformed("it ends in the middle".to_owned()));
        }
        if !self.seen {
            return Err(self.malformed(format!("it has no `{}`", self.field)));
        }
        Ok(None)
    }

    fn malformed(&self, why: String) -> Refusal {
        self.asked.refused(Kind::Malformed(why))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::body::tests::{broken_after, in_pieces};
    use serde_json::json;

    async fn all(text: &str, piece: usize) -> Result<(Vec<Value>, Map<String, Value>), Refusal> {
        let mut items = Items::new(in_pieces(text, piece), "items");
        let mut all = Vec::new();
        while let Some(item) = items.next().await? {
            all.push(item);
        }
        Ok((all, items.rest().clone()))
    }

    #[tokio::test]
    async fn every_element_and_every_other_field_arrives_however_it_is_cut() {
        let document = json!({
            "kind": "PodList",
            "items": [{"a": "x]},{\\\"["}, [1, [2]], "s\"", -1.5e3, true, null, {}, "ü"],
            "metadata": {"continue": "t", "items": [7]},
            "n": 12
        });
        for text in [document.to_string(), format!(" {document:#}\n")] {
            for piece in 1..text.len() {
                let (items, rest) = all(&text, piece).await.unwrap();
                assert_eq!(Value::from(items), document["items"], "pieces of {piece}");
                assert_eq!(rest["metadata"], document["metadata"]);
                assert_eq!((rest["n"].clone(), rest.len()), (json!(12), 3));
            }
        }
    }

    #[tokio::test]
    async fn an_array_deep_inside_is_found_and_its_namesakes_are_not() {
        let text = r#"{"result":7,"data":{"type":"m","data":{"result":[0]},"result":[1,2],"x":{"result":[3]}},"data2":{}}"#;
        for piece in 1..text.len() {
            let mut items = Items::<u8>::within(in_pieces(text, piece), &["data"], "result");
            assert_eq!(items.next().await.unwrap(), Some(1));
            assert_eq!(items.next().await.unwrap(), Some(2));
            assert_eq!(items.next().await.unwrap(), None);
            assert_eq!(items.rest()["type"], "m");
        }
        for text in [r#"{"result":[1]}"#, r#"{"data":[1]}"#, r#"{"data":{"result":[1]}"#] {
            let mut items = Items::<u8>::within(in_pieces(text, 3), &["data"], "result");
            while let Ok(item) = items.next().await {
                assert!(item.is_some(), "{text}");
            }
        }
    }

    #[tokio::test]
    async fn an_empty_list_is_empty() {
        for text in [r#"{"items":[]}"#, r#"{"items":null}"#, r#"{"items": [ ] }"#] {
            assert!(all(text, 3).await.unwrap().0.is_empty());
        }
    }

    #[tokio::test]
    async fn a_list_that_is_not_there_is_not_an_empty_list() {
        for text in ["{}", r#"{"kind":"Status"}"#, r#"{"items":{}}"#, r#"{"items":3}"#, "", "[]"] {
            let refusal = all(text, 3).await.unwrap_err();
            assert!(matches!(refusal.kind, Kind::Malformed(_)), "{text}");
        }
    }

    #[tokio::test]
    async fn a_document_cut_anywhere_is_malformed() {
        let text = r#"{"kind":"L","items":[{"a":1},{"b":[2]}],"metadata":{"n":10}}"#;
        for end in 0..text.len() {
            let refusal = all(&text[..end], 4).await.unwrap_err();
            assert!(matches!(refusal.kind, Kind::Malformed(_)), "{end}");
        }
    }

    #[tokio::test]
    async fn wrong_grammar_is_malformed() {
        for text in [
            r#"{"items":[1,]}"#,
            r#"{"items":[1 2]}"#,
            r#"{"items":[,1]}"#,
            r#"{"items":[1}}"#,
            r#"{"items":[{]}]}"#,
            r#"{"items":[1]}}"#,
            r#"{"items":[1]} x"#,
            r#"{"items":[1],"items":[2]}"#,
            r#"{"items":[1],}"#,
            r#"{"items" [1]}"#,
            r#"{items:[1]}"#,
            r#"{"items":[tru]}"#,
        ] {
            assert!(all(text, 5).await.is_err(), "{text}");
        }
    }

    #[tokio::test]
    async fn an_element_of_another_form_does_not_end_the_list() {
        let mut items = Items::<u8>::new(in_pieces(r#"{"items":[1,"x",3]}"#, 4), "items");
        assert_eq!(items.next().await.unwrap(), Some(1));
        assert!(items.next().await.is_err());
        assert_eq!(items.next().await.unwrap(), Some(3));
        assert_eq!(items.next().await.unwrap(), None);
    }

    #[tokio::test]
    async fn a_broken_body_never_becomes_the_end_of_the_list() {
        let mut items = Items::<u8>::new(broken_after(r#"{"items":[1,"#), "items");
        assert_eq!(items.next().await.unwrap(), Some(1));
        assert!(matches!(items.next().await.unwrap_err().kind, Kind::TimedOut { .. }));
        assert!(items.next().await.is_err());
    }

    #[tokio::test]
    async fn only_one_element_is_held() {
        let text = format!(r#"{{"items":[{}1]}}"#, "1234567890,".repeat(100_000));
        let mut items = Items::<u64>::new(in_pieces(&text, 1000), "items");
        let (mut count, mut held) = (0, 0);
        while items.next().await.unwrap().is_some() {
            count += 1;
            held = held.max(items.buffer.capacity());
        }
        assert_eq!(count, 100_001);
        assert!(held < 10_000, "held {held} bytes of {}", text.len());
    }
}
