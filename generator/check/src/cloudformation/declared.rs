//! The names that a template gives to its parts, which its functions refer to.

use std::{collections::BTreeMap, sync::Arc};

use super::term::Term;
use crate::graph::from_cloudformation::ResourceType;

/// What a template declares, by name.
#[derive(Debug, Default)]
pub(crate) struct Declared<'a> {
    /// Parameters, and whether each holds a list.
    pub parameters: BTreeMap<&'a str, bool>,
    /// Mappings.
    pub mappings: BTreeMap<&'a str, Term<'a>>,
    /// Conditions.
    pub conditions: BTreeMap<&'a str, Term<'a>>,
    /// Resources.
    pub resources: BTreeMap<&'a str, Resource>,
    /// Whether the template asks for the functions of `AWS::LanguageExtensions`.
    pub extensions: bool,
}

/// A resource as others see it.
#[derive(Debug, Clone)]
pub(crate) struct Resource {
    /// Its place in the order of the template.
    pub index: usize,
    /// Its logical id.
    pub address: Arc<str>,
    /// Its type; nothing, if it was refused.
    pub kind: Option<ResourceType>,
    /// Whether it names an event bus: then its name is not what `Ref` gives.
    pub on_event_bus: bool,
}
