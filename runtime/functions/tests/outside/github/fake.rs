//! A fake GitHub on this machine, on a free port, until it is dropped.

use std::{
    collections::VecDeque,
    io::{BufReader, Read as _},
    net::{Shutdown, SocketAddr, TcpListener, TcpStream},
    sync::{Arc, Mutex, MutexGuard},
    thread::{self, JoinHandle},
    time::Duration,
};

use jit_runners_functions::{
    clock::now,
    github::{Access, GithubApi},
};
use jit_runners_model::contract::environment::{Count, Id};
use jit_runners_runtime::time::Time;
use jit_runners_witnesses::prerequisites::{GITHUB_APP, GITHUB_INSTALLATION};
use secrecy::SecretString;

use super::{description, world::World};
use crate::connection::{self, Reply, Request};

/// The App that the fake knows.
pub(crate) const APP: u64 = GITHUB_APP;
/// Its installation id.
pub(crate) const INSTALLATION: u64 = GITHUB_INSTALLATION;
/// Its key.
pub(crate) const KEY: &str = include_str!("keys/app.pkcs1.pem");

/// What happens to the next request instead of its normal handling.
#[derive(Debug, Clone)]
pub(crate) enum Misfortune {
    /// It gets this answer, and nothing is done.
    Answered(Reply),
    /// It never gets an answer.
    Unanswered,
    /// The connection ends before the answer.
    HungUp,
    /// The connection ends in the middle of the answer.
    CutShort(Reply),
}

/// A request with its answer.
#[derive(Debug, Clone)]
pub(crate) struct Exchange {
    pub(crate) at: Time,
    pub(crate) request: Request,
    /// `None` if the test gave the fake this answer.
    pub(crate) reply: Option<Reply>,
}

#[derive(Default)]
struct State {
    world: World,
    exchanges: Vec<Exchange>,
    for_tokens: VecDeque<Misfortune>,
    for_others: VecDeque<Misfortune>,
    connections: Vec<TcpStream>,
    stopped: bool,
}

/// The server.
pub(crate) struct FakeGithub {
    address: SocketAddr,
    /// The prefix of each path.
    base: &'static str,
    state: Arc<Mutex<State>>,
    listener: Option<JoinHandle<()>>,
}

impl FakeGithub {
    pub(crate) fn start() -> Self {
        Self::below("")
    }

    /// A server whose API is below a path, like GitHub Enterprise Server.
    pub(crate) fn below(base: &'static str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let world = World { address: format!("http://{address}{base}"), ..World::default() };
        let state = Arc::new(Mutex::new(State { world, ..State::default() }));
        let shared = Arc::clone(&state);
        let listener = thread::spawn(move || listen(&listener, base, &shared));
        Self { address, base, state, listener: Some(listener) }
    }

    /// The server's address.
    pub(crate) fn url(&self) -> String {
        format!("http://{}{}", self.address, self.base)
    }

    /// The settings to connect to it.
    pub(crate) fn access(&self) -> Access {
        Access {
            api: self.url(),
            app: Id(APP),
            installation: Id(INSTALLATION),
            key: SecretString::from(KEY),
            runner_group: Some(Count(7.try_into().unwrap())),
            timeout: Duration::from_mins(1),
        }
    }

    /// An adapter that is connected to it.
    pub(crate) fn api(&self) -> GithubApi {
        GithubApi::new(&self.access()).unwrap()
    }

    /// A token that may do everything here.
    pub(crate) fn operator(&self) -> String {
        let token = "ghs_of_the_operator";
        let end = now() + Duration::from_hours(1);
        let end = std::time::UNIX_EPOCH + Duration::from_millis(end.as_millis());
        self.set(|world| {
            world.tokens.insert(token.to_owned(), end);
        });
        token.to_owned()
    }

    /// Changes the state of GitHub.
    pub(crate) fn set(&self, change: impl FnOnce(&mut World)) {
        change(&mut self.state().world);
    }

    /// What happens to the next request other than for a token.
    pub(crate) fn next(&self, misfortune: Misfortune) {
        self.state().for_others.push_back(misfortune);
    }

    /// The next request other than for a token gets this answer.
    pub(crate) fn answers(&self, reply: Reply) {
        self.next(Misfortune::Answered(reply));
    }

    /// What happens to the next request for a token.
    pub(crate) fn next_token(&self, misfortune: Misfortune) {
        self.state().for_tokens.push_back(misfortune);
    }

    /// Requests for tokens so far.
    pub(crate) fn token_requests(&self) -> Vec<Request> {
        self.requests(is_for_token)
    }

    /// Other requests so far.
    pub(crate) fn questions(&self) -> Vec<Request> {
        self.requests(|request| !is_for_token(request))
    }

    /// The last request other than for a token.
    pub(crate) fn last(&self) -> Request {
        self.questions().pop().unwrap()
    }

    /// Connections so far.
    pub(crate) fn connections(&self) -> usize {
        self.state().connections.len()
    }

    /// The whole conversation so far.
    pub(crate) fn exchanges(&self) -> Vec<Exchange> {
        self.state().exchanges.clone()
    }

    fn requests(&self, which: fn(&Request) -> bool) -> Vec<Request> {
        self.exchanges().into_iter().map(|exchange| exchange.request).filter(which).collect()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }
}

impl Drop for FakeGithub {
    /// Stops the server. The whole conversation must then match GitHub's description.
    fn drop(&mut self) {
        if let Ok(mut state) = self.state.lock() {
            state.stopped = true;
            for connection in &state.connections {
                let _ = connection.shutdown(Shutdown::Both);
            }
        }
        // Makes the listener return.
        drop(TcpStream::connect(self.address));
        let stopped = self.listener.take().map(JoinHandle::join);
        if !thread::panicking() {
            assert!(matches!(stopped, Some(Ok(()))), "the fake panicked: {stopped:?}");
            description::check(&self.exchanges());
        }
    }
}

fn is_for_token(request: &Request) -> bool {
    request.path.ends_with("/access_tokens")
}

fn listen(listener: &TcpListener, base: &str, state: &Mutex<State>) {
    thread::scope(|threads| {
        for stream in listener.incoming() {
            let stream = stream.unwrap();
            let mut shared = state.lock().unwrap();
            if shared.stopped {
                return;
            }
            shared.connections.push(stream.try_clone().unwrap());
            drop(shared);
            threads.spawn(move || serve(&stream, base, state));
        }
    });
}

/// Serves one connection until either side closes it. An error means that the client has gone.
fn serve(stream: &TcpStream, base: &str, state: &Mutex<State>) {
    let Ok(clone) = stream.try_clone() else { return };
    let mut reader = BufReader::new(clone);
    while let Ok(Some(mut request)) = connection::read(&mut reader) {
        let mut shared = state.lock().unwrap();
        let told = if is_for_token(&request) { &mut shared.for_tokens } else { &mut shared.for_others };
        let told = told.pop_front();
        let sent_path = request.path.clone();
        sent_path.strip_prefix(base).unwrap_or("outside").clone_into(&mut request.path);
        let reply = told.is_none().then(|| shared.world.answer(&request));
        shared.exchanges.push(Exchange { at: now(), request, reply: reply.clone() });
        drop(shared);
        let sent = match (told, reply) {
            (None, Some(reply)) | (Some(Misfortune::Answered(reply)), _) => reply.send(stream, true),
            (Some(Misfortune::CutShort(reply)), _) => {
                let _ = reply.send(stream, false);
                let _ = stream.shutdown(Shutdown::Both);
                return;
            }
            (Some(Misfortune::Unanswered), _) => {
                // Waits until the client gives up, or the server stops.
                let _ = reader.read(&mut [0]);
                return;
            }
            (Some(Misfortune::HungUp) | None, _) => {
                let _ = stream.shutdown(Shutdown::Both);
                return;
            }
        };
        if sent.is_err() {
            return;
        }
    }
}
