//! Texts as clusters write them, changed in places: the same in every run.

use std::fs::read_to_string;
use std::path::Path;

/// What parsers stumble over: characters of several bytes, those that are not seen, numbers too large, beginnings without an end.
const STRANGE: &[&str] = &[
    "é",
    "日本",
    "🧨",
    "\u{202e}",
    "\u{200b}",
    "\u{1b}[31m",
    "\0",
    "\r\n",
    "\t",
    " ",
    "'",
    "\"",
    "\\\"",
    "`",
    "{",
    "}",
    "[",
    "]",
    "(",
    ")",
    "<",
    ">",
    ":",
    "::",
    "://",
    "@",
    "%",
    "%zz",
    "=",
    ",",
    ";",
    "-",
    "--",
    ".",
    "..",
    "/",
    "99999999999999999999",
    "-1",
    "0",
    "1e400",
    "NaN",
    "Caused by: ",
    "exit code ",
    "dial tcp ",
    "lookup ",
    "no such host",
    "[::1]:",
    "2026-02-30T25:61:61Z",
    "now-",
    "in ",
    "about ",
];

/// Draws texts.
pub(crate) struct Twist {
    seed: u64,
    lines: Vec<String>,
}

impl Twist {
    /// Over the lines of all pages of the catalogue, and of the tools' pages.
    pub(crate) fn new(seed: u64) -> Twist {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let mut lines = Vec::new();
        for folder in ["shared/diagnosis/src/catalogue", "docs", "servers/mcp-k8s/src/tools"] {
            let mut files: Vec<_> = std::fs::read_dir(root.join(folder))
                .unwrap()
                .map(|it| it.unwrap().path())
                .collect();
            files.sort();
            for file in files.iter().filter(|it| it.extension().is_some_and(|it| it == "md")) {
                let text = read_to_string(file).unwrap();
                lines.extend(text.lines().filter(|it| !it.is_empty()).map(str::to_owned));
            }
        }
        assert!(lines.len() > 1000, "{} lines to begin with", lines.len());
        Twist { seed, lines }
    }

    /// A line of a page, changed in up to five places; one of fifty is long.
    pub(crate) fn text(&mut self) -> String {
        let mut text = self.line().to_owned();
        for _ in 0..self.below(6) {
            let (from, to) = self.part(&text);
            let with = match self.below(4) {
                0 => String::new(),
                1 => STRANGE[self.below(STRANGE.len())].to_owned(),
                2 => text[from..to].repeat(2),
                _ => {
                    let other = self.line().to_owned();
                    let (from, to) = self.part(&other);
                    other[from..to].to_owned()
                }
            };
            text.replace_range(from..to, &with);
        }
        if self.below(50) == 0 {
            text = text.repeat(200);
        }
        text
    }

    /// The same as bytes, some of which are no text.
    pub(crate) fn bytes(&mut self) -> Vec<u8> {
        let mut bytes = self.text().into_bytes();
        for _ in 0..self.below(4) {
            let at = self.below(bytes.len() + 1);
            bytes.insert(at, self.below(256) as u8);
        }
        bytes
    }

    /// A number below `most`.
    pub(crate) fn below(&mut self, most: usize) -> usize {
        let (by, more) = (6_364_136_223_846_793_005, 1_442_695_040_888_963_407);
        self.seed = self.seed.wrapping_mul(by).wrapping_add(more);
        (self.seed >> 33) as usize % most.max(1)
    }

    fn line(&mut self) -> &str {
        let at = self.below(self.lines.len());
        &self.lines[at]
    }

    /// Where a part of a text begins and ends, between characters.
    fn part(&mut self, text: &str) -> (usize, usize) {
        let from = text.floor_char_boundary(self.below(text.len() + 1));
        let long = self.below(24);
        (from, text.floor_char_boundary((from + long).min(text.len())))
    }
}
