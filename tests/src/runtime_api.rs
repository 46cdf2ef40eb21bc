//! The Runtime API of Lambda, over a real socket.
//!
//! A function asks for its next invocation and waits; [`RuntimeApi::invoke`] gives it one and
//! waits for the answer. Times are taken on the connection's own thread: from just before the
//! event is written to when the answer has arrived whole.

use std::io::{self, BufReader};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use anyhow::{Context as _, Result, bail, ensure};

use crate::wire::{Request, Response};

/// How long an invocation may take, as the function is told; longer than any takes under valgrind.
const DEADLINE: Duration = Duration::from_mins(1);

/// Serves one function at a time.
#[derive(Debug)]
pub struct RuntimeApi {
    address: SocketAddr,
    shared: Arc<Shared>,
}

/// What a function made of an event.
#[derive(Debug, Clone)]
pub struct Answer {
    /// From when the event was sent to when the answer had arrived.
    pub took: Duration,
    /// The answer, or the error.
    pub body: Vec<u8>,
    /// Whether it is an error: the function failed.
    pub is_error: bool,
}

#[derive(Debug, Default)]
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    connections: usize,
    /// Since when somebody waits for an event.
    asked: Option<Instant>,
    event: Option<Vec<u8>>,
    sent: Option<Instant>,
    answer: Option<Answer>,
    start_error: Option<String>,
    is_closed: bool,
    invocations: u64,
}

impl RuntimeApi {
    /// Starts to listen on a free port of this machine.
    ///
    /// # Errors
    /// When there is no port.
    pub fn start() -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").context("no free port")?;
        let address = listener.local_addr()?;
        let shared = Arc::new(Shared::default());
        let accepting = Arc::clone(&shared);
        thread::spawn(move || {
            for stream in listener.incoming() {
                let mut state = accepting.lock();
                if state.is_closed {
                    break;
                }
                let Ok(stream) = stream else { continue };
                state.connections += 1;
                let serving = Arc::clone(&accepting);
                // A connection that breaks is the end of its function, which is noticed elsewhere.
                thread::spawn(move || serving.serve(&stream));
            }
        });
        Ok(Self { address, shared })
    }

    /// Host and port, as `AWS_LAMBDA_RUNTIME_API` names them.
    #[must_use]
    pub fn address(&self) -> String {
        self.address.to_string()
    }

    /// Connections there have been.
    #[must_use]
    pub fn connections(&self) -> usize {
        self.shared.lock().connections
    }

    /// Waits until the function asks for an event; tells when it did.
    ///
    /// # Errors
    /// When it reports that it cannot start, `is_alive` says that it has ended, or `limit` passes.
    pub fn asked(&self, limit: Duration, is_alive: impl FnMut() -> bool) -> Result<Instant> {
        self.wait(limit, is_alive, |state| state.asked)
    }

    /// Sends an event and waits for the answer.
    ///
    /// # Errors
    /// As [`RuntimeApi::asked`], and when the function does not wait for an event.
    pub fn invoke(
        &self,
        event: &[u8],
        limit: Duration,
        is_alive: impl FnMut() -> bool,
    ) -> Result<Answer> {
        {
            let mut state = self.shared.lock();
            ensure!(state.asked.is_some(), "the function does not wait for an event");
            state.answer = None;
            state.event = Some(event.to_vec());
            self.shared.changed.notify_all();
        }
        // The next question ends the invocation: before it, the function may still be at work.
        self.wait(limit, is_alive, |state| {
            state.asked?;
            state.answer.take()
        })
    }

    fn wait<T>(
        &self,
        limit: Duration,
        mut is_alive: impl FnMut() -> bool,
        mut found: impl FnMut(&mut State) -> Option<T>,
    ) -> Result<T> {
        const POLL: Duration = Duration::from_millis(50);
        let started = Instant::now();
        let mut state = self.shared.lock();
        loop {
            if let Some(found) = found(&mut state) {
                return Ok(found);
            }
            if let Some(error) = &state.start_error {
                bail!("the function cannot start: {error}");
            }
            ensure!(started.elapsed() < limit, "the function is silent for {limit:?}");
            ensure!(is_alive(), "the function has ended");
            let waited = self.shared.changed.wait_timeout(state, POLL);
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
    }
}

impl Drop for RuntimeApi {
    fn drop(&mut self) {
        self.shared.lock().is_closed = true;
        self.shared.changed.notify_all();
        // Wakes the listening thread up, for it to see that it is over.
        drop(TcpStream::connect(self.address));
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn serve(&self, stream: &TcpStream) -> io::Result<()> {
        stream.set_nodelay(true)?;
        let mut reader = BufReader::with_capacity(64 * 1024, stream);
        while let Some(request) = Request::read(&mut reader)? {
            let arrived = Instant::now();
            let mut writer = stream;
            if request.method == "GET" {
                let Some(response) = self.next(arrived) else { break };
                self.lock().sent = Some(Instant::now());
                response.write(&mut writer)?;
            } else {
                self.take(request, arrived);
                Response { status: 202, ..Response::default() }.write(&mut writer)?;
            }
        }
        Ok(())
    }

    /// Waits for an event; `None` when there will be none.
    fn next(&self, arrived: Instant) -> Option<Response> {
        let mut state = self.lock();
        state.asked = Some(arrived);
        self.changed.notify_all();
        let event = loop {
            if state.is_closed {
                return None;
            }
            if let Some(event) = state.event.take() {
                break event;
            }
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        };
        state.asked = None;
        state.invocations += 1;
        Some(Response { status: 200, headers: headers(state.invocations), body: event })
    }

    fn take(&self, request: Request, arrived: Instant) {
        let mut state = self.lock();
        if request.target.ends_with("/init/error") {
            state.start_error = Some(String::from_utf8_lossy(&request.body).into_owned());
        } else {
            let took = state.sent.map_or(Duration::ZERO, |sent| arrived - sent);
            let is_error = request.target.ends_with("/error");
            state.answer = Some(Answer { took, body: request.body, is_error });
        }
        self.changed.notify_all();
    }
}

fn headers(invocation: u64) -> Vec<(&'static str, String)> {
    let arn = "arn:aws:lambda:eu-central-1:123456789012:function:measured";
    let trace = "Root=1-67891233-abcdef012345678912345678;Parent=1234567890abcdef;Sampled=0";
    vec![
        ("content-type", "application/json".to_owned()),
        ("lambda-runtime-aws-request-id", format!("8476a536-e9f4-11e8-9739-{invocation:012x}")),
        ("lambda-runtime-deadline-ms", deadline().to_string()),
        ("lambda-runtime-invoked-function-arn", arn.to_owned()),
        ("lambda-runtime-trace-id", trace.to_owned()),
    ]
}

#[expect(clippy::disallowed_methods, reason = "the deadline is a time of day")]
fn deadline() -> u128 {
    (SystemTime::now() + DEADLINE).duration_since(UNIX_EPOCH).unwrap_or_default().as_millis()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write as _;

    const LIMIT: Duration = Duration::from_secs(10);

    fn ask(stream: &mut TcpStream) {
        stream.write_all(b"GET /2018-06-01/runtime/invocation/next HTTP/1.1\r\n\r\n").unwrap();
    }

    fn post(stream: &mut TcpStream, target: &str, body: &str) {
        let length = body.len();
        write!(stream, "POST {target} HTTP/1.1\r\ncontent-length: {length}\r\n\r\n{body}").unwrap();
    }

    #[test]
    fn an_event_goes_to_the_function_and_its_answer_comes_back() {
        let api = RuntimeApi::start().unwrap();
        let mut stream = TcpStream::connect(api.address()).unwrap();
        let function = thread::spawn(move || {
            ask(&mut stream);
            let mut reader = BufReader::new(stream.try_clone().unwrap());
            // A status line is as good as a request line for what is read of it here.
            let event = Request::read(&mut reader).unwrap().unwrap();
            assert!(event.header("lambda-runtime-aws-request-id").is_some());
            post(&mut stream, "/2018-06-01/runtime/invocation/1/response", "pong");
            ask(&mut stream);
            let _ = Request::read(&mut reader);
            event.body
        });
        api.asked(LIMIT, || true).unwrap();
        let answer = api.invoke(b"ping", LIMIT, || true).unwrap();
        assert_eq!((answer.body.as_slice(), answer.is_error), (b"pong".as_slice(), false));
        assert_eq!(api.connections(), 1);
        drop(api);
        assert_eq!(function.join().unwrap(), b"ping");
    }

    #[test]
    fn a_start_that_fails_is_reported() {
        let api = RuntimeApi::start().unwrap();
        let mut stream = TcpStream::connect(api.address()).unwrap();
        post(&mut stream, "/2018-06-01/runtime/init/error", "no table");
        let error = api.asked(LIMIT, || true).unwrap_err();
        assert_eq!(error.to_string(), "the function cannot start: no table");
    }

    #[test]
    fn a_function_that_ends_is_not_waited_for() {
        let api = RuntimeApi::start().unwrap();
        assert!(api.asked(LIMIT, || false).is_err());
    }
}
