//! What the policies of keys must allow. Keys belong to the account and not to the deployment, so the pages say it.

use jit_runners_model::{
    Deployment, KeyArn,
    contract::{Effect, Handler},
};
use serde_json::{Value, json};

/// Sections for a page in Markdown: the policy of the key that is chosen, and other keys that may be in use.
pub(super) fn sections(deployment: &Deployment) -> String {
    let chosen = deployment.choices().kms_key.as_ref().map(chosen).unwrap_or_default();
    format!("{chosen}{}", others())
}

fn chosen(key: &KeyArn) -> String {
    format!(
        "\
## The key's policy

`{key}` encrypts queues, table, log groups and the functions'
environment. Its policy is not a part of the deployment: before deploying, it needs these statements beside those
that it has.

```json
{statements:#}
```

- `Account` leaves it to IAM who uses the key; the roles of functions and instances say it for themselves.
- Without `LogGroups`, CloudWatch Logs
  [refuses the key](https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html), so no log
  group is made.
- Without `Events`, the rules' events
  [do not reach the queue](https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-troubleshooting.html): nothing
  says so, and lost instances go unnoticed until the rebalancer finds the gap.
- Whoever deploys needs `kms:CreateGrant`, `kms:DescribeKey`, `kms:Encrypt` and `kms:Decrypt` on the key, and for the
  table `kms:GenerateDataKey*` and `kms:ReEncrypt*`: Lambda and DynamoDB take their grants in that name.
- The number in the last two statements is the account of the deployment. Replace it where the key is another account's.

",
        statements = statements(key)
    )
}

/// The statements, for the region and the account that the key is in.
fn statements(key: &KeyArn) -> Value {
    let mut parts = key.as_str().split(':').skip(1);
    let mut part = || parts.next().unwrap_or_default();
    let (partition, _kms, region, account) = (part(), part(), part(), part());
    json!([
        {
            "Sid": "Account",
            "Effect": "Allow",
            "Principal": { "AWS": format!("arn:{partition}:iam::{account}:root") },
            "Action": "kms:*",
            "Resource": "*"
        },
        {
            "Sid": "LogGroups",
            "Effect": "Allow",
            "Principal": { "Service": format!("logs.{region}.amazonaws.com") },
            "Action": ["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:DescribeKey"],
            "Resource": "*",
            "Condition": {
                "ArnLike": {
                    "kms:EncryptionContext:aws:logs:arn":
                        format!("arn:{partition}:logs:{region}:{account}:log-group:*")
                }
            }
        },
        {
            "Sid": "Events",
            "Effect": "Allow",
            "Principal": { "Service": "events.amazonaws.com" },
            "Action": ["kms:Decrypt", "kms:GenerateDataKey"],
            "Resource": "*",
            "Condition": { "StringEquals": { "aws:SourceAccount": account } }
        }
    ])
}

fn others() -> String {
    format!(
        "\
## Keys of secrets and images

What another key of yours encrypts is used under that key's policy:

- A secret: the key must let the roles of the functions that read it decrypt (`kms:Decrypt`). The webhook secret is
  read by {webhook_secret}; the private key by {private_key}. These roles are there
  once the deployment is.
- An image or a volume of runners: EC2 launches spot instances as `AWSServiceRoleForEC2Spot`, which needs
  [a grant on the key](https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/service-linked-roles-spot-instance-requests.html)
  (`aws kms create-grant`).
",
        webhook_secret = with(Effect::ReadWebhookSecret),
        private_key = with(Effect::ReadPrivateKey)
    )
}

/// The functions that have an effect.
fn with(effect: Effect) -> String {
    let handlers = Handler::ALL.into_iter().filter(|handler| handler.effects().contains(&effect));
    handlers.map(Handler::name).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use jit_runners_model::{Choices, Deployment, KeyArn};

    use super::{sections, statements};

    const KEY: &str = "arn:aws-us-gov:kms:us-gov-west-1:123456789012:key/1234abcd";

    #[test]
    fn the_statements_are_for_where_the_key_is() {
        let statements = statements(&KeyArn::new(KEY).unwrap());
        assert_eq!(statements[0]["Principal"]["AWS"], "arn:aws-us-gov:iam::123456789012:root");
        assert_eq!(statements[1]["Principal"]["Service"], "logs.us-gov-west-1.amazonaws.com");
        assert_eq!(
            statements[1]["Condition"]["ArnLike"]["kms:EncryptionContext:aws:logs:arn"],
            "arn:aws-us-gov:logs:us-gov-west-1:123456789012:log-group:*"
        );
        assert_eq!(statements[2]["Condition"]["StringEquals"]["aws:SourceAccount"], "123456789012");
    }

    #[test]
    fn every_page_has_the_policy_of_the_chosen_key() {
        let with = |kms_key| Deployment::new(Choices { kms_key, ..Choices::default() }).unwrap();
        let (without, with) = (with(None), with(Some(KeyArn::new(KEY).unwrap())));
        for page in ["cloudformation/README.md", "docs/deployment.md", "terraform/README.md"] {
            let text = |deployment| {
                crate::files(deployment, &serde_json::Value::Null)
                    .into_iter()
                    .find(|file| file.path == page)
                    .unwrap()
                    .contents
            };
            assert!(text(&with).contains(&sections(&with)), "{page}");
            assert!(text(&without).contains(&sections(&without)), "{page}");
            assert!(!text(&without).contains("## The key's policy"), "{page}");
        }
    }
}
