//! A deterministic world in which the real handlers run: time, chance, GitHub and AWS are plain values, and the same
//! seed gives the same run.
//!
//! ```text
//! Simulator ── one event after the other ──> World: GitHub, EC2, table, queues, Lambda, programs on instances
//!     │                                        ▲
//!     └─ Executor: an invocation each ─ SimPorts: request ─ carried out at one instant ─ answer
//! ```
//!
//! Nothing here runs by itself: handlers wait for answers, answers are events with a time, and time moves from one
//! event to the next. What goes wrong is drawn from the seed ([`fault::Faults`]) or planned
//! ([`fault::PlannedFaults`]).

pub mod agent;
pub mod api;
pub mod call;
pub mod campaign;
pub mod comparison;
pub mod ec2;
pub mod engine;
pub mod exhaustive;
pub mod fault;
pub mod github;
pub mod lambda;
pub mod mutation;
pub mod operation;
pub mod policy;
mod ports;
pub mod promise;
pub mod queue;
pub mod random;
pub mod report;
pub mod rival;
pub mod run;
pub mod scenario;
pub mod simulator;
pub mod stack;
pub mod statistics;
pub mod stranger;
pub mod swarm;
pub mod table;
#[cfg(test)]
mod tests;
pub mod trace;
pub mod tuning;
pub mod world;

pub use self::{ports::SimPorts, simulator::Simulator, world::World};
