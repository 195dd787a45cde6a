//! `resource` and `data` blocks, and the arguments that Terraform has for all of them.

use std::{collections::BTreeMap, rc::Rc, sync::Arc};

use hcl_edit::{
    expr::Expression,
    structure::{Block, Structure},
};

use super::{
    ResourceBlock,
    declaration::{BlockId, DeclaredResource, Mode},
    evaluator::{Evaluator, Outcome, Refused, Scope},
    instance::Instance,
    module::ModuleInstance,
    policy_document::ARGUMENTS,
};
use crate::{
    graph::{
        Address, Call, Condition, Function, Held, Properties, Symbol, SymbolicText, Value, symbolic_text,
        unread,
    },
    problem::ModuleProblem,
    read::{HclFile, Place},
};

/// Arguments and blocks that every resource may have.
const META: &[&str] =
    &["count", "for_each", "depends_on", "provider", "lifecycle", "provisioner", "connection"];

/// Arguments of any data source that are not its own.
const DATA_META: &[&str] = &["count", "for_each", "depends_on", "provider", "lifecycle"];

/// What may stand in `lifecycle`.
const LIFECYCLE: &[&str] =
    &["create_before_destroy", "prevent_destroy", "ignore_changes", "replace_triggered_by"];

/// What the arguments say that Terraform has for all blocks.
struct Meta {
    /// What the root module calls the provider.
    provider: Arc<str>,
    depends_on: Vec<(Address, Place)>,
    lifecycle: Properties,
}

/// When an instance exists, and the module that it is in.
fn exists(instance: &Instance<'_>) -> Condition {
    Condition::all([instance.scope.module.condition.clone(), instance.condition.clone()])
}

impl<'a> Evaluator<'a> {
    /// The instances of a `resource` block of `module`, which wait for `waits`. A `data` block gives none: it is evaluated only to find
    /// what is wrong with it.
    pub(super) fn resources(
        &mut self,
        module: &Rc<ModuleInstance<'a>>,
        id: BlockId,
        waits: &[(Address, Place)],
    ) -> Outcome<Vec<ResourceBlock>> {
        let resource = module.declarations().get(id).ok_or(Refused)?;
        let instances = match self.instances(module, id) {
            Ok(instances) => instances,
            Err(refused) => {
                let address = module.address_of(&resource.address);
                return self.left_out(resource, &address, refused).map(|()| Vec::new());
            }
        };
        let mut blocks = Vec::new();
        let mut outcome = Ok(());
        for instance in instances.blocks() {
            let block = self.within(Some(instance.definition()), |this| match resource.mode {
                Mode::Data => this.data(instance, resource).map(|()| None),
                Mode::Resource => this.resource(instance, resource, waits).map(Some),
            });
            match block {
                Ok(block) => blocks.extend(block.filter(|block| block.condition != Condition::Never)),
                Err(refused) => {
                    outcome = outcome.and(self.left_out(resource, &instance.address, refused));
                }
            }
        }
        outcome.map(|()| blocks)
    }

    /// Notes that a resource is left out, where that may be.
    fn left_out(
        &mut self,
        resource: &DeclaredResource<'a>,
        address: &Address,
        refused: Refused,
    ) -> Outcome<()> {
        if !self.is_partial {
            return Err(refused);
        }
        if resource.mode == Mode::Resource {
            let (kind, place) = (Arc::clone(&resource.kind), resource.declared.place());
            self.unread.push((kind, Address::clone(address), place));
        }
        Ok(())
    }

    fn resource(
        &mut self,
        instance: &Instance<'a>,
        resource: &DeclaredResource<'a>,
        waits: &[(Address, Place)],
    ) -> Outcome<ResourceBlock> {
        let place = resource.declared.place();
        // Of a type that is outside nothing is known, and nothing more is said about it.
        if !(self.schema.is_known)(&resource.kind) {
            let found = resource.kind.to_string();
            return self.refuse(&place, ModuleProblem::OutsideType { found });
        }
        let arguments = self.properties(&instance.scope, resource.declared.body(), is_meta);
        let meta = self.meta(instance, resource);
        let (arguments, mut meta) = (arguments?, meta?);
        self.spend(waits.len(), &place)?;
        meta.depends_on.extend_from_slice(waits);
        self.used_providers.entry(Arc::clone(&meta.provider)).or_insert_with(|| place.clone());
        Ok(ResourceBlock {
            kind: Arc::clone(&resource.kind),
            address: instance.address.clone(),
            place,
            condition: exists(instance),
            provider: meta.provider,
            arguments,
            depends_on: meta.depends_on,
            lifecycle: meta.lifecycle,
        })
    }

    /// What the arguments say that Terraform has for all blocks.
    fn meta(&mut self, instance: &Instance<'a>, resource: &DeclaredResource<'a>) -> Outcome<Meta> {
        let scope = &instance.scope;
        let file = resource.declared.file;
        let mut depends_on = Vec::new();
        let mut lifecycle = BTreeMap::new();
        let mut outcome = Ok(());
        for structure in resource.declared.body() {
            let done = match structure {
                Structure::Attribute(attribute) if attribute.has_key("depends_on") => {
                    let found = self.depends_on(scope, &attribute.value);
                    self.unless_partial(found).map(|all| depends_on = all)
                }
                Structure::Block(block) if block.has_ident("lifecycle") => {
                    match self.lifecycle(scope, block, &exists(instance)) {
                        Err(Refused) if self.is_partial => {
                            let held = Held::new(unread(), file.place(block));
                            lifecycle.insert("prevent_destroy".to_owned(), held);
                            Ok(())
                        }
                        found => found.map(|all| lifecycle = all),
                    }
                }
                Structure::Block(block)
                    if block.has_ident("provisioner") || block.has_ident("connection") =>
                {
                    let what = format!("a `{}` block", block.ident.as_str());
                    let instead = "CloudFormation runs no commands: leave it out";
                    let outcome = self.outside(&file.place(block), what, instead);
                    if self.is_partial { Ok(()) } else { outcome }
                }
                Structure::Attribute(_) | Structure::Block(_) => Ok(()),
            };
            outcome = outcome.and(done);
        }
        let provider = self.provider_of(scope, resource)?;
        outcome.map(|()| Meta { provider, depends_on, lifecycle })
    }

    /// A `lifecycle` block. The names in it are text: they are not evaluated.
    fn lifecycle(&mut self, scope: &Scope<'a>, block: &'a Block, exists: &Condition) -> Outcome<Properties> {
        let file = scope.file;
        let mut properties = BTreeMap::new();
        let mut outcome = Ok(());
        for structure in &block.body {
            match structure {
                Structure::Attribute(attribute) if LIFECYCLE.contains(&attribute.key.as_str()) => {
                    let name = attribute.key.as_str();
                    let held = match (name, &attribute.value) {
                        ("ignore_changes" | "replace_triggered_by", value) => Ok(names(file, value)),
                        (_, value) => self.value(scope, value),
                    };
                    match held {
                        Ok(held) => {
                            properties.insert(name.to_owned(), held);
                        }
                        Err(refused) => outcome = Err(refused),
                    }
                }
                Structure::Attribute(attribute) => {
                    let place = file.place(&attribute.value);
                    let name = attribute.key.to_string();
                    outcome = self.refuse(&place, ModuleProblem::Unknown { name });
                }
                Structure::Block(block)
                    if block.has_ident("precondition") || block.has_ident("postcondition") =>
                {
                    outcome = outcome.and(self.demand(scope, block, exists));
                }
                Structure::Block(block) => {
                    let name = block.ident.to_string();
                    outcome = self.refuse(&file.place(block), ModuleProblem::Unknown { name });
                }
            }
        }
        outcome.map(|()| properties)
    }
}

fn is_meta(structure: &Structure) -> bool {
    match structure {
        Structure::Attribute(attribute) => META.contains(&attribute.key.as_str()),
        Structure::Block(block) => META.contains(&block.ident.as_str()),
    }
}

/// The names in a list, or the name alone (`all`).
fn names(file: &HclFile, value: &Expression) -> Held {
    let text =
        |value: &Expression| Held::new(SymbolicText::literal(file.source(value).trim()), file.place(value));
    match value.as_array() {
        Some(items) => Held::new(Value::List(items.iter().map(text).collect()), file.place(value)),
        None => text(value),
    }
}

impl<'a> Evaluator<'a> {
    /// Evaluates a data source to find what is wrong with it.
    pub(super) fn data(
        &mut self,
        instance: &Rc<Instance<'a>>,
        resource: &DeclaredResource<'a>,
    ) -> Outcome<()> {
        let place = resource.declared.place();
        // In a graph, a data source waits for nothing. But what its `depends_on` names must exist, and must not wait for it.
        self.meta(instance, resource)?;
        match resource.kind.as_ref() {
            "aws_caller_identity" | "aws_region" | "aws_partition" => {
                self.only_known(&instance.scope, resource.declared.body(), DATA_META)
            }
            "aws_iam_policy_document" => {
                self.only_known(&instance.scope, resource.declared.body(), &[DATA_META, ARGUMENTS].concat())?;
                self.data_attribute(instance, resource, "json", &place).map(|_| ())
            }
            // Where nobody uses it, it says nothing.
            _ => Ok(()),
        }
    }

    /// An attribute of a data source that says of itself what it will be.
    fn looked_up(
        &mut self,
        kind: &str,
        instance: &Rc<Instance<'a>>,
        resource: &DeclaredResource<'a>,
        name: &str,
        place: &Place,
    ) -> Outcome<Rc<Held>> {
        let body = resource.declared.body();
        let states = |name: &str| body.get_attribute(name).is_some();
        let argument = |this: &mut Self, name: &str| {
            let held =
                this.within(Some(instance.definition()), |this| this.argument(&instance.scope, body, name))?;
            Ok(Held { place: place.clone(), ..held })
        };
        let held = match (kind, name) {
            (_, name) if states(name) => argument(self, name)?,
            ("aws_iam_policy", "id") if states("arn") => argument(self, "arn")?,
            ("aws_cloudwatch_event_bus", "id") => argument(self, "name")?,
            // https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazoneventbridge.html
            ("aws_cloudwatch_event_bus", "arn") => {
                let start = symbolic_text![
                    "arn:",
                    Symbol::Partition,
                    ":events:",
                    Symbol::Region,
                    ":",
                    Symbol::AccountId,
                    ":event-bus/",
                ];
                let name = argument(self, "name")?;
                self.joined(vec![Held::new(start, place.clone()), name], place)?
            }
            // What only a look at the account or at a package tells.
            ("archive_file", _) | ("aws_iam_policy", "arn" | "id" | "name" | "policy" | "path") => {
                let of = Held::new(&*instance.address, place.clone());
                let attribute = Held::new(name, place.clone());
                let call = Call { function: Function::Terraform("data"), arguments: vec![of, attribute] };
                Held::new(SymbolicText::from(Symbol::Call(call)), place.clone())
            }
            _ => {
                let (of, name) = (instance.address.to_string(), name.to_owned());
                return self.refuse(place, ModuleProblem::NoSuchAttribute { of, name });
            }
        };
        Ok(Rc::new(held))
    }

    /// An attribute of a data source.
    pub(super) fn data_attribute(
        &mut self,
        instance: &Rc<Instance<'a>>,
        resource: &DeclaredResource<'a>,
        name: &str,
        place: &Place,
    ) -> Outcome<Rc<Held>> {
        if resource.kind.starts_with("aws_") {
            let provider = self.provider_of(&instance.scope, resource)?;
            self.used_providers.entry(provider).or_insert_with(|| resource.declared.place());
        }
        let symbol = match (resource.kind.as_ref(), name) {
            ("aws_caller_identity", "account_id" | "id") => Symbol::AccountId,
            ("aws_region", "name" | "region" | "id") => Symbol::Region,
            ("aws_partition", "partition" | "id") => Symbol::Partition,
            ("aws_partition", "dns_suffix") => Symbol::UrlSuffix,
            ("aws_iam_policy_document", "json" | "minified_json") => {
                let key = (instance.address.clone(), "json".to_owned());
                return self.once(
                    |known| &mut known.arguments,
                    key,
                    |this| {
                        this.within(Some(instance.definition()), |this| {
                            let document = this.policy_document(instance, resource)?;
                            this.bounded(document)
                        })
                    },
                );
            }
            ("aws_caller_identity" | "aws_region" | "aws_partition" | "aws_iam_policy_document", _) => {
                let (of, name) = (instance.address.to_string(), name.to_owned());
                return self.refuse(place, ModuleProblem::NoSuchAttribute { of, name });
            }
            (kind @ ("archive_file" | "aws_iam_policy" | "aws_cloudwatch_event_bus"), _) => {
                let kind = kind.to_owned();
                return self.looked_up(&kind, instance, resource, name, place);
            }
            (kind, _) => {
                let what = format!("the data source `{kind}`");
                return self.outside(
                    place,
                    what,
                    "only what the files say can be compared: make it a variable",
                );
            }
        };
        Ok(Rc::new(Held::new(Value::Text(SymbolicText::from(symbol)), place.clone())))
    }
}
