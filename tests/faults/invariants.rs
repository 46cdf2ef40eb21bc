//! What must hold after every schedule.

use common::journal::{MAX_UNANSWERED, Place, Run, RunState, Standing};

use crate::functions::Fate;
use crate::queues::Message;
use crate::world::World;

/// Checks everything.
pub(crate) fn check(world: &World) -> Result<(), String> {
    if let Some(fault) = world.deeds.faults().first() {
        return Err(fault.clone());
    }
    for run in world.journal.kept.runs() {
        check_run(world, &run).map_err(|fault| format!("{fault}\n{run:#?}"))?;
    }
    for Message { run, step, .. } in world.queues.dead() {
        let is_well = world.deeds.fate(run, &step) == Fate::WellAfter(0);
        if is_well && world.deeds.disturbed(run, &step) == 0 {
            return Err(format!("{step} of {run:?} was given up and is no poison"));
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
        let place = standing.places[&step.name];
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
            Place::Active | Place::Ready | Place::Blocked => {
                return Err(format!("{name} is {} in a run that is over", place.word()));
            }
            _ => {}
        }
        let deeds = &world.deeds;
        if place == Place::Failed
            && matches!(fate, Fate::WellAfter(0))
            && deeds.disturbed(run.id, name) < MAX_UNANSWERED
        {
            return Err(format!("{name} failed although nothing was wrong"));
        }
        let lost = deeds.lost(run.id, name);
        if effects > 1 + lost {
            return Err(format!("{name} acted {effects} times, and {lost} of them were lost"));
        }
        let openings = 1 + deeds.reopened(run.id, name);
        if matches!(fate, Fate::Deadly { .. }) && effects > MAX_UNANSWERED * openings {
            return Err(format!("{name} is deadly and acted {effects} times"));
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
