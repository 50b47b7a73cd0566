//! Lines in which a server says what it was asked for, in the form that access logs share (Apache's, nginx's, uvicorn's):
//! `10.244.0.4 - - "GET /api/berths/14?day=today HTTP/1.1" 200 4120`; or field by field, as pino, zap, Caddy and lograge do:
//! `{"method":"GET","url":"/api/berths/14","status":404}`, `method=GET path=/api/berths/14 status=404`.

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

/// Fields in which a request's target stands, and the code that it was answered with.
const TARGETS: [&str; 5] = ["url", "path", "uri", "request_uri", "originalUrl"];
const CODES: [&str; 3] = ["status", "statusCode", "status_code"];

/// Answers of who does not know a path, or does not do there what is asked.
const UNKNOWN: [&str; 2] = ["404", "405"];

/// The path that a line says, field by field, was asked for, and whether nobody knew it there: without its query. Clients
/// note whole addresses, and one who asks for nothing.
pub fn asked_field(text: &str) -> Option<(&str, bool)> {
    let method = field(text, "method")?;
    let target = TARGETS.iter().find_map(|it| field(text, it))?;
    let code = CODES.iter().find_map(|it| field(text, it))?;
    if !METHODS.contains(&method) || !target.starts_with('/') || target.starts_with("//") {
        return None;
    }
    Some((target.split(['?', '#']).next()?, UNKNOWN.contains(&code)))
}

/// The value of a field of a line in JSON, or as `key=value`.
fn field<'a>(text: &'a str, key: &str) -> Option<&'a str> {
    if let Some((_, rest)) = text.split_once(&format!("\"{key}\":")) {
        let rest = rest.trim_start();
        let (quoted, rest) = match rest.strip_prefix('"') {
            Some(rest) => (true, rest),
            None => (false, rest),
        };
        return rest.split(|it: char| it == '"' || !quoted && ",} ".contains(it)).next();
    }
    let sign = format!("{key}=");
    let (at, _) = text
        .match_indices(&sign)
        .find(|(at, _)| text.get(..*at).is_some_and(|it| it.is_empty() || it.ends_with(' ')))?;
    let rest = text.get(at..)?.strip_prefix(&sign)?;
    match rest.strip_prefix('"') {
        Some(rest) => rest.split('"').next(),
        None => rest.split(' ').next(),
    }
}

/// Lines that hold the words of others, and tell of no failure of who wrote them: statements that are logged, whatever they
/// are about, and what servers say of whoever knocked at their door.
pub fn is_of_others(text: &str) -> bool {
    let signs: &[&[&str]] = &[
        &["LOG:  statement: "],                          // PostgreSQL, log_statement
        &["LOG:  could not accept SSL connection: "],    // PostgreSQL
        &["LOG:  could not receive data from client: "], // PostgreSQL
        &["TLS handshake error from ", "i/o timeout"],   // Go's net/http
        &["TLS handshake error from ", "connection reset"],
        &["[Warning] ", "IP address '", "' could not be resolved: "], // MySQL
        // Spring, of what a client sent that fits nothing; what is the program's own fault it calls by other names.
        &["DefaultHandlerExceptionResolver", "Resolved [", "ArgumentTypeMismatchException: "],
        &["DefaultHandlerExceptionResolver", "Resolved [", "MessageNotReadableException: "],
        &["DefaultHandlerExceptionResolver", "Resolved [", "MethodNotSupportedException: "],
        &["DefaultHandlerExceptionResolver", "Resolved [", "MediaTypeNotSupportedException: "],
        &[
            "DefaultHandlerExceptionResolver",
            "Resolved [",
            "MissingServletRequestParameterException: ",
        ],
        &["DefaultHandlerExceptionResolver", "Resolved [", "MethodArgumentNotValidException: "],
        &["DefaultHandlerExceptionResolver", "Resolved [", "NoResourceFoundException: "],
    ];
    // Hibernate, where it prints SQL to the output.
    text.starts_with("Hibernate: ")
        || signs.iter().any(|signs| signs.iter().all(|it| text.contains(it)))
}

/// Whether nginx did not find the file that a client asked for: below a web root, under the path of the request.
pub fn is_file_of_client(text: &str) -> bool {
    let Some((_, rest)) = text.split_once("open() \"") else { return false };
    let Some((file, rest)) = rest.split_once("\" failed (2: ") else { return false };
    let asked = rest.split_once("request: ").and_then(|(_, request)| asked_path(request));
    rest.contains(", client: ") && asked.is_some_and(|path| path.len() > 1 && file.ends_with(path))
}

#[cfg(test)]
mod tests {
    use super::{asked_field, asked_path, is_file_of_client, is_of_others};

    #[test]
    fn a_file_that_a_client_asks_for_is_his() {
        let line = |file: &str, path: &str| {
            format!(
                r#"[error] 29#29: *7 open() "{file}" failed (2: No such file or directory), client: 10.2.0.1, server: _, request: "GET {path} HTTP/1.1", host: "shop""#
            )
        };
        let root = "/usr/share/nginx/html";
        assert!(is_file_of_client(&line(&format!("{root}/favicon.ico"), "/favicon.ico?v=1")));
        assert!(!is_file_of_client(&line("/etc/nginx/x", "/items")));
        assert!(!is_file_of_client(&line("/etc/nginx/.htpasswd", "/")));
    }

    #[test]
    fn what_others_wrote_is_no_failure_of_who_logs_it() {
        assert!(is_of_others("Hibernate: insert into audit (msg) values ('connection refused')"));
        assert!(!is_of_others("ERROR connection refused, last was Hibernate: select 1"));
        // What a caller says of the server's own certificate is no trouble of his.
        let expired =
            "http: TLS handshake error from 10.2.0.1:41234: remote error: tls: expired certificate";
        assert!(!is_of_others(expired));
    }

    #[test]
    fn takes_out_the_path_that_has_a_field_of_its_own() {
        for text in [
            r#"{"level":30,"msg":"request","method":"GET","url":"/api/berths/14?day=today","status":404,"ms":3}"#,
            r#"{"level":30,"req":{"id":1,"method":"GET","url":"/api/berths/14"},"res":{"statusCode":404},"msg":"request completed"}"#,
            r#"{"logger":"http.log.access","request":{"proto":"HTTP/2.0", "method": "GET", "uri": "/api/berths/14"}, "status": 404}"#,
            "time=2026-11-21T11:59:00Z level=INFO msg=request method=GET path=/api/berths/14 status=404",
        ] {
            assert_eq!(asked_field(text), Some(("/api/berths/14", true)), "{text}");
        }
        let known = r#"{"method":"GET","path":"/api/berths/14","status":200}"#;
        assert_eq!(asked_field(known), Some(("/api/berths/14", false)));
        for text in [
            r#"{"msg":"calling","method":"GET","url":"http://berth/api/berths/14","status":404}"#,
            r#"{"msg":"calling","method":"GET","url":"/api/berths/14"}"#,
            r#"{"method":"upload","path":"/api/berths/14","status":404}"#,
            "level=INFO base_path=/api/berths/14 method=GET status=404",
        ] {
            assert_eq!(asked_field(text), None, "{text}");
        }
    }

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
