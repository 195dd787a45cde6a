//! Every shipped file before the eyes of the tools that its readers use.

mod deployer;
mod provider_six;
mod security;
mod template;
mod terraform_module;
mod wrong_inputs;
