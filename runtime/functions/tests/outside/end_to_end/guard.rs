//! Authorization at the stand-in for EC2: evaluates the deployed policies like EC2 does
//! (<https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonec2.html>,
//! <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ExamplePolicies_EC2.html#iam-example-runinstances>).

use std::collections::BTreeMap;

use anyhow::{Context as _, Result};
use jit_runners_model::contract::tag;
use jit_runners_witnesses::emulator::KEY;
use serde_json::json;
use sha2::{Digest as _, Sha256};

use super::{
    policy::{Asked, Policy},
    wire::{Parameters, listed, tags},
};

/// What EC2 knows of the account.
#[derive(Debug, Clone)]
pub(crate) struct Account {
    /// `REGION:ACCOUNT`, as in ARNs.
    pub(crate) place: String,
    pub(crate) vpc: String,
    /// The role in the only instance profile.
    pub(crate) runner_role_arn: String,
}

/// The guard of one deployment.
#[derive(Debug)]
pub(crate) struct Guard {
    account: Account,
    /// The function's name and its role's policy, by access key.
    callers: BTreeMap<String, (String, Policy)>,
}

/// The access key of a function's role on the emulator, which derives one for each function and role.
fn access_key(function_arn: &str, role_arn: &str) -> String {
    let digest = Sha256::digest(format!("{function_arn}:{role_arn}"));
    digest.iter().take(8).fold("ASIA".to_owned(), |key, byte| format!("{key}{byte:02X}"))
}

impl Guard {
    pub(crate) const fn new(account: Account) -> Self {
        Self { account, callers: BTreeMap::new() }
    }

    /// Admits a function with a policy. The function has another key if its caller names the version, as Terraform's
    /// provider does.
    pub(crate) fn admit(&mut self, function: &str, function_arn: &str, role_arn: &str, policy: &Policy) {
        for called in [function_arn, &format!("{function_arn}:$LATEST")] {
            self.callers.insert(access_key(called, role_arn), (function.to_owned(), policy.clone()));
        }
    }

    /// Admits the account's own key, for the calls that people make.
    pub(crate) fn admit_operator(&mut self) {
        let actions = ["ec2:DescribeInstances", "ec2:TerminateInstances"];
        let policy = json!({ "Statement": [{ "Effect": "Allow", "Action": actions, "Resource": "*" }] });
        self.callers.insert(KEY.to_owned(), ("operator".to_owned(), Policy::new(policy)));
    }

    /// The owner of the access key.
    pub(crate) fn name_of(&self, access_key: &str) -> Option<&str> {
        self.callers.get(access_key).map(|(name, _)| name.as_str())
    }

    /// Changes the policy of a function.
    pub(crate) fn change(&mut self, function: &str, policy: &Policy) {
        for (name, current) in self.callers.values_mut() {
            if name == function {
                *current = policy.clone();
            }
        }
    }

    /// What the policy does not allow of the call, if anything.
    pub(crate) fn refuses(&self, key: &str, parameters: &Parameters) -> Result<Option<Asked>> {
        let (_, policy) =
            self.callers.get(key).with_context(|| format!("nobody has the access key {key}"))?;
        for asked in self.questions(parameters) {
            if !policy.allows(&asked)? {
                return Ok(Some(asked));
            }
        }
        Ok(None)
    }

    fn questions(&self, parameters: &Parameters) -> Vec<Asked> {
        let arn = |resource: &str| format!("arn:aws:ec2:{}:{resource}", self.account.place);
        let text = |name: &str| parameters.get(name).cloned().unwrap_or_default();
        match parameters.get("Action").map_or("", String::as_str) {
            "DescribeImages" => vec![Asked::new("ec2:DescribeImages", "*")],
            "DescribeInstances" => vec![Asked::new("ec2:DescribeInstances", "*")],
            "TerminateInstances" => listed(parameters, "InstanceId")
                .into_iter()
                .map(|id| {
                    // All instances of the stand-in were launched through it, with these tags.
                    let ours = format!("ec2:ResourceTag/{}", tag::DEPLOYMENT);
                    Asked::new("ec2:TerminateInstances", arn(&format!("instance/{id}")))
                        .with(ours, super::fixture::NAME)
                })
                .collect(),
            "RunInstances" => self.launch_questions(parameters, &arn, &text),
            _ => Vec::new(),
        }
    }

    fn launch_questions(
        &self,
        parameters: &Parameters,
        arn: &dyn Fn(&str) -> String,
        text: &dyn Fn(&str) -> String,
    ) -> Vec<Asked> {
        let run = |resource: &str| Asked::new("ec2:RunInstances", arn(resource));
        let in_vpc = |asked: Asked| asked.with("ec2:Vpc", arn(&format!("vpc/{}", self.account.vpc)));
        let mut instance = run("instance/*")
            .with("ec2:MetadataHttpTokens", text("MetadataOptions.HttpTokens"))
            .with("ec2:InstanceProfile", text("IamInstanceProfile.Arn"));
        for (key, value) in tags(parameters) {
            instance = instance.with(format!("aws:RequestTag/{key}"), value);
        }
        let image = format!(
            "arn:aws:ec2:{}::image/{}",
            self.account.place.split(':').next().unwrap_or_default(),
            text("ImageId")
        );
        let mut asked = vec![
            instance,
            in_vpc(run(&format!("subnet/{}", text("SubnetId")))),
            in_vpc(run("network-interface/*")),
            in_vpc(run(&format!("security-group/{}", text("SecurityGroupId.1")))),
            run("volume/*"),
            Asked::new("ec2:RunInstances", image),
            Asked::new("iam:PassRole", &self.account.runner_role_arn)
                .with("iam:PassedToService", "ec2.amazonaws.com"),
        ];
        for number in 1.. {
            let Some(kind) = parameters.get(&format!("TagSpecification.{number}.ResourceType")) else {
                break;
            };
            let tagged = Asked::new("ec2:CreateTags", arn(&format!("{kind}/*")));
            asked.push(tagged.with("ec2:CreateAction", "RunInstances"));
        }
        if is_spot(parameters) {
            asked.push(run("spot-instances-request/*"));
        }
        asked
    }
}

fn is_spot(parameters: &Parameters) -> bool {
    parameters.get("InstanceMarketOptions.MarketType").is_some_and(|market| market == "spot")
}
