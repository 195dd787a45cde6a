//! Compares what Terraform plans to make with what a stack makes of the same inputs.
//!
//! ```text
//! plan ------------------> Graph -\
//! template, parameters --> Graph --> rules -> put in name, region, account -> compare -> Report
//! ```

use std::{collections::BTreeMap, sync::Arc};

use super::{Report, Subject, Unreadable, normalise, pair, unreadable};
use crate::{
    graph::{
        Call, Changer, Condition, Demand, Function, Graph, Held, Node, Number, Properties, Requirement,
        Symbol, SymbolicText, Value,
    },
    problem::{ParametersProblem, Problem},
    read::SourceFile,
    readers::{TerraformPlan, from_cloudformation, from_plan, parameter_values},
};

/// Compares the plan in `plan` (`terraform show -json`) with what the template makes of `parameters`, in the region and
/// the account of the plan.
///
/// The plan is the provider's own view, with the defaults that it fills in. What nobody knows before the plan is carried
/// out is counted, and not compared.
pub fn check_plan(
    plan: &SourceFile,
    template: &SourceFile,
    parameters: &SourceFile,
) -> Result<Report, Unreadable> {
    let mut problems = Vec::new();
    let plan = from_plan(&plan.name, &plan.bytes).map_err(|found| problems.extend(found));
    let template = from_cloudformation(&template.name, &template.bytes, false).and_then(|template| {
        let values = parameter_values(parameters, &template.inputs)?;
        Ok((template, values))
    });
    let template = template.map_err(|found| problems.extend(found));
    let (Ok(plan), Ok((mut template, values))) = (plan, template) else { return Err(unreadable(problems)) };

    let TerraformPlan { graph: mut planned, inputs, surroundings: mut known } = plan;
    planned.inputs = nodes(&inputs);
    if let Some(Value::Text(name)) = pair(&mut planned, &template, None)
        .and_then(|deployment| inputs.get(&deployment))
        .map(|held| &held.value)
    {
        known.push((Symbol::DeploymentName, name.clone()));
    }
    let planned_inputs = std::mem::take(&mut planned.inputs);
    template.inputs = Vec::new();
    let bindings = Bindings { known, inputs: values };
    template.bind(&bindings);
    let broken: Vec<_> = template.requirements.drain(..).filter_map(broken).collect();
    if !broken.is_empty() {
        return Err(unreadable(broken));
    }

    let mut graphs = vec![template, planned];
    normalise(&mut graphs)?;
    for (graph, inputs) in graphs.iter_mut().zip([nodes(&bindings.inputs), planned_inputs]) {
        graph.inputs = inputs;
        // Rules spell out ARNs, which hold the region and the account.
        graph.bind(&bindings);
    }
    Ok(Report::of(graphs, Subject::Plan))
}

/// What the template says of a rule that the values break: it makes nothing of them.
fn broken(requirement: Requirement) -> Option<Problem> {
    let Requirement { demand, message, place } = requirement;
    let kind = ParametersProblem::RuleBroken { message };
    (demand == Demand::Holds(Condition::Never)).then(|| Problem { place, kind: kind.into() })
}

/// Inputs by their values alone; one dialect has the text `true` where the other has a flag.
fn nodes(values: &BTreeMap<Arc<str>, Held>) -> Vec<Node<()>> {
    let node = |(name, held): (&Arc<str>, &Held)| Node {
        kind: (),
        address: Arc::clone(name),
        place: held.place.clone(),
        condition: Condition::Always,
        properties: Properties::from([("Value".to_owned(), text(held))]),
    };
    values.iter().map(node).collect()
}

fn text(held: &Held) -> Held {
    let value = match &held.value {
        Value::Flag(flag) => Value::from(flag.to_string().as_str()),
        Value::Number(number) => Value::from(number.as_str()),
        Value::List(items) => Value::List(items.iter().map(text).collect()),
        other => other.clone(),
    };
    Held::new(value, held.place.clone())
}

/// The values of one deployment, where they are known.
#[derive(Debug, Default)]
pub(crate) struct Bindings {
    /// The deployment's name, the region, the account, the partition.
    pub known: Vec<(Symbol, SymbolicText)>,
    /// Values of inputs by their names.
    pub inputs: BTreeMap<Arc<str>, Held>,
}

impl Graph {
    /// Replaces symbols by the values of one deployment, and leaves out the resources whose conditions do not hold.
    pub(crate) fn bind(&mut self, mut bindings: &Bindings) {
        self.resources.iter_mut().for_each(|node| node.change(&mut bindings));
        self.resources.retain(|node| node.condition != Condition::Never);
        self.inputs.iter_mut().chain(&mut self.outputs).for_each(|node| node.change(&mut bindings));
        self.outputs.retain(|node| node.condition != Condition::Never);
        for requirement in &mut self.requirements {
            requirement.demand.change(|condition| condition.changed(&mut bindings));
        }
    }
}

impl Changer for &Bindings {
    fn symbol(&mut self, symbol: &Symbol) -> Option<Value> {
        match symbol {
            Symbol::Input(name) => self.inputs.get(name).map(|held| held.value.clone()),
            symbol => {
                let known = self.known.iter().find(|(known, _)| known == symbol);
                known.map(|(_, text)| Value::Text(text.clone()))
            }
        }
    }

    /// Evaluates what can be evaluated now.
    fn call(&mut self, call: Call) -> Value {
        let result = match (call.function, call.arguments.as_slice()) {
            (Function::Join, [separator, Held { value: Value::List(items) | Value::Set(items), .. }]) => {
                joined(separator, items).map(Value::Text)
            }
            (Function::Select, [index, Held { value: Value::List(items), .. }]) => match &index.value {
                Value::Number(index) => index
                    .as_str()
                    .parse()
                    .ok()
                    .and_then(|index: usize| items.get(index))
                    .map(|item| item.value.clone()),
                _ => None,
            },
            (Function::Bare, [Held { value: value @ (Value::Number(_) | Value::Flag(_)), .. }]) => {
                Some(value.clone())
            }
            (Function::Bare, [Held { value: Value::Text(text), place, .. }])
                if text.as_literal().is_some() =>
            {
                text.parse_json(place).ok()
            }
            (Function::Length, [Held { value: Value::List(items), .. }]) => {
                Number::parse(&items.len().to_string()).map(Value::Number)
            }
            _ => None,
        };
        result.unwrap_or_else(|| Value::Text(Symbol::Call(call).into()))
    }
}

fn joined(separator: &Held, items: &[Held]) -> Option<SymbolicText> {
    let separator = separator.as_literal()?;
    let mut joined = SymbolicText::new();
    for (index, item) in items.iter().enumerate() {
        if index > 0 {
            joined.push_str(separator);
        }
        match &item.value {
            Value::Text(text) => joined.append(text),
            _ => return None,
        }
    }
    Some(joined)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value as Json, json};

    use super::*;
    use crate::graph::{symbolic_text, value::tests::held};

    const TEMPLATE: &str = "\
Parameters:
  Delay:
    Type: Number
    Default: 5
  Topics:
    Type: CommaDelimitedList
    Default: ''
  Prefix:
    Type: String
Resources:
  Jobs:
    Type: AWS::SQS::Queue
    Properties:
      QueueName: !Sub '${AWS::StackName}-${Prefix}-jobs'
      MaximumMessageSize: 262144
      DelaySeconds: !Ref Delay
      RedrivePolicy:
        deadLetterTargetArn: !GetAtt Dead.Arn
        maxReceiveCount: 3
  Dead:
    Type: AWS::SQS::Queue
    Properties:
      QueueName: !Sub '${AWS::StackName}-dead'
      MaximumMessageSize: 262144
Outputs:
  JobsUrl:
    Value: !Ref Jobs
";

    /// A plan of the same queues; `redrive` and `url` are what it says of the dead-letter queue's ARN and the output.
    fn plan(redrive: Option<&str>, url: Option<&str>) -> Json {
        let queue = |name: &str, values: Json| {
            let address = format!("aws_sqs_queue.{name}");
            json!({"address": address, "mode": "managed", "type": "aws_sqs_queue", "name": name, "values": values})
        };
        let jobs = json!({
            "name": "ci-x-jobs", "delay_seconds": 5, "redrive_policy": redrive,
            "id": url,
        });
        json!({
            "format_version": "1.2",
            "variables": {
                "project_name": {"value": "ci"}, "prefix": {"value": "x"}, "delay": {"value": 5},
                "topics": {"value": []}, "aws_region": {"value": "eu-west-1"},
            },
            "planned_values": {
                "outputs": {"jobs_url": {"value": url}},
                "root_module": {"resources": [queue("jobs", jobs), queue("dead", json!({"name": "ci-dead"}))]},
            },
            "resource_changes": [
                {"address": "aws_sqs_queue.jobs", "change": {"after_unknown": {"redrive_policy": redrive.is_none()}}},
            ],
            "output_changes": {"jobs_url": {"after_unknown": url.is_none()}},
            "configuration": {
                "provider_config": {"aws": {"expressions": {"region": {"references": ["var.aws_region"]}}}},
                "root_module": {"resources": [{
                    "address": "aws_sqs_queue.jobs",
                    "expressions": {"redrive_policy": {"references": ["aws_sqs_queue.dead.arn", "aws_sqs_queue.dead"]}},
                }]},
            },
            "prior_state": {"values": {"root_module": {"resources": [{
                "address": "data.aws_caller_identity.here", "mode": "data", "type": "aws_caller_identity",
                "name": "here", "values": {"account_id": "123456789012"},
            }, {
                "address": "data.aws_partition.here", "mode": "data", "type": "aws_partition",
                "name": "here", "values": {"partition": "aws"},
            }]}}},
        })
    }

    const DEAD: &str =
        r#"{"deadLetterTargetArn":"arn:aws:sqs:eu-west-1:123456789012:ci-dead","maxReceiveCount":3}"#;

    fn check(plan: &Json, parameters: &Json) -> Result<Report, String> {
        let file = |name: &str, text: String| SourceFile::new(name, text);
        check_plan(
            &file("plan.json", plan.to_string()),
            &file("template.yaml", TEMPLATE.to_owned()),
            &file("parameters.json", parameters.to_string()),
        )
        .map_err(|unreadable| unreadable.lines().join("\n"))
    }

    fn differences(report: &Report) -> Vec<String> {
        report.differences.iter().map(|found| format!("{}: {}", found.resource, found.path)).collect()
    }

    #[test]
    fn a_plan_before_anything_exists_leaves_some_values_open() {
        let report = check(&plan(None, None), &json!(["Prefix=x"])).unwrap();
        assert_eq!(differences(&report), Vec::<String>::new());
        let unknown: Vec<_> =
            report.unknown.iter().map(|one| format!("{}: {}", one.resource, one.path)).collect();
        assert_eq!(unknown, ["JobsUrl: Value", "ci-x-jobs: RedrivePolicy"]);
    }

    #[test]
    fn a_plan_of_what_exists_leaves_none_open() {
        let url = "https://sqs.eu-west-1.amazonaws.com/123456789012/ci-x-jobs";
        for parameters in [
            json!([{"ParameterKey": "Prefix", "ParameterValue": "x"}]),
            json!({"Parameters": {"Prefix": "x", "Delay": 5, "Topics": []}}),
        ] {
            let report = check(&plan(Some(DEAD), Some(url)), &parameters).unwrap();
            assert_eq!((differences(&report), report.unknown), (vec![], vec![]), "{parameters}");
        }
    }

    #[test]
    fn what_differs_is_found() {
        let dead = DEAD.replace("eu-west-1", "eu-west-2").replace(":3}", ":4}");
        let report =
            check(&plan(Some(&dead), Some("https://elsewhere")), &json!(["Prefix=x", "Delay=6"])).unwrap();
        assert_eq!(
            differences(&report),
            [
                "ci-x-jobs: DelaySeconds",
                "ci-x-jobs: RedrivePolicy.deadLetterTargetArn",
                "ci-x-jobs: RedrivePolicy.maxReceiveCount",
                "Delay: Value",
            ]
        );
    }

    #[test]
    fn values_that_a_rule_refuses_are_told_with_its_words() {
        let rules = "Rules:
  Fast:
    RuleCondition: !Equals [!Ref Prefix, x]
    Assertions:
    - Assert: !Equals [!Ref Delay, 0]
      AssertDescription: x has no time.
";
        let check = |parameters: &Json| {
            check_plan(
                &SourceFile::new("plan.json", plan(None, None).to_string()),
                &SourceFile::new("template.yaml", format!("{rules}{TEMPLATE}")),
                &SourceFile::new("parameters.json", parameters.to_string()),
            )
            .map(|report| differences(&report))
            .map_err(|unreadable| unreadable.lines().join("\n"))
        };
        assert_eq!(
            check(&json!(["Prefix=x"])),
            Err("template.yaml:5:15: the values of the parameters break this rule: x has no time.".to_owned())
        );
        assert_eq!(check(&json!(["Prefix=y"])).map(|_| ()), Ok(()));
        let found = check(&json!(["Prefix=x", "Delay=0"]));
        assert_eq!(found, Ok(vec!["ci-x-jobs: DelaySeconds".to_owned(), "Delay: Value".to_owned()]));
    }

    #[test]
    fn values_that_do_not_fit_are_refused_all_at_once() {
        let refused = |parameters: Json| check(&plan(None, None), &parameters).map(|_| ()).unwrap_err();
        assert_eq!(
            refused(json!(["Prefx=x", "Delay=soon", "Delay=6"])),
            "parameters.json:1:25: a second value for `Delay`, after the one at parameters.json:1:12; remove one"
        );
        assert_eq!(
            refused(json!(["Prefx=x", "Delay=soon"])),
            "parameters.json: `Prefix` has no default at template.yaml:8:3, and no value here; add one\n\
             parameters.json:1:2: the template has no parameter `Prefx`; did you mean `Prefix`?\n\
             parameters.json:1:12: `Delay` takes a number; `soon` is none"
        );
        for other in [
            json!("Prefix=x"),
            json!({"Prefix": "x"}),
            json!(["Prefix"]),
            json!([{"Prefix": "x"}]),
            json!([[]]),
        ] {
            let message = refused(other);
            assert!(message.contains("this is no list of parameters"), "{message}");
        }
    }

    fn input(name: &str) -> Value {
        Value::Text(SymbolicText::from(Symbol::Input(name.into())))
    }

    #[test]
    fn what_is_known_is_put_in() {
        let inputs =
            [("Topic".into(), held("")), ("Subnets".into(), held(Value::List(vec![held("a"), held("b")])))];
        let known = vec![(Symbol::DeploymentName, SymbolicText::literal("ci"))];
        let bindings = Bindings { known, inputs: inputs.into() };
        let bound = |value: &Value| {
            let mut value = value.clone();
            value.change(&mut &bindings);
            value
        };
        let name = symbolic_text![Symbol::DeploymentName, "-x"];
        assert_eq!(bound(&Value::Text(name)).to_string(), "\"ci-x\"");
        let call = Call { function: Function::Join, arguments: vec![held(","), held(input("Subnets"))] };
        assert_eq!(bound(&Value::Text(SymbolicText::from(Symbol::Call(call)))), Value::from("a,b"));
        let choice =
            Value::choice(Condition::equals(input("Topic"), "".into()), held("none"), held(input("Topic")));
        assert_eq!(bound(&choice), Value::from("none"));
        assert_eq!(bound(&input("Other")), input("Other"));
    }
}
