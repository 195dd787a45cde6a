//! `Ref` and `Fn::GetAtt`.

use super::{
    Companion, ResourceType,
    evaluate::{Evaluator, Resource, Scope},
    term::{FunctionName, Term},
};
use crate::{
    graph::{Kind, ResourceAttribute, Symbol, SymbolicText, Value},
    problem::{TemplateProblem, alike},
    read::Place,
};

/// Pseudo parameters
/// (<https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/pseudo-parameter-reference.html>).
const PSEUDO: &[(&str, Pseudo)] = &[
    ("AWS::AccountId", Pseudo::Symbol(Symbol::AccountId)),
    ("AWS::NoValue", Pseudo::NoValue),
    ("AWS::NotificationARNs", Pseudo::Outside("only a stack has them; take topics as a parameter")),
    ("AWS::Partition", Pseudo::Symbol(Symbol::Partition)),
    ("AWS::Region", Pseudo::Symbol(Symbol::Region)),
    ("AWS::StackId", Pseudo::Outside("only a stack has one; use `AWS::StackName`")),
    ("AWS::StackName", Pseudo::Symbol(Symbol::DeploymentName)),
    ("AWS::URLSuffix", Pseudo::Symbol(Symbol::UrlSuffix)),
];

enum Pseudo {
    Symbol(Symbol),
    NoValue,
    Outside(&'static str),
}

impl<'a> Evaluator<'a> {
    /// `Ref`.
    pub(super) fn reference(&mut self, argument: Term<'a>) -> Option<Value> {
        let Some(name) = argument.text() else {
            let kind = TemplateProblem::Arguments {
                function: FunctionName::Ref.as_str(),
                expected: "the name of a parameter or a resource",
                found: argument.noun().to_owned(),
            };
            return self.refuse(argument.place, kind);
        };
        self.named(name, argument.place)
    }

    /// What `Ref` gives for `name`.
    pub(super) fn named(&mut self, name: &str, place: &Place) -> Option<Value> {
        if let Some((_, pseudo)) = PSEUDO.iter().find(|(known, _)| *known == name) {
            return match pseudo {
                Pseudo::Symbol(symbol) => Some(Value::Text(SymbolicText::from(symbol.clone()))),
                Pseudo::NoValue => Some(Value::Absent),
                Pseudo::Outside(instead) => {
                    self.refuse(place, TemplateProblem::Outside { found: name.to_owned(), instead })
                }
            };
        }
        if self.declared.parameters.contains_key(name) {
            return Some(Value::Text(SymbolicText::from(Symbol::Input(name.into()))));
        }
        let resource = self.resource(name, "parameter or resource", place)?;
        let kind = match resource.kind? {
            ResourceType::Node(kind) => kind,
            ResourceType::Companion(Companion::ManagedPolicy) => return Some(Self::attached(&resource)),
            resource_type @ ResourceType::Companion(_) => {
                return self.no_reference(name, resource_type, place);
            }
        };
        match kind.facts().reference {
            Some(ResourceAttribute::Name) if resource.on_event_bus => {
                let kind = TemplateProblem::NoReference {
                    name: name.to_owned(),
                    of: "a rule of a named event bus",
                    instead: "`Ref` gives the bus and the name; write the name out",
                };
                self.refuse(place, kind)
            }
            Some(attribute) => {
                Some(Value::Text(SymbolicText::from(Symbol::attribute(resource.address, attribute))))
            }
            None => self.no_reference(name, ResourceType::Node(kind), place),
        }
    }

    /// `Fn::GetAtt`.
    pub(super) fn get_att(&mut self, argument: Term<'a>) -> Option<Value> {
        if let Some((name, attribute)) = argument.text().and_then(|text| text.split_once('.')) {
            return self.attribute(name, attribute, argument.place);
        }
        let texts: Option<Vec<_>> = argument
            .items()
            .map(|items| items.iter().map(|item| Term::of(item).text()).collect::<Vec<_>>())
            .and_then(|texts| texts.into_iter().collect());
        if let Some([name, rest @ ..]) = texts.as_deref()
            && !rest.is_empty()
        {
            return self.attribute(name, &rest.join("."), argument.place);
        }
        let kind = TemplateProblem::Arguments {
            function: FunctionName::GetAtt.as_str(),
            expected: "the name of a resource and an attribute: `Queue.Arn`, or a list of the two",
            found: argument.text().unwrap_or(argument.noun()).to_owned(),
        };
        self.refuse(argument.place, kind)
    }

    /// What `Fn::GetAtt` gives for `attribute` of `name`.
    pub(super) fn attribute(&mut self, name: &str, attribute: &str, place: &Place) -> Option<Value> {
        let resource = self.resource(name, "resource", place)?;
        let resource_type = resource.kind?;
        let known = match resource_type {
            ResourceType::Node(kind) => kind.facts().attributes,
            ResourceType::Companion(Companion::ManagedPolicy) if attribute == "PolicyArn" => {
                return Some(Self::attached(&resource));
            }
            ResourceType::Companion(_) => &[],
        };
        let Some((_, found)) = known.iter().find(|(known, _)| *known == attribute) else {
            let known: Vec<_> = known.iter().map(|(known, _)| format!("`{known}`")).collect();
            let known = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
            let of = resource_type.as_str();
            let attribute = attribute.to_owned();
            return self.refuse(place, TemplateProblem::UnknownAttribute { of, attribute, known });
        };
        let mut text = SymbolicText::from(Symbol::attribute(resource.address, *found));
        // "arn:aws:logs:us-west-1:123456789012:log-group:/mystack-testgroup-12ABC1AB12A1:*"
        // (https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-logs-loggroup.html)
        if resource_type == ResourceType::Node(Kind::LogGroup) {
            text.push_str(":*");
        }
        Some(Value::Text(text))
    }

    /// The resource called `name`, to which something refers.
    fn resource(&mut self, name: &str, what: &'static str, place: &Place) -> Option<Resource> {
        let Some(resource) = self.declared.resources.get(name) else {
            let parameters = self.declared.parameters.keys().copied();
            let names = self.declared.resources.keys().copied().chain(parameters);
            let pseudo = PSEUDO.iter().map(|(name, _)| *name);
            let suggestion = alike(name, names.chain(pseudo)).map(str::to_owned);
            return self
                .refuse(place, TemplateProblem::UnknownName { what, name: name.to_owned(), suggestion });
        };
        match self.scope {
            Scope::Condition => {
                return self.refuse(place, TemplateProblem::NotInCondition { found: name.to_owned() });
            }
            Scope::Resource { index, .. } => {
                self.references.insert((index, resource.index));
            }
            Scope::Output => {}
        }
        Some(resource.clone())
    }

    /// The ARN of a managed policy.
    fn attached(policy: &Resource) -> Value {
        let arn = Symbol::attribute(policy.address.clone(), ResourceAttribute::Arn);
        Value::Text(SymbolicText::from(arn))
    }

    fn no_reference(&mut self, name: &str, resource_type: ResourceType, place: &Place) -> Option<Value> {
        let kind = TemplateProblem::NoReference {
            name: name.to_owned(),
            of: resource_type.as_str(),
            instead: match resource_type {
                ResourceType::Node(Kind::CustomResource) => "only its function knows it",
                ResourceType::Node(_) | ResourceType::Companion(_) => "refer to what it belongs to",
            },
        };
        self.refuse(place, kind)
    }
}
