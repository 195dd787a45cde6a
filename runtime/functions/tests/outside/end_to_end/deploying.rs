//! The requests to scale-down from whoever deploys, sent by a test in the form of CloudFormation and of Terraform.

use std::{
    io::BufReader,
    sync::{Arc, Mutex, PoisonError},
};

use anyhow::{Context as _, Result, ensure};
use jit_runners_model::contract::Handler;
use jit_runners_witnesses::emulator::Aws;
use serde_json::{Value, json};

use super::fixture::{Fixture, NAME, function};
use crate::{
    connection::{self, Reply},
    listener::Listener,
};

/// A part of the address for the answer that must not appear anywhere else.
const HIDDEN: &str = "X-Amz-Signature=hidden";

/// Terraform repeats the creation.
pub(crate) fn prepare(fixture: &Fixture) -> Result<()> {
    let event = json!({ "tf": { "action": "create" } });
    let done = fixture.services.invoke(&function(Handler::ScaleDown), &event)?;
    ensure!(
        done.is_clean() && done.log.contains("the deployment is prepared"),
        "{} {}",
        done.answer,
        done.log
    );
    Ok(())
}

/// CloudFormation deletes the resource although the stack is not being deleted, as in the clean-up after an update.
pub(crate) fn clean_up(fixture: &Fixture, aws: &Aws<'_>) -> Result<()> {
    let stack =
        aws.word(&["cloudformation", "describe-stacks", "--stack-name", NAME], "Stacks[0].StackId")?;
    let answers: Arc<Mutex<Vec<String>>> = Arc::default();
    let kept = Arc::clone(&answers);
    let listener = Listener::start(move |stream| {
        let Ok(clone) = stream.try_clone() else { return };
        let mut reader = BufReader::new(clone);
        while let Ok(Some(request)) = connection::read(&mut reader) {
            let answer = format!("{} {}", request.method, request.body);
            kept.lock().unwrap_or_else(PoisonError::into_inner).push(answer);
            if Reply::new(200, "").send(stream, true).is_err() {
                return;
            }
        }
    })?;
    let event = json!({
        "RequestType": "Delete", "ResponseURL": format!("{}/x?{HIDDEN}", listener.endpoint()), "StackId": stack,
        "RequestId": "r-1", "LogicalResourceId": "Deployment", "PhysicalResourceId": NAME,
        "ResourceType": "Custom::Deployment", "ResourceProperties": { "ServiceTimeout": "600" },
    });
    let done = fixture.services.invoke(&function(Handler::ScaleDown), &event)?;
    ensure!(!done.log.contains(HIDDEN), "the address is told: {}", done.log);
    ensure!(done.is_clean() && done.log.contains("nothing was ended"), "{} {}", done.answer, done.log);
    let answers = answers.lock().unwrap_or_else(PoisonError::into_inner).clone();
    let [answer] = answers.as_slice() else { anyhow::bail!("answered {answers:?}") };
    let body: Value = serde_json::from_str(answer.strip_prefix("PUT ").context("no PUT")?)?;
    ensure!(body["Status"] == "SUCCESS" && body["PhysicalResourceId"] == NAME, "{body}");
    ensure!(body["StackId"] == stack.as_str() && body["RequestId"] == "r-1", "{body}");
    Ok(())
}

/// Somebody who may invoke the function cannot make it send an answer to other hosts, nor end anything without a stack.
pub(crate) fn ask_as_a_stranger(fixture: &Fixture) -> Result<()> {
    for address in [
        "https://example.com/x",
        "http://192.0.2.1/x",
        "https://cloudformation-custom-resource-response-x.example.com/x",
    ] {
        let event = json!({
            "RequestType": "Delete", "ResponseURL": format!("{address}?{HIDDEN}"), "RequestId": "r-2",
            "StackId": "arn:aws:cloudformation:us-east-1:000000000000:stack/theirs/1", "LogicalResourceId": "x",
        });
        let done = fixture.services.invoke(&function(Handler::ScaleDown), &event)?;
        let told = format!("{} {}", done.answer, done.log);
        ensure!(done.failed && told.contains("ResponseURL") && !told.contains(HIDDEN), "{address}: {told}");
    }
    Ok(())
}
