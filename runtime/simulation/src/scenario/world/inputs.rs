//! Inputs of the deployment, by the names and in the form in which they are given when deploying. The model knows which variable of
//! the functions each of them is.

use std::collections::BTreeMap;

use jit_runners_model::{
    Choices, Deployment, Expr,
    choices::{RunnerChoices, RunnerScope},
    contract::environment::VariableProblem,
    parameter::{DefaultValue, Parameter, ParameterId, ParameterType},
    requirement::{Demand, Fact},
    resource::Function,
};
use jit_runners_runtime::webhook::WebhookSecret;
use jit_runners_yaml::{
    Located, Problem, Section,
    reader::{Flag, Read as _, Text, Whole, Word},
    section::ReadOf,
};
use serde_json::Value;

use crate::{policy::Environments, world::WorldSettings};

/// Reads `inputs` and `choices` into the variables of the functions.
pub(super) fn read(section: &mut Section<'_, '_>, settings: &mut WorldSettings) {
    let mut choices = Choices::default();
    section.inside("choices", "Choices at generation, as in `jit-runners.yaml`.", |section| {
        let scopes = RunnerScope::ALL.map(|scope| (scope.as_str(), scope));
        section.set("scope", "Where a runner is registered.", &Word(&scopes), &mut choices.runners.scope);
        let about =
            "Instances at the same time for one repository, at most; the input MaxRunners if it is missing.";
        let cap = Whole { low: 1, high: RunnerChoices::MOST_RUNNERS };
        if let Some(own) = section.get("max_per_repository", about, &cap) {
            choices.runners.max_per_repository = own;
        }
    });
    let Ok(deployment) = Deployment::new(choices.clone()) else { return };
    let variables = variables(&deployment);
    let known: Vec<_> = deployment
        .parameters()
        .iter()
        .filter(|parameter| variables.values().any(|id| *id == parameter.id))
        .map(|parameter| (parameter.id.cloudformation, parameter.description))
        .collect();
    let about = "Inputs of the deployment, as they are given when deploying. The others are those of a small deployment.";
    let given = section.by_name("inputs", about, &known, &Inputs(deployment.parameters()));
    let mut of_functions = literals(&choices);
    for (name, value) in &given {
        for (variable, _) in variables.iter().filter(|(_, id)| id.cloudformation == *name) {
            of_functions.insert((*variable).to_owned(), value.clone());
        }
    }
    check(section, &deployment, &variables, &given, &of_functions);
    settings.variables = of_functions;
}

/// The variables of the functions whose values are inputs.
fn variables(deployment: &Deployment) -> BTreeMap<&'static str, ParameterId> {
    let functions = deployment.resources_of::<Function>();
    functions
        .flat_map(|(_, function)| &function.environment)
        .filter_map(|(name, value)| match value.expressions().next()? {
            Expr::Parameter(id) | Expr::JoinedParameter(id) => Some((*name, *id)),
            Expr::DeploymentName
            | Expr::Region
            | Expr::AccountId
            | Expr::Partition
            | Expr::Attribute { .. } => None,
        })
        .collect()
}

/// The variables that choices are, as far as they differ from the usual ones.
fn literals(choices: &Choices) -> BTreeMap<String, String> {
    let of = |choices: &Choices| -> BTreeMap<String, String> {
        let Ok(deployment) = Deployment::new(choices.clone()) else { return BTreeMap::new() };
        let functions = deployment.resources_of::<Function>();
        functions
            .flat_map(|(_, function)| &function.environment)
            .filter_map(|(name, value)| Some(((*name).to_owned(), value.as_literal()?.to_owned())))
            .collect()
    };
    let usual = of(&Choices::default());
    of(choices).into_iter().filter(|(name, value)| usual.get(name) != Some(value)).collect()
}

/// Refuses what the functions would refuse.
fn check(
    section: &mut Section<'_, '_>,
    deployment: &Deployment,
    variables: &BTreeMap<&'static str, ParameterId>,
    given: &[(&'static str, String)],
    of_functions: &BTreeMap<String, String>,
) {
    // Any secret will do: only the other variables are looked at.
    let Ok(secret) = WebhookSecret::new("-") else { return };
    let refused = Environments::read(secret, |name| of_functions.get(name).cloned());
    if let Err(refused) = refused {
        for problem in refused.problems {
            let VariableProblem::Wrong { name, expected, why } = problem else { continue };
            let input = variables.get(name).map_or(name, |id| id.cloudformation);
            section.refuse(Some("inputs"), format!("{input} is not {expected}: {why}"));
        }
    }
    let value = |id: ParameterId| {
        let given = given.iter().find(|(name, _)| *name == id.cloudformation).map(|(_, value)| value.clone());
        let parameter = deployment.parameters().iter().find(|parameter| parameter.id == id);
        given.or_else(|| match &parameter?.default {
            Some(DefaultValue::Text(text)) => Some(text.clone()),
            Some(DefaultValue::Integer(number)) => Some(number.to_string()),
            Some(DefaultValue::Flag(flag)) => Some(flag.to_string()),
            None => None,
        })
    };
    for requirement in deployment.requirements() {
        // The functions themselves refuse types that do not fit their image.
        let Demand::AnyOf(facts) = &requirement.demand else { continue };
        let holds = facts.iter().any(|fact| match fact {
            Fact::OneOf(id, texts) => value(*id).is_some_and(|value| texts.contains(&value)),
            Fact::IsSet(id) => value(*id).is_some_and(|value| !value.is_empty()),
        });
        if !holds {
            section.refuse(Some("inputs"), requirement.message(|id| id.cloudformation));
        }
    }
}

/// Reads inputs by the type of their parameter.
struct Inputs<'a>(&'a [Parameter]);

impl Inputs<'_> {
    fn is_flag(&self, name: &str) -> bool {
        let parameter = self.0.iter().find(|parameter| parameter.id.cloudformation == name);
        parameter.is_some_and(|parameter| parameter.kind == ParameterType::Flag)
    }

    fn whole(&self, name: &str) -> Option<Whole> {
        let parameter = self.0.iter().find(|parameter| parameter.id.cloudformation == name)?;
        match parameter.kind {
            ParameterType::Integer { min, max } => Some(Whole { low: min, high: max }),
            _ => None,
        }
    }

    fn text(&self, name: &str) -> Text {
        let parameter = self.0.iter().find(|parameter| parameter.id.cloudformation == name);
        Text { example: parameter.map_or("", |parameter| parameter.example) }
    }
}

impl ReadOf<String> for Inputs<'_> {
    fn schema(&self, name: &'static str) -> Value {
        if self.is_flag(name) {
            return Flag.schema();
        }
        self.whole(name).map_or_else(|| self.text(name).schema(), |whole| whole.schema())
    }
    fn read(
        &self,
        name: &'static str,
        node: &Located,
        path: Vec<String>,
        problems: &mut Vec<Problem>,
    ) -> Option<String> {
        if self.is_flag(name) {
            return Flag.read(node, &path, problems).map(|flag| flag.to_string());
        }
        match self.whole(name) {
            Some(whole) => whole.read(node, &path, problems).map(|number| number.to_string()),
            None => self.text(name).read(node, &path, problems),
        }
    }
}
