//! Which ConfigMap or Secret holds the file that the log of a failing program complains of.

use super::Case;
use super::containers::Running;
use super::words::program::says_own_fault;
use crate::seen::Presence;
use evidence::entity::Entity;
use evidence::fact::access::Config;
use evidence::fact::event::Log;
use evidence::fact::spec::{ObjectRef, VolumeRef};

/// A line that merely names a file and speaks of an error counts among the last words only: what was said earlier the
/// program lived with.
const LAST_WORDS: usize = 10;

/// A file of a ConfigMap or Secret that a log complains of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Blamed {
    /// The object that holds it.
    pub object: Entity,
    /// Its key, where that is known.
    pub key: Option<String>,
    /// Where it is mounted.
    pub place: String,
}

impl Blamed {
    /// The field of the object that holds the file.
    pub fn field(&self) -> Option<String> {
        self.key.as_ref().map(|key| format!("data.{key}"))
    }
}

impl Case {
    /// The file of a ConfigMap or Secret that the errors of a container's log name: by its path, or by its key and a place
    /// in it, as `sites.yaml:10`. The last one counts.
    pub fn blamed_file(&self, container: &Running<'_>, log: &Log) -> Option<Blamed> {
        let count = log.lines.len();
        log.lines.iter().enumerate().rev().find_map(|(at, line)| {
            let late = at + LAST_WORDS >= count;
            self.blamed_in(container, &line.text, late)
        })
    }

    fn blamed_in(&self, container: &Running<'_>, text: &str, late: bool) -> Option<Blamed> {
        // A frame of Python's or Node's trace tells where the code is, and not what it read.
        let trimmed = text.trim_start();
        if trimmed.starts_with("File \"") || trimmed.starts_with("at ") {
            return None;
        }
        let own = says_own_fault(text);
        for (path, rest) in paths(text) {
            if !(own || says_place(rest) || late && says_error(text)) {
                continue;
            }
            let Some(mounted) = container.mounted_at(path) else { continue };
            let Some(volume) = mounted.volume else { continue };
            let below = path.strip_prefix(mounted.mount.path.trim_end_matches('/'));
            let file = below.unwrap_or_default().trim_start_matches('/');
            let file = if file.is_empty() { &mounted.mount.sub_path } else { file };
            let found = self.held(container, volume, file, &mounted.mount.path);
            if found.is_some() {
                return found;
            }
        }
        for mounted in container.mounted() {
            let Some(volume) = mounted.volume else { continue };
            let Some(object) = mounted_object(container, &volume.object) else { continue };
            let Some(config) = self.config(&object.kind, &object.namespace, &object.name).seen()
            else {
                continue;
            };
            for key in keys(config.it).into_iter().filter(|it| it.contains('.')) {
                let Some((before, rest)) = text.split_once(key) else { continue };
                let whole = !before.ends_with(|c: char| c.is_alphanumeric() || "/._-".contains(c));
                if whole && says_place(rest) {
                    return self.held(container, volume, key, &mounted.mount.path);
                }
            }
        }
        None
    }

    fn held(
        &self,
        container: &Running<'_>,
        volume: &VolumeRef,
        file: &str,
        place: &str,
    ) -> Option<Blamed> {
        let object = mounted_object(container, &volume.object)?;
        let key = match self.config(&object.kind, &object.namespace, &object.name) {
            Presence::Present(config) => keys(config.it).into_iter().find(|it| *it == file),
            // It need not be there.
            Presence::Unknown if volume.object.optional => return None,
            // A volume without items shows each key under its name; one with items may show it under another.
            Presence::Unknown => Some(file).filter(|it| {
                let shown = volume.keys.is_empty() || volume.keys.iter().any(|key| key == it);
                shown && !it.is_empty() && !it.contains('/')
            }),
            Presence::Absent => return None,
        };
        Some(Blamed { object, key: key.map(str::to_owned), place: place.to_owned() })
    }
}

/// The ConfigMap or Secret that a volume shows.
fn mounted_object(container: &Running<'_>, object: &ObjectRef) -> Option<Entity> {
    let is_config = matches!(object.kind.as_str(), "ConfigMap" | "Secret");
    is_config.then(|| Entity::new(&object.kind, &container.pod.it.meta.namespace, &object.name))
}

/// The keys of an object: as it has them, or as those wrote them who wrote it.
fn keys(config: &Config) -> Vec<&str> {
    let written = config.meta.touches.iter().flat_map(|it| &it.fields);
    let written = written.filter_map(|it| it.strip_prefix("data."));
    config.keys.iter().flatten().map(String::as_str).chain(written).collect()
}

/// The absolute paths in a text, each with what follows it.
fn paths(text: &str) -> Vec<(&str, &str)> {
    let part = |c: char| c.is_ascii_alphanumeric() || "/._-+@".contains(c);
    let mut found = Vec::new();
    let mut from = 0;
    while let Some(rest) = text.get(from..)
        && let Some(start) = rest.find('/')
    {
        let start = from + start;
        let before = text.get(..start).and_then(|it| it.chars().last());
        let here = text.get(start..).unwrap_or_default();
        let end = here.find(|c: char| !part(c)).unwrap_or(here.len());
        let word = here.get(..end).unwrap_or_default();
        let opens = before.is_none_or(|it| !part(it) && it != ':');
        let path = word.trim_end_matches('.');
        if opens && path.len() > 1 {
            found.push((path, here.get(path.len()..).unwrap_or_default()));
        }
        from = start + end.max(1);
    }
    found
}

/// Whether a text goes on with a place in the file before it: `:14`, `", line 10, column 14`, ` on line 3`, `(3)`.
fn says_place(rest: &str) -> bool {
    let rest = rest.trim_start_matches(['"', '\'', '`', '’', ' ', ',', ')']);
    let digit = |it: &str| it.starts_with(|c: char| c.is_ascii_digit());
    let numbered =
        [":", "(", "[", ": ", "line ", "on line ", "at line ", "(line ", "[line ", ": line "];
    numbered.iter().any(|it| rest.strip_prefix(it).is_some_and(digit))
}

/// Whether a line speaks of an error, in the words that programs have for files that they cannot read.
fn says_error(text: &str) -> bool {
    let lowered = text.to_ascii_lowercase();
    let signs = [
        "error",
        "invalid",
        "syntax",
        "unexpected",
        "malformed",
        "cannot",
        "could not",
        "couldn't",
        "unable to",
        "failed to",
        "is not valid",
        "fatal",
    ];
    signs.iter().any(|sign| lowered.contains(sign))
}

#[cfg(test)]
mod tests {
    use super::{paths, says_place};

    #[test]
    fn takes_paths_and_what_follows() {
        for (text, expected) in [
            ("in \"/etc/a/b.yaml\", line 10", vec![("/etc/a/b.yaml", "\", line 10")]),
            ("parsing [/etc/h.cfg:14] : x", vec![("/etc/h.cfg", ":14] : x")]),
            ("see http://a/b.", vec![]),
            ("cp /a/b. /c", vec![("/a/b", ". /c"), ("/c", "")]),
            ("a/b", vec![]),
        ] {
            assert_eq!(paths(text), expected, "{text}");
        }
    }

    #[test]
    fn knows_places_in_files() {
        for rest in
            [":14] : 'server'", "\", line 10, column 3", " on line 3", ":3:7: bad", "' (line 3)"]
        {
            assert!(says_place(rest), "{rest}");
        }
        for rest in ["", ": no such file or directory", " was loaded", ": permission denied"] {
            assert!(!says_place(rest), "{rest}");
        }
    }
}
