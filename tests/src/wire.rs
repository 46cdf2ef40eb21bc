//! HTTP/1.1, as much of it as the stand-ins need: whole messages over a connection that stays.

use std::io::{self, BufRead, Write};

/// A received request.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Request {
    /// Its method.
    pub method: String,
    /// Its path and query.
    pub target: String,
    headers: Vec<(String, String)>,
    /// Its body, whole.
    pub body: Vec<u8>,
}

/// An answer.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Response {
    /// Its status code.
    pub status: u16,
    /// Its headers, without those that follow from the body.
    pub headers: Vec<(&'static str, String)>,
    /// Its body.
    pub body: Vec<u8>,
}

impl Request {
    /// The value of a header, whose name is given in lower case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// Reads a request; `None` when the other side has closed the connection.
    ///
    /// # Errors
    /// When the connection breaks or what arrives is not HTTP.
    pub fn read(reader: &mut impl BufRead) -> io::Result<Option<Self>> {
        let line = read_line(reader)?;
        if line.is_empty() {
            return Ok(None);
        }
        let mut words = line.split(' ');
        let (Some(method), Some(target)) = (words.next(), words.next()) else {
            return Err(malformed("request line"));
        };
        let mut request =
            Self { method: method.to_owned(), target: target.to_owned(), ..Self::default() };
        loop {
            let line = read_line(reader)?;
            if line.is_empty() {
                break;
            }
            let (name, value) = line.split_once(':').ok_or_else(|| malformed("header"))?;
            request.headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
        }
        request.body = request.read_body(reader)?;
        Ok(Some(request))
    }

    fn read_body(&self, reader: &mut impl BufRead) -> io::Result<Vec<u8>> {
        if self.header("transfer-encoding").is_some_and(|value| value.contains("chunked")) {
            return read_chunks(reader);
        }
        let length = match self.header("content-length") {
            Some(text) => text.parse().map_err(|_| malformed("content-length"))?,
            None => 0,
        };
        let mut body = vec![0; length];
        reader.read_exact(&mut body)?;
        Ok(body)
    }
}

impl Response {
    /// Writes the answer with one call, so that it leaves in as few packets as possible.
    ///
    /// # Errors
    /// When the connection breaks.
    pub fn write(&self, writer: &mut impl Write) -> io::Result<()> {
        let mut message = format!("HTTP/1.1 {} {}\r\n", self.status, reason(self.status));
        for (name, value) in &self.headers {
            message.push_str(name);
            message.push_str(": ");
            message.push_str(value);
            message.push_str("\r\n");
        }
        message.push_str(&format!("content-length: {}\r\n\r\n", self.body.len()));
        let mut message = message.into_bytes();
        message.extend_from_slice(&self.body);
        writer.write_all(&message)?;
        writer.flush()
    }
}

/// A line without its end; empty at the end of the stream.
fn read_line(reader: &mut impl BufRead) -> io::Result<String> {
    let mut line = String::new();
    reader.read_line(&mut line)?;
    line.truncate(line.trim_end_matches(['\r', '\n']).len());
    Ok(line)
}

fn read_chunks(reader: &mut impl BufRead) -> io::Result<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let line = read_line(reader)?;
        let digits = line.split(';').next().unwrap_or_default();
        let length =
            usize::from_str_radix(digits.trim(), 16).map_err(|_| malformed("chunk length"))?;
        let start = body.len();
        body.resize(start + length, 0);
        reader.read_exact(&mut body[start..])?;
        // After the last chunk there may be trailers; after any other there is one empty line.
        while !read_line(reader)?.is_empty() {}
        if length == 0 {
            return Ok(body);
        }
    }
}

fn malformed(what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, format!("malformed {what}"))
}

const fn reason(status: u16) -> &'static str {
    match status {
        200 => "OK",
        201 => "Created",
        202 => "Accepted",
        204 => "No Content",
        400 => "Bad Request",
        404 => "Not Found",
        _ => "Status",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_has_a_length_or_chunks() {
        let text = "POST /a HTTP/1.1\r\nContent-Length: 2\r\n\r\nhi\
                    POST /b HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n\
                    3;x=y\r\nabc\r\n2\r\nde\r\n0\r\nTrailer: t\r\n\r\n\
                    GET /c HTTP/1.1\r\n\r\n";
        let mut reader = text.as_bytes();
        let mut bodies = Vec::new();
        while let Some(request) = Request::read(&mut reader).unwrap() {
            bodies.push((request.target, String::from_utf8(request.body).unwrap()));
        }
        let pair = |target: &str, body: &str| (target.to_owned(), body.to_owned());
        assert_eq!(bodies, [pair("/a", "hi"), pair("/b", "abcde"), pair("/c", "")]);
    }

    #[test]
    fn header_names_are_read_in_lower_case() {
        let request = Request::read(&mut "GET / HTTP/1.1\r\nX-Id:  7 \r\n\r\n".as_bytes());
        assert_eq!(request.unwrap().unwrap().header("x-id"), Some("7"));
    }

    #[test]
    fn an_answer_says_how_long_it_is() {
        let mut written = Vec::new();
        let headers = vec![("content-type", "text/plain".to_owned())];
        let response = Response { status: 200, headers, body: b"hi".to_vec() };
        response.write(&mut written).unwrap();
        let expected = "HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ncontent-length: 2\r\n\r\nhi";
        assert_eq!(String::from_utf8(written).unwrap(), expected);
    }
}
