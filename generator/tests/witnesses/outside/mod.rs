//! Every shipped file, checked by the tools that its users run.

mod deployer;
mod provider_six;
mod second_oracle;
mod security;
mod template;
mod terraform_module;
mod wrong_inputs;
