//! A checkout as the rules see it: its packages and its files.

use std::fs;
use std::path::{Path, PathBuf};

/// Folders that are not ours to judge: build output, and recorded incidents, which quote others.
const NOT_OURS: [&str; 4] = ["target", "node_modules", "demos", "scenarios"];

/// A checkout.
pub(crate) struct House {
    root: PathBuf,
    /// Every package below `shared`, `servers`, `tests` and `xtask`, by folder.
    pub(crate) packages: Vec<Package>,
    /// Every file, relative to the root, sorted.
    pub(crate) files: Vec<String>,
}

/// One package of the workspace.
pub(crate) struct Package {
    pub(crate) name: String,
    /// Relative to the root, such as `shared/evidence`.
    pub(crate) folder: String,
    pub(crate) manifest: toml::Table,
}

/// One line of a manifest that names another package.
pub(crate) struct Dependency {
    pub(crate) name: String,
    pub(crate) for_tests: bool,
    pub(crate) inherited: bool,
    pub(crate) features: usize,
}

impl House {
    /// The checkout in `root`. What cannot be read is not there, and its absence is a violation of some rule.
    pub(crate) fn at(root: impl Into<PathBuf>) -> Self {
        let root = root.into();
        let mut files = Vec::new();
        walk(&root, "", &mut files);
        files.sort();
        let mut house = House { root, packages: Vec::new(), files };
        house.packages = house
            .files
            .iter()
            .filter_map(|file| file.strip_suffix("/Cargo.toml"))
            .filter_map(|folder| house.package(folder))
            .collect();
        house
    }

    /// The text of a file; empty where there is none.
    pub(crate) fn text(&self, file: &str) -> String {
        fs::read_to_string(self.root.join(file)).unwrap_or_default()
    }

    /// Whether there is such a file or folder.
    pub(crate) fn has(&self, path: &str) -> bool {
        self.root.join(path).exists()
    }

    /// The names, without `extension`, of the files that lie in `folder` itself.
    pub(crate) fn stems<'a>(&'a self, folder: &str, extension: &str) -> Vec<&'a str> {
        let mut stems = Vec::new();
        for file in &self.files {
            let inside = file.strip_prefix(folder).and_then(|rest| rest.strip_prefix('/'));
            let Some(stem) = inside.and_then(|rest| rest.strip_suffix(extension)) else { continue };
            if !stem.contains('/') {
                stems.push(stem);
            }
        }
        stems
    }

    fn package(&self, folder: &str) -> Option<Package> {
        let manifest: toml::Table = self.text(&format!("{folder}/Cargo.toml")).parse().ok()?;
        let name = manifest.get("package")?.get("name")?.as_str()?.to_owned();
        Some(Package { name, folder: folder.to_owned(), manifest })
    }
}

impl Package {
    /// Everything that the manifest depends on, for whatever purpose and platform.
    pub(crate) fn dependencies(&self) -> Vec<Dependency> {
        let mut found = dependencies_in(&self.manifest);
        let targets = self.manifest.get("target").and_then(toml::Value::as_table);
        for target in targets.into_iter().flatten().filter_map(|(_, it)| it.as_table()) {
            found.extend(dependencies_in(target));
        }
        found
    }
}

fn dependencies_in(table: &toml::Table) -> Vec<Dependency> {
    let mut found = Vec::new();
    for section in ["dependencies", "build-dependencies", "dev-dependencies"] {
        let lines = table.get(section).and_then(toml::Value::as_table);
        for (key, value) in lines.into_iter().flatten() {
            let name = value.get("package").and_then(toml::Value::as_str).unwrap_or(key);
            let features = value.get("features").and_then(toml::Value::as_array);
            found.push(Dependency {
                name: name.to_owned(),
                for_tests: section == "dev-dependencies",
                inherited: value.get("workspace").and_then(toml::Value::as_bool) == Some(true),
                features: features.map_or(0, Vec::len),
            });
        }
    }
    found
}

fn walk(root: &Path, below: &str, files: &mut Vec<String>) {
    let Ok(entries) = fs::read_dir(root.join(below)) else { return };
    for entry in entries.flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        if name == ".git" || NOT_OURS.contains(&name.as_str()) {
            continue;
        }
        let path = if below.is_empty() { name } else { format!("{below}/{name}") };
        match entry.file_type() {
            Ok(kind) if kind.is_dir() => walk(root, &path, files),
            Ok(kind) if kind.is_file() => files.push(path),
            // A link is judged where it points to, not where it stands.
            _ => {}
        }
    }
}

/// A made-up checkout, to see that a rule can fail.
#[cfg(test)]
pub(crate) fn made_of(files: &[(&str, &str)]) -> (tempfile::TempDir, House) {
    let folder = tempfile::tempdir().unwrap();
    for (path, text) in files {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    let house = House::at(folder.path());
    (folder, house)
}
