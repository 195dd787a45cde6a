//! The YAML text of a template. What is small stands on one line (`[a, b]`, `{Key: a, Value: b}`), the rest
//! is spread out; intrinsics are written short (`!Ref A`).

use jit_runners_model::Concern;

use super::{
    scalar::{Context, is_literal_block, scalar},
    tree::{Intrinsic, Item, Map, Resource, SubPiece, Template, Value},
};

/// A list or a map that would end to the right of this column is spread over several lines.
const WIDTH: usize = 110;

/// The whole file; `header` is the comment on top.
pub(super) fn print(template: &Template, header: &[&str]) -> String {
    let mut printer = Printer { out: String::new() };
    for line in header {
        printer.line(0, &format!("# {line}"));
    }
    let Template { description, metadata, parameters, conditions, resources, outputs } = template;
    printer.entry(0, "AWSTemplateFormatVersion", &Value::from(Template::FORMAT_VERSION));
    printer.entry(0, "Description", &Value::from(description.as_str()));
    printer.section("Metadata", metadata);
    printer.section("Parameters", parameters);
    printer.section("Conditions", conditions);
    printer.resources(resources);
    printer.section("Outputs", outputs);
    printer.out
}

struct Printer {
    out: String,
}

impl Printer {
    /// A part of the template: each entry begins on a line of its own, with its own entries below it.
    fn section(&mut self, name: &str, entries: &Map) {
        if entries.entries().is_empty() {
            return;
        }
        self.line(0, "");
        self.line(0, &format!("{name}:"));
        for (name, value) in entries.entries() {
            match value {
                Value::Map(map) => {
                    self.line(2, &format!("{}:", scalar(name, Context::Block)));
                    self.entries(4, map);
                }
                Value::Text(_) | Value::Number(_) | Value::Flag(_) | Value::List(_) | Value::Call(_) => {
                    self.entry(2, name, value);
                }
            }
        }
    }

    fn resources(&mut self, resources: &[Resource]) {
        self.line(0, "");
        self.line(0, "Resources:");
        let mut concern: Option<Concern> = None;
        for resource in resources {
            if concern != Some(resource.concern) {
                concern = Some(resource.concern);
                self.line(2, &format!("# {}", resource.concern.title()));
                self.line(0, "");
            }
            let Resource { id, concern: _, kind, condition, removal, properties } = resource;
            self.line(2, &format!("{}:", id.logical_id));
            self.line(4, &format!("Type: {kind}"));
            if let Some(condition) = condition {
                self.line(4, &format!("Condition: {condition}"));
            }
            if let Some(removal) = removal {
                self.line(4, &format!("DeletionPolicy: {}", removal.as_str()));
                self.line(4, &format!("UpdateReplacePolicy: {}", removal.as_str()));
            }
            self.line(4, "Properties:");
            self.entries(6, properties);
            self.line(0, "");
        }
        // The next section brings its own blank line.
        self.out.pop();
    }

    fn entries(&mut self, indent: usize, map: &Map) {
        for (name, value) in map.entries() {
            self.entry(indent, name, value);
        }
    }

    fn entry(&mut self, indent: usize, name: &str, value: &Value) {
        let start = format!("{}{}:", blanks(indent), scalar(name, Context::Block));
        self.out.push_str(&start);
        self.after_name(start.len(), indent + 2, value);
    }

    /// `value` behind what ends at `column`; what does not fit on that line goes below it, at `indent`.
    fn after_name(&mut self, column: usize, indent: usize, value: &Value) {
        if let Some(line) = one_line(value, column + 1) {
            self.out.push_str(&format!(" {line}\n"));
            return;
        }
        match value {
            Value::Text(text) => self.literal_block(indent, text),
            // They always fit.
            Value::Number(_) | Value::Flag(_) => {}
            Value::List(items) => {
                self.out.push('\n');
                self.items(indent, items);
            }
            Value::Map(map) => {
                self.out.push('\n');
                self.entries(indent, map);
            }
            Value::Call(call) => {
                let (tag, argument) = short_form(call);
                self.out.push_str(&format!(" {tag}"));
                self.after_name(column + 1 + tag.len(), indent, &argument);
            }
        }
    }

    fn items(&mut self, indent: usize, items: &[Item]) {
        // Neighbours look alike: on one line each, or none of them.
        let lines: Option<Vec<_>> = items.iter().map(|item| one_line(&item.value, indent + 2)).collect();
        for (index, Item { comment, value }) in items.iter().enumerate() {
            if let Some(comment) = comment {
                self.line(indent, &format!("# {comment}"));
            }
            match (&lines, value) {
                (Some(lines), _) => self.line(indent, &format!("- {}", lines[index])),
                (None, Value::Map(map)) if !map.entries().is_empty() => {
                    let start = self.out.len();
                    self.entries(indent + 2, map);
                    self.out.replace_range(start + indent..start + indent + 1, "-");
                }
                (None, _) => {
                    self.out.push_str(&format!("{}-", blanks(indent)));
                    self.after_name(indent + 1, indent + 2, value);
                }
            }
        }
    }

    fn literal_block(&mut self, indent: usize, text: &str) {
        self.out.push_str(" |-\n");
        for line in text.split('\n') {
            self.line(if line.is_empty() { 0 } else { indent }, line);
        }
    }

    fn line(&mut self, indent: usize, text: &str) {
        self.out.push_str(&blanks(indent));
        self.out.push_str(text);
        self.out.push('\n');
    }
}

fn blanks(count: usize) -> String {
    " ".repeat(count)
}

/// `value` on the rest of a line from `column` on: a scalar, however long it is, or a collection of scalars that
/// fits.
fn one_line(value: &Value, column: usize) -> Option<String> {
    match value {
        Value::Text(text) => (!is_literal_block(text)).then(|| scalar(text, Context::Block)),
        Value::Number(_) | Value::Flag(_) => flow(value),
        Value::List(_) | Value::Map(_) => {
            flow(value).filter(|line| is_small(value) && column + line.len() <= WIDTH)
        }
        Value::Call(call) => {
            let (tag, argument) = short_form(call);
            Some(format!("{tag} {}", one_line(&argument, column + tag.len() + 1)?))
        }
    }
}

/// Whether `value` reads well on one line: a map of scalars, a list of scalars or of such lists.
fn is_small(value: &Value) -> bool {
    match value {
        Value::Text(_) | Value::Number(_) | Value::Flag(_) | Value::Call(_) => true,
        Value::List(items) => {
            items.iter().all(|item| !matches!(item.value, Value::Map(_)) && is_small(&item.value))
        }
        Value::Map(map) => {
            map.entries().iter().all(|(_, value)| !matches!(value, Value::List(_) | Value::Map(_)))
        }
    }
}

/// `value` as it stands inside `[..]` or `{..}`, if it can.
fn flow(value: &Value) -> Option<String> {
    match value {
        Value::Text(text) => Some(scalar(text, Context::Flow)),
        Value::Number(number) => Some(number.to_string()),
        Value::Flag(flag) => Some(flag.to_string()),
        Value::List(items) => {
            let items: Option<Vec<_>> = items
                .iter()
                .map(|item| item.comment.is_none().then(|| flow(&item.value)).flatten())
                .collect();
            items.map(|items| format!("[{}]", items.join(", ")))
        }
        Value::Map(map) => {
            let entries: Option<Vec<_>> = map
                .entries()
                .iter()
                .map(|(name, value)| Some(format!("{}: {}", scalar(name, Context::Flow), flow(value)?)))
                .collect();
            entries.map(|entries| format!("{{{}}}", entries.join(", ")))
        }
        Value::Call(call) => {
            let (tag, argument) = short_form(call);
            Some(format!("{tag} {}", flow(&argument)?))
        }
    }
}

/// An intrinsic's tag and what stands behind it.
fn short_form(call: &Intrinsic) -> (&'static str, Value) {
    match call {
        Intrinsic::Ref(name) => ("!Ref", Value::from(*name)),
        Intrinsic::GetAtt(name, attribute) => ("!GetAtt", format!("{name}.{attribute}").into()),
        Intrinsic::Sub(pieces) => ("!Sub", SubPiece::template(pieces).into()),
        Intrinsic::Join(separator, list) => {
            ("!Join", Value::list([Value::from(*separator), Value::clone(list)]))
        }
        Intrinsic::If(condition, yes, no) => {
            ("!If", Value::list([Value::from(condition.as_str()), Value::clone(yes), Value::clone(no)]))
        }
        Intrinsic::Equals(left, right) => ("!Equals", Value::list([Value::clone(left), Value::clone(right)])),
        Intrinsic::Not(condition) => ("!Not", Value::list([Value::clone(condition)])),
        Intrinsic::NoValue => ("!Ref", Value::from(NO_VALUE)),
    }
}

/// The pseudo parameter that stands for nothing.
pub(super) const NO_VALUE: &str = "AWS::NoValue";
