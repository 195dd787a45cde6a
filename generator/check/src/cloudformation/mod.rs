//! The language of templates: intrinsic functions, conditions, references, and the values that they make.
//!
//! ```text
//! located tree -> Term -> Evaluator -> Value, Condition
//! ```
//!
//! What depends on inputs stays an expression; what depends on a condition stays a choice. What a template's sections and
//! resources mean is known elsewhere (`readers/from_cloudformation/`).

mod condition;
pub(crate) mod evaluate;
mod function;
mod reference;
pub(crate) mod resource_type;
mod scalar;
mod settle;
pub(crate) mod term;
