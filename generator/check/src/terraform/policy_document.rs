//! `aws_iam_policy_document`: blocks to the JSON of a policy, as the provider writes it
//! (<https://github.com/hashicorp/terraform-provider-aws/blob/v5.100.0/website/docs/d/iam_policy_document.html.markdown>).

use std::{collections::BTreeMap, rc::Rc};

use hcl_edit::structure::Structure;

use super::{
    declaration::DeclaredResource,
    evaluator::{Evaluator, Outcome, Refused},
    instance::Instance,
};
use crate::{
    graph::{Held, Properties, Segment, SymbolicText, Value},
    problem::ModuleProblem,
    read::Place,
};

/// What may stand in the block.
pub(super) const ARGUMENTS: &[&str] =
    &["policy_id", "version", "statement", "source_policy_documents", "override_policy_documents"];

/// The version that the provider writes where none is stated.
const VERSION: &str = "2012-10-17";

/// Lists of a statement, what the policy calls them, and whether `&{...}` in them stands for `${...}`.
const LISTS: &[(&str, &str, bool)] = &[
    ("actions", "Action", false),
    ("not_actions", "NotAction", false),
    ("resources", "Resource", true),
    ("not_resources", "NotResource", true),
];

impl<'a> Evaluator<'a> {
    /// The document as JSON text.
    pub(super) fn policy_document(
        &mut self,
        instance: &Rc<Instance<'a>>,
        resource: &DeclaredResource<'a>,
    ) -> Outcome<Held> {
        let place = resource.declared.place();
        let body = resource.declared.body();
        let is_meta = |structure: &Structure| match structure {
            Structure::Attribute(attribute) => !ARGUMENTS.contains(&attribute.key.as_str()),
            Structure::Block(_) => false,
        };
        let mut arguments = self.properties(&instance.scope, body, is_meta)?;
        let absent = || Held::new(Value::List(Vec::new()), place.clone());
        let mut take = |name: &str| arguments.remove(name).unwrap_or_else(absent);
        let parts =
            vec![take("statement"), take("source_policy_documents"), take("override_policy_documents")];
        let statements = self.each_branch(parts, &place, &mut |this, parts| {
            let mut parts = parts.into_iter();
            let own = this.statements(parts.next(), &place)?;
            let sources = this.documents(parts.next())?;
            let overrides = this.documents(parts.next())?;
            let mut all = this.merged(sources, &place)?;
            for statement in own.into_iter().chain(overrides) {
                replace(&mut all, statement);
            }
            Ok(Held::new(Value::List(all), place.clone()))
        })?;
        let mut document = BTreeMap::new();
        let version = arguments.remove("version").unwrap_or_else(|| Held::new(VERSION, place.clone()));
        document.insert("Version".to_owned(), version);
        if let Some(id) = arguments.remove("policy_id") {
            document.insert("Id".to_owned(), id);
        }
        document.insert("Statement".to_owned(), statements);
        let document = Box::new(Held::new(document, place.clone()));
        Ok(Held::new(Value::Json(document), place))
    }

    /// The statements of documents. No two of them may have the same name.
    fn merged(&mut self, statements: Vec<Held>, place: &Place) -> Outcome<Vec<Held>> {
        let mut merged: Vec<Held> = Vec::new();
        for statement in statements {
            if let Some(first) =
                merged.iter().find(|first| sid(first).is_some() && sid(first) == sid(&statement))
            {
                let (name, first) = (sid(&statement).unwrap_or_default().to_owned(), first.place.clone());
                return self.refuse(place, ModuleProblem::Doubled { name, first });
            }
            merged.push(statement);
        }
        Ok(merged)
    }

    /// The statements of all documents in a list.
    fn documents(&mut self, list: Option<Held>) -> Outcome<Vec<Held>> {
        let Some(Held { value: Value::List(documents) | Value::Set(documents), .. }) = list else {
            let place = list.map(|held| held.place).ok_or(Refused)?;
            return self.wrong(&place, "the policy documents", "a list", "something else".to_owned());
        };
        let mut statements = Vec::new();
        for document in documents {
            let place = document.place.clone();
            let document = self.function("jsondecode", vec![document], &place)?;
            let Value::Map(mut document) = document.value else {
                let noun = document.value.noun().to_owned();
                return self.wrong(&place, "a policy document", "an object", noun);
            };
            match document.remove("Statement").map(|held| (held.value, held.place)) {
                Some((Value::List(items), _)) => statements.extend(items),
                Some((value @ Value::Map(_), place)) => statements.push(Held::new(value, place)),
                Some((value, place)) => {
                    return self.not_known(&place, "the statements of a policy document", &value);
                }
                None => {}
            }
        }
        Ok(statements)
    }

    /// The statements of `statement` blocks.
    fn statements(&mut self, blocks: Option<Held>, place: &Place) -> Outcome<Vec<Held>> {
        let Some(Held { value: Value::List(blocks), .. }) = blocks else {
            return self.wrong(place, "`statement`", "a block", "an argument".to_owned());
        };
        let mut statements = Vec::new();
        let mut outcome = Ok(());
        for block in blocks {
            let place = block.place.clone();
            let statement = match block.value {
                Value::Map(entries) => self.statement(entries, &place),
                _ => Err(Refused),
            };
            match statement {
                Ok(statement) => statements.push(Held::new(statement, place)),
                Err(refused) => outcome = Err(refused),
            }
        }
        outcome?;
        let mut all = Vec::new();
        for statement in statements {
            if let Some(first) =
                all.iter().find(|first| sid(first).is_some() && sid(first) == sid(&statement))
            {
                let (name, first): (String, &Held) = (sid(&statement).unwrap_or_default().to_owned(), first);
                let first = first.place.clone();
                return self.refuse(&statement.place, ModuleProblem::Doubled { name, first });
            }
            all.push(statement);
        }
        Ok(all)
    }

    fn statement(&mut self, mut entries: Properties, place: &Place) -> Outcome<Properties> {
        let mut statement = BTreeMap::new();
        if let Some(sid) = entries.remove("sid")
            && sid.as_literal() != Some("")
            && sid.value != Value::Absent
        {
            statement.insert("Sid".to_owned(), sid);
        }
        let effect = entries.remove("effect").filter(|held| held.value != Value::Absent);
        statement.insert("Effect".to_owned(), effect.unwrap_or_else(|| Held::new("Allow", place.clone())));
        for (name, policy_name, replaces) in LISTS {
            let Some(held) = entries.remove(*name) else { continue };
            let is_empty = match &held.value {
                Value::Absent => true,
                Value::List(items) | Value::Set(items) => items.is_empty(),
                _ => false,
            };
            if !is_empty {
                let held = if *replaces { with_variables(held) } else { held };
                statement.insert((*policy_name).to_owned(), held);
            }
        }
        for (name, policy_name) in [("principals", "Principal"), ("not_principals", "NotPrincipal")] {
            if let Some(held) = entries.remove(name) {
                let principals = self.principals(held)?;
                statement.insert(policy_name.to_owned(), principals);
            }
        }
        if let Some(held) = entries.remove("condition") {
            let conditions = self.conditions(held)?;
            statement.insert("Condition".to_owned(), conditions);
        }
        match entries.pop_first() {
            Some((name, held)) => self.refuse(&held.place, ModuleProblem::Unknown { name }),
            None => Ok(statement),
        }
    }

    /// Blocks inside a statement, each an object.
    fn blocks(&mut self, held: Held) -> Outcome<Vec<(Properties, Place)>> {
        match held.value {
            Value::List(items) => items
                .into_iter()
                .map(|item| match item.value {
                    Value::Map(entries) => Ok((entries, item.place)),
                    _ => Err(Refused),
                })
                .collect(),
            value => self.not_known(&held.place, "a block of a statement", &value),
        }
    }

    fn field(
        &mut self,
        entries: &mut Properties,
        of: &str,
        name: &'static str,
        place: &Place,
    ) -> Outcome<Held> {
        match entries.remove(name) {
            Some(held) => Ok(held),
            None => self.refuse(place, ModuleProblem::Missing { of: of.to_owned(), name }),
        }
    }

    fn principals(&mut self, held: Held) -> Outcome<Held> {
        let place = held.place.clone();
        let mut principals: Properties = BTreeMap::new();
        for (mut entries, at) in self.blocks(held)? {
            let kind = self.field(&mut entries, "principals", "type", &at)?;
            let kind = self.text("the type of principals", &kind, &kind.place)?;
            let identifiers = self.field(&mut entries, "principals", "identifiers", &at)?;
            let identifiers = with_variables(identifiers);
            if let Some((name, held)) = entries.pop_first() {
                return self.refuse(&held.place, ModuleProblem::Unknown { name });
            }
            self.add(&mut principals, kind, identifiers, &at)?;
        }
        // `"*"`, and only it, is not the same as an object of it.
        if principals.len() == 1
            && let Some(Held { value: Value::List(items) | Value::Set(items), .. }) = principals.get("*")
            && let [only] = items.as_slice()
            && only.as_literal() == Some("*")
        {
            return Ok(Held::new("*", only.place.clone()));
        }
        Ok(Held::new(principals, place))
    }

    fn conditions(&mut self, held: Held) -> Outcome<Held> {
        let place = held.place.clone();
        let mut tests: BTreeMap<String, (Properties, Place)> = BTreeMap::new();
        for (mut entries, at) in self.blocks(held)? {
            let test = self.field(&mut entries, "condition", "test", &at)?;
            let test = self.text("the test of a condition", &test, &test.place)?;
            let variable = self.field(&mut entries, "condition", "variable", &at)?;
            let variable = self.text("the variable of a condition", &variable, &variable.place)?;
            let values = self.field(&mut entries, "condition", "values", &at)?;
            if let Some((name, held)) = entries.pop_first() {
                return self.refuse(&held.place, ModuleProblem::Unknown { name });
            }
            let (variables, _) = tests.entry(test).or_insert_with(|| (BTreeMap::new(), at.clone()));
            let mut of_test = std::mem::take(variables);
            self.add(&mut of_test, variable, with_variables(values), &at)?;
            *variables = of_test;
        }
        let tests = tests.into_iter().map(|(test, (variables, at))| (test, Held::new(variables, at)));
        Ok(Held::new(tests.collect::<Properties>(), place))
    }

    /// Adds items under a name that may have some already.
    fn add(&mut self, entries: &mut Properties, name: String, items: Held, place: &Place) -> Outcome<()> {
        let items = match entries.remove(&name) {
            Some(before) => self.chained(before, items, place)?,
            None => items,
        };
        entries.insert(name, items);
        Ok(())
    }
}

/// Puts `statement` in the place of the one that has its name, or at the end.
fn replace(statements: &mut Vec<Held>, statement: Held) {
    let of_its_name =
        statements.iter_mut().find(|earlier| sid(earlier).is_some() && sid(earlier) == sid(&statement));
    match of_its_name {
        Some(earlier) => *earlier = statement,
        None => statements.push(statement),
    }
}

fn sid(statement: &Held) -> Option<&str> {
    let Value::Map(entries) = &statement.value else { return None };
    entries.get("Sid")?.as_literal().filter(|sid| !sid.is_empty())
}

/// `&{aws:username}` for `${aws:username}`, which would be an expression of Terraform's.
fn with_variables(held: Held) -> Held {
    let Held { value, place, rule } = held;
    let value = match value {
        Value::Text(text) => {
            let mut replaced = SymbolicText::new();
            for segment in text.segments() {
                match segment {
                    Segment::Literal(literal) => replaced.push_str(&literal.replace("&{", "${")),
                    Segment::Symbol(symbol) => replaced.push_symbol(symbol.clone()),
                }
            }
            Value::Text(replaced)
        }
        Value::List(items) => Value::List(items.into_iter().map(with_variables).collect()),
        Value::Set(items) => Value::set(items.into_iter().map(with_variables).collect()),
        other => other,
    };
    Held { value, place, rule }
}
