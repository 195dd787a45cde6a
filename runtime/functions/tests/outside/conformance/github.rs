//! GitHub.

use anyhow::Result;
use jit_runners_functions::{log::Log, ports::Ports};
use jit_runners_model::contract::{Handler, message::Repository};
use jit_runners_runtime::conformance;

use super::emulated::run;
use crate::github::fake::FakeGithub;

#[test]
fn github_is_one_that_handlers_can_rely_on() -> Result<()> {
    const REPOSITORY: &str = "octo-org/cat.food";
    let fake = FakeGithub::start();
    run(async {
        let log = Log::new(Handler::Rebalancer, "conformance");
        let ports =
            Ports { table: (), compute: (), github: fake.api(), jobs: (), events: (), account: (), log };
        let differences = conformance::github(&ports, &Repository::new(REPOSITORY)?).await;
        assert_eq!(differences.as_slice(), [""; 0]);
        Ok(())
    })
}
