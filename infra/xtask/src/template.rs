//! What the template says about functions, and the copy of it that is deployed locally.
//!
//! Read line by line rather than as YAML: everything but the places of the code must stay as it
//! is, `!Ref`s and comments included, and no YAML writer promises that.

use anyhow::{Context, Result, ensure};

/// A function of the template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Function {
    /// Its name in the template.
    pub(crate) logical_id: String,
    /// Its package and binary.
    pub(crate) binary: String,
    code_uri_line: usize,
}

/// The functions, in the order of the template.
///
/// # Errors
///
/// If there is none, or one does not say where its code is.
pub(crate) fn functions(template: &str) -> Result<Vec<Function>> {
    let mut found = Vec::new();
    for resource in resources(template) {
        if value(&resource, "Type").is_none_or(|(_, kind)| kind != "AWS::Serverless::Function") {
            continue;
        }
        let id = resource.logical_id;
        let (_, binary) = value(&resource, "Binary").with_context(|| {
            format!("function {id} of the template needs Metadata: BuildProperties: Binary")
        })?;
        let (code_uri_line, _) = value(&resource, "CodeUri").with_context(|| {
            format!("function {id} of the template needs a CodeUri on a line of its own")
        })?;
        found.push(Function {
            logical_id: id.to_owned(),
            binary: binary.to_owned(),
            code_uri_line,
        });
    }
    ensure!(!found.is_empty(), "the template has no AWS::Serverless::Function under Resources");
    Ok(found)
}

/// The template with the code of each function at the place that `place` gives.
pub(crate) fn with_code_at(
    template: &str,
    functions: &[Function],
    place: impl Fn(&Function) -> String,
) -> String {
    let mut lines: Vec<String> = template.lines().map(str::to_owned).collect();
    for function in functions {
        let line = &mut lines[function.code_uri_line];
        let indent = line.len() - line.trim_start().len();
        *line = format!("{}CodeUri: {}", " ".repeat(indent), place(function));
    }
    lines.join("\n") + "\n"
}

struct Resource<'a> {
    logical_id: &'a str,
    lines: Vec<(usize, &'a str)>,
}

fn resources(template: &str) -> Vec<Resource<'_>> {
    let mut found: Vec<Resource<'_>> = Vec::new();
    let mut is_inside = false;
    for (number, line) in template.lines().enumerate() {
        let text = line.trim_start();
        if text.is_empty() || text.starts_with('#') {
            continue;
        }
        match line.len() - text.len() {
            0 => is_inside = line.trim_end() == "Resources:",
            2 if is_inside => {
                let logical_id = text.split(':').next().unwrap_or_default();
                found.push(Resource { logical_id, lines: Vec::new() });
            }
            _ if is_inside => {
                if let Some(resource) = found.last_mut() {
                    resource.lines.push((number, line));
                }
            }
            _ => {}
        }
    }
    found
}

/// The first `key: value` line of a resource, at whatever depth.
fn value<'a>(resource: &Resource<'a>, key: &str) -> Option<(usize, &'a str)> {
    resource.lines.iter().find_map(|(number, line)| {
        let rest = line.trim_start().strip_prefix(key)?.strip_prefix(':')?;
        let text = rest.split(" #").next().unwrap_or_default().trim().trim_matches(['"', '\'']);
        (!text.is_empty()).then_some((*number, text))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEMPLATE: &str = r#"Globals:
  Function:
    Runtime: provided.al2023
Resources:
  # CodeUri: not/this
  OneFunction:
    Type: AWS::Serverless::Function
    Metadata:
      BuildMethod: rust-cargolambda
      BuildProperties:
        Binary: one
    Properties:
      CodeUri: ../functions/one  # a comment
      Environment:
        Variables:
          TABLE: !Ref Table

  Table:
    Type: AWS::DynamoDB::Table
  TwoFunction:
    Type: AWS::Serverless::Function
    Metadata: &metadata
      BuildProperties:
        Binary: "two"
    Properties:
      CodeUri: ../functions/two
Outputs:
  OneUrl:
    Type: AWS::Serverless::Function
"#;

    #[test]
    fn functions_are_found_with_their_binaries() {
        let found = functions(TEMPLATE).expect("the template is right");
        let found: Vec<_> =
            found.iter().map(|f| (f.logical_id.as_str(), f.binary.as_str())).collect();
        assert_eq!(found, [("OneFunction", "one"), ("TwoFunction", "two")]);
    }

    #[test]
    fn only_the_places_of_the_code_change() {
        let found = functions(TEMPLATE).expect("the template is right");
        let copy = with_code_at(TEMPLATE, &found, |f| format!("/built/{}", f.binary));
        let expected = TEMPLATE
            .replace("../functions/one  # a comment", "/built/one")
            .replace("../functions/two", "/built/two");
        assert_eq!(copy, expected);
    }

    #[test]
    fn a_function_without_a_binary_is_named() {
        let error = functions(&TEMPLATE.replace("Binary: one", "")).expect_err("it is missing");
        assert!(error.to_string().contains("OneFunction"), "{error}");
    }

    #[test]
    fn the_projects_own_template_is_understood() {
        let template = std::fs::read_to_string(crate::paths::template()).expect("there is one");
        let functions = functions(&template).expect("it is right");
        assert!(functions.iter().any(|f| f.binary == "widget-api"));
    }
}
