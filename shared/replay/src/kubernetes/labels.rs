//! Label selectors: `app=web,tier in (a,b),!old`.

use serde_json::{Map, Value};

/// A parsed selector: all of its requirements must hold.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Labels(Vec<Requirement>);

#[derive(Debug, PartialEq, Eq)]
struct Requirement {
    key: String,
    operator: Operator,
}

#[derive(Debug, PartialEq, Eq)]
enum Operator {
    Exists,
    Absent,
    In(Vec<String>),
    NotIn(Vec<String>),
    Above(i64),
    Below(i64),
}

impl Labels {
    /// Whether an object with these labels is selected.
    pub(crate) fn select(&self, labels: Option<&Map<String, Value>>) -> bool {
        self.0.iter().all(|requirement| {
            let value =
                labels.and_then(|labels| labels.get(&requirement.key)).and_then(Value::as_str);
            let number = || value.and_then(|value| value.parse::<i64>().ok());
            match &requirement.operator {
                Operator::Exists => value.is_some(),
                Operator::Absent => value.is_none(),
                Operator::In(values) => {
                    value.is_some_and(|value| values.iter().any(|one| one == value))
                }
                Operator::NotIn(values) => {
                    value.is_none_or(|value| values.iter().all(|one| one != value))
                }
                Operator::Above(bound) => number().is_some_and(|number| number > *bound),
                Operator::Below(bound) => number().is_some_and(|number| number < *bound),
            }
        })
    }
}

/// Parses a selector; the error is the API server's.
pub(crate) fn parse(selector: &str) -> Result<Labels, String> {
    let tokens = tokens(selector);
    let mut parser = Parser { tokens: &tokens, at: 0 };
    let mut requirements = Vec::new();
    if parser.peek() == "" {
        return Ok(Labels::default());
    }
    loop {
        let first = parser.peek();
        if is_special(first) && first != "!" {
            return Err(format!("found '{first}', expected: !, identifier, or 'end of string'"));
        }
        let requirement =
            parser.requirement().map_err(|why| format!("unable to parse requirement: {why}"))?;
        requirements.push(requirement);
        match parser.next() {
            "" => return Ok(Labels(requirements)),
            "," if !parser.peek().is_empty() && parser.peek() != "," => {}
            "," => {
                return Err(format!("found '{}', expected: identifier after ','", parser.peek()));
            }
            other => return Err(format!("found '{other}', expected: ',' or 'end of string'")),
        }
    }
}

struct Parser<'a> {
    tokens: &'a [&'a str],
    at: usize,
}

impl<'a> Parser<'a> {
    fn peek(&self) -> &'a str {
        self.tokens.get(self.at).copied().unwrap_or_default()
    }

    fn next(&mut self) -> &'a str {
        let token = self.peek();
        self.at += 1;
        token
    }

    fn word(&mut self) -> Result<String, String> {
        match self.next() {
            token if token.is_empty() || is_special(token) => {
                Err(format!("found '{token}', expected: identifier"))
            }
            token => Ok(token.to_owned()),
        }
    }

    fn requirement(&mut self) -> Result<Requirement, String> {
        if self.peek() == "!" {
            self.next();
            return Ok(Requirement { key: self.word()?, operator: Operator::Absent });
        }
        let key = self.word()?;
        let operator = match self.peek() {
            "" | "," => return Ok(Requirement { key, operator: Operator::Exists }),
            _ => self.next(),
        };
        let operator = match operator {
            "=" | "==" => Operator::In(vec![self.value()?]),
            "!=" => Operator::NotIn(vec![self.value()?]),
            "in" => Operator::In(self.values()?),
            "notin" => Operator::NotIn(self.values()?),
            ">" => Operator::Above(self.number()?),
            "<" => Operator::Below(self.number()?),
            other => {
                return Err(format!("found '{other}', expected: in, notin, =, ==, !=, gt, lt"));
            }
        };
        Ok(Requirement { key, operator })
    }

    /// One value; it may be empty, as in `a=`.
    fn value(&mut self) -> Result<String, String> {
        match self.peek() {
            "" | "," => Ok(String::new()),
            _ => self.word(),
        }
    }

    fn number(&mut self) -> Result<i64, String> {
        let word = self.word()?;
        word.parse().map_err(|_| {
            format!("values[0]: Invalid value: {word:?}: for 'Gt', 'Lt' operators, the value must be an integer")
        })
    }

    fn values(&mut self) -> Result<Vec<String>, String> {
        match self.next() {
            "(" => {}
            other => return Err(format!("found '{other}' expected: '('")),
        }
        let mut values = Vec::new();
        loop {
            match self.peek() {
                "," | ")" => values.push(String::new()),
                _ => values.push(self.word()?),
            }
            match self.next() {
                ")" => return Ok(values),
                "," => {}
                other => return Err(format!("found '{other}', expected: ',' or ')'")),
            }
        }
    }
}

fn is_special(token: &str) -> bool {
    token.starts_with(['(', ')', ',', '!', '=', '<', '>'])
}

fn tokens(selector: &str) -> Vec<&str> {
    let mut tokens = Vec::new();
    let mut rest = selector.trim_start();
    while let Some(first) = rest.chars().next() {
        let length = match first {
            '=' if rest.starts_with("==") => 2,
            '!' if rest.starts_with("!=") => 2,
            '(' | ')' | ',' | '!' | '=' | '<' | '>' => 1,
            _ => rest
                .find(|c: char| c.is_whitespace() || "(),!=<>".contains(c))
                .unwrap_or(rest.len()),
        };
        let (token, after) = rest.split_at(length);
        tokens.push(token);
        rest = after.trim_start();
    }
    tokens
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn selects(selector: &str) -> bool {
        let labels = json!({"app": "web", "tier": "front", "size": "7", "empty": ""});
        parse(selector).unwrap().select(labels.as_object())
    }

    #[test]
    fn requirements_select() {
        for selector in [
            "",
            "app=web",
            "app==web,tier!=back",
            "app in (db, web)",
            "tier notin (back)",
            "app",
            "!old",
            "nope!=x",
            "nope notin (x)",
            "size>6,size<8",
            "empty=",
            " app = web ",
        ] {
            assert!(selects(selector), "{selector}");
        }
    }

    #[test]
    fn requirements_that_do_not_hold_select_nothing() {
        for selector in [
            "app=db",
            "app in (db)",
            "!app",
            "nope",
            "app!=web",
            "size>7",
            "app=web,tier=back",
            "nope=",
        ] {
            assert!(!selects(selector), "{selector}");
        }
    }

    #[test]
    fn errors_are_those_of_the_real_server() {
        for (selector, expected) in [
            ("a in", "unable to parse requirement: found '' expected: '('"),
            ("a===b", "unable to parse requirement: found '=', expected: identifier"),
            (",", "found ',', expected: !, identifier, or 'end of string'"),
        ] {
            assert_eq!(parse(selector).unwrap_err(), expected);
        }
    }
}
