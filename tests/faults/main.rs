//! Runs of a pipeline under every fault there is, simulated: the same code that is deployed, on a
//! journal, a stream, a topic and queues in memory, with a clock that nobody waits for.
//!
//! A schedule is made of a seed, and a seed that fails is printed; `SCHEDULE=<seed>` runs it alone.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod chance;
mod functions;
mod invariants;
mod queues;
mod turns;
mod world;

use std::thread;

use chance::Chance;
use world::World;

/// Schedules of a normal test run.
const SCHEDULES: u64 = 100_000;

#[test]
fn every_run_ends_as_it_should_under_every_schedule() {
    if let Some(seed) = seed() {
        let mut world = World::new(Chance::new(seed), true);
        let outcome = run(&mut world);
        println!("{}", world.story());
        return outcome.unwrap();
    }
    let threads = thread::available_parallelism().map_or(1, |count| count.get() as u64);
    thread::scope(|scope| {
        for offset in 0..threads {
            scope.spawn(move || {
                for seed in (offset..SCHEDULES).step_by(threads as usize) {
                    let mut world = World::new(Chance::new(seed), false);
                    run(&mut world).unwrap_or_else(|fault| panic!("SCHEDULE={seed}: {fault}"));
                }
            });
        }
    });
}

/// Lets everything happen; which invariant was broken.
fn run(world: &mut World) -> Result<(), String> {
    world.chaos();
    world.calm();
    invariants::check(world)
}

#[expect(clippy::disallowed_methods, reason = "a failed schedule is run again by its seed")]
fn seed() -> Option<u64> {
    std::env::var("SCHEDULE").ok()?.parse().ok()
}
