//! The page as one HTML file: no scripts, nothing fetched, everything escaped.

use super::page::{Block, verdict};

/// A browser that honours it runs and fetches nothing, should an escape ever be missed.
const HEAD: &str = "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n\
<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
<title>Inquest report</title>\n<style>\n\
:root { color-scheme: light dark }\n\
body { font: 16px/1.5 system-ui, sans-serif; max-width: 52rem; margin: 2rem auto; padding: 0 1rem }\n\
h2 { font-size: 1.1rem; margin: 1.6rem 0 .4rem }\n\
p { margin: .2rem 0; overflow-wrap: anywhere }\n\
p.d1 { margin-left: 1.5rem } p.d2 { margin-left: 3rem }\n\
b { font-weight: 600; opacity: .7 } small { opacity: .7 }\n\
pre { margin: .3rem 0 .3rem 1.5rem; padding: .4rem .6rem; white-space: pre-wrap; overflow-wrap: anywhere; \
border-left: 3px solid; background: #8881 }\n\
</style>\n</head>\n<body>\n";

/// The page as HTML, with a newline at its end.
pub fn render(blocks: &[Block]) -> String {
    let mut html = String::from(HEAD);
    for block in blocks {
        match block {
            Block::Verdict(reached) => html.push_str(&format!("<h1>{}</h1>\n", verdict(*reached))),
            Block::Section(head) => html.push_str(&format!("<h2>{}</h2>\n", escape(head))),
            Block::Line { depth, label, text, cites } => {
                html.push_str(&format!("<p class=\"d{depth}\">"));
                if !label.is_empty() {
                    html.push_str(&format!("<b>{}</b> ", escape(label)));
                }
                html.push_str(&escape(text));
                if !cites.is_empty() {
                    html.push_str(&format!(" <small>[{}]</small>", escape(&cites.join(" "))));
                }
                html.push_str("</p>\n");
            }
            Block::Command(command) => {
                html.push_str(&format!("<pre><code>{}</code></pre>\n", escape(command)));
            }
            Block::Quote(lines) => {
                html.push_str(&format!("<pre><q>{}</q></pre>\n", escape(&lines.join("\n"))));
            }
        }
    }
    html.push_str("</body>\n</html>\n");
    html
}

fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            other => escaped.push(other),
        }
    }
    escaped
}
