//! Lines in which a runtime does not find what it is to start, and the name by which it looked for that.

/// What stands before and after the name, in the words of the JVM, of Node, Python, .NET's host and SDK, PHP, Ruby and Perl.
const NAMED: [(&str, &str); 9] = [
    ("Error: Unable to access jarfile ", "\n"),
    ("Error: Could not find or load main class ", "\n"),
    ("Error: Cannot find module '", "'"),
    (": can't open file '", "': [Errno 2]"),
    ("The application to execute does not exist: '", "'"),
    ("You intended to execute a .NET program, but dotnet-", " does not exist"),
    ("Could not open input file: ", "\n"),
    (": No such file or directory -- ", " (LoadError)"),
    ("Can't open perl script \"", "\": No such file or directory"),
];
/// The same of tools that look for a package of Node in the directory where they work, and name that: npm, Yarn and pnpm.
const PACKAGES: [(&str, &str); 4] = [
    (
        "Could not read package.json: Error: ENOENT: no such file or directory, open '",
        "/package.json'",
    ),
    ("enoent ENOENT: no such file or directory, open '", "/package.json'"),
    ("Couldn't find a package.json file in \"", "\""),
    ("No package.json (or package.yaml, or package.json5) was found in \"", "\""),
];

/// The name of the program, as the line has it: `app.jar`, `/app/main.py`, `com.example.Shop`.
pub fn missing_start(text: &str) -> Option<&str> {
    named(text, &NAMED)
}

/// The directory in which a line misses a package.
pub fn missing_package(text: &str) -> Option<&str> {
    named(text, &PACKAGES).filter(|it| it.starts_with('/'))
}

fn named<'a>(text: &'a str, forms: &[(&str, &str)]) -> Option<&'a str> {
    let found = forms.iter().find_map(|(before, after)| {
        let (_, rest) = text.split_once(before)?;
        match *after {
            "\n" => Some(rest.trim_end()),
            after => rest.split_once(after).map(|(name, _)| name),
        }
    });
    found.filter(|it| !it.is_empty() && !it.contains(char::is_whitespace))
}

#[cfg(test)]
mod tests {
    use super::{missing_package, missing_start};

    #[test]
    fn names_what_was_to_start() {
        for (text, name) in [
            ("Error: Unable to access jarfile app.jar", "app.jar"),
            ("Error: Could not find or load main class com.example.Shop", "com.example.Shop"),
            ("Error: Cannot find module '/srv/x/dist/main.js'", "/srv/x/dist/main.js"),
            (
                "python: can't open file '/srv/x/app.py': [Errno 2] No such file or directory",
                "/srv/x/app.py",
            ),
            ("python3: can't open file 'app.py': [Errno 2] No such file or directory", "app.py"),
            ("The application to execute does not exist: '/srv/Shop.dll'.", "/srv/Shop.dll"),
            (
                "  * You intended to execute a .NET program, but dotnet-Web.dll does not exist.",
                "Web.dll",
            ),
            ("Could not open input file: artisan", "artisan"),
            ("ruby: No such file or directory -- app.rb (LoadError)", "app.rb"),
            ("Can't open perl script \"app.pl\": No such file or directory", "app.pl"),
        ] {
            assert_eq!(missing_start(text), Some(name), "{text}");
        }
        assert_eq!(
            missing_start("python: can't open file '/x/app.py': [Errno 13] Permission denied"),
            None
        );
    }

    #[test]
    fn names_where_a_package_is_missed() {
        for text in [
            "npm error enoent Could not read package.json: Error: ENOENT: no such file or directory, open '/srv/x/package.json'",
            "npm ERR! enoent ENOENT: no such file or directory, open '/srv/x/package.json'",
            "error Couldn't find a package.json file in \"/srv/x\"",
        ] {
            assert_eq!(missing_package(text), Some("/srv/x"), "{text}");
        }
    }
}
