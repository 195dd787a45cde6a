//! The JSON of a Terraform plan to a graph: the provider's own view, with its defaults.
//!
//! ```text
//! planned_values, after_unknown, configuration -> Module -> translate -> Graph
//! ```
//!
//! `planned_values` has what is known, without blocks' places in any file; `after_unknown` marks what is not; the
//! configuration says what the unknown refers to.

mod document;
mod values;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use document::Document;
use serde_json::Value as Json;
use values::{Identifiers, Reader};

use super::{body::View, translate::translate};
use crate::{
    graph::{Address, Condition, Graph, Held, Properties, Symbol, SymbolicText, Value},
    problem::{PlanProblem, Problem},
    read::Place,
    terraform::{Module, NamedBlock, ResourceBlock},
};

/// Bytes of a plan, at most: a hundred times the size of ours.
pub const MAX_PLAN_BYTES: usize = 16 * 1024 * 1024;

/// What a plan says.
#[derive(Debug)]
pub(crate) struct TerraformPlan {
    /// What will be. Values that nobody knows before that are [`Symbol::Unknown`], or references.
    pub graph: Graph,
    /// The values of the variables.
    pub inputs: BTreeMap<Arc<str>, Held>,
    /// Where the plan is for: region, account, partition, as far as it says so.
    pub surroundings: Vec<(Symbol, SymbolicText)>,
}

/// Reads the plan in `bytes`, the contents of `file`.
pub(crate) fn from_plan(file: &Arc<str>, bytes: &[u8]) -> Result<TerraformPlan, Vec<Problem>> {
    let place = Place::whole(Arc::clone(file));
    let refused = |problem: PlanProblem| vec![Problem { place: place.clone(), kind: problem.into() }];
    if bytes.len() > MAX_PLAN_BYTES {
        return Err(refused(PlanProblem::TooLarge { most: MAX_PLAN_BYTES }));
    }
    // The parser refuses what is nested too deep.
    let document: Document = serde_json::from_slice(bytes)
        .map_err(|error| refused(PlanProblem::NotAPlan { found: error.to_string() }))?;
    if !document.format_version.starts_with("1.") {
        return Err(refused(PlanProblem::OtherFormat { found: document.format_version }));
    }
    if document.errored {
        return Err(refused(PlanProblem::Incomplete));
    }
    if let Some(child) = document.planned_values.root_module.child_modules.first() {
        return Err(refused(PlanProblem::ChildModule { found: child.address.clone() }));
    }
    read(&document, &place)
}

fn read(document: &Document, place: &Place) -> Result<TerraformPlan, Vec<Problem>> {
    // Data sources are read, not made: what they say already stands in the values of resources.
    let resources: Vec<_> =
        document.planned_values.root_module.resources.iter().filter(|one| one.mode == "managed").collect();
    let addresses: BTreeSet<Address> =
        resources.iter().map(|one| Address::from(one.address.as_str())).collect();
    let provider = document.configuration.provider_config.get("aws");
    let has_default_tags = provider.is_some_and(|provider| provider.expressions.contains_key("default_tags"));
    let region = region(document);
    let surroundings = surroundings(document, region);
    let mut identifiers = Identifiers::new(&surroundings);
    for resource in &resources {
        identifiers.learn(&resource.kind, &resource.address.as_str().into(), &resource.values);
    }
    let reader =
        Reader { place: place.clone(), addresses: &addresses, identifiers: &identifiers, has_default_tags };
    let changes: BTreeMap<&str, &Json> = document
        .resource_changes
        .iter()
        .map(|one| (one.address.as_str(), &one.change.after_unknown))
        .collect();
    let written: BTreeMap<&str, _> =
        document.configuration.root_module.resources.iter().map(|one| (one.address.as_str(), one)).collect();

    let mut module = Module::default();
    for resource in resources {
        let address = Address::from(resource.address.as_str());
        let written = written.get(format!("{}.{}", resource.kind, resource.name).as_str());
        let unknown = changes.get(resource.address.as_str()).copied().unwrap_or(&Json::Null);
        let expressions = written.map_or(&Json::Null, |written| &written.expressions);
        let arguments = reader.arguments(&resource.kind, &address, &resource.values, unknown, expressions);
        let depends_on = written.map_or(&[][..], |written| &written.depends_on);
        module.resources.push(ResourceBlock {
            kind: resource.kind.as_str().into(),
            address,
            place: place.clone(),
            condition: Condition::Always,
            provider: "aws".into(),
            arguments,
            depends_on: depends_on.iter().map(|on| (on.as_str().into(), place.clone())).collect(),
            lifecycle: Properties::new(),
        });
    }
    module.outputs = outputs(document, &reader);
    let provider = region.map(|region| named("aws", [("region", Value::from(region))], place));
    module.providers = provider.into_iter().collect();
    let inputs = document
        .variables
        .iter()
        .map(|(name, variable)| (name.as_str().into(), reader.held(reader.known(&variable.value))))
        .collect();
    let graph = translate(module, View::Planned, &BTreeSet::new())?;
    Ok(TerraformPlan { graph, inputs, surroundings })
}

fn outputs(document: &Document, reader: &Reader<'_>) -> Vec<NamedBlock> {
    let place = reader.place.clone();
    let mut blocks = Vec::new();
    for (name, output) in &document.planned_values.outputs {
        let unknown = document.output_changes.get(name).map_or(&Json::Null, |change| &change.after_unknown);
        let value = reader.output(&output.value, unknown);
        let description = document
            .configuration
            .root_module
            .outputs
            .get(name)
            .and_then(|written| written.description.as_deref())
            .map_or(Value::Absent, Value::from);
        let sensitive = if output.sensitive { Value::Flag(true) } else { Value::Absent };
        let arguments = [("value", value), ("description", description), ("sensitive", sensitive)];
        let mut block = named(name, arguments, &place);
        block.arguments.retain(|name, held| name == "value" || held.value != Value::Absent);
        blocks.push(block);
    }
    blocks
}

fn named<const N: usize>(name: &str, arguments: [(&str, Value); N], place: &Place) -> NamedBlock {
    let arguments = arguments
        .into_iter()
        .map(|(name, value)| (name.to_owned(), Held::new(value, place.clone())))
        .collect();
    NamedBlock { name: name.into(), place: place.clone(), arguments }
}

/// The provider's region: as it is written, or the value of the variable that it is.
fn region(document: &Document) -> Option<&str> {
    let region = document.configuration.provider_config.get("aws")?.expressions.get("region")?;
    if let Some(region) = region.get("constant_value") {
        return region.as_str();
    }
    let references = region.get("references")?.as_array()?;
    let [reference] = references.as_slice() else { return None };
    let variable = reference.as_str()?.strip_prefix("var.")?;
    document.variables.get(variable)?.value.as_str()
}

/// Where the plan is for: what the provider and the data sources say.
fn surroundings(document: &Document, region: Option<&str>) -> Vec<(Symbol, SymbolicText)> {
    let state = document.prior_state.as_ref().and_then(|state| state.values.as_ref());
    let data = state.into_iter().flat_map(|values| &values.root_module.resources);
    let mut found: Vec<(Symbol, SymbolicText)> =
        region.map(|region| (Symbol::Region, SymbolicText::literal(region))).into_iter().collect();
    for resource in data.filter(|resource| resource.mode == "data") {
        let known: &[(&str, Symbol)] = match resource.kind.as_str() {
            "aws_caller_identity" => &[("account_id", Symbol::AccountId)],
            "aws_partition" => &[("partition", Symbol::Partition), ("dns_suffix", Symbol::UrlSuffix)],
            // Version 6 calls it `region`.
            "aws_region" => &[("region", Symbol::Region), ("name", Symbol::Region)],
            _ => &[],
        };
        for (attribute, symbol) in known {
            let value = resource.values.get(*attribute).and_then(Json::as_str);
            if let Some(value) = value.filter(|_| found.iter().all(|(one, _)| one != symbol)) {
                found.push((symbol.clone(), SymbolicText::literal(value)));
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{
        super::example::{messages, shown},
        *,
    };
    use crate::graph::Shaper;

    /// A plan of the module that we generate, made with provider 5.100 and reduced to some of its resources.
    const PLAN: &[u8] = include_bytes!("plan.json");

    fn plan(json: &[u8]) -> TerraformPlan {
        let mut plan = from_plan(&"plan.json".into(), json).unwrap();
        let mut shaper = Shaper::default();
        shaper.graph(&mut plan.graph);
        assert_eq!(shaper.problems, [], "what does not fit the vocabulary");
        plan
    }

    /// A plan of resources whose values are all known.
    fn made_up(changes: &Json, expressions: &Json, provider: &Json) -> Vec<u8> {
        let plan = json!({
            "format_version": "1.2",
            "planned_values": {"root_module": {"resources": [
                {"address": "aws_sqs_queue.q", "mode": "managed", "type": "aws_sqs_queue", "name": "q", "values": {
                    "name": "q", "tags": {"a": "own"}, "tags_all": {"a": "own", "b": "all"}, "policy": "{}",
                }},
                {"address": "aws_sqs_queue.p", "mode": "managed", "type": "aws_sqs_queue", "name": "p"},
                {"address": "data.aws_region.r", "mode": "data", "type": "aws_region", "name": "r", "values": {}},
            ]}},
            "resource_changes": [{"address": "aws_sqs_queue.q", "change": {"after_unknown": changes}}],
            "configuration": {
                "provider_config": {"aws": {"expressions": provider}},
                "root_module": {"resources": [{"address": "aws_sqs_queue.q", "expressions": expressions}]},
            },
        });
        plan.to_string().into_bytes()
    }

    /// Where something stands that nobody knows yet.
    fn unknown(plan: &TerraformPlan) -> Vec<String> {
        let resources = plan.graph.resources.iter().map(|node| (&node.address, &node.properties));
        let outputs = plan.graph.outputs.iter().map(|node| (&node.address, &node.properties));
        let unknown = resources.chain(outputs).flat_map(|(address, properties)| {
            let properties = properties.iter().filter(|(_, held)| held.mentions(&Symbol::Unknown));
            properties.map(move |(name, _)| format!("{address} {name}"))
        });
        unknown.collect()
    }

    #[track_caller]
    fn check_refused(bytes: &[u8], expected: &str) {
        let found = messages(from_plan(&"plan.json".into(), bytes).map(|plan| plan.graph));
        assert_eq!(found, [format!("plan.json: {expected}")]);
    }

    #[test]
    fn a_real_plan_is_understood() {
        let plan = plan(PLAN);
        let check = |address, expected| assert_eq!(shown(&plan.graph, address), expected, "{address}");
        check(
            "aws_sqs_queue.scaleup",
            r#"{ContentBasedDeduplication: false, DelaySeconds: 0, FifoQueue: false, KmsDataKeyReusePeriodSeconds: 0, MaximumMessageSize: 262144, MessageRetentionPeriod: 345600, QueueName: "jit-runners-scaleup", ReceiveMessageWaitTimeSeconds: 0, RedrivePolicy: "<known after apply>", SqsManagedSseEnabled: true, Tags: {jit-runners:deployment: "jit-runners"}, VisibilityTimeout: 120}"#,
        );
        check(
            "aws_lambda_function.webhook",
            r#"{Architectures: ["x86_64"], Code: {S3Bucket: "packages", S3Key: "w.zip"}, DependsOn: ["<aws_iam_role.webhook.id>"], Description: "Verifies GitHub's webhooks and queues the jobs and events that they report.", Environment: {Variables: "<known after apply>"}, FunctionName: "jit-runners-webhook", Handler: "bootstrap", LoggingConfig: {ApplicationLogLevel: "INFO", LogFormat: "JSON", LogGroup: "/aws/lambda/jit-runners-webhook", SystemLogLevel: "INFO"}, MemorySize: 256, PackageType: "Zip", Role: "<aws_iam_role.webhook.arn>", Runtime: "provided.al2023", Tags: {jit-runners:deployment: "jit-runners"}, Timeout: 8}"#,
        );
        check(
            "aws_cloudwatch_event_rule.instance_state",
            r#"{Description: "Tells lifecycle that an instance came to its end", EventBusName: "default", EventPattern: {detail: {state: ["shutting-down", "stopped", "stopping", "terminated"]}, detail-type: ["EC2 Instance State-change Notification"], source: ["aws.ec2"]}, Name: "jit-runners-instance-state", Targets: {lifecycle: {Arn: "<aws_sqs_queue.lifecycle.arn>"}}}"#,
        );
        check(
            "aws_security_group.runner",
            r#"{GroupDescription: "Runners of jit-runners: nothing comes in", GroupName: "jit-runners-runner", SecurityGroupEgress: [{CidrIp: "0.0.0.0/0", Description: "DNS", FromPort: 53, IpProtocol: "udp", ToPort: 53}, {CidrIp: "0.0.0.0/0", Description: "HTTP for package mirrors", FromPort: 80, IpProtocol: "tcp", ToPort: 80}, {CidrIp: "0.0.0.0/0", Description: "HTTPS", FromPort: 443, IpProtocol: "tcp", ToPort: 443}], Tags: {jit-runners:deployment: "jit-runners"}, VpcId: "vpc-1"}"#,
        );
        check(
            "aws_iam_service_linked_role.spot[0]",
            r#"{AWSServiceName: "spot.amazonaws.com", Description: "Lets EC2 Spot launch and manage instances"}"#,
        );
        check(
            "aws_sqs_queue_policy.lifecycle",
            r#"{PolicyDocument: "<known after apply>", Queue: "<aws_sqs_queue.lifecycle.url>"}"#,
        );
        assert_eq!(plan.graph.resources.len(), 12);
    }

    #[test]
    fn a_real_plan_says_where_it_is_for_and_what_nobody_knows_yet() {
        let plan = plan(PLAN);
        assert_eq!(plan.inputs["project_name"].value, Value::from("jit-runners"));
        assert_eq!(plan.inputs["max_runners"].value, Value::from(100));
        let surroundings: Vec<_> =
            plan.surroundings.iter().map(|(symbol, text)| format!("{symbol} is {text}")).collect();
        assert_eq!(
            surroundings,
            [
                "<region> is us-east-1",
                "<account> is 000000000000",
                "<partition> is aws",
                "<url suffix> is amazonaws.com"
            ]
        );
        let outputs: Vec<_> =
            plan.graph.outputs.iter().map(|output| output.properties["Value"].value.to_string()).collect();
        assert_eq!(outputs, [r#""jit-runners-runners""#, r#""<known after apply>""#]);
        assert_eq!(
            unknown(&plan),
            [
                "aws_apigatewayv2_route.webhook Target",
                "aws_iam_role.webhook Policies",
                "aws_lambda_function.webhook Environment",
                "aws_lambda_permission.webhook SourceArn",
                "aws_sqs_queue.lifecycle RedrivePolicy",
                "aws_sqs_queue.scaleup RedrivePolicy",
                "aws_sqs_queue_policy.lifecycle PolicyDocument",
                "webhook_url Value",
            ]
        );
    }

    #[test]
    fn what_nobody_wrote_and_nobody_knows_is_nothing() {
        let known = |changes, expressions| {
            let plan = plan(&made_up(&changes, &expressions, &json!({})));
            (shown(&plan.graph, "aws_sqs_queue.q"), unknown(&plan).len())
        };
        let expected = r#"{QueueName: "q", Tags: {a: "own"}}"#.to_owned();
        assert_eq!(known(json!({"arn": true, "kms_master_key_id": true}), json!({})), (expected, 0));
        let expected =
            r#"{KmsMasterKeyId: "<known after apply>", QueueName: "q", Tags: {a: "own"}}"#.to_owned();
        let written = json!({"kms_master_key_id": {"references": ["local.key"]}});
        assert_eq!(known(json!({"kms_master_key_id": true}), written), (expected, 1));
    }

    #[test]
    fn a_reference_counts_where_nothing_can_be_made_of_it() {
        let read = |argument: &str, references: Json| {
            let expressions = json!({argument: {"references": references}});
            let plan = plan(&made_up(&json!({argument: true}), &expressions, &json!({})));
            shown(&plan.graph, "aws_sqs_queue.q")
        };
        let rest = r#", QueueName: "q", Tags: {a: "own"}}"#;
        assert_eq!(
            read("kms_master_key_id", json!(["aws_sqs_queue.p.arn", "aws_sqs_queue.p"])),
            format!(r#"{{KmsMasterKeyId: "<aws_sqs_queue.p.arn>"{rest}"#)
        );
        for other in [
            json!(["aws_sqs_queue.p.arn", "aws_sqs_queue.p", "var.a"]),
            json!(["aws_sqs_queue.other.arn", "aws_sqs_queue.other"]),
            json!(["aws_sqs_queue.p"]),
            json!([]),
        ] {
            let unknown = format!(r#"{{KmsMasterKeyId: "<known after apply>"{rest}"#);
            assert_eq!(read("kms_master_key_id", other), unknown);
        }
    }

    #[test]
    fn what_other_resources_put_there_counts_where_it_is_written() {
        let written = json!({"policy": {"constant_value": "{}"}});
        let with = plan(&made_up(&json!({}), &written, &json!({})));
        let without = plan(&made_up(&json!({}), &json!({}), &json!({})));
        assert_eq!((with.graph.resources.len(), without.graph.resources.len()), (3, 2));
    }

    #[test]
    fn tags_of_the_provider_are_those_of_the_plan() {
        let plan = plan(&made_up(&json!({}), &json!({}), &json!({"default_tags": [{}]})));
        assert_eq!(shown(&plan.graph, "aws_sqs_queue.q"), r#"{QueueName: "q", Tags: {a: "own", b: "all"}}"#);
    }

    #[test]
    fn what_is_no_plan_is_refused() {
        let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
        check_refused(
            br#"{"format_version": "2.0", "planned_values": {}, "configuration": {}}"#,
            "format 2.0 of plans is outside the subset that the check understands; it knows version 1",
        );
        check_refused(
            br#"{"format_version": "1.0", "planned_values": {"root_module": {"child_modules": [{"address": "module.m"}]}}, "configuration": {}}"#,
            "the plan has resources of module.m, a module inside the module, which is outside the subset that the check \
             understands",
        );
        check_refused(
            br#"{"format_version": "1.0", "planned_values": {}, "configuration": {}, "errored": true}"#,
            "Terraform stopped before this plan was complete; mend what it reported and plan again",
        );
        let write = "write it with `terraform show -json PLAN`";
        check_refused(
            b"{}",
            &format!("not the JSON of a plan: missing field `format_version` at line 1 column 2; {write}"),
        );
        check_refused(
            b"PK\x03",
            &format!("not the JSON of a plan: expected value at line 1 column 1; {write}"),
        );
        check_refused(
            &vec![b' '; MAX_PLAN_BYTES + 1],
            "the file has more than 16777216 bytes; is it the right one?",
        );
        let variables = format!(r#"{{"variables": {{"a": {{"value": {deep}}}}}}}"#);
        let found = messages(from_plan(&"plan.json".into(), variables.as_bytes()).map(|plan| plan.graph));
        assert!(found[0].contains("recursion limit"), "{found:?}");
    }
}
