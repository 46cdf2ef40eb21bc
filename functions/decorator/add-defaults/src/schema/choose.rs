//! Which branch of `oneOf` or `anyOf` the data means.
//!
//! The rule for filling, in full:
//!
//! 1. With a `discriminator` beside the branches, its property names the branch; a value it does
//!    not know, or a missing one, names none.
//! 2. Otherwise a branch is *possible* if the value could satisfy it once its defaults are filled
//!    in: nothing that is there contradicts it, and whatever it requires is there or would be
//!    created by a default, a generator or an implied object of that branch or its surroundings.
//! 3. Exactly one possible branch is filled from. None or several: nothing is filled from any.
//!
//! Surrounding members are filled first, so a default beside `oneOf` may name the branch.

use super::check::{Check, Mode};
use super::node::{Choice, Keyword, NodeId};
use super::nodes::Nodes;
use serde_json::Value;
use std::ops::ControlFlow;

/// The branch to fill from. `steps` is what has been spent before, and is added to.
pub(super) fn fillable(
    nodes: &Nodes,
    choice: &Choice,
    value: &Value,
    steps: &mut u32,
) -> Option<NodeId> {
    if choice.tag.is_some() {
        return told(choice, value);
    }
    // Only a branch that fills is worth a question, unless it makes another one ambiguous.
    if choice.branches.iter().all(|branch| !nodes[*branch].fills) {
        return None;
    }
    let mut check = Check::new(nodes, Mode::Possible, *steps);
    let mut possible = choice.branches.iter().copied().filter(|branch| check.root(*branch, value));
    let chosen = match (possible.next(), possible.next()) {
        (Some(only), None) => Some(only),
        _ => None,
    };
    drop(possible);
    *steps = check.steps;
    chosen
}

/// The branch a person would say the data means, though it does not satisfy it: the one told by
/// the discriminator, or by a constant member, or the only one of the right type.
pub(super) fn named(nodes: &Nodes, choice: &Choice, value: &Value) -> Option<NodeId> {
    if choice.tag.is_some() {
        return told(choice, value);
    }
    let likeness = choice.branches.iter().map(|branch| (likeness(nodes, *branch, value), *branch));
    let mut alike: Vec<(u32, NodeId)> =
        likeness.filter_map(|(like, branch)| Some((like?, branch))).collect();
    let most = alike.iter().map(|(like, _)| *like).max()?;
    alike.retain(|(like, _)| *like == most);
    match alike.as_slice() {
        [(_, only)] => Some(*only),
        _ => None,
    }
}

/// The branch a discriminator tells.
fn told(choice: &Choice, value: &Value) -> Option<NodeId> {
    let tag = choice.tag.as_ref()?;
    let told = value.get(&*tag.property)?.as_str()?;
    tag.branches.iter().find(|(value, _)| **value == *told).map(|(_, branch)| *branch)
}

/// How many constant members agree with a branch; `None` if one, or the type, contradicts it.
fn likeness(nodes: &Nodes, branch: NodeId, value: &Value) -> Option<u32> {
    let constant = |keyword: &Keyword| matches!(keyword, Keyword::Const(_) | Keyword::Enum(_));
    let mut alike = 0;
    let walk = nodes.always(branch, &mut |_, node| {
        for keyword in &node.keywords {
            match (keyword, value) {
                (Keyword::Type(_), _) if !keyword.holds(value) => return ControlFlow::Break(()),
                (Keyword::Members(members), Value::Object(map)) => {
                    for (name, child) in &members.named {
                        let Some(member) = map.get(&**name) else { continue };
                        for keyword in
                            nodes[*child].keywords.iter().filter(|keyword| constant(keyword))
                        {
                            if !keyword.holds(member) {
                                return ControlFlow::Break(());
                            }
                            alike += 1;
                        }
                    }
                }
                _ => {}
            }
        }
        ControlFlow::Continue(())
    });
    walk.is_continue().then_some(alike)
}
