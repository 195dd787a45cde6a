//! Resolves the conditions of a template.

use std::collections::BTreeMap;

use super::{
    evaluate::{Evaluator, Scope, VALUE, weight_of},
    term::{FunctionName, Term},
};
use crate::{
    graph::{
        Condition, Held, Value,
        value::circle::{Edges, described, order},
    },
    problem::{TemplateProblem, outside},
    read::{Place, YamlValue},
};

/// What a condition weighs, at most. A template's conditions ask about a handful of parameters.
const MOST_WEIGHT: usize = 1024 * VALUE;

impl<'a> Evaluator<'a> {
    /// Resolves every condition. Those that others depend on come first.
    pub(crate) fn resolve_conditions(&mut self) {
        self.scope = Scope::Condition;
        let declared = &self.declared.conditions;
        let names: Vec<(&'a str, Term<'a>)> = declared.iter().map(|(name, term)| (*name, *term)).collect();
        let indexes: BTreeMap<_, _> =
            names.iter().enumerate().map(|(index, (name, _))| (*name, index)).collect();
        let mut references: Edges<usize, &Place> = BTreeMap::new();
        for (from, (_, term)) in names.iter().enumerate() {
            let to = references.entry(from).or_default();
            mentions(*term, &mut |name| to.extend(indexes.get(name).map(|index| (*index, term.place))));
        }
        let order = order(&references);
        for circle in order.circles {
            let Some((_, place)) = circle.first() else { continue };
            let circle = circle.iter().filter_map(|(index, _)| Some(names.get(*index)?.0));
            let circle = described(&circle.collect::<Vec<_>>());
            self.refuse::<()>(place, TemplateProblem::Circle { what: "conditions", circle });
        }
        // Inside a circle, a reference to a condition finds nothing, and nothing more is noted about it.
        self.conditions = names.iter().map(|(name, _)| (*name, None)).collect();
        for index in order.sorted {
            let Some((name, term)) = names.get(index) else { continue };
            let condition = self.condition(*term).and_then(|condition| {
                if weight_of(&condition) > MOST_WEIGHT {
                    return self.refuse(term.place, TemplateProblem::TooLarge);
                }
                Some(condition)
            });
            self.conditions.insert(name, condition);
        }
    }

    /// The condition that `term` states.
    pub(crate) fn condition(&mut self, term: Term<'a>) -> Option<Condition> {
        let (function, argument) = match term.function(true) {
            Ok(Some(function)) => function,
            Ok(None) => {
                let of = "a condition".to_owned();
                let expected = "`Fn::Equals`, `Fn::And`, `Fn::Or`, `Fn::Not` or `Condition`";
                return self
                    .refuse(term.place, TemplateProblem::WrongShape { of, expected, found: term.noun() });
            }
            Err(kind) => return self.refuse(term.place, kind),
        };
        match function {
            FunctionName::Condition if self.in_rule => {
                let instead = "a rule cannot ask a condition: write it out here";
                self.refuse(term.place, outside(function.as_str(), instead))
            }
            FunctionName::Contains if self.in_rule => {
                let [list, wanted] = self.arguments(function, "a list and a value", argument)?;
                let Some(items) = list.items() else {
                    let kind = TemplateProblem::Arguments {
                        function: function.as_str(),
                        expected: "a list that is written out, and a value",
                        found: list.noun().to_owned(),
                    };
                    return self.refuse(list.place, kind);
                };
                let wanted = self.comparable(wanted)?;
                let items: Vec<_> = items.iter().map(|item| self.comparable(Term::of(item))).collect();
                let items: Option<Vec<_>> = items.into_iter().collect();
                Some(Condition::any(items?.into_iter().map(|item| Condition::equals(item, wanted.clone()))))
            }
            FunctionName::Condition => {
                let Some(name) = argument.text() else {
                    let kind = TemplateProblem::Arguments {
                        function: function.as_str(),
                        expected: "the name of a condition",
                        found: argument.noun().to_owned(),
                    };
                    return self.refuse(argument.place, kind);
                };
                self.condition_named(name, argument.place)
            }
            FunctionName::Equals => {
                let [left, right] = self.arguments(function, "a list of two values", argument)?;
                let (left, right) = (self.value(left), self.value(right));
                self.equal(&left?, &right?)
            }
            FunctionName::Not => {
                let [inner] = self.arguments(function, "a list of one condition", argument)?;
                self.condition(inner).map(Condition::not)
            }
            FunctionName::And => self.conditions_in(function, argument).map(Condition::all),
            FunctionName::Or => self.conditions_in(function, argument).map(Condition::any),
            FunctionName::Ref
            | FunctionName::GetAtt
            | FunctionName::Sub
            | FunctionName::Join
            | FunctionName::Select
            | FunctionName::Split
            | FunctionName::Base64
            | FunctionName::If
            | FunctionName::FindInMap
            | FunctionName::ToJsonString
            | FunctionName::ImportValue
            | FunctionName::Contains
            | FunctionName::Length => {
                let kind = TemplateProblem::WrongShape {
                    of: "a condition".to_owned(),
                    expected: "`Fn::Equals`, `Fn::And`, `Fn::Or`, `Fn::Not` or `Condition`",
                    found: function.as_str(),
                };
                self.refuse(term.place, kind)
            }
        }
    }

    fn conditions_in(&mut self, function: FunctionName, argument: Term<'a>) -> Option<Vec<Condition>> {
        // "The minimum number of conditions that you can include is 2, and the maximum is 10."
        // (https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-conditions.html)
        let Some(items) = argument.items().filter(|items| (2..=10).contains(&items.len())) else {
            let kind = TemplateProblem::Arguments {
                function: function.as_str(),
                expected: "a list of two to ten conditions",
                found: argument
                    .items()
                    .map_or(argument.noun().to_owned(), |items| format!("a list of {}", items.len())),
            };
            return self.refuse(argument.place, kind);
        };
        let conditions: Vec<_> = items.iter().map(|item| self.condition(Term::of(item))).collect();
        conditions.into_iter().collect()
    }

    /// Whether two values are equal. What a mapping holds for a key that is not known is one of several values.
    fn equal(&mut self, left: &Held, right: &Held) -> Option<Condition> {
        self.weigh(VALUE, &left.place)?;
        match (&left.value, &right.value) {
            (Value::Choice(choice), _) => {
                let then = self.equal(&choice.then, right)?;
                let otherwise = self.equal(&choice.otherwise, right)?;
                Some(Condition::choice(&choice.condition, then, otherwise))
            }
            (_, Value::Choice(_)) => self.equal(right, left),
            (one, other) => {
                for (value, place) in [(one, &left.place), (other, &right.place)] {
                    if !matches!(value, Value::Text(_) | Value::Number(_) | Value::Flag(_)) {
                        let kind = TemplateProblem::Arguments {
                            function: FunctionName::Equals.as_str(),
                            expected: "a list of two single values",
                            found: value.noun().to_owned(),
                        };
                        return self.refuse(place, kind);
                    }
                }
                Some(Condition::equals(one.clone(), other.clone()))
            }
        }
    }

    /// A value that can be compared.
    fn comparable(&mut self, term: Term<'a>) -> Option<Value> {
        let held = self.value(term)?;
        match held.value {
            value @ (Value::Text(_) | Value::Number(_) | Value::Flag(_)) => Some(value),
            other => {
                let kind = TemplateProblem::Arguments {
                    function: FunctionName::Equals.as_str(),
                    expected: "a list of two single values",
                    found: other.noun().to_owned(),
                };
                self.refuse(term.place, kind)
            }
        }
    }
}

/// Calls `found` with every condition that `term` mentions.
fn mentions<'a>(term: Term<'a>, found: &mut impl FnMut(&'a str)) {
    if let Ok(Some((function, argument))) = term.function(true) {
        if function == FunctionName::Condition {
            argument.text().map(&mut *found);
        } else {
            mentions_inside(argument, found);
        }
    } else {
        mentions_inside(term, found);
    }
}

fn mentions_inside<'a>(term: Term<'a>, found: &mut impl FnMut(&'a str)) {
    match term.value {
        YamlValue::Scalar(_) => {}
        YamlValue::Sequence(items) => {
            for item in items {
                mentions(Term::of(item), found);
            }
        }
        YamlValue::Mapping(entries) => {
            for entry in entries {
                mentions(Term::of(&entry.value), found);
            }
        }
    }
}
