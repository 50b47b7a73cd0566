//! The words of a question that may be names, or parts of them.

use super::Case;
use std::collections::BTreeSet;

/// Shorter words stand in too many names.
const SHORTEST: usize = 4;
/// Words of questions that tell no place.
const COMMON: &str = "about after before every everybody everyone have just nobody none over since some that them then \
there they this what when where which with work working works";

impl Case {
    /// The question's words that may tell of what it is, in small letters.
    pub fn asked_words(&self) -> BTreeSet<String> {
        let asked = self.question.to_lowercase();
        let words = asked.split(|it: char| !it.is_ascii_alphanumeric());
        let telling = words
            .filter(|it| it.len() >= SHORTEST && !COMMON.split(' ').any(|common| common == *it));
        telling.map(str::to_owned).collect()
    }

    /// Whether a word of the question stands in a name.
    pub fn asks_in_words_of(&self, name: &str) -> bool {
        self.asked_words().iter().any(|word| bears(name, word))
    }
}

/// Whether a name has a part that is alike.
pub fn bears(name: &str, word: &str) -> bool {
    name.split(['-', '.']).any(|of| alike(of, word))
}

/// `payments` and `payment`, `ordering` and `order`, `delivery` and `deliveries`.
fn alike(one: &str, other: &str) -> bool {
    let shorter = one.len().min(other.len());
    let same = one.bytes().zip(other.bytes()).take_while(|(one, other)| one == other).count();
    same >= SHORTEST && same + 1 >= shorter
}

#[cfg(test)]
mod tests {
    use super::alike;

    #[test]
    fn words_of_one_stem_are_alike() {
        assert!(alike("payments", "payment"));
        assert!(alike("ordering", "order"));
        assert!(alike("delivery", "deliveries"));
        assert!(!alike("cart", "card"));
        assert!(!alike("pay", "payments"));
    }
}
