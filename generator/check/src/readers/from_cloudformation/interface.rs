//! What a template asks of whoever deploys it, and what it gives back: parameters, rules and outputs.
//!
//! - <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/parameters-section-structure.html>
//! - <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/rules-section-structure.html>
//! - <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/outputs-section-structure.html>

use super::get;
use crate::{
    cloudformation::{
        evaluate::{Evaluator, Scope},
        term::Term,
    },
    graph::{Condition, Held, Node, Number, Properties, Requirement, Symbol, SymbolicText, Value},
    problem::{TemplateProblem, alike, outside},
    read::{Entry, Place},
};

/// Keys of a parameter.
const PARAMETER_KEYS: &[&str] = &[
    "Type",
    "Default",
    "Description",
    "AllowedPattern",
    "AllowedValues",
    "ConstraintDescription",
    "MaxLength",
    "MaxValue",
    "MinLength",
    "MinValue",
    "NoEcho",
];

/// Types of AWS, which stand alone or in `List<...>`.
const AWS_TYPES: &[&str] = &[
    "AWS::EC2::AvailabilityZone::Name",
    "AWS::EC2::Image::Id",
    "AWS::EC2::Instance::Id",
    "AWS::EC2::KeyPair::KeyName",
    "AWS::EC2::SecurityGroup::GroupName",
    "AWS::EC2::SecurityGroup::Id",
    "AWS::EC2::Subnet::Id",
    "AWS::EC2::Volume::Id",
    "AWS::EC2::VPC::Id",
    "AWS::Route53::HostedZone::Id",
];

/// What a parameter holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Type {
    Text,
    Number,
    Texts,
    Numbers,
}

/// Whether the parameter that `term` declares holds a list.
pub(super) fn is_list(term: Term<'_>) -> bool {
    get(term, "Type")
        .and_then(Term::text)
        .is_some_and(|name| name == "CommaDelimitedList" || name.starts_with("List<"))
}

impl<'a> Evaluator<'a> {
    /// The inputs that `entries` declare.
    pub(super) fn inputs(&mut self, entries: &'a [Entry]) -> Vec<Node<()>> {
        let inputs = entries.iter().map(|entry| {
            let (address, place) = (entry.key.as_str().into(), entry.place.clone());
            let before = self.problems.len();
            let properties = self.input(Term::of(&entry.value));
            let mut node = Node { kind: (), address, place, condition: Condition::Always, properties };
            if self.problems.len() > before {
                node.properties.clear();
                node.mark(&["Type"], &entry.place);
            }
            node
        });
        inputs.collect()
    }

    fn input(&mut self, term: Term<'a>) -> Properties {
        let mut properties = Properties::new();
        let Some(entries) = self.object("a parameter", term) else { return properties };
        let Some(type_of) = entries.iter().find(|entry| entry.key == "Type") else {
            self.refuse::<()>(term.place, TemplateProblem::Missing { of: "this parameter", key: "Type" });
            return properties;
        };
        let Some(type_of) = self.type_of(Term::of(&type_of.value), &mut properties) else {
            return properties;
        };
        for entry in entries {
            if let Some(value) = self.property(type_of, entry) {
                let place = entry.value.place.clone();
                properties.insert(entry.key.clone(), Held::new(value, place));
            }
        }
        properties
    }

    fn type_of(&mut self, term: Term<'a>, properties: &mut Properties) -> Option<Type> {
        let name = term.text().unwrap_or_default();
        let inner = name.strip_prefix("List<").and_then(|rest| rest.strip_suffix('>'));
        let is_aws = |name: &str| AWS_TYPES.contains(&name);
        let (type_of, noun) = match (name, inner) {
            ("String", _) => (Type::Text, "text"),
            ("Number", _) => (Type::Number, "number"),
            ("CommaDelimitedList" | "List<String>", _) => (Type::Texts, "list"),
            ("List<Number>", _) => (Type::Numbers, "list"),
            (_, Some(inner)) if is_aws(inner) => (Type::Texts, "list"),
            _ if is_aws(name) => (Type::Text, "text"),
            _ if name.contains("AWS::SSM::Parameter::") => {
                let instead = "take the value itself as a parameter";
                return self.refuse(term.place, outside(name, instead));
            }
            _ => {
                let kind = TemplateProblem::BadValue {
                    key: "Type",
                    expected: "`String`, `Number`, `CommaDelimitedList` or a type such as `AWS::EC2::VPC::Id`",
                    found: term.text().unwrap_or(term.noun()).to_owned(),
                };
                return self.refuse(term.place, kind);
            }
        };
        properties.insert("Type".to_owned(), Held::new(noun, term.place.clone()));
        if inner.is_some() || is_aws(name) {
            properties.insert("AwsType".to_owned(), Held::new(name, term.place.clone()));
        }
        Some(type_of)
    }

    fn property(&mut self, type_of: Type, entry: &'a Entry) -> Option<Value> {
        let term = Term::of(&entry.value);
        let key = PARAMETER_KEYS.iter().find(|key| **key == entry.key).copied();
        match key {
            Some("Type") => None,
            Some("Default") => self.default(type_of, term),
            Some(key @ ("MinValue" | "MaxValue" | "MinLength" | "MaxLength")) => {
                self.number(key, term).map(Value::Number)
            }
            Some("AllowedValues") => {
                let Some(items) = term.items() else {
                    let (of, expected) = (entry.key.clone(), "a list");
                    let kind = TemplateProblem::WrongShape { of, expected, found: term.noun() };
                    return self.refuse(term.place, kind);
                };
                let items: Vec<_> = items
                    .iter()
                    .filter_map(|item| {
                        let text = match type_of {
                            Type::Number | Type::Numbers => {
                                self.number("AllowedValues", Term::of(item))?.to_string()
                            }
                            Type::Text | Type::Texts => self.characters("AllowedValues", Term::of(item))?,
                        };
                        Some(Held::new(SymbolicText::literal(text), item.place.clone()))
                    })
                    .collect();
                Some(Value::set(items))
            }
            Some("NoEcho") => match term.text() {
                Some("true" | "True" | "TRUE") => Some(Value::Flag(true)),
                Some("false" | "False" | "FALSE") => Some(Value::Flag(false)),
                _ => self.bad("NoEcho", "`true` or `false`", term),
            },
            Some(key) => self.characters(key, term).map(|text| Value::Text(SymbolicText::literal(text))),
            None => {
                let suggestion = alike(&entry.key, PARAMETER_KEYS.iter().copied())
                    .and_then(|meant| PARAMETER_KEYS.iter().find(|known| **known == meant).copied());
                let key = entry.key.clone();
                self.refuse(&entry.place, TemplateProblem::UnknownKey { of: "a parameter", key, suggestion })
            }
        }
    }

    /// The default: a list is written as text with commas.
    fn default(&mut self, type_of: Type, term: Term<'a>) -> Option<Value> {
        match type_of {
            Type::Text => {
                self.characters("Default", term).map(|text| Value::Text(SymbolicText::literal(text)))
            }
            Type::Number => self.number("Default", term).map(Value::Number),
            Type::Texts | Type::Numbers => {
                let text = self.characters("Default", term)?;
                if text.is_empty() {
                    return Some(Value::List(Vec::new()));
                }
                let items: Option<Vec<_>> = text
                    .split(',')
                    .map(|item| {
                        // "Spaces are trimmed from each member string."
                        let item = item.trim();
                        if type_of == Type::Texts {
                            return Some(Held::new(item, term.place.clone()));
                        }
                        Number::parse(item).map(|number| Held::new(number, term.place.clone()))
                    })
                    .collect();
                match items {
                    Some(items) => Some(Value::List(items)),
                    None => self.bad("Default", "numbers with commas between them", term),
                }
            }
        }
    }

    /// The characters of a scalar, whether or not it stands in quotes.
    pub(super) fn characters(&mut self, key: &'static str, term: Term<'a>) -> Option<String> {
        let held = self.literal(term)?;
        match held.value {
            Value::Text(text) => match text.as_symbol() {
                Some(Symbol::Unsure(written)) => self.refuse(term.place, TemplateProblem::unsure(written)),
                _ => text.as_literal().map(str::to_owned),
            },
            Value::Number(number) => Some(number.to_string()),
            Value::Flag(flag) => Some(flag.to_string()),
            Value::Absent
            | Value::Null
            | Value::List(_)
            | Value::Set(_)
            | Value::Map(_)
            | Value::Json(_)
            | Value::Choice(_) => self.bad(key, "text", term),
        }
    }

    fn number(&mut self, key: &'static str, term: Term<'a>) -> Option<Number> {
        // Where a number belongs, its spelling says nothing.
        let text = match self.literal(term)?.value {
            Value::Text(text) if matches!(text.as_symbol(), Some(Symbol::Unsure(_))) => {
                term.text().unwrap_or_default().to_owned()
            }
            _ => self.characters(key, term)?,
        };
        match Number::parse(&text) {
            Some(number) => Some(number),
            None => self.bad(key, "a number", term),
        }
    }

    fn bad<T>(&mut self, key: &'static str, expected: &'static str, term: Term<'a>) -> Option<T> {
        let found = term.text().unwrap_or(term.noun()).to_owned();
        self.refuse(term.place, TemplateProblem::BadValue { key, expected, found })
    }

    /// Refuses a key of `of` that nobody knows.
    pub(super) fn unknown_key<T>(
        &mut self,
        of: &'static str,
        key: &str,
        place: &Place,
        known: &[&'static str],
    ) -> Option<T> {
        let suggestion = alike(key, known.iter().copied())
            .and_then(|meant| known.iter().find(|known| **known == meant).copied());
        self.refuse(place, TemplateProblem::UnknownKey { of, key: key.to_owned(), suggestion })
    }
}

/// Keys of a rule.
const RULE_KEYS: &[&str] = &["RuleCondition", "Assertions"];
/// Keys of an assertion.
const ASSERTION_KEYS: &[&str] = &["Assert", "AssertDescription"];

impl<'a> Evaluator<'a> {
    /// The requirements that `entries` state.
    pub(super) fn rules(&mut self, entries: &'a [Entry]) -> Vec<Requirement> {
        self.scope = Scope::Condition;
        self.in_rule = true;
        let requirements =
            entries.iter().filter_map(|entry| self.rule(Term::of(&entry.value))).flatten().collect();
        self.in_rule = false;
        requirements
    }

    fn rule(&mut self, term: Term<'a>) -> Option<Vec<Requirement>> {
        self.only(RULE_KEYS, "a rule", term)?;
        let when = match get(term, "RuleCondition") {
            Some(term) => self.condition(term)?,
            None => Condition::Always,
        };
        let Some(assertions) = get(term, "Assertions") else {
            return self.refuse(term.place, TemplateProblem::Missing { of: "this rule", key: "Assertions" });
        };
        let Some(items) = assertions.items() else {
            let (of, expected) = ("Assertions".to_owned(), "a list");
            let kind = TemplateProblem::WrongShape { of, expected, found: assertions.noun() };
            return self.refuse(assertions.place, kind);
        };
        let mut requirements = Vec::new();
        for item in items {
            requirements.extend(self.assertion(&when, Term::of(item)).unwrap_or_default());
        }
        Some(requirements)
    }

    fn assertion(&mut self, when: &Condition, term: Term<'a>) -> Option<Vec<Requirement>> {
        self.only(ASSERTION_KEYS, "an assertion", term)?;
        let Some(assert) = get(term, "Assert") else {
            return self.refuse(term.place, TemplateProblem::Missing { of: "this assertion", key: "Assert" });
        };
        let message = match get(term, "AssertDescription") {
            Some(term) => self.characters("AssertDescription", term)?,
            None => String::new(),
        };
        let holds = self.condition(assert)?;
        let demanded = Condition::any([Condition::not(when.clone()), holds]);
        Some(Requirement::of(demanded, &message, assert.place))
    }

    /// Refuses keys of `of` that are not in `known`, and what has no keys.
    fn only(&mut self, known: &[&'static str], of: &'static str, term: Term<'a>) -> Option<()> {
        let entries = self.object(of, term)?;
        let unknown: Vec<_> = entries.iter().filter(|entry| !known.contains(&entry.key.as_str())).collect();
        for entry in &unknown {
            self.unknown_key::<()>(of, &entry.key, &entry.place, known);
        }
        unknown.is_empty().then_some(())
    }
}

const OUTPUT_KEYS: &[&str] = &["Value", "Description", "Export", "Condition"];

impl<'a> Evaluator<'a> {
    /// The outputs that `entries` declare.
    pub(super) fn outputs(&mut self, entries: &'a [Entry]) -> Vec<Node<()>> {
        self.scope = Scope::Output;
        entries.iter().map(|entry| self.output(entry)).collect()
    }

    fn output(&mut self, output: &'a Entry) -> Node<()> {
        let mut properties = Properties::new();
        let mut condition = Condition::Always;
        let before = self.problems.len();
        let mut is_unread = false;
        let entries = self.object("an output", Term::of(&output.value));
        let is_object = entries.is_some();
        let entries = entries.unwrap_or_default();
        if is_object && !entries.iter().any(|entry| entry.key == "Value") {
            self.refuse::<()>(&output.place, TemplateProblem::Missing { of: "this output", key: "Value" });
        }
        for entry in entries {
            let term = Term::of(&entry.value);
            let held = match entry.key.as_str() {
                "Value" => self.value(term),
                "Description" => self
                    .characters("Description", term)
                    .map(|text| Held::new(SymbolicText::literal(text), term.place.clone())),
                "Export" => self.export(term),
                "Condition" => {
                    let found = self.condition_of(term);
                    is_unread |= found.is_none();
                    condition = found.unwrap_or(Condition::Always);
                    None
                }
                key => self.unknown_key("an output", key, &entry.place, OUTPUT_KEYS),
            };
            properties.extend(held.map(|held| (entry.key.clone(), held)));
        }
        let place = output.place.clone();
        let mut node = Node { kind: (), address: output.key.as_str().into(), place, condition, properties };
        if is_unread || self.problems.len() > before {
            node.properties.clear();
            node.mark(&["Value"], &output.place);
        }
        node
    }

    fn export(&mut self, term: Term<'a>) -> Option<Held> {
        let mut name = None;
        for entry in self.object("Export", term)? {
            if entry.key == "Name" {
                name = Some(self.value(Term::of(&entry.value)));
            } else {
                self.unknown_key::<()>("an export", &entry.key, &entry.place, &["Name"]);
            }
        }
        match name {
            Some(name) => name,
            None => self.refuse(term.place, TemplateProblem::Missing { of: "this export", key: "Name" }),
        }
    }

    /// The condition that a resource or an output names.
    pub(super) fn condition_of(&mut self, term: Term<'a>) -> Option<Condition> {
        let Some(name) = term.text() else {
            let (of, expected) = ("Condition".to_owned(), "the name of a condition");
            return self.refuse(term.place, TemplateProblem::WrongShape { of, expected, found: term.noun() });
        };
        self.condition_named(name, term.place)
    }
}
