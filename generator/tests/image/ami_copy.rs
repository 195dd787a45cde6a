//! `ami.copy` against an emulator.

use serde_json::{Value, json};

use crate::account::Account;

/// Tags as the template sets them.
fn tags() -> Value {
    json!({ "jit-runners:image": "jit-runners", "jit-runners:architecture": "x86_64" })
}

/// A person with one image.
fn with_image(region: &'static str) -> Option<(Account, String)> {
    let account = Account::new(region)?;
    let ids = account.prepare(json!({ "images": [{ "name": "image", "tags": tags() }] }));
    let id = ids["image"].as_str().unwrap().to_owned();
    Some((account, id))
}

fn tag<'a>(image: &'a Value, key: &str) -> Option<&'a str> {
    let tags = image["Tags"].as_array()?;
    tags.iter().find(|tag| tag["Key"] == key)?["Value"].as_str()
}

#[test]
fn every_region_gets_one_copy_that_says_of_what() {
    let Some((account, id)) = with_image("us-east-1") else { return };
    let copy = || account.ami(&["copy", &id, "--regions", "us-east-1, us-east-2 us-west-1"]).well();
    let said = copy();
    for region in ["us-east-2", "us-west-1"] {
        let images = account.images(region);
        let [image] = images.as_slice() else { panic!("{images:?}") };
        assert!(said.contains(image["ImageId"].as_str().unwrap()), "{said}");
        assert_eq!(tag(image, "jit-runners:copy-of"), Some(format!("us-east-1/{id}").as_str()));
        assert_eq!(tag(image, "jit-runners:image"), Some("jit-runners"));
        assert_eq!(account.snapshots(region).len(), 1);
    }
    let calls = account.calls("copy-image");
    assert_eq!(calls.len(), 2, "{calls:?}");
    assert!(calls.iter().all(|call| call.contains("--encrypted")), "{calls:?}");
    // A second run copies nothing.
    assert!(copy().contains("already"));
    assert_eq!(account.calls("copy-image").len(), 2);
}

#[test]
fn what_cannot_be_copied_is_refused_before_anything_is() {
    let Some((account, id)) = with_image("ca-central-1") else { return };
    let refused = |arguments: &[&str], expected: &str| {
        account.ami(&[&["copy"], arguments].concat()).refused(expected);
    };
    let to = ["--regions", "us-west-2"];
    refused(&[&[""], &to[..]].concat(), "give AMI_ID=ami-");
    refused(&[&["ami-123"], &to[..]].concat(), "`ami-123` is not an image's id");
    refused(&[&["ami-0123456789ABCDEF0"], &to[..]].concat(), "is not an image's id");
    refused(
        &[&["ami-0123456789abcdef0"], &to[..]].concat(),
        "there is no image ami-0123456789abcdef0 in ca-central-1",
    );
    refused(&[&id, "--regions", "ca-central-1"], "no other regions than ca-central-1");
    refused(&[&id, "--regions", "us-wset-2 eu-west-1"], "there is no region us-wset-2; is it us-west-2?");
    refused(&[&id, "--regions", "me-south-1"], "aws account enable-region --region-name me-south-1");
    refused(&[&id, "--region", "eu-west-2", "--regions", "us-west-2"], "give REGION=that one");
    for (state, expected) in [
        ("pending", "aws ec2 wait image-available --image-ids"),
        ("failed", "is failed (as the test says), not available; take another one"),
    ] {
        account.set(&format!("state-{id}"), state);
        refused(&[&[id.as_str()], &to[..]].concat(), expected);
        account.unset(&format!("state-{id}"));
    }
    assert_eq!(account.calls("copy-image"), Vec::<String>::new());
}

#[test]
fn without_credentials_region_or_tools_it_says_what_to_do() {
    let Some((account, id)) = with_image("ap-south-1") else { return };
    let copy = ["copy", id.as_str(), "--regions", "us-west-2"];
    let nobody = [("AWS_ACCESS_KEY_ID", ""), ("AWS_SECRET_ACCESS_KEY", "")];
    account.ami_with(&copy, &nobody).refused("no AWS credentials");
    account.ami_with(&copy, &[("AWS_PROFILE", "nobody")]).refused("AWS_PROFILE");
    account.ami_with(&copy, &[("AWS_REGION", "")]).refused("no region: give REGION=");
    account.set("refuse-get-caller-identity", "(ExpiredToken) when calling X: it is old");
    account.ami(&copy).refused("the credentials are refused");
    account.unset("refuse-get-caller-identity");
    account.set("refuse-describe-images-us-west-2", "(UnauthorizedOperation) when calling X: not you");
    account.ami(&copy).refused("docs/image.md lists what is called");
    account.uninstall("aws");
    account.ami(&copy).refused("`aws` is not there");
    assert_eq!(account.calls("copy-image"), Vec::<String>::new());
}

#[test]
fn a_copy_that_fails_is_removed_and_the_others_stay() {
    let Some((account, id)) = with_image("ap-northeast-1") else { return };
    account.set("state-ap-northeast-2", "failed");
    account
        .set("refuse-copy-image-ap-northeast-3", "(ResourceLimitExceeded) when calling X: too many copies");
    let said = account
        .ami(&["copy", &id, "--regions", "ap-northeast-2 ap-northeast-3 ap-southeast-1"])
        .refused("ap-northeast-2: the copy ami-");
    assert!(said.contains("failed and was removed: as the test says"), "{said}");
    assert!(said.contains("ap-northeast-3: not copied: too many copies"), "{said}");
    assert!(account.images("ap-northeast-2").is_empty() && account.snapshots("ap-northeast-2").is_empty());
    assert_eq!(account.images("ap-southeast-1").len(), 1);
}

#[test]
fn what_is_still_on_its_way_is_followed_and_not_copied_again() {
    let Some((account, id)) = with_image("ap-southeast-2") else { return };
    account.set("state-sa-east-1", "pending");
    let copy = ["copy", id.as_str(), "--regions", "sa-east-1"];
    let ended = account.ami_with(&copy, &[("AMI_PATIENCE_SECONDS", "0")]);
    ended.refused("is still on its way; type the same again to follow it");
    // The copy is checked three more times: once before, and twice while the command waits for it.
    account.set("state-sa-east-1", "pending 3");
    assert!(account.ami(&copy).well().contains("is on its way already"));
    assert_eq!(account.calls("copy-image").len(), 1);
    assert_eq!(account.images("sa-east-1").len(), 1);
}

#[test]
fn a_region_that_refuses_public_images_gets_none() {
    let Some((account, id)) = with_image("eu-west-1") else { return };
    let copy = ["copy", id.as_str(), "--regions", "eu-west-3 eu-north-1", "--public"];
    account.set("block-eu-north-1", "block-new-sharing");
    let said = account.ami(&copy).refused("eu-north-1 refuses public images (block-new-sharing)");
    assert!(said.contains("disable-image-block-public-access --region eu-north-1"), "{said}");
    account.unset("block-eu-north-1");
    account.set(&format!("encrypted-{id}"), "");
    account.ami(&copy).refused("no encrypted image can be public");
    account.unset(&format!("encrypted-{id}"));
    assert_eq!(account.calls("copy-image"), Vec::<String>::new());
    // If the last call is refused, the copy is complete, it is reported, and the next run finds it.
    account
        .set("refuse-modify-image-attribute-eu-north-1", "(OperationNotPermitted) when calling X: blocked");
    account.ami(&copy).refused("is there, but only for this account: blocked");
    account.unset("refuse-modify-image-attribute-eu-north-1");
    account.ami(&copy).well();
    let calls = account.calls("copy-image");
    assert_eq!(calls.len(), 2, "{calls:?}");
    assert!(calls.iter().all(|call| !call.contains("--encrypted")), "{calls:?}");
    for region in ["eu-west-3", "eu-north-1"] {
        assert_eq!(account.images(region)[0]["Public"], true, "{region}");
    }
}
