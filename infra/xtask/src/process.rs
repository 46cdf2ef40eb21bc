//! Processes of this machine: which there are, and stopping the ones we started.

use std::process::{Child, Command, ExitStatus};
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use rustix::process::{Pid, Signal, getpgid, kill_process, kill_process_group};

const POLL: Duration = Duration::from_millis(50);
/// How long a program may take to end when it is asked to.
const GRACE: Duration = Duration::from_secs(10);

/// A child that leads a process group. Dropping it stops the whole group, if it still runs.
pub(crate) struct Group {
    child: Child,
    ended: bool,
}

impl Group {
    /// Takes charge of a child that was spawned with `process_group(0)`.
    pub(crate) fn new(child: Child) -> Self {
        Self { child, ended: false }
    }

    /// The child's exit status, once it has one.
    ///
    /// # Errors
    ///
    /// If the system cannot say.
    pub(crate) fn try_wait(&mut self) -> Result<Option<ExitStatus>> {
        let status = self.child.try_wait().context("cannot wait for a program")?;
        self.ended = status.is_some();
        Ok(status)
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        if self.ended {
            return;
        }
        let Some(pid) = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw) else { return };
        let _ = kill_process_group(pid, Signal::TERM);
        let asked = Instant::now();
        while asked.elapsed() < GRACE && matches!(self.child.try_wait(), Ok(None)) {
            sleep(POLL);
        }
        // Also when the leader has ended: the others need not have followed.
        let _ = kill_process_group(pid, Signal::KILL);
        let _ = self.child.wait();
    }
}

/// A running process.
#[derive(Debug, Clone)]
pub(crate) struct Process {
    /// Its id.
    pub(crate) pid: i32,
    /// Program and arguments, separated by spaces. Empty for one that has ended but is still
    /// listed.
    pub(crate) command: String,
}

impl Process {
    /// Whether it belongs to the process group that `leader` leads or led.
    pub(crate) fn is_in_group_of(&self, leader: i32) -> bool {
        let group = getpgid(Pid::from_raw(self.pid));
        group.is_ok_and(|group| group.as_raw_nonzero().get() == leader)
    }

    /// Asks it to end.
    pub(crate) fn terminate(&self) {
        self.signal(Signal::TERM);
    }

    /// Ends it without asking.
    pub(crate) fn kill(&self) {
        self.signal(Signal::KILL);
    }

    fn signal(&self, signal: Signal) {
        if let Some(pid) = Pid::from_raw(self.pid) {
            // It may just have ended by itself.
            let _ = kill_process(pid, signal);
        }
    }
}

/// All processes that we may see.
pub(crate) fn all() -> Vec<Process> {
    // Small containers have no `ps`; macOS has no `/proc`.
    from_proc().unwrap_or_else(from_ps)
}

/// The process with this id.
pub(crate) fn find(pid: i32) -> Option<Process> {
    all().into_iter().find(|process| process.pid == pid)
}

/// Waits until `is_over`, at most `limit`; says whether it came true.
pub(crate) fn wait_until(limit: Duration, mut is_over: impl FnMut() -> bool) -> bool {
    let started = Instant::now();
    loop {
        if is_over() {
            return true;
        }
        if started.elapsed() > limit {
            return false;
        }
        sleep(POLL);
    }
}

fn from_proc() -> Option<Vec<Process>> {
    let entries = std::fs::read_dir("/proc").ok()?;
    let processes: Vec<Process> = entries
        .flatten()
        .filter_map(|entry| {
            let pid = entry.file_name().to_str()?.parse().ok()?;
            let command = std::fs::read(entry.path().join("cmdline")).ok()?;
            Some(Process { pid, command: String::from_utf8_lossy(&command).replace('\0', " ") })
        })
        .collect();
    (!processes.is_empty()).then_some(processes)
}

fn from_ps() -> Vec<Process> {
    let Ok(output) = Command::new("ps").args(["-Ao", "pid=,command="]).output() else {
        return Vec::new();
    };
    let listing = String::from_utf8_lossy(&output.stdout);
    listing
        .lines()
        .filter_map(|line| {
            let (pid, command) = line.trim_start().split_once(' ')?;
            Some(Process { pid: pid.parse().ok()?, command: command.to_owned() })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use std::os::unix::process::CommandExt;

    use super::*;

    #[test]
    fn dropping_a_group_ends_the_children_of_its_leader() {
        let child = Command::new("sh")
            .args(["-c", "sleep 4711 & sleep 4711"])
            .process_group(0)
            .spawn()
            .expect("there is a shell");
        let leader = i32::try_from(child.id()).expect("ids are small");
        let group = Group::new(child);
        let members = || {
            all()
                .into_iter()
                .filter(|p| p.command.contains("4711") && p.is_in_group_of(leader))
                .count()
        };
        assert!(wait_until(GRACE, || members() == 3), "{} of 3", members());
        drop(group);
        assert!(wait_until(GRACE, || members() == 0), "{} are left", members());
    }

    #[test]
    fn both_listings_show_this_process() {
        let me = i32::try_from(std::process::id()).expect("ids are small");
        for list in [all(), from_ps()] {
            assert!(
                list.is_empty() || list.iter().any(|p| p.pid == me && p.command.contains("xtask"))
            );
        }
    }
}
