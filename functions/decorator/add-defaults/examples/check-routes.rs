//! Checks a routes file as the function does when it starts: `cargo xtask check-routes FILE`.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a command talks to a person")]

use std::process::ExitCode;

use add_defaults::config::Routes;

fn main() -> ExitCode {
    let Some(path) = std::env::args_os().nth(1) else {
        eprintln!("usage: check-routes FILE");
        return ExitCode::from(2);
    };
    let text = match std::fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) => {
            eprintln!("{}: {error}", path.display());
            return ExitCode::from(2);
        }
    };
    // Variables are set where the function runs; here it only matters that they are named.
    let stand_in = |_: &str| Some("https://set-where-it-runs.example".to_owned());
    match Routes::load(&text, &stand_in) {
        Ok(routes) => {
            for route in routes.routes() {
                let upstream = routes.upstream(route);
                let origin = upstream.origin.to_string();
                let origin = origin.trim_end_matches('/');
                println!("{} → {origin}{}{}", route.name, upstream.base, route.path);
            }
            ExitCode::SUCCESS
        }
        Err(error) => {
            for fault in error.faults() {
                eprintln!("{fault}");
            }
            ExitCode::FAILURE
        }
    }
}
