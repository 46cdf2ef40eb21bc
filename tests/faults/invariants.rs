//! What must hold after every schedule.

use common::journal::{Place, Run, RunState, Standing, StepState};

use crate::functions::Fate;
use crate::world::World;

/// Checks everything.
pub(crate) fn check(world: &World) -> Result<(), String> {
    if let Some(fault) = world.deeds.faults().first() {
        return Err(fault.clone());
    }
    for run in world.journal.0.runs() {
        check_run(world, &run).map_err(|fault| format!("{fault}\n{run:#?}"))?;
    }
    for dead in world.queues.dead() {
        let runs = world.journal.0.runs();
        let run = runs.iter().find(|run| run.id == dead.run).unwrap();
        if matches!(world.deeds.fate(run.id, &dead.step), Fate::WellAfter(0)) && world.mishaps == 0
        {
            return Err(format!("{} is in the dead-letter queue and is no poison", dead.step));
        }
    }
    Ok(())
}

fn check_run(world: &World, run: &Run) -> Result<(), String> {
    let standing = Standing::of(&world.pipeline, run);
    if run.state == RunState::Running {
        return Err("it never ended".into());
    }
    if standing.state != run.state {
        return Err(format!("it says {:?} and is {:?}", run.state, standing.state));
    }
    let mut must_fail = false;
    for step in world.pipeline.steps() {
        let (place, record) = (standing.places[&step.name], &run.steps[&step.name]);
        let (fate, effects) =
            (world.deeds.fate(run.id, &step.name), world.deeds.effects(run.id, &step.name));
        let name = &step.name;
        must_fail |= step.required && place == Place::Failed;
        match place {
            Place::Done if effects == 0 => return Err(format!("{name} is done without an effect")),
            Place::Done if !matches!(fate, Fate::WellAfter(_)) => {
                return Err(format!("{name} cannot have gone well"));
            }
            Place::Skipped if effects > 0 => return Err(format!("{name} was left out and acted")),
            // What was at work when another step failed the run may have died; a run that is
            // opened again finishes it.
            Place::Active if run.state == RunState::Failed => {}
            Place::Active | Place::Ready | Place::Blocked => {
                return Err(format!("{name} is {} in a run that is over", place.word()));
            }
            _ => {}
        }
        if matches!(record.state, StepState::Failed { .. })
            && matches!(fate, Fate::WellAfter(0))
            && world.mishaps == 0
        {
            return Err(format!("{name} failed although nothing was wrong"));
        }
        if effects > 1 + world.mishaps {
            return Err(format!("{name} acted {effects} times, for {} mishaps", world.mishaps));
        }
    }
    match (must_fail, run.state) {
        (true, RunState::Done) => {
            Err("a step that had to go well failed, and the run did not".into())
        }
        (false, RunState::Failed) => Err("only optional steps failed, and the run did, too".into()),
        _ => Ok(()),
    }
}
