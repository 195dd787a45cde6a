//! A fresh AWS emulator on a free loopback port, which ends when the guard is dropped; and the AWS command line for
//! it.

use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};
use std::{env, fs};

use anyhow::{Context as _, Result, bail};
use serde_json::Value;
use tempfile::TempDir;

use crate::{process, tools};

/// The region of everything that the witnesses deploy.
pub const REGION: &str = "us-east-1";

/// The account's own key, which may do everything, and its secret.
pub const KEY: &str = "test";

/// A caller other than the account's own key. The emulator checks its permissions.
#[derive(Debug, Clone)]
pub struct Caller {
    /// The access key.
    pub key: String,
    /// Its secret.
    pub secret: String,
}

impl Caller {
    /// Makes a client sign as this caller.
    pub(crate) fn sign(&self, client: &mut Command) {
        client.env("AWS_ACCESS_KEY_ID", &self.key).env("AWS_SECRET_ACCESS_KEY", &self.secret);
    }
}

/// How long an emulator may take to answer; it needs about two seconds.
const START_TIMEOUT: Duration = Duration::from_secs(90);

/// A running emulator.
pub struct Emulator {
    server: Child,
    port: u16,
    /// Its state, its log and the code that functions run from.
    folder: TempDir,
}

impl Emulator {
    /// Starts one, or skips the check when the emulator is not installed.
    pub fn start(check: &str) -> Result<Option<Self>> {
        Self::start_with(check, &[])
    }

    /// Starts one that refuses what a role does not allow. The functions that run on it have `variables` as well, such as
    /// another endpoint for one service.
    pub fn start_with_permissions(check: &str, variables: &[(&str, String)]) -> Result<Option<Self>> {
        let enforced = [("AUTH", "true".to_owned())];
        Self::start_with(check, &[&enforced, variables].concat())
    }

    fn start_with(check: &str, variables: &[(&str, String)]) -> Result<Option<Self>> {
        let Some(program) = tools::require(check, "ministack")? else { return Ok(None) };
        // Another process may take the free port before the server does. Then the next one is tried.
        for _ in 0..3 {
            if let Some(emulator) = Self::try_start(&program, variables)? {
                return Ok(Some(emulator));
            }
        }
        bail!("the emulator did not start on any of three free ports")
    }

    /// Where its services answer.
    pub fn endpoint(&self) -> String {
        format!("http://{}:{}", Ipv4Addr::LOCALHOST, self.port)
    }

    /// Its port on loopback.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// What it said so far.
    pub fn log(&self) -> String {
        fs::read_to_string(self.folder.path().join("log")).unwrap_or_default()
    }

    /// The processes of a function that runs on it.
    pub fn processes(&self, function: &str) -> Result<Vec<u32>> {
        let named = format!("AWS_LAMBDA_FUNCTION_NAME={function}");
        // Inherited from the emulator.
        let here = format!("GATEWAY_PORT={}", self.port);
        let mut found = Vec::new();
        for entry in fs::read_dir("/proc")? {
            let entry = entry?;
            let Some(id) = entry.file_name().to_str().and_then(|name| name.parse().ok()) else { continue };
            // Processes of others cannot be read, and some end in the meantime.
            let Ok(environment) = fs::read(entry.path().join("environ")) else { continue };
            let has = |wanted: &str| environment.split(|byte| *byte == 0).any(|it| it == wanted.as_bytes());
            if has(&named) && has(&here) {
                found.push(id);
            }
        }
        Ok(found)
    }

    /// Points a client of AWS at the emulator, and away from any account of the person who runs this.
    pub fn configure(&self, client: &mut Command) {
        for (name, _) in env::vars_os() {
            if name.to_string_lossy().starts_with("AWS_") {
                client.env_remove(name);
            }
        }
        client
            .env("AWS_ENDPOINT_URL", self.endpoint())
            .env("AWS_ACCESS_KEY_ID", KEY)
            .env("AWS_SECRET_ACCESS_KEY", KEY)
            .env("AWS_REGION", REGION)
            .env("AWS_DEFAULT_REGION", REGION)
            .env("AWS_CONFIG_FILE", "/dev/null")
            .env("AWS_SHARED_CREDENTIALS_FILE", "/dev/null")
            .env("AWS_EC2_METADATA_DISABLED", "true")
            .env("AWS_PAGER", "")
            .env("NO_PROXY", Ipv4Addr::LOCALHOST.to_string())
            .env("no_proxy", Ipv4Addr::LOCALHOST.to_string());
    }

    fn try_start(program: &Path, variables: &[(&str, String)]) -> Result<Option<Self>> {
        let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port();
        let folder = TempDir::with_prefix("jit-runners-emulator-")?;
        let log = fs::File::create(folder.path().join("log"))?;
        let server = Command::new(program)
            .current_dir(folder.path())
            .env("BIND_HOST", Ipv4Addr::LOCALHOST.to_string())
            .env("MINISTACK_HOST", Ipv4Addr::LOCALHOST.to_string())
            .env("GATEWAY_PORT", port.to_string())
            .env("MINISTACK_REGION", REGION)
            // The endpoint for functions.
            .env("AWS_ENDPOINT_URL", format!("http://{}:{port}", Ipv4Addr::LOCALHOST))
            .env("AWS_ACCESS_KEY_ID", KEY)
            .env("AWS_SECRET_ACCESS_KEY", KEY)
            .envs(variables.iter().map(|(name, value)| (name, value)))
            .env("TMPDIR", folder.path())
            .env("PERSIST_STATE", "0")
            // Functions run as plain processes, so the emulator must not find Docker.
            .env("DOCKER_HOST", format!("unix://{}", folder.path().join("no-docker.sock").display()))
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            // Its own group, so that the functions that it started end with it.
            .process_group(0)
            .spawn()
            .with_context(|| format!("starting {}", program.display()))?;
        let mut emulator = Self { server, port, folder };
        let deadline = Instant::now() + START_TIMEOUT;
        while Instant::now() < deadline {
            if emulator.server.try_wait()?.is_some() {
                return Ok(None);
            }
            if emulator.is_healthy() {
                return Ok(Some(emulator));
            }
            sleep(Duration::from_millis(100));
        }
        bail!("the emulator did not answer within {START_TIMEOUT:?}\n{}", emulator.log())
    }

    fn is_healthy(&self) -> bool {
        let ask = || -> std::io::Result<bool> {
            let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, self.port))?;
            stream.set_read_timeout(Some(Duration::from_secs(5)))?;
            stream.write_all(b"GET /_ministack/health HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n")?;
            let mut answer = [0; 12];
            stream.read_exact(&mut answer)?;
            Ok(answer.ends_with(b" 200"))
        };
        ask().unwrap_or(false)
    }
}

impl Drop for Emulator {
    /// Kills the whole group. The emulator's folder is deleted, too.
    fn drop(&mut self) {
        let group = format!("-{}", self.server.id());
        if let Err(error) = process::stdout_of(Command::new("kill").args(["-s", "KILL", "--", &group])) {
            eprintln!("ending the emulator: {error:#}");
        }
        let _ = self.server.wait();
    }
}

/// `aws` with the emulator's endpoint and dummy credentials.
pub struct Aws<'emulator> {
    program: PathBuf,
    emulator: &'emulator Emulator,
    caller: Option<Caller>,
}

impl<'emulator> Aws<'emulator> {
    /// The client, or a skipped check when `aws` is not installed.
    pub fn new(check: &str, emulator: &'emulator Emulator) -> Result<Option<Self>> {
        Ok(tools::require(check, "aws")?.map(|program| Self { program, emulator, caller: None }))
    }

    /// The same client with another caller.
    #[must_use]
    pub fn signed_by(&self, caller: &Caller) -> Self {
        Self { program: self.program.clone(), emulator: self.emulator, caller: Some(caller.clone()) }
    }

    /// What a command prints.
    pub fn text(&self, arguments: &[&str]) -> Result<String> {
        let mut command = Command::new(&self.program);
        self.emulator.configure(&mut command);
        if let Some(caller) = &self.caller {
            caller.sign(&mut command);
        }
        // Version 1 ignores AWS_ENDPOINT_URL for SQS and uses its old host name. The option works.
        command.args(["--endpoint-url", &self.emulator.endpoint()]).args(arguments);
        process::stdout_of(&mut command)
    }

    /// The output of a command as JSON; `null` if there is none.
    pub fn json(&self, arguments: &[&str]) -> Result<Value> {
        let text = self.text(&[arguments, &["--output", "json"]].concat())?;
        if text.trim().is_empty() {
            return Ok(Value::Null);
        }
        serde_json::from_str(&text).with_context(|| format!("the answer to `aws {}`", arguments.join(" ")))
    }

    /// One word of an answer, chosen by a `JMESPath` query.
    pub fn word(&self, arguments: &[&str], query: &str) -> Result<String> {
        let text = self.text(&[arguments, &["--query", query, "--output", "text"]].concat())?;
        Ok(text.trim().to_owned())
    }
}
