//! `jit-runners.yaml`: what is chosen when the files are generated.
//!
//! ```text
//! bytes -> located tree -> Choices -> Deployment        reading: every problem of the file in one run
//! Choices::default() -> Document -> schema -> template  writing: what `schema` prints and `init` writes
//! ```

mod decode;
mod document;
mod fields;
mod problem;
mod quantity;
mod scalar;
mod schema;
mod template;
#[cfg(test)]
mod tests;

use std::{fmt, path::Path, sync::Arc};

use jit_runners_model::{Choices, Deployment};

pub(crate) use problem::{Problem, ProblemKind};
pub(crate) use schema::schema;
pub(crate) use template::template;

use crate::{
    disk::{self, DiskError},
    read::{self, Place, excerpt},
};

/// The configuration file that is read where nobody names one.
pub(crate) const DEFAULT_FILE: &str = "jit-runners.yaml";

/// Why there is no deployment.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ConfigError {
    /// The file cannot be read.
    #[error(transparent)]
    Unreadable(#[from] DiskError),
    /// It can be read, and is wrong.
    #[error(transparent)]
    Refused(#[from] Refused),
}

/// Why a configuration file was refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refused {
    /// Everything that is wrong, in the order of the file.
    pub problems: Vec<Problem>,
}

impl std::error::Error for Refused {}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let plural = if self.problems.len() == 1 { "" } else { "s" };
        write!(f, "{} problem{plural} in the configuration; nothing was done", self.problems.len())?;
        self.problems.iter().try_for_each(|problem| write!(f, "\n{problem}"))
    }
}

/// The deployment that the file at `path` describes. Without a path, it is [`DEFAULT_FILE`] if there is one, and the
/// default deployment otherwise.
pub(crate) fn load(path: Option<&Path>) -> Result<Deployment, ConfigError> {
    let usual = Path::new(DEFAULT_FILE);
    let bytes = match path {
        Some(path) => disk::read(path, read::MAX_BYTES)?,
        None if disk::exists(usual) => disk::read(usual, read::MAX_BYTES)?,
        None => Vec::new(),
    };
    Ok(deployment(&path.unwrap_or(usual).to_string_lossy(), &bytes)?)
}

/// The deployment that the file called `file` with these `bytes` describes.
pub(crate) fn deployment(file: &str, bytes: &[u8]) -> Result<Deployment, Refused> {
    let file: Arc<str> = file.into();
    let parsed = read::parse(&file, bytes);
    let mut problems: Vec<_> = parsed
        .problems
        .into_iter()
        .map(|problem| Problem { place: problem.place, path: Vec::new(), kind: problem.kind.into() })
        .collect();
    let root = parsed.root.as_ref();
    let choices = root.map_or_else(Choices::default, |root| decode::choices(root, &mut problems));
    let name = choices.name.to_string();
    match Deployment::new(choices) {
        Ok(deployment) if problems.is_empty() => return Ok(deployment),
        Ok(_) => {}
        Err(refused) => problems.extend(refused.problems.into_iter().map(|problem| Problem {
            place: root.map_or_else(|| Place::whole(Arc::clone(&file)), |root| root.place_of(&problem.path)),
            path: problem.path,
            // The model tells the name in full, however long it is.
            kind: ProblemKind::BrokenRule { message: problem.message.replace(&name, &excerpt(&name)) },
        })),
    }
    problems.sort_by(|one, other| one.place.cmp(&other.place));
    Err(Refused { problems })
}
