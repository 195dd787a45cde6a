//! Rules across the inputs. A variable's own validation cannot ask about another variable before Terraform 1.9 and
//! OpenTofu 1.9, so they are preconditions of a data source: Terraform asks them of each plan, before all resources.

use hcl_edit::{
    expr::{BinaryOperator, Expression},
    structure::Block,
};
use jit_runners_model::{
    Deployment,
    requirement::{Demand, Fact, Requirement},
};

use super::{
    mappings::one_architecture,
    tree::{Contents, binary, block, call, commented, list, literal},
    value::{is_set, variable},
};

/// The data source that has the preconditions.
pub(super) const OWNER: [&str; 3] = ["data", "aws_caller_identity", "current"];

/// The `lifecycle` block that has them; none, if there are none.
pub(super) fn lifecycle(deployment: &Deployment) -> Option<Block> {
    let preconditions: Vec<_> = deployment.requirements().iter().map(precondition).collect();
    (!preconditions.is_empty()).then(|| {
        let lifecycle = block("lifecycle", &[], Contents::new().blocks(preconditions));
        commented(lifecycle, "What the variables must fulfil together is asked first, whatever this looks up")
    })
}

fn precondition(requirement: &Requirement) -> Block {
    let message = requirement.message(|input| input.terraform);
    let contents = Contents::new()
        .set("condition", condition(&requirement.demand))
        .set("error_message", literal(&message));
    block("precondition", &[], contents)
}

fn condition(demand: &Demand) -> Expression {
    match demand {
        Demand::AnyOf(facts) => {
            let any = facts.iter().map(fact).reduce(|one, other| binary(one, BinaryOperator::Or, other));
            any.unwrap_or_else(|| false.into())
        }
        Demand::OneArchitecture { default, mappings } => one_architecture(*default, *mappings),
    }
}

fn fact(fact: &Fact) -> Expression {
    match fact {
        Fact::OneOf(input, values) => {
            call("contains", [list(values.iter().map(|value| literal(value))), variable(*input)])
        }
        Fact::IsSet(input) => is_set(*input),
    }
}
