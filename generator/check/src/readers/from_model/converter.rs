//! Writes values of the model down in the words of the graph.

use std::sync::Arc;

use jit_runners_model::{
    self as model, Json, Ref,
    parameter::{self, ParameterId},
    policy::{Policy, PolicyCondition, Service, Statement},
    resource::{self, IsKind},
};

use crate::{
    graph::{Call, Condition, Function, Held, Properties, ResourceAttribute, Symbol, SymbolicText, Value},
    read::Place,
};

/// Writes values; all of them stand in one place, the model.
pub(super) struct Converter {
    place: Place,
}

/// What a resource of one kind states.
pub(super) trait Convert<R> {
    /// The properties of `resource`, by their names in the service's documentation.
    fn convert(&self, resource: &R) -> Properties;
}

/// Properties with their names.
pub(super) fn entries<const N: usize>(entries: [(&str, Held); N]) -> Properties {
    entries.into_iter().map(|(name, held)| (name.to_owned(), held)).collect()
}

/// The question that the model asks of an input.
pub(super) fn condition(condition: parameter::InputCondition) -> Condition {
    let input = |id: ParameterId| Value::Text(parameter_text(id));
    match condition {
        parameter::InputCondition::IsSet(id) => Condition::not(Condition::equals(input(id), "".into())),
    }
}

fn parameter_text(id: ParameterId) -> SymbolicText {
    SymbolicText::from(Symbol::Input(Arc::from(id.cloudformation)))
}

impl Converter {
    pub(super) fn new() -> Self {
        Self { place: Place::whole("model".into()) }
    }

    pub(super) fn place(&self) -> Place {
        self.place.clone()
    }

    pub(super) fn held(&self, value: impl Into<Value>) -> Held {
        Held::new(value, self.place())
    }

    pub(super) fn absent(&self) -> Held {
        self.held(Value::Absent)
    }

    pub(super) fn map<const N: usize>(&self, named: [(&str, Held); N]) -> Held {
        self.held(entries(named))
    }

    pub(super) fn list(&self, items: impl IntoIterator<Item = Held>) -> Held {
        self.held(Value::List(items.into_iter().collect()))
    }

    pub(super) fn literals<'a>(&self, items: impl IntoIterator<Item = &'a str>) -> Held {
        self.list(items.into_iter().map(|item| self.held(item)))
    }

    pub(super) fn json(&self, held: Held) -> Held {
        self.held(Value::Json(Box::new(held)))
    }

    /// Text, with its expressions.
    pub(super) fn text(&self, text: &model::Text) -> Held {
        self.held(Value::Text(self.translated(text)))
    }

    pub(super) fn texts<'a>(&self, texts: impl IntoIterator<Item = &'a model::Text>) -> Held {
        self.list(texts.into_iter().map(|text| self.text(text)))
    }

    /// The value of an input.
    pub(super) fn parameter(&self, id: ParameterId) -> Held {
        self.held(parameter_text(id))
    }

    /// An attribute of a resource.
    pub(super) fn attribute<K: IsKind>(&self, of: &Ref<K>, attribute: ResourceAttribute) -> Held {
        self.held(SymbolicText::from(Symbol::attribute(of.id().logical_id, attribute)))
    }

    fn translated(&self, text: &model::Text) -> SymbolicText {
        let mut new = SymbolicText::new();
        for segment in text.pieces() {
            match segment {
                model::Piece::Literal(literal) => new.push_str(literal),
                model::Piece::Expr(symbol) => new.push_symbol(self.symbol(symbol)),
            }
        }
        new
    }

    fn symbol(&self, symbol: &model::Expr) -> Symbol {
        match symbol {
            model::Expr::DeploymentName => Symbol::DeploymentName,
            model::Expr::Region => Symbol::Region,
            model::Expr::AccountId => Symbol::AccountId,
            model::Expr::Partition => Symbol::Partition,
            model::Expr::Parameter(id) => Symbol::Input(Arc::from(id.cloudformation)),
            model::Expr::JoinedParameter(id) => {
                let arguments = vec![self.held(","), self.parameter(*id)];
                Symbol::Call(Call { function: Function::Join, arguments })
            }
            model::Expr::Attribute { kind: _, of, attribute } => Symbol::attribute(
                of.logical_id,
                match attribute {
                    resource::Attribute::Arn => ResourceAttribute::Arn,
                    resource::Attribute::Id => ResourceAttribute::Id,
                    resource::Attribute::Name => ResourceAttribute::Name,
                    resource::Attribute::Url => ResourceAttribute::Url,
                    resource::Attribute::Endpoint => ResourceAttribute::Endpoint,
                    resource::Attribute::UniqueId => ResourceAttribute::UniqueId,
                },
            ),
        }
    }

    /// A JSON document.
    pub(super) fn document(&self, json: &Json) -> Held {
        match json {
            Json::Text(text) => self.text(text),
            Json::Number(number) => self.held(*number),
            Json::Flag(flag) => self.held(*flag),
            Json::List(items) => self.list(items.iter().map(|item| self.document(item))),
            Json::Object(named) => self.held(
                named
                    .iter()
                    .map(|(name, value)| ((*name).to_owned(), self.document(value)))
                    .collect::<Properties>(),
            ),
        }
    }

    /// A policy document in the language's current version.
    pub(super) fn policy(&self, policy: &Policy) -> Held {
        let Policy { statements } = policy;
        let statements = statements.iter().map(|statement| self.statement(statement));
        self.policy_of(self.list(statements))
    }

    /// A policy that lets `service` take on a role.
    pub(super) fn trust(&self, service: Service, conditions: &[PolicyCondition]) -> Held {
        self.policy_of(self.list([self.map([
            ("Effect", self.held("Allow")),
            ("Principal", self.service(service)),
            ("Action", self.held("sts:AssumeRole")),
            ("Condition", self.conditions(conditions)),
        ])]))
    }

    fn policy_of(&self, statements: Held) -> Held {
        self.map([("Version", self.held("2012-10-17")), ("Statement", statements)])
    }

    fn service(&self, service: Service) -> Held {
        self.map([("Service", self.held(service.principal()))])
    }

    fn statement(&self, statement: &Statement) -> Held {
        let Statement { sid, reason: _, service, actions, resources, conditions } = statement;
        self.map([
            ("Sid", self.held(*sid)),
            ("Effect", self.held("Allow")),
            ("Principal", service.map_or(self.absent(), |service| self.service(service))),
            ("Action", self.literals(actions.iter().copied())),
            ("Resource", self.texts(resources)),
            ("Condition", self.conditions(conditions)),
        ])
    }

    fn conditions(&self, conditions: &[PolicyCondition]) -> Held {
        if conditions.is_empty() {
            return self.absent();
        }
        let mut operators = std::collections::BTreeMap::<_, Properties>::new();
        for PolicyCondition { operator, key, values } in conditions {
            operators.entry(operator.as_str()).or_default().insert(key.clone(), self.texts(values));
        }
        let operators = operators.into_iter().map(|(operator, keys)| (operator.to_owned(), self.held(keys)));
        self.held(operators.collect::<Properties>())
    }
}
