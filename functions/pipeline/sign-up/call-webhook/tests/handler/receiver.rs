//! A receiver: a real socket that gives its answers one by one, the last one for ever.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};

/// What the receiver does with a request.
#[derive(Debug, Clone)]
pub(crate) enum Reply {
    /// Writes this, and waits for the next request.
    Write(String),
    /// Writes this, and closes the connection.
    Close(String),
    /// Writes this, and then nothing for a long time.
    Stall(String),
}

/// An answer without a body.
pub(crate) fn status(status: u16, headers: &str) -> Reply {
    Reply::Write(format!("HTTP/1.1 {status} Any\r\n{headers}content-length: 0\r\n\r\n"))
}

/// A request as it arrived, names of headers in lower case.
#[derive(Debug, Clone)]
pub(crate) struct Received {
    pub(crate) line: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Received {
    pub(crate) fn header(&self, name: &str) -> &str {
        let found = self.headers.iter().find(|(key, _)| key == name);
        found.map_or("", |(_, value)| value)
    }
}

#[derive(Debug, Clone)]
pub(crate) struct Receiver {
    pub(crate) port: u16,
    received: Arc<Mutex<Vec<Received>>>,
    connections: Arc<Mutex<usize>>,
}

impl Receiver {
    pub(crate) async fn start(replies: impl IntoIterator<Item = Reply>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let receiver = Self {
            port: listener.local_addr().unwrap().port(),
            received: Arc::default(),
            connections: Arc::default(),
        };
        let replies = Arc::new(Mutex::new(VecDeque::from_iter(replies)));
        let shared = receiver.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                *shared.connections.lock().unwrap() += 1;
                tokio::spawn(serve(stream, Arc::clone(&replies), Arc::clone(&shared.received)));
            }
        });
        receiver
    }

    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}/hooks/hunter2?key=hunter2", self.port)
    }

    pub(crate) fn received(&self) -> Vec<Received> {
        self.received.lock().unwrap().clone()
    }

    pub(crate) fn connections(&self) -> usize {
        *self.connections.lock().unwrap()
    }
}

async fn serve(
    stream: TcpStream,
    replies: Arc<Mutex<VecDeque<Reply>>>,
    received: Arc<Mutex<Vec<Received>>>,
) {
    let mut stream = BufReader::new(stream);
    while let Some(request) = read(&mut stream).await {
        received.lock().unwrap().push(request);
        let reply = {
            let mut replies = replies.lock().unwrap();
            let next = replies.pop_front().unwrap();
            if replies.is_empty() {
                replies.push_back(next.clone());
            }
            next
        };
        // Whoever sent the request may be gone, as it is for a while if it lost patience.
        match reply {
            Reply::Write(text) => drop(stream.write_all(text.as_bytes()).await),
            Reply::Close(text) => return drop(stream.write_all(text.as_bytes()).await),
            Reply::Stall(text) => {
                drop(stream.write_all(text.as_bytes()).await);
                tokio::time::sleep(Duration::from_secs(600)).await;
            }
        }
    }
}

async fn read(stream: &mut BufReader<TcpStream>) -> Option<Received> {
    let mut lines = Vec::new();
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line).await.unwrap_or(0) == 0 {
            return None;
        }
        match line.trim_end() {
            "" => break,
            line => lines.push(line.to_owned()),
        }
    }
    let headers = lines.iter().skip(1).filter_map(|line| line.split_once(": "));
    let headers = headers.map(|(name, value)| (name.to_lowercase(), value.to_owned())).collect();
    let mut received = Received { line: lines[0].clone(), headers, body: Vec::new() };
    received.body = vec![0; received.header("content-length").parse().unwrap_or(0)];
    stream.read_exact(&mut received.body).await.ok()?;
    Some(received)
}
