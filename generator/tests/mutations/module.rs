//! Changes to the module: every argument, block, list item, object entry, literal and reference.

use std::ops::Range;

use hcl_edit::{
    Span as _,
    expr::{Expression, Traversal, TraversalOperator},
    parser::parse_body,
    structure::{Attribute, Block, Body, Structure},
    template::{Element, Template},
};

use super::{Lines, Mutation, Tally, deployment, none_survives, sources, survivors, twins};

/// Arguments and blocks whose change means nothing, and why.
const MEANINGLESS: &[(&str, &str)] = &[
    ("error_message", "what people read when a value is refused"),
    ("terraform", "which versions may read the module"),
];

/// Arguments that state a default of the service or the provider. Without them the same is deployed.
const DEFAULTS: &[&str] = &[
    "architectures",
    "authorization_type",
    "batch_size",
    "integration_method",
    "log_group",
    "max_message_size",
    "message_retention_seconds",
    "receive_wait_time_seconds",
    "sqs_managed_sse_enabled",
    // A variable without a type accepts any value, and uses it as text, a number or a boolean.
    "type",
    "visibility_timeout_seconds",
];

/// A change of some bytes of a file.
pub(super) struct Change {
    file: usize,
    pub(super) span: Range<usize>,
    pub(super) new: String,
    pub(super) what: String,
    /// The top-level block that contains the change.
    block: String,
    is_default: bool,
}

/// Names that can replace each other: addresses of the same type, variables.
struct Names {
    resources: Vec<(String, String)>,
    variables: Vec<String>,
}

struct Walk<'n> {
    names: &'n Names,
    file: usize,
    text: &'n str,
    block: String,
    argument: String,
    changes: Vec<Change>,
}

impl Walk<'_> {
    fn change(&mut self, span: Range<usize>, new: impl Into<String>, done: &str) {
        let line = self.text[..span.start].matches('\n').count() + 1;
        let old: String = self.text[span.clone()].chars().take(60).collect();
        let what = format!("{}:{line} {done}: {old}", self.block);
        let is_default =
            (done == "removed" || done == "nothing") && DEFAULTS.contains(&self.argument.as_str());
        let block = self.block.clone();
        self.changes.push(Change { file: self.file, span, new: new.into(), what, block, is_default });
    }

    fn body(&mut self, body: &Body) {
        for structure in body {
            let name = match structure {
                Structure::Attribute(attribute) => attribute.key.as_str(),
                Structure::Block(block) => block.ident.as_str(),
            };
            if MEANINGLESS.iter().any(|(meaningless, _)| *meaningless == name) {
                continue;
            }
            name.clone_into(&mut self.argument);
            self.change(structure.span().unwrap(), "", "removed");
            match structure {
                Structure::Attribute(Attribute { value, .. }) => self.expression(value),
                Structure::Block(block) => self.body(&block.body),
            }
        }
    }

    fn expression(&mut self, expression: &Expression) {
        let span = expression.span().unwrap();
        match expression {
            Expression::Null(_) | Expression::Variable(_) | Expression::ForExpr(_) => {}
            Expression::Bool(flag) => self.change(span, (!**flag).to_string(), "flipped"),
            Expression::Number(number) => {
                self.change(span, (number.as_i64().unwrap() + 1).to_string(), "changed");
            }
            Expression::String(_) => self.change(span.end - 1..span.end, "x\"", "longer"),
            Expression::Array(items) => {
                for item in items {
                    // A list may end with a comma.
                    self.change(item.span().unwrap(), "null", "nothing");
                    self.expression(item);
                }
                let literal = |item: &Expression| matches!(item, Expression::String(_));
                if !items.is_empty() && items.iter().all(literal) {
                    let first = items.get(0).unwrap().span().unwrap().start;
                    self.change(first..first, "\"added\", ", "an item added");
                }
            }
            Expression::Object(entries) => {
                for (_, value) in entries {
                    let expr = value.expr();
                    self.change(expr.span().unwrap(), "null", "nothing");
                    self.expression(expr);
                }
            }
            Expression::StringTemplate(template) => self.template(template),
            Expression::HeredocTemplate(template) => self.template(&template.template),
            Expression::Parenthesis(inner) => self.expression(inner.inner()),
            Expression::Conditional(conditional) => {
                self.expression(&conditional.cond_expr);
                self.expression(&conditional.true_expr);
                self.expression(&conditional.false_expr);
            }
            Expression::FuncCall(call) => call.args.iter().for_each(|argument| self.expression(argument)),
            Expression::Traversal(traversal) => self.traversal(traversal, span),
            Expression::UnaryOp(operation) => self.expression(&operation.expr),
            Expression::BinaryOp(operation) => {
                self.expression(&operation.lhs_expr);
                self.expression(&operation.rhs_expr);
            }
        }
    }

    fn template(&mut self, template: &Template) {
        for element in template {
            match element {
                Element::Literal(literal) => {
                    let end = literal.span().unwrap().end;
                    self.change(end..end, "x", "longer");
                }
                Element::Interpolation(interpolation) => {
                    self.change(interpolation.span().unwrap(), "", "removed");
                    self.expression(&interpolation.expr);
                }
                Element::Directive(_) => {}
            }
        }
    }

    /// Another resource of the same type, or another variable.
    fn traversal(&mut self, traversal: &Traversal, span: Range<usize>) {
        let Expression::Variable(root) = &traversal.expr else { return };
        let Some(TraversalOperator::GetAttr(label)) =
            traversal.operators.first().map(hcl_edit::Decorated::value)
        else {
            return;
        };
        let start = label.span().unwrap();
        let label = label.as_str();
        let other = match root.as_str() {
            "var" => self.names.variables.iter().find(|name| *name != label),
            kind => self
                .names
                .resources
                .iter()
                .find(|(other, name)| other == kind && name != label)
                .map(|(_, name)| name),
        };
        match other {
            Some(other) => self.change(start, other, "another reference"),
            None => self.change(span, "\"other\"", "no reference"),
        }
    }
}

fn heading(block: &Block) -> String {
    let labels = block.labels.iter().map(hcl_edit::structure::BlockLabel::as_str);
    [block.ident.as_str()].into_iter().chain(labels).collect::<Vec<_>>().join(" ")
}

/// Every change of the files of a module.
pub(super) fn changes(texts: &[&str]) -> Vec<Change> {
    let bodies: Vec<Body> = texts.iter().map(|text| parse_body(text).unwrap()).collect();
    let blocks = || bodies.iter().flat_map(Body::blocks);
    let labels =
        |block: &Block| block.labels.iter().map(|label| label.as_str().to_owned()).collect::<Vec<_>>();
    let names = Names {
        resources: blocks()
            .filter(|block| block.ident.as_str() == "resource")
            .map(|block| (labels(block)[0].clone(), labels(block)[1].clone()))
            .collect(),
        variables: blocks()
            .filter(|block| block.ident.as_str() == "variable")
            .map(|block| labels(block)[0].clone())
            .collect(),
    };

    let mut changes = Vec::new();
    for (file, body) in bodies.iter().enumerate() {
        for block in body.blocks() {
            if MEANINGLESS.iter().any(|(name, _)| *name == block.ident.as_str()) {
                continue;
            }
            let mut walk = Walk {
                names: &names,
                file,
                text: texts[file],
                block: heading(block),
                argument: String::new(),
                changes: Vec::new(),
            };
            walk.change(block.span().unwrap(), "", "removed");
            walk.body(&block.body);
            changes.extend(walk.changes);
        }
    }
    changes
}

#[test]
fn every_change_of_the_module_is_found() {
    let (module, template) = sources(&deployment());
    let texts: Vec<&str> = module.iter().map(|file| std::str::from_utf8(&file.bytes).unwrap()).collect();
    let twins = twins(&deployment());
    let owners = |file: usize, block: &str| {
        let label = block.rsplit(' ').next().unwrap();
        let logical_ids =
            twins.iter().filter(|(ours, _)| ours == label).map(|(_, theirs)| format!(" {theirs}:"));
        let theirs = logical_ids.flat_map(|id| Lines::of_blocks(&template, |line| line == id));
        let quoted =
            block.split(' ').skip(1).map(|label| format!("\"{label}\" ")).collect::<Vec<_>>().concat();
        let start = format!("{} {quoted}", block.split(' ').next().unwrap());
        let ours = Lines::of_blocks(&module[file], |line| line.starts_with(&start));
        // Others use the values of `locals` and data sources.
        if block.starts_with("locals") || block.starts_with("data") || block.starts_with("provider") {
            return Vec::new();
        }
        theirs.chain(ours).collect::<Vec<_>>()
    };
    let mutations: Vec<_> = changes(&texts)
        .into_iter()
        .map(|Change { file, span, new, what, block, is_default }| {
            let mut text = texts[file].to_owned();
            text.replace_range(span, &new);
            let label = block.rsplit(' ').next().unwrap().to_owned();
            let names = twins.iter().filter(|(ours, _)| *ours == label).map(|(_, theirs)| theirs.clone());
            let names = names.chain([label.clone()]).collect();
            Mutation { what, owners: owners(file, &block), names, is_default, text, file }
        })
        .collect();
    let tally = Tally { tried: mutations.len(), ..Tally::default() };
    let wrong = survivors(&mutations, Some(&deployment()), &tally, |mutation| {
        let mut module = module.clone();
        module[mutation.file].bytes = mutation.text.clone().into_bytes();
        (module, template.clone())
    });
    none_survives("module", &tally, &wrong, 1_000);
}
