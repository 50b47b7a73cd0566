//! Ports at which a program says that it listens.

use super::network::says_unreachable;
use super::process::says_port_taken;
use evidence::fact::event::Log;

/// The ports at which a program says that it listens.
pub fn listened(log: &Log) -> Vec<u16> {
    let mut ports = Vec::new();
    for line in &log.lines {
        let text = line.text.to_ascii_lowercase();
        if says_port_taken(&line.text) || says_unreachable(&line.text) {
            continue;
        }
        for sign in ["listening on", "listening at", "started on port", "running on", "serving at"]
        {
            let Some((_, rest)) = text.split_once(sign) else { continue };
            // After a colon or the word: `0.0.0.0:8080`, `port 8080`, `port(s): 8080`.
            let last = rest.split(|c: char| !c.is_ascii_digit()).rfind(|it| it.len() >= 2);
            ports.extend(last.and_then(|it| it.parse::<u16>().ok()));
        }
    }
    ports
}

#[cfg(test)]
mod tests {
    use super::listened;
    use evidence::fact::event::{Line, Log};

    #[test]
    fn reads_where_a_program_listens() {
        let texts = [
            ("Listening on http://0.0.0.0:8080", vec![8080]),
            ("server listening on port 3000", vec![3000]),
            (" * Running on http://127.0.0.1:5000", vec![5000]),
            ("Tomcat started on port(s): 8081 (http)", vec![8081]),
            ("Tomcat started on port 8081 (http)", vec![8081]),
            ("listening on 0.0.0.0:80: bind: address already in use", Vec::new()),
            ("order 1234 saved", Vec::new()),
        ];
        for (text, expected) in texts {
            let line = Line { text: text.to_owned(), ..Line::default() };
            assert_eq!(listened(&Log { lines: vec![line], ..Log::default() }), expected, "{text}");
        }
    }
}
