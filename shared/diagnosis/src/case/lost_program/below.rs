//! What a runtime misses where the spec sets the directory that it works in: only what is looked for below that.

use crate::case::containers::Running;
use crate::case::words::names::name;
use crate::case::words::starts::{missing_package, missing_start};
use evidence::fact::event::Line;
use evidence::fact::spec::Container;

/// Tools that start a package of Node.
const PACKERS: [&str; 5] = ["npm", "npx", "yarn", "pnpm", "corepack"];
/// Flags of the JVM before the places of classes.
const CLASS_PATHS: [&str; 3] = ["-cp", "-classpath", "--class-path"];

/// The name of what is to start, where it is looked for below the working directory and lies on no volume.
pub(super) fn looked_for(container: &Running<'_>, lines: &[&Line]) -> Option<String> {
    let spec = container.spec;
    let directory = spec.working_dir.trim_end_matches('/');
    let words = words(spec);
    // A script may go elsewhere first, and what is on a volume is nothing of the image.
    if !directory.starts_with('/') || words.contains(&"cd") {
        return None;
    }
    let found = lines.iter().find_map(|line| {
        if let Some(of) = missing_package(&line.text) {
            let packer = words.is_empty() || words.iter().any(|it| PACKERS.contains(it));
            return (packer && of == directory).then_some("package.json");
        }
        let missed = missing_start(&line.text)?;
        if line.text.contains("main class ") {
            return is_class_below(spec, &words, missed).then_some(missed);
        }
        word_for(&words, directory, missed)
    })?;
    let path = joined(directory, found).filter(|it| container.mounted_at(it).is_none())?;
    name(path.strip_prefix(directory)?.trim_start_matches('/')).or_else(|| name(&path))
}

/// The word of the command that a runtime's name for what it misses means. Where the image has the command, a name without
/// its directory is looked for where the program works, too.
fn word_for<'a>(words: &[&'a str], directory: &str, missed: &'a str) -> Option<&'a str> {
    if words.is_empty() {
        return (!missed.starts_with('/')).then_some(missed);
    }
    let mut relative = words.iter().filter(|it| !it.starts_with(['/', '-', '$']));
    relative
        .find(|it| **it == missed || joined(directory, it).is_some_and(|path| path == missed))
        .copied()
}

/// Whether the JVM looks for its main class in nothing but the working directory.
fn is_class_below(spec: &Container, words: &[&str], class: &str) -> bool {
    if !words.contains(&class) {
        return false;
    }
    let at = words.iter().position(|it| CLASS_PATHS.contains(it));
    match at.and_then(|at| words.get(at + 1)) {
        Some(places) => places.split(':').all(|it| !it.starts_with(['/', '$', '@'])),
        // Without that flag it is a variable that tells.
        None => spec.env_from.is_empty() && !spec.env.iter().any(|it| it.name == "CLASSPATH"),
    }
}

/// A path below a directory, as runtimes write it; none for one that leads out of it.
fn joined(directory: &str, path: &str) -> Option<String> {
    let path = path.strip_prefix("./").unwrap_or(path).trim_end_matches('/');
    match path {
        "." | "" => Some(directory.to_owned()),
        _ if path.starts_with('/') || path.split('/').any(|it| it == "..") => None,
        _ => Some(format!("{directory}/{path}")),
    }
}

/// The words of its command, those of a script too.
fn words(spec: &Container) -> Vec<&str> {
    let all = spec.command.iter().chain(&spec.args);
    all.flat_map(|it| it.split_whitespace()).collect()
}
