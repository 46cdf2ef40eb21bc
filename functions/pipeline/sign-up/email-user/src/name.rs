//! What is shown of a user name in a mail.
//!
//! Whoever signs up chooses the name *and* whom the mail goes to, so a name is an attempt to have us
//! send somebody else's words. Neither does it say anything outside of its place, nor is it a link.

/// Invisible, and nothing that mail programs make a link of goes across it (word joiner).
const JOINER: char = '\u{2060}';

/// A name as it is shown: on one line, in its own direction, and no link even if it reads like one.
#[must_use]
pub fn shown(name: &str) -> String {
    let mut shown = String::with_capacity(name.len());
    for c in name.chars().filter(|c| !is_control(*c)) {
        shown.push(c);
        if matches!(c, '.' | ':' | '/' | '\\' | '@') {
            shown.push(JOINER);
        }
    }
    shown.trim().to_owned()
}

/// What breaks lines, or turns the direction of what follows (Unicode Standard Annex 9, section 2).
fn is_control(c: char) -> bool {
    c.is_control()
        || matches!(
            c,
            '\u{61c}'
                | '\u{200e}'
                | '\u{200f}'
                | '\u{2028}'
                | '\u{2029}'
                | '\u{202a}'..='\u{202e}'
                | '\u{2066}'..='\u{2069}'
        )
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn usual_names_are_shown_as_they_are() {
        for name in ["Ada", "Ünal Ö", "O'Brien", "李小龙", "مريم", "a-b_c"] {
            assert_eq!(shown(name), name);
        }
    }

    #[test]
    fn a_name_is_no_link() {
        for name in ["evil.example", "https://evil.example/a", "www.evil.example", "a@evil.example"]
        {
            let shown = shown(name);
            for part in [".e", "://", "@e", "www.e"] {
                assert!(!shown.contains(part), "{shown}");
            }
            assert_eq!(shown.replace(JOINER, ""), name, "it looks the same");
        }
    }

    #[test]
    fn a_name_stays_on_its_line_and_in_its_direction() {
        assert_eq!(shown("Ada\r\nBcc: bob"), "AdaBcc:\u{2060} bob");
        assert_eq!(shown("Ada\u{2028}\u{85}\u{0}"), "Ada");
        assert_eq!(shown("\u{202e}adA\u{2066}"), "adA");
        assert_eq!(shown("\u{200e} \u{200f}"), "");
    }

    proptest! {
        #[test]
        fn no_name_breaks_a_line(name in proptest::collection::vec(any::<char>(), 0..20)) {
            let name = String::from_iter(name);
            prop_assert!(!shown(&name).chars().any(is_control));
        }
    }
}
