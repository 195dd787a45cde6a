//! Files of somebody else in the folder of a module: what they do beside it, and what they do to it.
//!
//! What they make beside the module is theirs. What they attach to its resources is a part of it, and is read as if it
//! stood in the module's own files.

use std::{collections::BTreeSet, sync::Arc};

use hcl_edit::{
    expr::{Expression, TraversalOperator},
    structure::Body,
    template::Element,
};

use super::{argument::Becomes, service};
use crate::read::SourceFile;

/// The files that are not the module's own.
#[derive(Debug, Default)]
pub struct OtherFiles {
    /// Files with blocks of their own.
    pub parts: Vec<SourceFile>,
    /// Files that change blocks of others (<https://developer.hashicorp.com/terraform/language/files/override>).
    pub overrides: Vec<SourceFile>,
}

impl OtherFiles {
    /// The names of all of them, sorted.
    pub(crate) fn names(&self) -> BTreeSet<Arc<str>> {
        self.parts.iter().chain(&self.overrides).map(|file| Arc::clone(&file.name)).collect()
    }
}

/// Whether resources of this type say something about others: policies of a role, rules of a group, routes of an API.
pub(crate) fn attaches(resource_type: &str) -> bool {
    service::resource_type(resource_type).is_some_and(|of| match of.becomes {
        Becomes::Companion(_) => true,
        Becomes::Node(kind) => kind.facts().attaches,
    })
}

/// Whether an argument of `body` is an attribute of a resource that `is_own` knows, by its type and its name. What a
/// document says about a resource is no attachment to it.
pub(crate) fn names_any(body: &Body, is_own: &dyn Fn(&str, &str) -> bool) -> bool {
    body.attributes().any(|attribute| refers(&attribute.value, is_own))
}

fn refers(value: &Expression, is_own: &dyn Fn(&str, &str) -> bool) -> bool {
    match value {
        Expression::Parenthesis(parenthesis) => refers(parenthesis.inner(), is_own),
        Expression::Array(items) => items.iter().any(|item| refers(item, is_own)),
        Expression::StringTemplate(template) => template.iter().any(|element| match element {
            Element::Interpolation(interpolation) => refers(&interpolation.expr, is_own),
            Element::Literal(_) | Element::Directive(_) => false,
        }),
        Expression::Traversal(traversal) => {
            let (Expression::Variable(kind), Some(first)) =
                (&traversal.expr, traversal.operators.as_slice().first())
            else {
                return false;
            };
            matches!(first.value(), TraversalOperator::GetAttr(name) if is_own(kind.as_str(), name.as_str()))
        }
        _ => false,
    }
}
