//! A `CloudFormation` template to a graph.
//!
//! ```text
//! YAML or JSON -> located tree -> declared names -> conditions, parameters, resources, outputs -> merged -> Graph
//! ```
//!
//! Properties keep the template's names, which are the vocabulary's; the Shaper refuses those that it lacks. Resources
//! that only say something about another one, such as `AWS::IAM::Policy`, become a part of that one. What the check does
//! not understand is refused with its place; what it leaves out stands in [`IGNORED`].

mod companions;
mod interface;
mod parameters;
mod resource;
#[cfg(test)]
mod tests;

use std::{borrow::Cow, fmt::Write as _, sync::Arc};

use serde::de::IgnoredAny;

use crate::{
    cloudformation::{
        ResourceType,
        evaluate::{Declared, Evaluator, Resource},
        term::Term,
    },
    graph::{Dialect, Graph, Omitted},
    problem::{Problem, ProblemKind, TemplateProblem, alike, outside},
    read::{self, Entry, Place},
};

pub(crate) use parameters::parameter_values;

/// What a template says and the graph does not, with the reason.
pub(super) const IGNORED: &[(&str, &str)] = &[
    ("AWSTemplateFormatVersion", "there is only one"),
    ("Description", "describes the template; Terraform has no place for it"),
    ("Metadata", "for tools and consoles, also of a resource; nothing is deployed from it"),
    ("Mappings", "stand where they are looked up"),
    ("Conditions", "stand where they are asked"),
    ("Resources.Version", "of a custom resource: a stack does not look at it"),
    ("Resources.DependsOn", "order is no infrastructure; what it names must exist"),
    (
        "Resources.UpdateReplacePolicy",
        "says what becomes of a resource that an update replaced; Terraform has no such thing",
    ),
    ("AWS::IAM::ManagedPolicy.Description", "what roles may do does not depend on it"),
    ("AWS::IAM::ManagedPolicy.Path", "is only taken where it says nothing (`/`)"),
];

/// Keys of a template
/// (<https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-anatomy.html>).
const KEYS: &[&str] = &[
    "AWSTemplateFormatVersion",
    "Description",
    "Metadata",
    "Parameters",
    "Mappings",
    "Rules",
    "Conditions",
    "Resources",
    "Outputs",
    "Transform",
];

/// The graph that the template in `bytes`, the contents of `file`, states; or everything that is wrong with it. `is_partial` says whether
/// what cannot be read is left out.
pub(crate) fn from_cloudformation(
    file: &Arc<str>,
    bytes: &[u8],
    is_partial: bool,
) -> Result<Graph, Vec<Problem>> {
    let parsed = read::parse_tolerantly(file, &as_yaml(bytes));
    let mut problems: Vec<_> = parsed
        .problems
        .into_iter()
        .map(|problem| Problem { place: problem.place, kind: ProblemKind::Yaml(problem.kind) })
        .collect();
    // What is left of a broken file lacks what others refer to; its own problems are the ones that count.
    if problems.is_empty() {
        match parsed.root.as_ref().map(Term::of) {
            Some(root) => match graph(root, is_partial) {
                Ok(graph) => return Ok(graph),
                Err(more) => problems.extend(more),
            },
            None => problems.push(Problem {
                place: Place::whole(Arc::clone(file)),
                kind: ProblemKind::Template(TemplateProblem::NoResources),
            }),
        }
    }
    problems.sort();
    problems.dedup();
    Err(problems)
}

fn graph(root: Term<'_>, is_partial: bool) -> Result<Graph, Vec<Problem>> {
    let mut sections = Sections::default();
    sections.read(root);
    let declared = sections.declare();
    let mut evaluator = Evaluator::new(&declared);
    // A macro, or a section that is none, may have resources of any kind.
    let mut omitted = Omitted { is_partial, is_open: !sections.problems.is_empty(), ..Omitted::default() };
    evaluator.problems = sections.problems;
    evaluator.is_partial = is_partial;
    evaluator.check_mappings();
    evaluator.resolve_conditions();
    let inputs = evaluator.inputs(sections.parameters);
    let requirements = evaluator.rules(sections.rules);
    let resources = evaluator.resources(sections.resources, &mut omitted);
    let outputs = evaluator.outputs(sections.outputs);
    if !evaluator.problems.is_empty() && !is_partial {
        return Err(evaluator.problems);
    }
    let (dialect, given) = (Dialect::CloudFormation, Vec::new());
    let mut graph = Graph { dialect, resources, inputs, requirements, outputs, given, omitted };
    evaluator.spell_out_policies(&mut graph);
    let mut problems = evaluator.problems;
    let is_fatal = problems.iter().any(|problem| problem.kind.is_fatal());
    if problems.is_empty() || (is_partial && !is_fatal) {
        problems.sort();
        problems.dedup();
        graph.omitted.problems = problems;
        graph.forget_omitted();
        Ok(graph)
    } else {
        Err(problems)
    }
}

/// The template's top level.
#[derive(Debug, Default)]
struct Sections<'a> {
    parameters: &'a [Entry],
    mappings: &'a [Entry],
    rules: &'a [Entry],
    conditions: &'a [Entry],
    resources: &'a [Entry],
    outputs: &'a [Entry],
    extensions: bool,
    serverless: Option<&'a Place>,
    problems: Vec<Problem>,
}

impl<'a> Sections<'a> {
    fn refuse(&mut self, place: &Place, kind: TemplateProblem) {
        self.problems.push(Problem { place: place.clone(), kind: ProblemKind::Template(kind) });
    }

    fn read(&mut self, root: Term<'a>) {
        let Some(entries) = root.entries() else {
            return self.refuse(root.place, TemplateProblem::NoResources);
        };
        for entry in entries {
            let term = Term::of(&entry.value);
            match entry.key.as_str() {
                "AWSTemplateFormatVersion" => {
                    if term.text() != Some("2010-09-09") {
                        let found = term.text().unwrap_or(term.noun()).to_owned();
                        self.refuse(term.place, TemplateProblem::UnknownVersion { found });
                    }
                }
                "Description" | "Metadata" => {}
                "Parameters" => self.parameters = self.section(entry),
                "Mappings" => self.mappings = self.section(entry),
                "Rules" => self.rules = self.section(entry),
                "Conditions" => self.conditions = self.section(entry),
                "Resources" => self.resources = self.section(entry),
                "Outputs" => self.outputs = self.section(entry),
                "Transform" => self.transform(term),
                "Hooks" => self.refuse(&entry.place, outside("Hooks", "deploy without them")),
                key => {
                    let suggestion = alike(key, KEYS.iter().copied())
                        .and_then(|meant| KEYS.iter().find(|known| **known == meant).copied());
                    let kind =
                        TemplateProblem::UnknownKey { of: "a template", key: key.to_owned(), suggestion };
                    self.refuse(&entry.place, kind);
                }
            }
        }
        let has_own = |entry: &Entry| {
            let name = get(Term::of(&entry.value), "Type").and_then(Term::text);
            name.is_some_and(|name| name.starts_with("AWS::Serverless::"))
        };
        if let Some(place) = self.serverless.filter(|_| self.resources.iter().any(has_own)) {
            self.refuse(
                place,
                outside("Transform: AWS::Serverless-2016-10-31", "write out what the macro makes"),
            );
        }
        if self.resources.is_empty() {
            self.refuse(&Place::whole(Arc::clone(&root.place.file)), TemplateProblem::NoResources);
        }
    }

    /// Functions of `AWS::LanguageExtensions` are understood one by one; other macros can do anything.
    fn transform(&mut self, term: Term<'a>) {
        let names: Vec<_> = match term.items() {
            Some(items) => items.iter().map(Term::of).collect(),
            None => vec![term],
        };
        for name in names {
            match name.text() {
                Some("AWS::LanguageExtensions") => self.extensions = true,
                // It makes something of its own resources only, and leaves all others as they are
                // (https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-specification.html).
                Some("AWS::Serverless-2016-10-31") => self.serverless = Some(name.place),
                found => {
                    let found = format!("Transform: {}", found.unwrap_or(name.noun()));
                    self.refuse(name.place, outside(&found, "write out what the macro makes"));
                }
            }
        }
    }

    fn section(&mut self, entry: &'a Entry) -> &'a [Entry] {
        let term = Term::of(&entry.value);
        let Some(entries) = term.entries() else {
            let of = entry.key.clone();
            self.refuse(
                term.place,
                TemplateProblem::WrongShape { of, expected: "an object", found: term.noun() },
            );
            return &[];
        };
        for entry in entries {
            // A macro's loop stands where a name would.
            if entry.key.starts_with("Fn::") {
                self.refuse(&entry.place, outside(&entry.key, "write out what it makes"));
            }
        }
        entries
    }

    fn declare(&mut self) -> Declared<'a> {
        let named = |entries: &'a [Entry]| {
            entries.iter().map(|entry| (entry.key.as_str(), Term::of(&entry.value))).collect()
        };
        let mut declared = Declared {
            mappings: named(self.mappings),
            conditions: named(self.conditions),
            extensions: self.extensions,
            ..Declared::default()
        };
        for entry in self.parameters {
            self.check_name(entry);
            declared.parameters.insert(&entry.key, interface::is_list(Term::of(&entry.value)));
        }
        for (index, entry) in self.resources.iter().enumerate() {
            self.check_name(entry);
            if declared.parameters.contains_key(entry.key.as_str()) {
                self.refuse(&entry.place, TemplateProblem::DoubledName { name: entry.key.clone() });
            }
            let term = Term::of(&entry.value);
            let resource = Resource {
                index,
                address: Arc::from(entry.key.as_str()),
                kind: get(term, "Type").and_then(Term::text).and_then(ResourceType::named),
                on_event_bus: get(term, "Properties").and_then(|term| get(term, "EventBusName")).is_some(),
            };
            declared.resources.insert(&entry.key, resource);
        }
        declared
    }

    /// "The logical ID must be alphanumeric (A-Za-z0-9)"; with a dot, it would look like an attribute.
    fn check_name(&mut self, entry: &Entry) {
        let is_name = !entry.key.is_empty() && entry.key.chars().all(|c| c.is_ascii_alphanumeric());
        if !is_name && !entry.key.starts_with("Fn::") {
            self.refuse(&entry.place, TemplateProblem::BadName { name: entry.key.clone() });
        }
    }
}

impl Evaluator<'_> {
    /// Mappings have two levels of keys, and values that are written out, also where nobody looks them up.
    fn check_mappings(&mut self) {
        for term in self.declared.mappings.values() {
            for entry in self.object("a mapping", *term).unwrap_or_default() {
                for entry in self.object("a key of a mapping", Term::of(&entry.value)).unwrap_or_default() {
                    let term = Term::of(&entry.value);
                    match term.items() {
                        Some(items) => items.iter().for_each(|item| drop(self.literal(Term::of(item)))),
                        None => drop(self.literal(term)),
                    }
                }
            }
        }
    }
}

impl<'a> Evaluator<'a> {
    /// The entries of what must be an object.
    fn object(&mut self, of: &str, term: Term<'a>) -> Option<&'a [Entry]> {
        let Some(entries) = term.entries() else {
            let (of, expected) = (of.to_owned(), "an object");
            return self.refuse(term.place, TemplateProblem::WrongShape { of, expected, found: term.noun() });
        };
        Some(entries)
    }
}

/// What stands under `key`.
fn get<'a>(term: Term<'a>, key: &str) -> Option<Term<'a>> {
    term.entries()?.iter().find(|entry| entry.key == key).map(|entry| Term::of(&entry.value))
}

/// `bytes` as YAML: JSON spells characters beyond the first 65,536 with two escapes, YAML with one
/// (<https://yaml.org/spec/1.2.2/#57-escaped-characters>). All else in JSON is YAML.
fn as_yaml(bytes: &[u8]) -> Cow<'_, [u8]> {
    let is_json = bytes.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'{')
        && bytes.windows(2).any(|pair| pair == b"\\u")
        && serde_json::from_slice::<IgnoredAny>(bytes).is_ok();
    match std::str::from_utf8(bytes) {
        Ok(text) if is_json => Cow::Owned(with_long_escapes(text).into_bytes()),
        Ok(_) | Err(_) => Cow::Borrowed(bytes),
    }
}

fn with_long_escapes(text: &str) -> String {
    let mut yaml = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, escape)) = rest.split_once('\\') {
        yaml.push_str(before);
        let code = |text: &str| {
            let digits = text.strip_prefix('u')?.get(..4)?;
            u32::from_str_radix(digits, 16).ok()
        };
        let pair = code(escape).zip(escape.get(5..).and_then(|more| more.strip_prefix('\\')).and_then(code));
        if let Some((high @ 0xd800..=0xdbff, low @ 0xdc00..=0xdfff)) = pair {
            let code = 0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00);
            // Writing to memory cannot fail.
            let _ = write!(yaml, "\\U{code:08x}");
            rest = escape.get(11..).unwrap_or_default();
        } else {
            // What follows a backslash is no backslash of its own.
            let length = escape.chars().next().map_or(0, char::len_utf8);
            let (escaped, behind) = escape.split_at(length);
            yaml.push('\\');
            yaml.push_str(escaped);
            rest = behind;
        }
    }
    yaml.push_str(rest);
    yaml
}
