//! The module's inputs: the model's parameters, and the two that a stack has by itself (its region, its name); and what they must
//! fulfil.
//!
//! Label mappings are JSON in a text: Terraform can ask all of them that the scale-up function asks. What inputs must fulfil
//! together cannot stand in a variable's own validation before Terraform 1.9 and OpenTofu 1.9, so it is asked by
//! preconditions of a data source: Terraform asks them of each plan, before all resources.

use hcl_edit::{
    expr::{BinaryOperator, Expression},
    structure::Block,
};
use jit_runners_model::{
    Deployment, InstanceType, Label,
    parameter::{DefaultValue, Parameter, ParameterGroup, ParameterId, ParameterType, Pattern},
    requirement::{Demand, Fact, Requirement},
};

use super::{
    tree::{Contents, binary, block, call, commented, for_each, for_each_if, list, literal, path},
    value::{is_set, variable},
};

/// One variable.
pub(super) struct Input {
    pub(super) name: &'static str,
    /// The heading under which it is shown.
    pub(super) group: &'static str,
    pub(super) description: &'static str,
    /// The type constraint.
    pub(super) kind: &'static str,
    /// Its value when it is not given.
    pub(super) default: Option<Expression>,
    /// A value that could be real.
    pub(super) example: Expression,
    pub(super) rules: Vec<Rule>,
}

/// What a value must fulfil.
pub(super) enum Rule {
    /// The whole text matches a regular expression.
    Matches { pattern: &'static str, expected: &'static str },
    /// The text does not begin so, in upper or lower case.
    NotStartingWith { start: &'static str, why: &'static str },
    /// There is an item.
    NotEmpty,
    /// Each item matches a regular expression.
    EachMatches { pattern: &'static str, expected: &'static str },
    /// The number is whole and within bounds.
    WholeBetween { min: u32, max: u32, expected: &'static str },
    /// A condition that only this variable is in.
    Holds { condition: Box<Expression>, must: &'static str, refused: Box<Refused> },
    /// The text has so many characters, at most. `longer` has one more, and nothing else is wrong with it.
    NoLongerThan { characters: usize, why: &'static str, longer: String },
}

/// A value that a rule must refuse, and the way in which it is wrong.
pub(super) type Refused = (&'static str, Expression);

/// Every input, in the order in which people are asked for them.
pub(super) fn inputs(deployment: &Deployment) -> Vec<Input> {
    let (longest, _) = deployment.longest_name();
    let own = "Deployment";
    let name = literal(deployment.choices().name.as_str());
    let region = Input {
        name: "aws_region",
        group: own,
        description: "The region in which everything is deployed.",
        kind: "string",
        default: Some(literal(REGION)),
        example: literal(REGION),
        rules: vec![Rule::Matches {
            pattern: "^[a-z]{2,}(-[a-z]+)+-[0-9]+$",
            expected: "the name of an AWS region such as us-east-1",
        }],
    };
    let project = Input {
        name: "project_name",
        group: own,
        description: "The prefix of every resource's name. Each deployment in an account and region needs its own.",
        kind: "string",
        default: Some(name.clone()),
        example: name,
        rules: vec![
            Rule::Matches {
                pattern: "^[A-Za-z][A-Za-z0-9-]*$",
                expected: "a letter followed by letters, digits and hyphens",
            },
            Rule::NotStartingWith { start: "sg-", why: "which EC2 keeps for the ids of security groups" },
            Rule::NoLongerThan {
                characters: longest,
                why: "so that names made from it stay within AWS's limits",
                longer: "a".repeat(longest + 1),
            },
        ],
    };
    let groups = ParameterGroup::ALL.into_iter().flat_map(|group| {
        deployment.parameters().iter().filter(move |parameter| parameter.group == group).map(input)
    });
    [region, project].into_iter().chain(groups).collect()
}

/// The default region.
pub(super) const REGION: &str = "us-east-1";

fn input(parameter: &Parameter) -> Input {
    let Parameter { id, group, description, kind, expected, default, example } = parameter;
    let (example, rules) = match kind {
        ParameterType::Text { .. } | ParameterType::LabelMappings => {
            let matches = |pattern: Pattern| Rule::Matches { pattern: pattern.as_str(), expected };
            let fits = |characters| Rule::NoLongerThan {
                characters,
                why: "what a function's environment has room for",
                longer: format!("{example:width$}", width = characters + 1),
            };
            let by_itself = kind.pattern().map(matches).into_iter().chain(kind.longest().map(fits));
            let more = if *kind == ParameterType::LabelMappings { mapping_rules(*id) } else { Vec::new() };
            (literal(example), by_itself.chain(more).collect())
        }
        ParameterType::VpcId | ParameterType::ImageId => {
            let matches = |pattern: Pattern| Rule::Matches { pattern: pattern.as_str(), expected };
            (literal(example), kind.pattern().map(matches).into_iter().collect())
        }
        ParameterType::SubnetIds => {
            let matches = |pattern: Pattern| Rule::EachMatches { pattern: pattern.as_str(), expected };
            let rules = std::iter::once(Rule::NotEmpty).chain(kind.pattern().map(matches)).collect();
            (list(example.split(',').map(literal)), rules)
        }
        ParameterType::Integer { min, max } => {
            let example = example.parse::<u32>().map_or_else(|_| literal(example), Into::into);
            (example, vec![Rule::WholeBetween { min: *min, max: *max, expected }])
        }
        ParameterType::Flag => {
            (example.parse::<bool>().map_or_else(|_| literal(example), Into::into), Vec::new())
        }
    };
    let default = default.as_ref().map(|default| match default {
        DefaultValue::Text(text) => literal(text),
        DefaultValue::Integer(number) => (*number).into(),
        DefaultValue::Flag(flag) => (*flag).into(),
    });
    let kind = type_constraint(kind);
    Input { name: id.terraform, group: group.title(), description, kind, default, example, rules }
}

/// What a module calls the type of a variable.
pub(crate) const fn type_constraint(kind: &ParameterType) -> &'static str {
    match kind {
        ParameterType::Text { .. }
        | ParameterType::LabelMappings
        | ParameterType::VpcId
        | ParameterType::ImageId => "string",
        ParameterType::SubnetIds => "list(string)",
        ParameterType::Integer { .. } => "number",
        ParameterType::Flag => "bool",
    }
}

impl Rule {
    /// The `validation` block of this rule for the variable `name`.
    pub(super) fn validation(&self, name: &str) -> Contents {
        let variable = || path(&["var", name]);
        let compare = |left: Expression, operator, right: Expression| binary(left, operator, right);
        let (condition, must) = match self {
            Self::Matches { pattern, expected } => {
                (matches(pattern, variable()), format!("must be {expected}"))
            }
            Self::NotStartingWith { start, why } => {
                let length = i64::try_from(start.len()).unwrap_or(i64::MAX);
                let found = call("lower", [call("substr", [variable(), 0.into(), length.into()])]);
                let differs = compare(found, BinaryOperator::NotEq, literal(start));
                (differs, format!("must not start with {start}, {why}"))
            }
            Self::NotEmpty => (
                compare(call("length", [variable()]), BinaryOperator::Greater, 0.into()),
                "must have at least one item".to_owned(),
            ),
            Self::EachMatches { pattern, expected } => {
                let each = for_each("item", variable(), matches(pattern, path(&["item"])));
                (call("alltrue", [each]), format!("must be {expected}"))
            }
            Self::WholeBetween { min, max, expected } => {
                let low = compare(variable(), BinaryOperator::GreaterEq, (*min).into());
                let high = compare(variable(), BinaryOperator::LessEq, (*max).into());
                let whole = compare(call("floor", [variable()]), BinaryOperator::Eq, variable());
                let all = compare(compare(low, BinaryOperator::And, high), BinaryOperator::And, whole);
                (all, format!("must be {expected}"))
            }
            Self::Holds { condition, must, refused: _ } => (Expression::clone(condition), (*must).to_owned()),
            Self::NoLongerThan { characters, why, longer: _ } => (
                compare(call("length", [variable()]), BinaryOperator::LessEq, (*characters).into()),
                format!("must have at most {characters} characters, {why}"),
            ),
        };
        let stop = if must.ends_with('.') { "" } else { "." };
        Contents::new()
            .set("condition", condition)
            .set("error_message", literal(&format!("{name} {must}{stop}")))
    }

    /// Values that it refuses.
    pub(super) fn refused(&self) -> Vec<Refused> {
        match self {
            // No pattern of the model takes a single question mark.
            Self::Matches { .. } => vec![("malformed", literal("?"))],
            Self::NotStartingWith { start, why: _ } => vec![("reserved", literal(&format!("{start}a")))],
            Self::NotEmpty => vec![("empty", list::<Expression>([]))],
            Self::EachMatches { .. } => vec![("malformed", list([literal("?")]))],
            Self::WholeBetween { min, max, .. } => vec![
                ("too_small", (i64::from(*min) - 1).into()),
                ("too_large", (i64::from(*max) + 1).into()),
                ("not_whole", (f64::from(*min) + 0.5).into()),
            ],
            Self::Holds { condition: _, must: _, refused } => vec![Refused::clone(refused)],
            Self::NoLongerThan { characters: _, why: _, longer } => vec![("too_long", literal(longer))],
        }
    }
}

/// `can(regex(pattern, value))`; the patterns are anchored.
pub(super) fn matches(pattern: &str, value: Expression) -> Expression {
    call("can", [call("regex", [literal(pattern), value])])
}

/// The data source that has the preconditions.
pub(super) const OWNER: [&str; 3] = ["data", "aws_caller_identity", "current"];

/// The `lifecycle` block that has them; none, if there are none.
pub(super) fn preconditions(deployment: &Deployment) -> Option<Block> {
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

/// The rules of the input `mappings`, beside its pattern.
pub(super) fn mapping_rules(mappings: ParameterId) -> Vec<Rule> {
    let each = |value| for_each("mapping", decoded(mappings), value);
    let types = each(list([of("instance_type"), call("try", [of("instance_types"), nothing()])]));
    let types = call("flatten", [call("try", [types, nothing()])]);
    let labels = call("distinct", [each(call("lower", [of("label")]))]);
    let as_many = binary(call("length", [labels]), BinaryOperator::Eq, call("length", [decoded(mappings)]));
    let is_type = matches(InstanceType::PATTERN.as_str(), path(&["type"]));
    let label = matches(Label::PATTERN.as_str(), call("try", [of("label"), literal("x")]));
    vec![
        holds(
            call("can", [each(list([of("label"), of("instance_type")]))]),
            "must be JSON, with a label and an instance_type in each entry",
            ("incomplete", r#"[{"label":"a"}]"#),
        ),
        holds(
            call("alltrue", [for_each("type", types, is_type)]),
            "must have instance types that EC2 could have, a family and a size such as c7i.xlarge",
            ("impossible", r#"[{"label":"a","instance_type":"t3.huge"}]"#),
        ),
        holds(
            call("alltrue", [for_each("mapping", decoded_or_none(mappings), label)]),
            "must have labels of at most 256 characters, without blanks and commas",
            ("mislabelled", r#"[{"label":"a\tb","instance_type":"t3.large"}]"#),
        ),
        holds(
            call("try", [as_many, true.into()]),
            "must have each label once, in upper or lower case",
            (
                "doubled",
                r#"[{"label":"a","instance_type":"t3.large"},{"label":"A","instance_type":"t3.nano"}]"#,
            ),
        ),
    ]
}

/// A rule, and mappings that break it and no other.
fn holds(condition: Expression, must: &'static str, (way, broken): (&'static str, &str)) -> Rule {
    Rule::Holds { condition: condition.into(), must, refused: (way, literal(broken)).into() }
}

/// Whether the type in `default` and those in `mappings` that start from the default image are of one architecture.
fn one_architecture(default: ParameterId, mappings: ParameterId) -> Expression {
    let alone = || list([of("instance_type")]);
    let candidates = call("try", [call("coalescelist", [of("instance_types"), alone()]), alone()]);
    let has_no_image =
        binary(call("try", [of("ami"), Expression::null()]), BinaryOperator::Eq, Expression::null());
    let mapped = for_each_if("mapping", decoded_or_none(mappings), candidates, has_no_image);
    let all = call("flatten", [list([path(&["var", default.terraform]), mapped])]);
    let is_graviton = matches(InstanceType::GRAVITON.as_str(), path(&["type"]));
    let architectures = call("distinct", [for_each("type", all, is_graviton)]);
    binary(call("length", [architectures]), BinaryOperator::Eq, 1)
}

/// A part of a mapping.
fn of(name: &str) -> Expression {
    path(&["mapping", name])
}

fn nothing() -> Expression {
    list::<Expression>([])
}

fn decoded(mappings: ParameterId) -> Expression {
    call("jsondecode", [path(&["var", mappings.terraform])])
}

/// Text that is not JSON is reported by one rule only.
fn decoded_or_none(mappings: ParameterId) -> Expression {
    call("try", [decoded(mappings), nothing()])
}
