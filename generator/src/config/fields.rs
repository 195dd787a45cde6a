//! Walks the keys of a mapping and remembers which ones were asked for, so that what is known to the decoder and
//! what is refused as unknown can never differ.

use jit_runners_check::read::{Entry, Located, Place, Scalar, YamlValue};
use jit_runners_model::{Choices, Deployment, stack::inputs::chosen_default};

use super::{
    problem::{Problem, ProblemKind, closest},
    scalar,
};

/// The keys of one mapping.
pub(super) struct Fields<'a> {
    entries: &'a [Entry],
    place: Place,
    path: Vec<String>,
    asked: Vec<&'static str>,
    /// Something else stands there, and that was reported; missing keys need not be.
    refused: bool,
}

/// What became of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Given {
    /// It is not in the file.
    No,
    /// Its value was taken.
    Yes,
    /// Its value was refused.
    Refused,
}

impl<'a> Fields<'a> {
    /// The keys of `node`, which `path` leads to. Nothing (`key:`) is no keys.
    pub(super) fn of(node: &'a Located, path: Vec<String>, problems: &mut Vec<Problem>) -> Self {
        let mut refused = false;
        let entries = match &node.value {
            YamlValue::Mapping(entries) => entries.as_slice(),
            value if scalar::is_nothing(value) => &[],
            value => {
                let kind =
                    ProblemKind::WrongShape { found: scalar::shape(value), expected: "keys with values" };
                problems.push(Problem { place: node.place.clone(), path: path.clone(), kind });
                refused = true;
                &[]
            }
        };
        Self { entries, place: node.place.clone(), path, asked: Vec::new(), refused }
    }

    /// The path of a key in this mapping.
    pub(super) fn path_of(&self, key: &str) -> Vec<String> {
        self.path.iter().cloned().chain([key.to_owned()]).collect()
    }

    /// All keys, for a mapping with keys of the user's choice.
    pub(super) const fn all(&self) -> &'a [Entry] {
        self.entries
    }

    /// Puts the value of `key` into `target`, if it is there and right. `example` is a value that would be right.
    pub(super) fn set<T>(
        &mut self,
        problems: &mut Vec<Problem>,
        key: &'static str,
        example: &str,
        target: &mut T,
        read: impl FnOnce(&Scalar) -> Result<T, ProblemKind>,
    ) -> Given {
        let Some(entry) = self.ask(key) else { return Given::No };
        let node = &entry.value;
        match scalar::scalar(node, &format!("{key}: {example}")).and_then(read) {
            Ok(value) => {
                *target = value;
                Given::Yes
            }
            Err(kind) => {
                problems.push(Problem { place: node.place.clone(), path: self.path_of(key), kind });
                Given::Refused
            }
        }
    }

    /// The value of a key that must be there.
    pub(super) fn required<T>(
        &mut self,
        problems: &mut Vec<Problem>,
        key: &'static str,
        example: &str,
        read: impl FnOnce(&Scalar) -> Result<T, ProblemKind>,
    ) -> Option<T> {
        let mut value = None;
        let given = self.set(problems, key, example, &mut value, |scalar| read(scalar).map(Some));
        if given == Given::No && !self.refused {
            let kind = ProblemKind::MissingKey { key, example: example.to_owned() };
            problems.push(Problem { place: self.place.clone(), path: self.path.clone(), kind });
        }
        value
    }

    /// The keys inside `key`; none if it is not there.
    pub(super) fn section(&mut self, problems: &mut Vec<Problem>, key: &'static str) -> Self {
        let path = self.path_of(key);
        match self.ask(key) {
            Some(entry) => Self::of(&entry.value, path, problems),
            None => Self { entries: &[], place: self.place.clone(), path, asked: Vec::new(), refused: false },
        }
    }

    /// The items of the list at `key`, each with its path; `None` if it is not there, or nothing is in its place.
    pub(super) fn list(
        &mut self,
        problems: &mut Vec<Problem>,
        key: &'static str,
    ) -> Option<Vec<(&'a Located, Vec<String>)>> {
        let node = &self.ask(key)?.value;
        let path = self.path_of(key);
        match &node.value {
            YamlValue::Sequence(items) => {
                let numbered = items.iter().enumerate();
                let path_of = |index: usize| path.iter().cloned().chain([index.to_string()]).collect();
                Some(numbered.map(|(index, item)| (item, path_of(index))).collect())
            }
            value if scalar::is_nothing(value) => None,
            value => {
                let kind = ProblemKind::WrongShape {
                    found: scalar::shape(value),
                    expected: "a list, each entry on a line that begins with `- `",
                };
                problems.push(Problem { place: node.place.clone(), path, kind });
                None
            }
        }
    }

    /// Refuses the keys that were not asked for.
    pub(super) fn finish(self, problems: &mut Vec<Problem>) {
        for entry in self.entries.iter().filter(|entry| !self.asked.contains(&entry.key.as_str())) {
            let kind = given_when_deploying(&entry.key).unwrap_or_else(|| ProblemKind::UnknownKey {
                suggestion: closest(&entry.key, &self.asked),
                known: self.asked.clone(),
            });
            problems.push(Problem { place: entry.place.clone(), path: self.path_of(&entry.key), kind });
        }
    }

    fn ask(&mut self, key: &'static str) -> Option<&'a Entry> {
        self.asked.push(key);
        self.entries.iter().find(|entry| entry.key == key)
    }
}

/// What Terraform has inputs for and a stack does not: the names people use, and what it is in a stack.
const OF_A_STACK: [(&[&str], &str, &str, Option<&str>); 2] = [
    (&["awsregion", "region"], "the stack's region", "aws_region", None),
    (&["projectname", "stackname"], "the stack's name", "project_name", Some("name")),
];

/// What to say of `key`, if it is called like an input in one of the dialects.
fn given_when_deploying(key: &str) -> Option<ProblemKind> {
    let wanted = squashed(key);
    if let Some((_, stack, terraform, default)) =
        OF_A_STACK.into_iter().find(|(names, ..)| names.contains(&wanted.as_str()))
    {
        let given = format!("{stack} in CloudFormation and `{terraform}` in Terraform");
        return Some(ProblemKind::GivenWhenDeploying { given, default });
    }
    // The defaults have every input that there can be.
    let deployment = Deployment::new(Choices::default()).ok()?;
    let id = deployment
        .parameters()
        .iter()
        .map(|parameter| parameter.id)
        .find(|id| [id.cloudformation, id.terraform].into_iter().any(|name| squashed(name) == wanted))?;
    let given = format!("`{}` in CloudFormation and `{}` in Terraform", id.cloudformation, id.terraform);
    Some(ProblemKind::GivenWhenDeploying { given, default: chosen_default(id) })
}

/// A name without what people vary: case, underscores, hyphens.
fn squashed(name: &str) -> String {
    name.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect()
}
