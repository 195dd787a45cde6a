//! Reads the arguments of one resource by a table.

mod content;

use std::collections::BTreeMap;

pub(super) use content::{is_unknown, object, pairs, put, says_nothing, when, words};

pub(super) use crate::graph::spelling::alike;

use super::{
    argument::{Argument, Meaning, ResourceSchema},
    problem::TranslationProblem,
};
use crate::{
    graph::{Condition, GraphProblem, GraphProblemKind, Held, Properties, Symbol, SymbolicText, Value},
    read::Place,
};

/// Whose words the arguments are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum View {
    /// A person's.
    Written,
    /// The provider's: with its defaults, and with what only it can say.
    Planned,
}

/// A resource, or a block in one, on the way into the graph.
pub(super) struct Body<'t> {
    /// The type of the resource.
    pub of: &'static ResourceSchema,
    /// Whose words the arguments are.
    pub view: View,
    /// The provider's region.
    pub region: Option<&'t Value>,
    /// Where the block stands in the resource; empty for the resource itself.
    path: String,
    /// What has been understood, in the words of the vocabulary.
    pub properties: Properties,
    /// What has not.
    pub problems: &'t mut Vec<GraphProblem>,
}

impl<'t> Body<'t> {
    /// An empty resource.
    pub(super) fn new(
        of: &'static ResourceSchema,
        view: View,
        region: Option<&'t Value>,
        problems: &'t mut Vec<GraphProblem>,
    ) -> Self {
        Self { of, view, region, path: String::new(), properties: BTreeMap::new(), problems }
    }

    /// Reads `arguments` by the rows of `table`.
    pub(super) fn read(&mut self, table: &'static [Argument], arguments: Properties) {
        for (name, held) in arguments {
            let Some(argument) = table.iter().find(|argument| argument.name == name) else {
                let known = table.iter().filter(|argument| !matches!(argument.meaning, Meaning::Provided));
                let suggestion = alike(&name, known.map(|argument| argument.name)).map(str::to_owned);
                let kind = GraphProblemKind::UnknownProperty {
                    of: self.of.name.to_owned(),
                    path: self.path_of(&name),
                    suggestion,
                };
                self.problems.push(GraphProblem { place: held.place, kind });
                continue;
            };
            if held.value == Value::Absent {
                continue;
            }
            match &argument.meaning {
                Meaning::Property(path) => self.put(path, held),
                Meaning::Block(path, table) => {
                    if let Some(held) =
                        self.single(&name, held).and_then(|held| self.object(&name, table, held))
                    {
                        self.put(path, held);
                    }
                }
                Meaning::Blocks(path, table) => {
                    if let Some(held) = self.objects(&name, table, held) {
                        self.put(path, held);
                    }
                }
                Meaning::Read(read) => read(self, held),
                Meaning::Ignored(_) => {}
                Meaning::Provided => {
                    if self.view == View::Written {
                        let (of, path) = (self.of.name.to_owned(), self.path_of(&name));
                        self.refuse(held.place, TranslationProblem::ReadOnly { of, path });
                    }
                }
                Meaning::Outside => {
                    if !says_nothing(&held.value) {
                        let (of, path) = (self.of.name.to_owned(), self.path_of(&name));
                        self.refuse(held.place, TranslationProblem::OutsideArgument { of, path });
                    }
                }
            }
        }
    }

    /// States the property at `path`.
    pub(super) fn put(&mut self, path: &str, held: Held) {
        put(&mut self.properties, path, held);
    }

    /// Adds an item to the list at `path`, which is no deeper than the block.
    pub(super) fn push(&mut self, path: &'static str, item: Held) {
        if let Some(Held { value: Value::List(items), .. }) = self.properties.get_mut(path) {
            items.push(item);
        } else {
            let place = item.place.clone();
            self.properties.insert(path.to_owned(), Held::new(Value::List(vec![item]), place));
        }
    }

    /// Notes what is wrong.
    pub(super) fn refuse(&mut self, place: Place, problem: TranslationProblem) {
        self.problems.push(GraphProblem { place, kind: problem.into() });
    }

    /// Notes that `found` at `name` cannot be followed.
    pub(super) fn refuse_value(&mut self, name: &str, expected: &'static str, found: &Held) {
        let problem = TranslationProblem::NotUnderstood {
            of: self.of.name.to_owned(),
            path: self.path_of(name),
            expected,
            found: words(&found.value),
        };
        self.refuse(found.place.clone(), problem);
    }

    /// The block that stands at most once.
    fn single(&mut self, name: &str, held: Held) -> Option<Held> {
        let Held { value, place, rule } = held;
        match value {
            Value::List(mut items) | Value::Set(mut items) => {
                if items.len() > 1 {
                    let (of, path) = (self.of.name.to_owned(), self.path_of(name));
                    let count = items.len();
                    let place = items.swap_remove(1).place;
                    self.refuse(place, TranslationProblem::DoubledBlock { of, path, count });
                    return None;
                }
                items.pop()
            }
            Value::Choice(choice) => {
                let value = choice.filter_map(|side| self.single(name, side));
                Some(Held { value, place, rule })
            }
            value => Some(Held { value, place, rule }),
        }
    }

    /// A block as an object.
    fn object(&mut self, name: &str, table: &'static [Argument], held: Held) -> Option<Held> {
        let Held { value, place, rule } = held;
        let value = match value {
            Value::Map(arguments) => {
                let mut body = Body {
                    of: self.of,
                    view: self.view,
                    region: self.region,
                    path: self.path_of(name),
                    properties: BTreeMap::new(),
                    problems: self.problems,
                };
                body.read(table, arguments);
                Value::Map(body.properties)
            }
            Value::Choice(choice) => choice.filter_map(|side| self.object(name, table, side)),
            Value::Absent => return None,
            value if is_unknown(&value) => value,
            value => {
                self.refuse_value(name, "a block", &Held { value, place, rule });
                return None;
            }
        };
        Some(Held { value, place, rule })
    }

    /// Blocks as a list of objects.
    fn objects(&mut self, name: &str, table: &'static [Argument], held: Held) -> Option<Held> {
        let Held { value, place, rule } = held;
        let value = match value {
            Value::List(items) | Value::Set(items) => {
                Value::List(items.into_iter().filter_map(|item| self.object(name, table, item)).collect())
            }
            Value::Choice(choice) => choice.filter_map(|side| self.objects(name, table, side)),
            Value::Absent => return None,
            value if is_unknown(&value) => value,
            value => {
                let item = self.object(name, table, Held { value, place: place.clone(), rule })?;
                Value::List(vec![item])
            }
        };
        Some(Held { value, place, rule })
    }

    /// Blocks that one of their arguments names, as an object.
    pub(super) fn by_name(
        &mut self,
        name: &str,
        key: &str,
        table: &'static [Argument],
        held: Held,
    ) -> Option<Held> {
        let Held { value, place, rule } = held;
        let value = match value {
            Value::List(items) | Value::Set(items) => {
                let mut named = BTreeMap::new();
                for mut item in items {
                    let label = match &mut item.value {
                        Value::Map(arguments) => arguments.remove(key),
                        _ => None,
                    };
                    let Some(label) = label.as_ref().and_then(Held::as_literal).map(str::to_owned) else {
                        self.refuse_value(name, "blocks with literal names", &item);
                        continue;
                    };
                    if let Some(held) = self.object(name, table, item) {
                        named.insert(label, held);
                    }
                }
                Value::Map(named)
            }
            Value::Choice(choice) => choice.filter_map(|side| self.by_name(name, key, table, side)),
            Value::Absent => return None,
            value if is_unknown(&value) => value,
            value => {
                self.refuse_value(name, "blocks", &Held { value, place, rule });
                return None;
            }
        };
        Some(Held { value, place, rule })
    }

    fn path_of(&self, name: &str) -> String {
        if self.path.is_empty() { name.to_owned() } else { format!("{}.{name}", self.path) }
    }

    /// When a flag is true.
    pub(super) fn question(&mut self, name: &str, held: &Held) -> Option<Condition> {
        let condition = when(&held.value);
        if condition.is_none() {
            self.refuse_value(name, "true or false, or a question about variables", held);
        }
        condition
    }

    /// `names` of an object as a list of `key` and `value`.
    pub(super) fn put_pairs(&mut self, path: &str, key: &'static str, value: &'static str, names: Held) {
        let listed = pairs(key, value, names);
        self.put(path, listed);
    }
}

/// `skip_destroy = true` leaves the resource when it leaves the module.
pub(super) fn read_skip_destroy(body: &mut Body<'_>, held: Held) {
    let Some(condition) = body.question("skip_destroy", &held) else { return };
    let retain = Held::new("Retain", held.place).under(condition);
    if retain.value != Value::Absent {
        body.put("DeletionPolicy", retain);
    }
}

/// `tags_all`: with the provider's tags.
pub(super) fn read_all_tags(body: &mut Body<'_>, held: Held) {
    match (body.view, &held.value) {
        (View::Written, _) => {
            let (of, path) = (body.of.name.to_owned(), body.path_of("tags_all"));
            body.refuse(held.place, TranslationProblem::ReadOnly { of, path });
        }
        (View::Planned, _) => body.put("Tags", held),
    }
}

/// `region`, which must be the provider's.
pub(super) fn read_region(body: &mut Body<'_>, held: Held) {
    let here = Value::Text(SymbolicText::from(Symbol::Region));
    if held.value != here && body.region != Some(&held.value) {
        let found = words(&held.value);
        body.refuse(held.place, TranslationProblem::OtherRegion { found });
    }
}
