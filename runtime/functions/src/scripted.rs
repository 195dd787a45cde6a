//! AWS with scripted answers, for tests: a server on loopback that keeps its requests and gives each the same answer.
//! (The SDK has its own test doubles, but their feature would build every crate of the SDK twice.)

use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream},
    sync::{Arc, Mutex},
    thread::JoinHandle,
};

use aws_sdk_dynamodb::config::{
    BehaviorVersion, Credentials, Region, SharedCredentialsProvider, retry::RetryConfig,
};
use aws_types::SdkConfig;

/// A service with one answer. It ends with the value.
pub(crate) struct Service {
    /// How to reach it.
    pub(crate) configuration: SdkConfig,
    asked: Arc<Mutex<Vec<String>>>,
    address: SocketAddr,
    server: Option<JoinHandle<()>>,
}

impl Service {
    /// A service that answers with `status` and `body`.
    pub(crate) fn answering(status: u16, body: impl Into<String>) -> Self {
        let body = body.into();
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let address = listener.local_addr().unwrap();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&asked);
        let server = std::thread::spawn(move || {
            // A connection without a request ends the service.
            for stream in listener.incoming() {
                let stream = stream.unwrap();
                let Some(request) = read(&stream) else { return };
                // Before the answer, because the test looks as soon as it has the answer.
                kept.lock().unwrap().push(request);
                answer(&stream, status, &body);
            }
        });
        let credentials = Credentials::new("test", "test", None, None, "test");
        let configuration = SdkConfig::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new("eu-west-1"))
            .endpoint_url(format!("http://{address}"))
            .credentials_provider(SharedCredentialsProvider::new(credentials))
            .retry_config(RetryConfig::disabled())
            .build();
        Self { configuration, asked, address, server: Some(server) }
    }

    /// The body of the one request that was made.
    pub(crate) fn only_request(self) -> String {
        let asked = self.asked.lock().unwrap();
        assert_eq!(asked.len(), 1, "{asked:?}");
        asked[0].clone()
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        drop(TcpStream::connect(self.address));
        let ended = self.server.take().map(JoinHandle::join);
        // A second panic would abort all tests, so a test that has already failed does not panic again.
        if !std::thread::panicking() {
            assert!(matches!(ended, Some(Ok(()))), "the scripted service panicked");
        }
    }
}

/// The body of one request; `None` if there is none.
fn read(stream: &TcpStream) -> Option<String> {
    let mut reader = BufReader::new(stream);
    let (mut line, mut length) = (String::new(), 0);
    if reader.read_line(&mut line).unwrap() == 0 {
        return None;
    }
    while line.trim_end() != "" {
        if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().unwrap();
        }
        line.clear();
        reader.read_line(&mut line).unwrap();
    }
    let mut asked = vec![0; length];
    reader.read_exact(&mut asked).unwrap();
    Some(String::from_utf8(asked).unwrap())
}

fn answer(mut stream: &TcpStream, status: u16, body: &str) {
    let length = body.len();
    let head = format!("HTTP/1.1 {status} Scripted\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n");
    stream.write_all(head.as_bytes()).unwrap();
    stream.write_all(body.as_bytes()).unwrap();
}

/// Runs a future to its end, on one thread.
pub(crate) fn run<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}
