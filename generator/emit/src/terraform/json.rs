//! What other programs take of the trees that are printed: the language's JSON syntax
//! (<https://developer.hashicorp.com/terraform/language/syntax/json>), and which resource refers to which.

use std::collections::BTreeSet;

use hcl_edit::{
    Decorated,
    expr::{Expression, ObjectKey, Traversal, TraversalOperator},
    structure::{Block, BlockLabel, Body, Structure},
    template::{Directive, Element, StringTemplate},
    visit::{Visit, visit_body, visit_traversal},
};
use serde_json::{Map, Value};

use super::print::one_line;
use crate::{DependencyGraph, DependencyNode};

/// The fields of a rule of a security group. Rules are written as blocks and are the items of an attribute underneath
/// (<https://developer.hashicorp.com/terraform/language/attr-as-blocks>): in JSON they always stand in a list, each
/// with all of its fields.
const RULE: [&str; 9] = [
    "description",
    "protocol",
    "from_port",
    "to_port",
    "cidr_blocks",
    "ipv6_cidr_blocks",
    "prefix_list_ids",
    "security_groups",
    "self",
];

/// Adds `body` to `target`; blocks of one name and the same labels stand side by side in a list.
pub(super) fn add(target: &mut Map<String, Value>, body: &Body) {
    for structure in body {
        match structure {
            Structure::Attribute(attribute) => {
                // References in these attributes stand for resources and types, not for values.
                let bare = matches!(attribute.key.as_str(), "depends_on" | "type");
                target.insert(attribute.key.to_string(), value(&attribute.value, bare));
            }
            Structure::Block(block) => add_block(target, block),
        }
    }
}

fn add_block(target: &mut Map<String, Value>, block: &Block) {
    let mut contents = Map::new();
    add(&mut contents, &block.body);
    let is_rule = block.has_ident("egress");
    if is_rule {
        for field in RULE {
            contents.entry(field).or_insert(Value::Null);
        }
    }
    let mut steps = std::iter::once(block.ident.as_str()).chain(block.labels.iter().map(BlockLabel::as_str));
    let Some(last) = steps.next_back() else { return };
    let mut target = target;
    for step in steps {
        let inner = target.entry(step).or_insert_with(|| Value::Object(Map::new()));
        let Value::Object(inner) = inner else { return };
        target = inner;
    }
    match target.get_mut(last) {
        None => {
            let contents = Value::Object(contents);
            target.insert(last.to_owned(), if is_rule { Value::Array(vec![contents]) } else { contents });
        }
        Some(Value::Array(several)) => several.push(Value::Object(contents)),
        Some(one) => {
            let first = one.take();
            *one = Value::Array(vec![first, Value::Object(contents)]);
        }
    }
}

/// An expression: plain values as themselves, anything else as a template.
fn value(expression: &Expression, bare: bool) -> Value {
    match expression {
        Expression::Null(_) => Value::Null,
        Expression::Bool(flag) => Value::Bool(**flag),
        Expression::Number(number) => number_value(number),
        Expression::String(text) => Value::String(if bare { text.to_string() } else { escape(text) }),
        Expression::StringTemplate(template) => Value::String(
            template
                .iter()
                .map(|element| match element {
                    Element::Literal(text) => escape(text),
                    Element::Interpolation(value) => interpolation(&value.expr),
                    Element::Directive(directive) => directive_text(directive),
                })
                .collect(),
        ),
        Expression::Array(items) => items.iter().map(|item| value(item, bare)).collect(),
        Expression::Object(entries) => Value::Object(
            entries.iter().map(|(key, entry)| (key_text(key), value(entry.expr(), bare))).collect(),
        ),
        Expression::HeredocTemplate(_)
        | Expression::Parenthesis(_)
        | Expression::Variable(_)
        | Expression::ForExpr(_)
        | Expression::Conditional(_)
        | Expression::FuncCall(_)
        | Expression::UnaryOp(_)
        | Expression::BinaryOp(_)
        | Expression::Traversal(_) => {
            Value::String(if bare { one_line(expression) } else { interpolation(expression) })
        }
    }
}

fn number_value(number: &hcl_edit::Number) -> Value {
    let float = || number.as_f64().and_then(serde_json::Number::from_f64);
    number
        .as_u64()
        .map(Into::into)
        .or_else(|| number.as_i64().map(Into::into))
        .or_else(float)
        .map_or(Value::Null, Value::Number)
}

fn key_text(key: &ObjectKey) -> String {
    match key {
        ObjectKey::Ident(name) => name.to_string(),
        ObjectKey::Expression(Expression::String(text)) => escape(text),
        ObjectKey::Expression(other) => interpolation(other),
    }
}

fn directive_text(directive: &Directive) -> String {
    let template = StringTemplate::from_iter([Element::from(directive.clone())]).to_string();
    template.trim_matches('"').to_owned()
}

fn interpolation(expression: &Expression) -> String {
    format!("${{{}}}", one_line(expression))
}

/// Texts of the JSON syntax are templates.
fn escape(text: &str) -> String {
    text.replace("${", "$${").replace("%{", "%%{")
}

/// The resources of `bodies` and the references between them.
pub(super) fn dependency_graph<'a>(bodies: impl Iterator<Item = &'a Body>) -> DependencyGraph {
    let mut dependency_graph = DependencyGraph::default();
    let resources: Vec<_> =
        bodies.flat_map(Body::blocks).filter_map(|block| Some((resource(block)?, block))).collect();
    let known: BTreeSet<_> = resources.iter().map(|(node, _)| node.id.as_str()).collect();
    for (node, block) in &resources {
        let mut references = References { known: &known, found: BTreeSet::new() };
        visit_body(&mut references, &block.body);
        dependency_graph.edges.extend(references.found.into_iter().map(|to| (node.id.clone(), to)));
    }
    dependency_graph.nodes = resources.iter().map(|(node, _)| node.clone()).collect();
    dependency_graph
}

fn resource(block: &Block) -> Option<DependencyNode> {
    match (block.ident.as_str(), block.labels.as_slice()) {
        ("resource", [kind, label]) => Some(DependencyNode {
            id: format!("{}.{}", kind.as_str(), label.as_str()),
            kind: kind.as_str().to_owned(),
        }),
        _ => None,
    }
}

struct References<'a> {
    known: &'a BTreeSet<&'a str>,
    found: BTreeSet<String>,
}

impl Visit for References<'_> {
    fn visit_traversal(&mut self, traversal: &Traversal) {
        if let (Expression::Variable(kind), Some(TraversalOperator::GetAttr(label))) =
            (&traversal.expr, traversal.operators.first().map(Decorated::value))
        {
            let id = format!("{}.{}", kind.as_str(), label.as_str());
            // Variables, locals and data sources look the same and are no resources.
            if self.known.contains(id.as_str()) {
                self.found.insert(id);
            }
        }
        visit_traversal(self, traversal);
    }
}
