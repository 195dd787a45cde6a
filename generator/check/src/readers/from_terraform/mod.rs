//! From a Terraform module to the graph.
//!
//! ```text
//! *.tf -> evaluate -> Module -> translate -> Graph
//! ```
//!
//! The evaluator ([`crate::terraform`]) knows the language and nothing of AWS; the translator knows the provider's
//! resources, in the tables of `service/`, and nothing of the language. What Terraform says about itself (`timeouts`,
//! `source_code_hash`) is ignored by name, with a reason in the table; everything else is understood or refused.

mod argument;
mod body;
mod companions;
mod interface;
mod plan;
mod service;
mod settings;
mod translate;

use std::collections::BTreeMap;

use crate::{
    graph::{
        Graph,
        value::visit::{Budget, Exceeded, Size, Visit},
    },
    problem::{Problem, TranslationProblem},
    read::{Place, SourceFile},
    terraform::{self, OtherFiles, ProviderSchema},
};
use argument::{Argument, Becomes, Meaning};

pub use plan::MAX_PLAN_BYTES;
pub(crate) use plan::{TerraformPlan, from_plan};

/// The graph of the module in `files`, as it stands, with what `others` attach to it.
/// `has_partner` says whether the other dialect has an input for a variable, `is_partial` whether what cannot be read is left out.
pub(crate) fn from_terraform(
    files: &[SourceFile],
    others: &OtherFiles,
    has_partner: &dyn Fn(&str) -> bool,
    is_partial: bool,
) -> Result<Graph, Vec<Problem>> {
    let schema = ProviderSchema {
        computed: &argument::computed,
        is_known,
        attaches,
        ignored: settings::IGNORED_OF_PROVIDER,
        of_accounts: settings::ACCOUNT_OF_PROVIDER,
    };
    let module = terraform::evaluate(files, others, schema, has_partner, is_partial)?;
    translate::translate(module, body::View::Written, &others.names())
}

/// Whether the check knows resources of this type.
fn is_known(resource_type: &str) -> bool {
    // A misspelled name is reported together with the name that was meant.
    service::resource_type(resource_type).is_some()
        || body::alike(resource_type, service::all().map(|known| known.name)).is_some()
}

/// Whether resources of this type say something about others: policies of a role, rules of a group, routes of an API.
fn attaches(resource_type: &str) -> bool {
    service::resource_type(resource_type).is_some_and(|of| match of.becomes {
        Becomes::Companion(_) => true,
        Becomes::Node(kind) => kind.facts().attaches,
    })
}

/// Types that have an argument in common, before it is listed once for all of them.
const MANY: usize = 5;

/// What is passed over, by what it is called, and why.
pub(crate) fn ignored() -> Vec<(String, &'static str)> {
    let mut all: Vec<(String, &'static str)> = Vec::new();
    let settings: [(&str, &[(&str, &'static str)]); 5] = [
        ("", terraform::IGNORED_BLOCKS),
        ("provider.", settings::IGNORED_OF_PROVIDER),
        ("variable.", interface::IGNORED_OF_VARIABLE),
        ("output.", interface::IGNORED_OF_OUTPUT),
        ("lifecycle.", settings::IGNORED_OF_LIFECYCLE),
    ];
    for (of, settings) in settings {
        all.extend(settings.iter().map(|(name, reason)| (format!("{of}{name}"), *reason)));
    }
    let mut arguments: BTreeMap<(&str, &'static str), Vec<&str>> = BTreeMap::new();
    for of in service::all() {
        collect(of.name, of.arguments, &mut arguments);
    }
    for ((name, reason), types) in arguments {
        if types.len() > MANY {
            all.push((name.to_owned(), reason));
        } else {
            all.extend(types.iter().map(|of| (format!("{of}.{name}"), reason)));
        }
    }
    all
}

fn collect<'t>(
    of: &'t str,
    table: &'static [Argument],
    found: &mut BTreeMap<(&'static str, &'static str), Vec<&'t str>>,
) {
    for argument in table {
        match &argument.meaning {
            Meaning::Ignored(reason) => {
                let types = found.entry((argument.name, reason)).or_default();
                if types.last() != Some(&of) {
                    types.push(of);
                }
            }
            Meaning::Block(_, table) | Meaning::Blocks(_, table) => collect(of, table, found),
            Meaning::Property(_) | Meaning::Read(_) | Meaning::Provided | Meaning::Outside => {}
        }
    }
}

/// Bytes of copies, at most: a short module can say the same thing in very many places. It is many times what a real module needs.
const MOST_BYTES: usize = 16 * 1024 * 1024;
/// Bytes of a value, whatever it holds.
const VALUE: usize = 64;

/// What is left for copies.
#[derive(Debug)]
struct Copies(Budget);

impl Copies {
    /// Everything is left.
    const fn new() -> Self {
        Self(Budget::new(MOST_BYTES, 0))
    }

    /// Whether something of `weight` may be copied. The first that may not is a problem at `place`.
    fn allow(&mut self, weight: usize, place: &Place, problems: &mut Vec<Problem>) -> bool {
        let spent = self.0.spend(weight);
        if spent == Err(Exceeded { is_first: true }) {
            let kind = TranslationProblem::TooMuch.into();
            problems.push(Problem { place: place.clone(), kind });
        }
        spent.is_ok()
    }
}

/// What `whole` weighs.
fn weight_of(whole: &impl Visit) -> usize {
    Size::of(whole).weight(VALUE)
}

#[cfg(test)]
mod example {
    //! Modules for tests, written as JSON in which `${aws_sqs_queue.jobs.arn}` and `${var.name}` are references.

    use std::{collections::BTreeSet, sync::Arc};

    use serde_json::Value as Json;

    use super::{argument::computed, body::View, translate::translate};
    use crate::{
        graph::{Condition, Graph, Held, Number, Properties, Shaper, Symbol, SymbolicText, Value},
        problem::Problem,
        read::{Place, Position},
        terraform::{Module, NamedBlock, ResourceBlock},
    };

    /// A resource; `count`, `depends_on` and `lifecycle` are what they are in Terraform, a `count` is a variable's name.
    pub(super) fn resource(address: &str, line: usize, arguments: &Json) -> ResourceBlock {
        let mut arguments = properties(arguments, line);
        let condition = match arguments.remove("count") {
            Some(count) => Condition::equals(count.value, Value::Flag(true)),
            None => Condition::Always,
        };
        let depends_on = match arguments.remove("depends_on").map(|held| held.value) {
            Some(Value::List(items)) => {
                items.iter().map(|item| (item.as_literal().unwrap().into(), item.place.clone())).collect()
            }
            _ => Vec::new(),
        };
        let lifecycle = match arguments.remove("lifecycle").map(|held| held.value) {
            Some(Value::Map(lifecycle)) => lifecycle,
            _ => Properties::new(),
        };
        ResourceBlock {
            kind: address.split('.').next().unwrap().into(),
            address: address.into(),
            place: at(line, 1),
            condition,
            provider: "aws".into(),
            arguments,
            depends_on,
            lifecycle,
        }
    }

    /// A module of resources, one in each line.
    pub(super) fn module(resources: &[(&str, Json)]) -> Module {
        Module {
            resources: resources
                .iter()
                .enumerate()
                .map(|(index, (address, arguments))| resource(address, index + 1, arguments))
                .collect(),
            ..Module::default()
        }
    }

    /// A block with a name.
    pub(super) fn named(name: &str, arguments: &Json) -> NamedBlock {
        NamedBlock { name: name.into(), place: at(1, 1), arguments: properties(arguments, 1) }
    }

    /// What a module says, in the shapes of the vocabulary.
    #[track_caller]
    pub(super) fn shaped(module: Module) -> Graph {
        let mut graph = translate(module, View::Written, &BTreeSet::new()).unwrap();
        let mut shaper = Shaper::default();
        shaper.graph(&mut graph);
        assert_eq!(shaper.problems, [], "what does not fit the vocabulary");
        graph
    }

    /// The properties of the resource at `address`.
    #[track_caller]
    pub(super) fn shown(graph: &Graph, address: &str) -> String {
        let node = graph.resources.iter().find(|node| &*node.address == address).unwrap();
        Value::Map(node.properties.clone()).to_string()
    }

    /// Asserts what the resource at `address` is.
    #[track_caller]
    pub(super) fn check(resources: &[(&str, Json)], address: &str, expected: &str) {
        assert_eq!(shown(&shaped(module(resources)), address), expected);
    }

    /// Asserts what is refused: the places and the messages.
    #[track_caller]
    pub(super) fn check_refused(resources: &[(&str, Json)], expected: &[&str]) {
        assert_eq!(messages(translate(module(resources), View::Written, &BTreeSet::new())), expected);
    }

    /// The problems, as people see them.
    #[track_caller]
    pub(super) fn messages(found: Result<Graph, Vec<Problem>>) -> Vec<String> {
        found.unwrap_err().iter().map(|problem| format!("{}: {}", problem.place, problem.kind)).collect()
    }

    fn at(line: usize, column: usize) -> Place {
        Place { file: Arc::from("main.tf"), position: Some(Position { line, column }) }
    }

    fn properties(arguments: &Json, line: usize) -> Properties {
        let entries = arguments.as_object().unwrap();
        entries.iter().map(|(name, json)| (name.clone(), Held::new(value(json, line), at(line, 3)))).collect()
    }

    fn value(json: &Json, line: usize) -> Value {
        match json {
            Json::Null => Value::Absent,
            Json::Bool(flag) => Value::Flag(*flag),
            Json::Number(number) => Value::Number(Number::parse(&number.to_string()).unwrap()),
            Json::String(text) => text_of(text),
            Json::Array(items) => {
                Value::List(items.iter().map(|item| Held::new(value(item, line), at(line, 5))).collect())
            }
            Json::Object(entries) => match entries.get("?") {
                // `{"?": "flag", "then": .., "else": ..}`
                Some(condition) => Value::choice(
                    Condition::equals(value(condition, line), Value::Flag(true)),
                    Held::new(value(&json["then"], line), at(line, 5)),
                    Held::new(value(&json["else"], line), at(line, 5)),
                ),
                None => Value::Map(properties(json, line)),
            },
        }
    }

    fn text_of(source: &str) -> Value {
        let mut text = SymbolicText::new();
        let mut rest = source;
        while let Some((before, after)) = rest.split_once("${") {
            text.push_str(before);
            let (reference, after) = after.split_once('}').unwrap();
            let (address, attribute) = reference.rsplit_once('.').unwrap();
            if address == "var" {
                text.push_symbol(Symbol::Input(attribute.into()));
            } else {
                let kind = address.split('.').next().unwrap();
                let Some(Value::Text(found)) = computed(kind, attribute, &address.into()) else {
                    unreachable!("{reference} is not computed");
                };
                text.append(&found);
            }
            rest = after;
        }
        text.push_str(rest);
        Value::Text(text)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde_json::json;

    use super::{
        body::View,
        example::{check_refused, messages, module, named},
        translate::translate,
    };

    const TOO_MUCH: &str =
        "the module says so much in so many places that the check gives up here; is it the right one?";

    #[test]
    fn policies_are_not_copied_without_end() {
        let long = "x".repeat(1024 * 1024);
        let names: Vec<_> = (0..20).map(|index| format!("aws_iam_role_policy_attachment.a{index}")).collect();
        let attachment = json!({"role": "r", "policy_arn": "${aws_iam_policy.p.arn}"});
        let mut resources = vec![
            ("aws_iam_role.r", json!({"name": "r"})),
            ("aws_iam_policy.p", json!({"name": "p", "policy": long})),
        ];
        resources.extend(names.iter().map(|name| (name.as_str(), attachment.clone())));
        check_refused(&resources, &[&format!("main.tf:2:1: {TOO_MUCH}")]);
    }

    #[test]
    fn rules_are_not_copied_without_end() {
        let ends: Vec<_> = (0..20).map(|index| format!("10.0.0.{index}/32")).collect();
        let rule = json!({"description": "x".repeat(1024 * 1024), "protocol": "tcp", "cidr_blocks": ends});
        check_refused(
            &[("aws_security_group.g", json!({"ingress": [rule]}))],
            &[&format!("main.tf:1:5: {TOO_MUCH}")],
        );
    }

    #[test]
    fn tags_are_not_copied_without_end() {
        let names: Vec<_> = (0..20).map(|index| format!("aws_sqs_queue.q{index}")).collect();
        let resources: Vec<_> = names.iter().map(|name| (name.as_str(), json!({}))).collect();
        let mut module = module(&resources);
        let tags = json!({"default_tags": [{"tags": {"a": "x".repeat(1024 * 1024)}}]});
        module.providers = vec![named("aws", &tags)];
        assert_eq!(
            messages(translate(module, View::Written, &BTreeSet::new())),
            [format!("main.tf:16:1: {TOO_MUCH}")]
        );
    }

    #[test]
    fn names_are_not_copied_without_end() {
        let mut module = module(&[
            ("aws_apigatewayv2_api.a", json!({})),
            (
                "aws_apigatewayv2_stage.s",
                json!({"api_id": "${aws_apigatewayv2_api.a.id}", "name": "x".repeat(1024 * 1024)}),
            ),
        ]);
        let value = "${aws_apigatewayv2_stage.s.invoke_url}".repeat(20);
        module.outputs = vec![named("url", &json!({"value": value}))];
        assert_eq!(
            messages(translate(module, View::Written, &BTreeSet::new())),
            [format!("main.tf:1:1: {TOO_MUCH}")]
        );
    }
}
