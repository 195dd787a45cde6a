//! The files of a Terraform module.

use std::{
    ffi::OsStr,
    fs, io,
    path::{Path, PathBuf},
};

use jit_runners_check::{Beside, MAX_PLAN_BYTES, OtherFiles, SourceFile};
use jit_runners_yaml::MAX_BYTES;

use super::{DiskError, read};

/// Files of a module, at most.
const MOST_FILES: usize = 500;
/// Bytes of a module, at most.
const MOST_BYTES: usize = 16 * MAX_BYTES;

/// What the name of a file in a module's folder says
/// (<https://developer.hashicorp.com/terraform/language/files>).
#[derive(Debug, PartialEq, Eq)]
enum Role {
    /// A part of the module.
    Part,
    /// A file that changes what the others say.
    Override,
    /// Values of the module's variables, which Terraform takes without being asked.
    Values,
    /// A part of the module that the check does not understand.
    Outside,
    /// Nothing to Terraform.
    Other,
}

impl Role {
    fn of(name: &str) -> Self {
        // Editors keep their own copies beside a file, and Terraform passes over them, too
        // (`IsIgnoredFile` in <https://github.com/hashicorp/terraform/blob/main/internal/configs/parser_config_dir.go>).
        if name.starts_with('.') || name.ends_with('~') || (name.starts_with('#') && name.ends_with('#')) {
            return Self::Other;
        }
        // OpenTofu reads `x.tofu` instead of `x.tf` (<https://opentofu.org/docs/language/files/>).
        if [".tf.json", ".tofu", ".tofu.json"].iter().any(|ending| name.ends_with(ending)) {
            return Self::Outside;
        }
        let is_values = |ending: &str| {
            let stem = name.strip_suffix(ending);
            stem.is_some_and(|stem| stem == "terraform" || stem.strip_suffix(".auto").is_some())
        };
        if is_values(".tfvars") || is_values(".tfvars.json") {
            return Self::Values;
        }
        match name.strip_suffix(".tf") {
            Some(stem) if stem == "override" || stem.ends_with("_override") => Self::Override,
            Some(_) => Self::Part,
            None => Self::Other,
        }
    }
}

/// The `*.tf` files in `folder`, sorted by name, and the values beside them; each at most one byte longer than a reader takes.
pub(crate) fn terraform_files(folder: &Path) -> Result<Vec<SourceFile>, DiskError> {
    let Names { mut parts, overrides, values } = names(folder)?;
    if let Some(path) = overrides.into_iter().next() {
        return Err(DiskError::OutsideTheSubset { path });
    }
    parts.extend(values);
    read_all(folder, &parts)
}

/// The `*.tf` files in `folder`: those whose names `is_own` knows, and those that somebody else put beside them.
pub(crate) fn generated_module(
    folder: &Path,
    is_own: impl Fn(&str) -> bool,
) -> Result<(Vec<SourceFile>, OtherFiles), DiskError> {
    // Values for the generated module are those of whoever deploys it.
    let Names { parts, overrides, values: _ } = names(folder)?;
    let is_own = |path: &PathBuf| path.file_name().and_then(OsStr::to_str).is_some_and(&is_own);
    let (own, others): (Vec<_>, Vec<_>) = parts.into_iter().partition(is_own);
    let own = read_all(folder, &own)?;
    let others = OtherFiles {
        parts: read_all(folder, &others)?,
        overrides: read_all(folder, &overrides)?,
        beside: beside(folder),
    };
    Ok((own, others))
}

/// The files in the folder of a module and below it. What a link leads out of the folder to, is not there.
pub(crate) fn beside(folder: &Path) -> Beside {
    let folder = folder.to_owned();
    Beside::new(move |path| {
        let root = folder.canonicalize().ok()?;
        let file = root.join(path).canonicalize().ok()?;
        let is_plain = file.starts_with(&root) && file.is_file();
        if is_plain { read(&file, MAX_BYTES).ok().filter(|bytes| bytes.len() <= MAX_BYTES) } else { None }
    })
}

/// The files of a module, sorted by name.
struct Names {
    parts: Vec<PathBuf>,
    overrides: Vec<PathBuf>,
    values: Vec<PathBuf>,
}

fn names(folder: &Path) -> Result<Names, DiskError> {
    let unreadable = |source: io::Error| match source.kind() {
        io::ErrorKind::NotFound => DiskError::NoModuleFolder { path: folder.to_owned() },
        io::ErrorKind::NotADirectory if folder.is_file() => DiskError::NotAFolder { path: folder.to_owned() },
        _ => DiskError::Read { path: folder.to_owned(), source },
    };
    let (mut parts, mut overrides, mut values) = (Vec::new(), Vec::new(), Vec::new());
    let mut outside = Vec::new();
    for entry in fs::read_dir(folder).map_err(unreadable)? {
        let name = entry.map_err(unreadable)?.file_name();
        let path = folder.join(&name);
        match (Role::of(&name.to_string_lossy()), name.to_str()) {
            (Role::Part, Some(_)) => parts.push(path),
            (Role::Override, Some(_)) => overrides.push(path),
            (Role::Values, Some(_)) => values.push(path),
            (Role::Part | Role::Override | Role::Values, None) => {
                outside.push(DiskError::NameNotText { path });
            }
            (Role::Outside, _) => outside.push(DiskError::OutsideTheSubset { path }),
            (Role::Other, _) => {}
        }
    }
    // Folders have no order; the message must not change from run to run.
    outside.sort_by_key(ToString::to_string);
    if let Some(first) = outside.into_iter().next() {
        return Err(first);
    }
    if parts.is_empty() {
        return Err(DiskError::NoModule { path: folder.to_owned() });
    }
    if parts.len() + overrides.len() + values.len() > MOST_FILES {
        return Err(DiskError::TooManyFiles { path: folder.to_owned(), most: MOST_FILES });
    }
    parts.sort();
    overrides.sort();
    values.sort();
    Ok(Names { parts, overrides, values })
}

fn read_all(folder: &Path, paths: &[PathBuf]) -> Result<Vec<SourceFile>, DiskError> {
    let mut bytes = 0;
    let mut files = Vec::new();
    for path in paths {
        // Reading a pipe could take forever. What is a folder, or not there, reading says better.
        if path.metadata().is_ok_and(|found| !found.is_file() && !found.is_dir()) {
            let source = io::Error::other("it is not a plain file");
            return Err(DiskError::Read { path: path.clone(), source });
        }
        let file = source_file(path)?;
        bytes += file.bytes.len();
        if bytes > MOST_BYTES {
            return Err(DiskError::TooManyBytes { path: folder.to_owned(), most: MOST_BYTES });
        }
        files.push(file);
    }
    Ok(files)
}

/// The file at `path`, at most one byte longer than a reader takes.
pub(crate) fn source_file(path: &Path) -> Result<SourceFile, DiskError> {
    up_to(path, MAX_BYTES)
}

/// The plan at `path`, at most one byte longer than its reader takes.
pub(crate) fn plan_file(path: &Path) -> Result<SourceFile, DiskError> {
    up_to(path, MAX_PLAN_BYTES)
}

fn up_to(path: &Path, most: usize) -> Result<SourceFile, DiskError> {
    Ok(SourceFile::new(path.display().to_string(), read(path, most)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_say_what_files_are() {
        for (name, role) in [
            ("main.tf", Role::Part),
            ("overrides.tf", Role::Part),
            ("override.tf", Role::Override),
            ("a_override.tf", Role::Override),
            ("main.tf.json", Role::Outside),
            ("override.tf.json", Role::Outside),
            ("main.tofu", Role::Outside),
            ("main.tofu.json", Role::Outside),
            (".main.tf", Role::Other),
            (".main_override.tf", Role::Other),
            ("main.tf~", Role::Other),
            ("#main.tf#", Role::Other),
            ("main.tftest.hcl", Role::Other),
            ("terraform.tfvars", Role::Values),
            ("terraform.tfvars.json", Role::Values),
            ("x.auto.tfvars", Role::Values),
            ("production.tfvars", Role::Other),
        ] {
            assert_eq!(Role::of(name), role, "{name}");
        }
    }
}
