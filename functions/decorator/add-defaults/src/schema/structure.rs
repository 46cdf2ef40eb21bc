//! What an object has for members and an array for elements.

use super::check::{Check, Mode, Scope};
use super::node::{Members, NodeId};
use super::pointer::Path;
use serde_json::{Map, Value};
use std::sync::Arc;

impl Check<'_> {
    pub(super) fn required(
        &mut self,
        id: NodeId,
        keyword: &'static str,
        names: &[Arc<str>],
        map: &Map<String, Value>,
        path: &Path<'_>,
        scope: &Scope<'_>,
    ) -> bool {
        let mut valid = true;
        for name in names {
            if map.contains_key(&**name)
                || (self.mode == Mode::Possible && scope.creates(self.nodes, name))
            {
                continue;
            }
            valid = self.fail(id, keyword, path, || format!("must have the member `{name}`"));
            if self.mode != Mode::Collect {
                break;
            }
        }
        valid
    }

    pub(super) fn members(
        &mut self,
        members: &Members,
        map: &Map<String, Value>,
        path: &Path<'_>,
    ) -> bool {
        let mut valid = true;
        for (name, member) in map {
            members.each(name, |node| {
                if valid || self.mode == Mode::Collect {
                    valid &= self.deeper(node, member, &path.member(name));
                }
            });
            if !valid && self.mode != Mode::Collect {
                break;
            }
        }
        valid
    }

    pub(super) fn names(
        &mut self,
        node: NodeId,
        map: &Map<String, Value>,
        path: &Path<'_>,
    ) -> bool {
        let mut valid = true;
        for name in map.keys() {
            let text = Value::String(name.clone());
            valid &= self.node(node, &text, &path.member(name), &Scope::of(node));
            if !valid && self.mode != Mode::Collect {
                break;
            }
        }
        valid
    }

    pub(super) fn elements(
        &mut self,
        prefix: &[NodeId],
        rest: Option<NodeId>,
        list: &[Value],
        path: &Path<'_>,
    ) -> bool {
        let mut valid = true;
        for (index, element) in list.iter().enumerate() {
            let Some(node) = prefix.get(index).copied().or(rest) else { break };
            valid &= self.deeper(node, element, &path.element(index));
            if !valid && self.mode != Mode::Collect {
                break;
            }
        }
        valid
    }
}
