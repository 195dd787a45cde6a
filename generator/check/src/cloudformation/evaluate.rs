//! Evaluates terms, and holds the names of a template that they refer to. A function of values that depend on conditions is
//! evaluated once for each way in which the conditions can turn out.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use super::{
    ResourceType,
    term::{FunctionName, Term, resolve},
};
use crate::{
    graph::{
        Condition, Held, SymbolicText, Value, unread,
        value::{
            outward::{Branches, Reach, conditions_of_all, for_each_branch},
            visit::{Budget, Exceeded, Size, Visit},
        },
    },
    problem::{Problem, ProblemKind, TemplateProblem},
    read::{Place, YamlValue},
};

/// What a template declares, by name.
#[derive(Debug, Default)]
pub(crate) struct Declared<'a> {
    /// Parameters, and whether each holds a list.
    pub parameters: BTreeMap<&'a str, bool>,
    /// Mappings.
    pub mappings: BTreeMap<&'a str, Term<'a>>,
    /// Conditions.
    pub conditions: BTreeMap<&'a str, Term<'a>>,
    /// Resources.
    pub resources: BTreeMap<&'a str, Resource>,
    /// Whether the template asks for the functions of `AWS::LanguageExtensions`.
    pub extensions: bool,
}

/// A resource as others see it.
#[derive(Debug, Clone)]
pub(crate) struct Resource {
    /// Its place in the order of the template.
    pub index: usize,
    /// Its logical id.
    pub address: Arc<str>,
    /// Its type; nothing, if it was refused.
    pub kind: Option<ResourceType>,
    /// Whether it names an event bus: then its name is not what `Ref` gives.
    pub on_event_bus: bool,
}

/// What the values of a template weigh, at most: one for each character, [`VALUE`] for each value. The largest template
/// that `CloudFormation` takes weighs half of it, so only what multiplies itself is heavier.
const MOST_WEIGHT: usize = 16 * 1024 * 1024;
/// What a value weighs.
pub(crate) const VALUE: usize = 16;
/// Conditions on which one value can depend, at most: each doubles it.
const MOST_CONDITIONS: usize = 16;

/// Evaluates terms, and collects what cannot be evaluated.
#[derive(Debug)]
pub(crate) struct Evaluator<'a> {
    /// What terms can refer to.
    pub declared: &'a Declared<'a>,
    /// Conditions by name; nothing for those that were refused.
    pub conditions: BTreeMap<&'a str, Option<Condition>>,
    /// What the values belong to.
    pub scope: Scope,
    /// Whether it is a rule's condition, which has functions of its own.
    pub in_rule: bool,
    /// Managed policies, with their names.
    pub managed: BTreeMap<Arc<str>, Option<Held>>,
    /// Which resource refers to which, by index.
    pub references: BTreeSet<(usize, usize)>,
    /// Whether what was refused is left out.
    pub is_partial: bool,
    /// What was refused.
    pub problems: Vec<Problem>,
    budget: Budget,
}

/// What the evaluated values belong to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scope {
    /// A condition.
    Condition,
    /// A resource, by index.
    Resource {
        /// Its place in the order of the template.
        index: usize,
        /// Whether a managed policy is attached here, and its ARN has a meaning.
        attaches: bool,
    },
    /// An output.
    Output,
}

impl<'a> Evaluator<'a> {
    /// An evaluator of what is `declared`.
    pub(crate) const fn new(declared: &'a Declared<'a>) -> Self {
        Self {
            declared,
            conditions: BTreeMap::new(),
            scope: Scope::Output,
            in_rule: false,
            managed: BTreeMap::new(),
            references: BTreeSet::new(),
            is_partial: false,
            problems: Vec::new(),
            budget: Budget::new(MOST_WEIGHT, 0),
        }
    }

    /// The value of `term`; nothing, if it was refused. Where what was refused is left out, a value that says so.
    pub(crate) fn value(&mut self, term: Term<'a>) -> Option<Held> {
        let found = self.known(term);
        if found.is_none() && self.is_partial && self.scope != Scope::Condition {
            return Some(Held::new(unread(), term.place.clone()));
        }
        found
    }

    fn known(&mut self, term: Term<'a>) -> Option<Held> {
        self.weigh(VALUE, term.place)?;
        let value = match term.function(false) {
            Err(kind) => return self.refuse(term.place, kind),
            Ok(Some((function, argument))) => self.function(function, argument, term.place)?,
            Ok(None) => self.plain(term)?,
        };
        Some(Held::new(value, term.place.clone()))
    }

    /// The value of `term`, in which there can be no functions.
    pub(crate) fn literal(&mut self, term: Term<'a>) -> Option<Held> {
        match term.function(false) {
            Err(kind) => self.refuse(term.place, kind),
            Ok(Some((function, _))) => {
                let instead = "functions have no meaning here, write the value out";
                self.refuse(
                    term.place,
                    TemplateProblem::Outside { found: function.as_str().to_owned(), instead },
                )
            }
            Ok(None) if matches!(term.value, YamlValue::Scalar(_)) => self.value(term),
            Ok(None) => {
                let expected = "a single value";
                let of = "this value".to_owned();
                self.refuse(term.place, TemplateProblem::WrongShape { of, expected, found: term.noun() })
            }
        }
    }

    fn plain(&mut self, term: Term<'a>) -> Option<Value> {
        match term.value {
            YamlValue::Scalar(scalar) => {
                self.weigh(scalar.text.len(), term.place)?;
                if scalar.text.contains("{{resolve:") {
                    return self.refuse(term.place, resolved_elsewhere(&scalar.text));
                }
                if term.tag == Some("!!str") {
                    return Some(Value::Text(SymbolicText::literal(&scalar.text)));
                }
                match resolve(scalar) {
                    Ok(Value::Null) if !matches!(self.scope, Scope::Resource { .. }) => {
                        self.refuse(term.place, TemplateProblem::NoValue)
                    }
                    Ok(value) => Some(value),
                    Err(kind) => self.refuse(term.place, kind),
                }
            }
            YamlValue::Sequence(items) => {
                Some(Value::List(items.iter().filter_map(|item| self.value(Term::of(item))).collect()))
            }
            YamlValue::Mapping(entries) => {
                let entries = entries.iter().filter_map(|entry| {
                    self.weigh(entry.key.len(), &entry.place)?;
                    let held = self.value(Term::of(&entry.value))?;
                    Some((entry.key.clone(), held))
                });
                Some(Value::Map(entries.collect()))
            }
        }
    }

    fn function(&mut self, function: FunctionName, argument: Term<'a>, place: &'a Place) -> Option<Value> {
        match function {
            FunctionName::Ref => self.reference(argument),
            FunctionName::GetAtt => self.get_att(argument),
            FunctionName::Sub => self.sub(argument, place),
            FunctionName::Join => self.join(argument, place),
            FunctionName::Select => self.select(argument, place),
            FunctionName::Split => self.split(argument, place),
            FunctionName::Base64 => self.base64(argument, place),
            FunctionName::If => self.choose(argument, place),
            FunctionName::FindInMap => self.find_in_map(argument, place),
            FunctionName::ToJsonString => self.json_string(argument, place),
            FunctionName::ImportValue => self.import_value(argument, place),
            FunctionName::Length => self.length(argument, place),
            FunctionName::Condition
            | FunctionName::And
            | FunctionName::Or
            | FunctionName::Not
            | FunctionName::Contains
            | FunctionName::Equals => {
                let instead = "name the question under `Conditions`, and ask it with `Fn::If`";
                self.refuse(place, TemplateProblem::Outside { found: function.as_str().to_owned(), instead })
            }
        }
    }

    /// The items of a function's list of arguments, of which there must be `count`.
    pub(crate) fn arguments<const COUNT: usize>(
        &mut self,
        function: FunctionName,
        expected: &'static str,
        argument: Term<'a>,
    ) -> Option<[Term<'a>; COUNT]> {
        let terms: Option<Vec<_>> = argument.items().map(|items| items.iter().map(Term::of).collect());
        let count = terms.as_ref().map(Vec::len);
        if let Some(Ok(terms)) = terms.map(<[Term<'a>; COUNT]>::try_from) {
            return Some(terms);
        }
        let found = count.map_or_else(|| argument.noun().to_owned(), |count| format!("a list of {count}"));
        self.refuse(
            argument.place,
            TemplateProblem::Arguments { function: function.as_str(), expected, found },
        )
    }

    /// Spends `weight` of the budget. Gives nothing once the limit is passed.
    pub(crate) fn weigh(&mut self, weight: usize, place: &Place) -> Option<()> {
        match self.budget.spend(weight) {
            Ok(()) => Some(()),
            Err(Exceeded { is_first: true }) => self.refuse(place, TemplateProblem::TooLarge),
            Err(Exceeded { is_first: false }) => None,
        }
    }

    /// Refuses what stands at `place`.
    pub(crate) fn refuse<T>(&mut self, place: &Place, kind: TemplateProblem) -> Option<T> {
        self.problems.push(Problem { place: place.clone(), kind: ProblemKind::Template(kind) });
        None
    }
}

/// The evaluator has already noted the problem.
pub(crate) struct Refused;

impl Branches for Evaluator<'_> {
    type Refused = Refused;
    const REACH: Reach = Reach::Items;
    const BOTH: bool = true;

    /// The first in their order, so that the order in which they were written says nothing.
    fn first_condition(&mut self, values: &[Held], place: &Place) -> Result<Option<Condition>, Refused> {
        let conditions = conditions_of_all(values);
        if conditions.len() > MOST_CONDITIONS {
            return self.refuse(place, TemplateProblem::TooLarge).ok_or(Refused);
        }
        Ok(conditions.first().map(|condition| (*condition).clone()))
    }

    fn pay_for(&mut self, values: &[Held], place: &Place) -> Result<(), Refused> {
        self.weigh(values.iter().map(weight_of).sum(), place).ok_or(Refused)
    }
}

impl Evaluator<'_> {
    /// What `make` makes of `arguments`, once for each way in which their conditions can turn out.
    pub(super) fn settled(
        &mut self,
        arguments: Vec<Held>,
        place: &Place,
        make: &mut dyn FnMut(&mut Self, Vec<Held>) -> Option<Value>,
    ) -> Option<Value> {
        let held = for_each_branch(self, arguments, place, &mut |this, values| {
            make(this, values).map(|value| Held::new(value, place.clone())).ok_or(Refused)
        });
        Some(held.ok()?.value)
    }
}

/// Why a dynamic reference is refused
/// (<https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/dynamic-references.html>).
pub(crate) fn resolved_elsewhere(found: &str) -> TemplateProblem {
    TemplateProblem::Outside { found: found.to_owned(), instead: "take the value as a parameter" }
}

/// What `whole` weighs.
pub(crate) fn weight_of(whole: &impl Visit) -> usize {
    Size::of(whole).weight(VALUE)
}
