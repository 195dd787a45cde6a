//! References to ARNs become the ARNs.

use std::collections::BTreeMap;

use super::{
    Rule,
    fragment::{Part, Room, arn, arn_without_region, is_short, text},
};
use crate::graph::{Address, Attribute, Expr, Graph, Kind, Node, Text, Value};

pub(super) const RULE: Rule = Rule {
    name: "ARNs",
    says: "A reference to the ARN of a resource is that ARN, where the files state the name in it.",
    source: "https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html",
    apply,
};

fn apply(graph: &mut Graph) {
    let arns: BTreeMap<Address, Text> = graph
        .resources
        .iter()
        .filter_map(|node| Some((Address::clone(&node.address), arn_of(node)?)))
        .filter(|(_, arn)| is_short(arn))
        .collect();
    let mut room = Room::new();
    graph.rewrite(&mut |expr: &Expr| match expr {
        Expr::Attribute { of, attribute: Attribute::Arn } => room.copy(arns.get(of)?),
        _ => None,
    });
}

fn arn_of(node: &Node<Kind>) -> Option<Text> {
    let stated = |property: &str| match &node.properties.get(property)?.value {
        Value::Text(text) => Some(text.clone()),
        _ => None,
    };
    // What is not stated is what the service takes; what is one of two is not known.
    let stated_or = |property: &str, otherwise: &str| match node.properties.get(property) {
        None => Some(Text::literal(otherwise)),
        Some(_) => stated(property),
    };
    let in_region = |service: &str, kind: &str, name: &str| {
        Some(text([Part::Text(&arn(service)), Part::Literal(kind), Part::Text(&stated(name)?)]))
    };
    let in_account = |kind: &str, name: &str| {
        let (path, name) = (stated_or("Path", "/")?, stated(name)?);
        let start = arn_without_region("iam");
        Some(text([Part::Text(&start), Part::Literal(kind), Part::Text(&path), Part::Text(&name)]))
    };
    let id = || Text::from(Expr::attribute(Address::clone(&node.address), Attribute::Id));
    match node.kind {
        Kind::Queue => in_region("sqs", "", "QueueName"),
        Kind::Table => in_region("dynamodb", "table/", "TableName"),
        Kind::Function => in_region("lambda", "function:", "FunctionName"),
        Kind::LogGroup => in_region("logs", "log-group:", "LogGroupName"),
        Kind::Alarm => in_region("cloudwatch", "alarm:", "AlarmName"),
        Kind::Role => in_account("role", "RoleName"),
        Kind::InstanceProfile => in_account("instance-profile", "InstanceProfileName"),
        Kind::Dashboard => Some(text([
            Part::Text(&arn_without_region("cloudwatch")),
            Part::Literal("dashboard/"),
            Part::Text(&stated("DashboardName")?),
        ])),
        Kind::EventRule => {
            let (bus, name) = (stated_or("EventBusName", "default")?, stated("Name")?);
            let between = if bus.as_literal() == Some("default") {
                Text::new()
            } else {
                text([Part::Text(&bus), Part::Literal("/")])
            };
            let start = arn("events");
            Some(text([Part::Text(&start), Part::Literal("rule/"), Part::Text(&between), Part::Text(&name)]))
        }
        Kind::Schedule => {
            let (group, name) = (stated_or("GroupName", "default")?, stated("Name")?);
            Some(text([
                Part::Text(&arn("scheduler")),
                Part::Literal("schedule/"),
                Part::Text(&group),
                Part::Literal("/"),
                Part::Text(&name),
            ]))
        }
        Kind::SecurityGroup => {
            Some(text([Part::Text(&arn("ec2")), Part::Literal("security-group/"), Part::Text(&id())]))
        }
        // https://docs.aws.amazon.com/apigateway/latest/developerguide/arn-format-reference.html
        Kind::Api => Some(text([
            Part::Literal("arn:"),
            Part::Expr(Expr::Partition),
            Part::Literal(":apigateway:"),
            Part::Expr(Expr::Region),
            Part::Literal("::/apis/"),
            Part::Text(&id()),
        ])),
        Kind::Integration
        | Kind::Route
        | Kind::Stage
        | Kind::QueuePolicy
        | Kind::Permission
        | Kind::EventSourceMapping
        | Kind::EventInvokeConfig
        | Kind::CustomResource
        | Kind::ServiceLinkedRole
        | Kind::MetricFilter => None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{Sketch, attribute, held};
    use super::*;

    #[track_caller]
    fn is<const N: usize>(kind: Kind, properties: [(&str, &str); N], expected: &str) {
        let mut sketch = Sketch::terraform();
        sketch.resource(kind, "it", properties.map(|(name, value)| (name, held(value))));
        sketch.resource(Kind::Permission, "p", [("SourceArn", attribute("it", Attribute::Arn))]);
        sketch.apply(&RULE);
        assert_eq!(sketch.resources("p"), format!("{{SourceArn: {expected:?}}}"));
    }

    #[test]
    fn a_reference_to_an_arn_is_the_arn() {
        is(Kind::Queue, [("QueueName", "n")], "arn:<partition>:sqs:<region>:<account>:n");
        is(Kind::Table, [("TableName", "n")], "arn:<partition>:dynamodb:<region>:<account>:table/n");
        is(Kind::Function, [("FunctionName", "n")], "arn:<partition>:lambda:<region>:<account>:function:n");
        is(Kind::LogGroup, [("LogGroupName", "/n")], "arn:<partition>:logs:<region>:<account>:log-group:/n");
        is(Kind::Alarm, [("AlarmName", "n")], "arn:<partition>:cloudwatch:<region>:<account>:alarm:n");
        is(Kind::Dashboard, [("DashboardName", "n")], "arn:<partition>:cloudwatch::<account>:dashboard/n");
        is(Kind::Role, [("RoleName", "n")], "arn:<partition>:iam::<account>:role/n");
        is(Kind::Role, [("RoleName", "n"), ("Path", "/a/b/")], "arn:<partition>:iam::<account>:role/a/b/n");
        is(
            Kind::InstanceProfile,
            [("InstanceProfileName", "n")],
            "arn:<partition>:iam::<account>:instance-profile/n",
        );
        is(Kind::EventRule, [("Name", "n")], "arn:<partition>:events:<region>:<account>:rule/n");
        is(
            Kind::EventRule,
            [("Name", "n"), ("EventBusName", "b")],
            "arn:<partition>:events:<region>:<account>:rule/b/n",
        );
        is(
            Kind::Schedule,
            [("Name", "n")],
            "arn:<partition>:scheduler:<region>:<account>:schedule/default/n",
        );
        is(Kind::SecurityGroup, [], "arn:<partition>:ec2:<region>:<account>:security-group/<it.id>");
        is(Kind::Api, [], "arn:<partition>:apigateway:<region>::/apis/<it.id>");
    }

    #[test]
    fn what_nobody_named_stays_a_reference() {
        is(Kind::Queue, [], "<it.arn>");
        is(Kind::Role, [("Path", "/a/")], "<it.arn>");
        is(Kind::ServiceLinkedRole, [], "<it.arn>");
    }
}
