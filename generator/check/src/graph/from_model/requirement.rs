//! What the inputs must fulfil together.

use jit_runners_model::{
    Deployment,
    parameter::{self, ParameterId},
    requirement::{Demand as Demanded, Fact},
};

use super::converter::{self, Converter};
use crate::graph::{Condition, Demand, Requirement, Symbol, SymbolicText, Value};

/// Every demand across the inputs.
pub(super) fn requirements(converter: &Converter, deployment: &Deployment) -> Vec<Requirement> {
    let requirements = deployment.requirements().iter().flat_map(|requirement| {
        let message = requirement.message(|input| input.cloudformation);
        let place = converter.place();
        match &requirement.demand {
            Demanded::AnyOf(facts) => {
                Requirement::of(Condition::any(facts.iter().map(fact)), &message, &place)
            }
            Demanded::OneArchitecture { default, mappings } => {
                let demand = Demand::Written(one_architecture(*default, *mappings));
                vec![Requirement { demand, message, place }]
            }
        }
    });
    requirements.collect()
}

fn fact(fact: &Fact) -> Condition {
    match fact {
        Fact::OneOf(input, values) => {
            let input = Value::Text(SymbolicText::from(Symbol::Input(input.cloudformation.into())));
            Condition::any(values.iter().map(|value| Condition::equals(input.clone(), value.as_str().into())))
        }
        Fact::IsSet(input) => converter::condition(parameter::InputCondition::IsSet(*input)),
    }
}

/// Types are told apart by the letter that stands for Graviton
/// (<https://docs.aws.amazon.com/ec2/latest/instancetypes/instance-type-names.html>).
fn one_architecture(default: ParameterId, mappings: ParameterId) -> String {
    format!(
        "length(distinct([for type in flatten([var.{}, [for mapping in try(jsondecode(var.{}), []) : \
         try(coalescelist(mapping.instance_types, [mapping.instance_type]), [mapping.instance_type]) \
         if try(mapping.ami, null) == null]]) : can(regex(\"^(a1|[a-z-]+[0-9][a-z0-9-]*g[a-z0-9-]*)[.].+$\", type))])) == 1",
        default.terraform, mappings.terraform
    )
}
