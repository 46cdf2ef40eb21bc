//! What the system knows of a process: its memory and its time on a processor.

use std::fs;
use std::time::Duration;

use anyhow::{Context as _, Result};

/// Peak of the memory a process held, in bytes.
///
/// # Errors
/// When there is no such process.
pub fn peak_memory(pid: u32) -> Result<u64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).context("no such process")?;
    let kibibytes = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))
        .and_then(|rest| rest.trim().strip_suffix(" kB"))
        .and_then(|digits| digits.parse::<u64>().ok())
        .context("the system does not tell the peak memory of a process")?;
    Ok(kibibytes * 1024)
}

/// Time the threads of a process spent on a processor. Threads that have ended do not count.
///
/// # Errors
/// When there is no such process.
pub fn cpu(pid: u32) -> Result<Duration> {
    let mut nanoseconds = 0;
    for thread in fs::read_dir(format!("/proc/{pid}/task")).context("no such process")? {
        // A thread may end between the listing and the reading.
        let Ok(text) = fs::read_to_string(thread?.path().join("schedstat")) else { continue };
        let running = text.split(' ').next().unwrap_or_default();
        nanoseconds += running.parse::<u64>().context("the system does not count time per task")?;
    }
    Ok(Duration::from_nanos(nanoseconds))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_has_memory_and_takes_time() {
        let me = std::process::id();
        assert!(peak_memory(me).unwrap() > 100_000);
        let before = cpu(me).unwrap();
        let sum: u64 = (0..50_000_000_u64).map(std::hint::black_box).sum();
        assert!(sum > 0 && cpu(me).unwrap() > before);
    }
}
