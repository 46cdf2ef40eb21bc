//! A function as a process of this machine, started like Lambda starts it.

use std::ffi::OsString;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use rustix::process::{Pid, Signal, kill_process};

use crate::proc;
use crate::runtime_api::{Answer, RuntimeApi};

/// Longer than anything takes, valgrind included.
const LIMIT: Duration = Duration::from_mins(2);
/// How long a program may take to end when it is asked to.
const GRACE: Duration = Duration::from_secs(20);

/// How to start a function.
#[derive(Debug, Clone)]
pub struct Launch {
    /// The program, by its absolute path.
    pub program: PathBuf,
    /// Its arguments.
    pub arguments: Vec<OsString>,
    /// Variables, besides those that Lambda sets.
    pub environment: Vec<(String, OsString)>,
    /// Where it runs; where the program lies, unless given.
    pub folder: Option<PathBuf>,
    /// A file for its output, which else is lost.
    pub output: Option<PathBuf>,
}

impl Launch {
    /// Starts a program without arguments.
    #[must_use]
    pub fn new(program: impl Into<PathBuf>) -> Self {
        Self {
            program: program.into(),
            arguments: Vec::new(),
            environment: Vec::new(),
            folder: None,
            output: None,
        }
    }

    /// Adds an argument.
    #[must_use]
    pub fn arg(mut self, argument: impl Into<OsString>) -> Self {
        self.arguments.push(argument.into());
        self
    }

    /// Sets a variable.
    #[must_use]
    pub fn env(mut self, name: &str, value: impl Into<OsString>) -> Self {
        self.environment.push((name.to_owned(), value.into()));
        self
    }

    /// Runs it in a folder.
    #[must_use]
    pub fn folder(mut self, folder: impl Into<PathBuf>) -> Self {
        self.folder = Some(folder.into());
        self
    }

    /// Has the program run by another one, which takes it as its last arguments.
    #[must_use]
    pub fn under(&self, program: &Path, arguments: &[OsString]) -> Self {
        let mut launch = self.clone();
        let inner = std::mem::replace(&mut launch.program, program.to_owned());
        launch.folder = self.folder.clone().or_else(|| inner.parent().map(Path::to_owned));
        let own = std::mem::take(&mut launch.arguments);
        launch.arguments = arguments.iter().cloned().chain([inner.into()]).chain(own).collect();
        launch
    }

    fn command(&self, api: &RuntimeApi) -> Result<Command> {
        let mut command = Command::new(&self.program);
        command.args(&self.arguments).env_clear().envs(lambda_environment(&api.address()));
        command.envs(self.environment.iter().map(|(name, value)| (name, value)));
        if let Some(folder) = self.folder.as_deref().or_else(|| self.program.parent()) {
            command.current_dir(folder);
        }
        command.stdin(Stdio::null());
        match &self.output {
            Some(path) => {
                let file = File::create(path)
                    .with_context(|| format!("cannot create {}", path.display()))?;
                command.stdout(file.try_clone()?).stderr(file);
            }
            None => {
                command.stdout(Stdio::null()).stderr(Stdio::null());
            }
        }
        Ok(command)
    }
}

/// What Lambda sets for every function. Credentials are made up: nothing here leaves this machine.
fn lambda_environment(api: &str) -> Vec<(&'static str, &str)> {
    vec![
        ("AWS_LAMBDA_RUNTIME_API", api),
        ("AWS_LAMBDA_FUNCTION_NAME", "measured"),
        ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST"),
        ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "256"),
        ("AWS_LAMBDA_INITIALIZATION_TYPE", "on-demand"),
        ("AWS_LAMBDA_LOG_GROUP_NAME", "/aws/lambda/measured"),
        ("AWS_LAMBDA_LOG_STREAM_NAME", "2026/03/01/[$LATEST]0123456789abcdef0123456789abcdef"),
        ("AWS_LAMBDA_LOG_FORMAT", "JSON"),
        ("AWS_LAMBDA_LOG_LEVEL", "INFO"),
        ("AWS_REGION", "eu-central-1"),
        ("AWS_DEFAULT_REGION", "eu-central-1"),
        ("AWS_ACCESS_KEY_ID", "test"),
        ("AWS_SECRET_ACCESS_KEY", "test"),
        ("AWS_SESSION_TOKEN", "test"),
        ("LANG", "en_US.UTF-8"),
        ("PATH", "/usr/local/bin:/usr/bin:/bin"),
        ("TZ", ":UTC"),
        ("_HANDLER", "bootstrap"),
    ]
}

/// A running function. Dropping it ends it.
#[derive(Debug)]
pub struct Function {
    api: RuntimeApi,
    child: Child,
    start: Duration,
}

impl Function {
    /// Starts a function and waits until it asks for its first event.
    ///
    /// # Errors
    /// When it cannot be started, or ends or stays silent instead.
    pub fn start(launch: &Launch) -> Result<Self> {
        let api = RuntimeApi::start()?;
        let mut command = launch.command(&api)?;
        let spawned = Instant::now();
        let child = command
            .spawn()
            .with_context(|| format!("cannot start {}", launch.program.display()))?;
        let mut function = Self { api, child, start: Duration::ZERO };
        let child = &mut function.child;
        let asked = function
            .api
            .asked(LIMIT, || is_alive(child))
            .with_context(|| format!("starting {launch:?}"))?;
        function.start = asked - spawned;
        Ok(function)
    }

    /// From when the process was started to when it asked for its first event.
    #[must_use]
    pub const fn start_time(&self) -> Duration {
        self.start
    }

    /// Sends an event and waits for the answer.
    ///
    /// # Errors
    /// When the function fails, ends or stays silent.
    pub fn invoke(&mut self, event: &[u8]) -> Result<Answer> {
        let child = &mut self.child;
        let answer = self.api.invoke(event, LIMIT, || is_alive(child))?;
        let text = String::from_utf8_lossy(&answer.body);
        ensure!(!answer.is_error, "the function failed: {text}");
        Ok(answer)
    }

    /// Connections it made to the Runtime API.
    #[must_use]
    pub fn connections(&self) -> usize {
        self.api.connections()
    }

    /// Peak of its memory, in bytes.
    ///
    /// # Errors
    /// When the system does not tell.
    pub fn peak_memory(&self) -> Result<u64> {
        proc::peak_memory(self.child.id())
    }

    /// Time it spent on a processor.
    ///
    /// # Errors
    /// When the system does not tell.
    pub fn cpu(&self) -> Result<Duration> {
        // It has asked for an event; going to sleep takes it a moment more.
        std::thread::sleep(Duration::from_millis(2));
        proc::cpu(self.child.id())
    }

    /// Asks the process to end and waits for that, so that a tool it runs under can report.
    ///
    /// # Errors
    /// When it does not end.
    pub fn stop(mut self) -> Result<()> {
        let pid = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw);
        kill_process(pid.context("a process has an id")?, Signal::TERM)?;
        let asked = Instant::now();
        while is_alive(&mut self.child) {
            ensure!(asked.elapsed() < GRACE, "the function does not end when asked to");
            std::thread::sleep(Duration::from_millis(5));
        }
        Ok(())
    }
}

impl Drop for Function {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn is_alive(child: &mut Child) -> bool {
    matches!(child.try_wait(), Ok(None))
}
