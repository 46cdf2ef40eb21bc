//! The floor: a function on a socket of the standard library, without an async runtime.

use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;

use serde_json::{Value, json};

const BASE: &str = "/2018-06-01/runtime/invocation";

#[expect(clippy::disallowed_methods, reason = "as little as possible between this and the system")]
fn main() -> io::Result<()> {
    let host = std::env::var("AWS_LAMBDA_RUNTIME_API").map_err(io::Error::other)?;
    let stream = TcpStream::connect(&host)?;
    stream.set_nodelay(true)?;
    let mut reader = BufReader::new(&stream);
    loop {
        write!(&stream, "GET {BASE}/next HTTP/1.1\r\nhost: {host}\r\n\r\n")?;
        let (id, event) = receive(&mut reader)?;
        let event: Value = serde_json::from_slice(&event)?;
        let body = event["body"].as_str().map_or("hello", |_| "hello");
        let answer = json!({ "statusCode": 200, "body": body }).to_string();
        let length = answer.len();
        let message = format!(
            "POST {BASE}/{id}/response HTTP/1.1\r\nhost: {host}\r\n\
             content-length: {length}\r\n\r\n{answer}"
        );
        (&stream).write_all(message.as_bytes())?;
        receive(&mut reader)?;
    }
}

/// Reads a message: the id of its invocation, if it has one, and its body.
fn receive(reader: &mut BufReader<&TcpStream>) -> io::Result<(String, Vec<u8>)> {
    let mut id = String::new();
    let mut length = 0;
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line)? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let line = line.trim_end();
        if line.is_empty() {
            break;
        }
        let Some((name, value)) = line.split_once(':') else { continue };
        if name.eq_ignore_ascii_case("content-length") {
            length = value.trim().parse().map_err(io::Error::other)?;
        } else if name.eq_ignore_ascii_case("lambda-runtime-aws-request-id") {
            value.trim().clone_into(&mut id);
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    Ok((id, body))
}
