//! A reader moves here from another system, and wants to know the cost and the security.

use std::fs;

use anyhow::{Result, ensure};
use jit_runners_witnesses::{
    emulator::{Aws, REGION},
    files,
    prerequisites::{GITHUB_APP, GITHUB_INSTALLATION, Network, stack_output},
};

use super::{deploy::secret, guide::Guide, reader::Reader};
use crate::{
    end_to_end::{
        doubles::TestDoubles,
        fixture::{Deployed, Fixture, NAME},
        job::{Job, Payloads},
    },
    github::fake::KEY as PRIVATE_KEY,
};

#[test]
fn a_reader_comes_from_elsewhere_and_decides() -> Result<()> {
    let check = "the guides for a decision";
    let Some(payloads) = Payloads::read(check)? else { return Ok(()) };
    let Some(doubles) = TestDoubles::set(check)? else { return Ok(()) };
    let Some(mut reader) = Reader::at(check, &doubles)? else { return Ok(()) };
    let Some(aws) = Aws::new(check, &doubles.emulator)? else { return Ok(()) };
    let network = Network::make(&aws)?;
    aws.text(&["s3", "mb", "s3://their-packages"])?;
    files::write(&reader.checkout.join("private-key.pem"), PRIVATE_KEY)?;
    let image = aws.word(&["ec2", "describe-images"], "Images[0].ImageId")?;
    for (name, value) in [
        ("AWS_REGION", REGION.to_owned()),
        ("AWS_DEFAULT_REGION", REGION.to_owned()),
        ("NAME", NAME.to_owned()),
        ("NEW", NAME.to_owned()),
        ("APP_ID", GITHUB_APP.to_string()),
        ("INSTALLATION_ID", GITHUB_INSTALLATION.to_string()),
        ("KEY_FILE", "private-key.pem".to_owned()),
        ("PRIVATE_KEY", "private-key.pem".to_owned()),
        ("BUCKET", "their-packages".to_owned()),
        ("VPC", network.vpc.clone()),
        ("SUBNETS", network.subnets.join(",")),
        ("AMI", image),
    ] {
        reader.has(name, value);
    }

    let coming = Guide::open("docs/coming-from.md")?;
    reader.follow(&coming, "Beside the old one")?;
    let (webhook_url, webhook_secret) = (stack_output(&aws, NAME, "WebhookUrl")?, secret(&aws)?);
    let fixture = Fixture::on(doubles, Deployed { webhook_url, webhook_secret, vpc: network.vpc })?;
    let decide = |reader: &mut Reader| -> Result<()> {
        let job = Job::new(&fixture, &payloads, &["large"]);
        job.queue()?;
        job.served()?;
        reader.follow(&coming, "Over to it")?;
        reader.follow(&coming, "The first plan")?;
        reader.has_followed(&coming, &[])?;
        for page in ["docs/cost.md", "docs/security.md"] {
            let guide = Guide::open(page)?;
            for section in sections(&guide) {
                reader.follow_own(&guide, &section)?;
            }
            reader.has_followed(&guide, &[])?;
        }
        Ok(())
    };
    decide(&mut reader).map_err(|error| fixture.explain(&error))?;
    ensure!(fs::exists(reader.checkout.join("private-key.pem"))?, "the guide takes the key away");
    Ok(())
}

/// The headings that have commands, in their order.
fn sections(guide: &Guide) -> Vec<String> {
    let mut sections: Vec<_> =
        guide.blocks.iter().filter_map(|block| block.sections.last().cloned()).collect();
    sections.dedup();
    sections
}
