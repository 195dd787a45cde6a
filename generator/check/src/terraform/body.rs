//! Bodies of blocks: arguments, blocks inside them, and `dynamic` blocks.

use std::{collections::BTreeMap, rc::Rc};

use hcl_edit::structure::{Block, Body, Structure};

use super::{
    evaluator::{Evaluator, Outcome, Refused, Scope},
    reference::Operand,
};
use crate::{
    graph::{Held, Properties, Value, unread},
    problem::ModuleProblem,
    read::Place,
};

/// Arguments whose values are not looked at: they hold a digest of a file, so that Terraform notices a new package.
/// They become nothing.
const NOT_EVALUATED: &[&str] = &["source_code_hash"];

impl<'a> Evaluator<'a> {
    /// Everything in `body` but what `is_meta` takes out. Blocks are lists under their names.
    pub(super) fn properties(
        &mut self,
        scope: &Scope<'a>,
        body: &'a Body,
        is_meta: fn(&Structure) -> bool,
    ) -> Outcome<Properties> {
        let mut properties = BTreeMap::new();
        let mut outcome = Ok(());
        for structure in body.iter().filter(|structure| !is_meta(structure)) {
            let added = match structure {
                Structure::Attribute(attribute) => {
                    let name = attribute.key.as_str();
                    let place = scope.file.place(&attribute.value);
                    let held = if NOT_EVALUATED.contains(&name) {
                        Ok(Held::new(Value::Absent, place.clone()))
                    } else {
                        let outcome = self.value(scope, &attribute.value);
                        self.or_unread(outcome, &place)
                    };
                    match (held, properties.get(name).map(|held: &Held| held.place.clone())) {
                        (Ok(_), Some(first)) => {
                            self.refuse(&place, ModuleProblem::Doubled { name: name.to_owned(), first })
                        }
                        (Ok(held), None) => {
                            properties.insert(name.to_owned(), held);
                            Ok(())
                        }
                        (Err(refused), _) => Err(refused),
                    }
                }
                Structure::Block(block) => {
                    let attribute = body.get_attribute(block_name(block)).map(|attribute| &attribute.value);
                    match attribute {
                        Some(value) => {
                            let (name, first) = (block_name(block).to_owned(), scope.file.place(value));
                            self.refuse(&scope.file.place(block), ModuleProblem::Doubled { name, first })
                        }
                        None => match self.inner_block(scope, block, &mut properties) {
                            Err(Refused) if self.is_partial => {
                                let held = Held::new(unread(), scope.file.place(block));
                                properties.insert(block_name(block).to_owned(), held);
                                Ok(())
                            }
                            outcome => outcome,
                        },
                    }
                }
            };
            outcome = outcome.and(added);
        }
        outcome.map(|()| properties)
    }

    /// One argument of `body`, or the blocks of this name.
    pub(super) fn argument(&mut self, scope: &Scope<'a>, body: &'a Body, name: &str) -> Outcome<Held> {
        if let Some(attribute) = body.get_attribute(name) {
            return self.value(scope, &attribute.value);
        }
        let mut properties = BTreeMap::new();
        for block in body.blocks().filter(|block| block_name(block) == name) {
            self.inner_block(scope, block, &mut properties)?;
        }
        properties.remove(name).ok_or(Refused)
    }

    fn inner_block(
        &mut self,
        scope: &Scope<'a>,
        block: &'a Block,
        properties: &mut Properties,
    ) -> Outcome<()> {
        let place = scope.file.place(block);
        self.spend(1, &place)?;
        let more = match (block.has_ident("dynamic"), block.labels.as_slice()) {
            (true, [_]) => self.deeper(&place, |this| this.dynamic(scope, block))?,
            (false, []) => {
                let inner = self.deeper(&place, |this| this.properties(scope, &block.body, |_| false))?;
                Held::new(Value::List(vec![Held::new(inner, place.clone())]), place.clone())
            }
            (is_dynamic, _) => {
                let expected = if is_dynamic { "one label, the block's name" } else { "no label here" };
                let kind = block.ident.to_string();
                return self.refuse(&place, ModuleProblem::Labels { kind, expected });
            }
        };
        let name = block_name(block).to_owned();
        let all = match properties.remove(&name) {
            Some(before) => {
                let first = before.place.clone();
                let all = self.chained(before, more, &place)?;
                Held { place: first, ..all }
            }
            None => more,
        };
        properties.insert(name, all);
        Ok(())
    }

    /// A `dynamic` block: a list of blocks.
    fn dynamic(&mut self, scope: &Scope<'a>, block: &'a Block) -> Outcome<Held> {
        let place = scope.file.place(block);
        let mut iterator = block_name(block).to_owned();
        let mut for_each = None;
        let mut content = None;
        for structure in &block.body {
            match structure {
                Structure::Attribute(attribute) if attribute.has_key("for_each") => {
                    for_each = Some(&attribute.value);
                }
                Structure::Attribute(attribute) if attribute.has_key("iterator") => {
                    scope.file.source(&attribute.value).trim().clone_into(&mut iterator);
                }
                Structure::Block(block) if block.has_ident("content") => content = Some(&block.body),
                Structure::Attribute(attribute) => {
                    let name = attribute.key.to_string();
                    let place = scope.file.place(&attribute.value);
                    return self.refuse(&place, ModuleProblem::Unknown { name });
                }
                Structure::Block(block) => {
                    let name = block.ident.to_string();
                    return self.refuse(&scope.file.place(block), ModuleProblem::Unknown { name });
                }
            }
        }
        let of = format!("dynamic {}", block_name(block));
        let Some(for_each) = for_each else {
            return self.refuse(&place, ModuleProblem::Missing { of, name: "for_each" });
        };
        let Some(content) = content else {
            return self.refuse(&place, ModuleProblem::Missing { of, name: "content" });
        };
        let collection = self.value(scope, for_each)?;
        let at = collection.place.clone();
        self.each_branch(vec![collection], &place, &mut |this, collections| {
            let mut blocks = Vec::new();
            for collection in collections {
                for (key, item) in this.items_of(collection, "`for_each` of a dynamic block", &at)? {
                    let item = this.held(item, &at)?;
                    let entries = [("key".to_owned(), key), ("value".to_owned(), item)];
                    let each = Held::new(BTreeMap::from(entries), at.clone());
                    let scope = scope.with(&iterator, Operand::Value(Rc::new(each)));
                    let inner = this.properties(&scope, content, |_| false)?;
                    blocks.push(Held::new(inner, place.clone()));
                }
            }
            Ok(Held::new(Value::List(blocks), place.clone()))
        })
    }

    /// Notes what stands in `body` and is not among `known`.
    pub(super) fn only_known(&mut self, scope: &Scope<'a>, body: &'a Body, known: &[&str]) -> Outcome<()> {
        let mut outcome = Ok(());
        for structure in body {
            let (name, place): (&str, Place) = match structure {
                Structure::Attribute(attribute) => {
                    (attribute.key.as_str(), scope.file.place(&attribute.value))
                }
                Structure::Block(block) => (block_name(block), scope.file.place(block)),
            };
            if !known.contains(&name) {
                outcome = self.refuse(&place, ModuleProblem::Unknown { name: name.to_owned() });
            }
        }
        outcome
    }
}

/// The name of a block; of a `dynamic` block, the name of those that it makes.
fn block_name(block: &Block) -> &str {
    match (block.has_ident("dynamic"), block.labels.first()) {
        (true, Some(label)) => label.as_str(),
        _ => block.ident.as_str(),
    }
}
