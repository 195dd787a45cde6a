//! `jit-runners.yaml`: what is chosen when the files are generated.
//!
//! ```text
//! bytes -> located tree -> Choices -> Deployment        reading: every problem of the file in one run
//! Choices::default() -> Document -> schema -> template  writing: what `schema` prints and `init` writes
//! ```

mod decode;
mod document;
mod inputs;
mod schema;
#[cfg(test)]
mod tests;

use std::{
    fmt,
    path::{Path, PathBuf},
    sync::Arc,
};

use jit_runners_model::{Choices, Deployment, choices::ChoiceProblem};
use jit_runners_yaml::{self as yaml, Place, Problem, ProblemKind, excerpt};

pub(crate) use schema::{schema, template};

use crate::disk::{self, DiskError};

/// The configuration file that is read where none is named.
pub(crate) const DEFAULT_FILE: &str = "jit-runners.yaml";
/// What people call it when they do not know.
const SIMILAR_FILE: &str = "jit-runners.yml";

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

/// A deployment, and how it came about.
#[derive(Debug)]
pub(crate) struct Loaded {
    /// The deployment.
    pub deployment: Deployment,
    /// What it was made from.
    pub source: Source,
    /// What is valid and will probably not do what was meant, in the order of the file.
    pub advice: Vec<Problem>,
    /// A file that looks like a configuration and was not read, because it has another name or stands elsewhere.
    pub passed_over: Option<PathBuf>,
}

/// What a deployment was made from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Source {
    /// A configuration file, as the person named it.
    File(PathBuf),
    /// Nothing: there is no configuration file.
    Defaults,
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => write!(f, "with {}", path.display()),
            Self::Defaults => write!(f, "no {DEFAULT_FILE}: defaults"),
        }
    }
}

/// The deployment that the file at `path` describes. Without a path, it is [`DEFAULT_FILE`] if there is one, and the
/// default deployment otherwise.
pub(crate) fn load(path: Option<&Path>) -> Result<Loaded, ConfigError> {
    let usual = Path::new(DEFAULT_FILE);
    let source = match path {
        Some(path) => Source::File(path.to_owned()),
        None if disk::exists(usual) => Source::File(usual.to_owned()),
        None => Source::Defaults,
    };
    let (name, bytes) = match &source {
        Source::File(path) => (path.as_path(), disk::read(path, yaml::MAX_BYTES)?),
        Source::Defaults => (usual, Vec::new()),
    };
    let passed_over = match source {
        Source::File(_) => None,
        Source::Defaults => disk::near(DEFAULT_FILE, SIMILAR_FILE),
    };
    let (deployment, advice) = deployment(&name.to_string_lossy(), &bytes)?;
    Ok(Loaded { deployment, source, advice, passed_over })
}

/// The deployment that the file called `file` with these `bytes` describes, and what is to be said about it.
pub(crate) fn deployment(file: &str, bytes: &[u8]) -> Result<(Deployment, Vec<Problem>), Refused> {
    let file: Arc<str> = file.into();
    let parsed = yaml::parse(&file, bytes);
    let mut problems: Vec<_> = parsed
        .problems
        .into_iter()
        .map(|problem| Problem { place: problem.place, path: Vec::new(), kind: problem.kind.into() })
        .collect();
    let root = parsed.root.as_ref();
    let choices = root.map_or_else(Choices::default, |root| decode::choices(root, &mut problems));
    let name = choices.name.to_string();
    let in_file = |found: ChoiceProblem| Problem {
        place: root.map_or_else(|| Place::whole(Arc::clone(&file)), |root| root.place_of(&found.path)),
        path: found.path,
        // The model tells the name in full, however long it is.
        kind: ProblemKind::Told { message: found.message.replace(&name, &excerpt(&name)) },
    };
    match Deployment::new(choices) {
        Ok(deployment) if problems.is_empty() => {
            let mut advice: Vec<_> = deployment.choices().advice().into_iter().map(in_file).collect();
            advice.sort_by(|one, other| one.place.cmp(&other.place));
            return Ok((deployment, advice));
        }
        Ok(_) => {}
        Err(refused) => problems.extend(refused.problems.into_iter().map(in_file)),
    }
    problems.sort_by(|one, other| one.place.cmp(&other.place));
    Err(Refused { problems })
}
