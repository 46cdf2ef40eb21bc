//! Which of the messages are meant.

use super::message::Message;
use super::{Chosen, Show};

/// Says of messages whether they are meant.
#[derive(Debug, Clone)]
pub(super) struct Choice {
    id: Option<String>,
    text: Option<String>,
    most: usize,
}

impl Choice {
    /// What `show` is asked for.
    pub(super) fn to_show(show: &Show) -> Self {
        Self { id: None, text: show.filter.clone(), most: show.max }
    }

    /// What `redrive` and `drop` are asked for, of a queue in which there are `most`. Those that
    /// come meanwhile are left alone: what fails again would go round and round.
    pub(super) fn to_move(chosen: &Chosen, most: usize) -> Self {
        let most = if chosen.which.message.is_some() { 1 } else { most };
        Self { id: chosen.which.message.clone(), text: chosen.filter.clone(), most }
    }

    /// Whether a message is meant, when `found` were before it.
    pub(super) fn is_meant(&self, message: &Message, found: usize) -> bool {
        !self.is_complete(found)
            && self.id.as_ref().is_none_or(|id| message.id == *id)
            && self.text.as_ref().is_none_or(|text| message.body.contains(text.as_str()))
    }

    /// Whether no more are meant when so many were found.
    pub(super) const fn is_complete(&self, found: usize) -> bool {
        found >= self.most
    }
}

#[cfg(test)]
mod tests {
    use super::super::Which;
    use super::*;
    use serde_json::json;

    fn message(id: &str, body: &str) -> Message {
        Message::read(&json!({ "MessageId": id, "Body": body }))
    }

    fn chosen(id: Option<&str>, text: Option<&str>) -> Chosen {
        let which = Which { message: id.map(str::to_owned), all: id.is_none() };
        Chosen { queue: String::new(), which, filter: text.map(str::to_owned), dry_run: false }
    }

    #[test]
    fn a_message_is_meant_by_its_id_and_its_text() {
        let all = Choice::to_move(&chosen(None, None), 9);
        assert!(all.is_meant(&message("1", "a"), 0));
        let with_text = Choice::to_move(&chosen(None, Some("user-7")), 9);
        assert!(with_text.is_meant(&message("1", "{\"run\":\"user-7\"}"), 0));
        assert!(!with_text.is_meant(&message("1", "{\"run\":\"user-8\"}"), 0));
        let one = Choice::to_move(&chosen(Some("2"), None), 9);
        assert!(one.is_meant(&message("2", "a"), 0) && !one.is_meant(&message("1", "a"), 0));
        assert!(one.is_complete(1));
    }

    #[test]
    fn no_more_are_meant_than_were_there_or_are_to_be_shown() {
        let all = Choice::to_move(&chosen(None, None), 2);
        assert!(all.is_meant(&message("2", "a"), 1) && !all.is_meant(&message("3", "a"), 2));
        let show = Show { queue: String::new(), max: 1, filter: None };
        assert!(Choice::to_show(&show).is_complete(1));
    }
}
