//! An upstream for tests: a real socket that plays a script.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

/// What the upstream does with one request.
#[derive(Debug, Clone)]
pub(crate) enum Act {
    /// Sends these bytes and keeps the connection.
    Answer(Vec<u8>),
    /// Sends these bytes and closes the connection.
    Close(Vec<u8>),
    /// Sends nothing for a long time.
    Stall,
}

/// A response with a body of that type.
pub(crate) fn answer(status: &str, headers: &str, body: &[u8]) -> Act {
    let mut bytes = format!("HTTP/1.1 {status}\r\n{headers}content-length: {}\r\n\r\n", body.len())
        .into_bytes();
    bytes.extend_from_slice(body);
    Act::Answer(bytes)
}

/// A JSON response.
pub(crate) fn answer_json(status: &str, body: &str) -> Act {
    answer(status, "content-type: application/json\r\n", body.as_bytes())
}

/// A request as it arrived.
#[derive(Debug, Clone)]
pub(crate) struct Received {
    pub(crate) head: String,
    pub(crate) body: Vec<u8>,
}

impl Received {
    pub(crate) fn line(&self) -> &str {
        self.head.lines().next().unwrap_or_default()
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().skip(1).find_map(|line| {
            let (key, value) = line.split_once(':')?;
            key.eq_ignore_ascii_case(name).then(|| value.trim())
        })
    }
}

/// Plays its acts in order, the last one for ever.
#[derive(Debug, Clone)]
pub(crate) struct Server {
    pub(crate) url: String,
    received: Arc<Mutex<Vec<Received>>>,
}

impl Server {
    pub(crate) async fn start(acts: Vec<Act>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let received = Arc::new(Mutex::new(Vec::new()));
        let server = Self { url, received: Arc::clone(&received) };
        let acts = Arc::new(Mutex::new(acts.into_iter().peekable()));
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let (acts, received) = (Arc::clone(&acts), Arc::clone(&received));
                tokio::spawn(async move {
                    while let Some(request) = read(&mut stream).await {
                        received.lock().unwrap().push(request);
                        let act = {
                            let mut acts = acts.lock().unwrap();
                            let act = acts.next().unwrap();
                            if acts.peek().is_none() {
                                *acts = vec![act.clone()].into_iter().peekable();
                            }
                            act
                        };
                        match act {
                            Act::Answer(bytes) => stream.write_all(&bytes).await.unwrap(),
                            Act::Close(bytes) => {
                                stream.write_all(&bytes).await.unwrap();
                                return;
                            }
                            Act::Stall => tokio::time::sleep(Duration::from_secs(600)).await,
                        }
                    }
                });
            }
        });
        server
    }

    pub(crate) fn received(&self) -> Vec<Received> {
        self.received.lock().unwrap().clone()
    }
}

async fn read(stream: &mut TcpStream) -> Option<Received> {
    let mut bytes = Vec::new();
    let end = loop {
        if let Some(at) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
            break at + 4;
        }
        if stream.read_buf(&mut bytes).await.unwrap_or(0) == 0 {
            return None;
        }
    };
    let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
    let mut received = Received { head, body: bytes[end..].to_vec() };
    let length = received.header("content-length").map_or(0, |length| length.parse().unwrap());
    while received.body.len() < length {
        if stream.read_buf(&mut received.body).await.unwrap_or(0) == 0 {
            return None;
        }
    }
    Some(received)
}
