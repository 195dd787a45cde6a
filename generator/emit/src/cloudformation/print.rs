//! The YAML text of a template. What is small stands on one line (`[a, b]`, `{Key: a, Value: b}`), the rest
//! is spread out; intrinsics are written short (`!Ref A`).

use std::collections::BTreeSet;

use jit_runners_model::Concern;

use super::{
    scalar::{Context, is_literal_block, scalar},
    tree::{Intrinsic, Item, Map, Resource, SubPiece, Template, Value},
};

/// The largest template that `CloudFormation` takes without a detour over S3, in bytes
/// (<https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html>).
pub const LARGEST_BODY: usize = 51_200;

/// How much goes on a line, and whether there are comments.
#[derive(Debug, Clone, Copy)]
struct Layout {
    /// A list or a map that would end to the right of this column is spread over several lines.
    width: usize,
    /// Whether several maps may stand in a list on one line.
    dense: bool,
    /// Whether a whole parameter, output or list of properties stands on one line, if it fits there, without blanks
    /// after commas.
    whole: bool,
    /// Whether the comments of list elements are printed.
    comments: bool,
}

/// By how much what belongs to a name stands to its right. One blank is enough to see it, and an eighth of the file would be
/// blanks with two.
const STEP: usize = 1;

/// From the most readable to the smallest.
const LAYOUTS: [Layout; 4] = [
    Layout { width: 150, dense: false, whole: false, comments: true },
    Layout { width: 150, dense: false, whole: false, comments: false },
    Layout { width: 300, dense: true, whole: false, comments: false },
    Layout { width: usize::MAX, dense: true, whole: true, comments: false },
];

/// The whole file, in the most readable layout in which it is no larger than [`LARGEST_BODY`]. What is larger in
/// every layout takes the detour anyway, so it may as well be readable. `header` is the comment on top.
pub(super) fn print(template: &Template, header: &str) -> String {
    let readable = print_as(template, header, LAYOUTS[0]);
    if readable.len() <= LARGEST_BODY {
        return readable;
    }
    let mut smaller = LAYOUTS[1..].iter().map(|layout| print_as(template, header, *layout));
    smaller.find(|text| text.len() <= LARGEST_BODY).unwrap_or(readable)
}

fn print_as(template: &Template, header: &str, layout: Layout) -> String {
    let mut printer = Printer { layout, comments: BTreeSet::new(), out: format!("# {header}\n") };
    let Template { description, metadata, parameters, rules, conditions, resources, outputs } = template;
    printer.entry(0, "AWSTemplateFormatVersion", &Value::from(Template::FORMAT_VERSION));
    printer.entry(0, "Description", &Value::from(description.as_str()));
    printer.section("Metadata", metadata);
    printer.section("Parameters", parameters);
    printer.section("Rules", rules);
    printer.section("Conditions", conditions);
    printer.resources(resources);
    printer.section("Outputs", outputs);
    printer.out
}

struct Printer {
    layout: Layout,
    /// What has been said once is not said again.
    comments: BTreeSet<&'static str>,
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
                Value::Map(map) if !map.entries().is_empty() && !self.layout.whole => {
                    self.line(STEP, &format!("{}:", scalar(name, Context::Block)));
                    self.entries(2 * STEP, map);
                }
                value => self.entry(STEP, name, value),
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
                self.line(STEP, &format!("# {}", resource.concern.title()));
            }
            let Resource { id, concern: _, kind, depends_on, removal, properties } = resource;
            self.line(STEP, &format!("{}:", id.logical_id));
            self.line(2 * STEP, &format!("Type: {kind}"));
            if !depends_on.is_empty() {
                self.entry(2 * STEP, "DependsOn", &Value::list(depends_on.iter().copied()));
            }
            if let Some(removal) = removal {
                self.line(2 * STEP, &format!("DeletionPolicy: {}", removal.as_str()));
                self.line(2 * STEP, &format!("UpdateReplacePolicy: {}", removal.as_str()));
            }
            if self.layout.whole {
                self.entry(2 * STEP, "Properties", &Value::Map(properties.clone()));
            } else {
                self.line(2 * STEP, "Properties:");
                self.entries(3 * STEP, properties);
            }
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
        // The dashes of a list stand right below the name that it belongs to.
        self.after(start.len(), Below { list: indent, others: indent + STEP }, value);
    }

    /// `value` behind what ends at `column`, or `below` it, if it does not fit there.
    fn after(&mut self, column: usize, below: Below, value: &Value) {
        if let Some(line) = self.one_line(value, column + 1) {
            self.out.extend([" ", &line, "\n"]);
            return;
        }
        match value {
            Value::Text(text) => self.literal_block(below.others, text),
            // They always fit.
            Value::Number(_) | Value::Flag(_) => {}
            Value::List(items) => {
                self.out.push('\n');
                self.items(below.list, items);
            }
            Value::Map(map) => {
                self.out.push('\n');
                self.entries(below.others, map);
            }
            Value::Call(call) => {
                let (tag, argument) = short_form(call);
                self.out.extend([" ", tag]);
                let below = Below { list: below.others, ..below };
                self.after(column + 1 + tag.len(), below, &argument);
            }
        }
    }

    fn items(&mut self, indent: usize, items: &[Item]) {
        for Item { comment, value } in items {
            let start = self.out.len();
            match (self.one_line(value, indent + 2), value) {
                (Some(line), _) => self.line(indent, &format!("- {line}")),
                (None, Value::Map(map)) if !map.entries().is_empty() => {
                    self.entries(indent + 2, map);
                    self.out.replace_range(start + indent..=start + indent, "-");
                }
                (None, _) => {
                    self.out.extend([&blanks(indent), "-"]);
                    self.after(indent + 1, Below { list: indent + 2, others: indent + 2 }, value);
                }
            }
            if let Some(comment) =
                comment.filter(|comment| self.layout.comments && self.comments.insert(comment))
            {
                let first_line = self.out[start..].find('\n').map_or(self.out.len(), |end| start + end);
                self.out.insert_str(first_line, &format!(" # {comment}"));
            }
        }
    }

    fn literal_block(&mut self, indent: usize, text: &str) {
        self.out.push_str(" |-\n");
        for line in text.split('\n') {
            self.line(if line.is_empty() { 0 } else { indent }, line);
        }
    }

    /// `value` on the rest of a line from `column` on: a scalar, however long it is, or a small collection that
    /// fits.
    fn one_line(&self, value: &Value, column: usize) -> Option<String> {
        match value {
            Value::Text(text) => (!is_literal_block(text)).then(|| scalar(text, Context::Block)),
            Value::Number(_) | Value::Flag(_) => Some(flow(value, "")),
            Value::List(_) | Value::Map(_) => (self.layout.dense || is_small(value))
                .then(|| flow(value, if self.layout.whole { "," } else { ", " }))
                .filter(|line| column.saturating_add(line.len()) <= self.layout.width),
            Value::Call(call) => {
                let (tag, argument) = short_form(call);
                Some(format!("{tag} {}", self.one_line(&argument, column + tag.len() + 1)?))
            }
        }
    }

    fn line(&mut self, indent: usize, text: &str) {
        self.out.extend([&blanks(indent), text, "\n"]);
    }
}

/// The columns at which a value starts that goes below its name.
#[derive(Clone, Copy)]
struct Below {
    list: usize,
    others: usize,
}

fn blanks(count: usize) -> String {
    " ".repeat(count)
}

/// Whether `value` reads well on one line, if it fits there. Several maps in a list stand below each other, and so
/// does what has comments.
fn is_small(value: &Value) -> bool {
    match value {
        Value::Text(_) | Value::Number(_) | Value::Flag(_) | Value::Call(_) => true,
        Value::List(items) => {
            let is_map = |item: &Item| matches!(item.value, Value::Map(_));
            items.iter().all(|item| item.comment.is_none() && is_small(&item.value))
                && (items.len() == 1 || !items.iter().any(is_map))
        }
        Value::Map(map) => map.entries().iter().all(|(_, value)| is_small(value)),
    }
}

/// `value` as it stands inside `[..]` or `{..}`, with `comma` between elements.
fn flow(value: &Value, comma: &str) -> String {
    match value {
        Value::Text(text) => scalar(text, Context::Flow),
        Value::Number(number) => number.to_string(),
        Value::Flag(flag) => flag.to_string(),
        Value::List(items) => {
            let items: Vec<_> = items.iter().map(|item| flow(&item.value, comma)).collect();
            format!("[{}]", items.join(comma))
        }
        Value::Map(map) => {
            let entry = |(name, value): &(String, Value)| {
                format!("{}: {}", scalar(name, Context::Flow), flow(value, comma))
            };
            let entries: Vec<_> = map.entries().iter().map(entry).collect();
            format!("{{{}}}", entries.join(comma))
        }
        Value::Call(call) => {
            let (tag, argument) = short_form(call);
            format!("{tag} {}", flow(&argument, comma))
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
        Intrinsic::Or(conditions) => ("!Or", Value::list(conditions.clone())),
    }
}

#[cfg(test)]
pub(super) fn in_every_layout(template: &Template) -> Vec<String> {
    LAYOUTS.iter().map(|layout| print_as(template, "test", *layout)).collect()
}
