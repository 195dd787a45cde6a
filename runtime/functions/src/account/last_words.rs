//! Answers CloudFormation where nobody else can any more: a function that panics ends at once, and the stack would wait until
//! its time is up. Nothing hands a request over a second time: scale-down's invocations are not retried.

use std::{panic, sync::Mutex, thread};

use jit_runners_runtime::{
    deployment::{Answer, StackRequest},
    port::AccountError,
};

use super::{answer, query};

/// The request that is being carried out, and what is answered if that is cut off.
static PENDING: Mutex<Option<(StackRequest, Answer)>> = Mutex::new(None);

/// While it is there, a panic answers the request.
#[derive(Debug)]
pub struct LastWords(());

impl LastWords {
    /// For `request`, of a resource that is called `name` from its beginning.
    pub fn prepared(request: &StackRequest, name: &str) -> Self {
        let words = Err("the function failed; its log says where. Try again");
        let answer = request.answer(name, words);
        if let Ok(mut pending) = PENDING.lock() {
            *pending = Some((request.clone(), answer));
        }
        Self(())
    }
}

impl Drop for LastWords {
    fn drop(&mut self) {
        // While a panic unwinds, the answer is its hook's.
        if !thread::panicking()
            && let Ok(mut pending) = PENDING.lock()
        {
            *pending = None;
        }
    }
}

/// From now on a panic answers the request that it cuts off, besides what it does anyway.
pub fn answer_when_panicking() {
    let before = panic::take_hook();
    panic::set_hook(Box::new(move |panic| {
        before(panic);
        // Whoever panics may hold the lock.
        let pending = PENDING.try_lock().ok().and_then(|mut pending| pending.take());
        let Some((request, answer)) = pending else { return };
        // The runtime of this thread is in the middle of something.
        let sent = thread::spawn(move || send(&request, &answer)).join();
        // What went wrong now can be told nobody.
        drop(sent);
    }));
}

fn send(request: &StackRequest, answer: &Answer) -> Result<(), AccountError> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| AccountError::Unknown(error.to_string()))?;
    runtime.block_on(answer::send(&query::connector(), &request.address, answer))
}
