//! The `jit-runners` command as a library.
//!
//! ```text
//! jit-runners.yaml -> Deployment -> dialect tree -> text -> generated/
//! ```

mod emit;
mod generated_file;
mod graph;
mod mermaid;
mod show;

pub use emit::files;
pub use generated_file::GeneratedFile;
pub use graph::{Graph, GraphNode};
pub use show::model_json;
