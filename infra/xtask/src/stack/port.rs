//! Which port the local AWS listens on.

use std::net::{Ipv4Addr, TcpListener, TcpStream};

use anyhow::{Context, Result, bail};

use crate::progress::note;

/// What local AWS engines listen on by custom.
const CUSTOMARY: u16 = 4566;

/// The port that was asked for, or else the customary one, or else one that is free.
///
/// # Errors
///
/// If the port that was asked for is taken.
pub(crate) fn choose(asked: Option<u16>) -> Result<u16> {
    match asked {
        Some(port) if is_free(port) => Ok(port),
        Some(port) => bail!(
            "port {port} is taken by another program; stop that, or leave out --port to have a free one chosen"
        ),
        None if is_free(CUSTOMARY) => Ok(CUSTOMARY),
        None => {
            let port = any_free().context("cannot find a free port")?;
            note(&format!(
                "port {CUSTOMARY} is taken by another program, so this stack gets port {port}"
            ));
            Ok(port)
        }
    }
}

fn is_free(port: u16) -> bool {
    // Some systems allow the loopback address next to a program that listens on all addresses.
    let answers = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_ok();
    !answers && TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok()
}

/// A port that nobody listens on.
///
/// # Errors
///
/// If the system has none.
pub(crate) fn any_free() -> std::io::Result<u16> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_taken_port_is_refused_by_number() {
        let taken = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("there is a free port");
        let port = taken.local_addr().expect("it is bound").port();
        let error = choose(Some(port)).expect_err("it is taken").to_string();
        assert!(error.contains(&port.to_string()), "{error}");
        drop(taken);
        assert_eq!(choose(Some(port)).expect("it is free again"), port);
    }
}
