//! A PromQL query, parsed once, with the matchers that are enforced in every selector of it.

use crate::prometheus::matchers::LabelMatchers;
use promql_parser::parser::{Expr, VectorSelector, parse};

/// The longest query, in bytes: a generated dashboard's have a few thousand.
const LONGEST: usize = 8 * 1024;
/// How often a query may branch or nest. The parser's tree is walked by recursion, and this depth fits any thread.
const MOST_BRANCHES: usize = 256;

/// A query that may be sent.
#[derive(Clone, Debug, PartialEq)]
pub struct Expression {
    given: String,
    sent: String,
    tree: Result<Expr, String>,
}

/// Why a query is not sent.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadExpression {
    /// There is nothing to ask.
    #[error("it is empty")]
    Empty,
    /// It is longer than anybody writes.
    #[error("it is {0} bytes long; at most {LONGEST} are sent")]
    TooLong(usize),
    /// It has more operators and parentheses than anybody writes.
    #[error("it has more than {MOST_BRANCHES} operators and parentheses; split it")]
    TooDeep,
    /// It cannot be parsed, so nobody can tell what it would select.
    #[error("it cannot be parsed, and label matchers are enforced here: {0}")]
    Unparsed(String),
    /// It would not mean the same after it was written anew.
    #[error(
        "label matchers are enforced here, and it cannot be rewritten with them; write it more plainly"
    )]
    NotRewritten,
}

impl Expression {
    /// Reads a query, and puts the enforced matchers into each of its selectors.
    pub(crate) fn of(
        text: &str,
        enforced: Option<&LabelMatchers>,
    ) -> Result<Expression, BadExpression> {
        let given = text.trim();
        if given.is_empty() {
            return Err(BadExpression::Empty);
        }
        if given.len() > LONGEST {
            return Err(BadExpression::TooLong(given.len()));
        }
        if branches(given) > MOST_BRANCHES {
            return Err(BadExpression::TooDeep);
        }
        let tree = parse(given);
        let sent = match (enforced, &tree) {
            (None, _) => given.to_owned(),
            (Some(enforced), Ok(tree)) => rewritten(tree, enforced)?,
            (Some(_), Err(why)) => return Err(BadExpression::Unparsed(one_line(why))),
        };
        Ok(Expression { given: given.to_owned(), sent, tree })
    }

    /// As it was given.
    pub fn given(&self) -> &str {
        &self.given
    }

    /// As it is sent.
    pub(crate) fn sent(&self) -> &str {
        &self.sent
    }

    /// What it means; none where our parser does not know its syntax, which may be newer than the parser.
    pub fn tree(&self) -> Option<&Expr> {
        self.tree.as_ref().ok()
    }

    /// Why our parser does not understand it.
    pub fn not_understood(&self) -> Option<String> {
        self.tree.as_ref().err().map(|why| one_line(why))
    }

    /// The selectors in it, each once, in order.
    pub fn selectors(&self) -> Vec<&VectorSelector> {
        let mut all: Vec<&VectorSelector> = Vec::new();
        if let Some(tree) = self.tree() {
            each_selector(tree, &mut |selector| {
                if !all.contains(&selector) {
                    all.push(selector);
                }
            });
        }
        all
    }
}

/// Visits all selectors, those in the parameter of an aggregation among them.
pub fn each_selector<'a>(tree: &'a Expr, visit: &mut impl FnMut(&'a VectorSelector)) {
    match tree {
        Expr::VectorSelector(selector) => visit(selector),
        Expr::MatrixSelector(matrix) => visit(&matrix.vs),
        Expr::Aggregate(it) => {
            if let Some(parameter) = &it.param {
                each_selector(parameter, visit);
            }
            each_selector(&it.expr, visit);
        }
        Expr::Binary(it) => {
            each_selector(&it.lhs, visit);
            each_selector(&it.rhs, visit);
        }
        Expr::Call(it) => it.args.args.iter().for_each(|argument| each_selector(argument, visit)),
        Expr::Paren(it) => each_selector(&it.expr, visit),
        Expr::Subquery(it) => each_selector(&it.expr, visit),
        Expr::Unary(it) => each_selector(&it.expr, visit),
        Expr::NumberLiteral(_) | Expr::StringLiteral(_) | Expr::Extension(_) => {}
    }
}

/// The query with the matchers in it, as text that means the same again.
fn rewritten(tree: &Expr, enforced: &LabelMatchers) -> Result<String, BadExpression> {
    let mut tree = tree.clone();
    enforce(&mut tree, enforced)?;
    let text = tree.to_string();
    // How the parser writes a tree is not always what it would read: what is sent is what was meant, or nothing.
    match parse(&text) {
        Ok(again) if again == tree => Ok(text),
        _ => Err(BadExpression::NotRewritten),
    }
}

fn enforce(tree: &mut Expr, enforced: &LabelMatchers) -> Result<(), BadExpression> {
    match tree {
        Expr::VectorSelector(selector) => enforced.put_into(&mut selector.matchers),
        Expr::MatrixSelector(matrix) => enforced.put_into(&mut matrix.vs.matchers),
        Expr::Aggregate(it) => {
            if let Some(parameter) = &mut it.param {
                enforce(parameter, enforced)?;
            }
            enforce(&mut it.expr, enforced)?;
        }
        Expr::Binary(it) => {
            enforce(&mut it.lhs, enforced)?;
            enforce(&mut it.rhs, enforced)?;
        }
        Expr::Call(it) => {
            for argument in &mut it.args.args {
                enforce(argument, enforced)?;
            }
        }
        Expr::Paren(it) => enforce(&mut it.expr, enforced)?,
        Expr::Subquery(it) => enforce(&mut it.expr, enforced)?,
        Expr::Unary(it) => enforce(&mut it.expr, enforced)?,
        Expr::NumberLiteral(_) | Expr::StringLiteral(_) => {}
        // Nothing can be put into what we do not know.
        Expr::Extension(_) => return Err(BadExpression::NotRewritten),
    }
    Ok(())
}

/// How often the text may branch or nest: never less than it does.
fn branches(text: &str) -> usize {
    let signs = text.matches(['(', '[', '+', '-', '*', '/', '%', '^', '<', '>']).count();
    let words = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
    let words = words.filter(|word| {
        ["and", "or", "unless", "atan2"].iter().any(|it| word.eq_ignore_ascii_case(it))
    });
    signs + text.matches("==").count() + text.matches("!=").count() + words.count()
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent(text: &str) -> Result<String, BadExpression> {
        let enforced: LabelMatchers = r#"namespace="shop""#.parse().unwrap();
        Expression::of(text, Some(&enforced)).map(|it| it.sent)
    }

    #[test]
    fn every_selector_gets_the_matchers() {
        for (given, expected) in [
            ("up", r#"up{namespace="shop"}"#),
            (r#"up{namespace="blog"}"#, r#"up{namespace="blog",namespace="shop"}"#),
            ("rate(a[5m] offset 1h)", r#"rate(a{namespace="shop"}[5m] offset 1h)"#),
            ("topk(scalar(k), a)", r#"topk(scalar(k{namespace="shop"}), a{namespace="shop"})"#),
            (
                "a / on (x) group_left (y) b",
                r#"a{namespace="shop"} / on (x) group_left (y) b{namespace="shop"}"#,
            ),
            ("-max_over_time((a)[1h:5m])", r#"-max_over_time((a{namespace="shop"})[1h:5m])"#),
            (
                r#"up{namespace="blog", job="a", code!~"5.."}"#,
                r#"up{code!~"5..",job="a",namespace="blog",namespace="shop"}"#,
            ),
            ("absent(a) or vector(1)", r#"absent(a{namespace="shop"}) or vector(1)"#),
        ] {
            assert_eq!(sent(given).as_deref(), Ok(expected), "{given}");
        }
    }

    #[test]
    fn alternatives_of_a_selector_all_get_them() {
        let text = sent(r#"{a="1" or b="2"}"#).unwrap();
        assert_eq!(text.matches("namespace=\"shop\"").count(), 2, "{text}");
    }

    #[test]
    fn what_cannot_be_parsed_is_refused_only_where_matchers_are_enforced() {
        assert!(matches!(sent("up{"), Err(BadExpression::Unparsed(_))));
        assert!(matches!(sent("smoothed_rate(a[5m])"), Err(BadExpression::Unparsed(_))));
        let free = Expression::of("smoothed_rate(a[5m])", None).unwrap();
        assert_eq!((free.sent(), free.tree()), ("smoothed_rate(a[5m])", None));
        assert!(free.not_understood().is_some());
    }

    #[test]
    fn a_query_too_long_or_too_deep_is_refused() {
        let deep = format!("{}1{}", "(".repeat(5000), ")".repeat(5000 - 2000));
        assert_eq!(Expression::of(&deep, None), Err(BadExpression::TooDeep));
        assert_eq!(Expression::of(&"a".repeat(9000), None), Err(BadExpression::TooLong(9000)));
        assert_eq!(Expression::of(" ", None), Err(BadExpression::Empty));
        let chain = vec!["a"; 200].join(" == ");
        assert!(sent(&chain).is_ok());
    }

    #[test]
    fn selectors_are_found_in_parameters_too() {
        let it = Expression::of("quantile(scalar(q), rate(a[1m])) > b or b", None).unwrap();
        let names: Vec<_> = it.selectors().iter().filter_map(|it| it.name.clone()).collect();
        assert_eq!(names, ["q", "a", "b"]);
    }
}
