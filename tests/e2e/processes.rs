//! The processes that the local AWS runs functions in.

use std::fs;

use rustix::process::{Pid, Signal, kill_process};

use crate::api::variable;

/// Those of a function, by its name in the template without `Function`.
pub(crate) fn of(function: &str) -> Vec<Pid> {
    let port = variable("AWS_ENDPOINT_URL").rsplit(':').next().unwrap().to_owned();
    let folder = format!("ministack-provided-code-{port}/");
    let name = format!("AWS_LAMBDA_FUNCTION_NAME=faas-patterns-{function}Function");
    let is_wanted = |pid: &i32| {
        let read = |file: &str| fs::read(format!("/proc/{pid}/{file}")).unwrap_or_default();
        let has = |file: &str, text: &str| String::from_utf8_lossy(&read(file)).contains(text);
        has("cmdline", &folder) && has("environ", &name)
    };
    let names = fs::read_dir("/proc").unwrap().map(|entry| entry.unwrap().file_name());
    let pids = names.filter_map(|name| name.to_str()?.parse().ok());
    pids.filter(is_wanted).filter_map(Pid::from_raw).collect()
}

/// Kills a process as a machine that fails would. Tells whether it was there.
pub(crate) fn kill(process: Pid) -> bool {
    kill_process(process, Signal::KILL).is_ok()
}
