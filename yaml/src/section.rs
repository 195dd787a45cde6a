//! Reads the keys of a mapping, and describes them for the schema in the same call. So a key that is read is in the
//! schema, and no other one is.
//!
//! ```
//! use jit_runners_yaml::{Section, parse, reader, section};
//!
//! fn read(section: &mut Section<'_, '_>) -> Option<u32> {
//!     section.required("jobs", "How many jobs there are.", &reader::Whole { low: 1, high: 100 })
//! }
//! let root = parse(&"story.yaml".into(), b"job: 5\n").root.ok_or("an empty file")?;
//! let mut problems = Vec::new();
//! assert_eq!(section::decode(&root, &mut problems, read), None);
//! let told: Vec<_> = problems.iter().map(ToString::to_string).collect();
//! assert_eq!(told[0], "story.yaml:1:1: `jobs` is missing; add it, for example `jobs: 1`");
//! assert_eq!(told[1], "story.yaml:1:1: job: unknown key; did you mean `jobs`?");
//! assert_eq!(section::schema("story", "", read)["properties"]["jobs"]["maximum"], 100);
//! # Ok::<(), &str>(())
//! ```

use serde_json::{Map, Value, json};

use crate::{
    fields::Fields,
    problem::{Problem, ProblemKind, closest},
    reader::{Read, any_of},
    scalar,
    tree::{Entry, Located, Place, YamlValue},
};

/// The keys of one mapping.
pub struct Section<'a, 'p> {
    fields: Fields<'a>,
    problems: &'p mut Vec<Problem>,
    path: Vec<String>,
    place: Place,
    /// What was asked for, if the schema is made.
    schema: Option<Described>,
}

/// A mapping's place in its file, and the keys that lead to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spot {
    place: Place,
    path: Vec<String>,
}

/// What is known of a mapping's keys.
#[derive(Default)]
struct Described {
    properties: Map<String, Value>,
    required: Vec<&'static str>,
}

/// One of several kinds of entries in a list. Entries of this kind have its key.
pub struct Kind<'f, T> {
    /// The key.
    pub key: &'static str,
    /// What such an entry is, in one sentence.
    pub about: &'static str,
    /// Reads it.
    pub read: &'f Reader<'f, T>,
}

/// Reads a mapping.
pub type Reader<'f, T> = dyn Fn(&mut Section<'_, '_>) -> Option<T> + 'f;

/// Reads `root` with `read`. What is wrong goes into `problems`.
pub fn decode<T>(
    root: &Located,
    problems: &mut Vec<Problem>,
    read: impl FnOnce(&mut Section<'_, '_>) -> T,
) -> T {
    let mut section = Section::of(root, Vec::new(), problems);
    let value = read(&mut section);
    section.finish();
    value
}

/// The JSON Schema (draft 2020-12) of what `read` reads.
pub fn schema<T>(title: &str, about: &str, read: impl FnOnce(&mut Section<'_, '_>) -> T) -> Value {
    let mut schema = describe(read);
    if let Some(object) = schema.as_object_mut() {
        object.insert("$schema".to_owned(), json!("https://json-schema.org/draft/2020-12/schema"));
        object.insert("title".to_owned(), json!(title));
        object.insert("description".to_owned(), json!(about));
    }
    schema
}

/// The schema of one mapping: what is asked for where nothing stands.
fn describe<T>(read: impl FnOnce(&mut Section<'_, '_>) -> T) -> Value {
    let mut problems = Vec::new();
    let mut section = Section::empty(Place::whole("".into()), Vec::new(), &mut problems, true);
    read(&mut section);
    section.schema.take().unwrap_or_default().into_value()
}

impl Described {
    fn into_value(self) -> Value {
        let Self { properties, required } = self;
        json!({ "type": "object", "properties": properties, "required": required, "additionalProperties": false })
    }
}

impl<'a, 'p> Section<'a, 'p> {
    fn of(node: &'a Located, path: Vec<String>, problems: &'p mut Vec<Problem>) -> Self {
        let fields = Fields::of(node, path.clone(), problems);
        Self { fields, problems, path, place: node.place.clone(), schema: None }
    }

    fn empty(place: Place, path: Vec<String>, problems: &'p mut Vec<Problem>, described: bool) -> Self {
        let fields = Fields::none(place.clone(), path.clone());
        Self { fields, problems, path, place, schema: described.then(Described::default) }
    }

    fn finish(self) {
        self.fields.finish(self.problems);
    }

    /// Whether the schema is made, so that nothing stands anywhere.
    pub const fn is_described(&self) -> bool {
        self.schema.is_some()
    }

    /// Whether something else than keys stands there, which was told.
    pub const fn is_refused(&self) -> bool {
        self.fields.is_refused()
    }

    /// Whether `key` stands there.
    pub fn has(&self, key: &str) -> bool {
        self.fields.all().iter().any(|entry| entry.key == key)
    }

    /// Where `key` stands, or else the mapping.
    pub fn place(&self, key: &str) -> Place {
        let entry = self.fields.all().iter().find(|entry| entry.key == key);
        entry.map_or_else(|| self.place.clone(), |entry| entry.place.clone())
    }

    /// Where the mapping stands, to say later that something is wrong with it.
    pub fn spot(&self) -> Spot {
        Spot { place: self.place.clone(), path: self.path.clone() }
    }

    /// Says that something is wrong with what stands there.
    pub fn refuse_at(&mut self, spot: &Spot, message: impl Into<String>) {
        let Spot { place, path } = spot.clone();
        self.problems.push(Problem { place, path, kind: ProblemKind::Told { message: message.into() } });
    }

    /// Says that something is wrong with the value of `key`, or with the mapping as a whole.
    pub fn refuse(&mut self, key: Option<&str>, message: impl Into<String>) {
        let place = self.place(key.unwrap_or_default());
        let path = self.path.iter().cloned().chain(key.map(str::to_owned)).collect();
        self.problems.push(Problem { place, path, kind: ProblemKind::Told { message: message.into() } });
    }

    /// The value of `key`, if it is there and right.
    pub fn get<R: Read>(&mut self, key: &'static str, about: &str, reader: &R) -> Option<R::Value> {
        self.describe(key, about, || reader.schema());
        let entry = self.fields.ask(key)?;
        reader.read(&entry.value, &self.fields.path_of(key), self.problems)
    }

    /// The value of a key that must be there.
    pub fn required<R: Read>(&mut self, key: &'static str, about: &str, reader: &R) -> Option<R::Value> {
        if let Some(described) = &mut self.schema {
            described.required.push(key);
        }
        let value = self.get(key, about, reader);
        if !self.has(key) && !self.fields.is_refused() && !self.is_described() {
            let kind = ProblemKind::MissingKey { key, example: reader.example() };
            self.problems.push(Problem { place: self.place.clone(), path: self.path.clone(), kind });
        }
        value
    }

    /// Puts the value of `key` into `target`, if it is there and right. What `target` was is the default.
    pub fn set<R: Read>(&mut self, key: &'static str, about: &str, reader: &R, target: &mut R::Value) {
        let value = self.get(key, about, reader);
        if let Some(property) = self.property(key) {
            property.insert("default".to_owned(), reader.written(target));
        }
        if let Some(value) = value {
            *target = value;
        }
    }

    /// The keys inside `key`; none if it is not there.
    pub fn inside<T>(
        &mut self,
        key: &'static str,
        about: &str,
        read: impl FnOnce(&mut Section<'_, '_>) -> T,
    ) -> T {
        let path = self.fields.path_of(key);
        if self.is_described() {
            let mut section = Section::empty(self.place.clone(), path, self.problems, true);
            let value = read(&mut section);
            let schema = section.schema.take().unwrap_or_default().into_value();
            self.describe(key, about, || schema);
            return value;
        }
        let mut section = match self.fields.ask(key) {
            Some(entry) => Section::of(&entry.value, path, self.problems),
            None => Section::empty(self.place.clone(), path, self.problems, false),
        };
        let value = read(&mut section);
        section.finish();
        value
    }

    /// What the keys inside `key` say, if it is there.
    pub fn maybe<T>(
        &mut self,
        key: &'static str,
        about: &str,
        read: impl FnOnce(&mut Section<'_, '_>) -> Option<T>,
    ) -> Option<T> {
        if self.has(key) || self.is_described() {
            return self.inside(key, about, read);
        }
        // It is known all the same, for the message about a key that is not.
        self.fields.ask(key);
        None
    }

    /// The mapping at `key`, or the mappings in its list.
    pub fn one_or_many<T>(
        &mut self,
        key: &'static str,
        about: &str,
        read: impl Fn(&mut Section<'_, '_>) -> Option<T>,
    ) -> Vec<T> {
        self.describe(key, about, || {
            let one = describe(&read);
            any_of(&[one.clone(), json!({ "type": "array", "items": one })])
        });
        let Some(entry) = self.fields.ask(key) else { return Vec::new() };
        let path = self.fields.path_of(key);
        match &entry.value.value {
            YamlValue::Sequence(items) => items
                .iter()
                .zip(numbered(&path))
                .filter_map(|(item, path)| self.nested(item, path, &read))
                .collect(),
            YamlValue::Scalar(_) | YamlValue::Mapping(_) => {
                self.nested(&entry.value, path, &read).into_iter().collect()
            }
        }
    }

    /// The entries of the list at `key`, each of one of these kinds.
    pub fn list<T>(&mut self, key: &'static str, about: &str, kinds: &[Kind<'_, T>]) -> Vec<T> {
        self.describe(key, about, || {
            let kinds = kinds.iter().map(|kind| {
                let mut schema = describe(kind.read);
                if let Some(object) = schema.as_object_mut() {
                    object.insert("title".to_owned(), json!(kind.key));
                    object.insert("description".to_owned(), json!(kind.about));
                }
                schema
            });
            json!({ "type": "array", "items": { "oneOf": kinds.collect::<Vec<_>>() } })
        });
        let Some(items) = self.fields.list(self.problems, key) else { return Vec::new() };
        items.into_iter().filter_map(|(item, path)| self.of_kind(item, path, kinds)).collect()
    }

    /// Values by names that the file chooses among `known`.
    pub fn by_name<T>(
        &mut self,
        key: &'static str,
        about: &str,
        known: &[(&'static str, &str)],
        reader: &impl ReadOf<T>,
    ) -> Vec<(&'static str, T)> {
        self.describe(key, about, || {
            let properties: Map<_, _> = known
                .iter()
                .map(|(name, about)| {
                    let mut schema = reader.schema(name);
                    if let Some(object) = schema.as_object_mut() {
                        object.insert("description".to_owned(), json!(about));
                    }
                    ((*name).to_owned(), schema)
                })
                .collect();
            json!({ "type": "object", "properties": properties, "additionalProperties": false })
        });
        let Some(entry) = self.fields.ask(key) else { return Vec::new() };
        let path = self.fields.path_of(key);
        let mut inner = Fields::of(&entry.value, path, self.problems);
        let mut values = Vec::new();
        for (name, _) in known {
            if let Some(Entry { value, .. }) = inner.ask(name) {
                let path = inner.path_of(name);
                values.extend(reader.read(name, value, path, self.problems).map(|value| (*name, value)));
            }
        }
        inner.finish(self.problems);
        values
    }

    fn nested<T>(
        &mut self,
        node: &Located,
        path: Vec<String>,
        read: impl Fn(&mut Section<'_, '_>) -> Option<T>,
    ) -> Option<T> {
        let mut section = Section::of(node, path, self.problems);
        let value = read(&mut section);
        section.finish();
        value
    }

    fn of_kind<T>(&mut self, item: &Located, path: Vec<String>, kinds: &[Kind<'_, T>]) -> Option<T> {
        let YamlValue::Mapping(entries) = &item.value else {
            let found = scalar::shape(&item.value);
            let kind = ProblemKind::WrongShape { found, expected: "keys with values" };
            self.problems.push(Problem { place: item.place.clone(), path, kind });
            return None;
        };
        let names: Vec<_> = kinds.iter().map(|kind| kind.key).collect();
        let mut of = entries.iter().filter_map(|entry| kinds.iter().find(|kind| kind.key == entry.key));
        if let Some(kind) = of.next() {
            return self.nested(item, path, kind.read);
        }
        let slip = entries.iter().find_map(|entry| Some((entry, closest(&entry.key, &names)?)));
        let (place, path, kind) = if let Some((entry, suggestion)) = slip {
            let path = path.into_iter().chain([entry.key.clone()]).collect();
            let kind = ProblemKind::UnknownKey { suggestion: Some(suggestion), known: names };
            (entry.place.clone(), path, kind)
        } else {
            let message = format!("says nothing that happens; add one of `{}`", names.join("`, `"));
            (item.place.clone(), path, ProblemKind::Told { message })
        };
        self.problems.push(Problem { place, path, kind });
        None
    }

    fn describe(&mut self, key: &'static str, about: &str, schema: impl FnOnce() -> Value) {
        let Some(described) = &mut self.schema else { return };
        let mut schema = schema();
        if let Some(object) = schema.as_object_mut() {
            object.insert("description".to_owned(), json!(about));
        }
        described.properties.insert(key.to_owned(), schema);
    }

    fn property(&mut self, key: &str) -> Option<&mut Map<String, Value>> {
        self.schema.as_mut()?.properties.get_mut(key)?.as_object_mut()
    }
}

/// Reads values that stand under names.
pub trait ReadOf<T> {
    /// What an editor should know of the value of `name`.
    fn schema(&self, name: &'static str) -> Value;
    /// Reads the value of `name`.
    fn read(
        &self,
        name: &'static str,
        node: &Located,
        path: Vec<String>,
        problems: &mut Vec<Problem>,
    ) -> Option<T>;
}

/// A mapping under each name.
pub struct Mappings<F>(pub F);

impl<T, F: Fn(&mut Section<'_, '_>) -> Option<T>> ReadOf<T> for Mappings<F> {
    fn schema(&self, _: &'static str) -> Value {
        describe(&self.0)
    }
    fn read(
        &self,
        _: &'static str,
        node: &Located,
        path: Vec<String>,
        problems: &mut Vec<Problem>,
    ) -> Option<T> {
        let mut section = Section::of(node, path, problems);
        let value = (self.0)(&mut section);
        section.finish();
        value
    }
}

/// The paths of the entries of a list.
fn numbered(path: &[String]) -> impl Iterator<Item = Vec<String>> {
    (0_usize..).map(|index| path.iter().cloned().chain([index.to_string()]).collect())
}
