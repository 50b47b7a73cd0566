//! Lines in which the kernel refuses something to a process, or its runtime does: errno names and the sentences of libc,
//! Go, Java, Python, Node, Ruby, Rust, shells and servers.

use super::names::{between, path, variable};
use super::peer::peer;
use super::requests::is_file_of_client;
use super::said::{Runtime, Said};

/// What a line says of files, memory, ports and variables.
pub fn said(text: &str) -> Option<Said> {
    let lowered = text.to_ascii_lowercase();
    if is_full(&lowered) {
        // PostgreSQL names the segment, not the file system that it lies on.
        let shared = lowered.contains("shared memory segment");
        let path = if shared { Some("/dev/shm".to_owned()) } else { path(text) };
        return Some(Said::OutOfSpace { path });
    }
    // PyTorch's words where a worker wrote past the end of /dev/shm.
    if lowered.contains("are out of shared memory") {
        return Some(Said::OutOfSpace { path: Some("/dev/shm".to_owned()) });
    }
    if let Some(runtime) = out_of_memory(text) {
        return Some(Said::OutOfMemory { runtime });
    }
    let files = lowered.contains("too many open files") || text.contains("EMFILE");
    if files || says_no_instance(&lowered) {
        return Some(Said::TooManyFiles);
    }
    if says_port_taken(text) {
        return Some(Said::AddressInUse { port: port(text) });
    }
    if has_no_address(text, &lowered) {
        return Some(Said::NoAddressAvailable { peer: peer(text) });
    }
    if says_read_only(text, &lowered) {
        return Some(Said::ReadOnlyFiles { path: path(text) });
    }
    if is_denied(text, &lowered) {
        return Some(Said::PermissionDenied { path: path(text) });
    }
    if let Some(name) = missing_variable(text) {
        return Some(Said::MissingVariable { name });
    }
    if is_missing(text, &lowered) {
        return Some(Said::MissingFile { path: path(text) });
    }
    None
}

/// ENOSPC. The kernel uses the same number where a user may watch no more files, which is no full disk.
fn is_full(lowered: &str) -> bool {
    let full = lowered.contains("no space left on device")
        || lowered.contains("enospc")
        || lowered.contains("disk quota exceeded")
        || lowered.contains("not enough space on the disk");
    let watches = ["watch", "inotify", "notify"].iter().any(|it| lowered.contains(it));
    full && !watches
}

/// EROFS. What only asks whether it is so goes on: the image of nginx does, of each configuration that is mounted.
fn says_read_only(text: &str, lowered: &str) -> bool {
    let says = lowered.contains("read-only file system") || text.contains("EROFS");
    says && !lowered.contains("read-only file system?")
}

/// Whether a line says that nobody else may watch files: all inotify instances are taken that the kernel allows one user of
/// a node, in the words of Go's fsnotify, Node and .NET.
pub fn says_no_watch(text: &str) -> bool {
    let lowered = text.to_ascii_lowercase();
    let watches = ["fsnotify", "inotify", "file watcher", "open files, watch"]
        .iter()
        .any(|it| lowered.contains(it));
    let files = lowered.contains("too many open files") || text.contains("EMFILE");
    watches && files || says_no_instance(&lowered)
}

/// .NET's own words for it, in small letters.
fn says_no_instance(lowered: &str) -> bool {
    lowered.contains("limit") && lowered.contains("on the number of inotify instances has")
}

/// A runtime's own words that its heap is full. A thread that cannot be made is no full heap.
fn out_of_memory(text: &str) -> Option<Runtime> {
    if text.contains("java.lang.OutOfMemoryError") {
        let thread = text.contains("unable to create") || text.contains("native thread");
        return (!thread).then_some(Runtime::Java);
    }
    if text.contains("heap out of memory") || text.contains("Reached heap limit") {
        return Some(Runtime::Node);
    }
    // Python's last line is the class alone, or with a sentence of a library behind it.
    if text.trim_end() == "MemoryError" || text.starts_with("MemoryError: ") {
        return Some(Runtime::Python);
    }
    if text.contains("Allowed memory size of ") && text.contains(" bytes exhausted") {
        return Some(Runtime::Php);
    }
    let others = [
        "fatal error: runtime: out of memory",
        "runtime: cannot allocate memory",
        "System.OutOfMemoryException",
        "failed to allocate memory (NoMemoryError)",
        "memory allocation of ",
    ];
    let found = others.iter().find(|it| text.contains(**it))?;
    (*found != "memory allocation of " || text.contains(" bytes failed")).then_some(Runtime::Other)
}

/// Whether a line says that the address to listen at is taken: errno EADDRINUSE in the words of Go, C, Node, Python, Java
/// and Spring.
pub fn says_port_taken(text: &str) -> bool {
    let signs = [
        "address already in use",
        "Address already in use",
        "Address in use",
        "EADDRINUSE",
        "was already in use",
        "port is already allocated",
        "Only one usage of each socket address",
    ];
    signs.iter().any(|sign| text.contains(sign))
}

/// The port that is taken: `listen tcp :8080: bind`, `:::8080`, `Port 8080 was already in use`, `0.0.0.0:80 failed`.
fn port(text: &str) -> Option<u16> {
    if let Some(port) = between(text, "Port ", " was already in use") {
        return port.parse().ok();
    }
    text.split([' ', '(', ')', ',', '\'', '"']).find_map(|word| {
        let (host, port) = word.trim_end_matches([':', '.']).rsplit_once(':')?;
        port.parse::<u16>().ok().filter(|it| *it >= 20 && !is_hour(host))
    })
}

/// Whether what stands before the last colon is of a time of day: `09`, `09:45`, `2026-11-20T09:45`.
fn is_hour(host: &str) -> bool {
    let last = host.rsplit([':', 'T']).next().unwrap_or_default();
    last.len() == 2 && last.bytes().all(|it| it.is_ascii_digit())
}

/// EADDRNOTAVAIL of a call: no local port is left. To listen at an address that is not one's own fails with the same
/// number, and so does a call of `::1` where there is no IPv6.
fn has_no_address(text: &str, lowered: &str) -> bool {
    let says = lowered.contains("cannot assign requested address")
        || lowered.contains("can't assign requested address")
        || text.contains("EADDRNOTAVAIL");
    let listens = ["bind(", "bind:", " bind ", "listen", "bindexception", "could not bind"];
    says && !listens.iter().any(|it| lowered.contains(it)) && !text.contains("::")
}

/// EACCES and EPERM.
fn is_denied(text: &str, lowered: &str) -> bool {
    // What a database or the API server denies stands in other modules; ssh denies by publickey.
    let says = lowered.contains("permission denied")
        || text.contains("EACCES")
        || lowered.contains("operation not permitted")
        || text.contains("EPERM")
        || text.contains("AccessDeniedException: /");
    says && !lowered.contains("publickey")
}

/// ENOENT.
fn is_missing(text: &str, lowered: &str) -> bool {
    let says = lowered.contains("no such file or directory")
        || text.contains("ENOENT")
        || text.contains("Could not find file '/");
    // Docker's clients go on without a login.
    let needless = text.contains("no such file or directory, continuing anonymously");
    says && !says_no_command(text) && !needless && !is_file_of_client(text)
}

/// The variable that a program wants and does not find, in the words of programs and of libraries that read settings.
fn missing_variable(text: &str) -> Option<String> {
    // Who goes on without it does not need it.
    let lowered = text.to_ascii_lowercase();
    if ["default", "warn", "ignor", "optional", "skipp", "using "]
        .iter()
        .any(|it| lowered.contains(it))
    {
        return None;
    }
    // Before the name, and what ends it.
    let before: &[(&str, &[&str])] = &[
        ("KeyError: '", &["'"]), // Python
        ("KeyError: \"", &["\""]),
        ("required environment variable \"", &["\""]), // caarlos0/env
        ("required key ", &[" missing value"]),        // kelseyhightower/envconfig
        ("Could not resolve placeholder '", &["'"]),   // Spring
        ("key not found: \"", &["\""]),                // Ruby
        (
            "nvironment variable \"",
            &["\" is not set", "\" not set", "\" is required", "\" not found", "\" must"],
        ),
        (
            "nvironment variable '",
            &["' is not set", "' not set", "' is required", "' not found", "' must"],
        ),
        (
            "nvironment variable ",
            &[
                " is not set",
                " not set",
                " is required",
                " not found",
                " must be",
                " is missing",
                " is empty",
                " was not",
            ],
        ),
        ("issing required environment variable: ", &[]),
        ("issing required environment variable ", &[]),
        ("issing environment variable: ", &[]),
        ("issing environment variable ", &[]),
        ("issing required env var: ", &[]),
        ("issing required env var ", &[]),
        ("issing env var ", &[]),
        ("You must specify ", &[" to a non-empty value"]), // the image of PostgreSQL
    ];
    for (mark, ends) in before {
        let Some((_, rest)) = text.split_once(mark) else { continue };
        if ends.is_empty() {
            let word = rest.split([' ', ',', '.', ';']).next().unwrap_or_default();
            if let Some(name) = variable(word.trim_matches(['"', '\'', '`'])) {
                return Some(name);
            }
            continue;
        }
        let found = ends.iter().find_map(|end| {
            let (name, _) = rest.split_once(end)?;
            variable(name)
        });
        // A key in capitals without an underscore may be any dictionary's.
        let own = found.filter(|it| it.contains('_') || !mark.contains("KeyError"));
        if own.is_some() {
            return own;
        }
    }
    // After the name: `DB_HOST must be set`, and a shell's `DB_HOST: unbound variable`.
    let after = [
        " must be set",
        " is not set",
        " not set",
        " is required",
        " environment variable is not set",
        " environment variable is required",
        " environment variable not set",
        " env variable is not set",
        " env var is not set",
        " is undefined",
        ": unbound variable",
        ": parameter null or not set",
        ": parameter not set",
    ];
    after.iter().find_map(|mark| {
        let (head, _) = text.split_once(mark)?;
        let word = head.rsplit([' ', ':', '=', '(']).next()?;
        variable(word.trim_matches(['"', '\'', '`', '$', '{', '}'])).filter(|it| it.contains('_'))
    })
}

/// Whether a line says that a program is for another processor, in the kernel's words for ENOEXEC.
pub fn says_wrong_format(text: &str) -> bool {
    text.to_ascii_lowercase().contains("exec format error")
}

/// Whether a line says that there is no such program, in the words of shells.
pub fn says_no_command(text: &str) -> bool {
    let text = text.trim_end();
    text.ends_with(": command not found")
        || text.starts_with("exec: ") && text.ends_with(": not found")
        || text.contains("sh: ") && text.ends_with(": not found")
        || text.starts_with("exec ") && text.ends_with(": no such file or directory")
        || text.contains("executable file not found in $PATH")
}

/// Whether a line says that a disk does not answer: errno EIO in the words of C, Go and Node, and EUCLEAN.
pub fn says_io_error(text: &str) -> bool {
    let signs = [
        "Input/output error",
        "input/output error",
        "EIO: i/o error",
        "Structure needs cleaning",
        "structure needs cleaning",
    ];
    signs.iter().any(|sign| text.contains(sign))
}

#[cfg(test)]
mod tests {
    use super::said;
    use crate::case::words::said::{Runtime, Said};

    #[test]
    fn knows_what_the_kernel_refuses() {
        let at = |path: &str| Some(path.to_owned());
        for (text, expected) in [
            (
                "OSError: [Errno 28] No space left on device: '/data/x'",
                Said::OutOfSpace { path: at("/data/x") },
            ),
            ("Error: ENOSPC: no space left on device, write", Said::OutOfSpace { path: None }),
            ("accept tcp [::]:8080: accept4: too many open files", Said::TooManyFiles),
            ("Error: EMFILE: too many open files, open '/app/x'", Said::TooManyFiles),
            ("failed to create fsnotify watcher: too many open files", Said::TooManyFiles),
            (
                "System.IO.IOException: The configured user limit (128) on the number of inotify instances has been reached, or the per-process limit on the number of open file descriptors has been reached.",
                Said::TooManyFiles,
            ),
            (
                "listen tcp :8080: bind: address already in use",
                Said::AddressInUse { port: Some(8080) },
            ),
            (
                "Error: listen EADDRINUSE: address already in use :::3000",
                Said::AddressInUse { port: Some(3000) },
            ),
            (
                "Web server failed to start. Port 8080 was already in use.",
                Said::AddressInUse { port: Some(8080) },
            ),
            (
                "2026/11/20 09:00:45 [emerg] 1#1: bind() to 0.0.0.0:80 failed (98: Address already in use)",
                Said::AddressInUse { port: Some(80) },
            ),
            (
                "mkdir: can't create directory '/data/db': Permission denied",
                Said::PermissionDenied { path: at("/data/db") },
            ),
            (
                "Error: EACCES: permission denied, mkdir '/data/x'",
                Said::PermissionDenied { path: at("/data/x") },
            ),
            ("open /data/x: read-only file system", Said::ReadOnlyFiles { path: at("/data/x") }),
            (
                "open /etc/app/x.yaml: no such file or directory",
                Said::MissingFile { path: at("/etc/app/x.yaml") },
            ),
            (
                "FileNotFoundError: [Errno 2] No such file or directory: '/x/y'",
                Said::MissingFile { path: at("/x/y") },
            ),
            (
                "java.lang.OutOfMemoryError: Java heap space",
                Said::OutOfMemory { runtime: Runtime::Java },
            ),
            (
                "FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory",
                Said::OutOfMemory { runtime: Runtime::Node },
            ),
            ("MemoryError", Said::OutOfMemory { runtime: Runtime::Python }),
            (
                "dial tcp 10.96.0.7:80: connect: cannot assign requested address",
                Said::NoAddressAvailable { peer: super::peer("10.96.0.7:80") },
            ),
        ] {
            assert_eq!(said(text), Some(expected), "{text}");
        }
    }

    #[test]
    fn takes_out_the_variable_that_is_not_set() {
        for text in [
            "KeyError: 'DB_HOST'",
            "DB_HOST must be set",
            "Error: DB_HOST environment variable is not set",
            "panic: required key DB_HOST missing value",
            "env: required environment variable \"DB_HOST\" is not set",
            "Could not resolve placeholder 'DB_HOST' in value \"${DB_HOST}\"",
            "/run.sh: line 3: DB_HOST: unbound variable",
            "Missing required environment variable: DB_HOST",
        ] {
            assert_eq!(
                said(text),
                Some(Said::MissingVariable { name: "DB_HOST".to_owned() }),
                "{text}"
            );
        }
    }

    #[test]
    fn leaves_alone_what_only_sounds_alike() {
        for text in [
            "10-listen-on-ipv6-by-default.sh: info: can not modify /etc/nginx/conf.d/default.conf (read-only file system?)",
            "Error: ENOSPC: System limit for number of file watchers reached, watch '/app'",
            "listen tcp 10.1.2.3:80: bind: cannot assign requested address",
            "connect EADDRNOTAVAIL ::1:6379",
            "java.lang.OutOfMemoryError: unable to create native thread",
            "KeyError: 'items'",
            "the field name is required",
            "DB_HOST is not set, using localhost",
            "The \"DB_HOST\" variable is not set. Defaulting to a blank string.",
        ] {
            assert_eq!(said(text), None, "{text}");
        }
    }
}
