//! Values for a template's parameters, in the forms that AWS's tools take.
//!
//! - `[{"ParameterKey": "Name", "ParameterValue": "value"}, ...]`
//!   (<https://docs.aws.amazon.com/cli/latest/reference/cloudformation/create-stack.html>)
//! - `["Name=value", ...]`, which `deploy --parameter-overrides` takes, too
//!   (<https://docs.aws.amazon.com/cli/latest/reference/cloudformation/deploy/>)
//! - `{"Parameters": {"Name": "value", ...}}`, the configuration of a pipeline or a synchronised stack
//!   (<https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/git-sync-concepts-terms.html>)

use std::{collections::BTreeMap, sync::Arc};

use super::as_yaml;
use crate::{
    graph::{Held, Node, Number, Value},
    problem::{ParametersProblem, Problem, ProblemKind, alike},
    read::{self, Entry, Located, Place, SourceFile, YamlValue},
};

/// What each of `declared` is: the value in `file`, else the default.
pub(crate) fn parameter_values(
    file: &SourceFile,
    declared: &[Node<()>],
) -> Result<BTreeMap<Arc<str>, Held>, Vec<Problem>> {
    let parsed = read::parse(&file.name, &as_yaml(&file.bytes));
    let mut reader = Reader::default();
    reader.problems.extend(
        parsed
            .problems
            .into_iter()
            .map(|problem| Problem { place: problem.place, kind: ProblemKind::Yaml(problem.kind) }),
    );
    let whole = Place::whole(Arc::clone(&file.name));
    if reader.problems.is_empty() {
        match &parsed.root {
            Some(root) => reader.file(root),
            None => reader.refuse(whole.clone(), ParametersProblem::OtherForm),
        }
    }
    // What a broken file would have said is not missing.
    if !reader.problems.is_empty() {
        return Err(reader.problems);
    }
    reader.names_are_declared(declared);
    let values = reader.bind(declared, &whole);
    if reader.problems.is_empty() { Ok(values) } else { Err(reader.problems) }
}

#[derive(Default)]
struct Reader {
    given: BTreeMap<String, Given>,
    problems: Vec<Problem>,
}

/// A value as it was written.
struct Given {
    text: String,
    place: Place,
}

impl Reader {
    fn refuse(&mut self, place: Place, problem: ParametersProblem) {
        self.problems.push(Problem { place, kind: problem.into() });
    }

    fn file(&mut self, root: &Located) {
        match &root.value {
            YamlValue::Sequence(items) => items.iter().for_each(|item| self.item(item)),
            YamlValue::Mapping(entries) => {
                match entries.iter().find(|entry| entry.key == "Parameters").map(|entry| &entry.value.value) {
                    Some(YamlValue::Mapping(values)) => {
                        for Entry { key, place, value } in values {
                            self.value(key, place, value);
                        }
                    }
                    _ => self.refuse(root.place.clone(), ParametersProblem::OtherForm),
                }
            }
            YamlValue::Scalar(_) => self.refuse(root.place.clone(), ParametersProblem::OtherForm),
        }
    }

    fn item(&mut self, item: &Located) {
        match &item.value {
            YamlValue::Scalar(scalar) => match scalar.text.split_once('=') {
                Some((name, text)) => self.give(name, text.to_owned(), item.place.clone()),
                None => self.refuse(item.place.clone(), ParametersProblem::OtherForm),
            },
            YamlValue::Mapping(entries) => {
                let get = |key: &str| entries.iter().find(|entry: &&Entry| entry.key == key);
                match (get("ParameterKey").map(|entry| &entry.value), get("ParameterValue")) {
                    (Some(Located { value: YamlValue::Scalar(name), place, .. }), Some(value)) => {
                        self.value(&name.text, place, &value.value);
                    }
                    _ => self.refuse(item.place.clone(), ParametersProblem::OtherForm),
                }
            }
            YamlValue::Sequence(_) => self.refuse(item.place.clone(), ParametersProblem::OtherForm),
        }
    }

    /// A list is the text of its items with commas between them.
    fn value(&mut self, name: &str, name_place: &Place, value: &Located) {
        let scalar = |located: &Located| match &located.value {
            YamlValue::Scalar(scalar) => Some(scalar.text.clone()),
            YamlValue::Sequence(_) | YamlValue::Mapping(_) => None,
        };
        let text = match &value.value {
            YamlValue::Sequence(items) => {
                items.iter().map(scalar).collect::<Option<Vec<_>>>().map(|items| items.join(","))
            }
            _ => scalar(value),
        };
        match text {
            Some(text) => self.give(name, text, value.place.clone()),
            None => self.refuse(name_place.clone(), ParametersProblem::OtherForm),
        }
    }

    fn give(&mut self, name: &str, text: String, place: Place) {
        if let Some(first) = self.given.get(name) {
            let problem = ParametersProblem::Doubled { name: name.to_owned(), first: first.place.clone() };
            return self.refuse(place, problem);
        }
        self.given.insert(name.to_owned(), Given { text, place });
    }

    fn names_are_declared(&mut self, declared: &[Node<()>]) {
        let unknown: Vec<_> = self
            .given
            .iter()
            .filter(|(name, _)| declared.iter().all(|node| *node.address != ***name))
            .map(|(name, given)| {
                let suggestion = alike(name, declared.iter().map(|node| &*node.address)).map(str::to_owned);
                let name = name.clone();
                (given.place.clone(), ParametersProblem::Unknown { name, suggestion })
            })
            .collect();
        for (place, problem) in unknown {
            self.refuse(place, problem);
        }
    }

    fn bind(&mut self, declared: &[Node<()>], file: &Place) -> BTreeMap<Arc<str>, Held> {
        let mut values = BTreeMap::new();
        for node in declared {
            let kind = node.properties.get("Type").and_then(Held::as_literal).unwrap_or("text").to_owned();
            let given = self.given.get(&*node.address).map(|given| (given.text.clone(), given.place.clone()));
            let held = match (given, node.properties.get("Default")) {
                (Some((text, place)), _) => {
                    let Some(value) = typed(&kind, &text, &place) else {
                        let name = node.address.to_string();
                        self.refuse(place, ParametersProblem::NoNumber { name, found: text });
                        continue;
                    };
                    Held::new(value, place)
                }
                (None, Some(default)) => default.clone(),
                (None, None) => {
                    let name = node.address.to_string();
                    let declared = node.place.clone();
                    self.refuse(file.clone(), ParametersProblem::Missing { name, declared });
                    continue;
                }
            };
            values.insert(Arc::clone(&node.address), held);
        }
        values
    }
}

/// The value that `text` stands for in a parameter of `kind`; nothing, where it is no number and should be one.
fn typed(kind: &str, text: &str, place: &Place) -> Option<Value> {
    match kind {
        "number" => Number::parse(text.trim()).map(Value::Number),
        "list" => {
            // The service leaves out the spaces around an item.
            let items = text.split(',').map(|item| Held::new(item.trim(), place.clone()));
            Some(Value::List(if text.is_empty() { Vec::new() } else { items.collect() }))
        }
        _ => Some(Value::from(text)),
    }
}
