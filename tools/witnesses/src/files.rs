//! Paths in the repository, and the few file operations that the witnesses need.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, ensure};

/// The repository.
pub fn root() -> PathBuf {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    package.ancestors().nth(2).unwrap_or(package).to_path_buf()
}

/// A folder or file of what we ship.
pub fn generated(path: &str) -> PathBuf {
    root().join("generated").join(path)
}

/// Cargo's target directory, wherever it was put: the one that `make` assumes.
pub fn target() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from)
}

/// Writes a file, and the folders above it.
pub fn write(path: &Path, content: impl AsRef<[u8]>) -> Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).with_context(|| format!("creating {}", folder.display()))?;
    }
    fs::write(path, content).with_context(|| format!("writing {}", path.display()))
}

/// Every file below a folder, sorted, without hidden ones (Terraform keeps its own there).
pub fn files_below(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(folder) = folders.pop() {
        let entries = fs::read_dir(&folder).with_context(|| format!("listing {}", folder.display()))?;
        for entry in entries {
            let entry = entry?;
            if entry.file_name().to_string_lossy().starts_with('.') {
                continue;
            }
            if entry.file_type()?.is_dir() {
                folders.push(entry.path());
            } else {
                found.push(entry.path());
            }
        }
    }
    found.sort();
    Ok(found)
}

/// The files below a folder with this extension. None at all is an error, because a check of nothing proves nothing.
pub fn files_with_extension(folder: &Path, extension: &str) -> Result<Vec<PathBuf>> {
    let mut found = files_below(folder)?;
    found.retain(|file| file.extension().is_some_and(|end| end == extension));
    ensure!(!found.is_empty(), "no *.{extension} below {}", folder.display());
    Ok(found)
}

/// Copies a folder without its hidden files.
pub fn copy_folder(from: &Path, to: &Path) -> Result<()> {
    for file in files_below(from)? {
        let content = fs::read(&file).with_context(|| format!("reading {}", file.display()))?;
        write(&to.join(file.strip_prefix(from)?), content)?;
    }
    Ok(())
}
