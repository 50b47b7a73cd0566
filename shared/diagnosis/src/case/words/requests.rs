//! Lines in which a server says what it was asked for, in the form that access logs share (Apache's, nginx's, uvicorn's):
//! `10.244.0.4 - - "GET /api/berths/14?day=today HTTP/1.1" 200 4120`.

/// Methods that callers use.
const METHODS: [&str; 7] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];

/// The path that a line says was asked for, without its query.
pub fn asked_path(text: &str) -> Option<&str> {
    let (_, rest) = text.split_once('"')?;
    let (request, _) = rest.split_once('"')?;
    let mut words = request.split(' ');
    let (method, target, version) = (words.next()?, words.next()?, words.next()?);
    let plain = words.next().is_none() && version.starts_with("HTTP/");
    if !plain || !METHODS.contains(&method) || !target.starts_with('/') {
        return None;
    }
    target.split(['?', '#']).next()
}

#[cfg(test)]
mod tests {
    use super::asked_path;

    #[test]
    fn takes_out_the_path() {
        for text in [
            r#"10.244.0.4 - - "GET /api/berths/14?day=today HTTP/1.1" 200 4120 "-" "x/3.1""#,
            r#"10.244.0.4 - - [21/Nov/2026:11:59:00 +0000] "POST /api/berths/14 HTTP/2.0" 405 157"#,
            r#"INFO:     10.244.2.9:40122 - "GET /api/berths/14 HTTP/1.1" 200 OK"#,
        ] {
            assert_eq!(asked_path(text), Some("/api/berths/14"), "{text}");
        }
        for text in [r#"level=info msg="GET /api/berths/14""#, r#""GET api HTTP/1.1""#, "GET /"] {
            assert_eq!(asked_path(text), None, "{text}");
        }
    }
}
