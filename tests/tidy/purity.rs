//! The nouns and the judge neither wait, nor read a clock, nor leave the process.

use crate::house::House;

const PURE: [&str; 2] = ["shared/evidence/src/", "shared/diagnosis/src/"];

/// What would break it, and what to do instead.
const IMPURE: &[(&str, &str)] = &[
    ("async fn", "do not wait; ask with a `Question` and let the lead wait"),
    ("async move", "do not wait; ask with a `Question` and let the lead wait"),
    (".await", "do not wait; ask with a `Question` and let the lead wait"),
    ("Timestamp::now", "take the time from the case"),
    ("Zoned::now", "take the time from the case"),
    ("SystemTime", "take the time from the case"),
    ("Instant::now", "take the time from the case"),
    ("std::fs", "leave files to the callers"),
    ("TcpStream", "leave the network to `readonly`"),
    ("TcpListener", "leave the network to `readonly`"),
    ("std::os", "leave the network to `readonly`"),
    ("UdpSocket", "leave the network to `readonly`"),
    ("ToSocketAddrs", "leave the network to `readonly`"),
    ("std::env", "take settings as arguments"),
    ("std::thread", "leave threads to the callers"),
    ("std::process", "start nothing"),
    ("HashMap", "use BTreeMap: the order of a report is part of it"),
    ("HashSet", "use BTreeSet: the order of a report is part of it"),
];

pub(crate) fn violations(house: &House) -> Vec<String> {
    let mut found = Vec::new();
    for file in &house.files {
        if !PURE.iter().any(|folder| file.starts_with(folder)) || !file.ends_with(".rs") {
            continue;
        }
        for (number, line) in house.text(file).lines().enumerate() {
            if line.trim_start().starts_with("//") {
                continue;
            }
            for (word, instead) in IMPURE {
                if line.contains(word) {
                    found.push(format!("{file}:{}: `{word}`: {instead}", number + 1));
                }
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::violations;
    use crate::house::made_of;

    #[test]
    fn a_clock_in_the_judge_is_refused() {
        let text = "//! It.\n// Timestamp::now would differ.\nlet now = Timestamp::now();\n";
        let (_folder, house) = made_of(&[("shared/diagnosis/src/a.rs", text)]);
        assert_eq!(
            violations(&house),
            ["shared/diagnosis/src/a.rs:3: `Timestamp::now`: take the time from the case"]
        );
    }

    #[test]
    fn others_may_read_clocks() {
        let text = "//! It.\nlet now = Timestamp::now();\n";
        let (_folder, house) = made_of(&[("shared/readonly/src/a.rs", text)]);
        assert!(violations(&house).is_empty());
    }
}
