//! Walks the keys of a mapping and remembers which ones were asked for, so that what is known to the decoder and
//! what is refused as unknown can never differ.

use crate::{
    problem::{Problem, ProblemKind, closest},
    scalar,
    tree::{Entry, Located, Place, Scalar, YamlValue},
};

/// The keys of one mapping.
pub struct Fields<'a> {
    entries: &'a [Entry],
    place: Place,
    path: Vec<String>,
    asked: Vec<&'static str>,
    /// Something else stands there, and that was reported; missing keys need not be.
    refused: bool,
}

/// What became of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Given {
    /// It is not in the file.
    No,
    /// Its value was taken.
    Yes,
    /// Its value was refused.
    Refused,
}

impl<'a> Fields<'a> {
    /// The keys of `node`, which `path` leads to. Nothing (`key:`) is no keys.
    pub fn of(node: &'a Located, path: Vec<String>, problems: &mut Vec<Problem>) -> Self {
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

    /// No keys, where `path` leads to nothing.
    pub(crate) const fn none(place: Place, path: Vec<String>) -> Self {
        Self { entries: &[], place, path, asked: Vec::new(), refused: false }
    }

    /// Whether something else stands there.
    pub(crate) const fn is_refused(&self) -> bool {
        self.refused
    }

    /// The path of a key in this mapping.
    pub fn path_of(&self, key: &str) -> Vec<String> {
        self.path.iter().cloned().chain([key.to_owned()]).collect()
    }

    /// All keys, for a mapping with keys of the user's choice.
    pub const fn all(&self) -> &'a [Entry] {
        self.entries
    }

    /// Puts the value of `key` into `target`, if it is there and right. `example` is a value that would be right.
    pub fn set<T>(
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
    pub fn required<T>(
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
    #[must_use]
    pub fn section(&mut self, problems: &mut Vec<Problem>, key: &'static str) -> Self {
        let path = self.path_of(key);
        match self.ask(key) {
            Some(entry) => Self::of(&entry.value, path, problems),
            None => Self::none(self.place.clone(), path),
        }
    }

    /// The items of the list at `key`, each with its path; `None` if it is not there, or nothing is in its place.
    pub fn list(
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
    pub fn finish(self, problems: &mut Vec<Problem>) {
        self.finish_with(problems, |_| None);
    }

    /// Refuses the keys that were not asked for. `told` may know better what such a key means than that it is unknown.
    pub fn finish_with(self, problems: &mut Vec<Problem>, told: impl Fn(&str) -> Option<String>) {
        for entry in self.entries.iter().filter(|entry| !self.asked.contains(&entry.key.as_str())) {
            let kind = match told(&entry.key) {
                Some(message) => ProblemKind::Told { message },
                None => ProblemKind::UnknownKey {
                    suggestion: closest(&entry.key, &self.asked),
                    known: self.asked.clone(),
                },
            };
            problems.push(Problem { place: entry.place.clone(), path: self.path_of(&entry.key), kind });
        }
    }

    pub(crate) fn ask(&mut self, key: &'static str) -> Option<&'a Entry> {
        self.asked.push(key);
        self.entries.iter().find(|entry| entry.key == key)
    }
}
