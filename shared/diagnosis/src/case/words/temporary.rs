//! Lines in which a runtime finds no directory for temporary files. None of them says why: that is read elsewhere.

use super::names::path;
use super::said::Said;

/// A list of directories has no more than this: Python looks at six at most, and at the one where it works.
const MOST: usize = 8;

/// What a line says of directories for temporary files: Python's `tempfile`, whose last words have all that were tried, an
/// embedded server's of Spring Boot, and Ruby's `tmpdir`, which does not say what it tried.
pub fn said(text: &str) -> Option<Said> {
    if let Some((_, rest)) = text.split_once("No usable temporary directory found in [") {
        let (listed, _) = rest.split_once(']')?;
        let paths: Option<Vec<String>> = listed.split(", ").take(MOST).map(one).collect();
        // Which directory it missed where one cannot be read, nobody knows.
        return paths.map(|paths| Said::NoTemporaryDirectory { paths });
    }
    if let Some((_, rest)) = text.split_once("Unable to create tempDir. java.io.tmpdir is set to ")
    {
        return Some(Said::NoTemporaryDirectory { paths: vec![path(rest)?] });
    }
    let ruby =
        text.contains("could not find a temporary directory") && text.contains("ArgumentError");
    ruby.then(|| Said::NoTemporaryDirectory { paths: vec!["/tmp".to_owned()] })
}

/// One directory as Python writes it. The root has no name of its own that `path` would take.
fn one(listed: &str) -> Option<String> {
    let found = listed.trim().trim_matches(['\'', '"']);
    if found == "/" {
        return Some(found.to_owned());
    }
    path(found).filter(|it| it.as_str() == found.trim_end_matches('/'))
}

#[cfg(test)]
mod tests {
    use super::said;
    use crate::case::words::said::Said;

    #[track_caller]
    fn says(text: &str, paths: Option<&[&str]>) {
        let paths = paths.map(|it| it.iter().map(|it| (*it).to_owned()).collect());
        assert_eq!(said(text), paths.map(|paths| Said::NoTemporaryDirectory { paths }), "{text}");
    }

    #[test]
    fn knows_what_was_tried() {
        says(
            "FileNotFoundError: [Errno 2] No usable temporary directory found in ['/tmp', '/var/tmp', '/usr/tmp', '/']",
            Some(&["/tmp", "/var/tmp", "/usr/tmp", "/"]),
        );
        says(
            "Caused by: org.springframework.boot.web.server.WebServerException: Unable to create tempDir. java.io.tmpdir is set to /tmp",
            Some(&["/tmp"]),
        );
        says(
            "/usr/local/lib/ruby/3.3.0/tmpdir.rb:43:in `tmpdir': could not find a temporary directory (ArgumentError)",
            Some(&["/tmp"]),
        );
    }

    #[test]
    fn what_cannot_be_read_says_nothing() {
        says("[Errno 2] No usable temporary directory found in ['/tmp', 'C:\\\\Temp']", None);
        says("[Errno 2] No usable temporary directory found in ['/tmp', '/var/t", None);
        says("could not find a temporary directory for /x", None);
        says("removed the temporary directory /tmp/x", None);
    }
}
