//! Inputs, and what they must fulfil together: the model's parameters and requirements, and the two inputs that a stack has
//! without declaring them, its region and its name.

use jit_runners_model::{
    Deployment, LabelMappings,
    parameter::{self, DefaultValue, Parameter, ParameterId, ParameterType},
    requirement::{Demand as Demanded, Fact},
};

use super::converter::{self, Converter, entries};
use crate::graph::{
    Condition, Demand, Held, Node, Number, Properties, Requirement, Symbol, SymbolicText, Value,
};

/// What is asked of label mappings beside their pattern, where JSON can be read.
const MAPPINGS: [&str; 4] = [
    "can([for mapping in jsondecode(var.label_mappings) : [mapping.label, mapping.instance_type]])",
    "alltrue([for type in flatten(try([for mapping in jsondecode(var.label_mappings) : [mapping.instance_type, \
     try(mapping.instance_types, [])]], [])) : can(regex(\"^[a-z][a-z0-9-]*[0-9][a-z0-9-]*[.]\
     (nano|micro|small|medium|large|([1-9][0-9]*)?xlarge|metal(-[0-9]{1,5}xl)?)$\", type))])",
    "alltrue([for mapping in try(jsondecode(var.label_mappings), []) : \
     can(regex(\"^[^\\\\s\\\\pZ\\\\p{Cc},]{1,256}$\", try(mapping.label, \"x\")))])",
    "try(length(distinct([for mapping in jsondecode(var.label_mappings) : lower(mapping.label)])) == \
     length(jsondecode(var.label_mappings)), true)",
];

/// Every input. The first two are Terraform's alone: they pair with the stack's region and name.
pub(super) fn inputs(converter: &Converter, deployment: &Deployment) -> Vec<Node<()>> {
    let parameters = deployment.parameters().iter().map(|parameter| {
        let Parameter { id, group: _, description, kind, expected, default, example: _ } = parameter;
        let mut properties = values(converter, kind);
        properties.extend(entries([
            ("Default", default.as_ref().map_or(converter.absent(), |default| converter.default(default))),
            ("Description", converter.held(*description)),
            ("ConstraintDescription", converter.held(*expected)),
        ]));
        converter.input(id.cloudformation, properties)
    });
    [region(converter), project(converter, deployment)].into_iter().chain(parameters).collect()
}

fn region(converter: &Converter) -> Node<()> {
    let properties = entries([
        ("Type", converter.held("text")),
        ("Default", converter.held("us-east-1")),
        ("AllowedPattern", converter.held("^[a-z]{2,}(-[a-z]+)+-[0-9]+$")),
        ("Description", converter.held("The region in which everything is deployed.")),
        ("ConstraintDescription", converter.held("the name of an AWS region such as us-east-1")),
    ]);
    converter.input("aws_region", properties)
}

fn project(converter: &Converter, deployment: &Deployment) -> Node<()> {
    let (longest, _) = deployment.longest_name();
    let properties = entries([
        ("Type", converter.held("text")),
        ("Default", converter.held(deployment.choices().name.as_str())),
        ("MaxLength", converter.count(longest)),
        ("AllowedPattern", converter.held("^[A-Za-z][A-Za-z0-9-]*$")),
        // EC2 keeps the prefix for the ids of security groups:
        // https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateSecurityGroup.html
        ("OtherChecks", converter.held(Value::set(vec![converter.held("lower(substr(var.project_name, 0, 3)) != \"sg-\"")]))),
        (
            "Description",
            converter.held(
                "The prefix of every resource's name. Each deployment in an account and region needs its own.",
            ),
        ),
        ("ConstraintDescription", converter.held("a letter followed by letters, digits and hyphens")),
    ]);
    converter.input("project_name", properties)
}

/// Which values an input takes.
fn values(converter: &Converter, kind: &ParameterType) -> Properties {
    let aws = |kind: &str, aws: &str| [("Type", converter.held(kind)), ("AwsType", converter.held(aws))];
    match kind {
        ParameterType::Text { pattern, longest } => entries([
            ("Type", converter.held("text")),
            ("AllowedPattern", converter.held(pattern.as_str())),
            ("MaxLength", longest.map_or(converter.absent(), |longest| converter.count(longest))),
        ]),
        ParameterType::LabelMappings => entries([
            ("Type", converter.held("text")),
            ("AllowedPattern", converter.held(LabelMappings::PATTERN.as_str())),
            ("MaxLength", converter.count(LabelMappings::MOST_BYTES)),
            ("OtherChecks", converter.held(Value::set(MAPPINGS.map(|check| converter.held(check)).into()))),
        ]),
        ParameterType::Integer { min, max } => entries([
            ("Type", converter.held("number")),
            ("Whole", converter.held(true)),
            ("MinValue", converter.held(*min)),
            ("MaxValue", converter.held(*max)),
        ]),
        ParameterType::Flag => entries([("Type", converter.held("flag"))]),
        ParameterType::VpcId => entries(aws("text", "AWS::EC2::VPC::Id")),
        ParameterType::ImageId => entries(aws("text", "AWS::EC2::Image::Id")),
        ParameterType::SubnetIds => {
            let [kind, aws] = aws("list", "List<AWS::EC2::Subnet::Id>");
            entries([kind, aws, ("MinItems", converter.held(1_u32))])
        }
    }
}

impl Converter {
    fn input(&self, name: &str, mut properties: Properties) -> Node<()> {
        properties.insert("Nullable".to_owned(), self.held(false));
        properties.retain(|_, held| held.value != Value::Absent);
        Node { kind: (), address: name.into(), place: self.place(), condition: Condition::Always, properties }
    }

    fn default(&self, default: &DefaultValue) -> Held {
        match default {
            DefaultValue::Text(text) => self.held(text.as_str()),
            DefaultValue::Integer(number) => self.held(*number),
            DefaultValue::Flag(flag) => self.held(*flag),
        }
    }

    fn count(&self, count: usize) -> Held {
        self.held(u32::try_from(count).map_or(Value::Absent, |count| Value::Number(Number::from(count))))
    }
}

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
