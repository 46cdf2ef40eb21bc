//! One line for the steps that run, so that nobody wonders whether they still do.

use std::io::{IsTerminal, Write, stderr};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

const REDRAW: Duration = Duration::from_millis(200);
/// Without a terminal there is no line to redraw, and a line every moment would fill a CI log.
const PLAIN_LINE: Duration = Duration::from_secs(10);
const WIDTH: usize = 78;
const CLEAR: &str = "\r\x1b[2K";

/// The running steps, in the order they were started.
static RUNNING: Mutex<Vec<Line>> = Mutex::new(Vec::new());

struct Line {
    started: Instant,
    text: String,
    detail: String,
}

/// A running step.
pub(crate) struct Progress {
    label: String,
    started: Instant,
    is_terminal: bool,
    next: Duration,
}

impl Progress {
    /// Starts the clock.
    pub(crate) fn start(label: &str) -> Self {
        let is_terminal = stderr().is_terminal();
        let next = if is_terminal { Duration::ZERO } else { PLAIN_LINE };
        let mut progress =
            Self { label: label.to_owned(), started: Instant::now(), is_terminal, next };
        progress.tick(String::new);
        progress
    }

    /// Redraws the line if it is time to. `detail` says what the step is doing just now.
    pub(crate) fn tick(&mut self, detail: impl FnOnce() -> String) {
        let elapsed = self.started.elapsed();
        if elapsed < self.next {
            return;
        }
        let line = format!("{} … {} s", self.label, elapsed.as_secs());
        if self.is_terminal {
            self.next = elapsed + REDRAW;
            self.draw(line, detail());
        } else {
            self.next = elapsed + PLAIN_LINE;
            write(&format!("{line}\n"));
        }
    }

    /// The step is done.
    pub(crate) fn done(self) {
        self.end("done in");
    }

    /// The step failed; the caller says why.
    pub(crate) fn failed(self) {
        self.end("failed after");
    }

    /// The user interrupted the step.
    pub(crate) fn stopped(self) {
        self.end("stopped after");
    }

    fn draw(&self, text: String, detail: String) {
        let mut running = lock();
        let started = self.started;
        let line = Line { started, text, detail };
        match running.iter_mut().find(|line| line.started == started) {
            Some(own) => *own = line,
            None => running.push(line),
        }
        write(&format!("{CLEAR}{}", joined(&running)));
    }

    fn end(self, how: &str) {
        let mut running = lock();
        running.retain(|line| line.started != self.started);
        let seconds = self.started.elapsed().as_secs_f64();
        let line = format!("{} … {how} {seconds:.1} s", self.label);
        print(self.is_terminal, &line, &running);
    }
}

/// Prints a remark between the steps.
pub(crate) fn note(text: &str) {
    print(stderr().is_terminal(), text, &lock());
}

fn print(is_terminal: bool, text: &str, running: &[Line]) {
    if is_terminal {
        write(&format!("{CLEAR}{text}\n{}", joined(running)));
    } else {
        write(&format!("{text}\n"));
    }
}

fn joined(running: &[Line]) -> String {
    let line = match running {
        [] => return String::new(),
        [only] => format!("{}  {}", only.text, only.detail.trim()),
        [first, others @ ..] => format!("{}, and {} more", first.text, others.len()),
    };
    line.chars().filter(|c| !c.is_control()).take(WIDTH).collect()
}

fn lock() -> MutexGuard<'static, Vec<Line>> {
    RUNNING.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The terminal may be gone, for instance after a hang-up. That must not keep us from tidying up.
fn write(text: &str) {
    let mut out = stderr().lock();
    let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
}
