//! The pipelines whose runs can be drawn: those that are deployed with this function.

use common::journal::{Pipeline, PipelineError};

/// The files, as they were when this was built.
const FILES: [&str; 1] = [include_str!("../../sign-up/pipeline.json")];

/// Reads them.
///
/// # Errors
/// What is wrong with the first that cannot be run.
pub fn embedded() -> Result<Vec<Pipeline>, PipelineError> {
    FILES.iter().map(|text| text.parse()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_embedded_can_be_run() {
        let pipelines = embedded().unwrap();
        let names: Vec<&str> = pipelines.iter().map(Pipeline::name).collect();
        assert_eq!(names, ["sign-up"]);
    }
}
