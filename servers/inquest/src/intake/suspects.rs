//! Leaves out of a question whom it suspects: it is about the trouble, of which a suspect may be innocent.
//!
//! `no codes arrive. did the push-sender deploy break notify?` is about notify, and `checkout is slow. was it the ingress
//! upgrade?` about checkout.

use super::words::is_in;

/// Openings of a question for somebody's guilt, ...
const DID: &str = "did has have could can might may maybe";
/// ... what somebody would have done, ...
const HARMS: &str = "break breaks broke broken cause caused causing kill killed hurt take";
/// ... and openings of one that names a suspect alone.
const WAS: &str = "was is could might can";
const IT: &str = "it this that";
/// Who is harmed in a question that asks whether there is any harm.
const NOBODY: &str = "any anything everything it something stuff that this";
/// What asks for a judgement, or says where to look, rather than names a suspect.
const NO_SUSPECT: &str = "-n --namespace alive back better broken done down expected fine fixed gone harmless healthy intended known meant namespace normal \
ns ok okay over ready real recovered resolved running safe serious slow so solved stuck true up well working";

/// The question without its suspects, for who looks for names in it.
pub fn without(question: &str) -> String {
    let mut kept = String::new();
    for clause in clauses(question) {
        let words: Vec<String> = clause.split_whitespace().map(plain).collect();
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        if !kept.trim().is_empty() && names_a_suspect(&words) {
            continue;
        }
        match harmed(&words) {
            Some(at) => kept.extend(clause.split_whitespace().skip(at).map(|it| format!("{it} "))),
            None => {
                kept.push_str(clause);
                kept.push(' ');
            }
        }
    }
    kept
}

/// Parts of a text that end with a mark before a space, or at its end. `5.9` and `shop.example.com` are whole.
fn clauses(question: &str) -> Vec<&str> {
    let mut clauses = Vec::new();
    let mut from = 0;
    for (at, mark) in question.match_indices(['.', '?', '!', ';', ',']) {
        let end = at + mark.len();
        let rest = question.get(end..).unwrap_or_default();
        if rest.starts_with(char::is_whitespace) {
            clauses.extend(question.get(from..end));
            from = end;
        }
    }
    clauses.extend(question.get(from..));
    clauses
}

fn plain(word: &str) -> String {
    word.trim_matches(|it: char| !it.is_ascii_alphanumeric() && it != '-').to_lowercase()
}

/// `was it the ingress upgrade`
fn names_a_suspect(words: &[&str]) -> bool {
    let [was, it, rest @ ..] = words else { return false };
    let judges = rest.iter().any(|word| is_in(NO_SUSPECT, word) || *word == "or");
    is_in(WAS, was) && is_in(IT, it) && !rest.is_empty() && !judges
}

/// Where what was harmed stands in `did the push-sender deploy break notify`.
fn harmed(words: &[&str]) -> Option<usize> {
    if !is_in(DID, words.first()?) {
        return None;
    }
    let harms = words.iter().position(|word| is_in(HARMS, word)).filter(|at| *at >= 2)?;
    let named = words.get(harms + 1)?;
    (!named.is_empty() && !is_in(NOBODY, named)).then_some(harms + 1)
}

#[cfg(test)]
mod tests {
    use super::without;

    #[test]
    fn whom_a_question_suspects_is_left_out() {
        let rows = [
            (
                "No codes arrive! did the push-sender deploy break notify?",
                "No codes arrive! notify?",
            ),
            ("shop.example.com is slow. was it the ingress upgrade?", "shop.example.com is slow."),
            ("web fails, could it be postgres 15.2?", "web fails,"),
        ];
        for (question, expected) in rows {
            assert_eq!(without(question).trim(), expected);
        }
    }

    #[test]
    fn what_is_asked_about_stays() {
        for question in [
            "did the web deployment break?",
            "is it the web deployment that fails?",
            "pods restart, is this normal in namespace batch?",
            "payments fail, is it our cluster or the bank?",
            "why is checkout slow",
            "did web restart?",
            "checkout failed an hour ago, is it back?",
            "probes failed. did the deploy of web break anything?",
            "Somebody says that users cannot pay. Is that so?",
        ] {
            let kept = without(question);
            let words: Vec<&str> = kept.split_whitespace().collect();
            assert_eq!(words, question.split_whitespace().collect::<Vec<_>>());
        }
    }
}
