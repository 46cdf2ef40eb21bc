//! The program between the tests and Chromium.

use std::env::temp_dir;
use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};

/// What it prints in front of its port.
const PORT_AFTER: &str = "started successfully on port ";
const ATTEMPTS: usize = 10;

/// A running chromedriver with a folder of its own. Both are gone when this is dropped, and the
/// browser with them: it is told to end with its driver.
#[derive(Debug)]
pub(crate) struct Chromedriver {
    process: Child,
    /// Kept open: a program that writes into a closed pipe is ended.
    output: BufReader<ChildStdout>,
    folder: PathBuf,
    port: u16,
}

impl Chromedriver {
    /// Starts it on a free port.
    pub(crate) fn start() -> Self {
        let mut said = String::new();
        // It takes a port that is free for IPv6, and gives up when it is not for IPv4.
        for _ in 0..ATTEMPTS {
            let mut driver = Self::launch();
            match driver.read_port() {
                Ok(port) => {
                    driver.port = port;
                    return driver;
                }
                Err(text) => said = text,
            }
        }
        panic!("chromedriver does not start: {said}")
    }

    fn launch() -> Self {
        static LAUNCHED: AtomicUsize = AtomicUsize::new(0);
        let number = LAUNCHED.fetch_add(1, Ordering::Relaxed);
        // The path is short, for a socket lies in it.
        let folder = temp_dir().join(format!("faas-browser-{}-{number}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let log = File::create(folder.join("chromedriver.log")).unwrap();
        let mut process = Command::new("chromedriver")
            .arg("--port=0")
            // What Chromium writes outside its profile.
            .env("TMPDIR", &folder)
            .env("XDG_CONFIG_HOME", &folder)
            .env("XDG_CACHE_HOME", &folder)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .unwrap_or_else(|error| {
                panic!("chromedriver: {error}; `cargo xtask doctor` says what is missing")
            });
        let output = BufReader::new(process.stdout.take().unwrap());
        Self { process, output, folder, port: 0 }
    }

    /// The port it listens on; or what it says when it ends.
    fn read_port(&mut self) -> Result<u16, String> {
        let mut said = String::new();
        while self.output.read_line(&mut said).unwrap() > 0 {
            if let Some((_, rest)) = said.split_once(PORT_AFTER) {
                return Ok(rest.trim().trim_end_matches('.').parse().unwrap());
            }
        }
        Err(said)
    }

    /// Where it listens, without a trailing slash.
    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// A folder that is there as long as this is.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }
}

impl Drop for Chromedriver {
    fn drop(&mut self) {
        // It may have ended by itself, and the folder may be gone: then nothing is left to do.
        let _ = self.process.kill();
        let _ = self.process.wait();
        let _ = fs::remove_dir_all(&self.folder);
    }
}
