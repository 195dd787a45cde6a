//! Data sources: what says where a deployment is, and policies.

use std::rc::Rc;

use super::{
    ModuleProblem,
    declaration::Resource,
    evaluator::{Definition, Evaluator, Outcome},
    instance::Instance,
    policy_document::ARGUMENTS,
};
use crate::{
    graph::{Held, Symbol, SymbolicText, Value},
    read::Place,
};

/// Arguments of any data source that are not its own.
const META: &[&str] = &["count", "for_each", "depends_on", "lifecycle"];

impl<'a> Evaluator<'a> {
    /// Evaluates a data source for what is wrong with it.
    pub(super) fn data(&mut self, instance: &Rc<Instance<'a>>, resource: &Resource<'a>) -> Outcome<()> {
        let place = resource.declared.place();
        // What is looked up waits for nothing in a graph, but what it names has to be there, and may not wait for it.
        self.meta(resource, &instance.condition)?;
        match resource.kind.as_ref() {
            "aws_caller_identity" | "aws_region" | "aws_partition" => {
                self.only_known(&instance.scope, resource.declared.body(), META)
            }
            "aws_iam_policy_document" => {
                self.only_known(&instance.scope, resource.declared.body(), &[META, ARGUMENTS].concat())?;
                self.data_attribute(instance, resource, "json", &place).map(|_| ())
            }
            kind => {
                let what = format!("the data source `{kind}`");
                self.outside(&place, what, "only what the files say can be compared: make it a variable")
            }
        }
    }

    /// An attribute of a data source.
    pub(super) fn data_attribute(
        &mut self,
        instance: &Rc<Instance<'a>>,
        resource: &Resource<'a>,
        name: &str,
        place: &Place,
    ) -> Outcome<Rc<Held>> {
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
                        this.within(Some(Definition::Block(instance.block)), |this| {
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
            // Refused where it is declared.
            _ => return Err(super::evaluator::Refused),
        };
        Ok(Rc::new(Held::new(Value::Text(SymbolicText::from(symbol)), place.clone())))
    }
}
