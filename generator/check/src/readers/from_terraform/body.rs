//! Reads the arguments of one resource by a table.

use std::collections::BTreeMap;

use super::argument::{Argument, Meaning, ResourceSchema};
use crate::{
    graph::{Choice, Condition, Held, Properties, Symbol, SymbolicText, Value, unread},
    problem::{Problem, ProblemKind, TranslationProblem},
    read::Place,
};

pub(super) use crate::problem::alike;

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
    pub problems: &'t mut Vec<Problem>,
    /// Whether a property may be wrong or missing whose name nobody knows.
    pub is_broken: bool,
    /// Whether an argument was left out.
    pub is_incomplete: bool,
}

impl<'t> Body<'t> {
    /// An empty resource.
    pub(super) fn new(
        of: &'static ResourceSchema,
        view: View,
        region: Option<&'t Value>,
        problems: &'t mut Vec<Problem>,
    ) -> Self {
        Self {
            of,
            view,
            region,
            path: String::new(),
            properties: BTreeMap::new(),
            problems,
            is_broken: false,
            is_incomplete: false,
        }
    }

    /// Reads `arguments` by the rows of `table`.
    pub(super) fn read(&mut self, table: &'static [Argument], arguments: Properties) {
        for (name, held) in arguments {
            let Some(argument) = table.iter().find(|argument| argument.name == name) else {
                let known = table.iter().filter(|argument| !matches!(argument.meaning, Meaning::Provided));
                let suggestion = alike(&name, known.map(|argument| argument.name)).map(str::to_owned);
                let kind = ProblemKind::UnknownProperty {
                    of: self.of.name.to_owned(),
                    path: self.path_of(&name),
                    suggestion,
                };
                self.problems.push(Problem { place: held.place, kind });
                self.is_incomplete = true;
                continue;
            };
            if held.value == Value::Absent {
                continue;
            }
            let (before, place) = (self.problems.len(), held.place.clone());
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
            if self.problems.len() > before {
                self.leave_out(&argument.meaning, place);
            }
        }
    }

    /// Notes that an argument could not be understood.
    fn leave_out(&mut self, meaning: &Meaning, place: Place) {
        match meaning {
            Meaning::Property(path) | Meaning::Block(path, _) | Meaning::Blocks(path, _) => {
                self.put(path, Held::new(unread(), place));
            }
            Meaning::Read(_) => self.is_broken = true,
            Meaning::Ignored(_) => {}
            Meaning::Provided | Meaning::Outside => self.is_incomplete = true,
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
        self.problems.push(Problem { place, kind: problem.into() });
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
                    is_broken: false,
                    is_incomplete: false,
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
    pub(super) fn condition(&mut self, name: &str, held: &Held) -> Option<Condition> {
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
    let Some(condition) = body.condition("skip_destroy", &held) else { return };
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

/// States the property at `path`.
pub(super) fn put(properties: &mut Properties, path: &str, held: Held) {
    let Some((first, rest)) = path.split_once('.') else {
        properties.insert(path.to_owned(), held);
        return;
    };
    let below = properties
        .entry(first.to_owned())
        .or_insert_with(|| Held::new(Value::Map(BTreeMap::new()), held.place.clone()));
    match &mut below.value {
        Value::Map(below) => put(below, rest, held),
        // Something of the object could not be read.
        other if is_unknown(other) => {}
        // Two rows of a table that contradict each other; the tests of the tables say so.
        other => *other = Value::Absent,
    }
}

/// The entries of an object as a list of objects with `key` and `value`; anything else as it is.
pub(super) fn pairs(key: &'static str, value: &'static str, held: Held) -> Held {
    let Held { value: names, place, rule } = held;
    let listed = match names {
        Value::Map(entries) => Value::List(
            entries
                .into_iter()
                .map(|(name, held)| {
                    let place = held.place.clone();
                    object([(key, Held::new(name.as_str(), place.clone())), (value, held)], place)
                })
                .collect(),
        ),
        Value::Choice(choice) => choice.map(|side| pairs(key, value, side)),
        other => other,
    };
    Held { value: listed, place, rule }
}

/// An object of `entries`.
pub(super) fn object<const N: usize>(entries: [(&str, Held); N], place: Place) -> Held {
    let entries: Properties = entries.into_iter().map(|(name, held)| (name.to_owned(), held)).collect();
    Held::new(entries, place)
}

/// Whether a plan does not know `value`.
pub(super) fn is_unknown(value: &Value) -> bool {
    matches!(value, Value::Text(text) if text.as_symbol() == Some(&Symbol::Unknown))
}

/// Whether a value is what stands where nobody wrote one.
pub(super) fn says_nothing(value: &Value) -> bool {
    match value {
        Value::Absent | Value::Null | Value::Flag(false) => true,
        Value::Flag(true) | Value::Number(_) | Value::Json(_) => false,
        Value::Text(text) => text.as_literal() == Some(""),
        Value::List(items) | Value::Set(items) => items.is_empty(),
        Value::Map(entries) => entries.is_empty(),
        Value::Choice(choice) => says_nothing(&choice.then.value) && says_nothing(&choice.otherwise.value),
    }
}

/// When a flag is true, where that can be known.
pub(super) fn when(value: &Value) -> Option<Condition> {
    match value {
        Value::Flag(true) => Some(Condition::Always),
        Value::Absent | Value::Flag(false) => Some(Condition::Never),
        Value::Text(text) => match text.as_literal() {
            Some("true") => Some(Condition::Always),
            Some("false") => Some(Condition::Never),
            Some(_) => None,
            None => text.as_symbol().map(|_| Condition::equals(value.clone(), Value::Flag(true))),
        },
        Value::Choice(choice) => {
            let Choice { condition, then, otherwise } = choice.as_ref();
            Some(Condition::choice(condition, when(&then.value)?, when(&otherwise.value)?))
        }
        Value::Null | Value::Number(_) | Value::List(_) | Value::Set(_) | Value::Map(_) | Value::Json(_) => {
            None
        }
    }
}

/// A value in a message.
pub(super) fn words(value: &Value) -> String {
    match value {
        Value::Text(text) => format!("`{text}`"),
        other => other.to_string(),
    }
}
