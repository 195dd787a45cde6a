//! A proxy between the functions and the emulator that records which function made which call, and when.

use std::{
    io::{self, BufRead as _, BufReader, Read as _, Write as _},
    net::{Ipv4Addr, TcpStream},
    sync::{Arc, Mutex, PoisonError},
};

use anyhow::Result;
use jit_runners_functions::clock::now;
use jit_runners_runtime::time::Time;

use super::wire::form;
use crate::{
    connection::{self, Reply, Request},
    listener::Listener,
};

/// A call of a function.
#[derive(Debug, Clone)]
pub(crate) struct Call {
    pub(crate) at: Time,
    /// The access key of the caller.
    pub(crate) access_key: String,
    /// The service and the operation, such as `DynamoDB GetItem`.
    pub(crate) name: String,
    /// The action that IAM refused, such as `dynamodb:GetItem`.
    pub(crate) refused: Option<String>,
}

/// The call by which functions create EC2 Spot's service-linked role. The emulator knows neither the condition that
/// allows it, nor IAM's answer if the role exists. So the recorder creates the role.
const MAKE_SPOT_ROLE: &str = "IAM CreateServiceLinkedRole";

/// A running recorder. It stops when the value is dropped.
pub(crate) struct Recorder {
    listener: Listener,
    calls: Arc<Mutex<Vec<Call>>>,
    upstream: Arc<Mutex<Option<u16>>>,
}

impl Recorder {
    pub(crate) fn start() -> Result<Self> {
        let (calls, upstream) = (Arc::default(), Arc::new(Mutex::new(None)));
        let (kept, target) = (Arc::clone(&calls), Arc::clone(&upstream));
        let listener = Listener::start(move |stream| {
            let port = *target.lock().unwrap_or_else(PoisonError::into_inner);
            // The client or the emulator is gone, so there is nobody to report an error to.
            drop(port.map(|port| relay(stream, port, &kept)));
        })?;
        Ok(Self { listener, calls, upstream })
    }

    /// The address for the functions.
    pub(crate) fn endpoint(&self) -> String {
        self.listener.endpoint()
    }

    /// Sets the port of the emulator.
    pub(crate) fn relay_to(&self, port: u16) {
        *self.upstream.lock().unwrap_or_else(PoisonError::into_inner) = Some(port);
    }

    /// Whether the account has EC2 Spot's service-linked role.
    pub(crate) fn has_spot_role(&self) -> bool {
        self.calls().iter().any(|call| call.name == MAKE_SPOT_ROLE)
    }

    /// All calls so far.
    pub(crate) fn calls(&self) -> Vec<Call> {
        self.calls.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

fn relay(client: &TcpStream, port: u16, calls: &Mutex<Vec<Call>>) -> io::Result<()> {
    let server = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
    // Forwarding must not delay data.
    client.set_nodelay(true)?;
    server.set_nodelay(true)?;
    let (mut from_client, mut from_server) =
        (BufReader::new(client.try_clone()?), BufReader::new(server.try_clone()?));
    while let Some(request) = connection::read(&mut from_client)? {
        let mut call = told_by(&request);
        if call.name == MAKE_SPOT_ROLE {
            let mut calls = calls.lock().unwrap_or_else(PoisonError::into_inner);
            let is_there = calls.iter().any(|call| call.name == MAKE_SPOT_ROLE);
            calls.push(call);
            drop(calls);
            spot_role(is_there).send(client, true)?;
            continue;
        }
        (&server).write_all(request.to_wire().as_bytes())?;
        let answer = answer(&mut from_server)?;
        call.refused = refused(&answer);
        calls.lock().unwrap_or_else(PoisonError::into_inner).push(call);
        let mut client = client;
        client.write_all(&answer)?;
    }
    Ok(())
}

/// IAM's answer to a request to create EC2 Spot's service-linked role
/// (<https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateServiceLinkedRole.html>).
fn spot_role(is_there: bool) -> Reply {
    if !is_there {
        return Reply::new(200, "<CreateServiceLinkedRoleResponse/>");
    }
    let message = "Service role name AWSServiceRoleForEC2Spot has been taken in this account, please try a different suffix.";
    let error = format!("<Error><Code>InvalidInput</Code><Message>{message}</Message></Error>");
    Reply::new(400, format!("<ErrorResponse>{error}</ErrorResponse>"))
}

/// Reads one whole answer, unchanged.
fn answer(server: &mut BufReader<TcpStream>) -> io::Result<Vec<u8>> {
    let (mut bytes, mut length, mut chunked) = (Vec::new(), 0, false);
    loop {
        let start = bytes.len();
        if server.read_until(b'\n', &mut bytes)? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let line = String::from_utf8_lossy(&bytes[start..]).to_ascii_lowercase();
        if let Some(value) = line.strip_prefix("content-length:") {
            length = value.trim().parse().unwrap_or(0);
        }
        chunked |= line.starts_with("transfer-encoding:") && line.contains("chunked");
        if line.trim().is_empty() {
            break;
        }
    }
    while chunked {
        let start = bytes.len();
        server.read_until(b'\n', &mut bytes)?;
        let size = String::from_utf8_lossy(&bytes[start..]).trim().to_owned();
        let size = u64::from_str_radix(&size, 16).unwrap_or(0);
        server.take(size + 2).read_to_end(&mut bytes)?;
        chunked = size > 0;
    }
    server.take(length).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn told_by(request: &Request) -> Call {
    let target = request.header("x-amz-target").unwrap_or_default();
    let (service, action) = target.split_once('.').unwrap_or(("", target));
    let service = match service {
        "DynamoDB_20120810" => "DynamoDB",
        "AmazonSQS" => "SQS",
        "secretsmanager" => "SecretsManager",
        other => other,
    };
    let name = match query(request) {
        Some(name) if action.is_empty() => name,
        _ => format!("{service} {action}"),
    };
    Call { at: now(), access_key: request.access_key().to_owned(), name, refused: None }
}

/// The name of a call to a service that does not use JSON, such as `IAM CreateServiceLinkedRole`.
fn query(request: &Request) -> Option<String> {
    let action = form(&request.body).remove("Action")?;
    // Credential=KEY/DATE/REGION/SERVICE/aws4_request
    let scope = request.header("authorization")?.split_once("Credential=")?.1;
    let service = match scope.split('/').nth(3)? {
        "iam" => "IAM",
        "cloudformation" => "CloudFormation",
        other => other,
    };
    Some(format!("{service} {action}"))
}

/// The action in an answer that denies access.
fn refused(answer: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(answer);
    let (_, rest) = text.split_once("not authorized to perform: ")?;
    Some(rest.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == ':').collect())
}
