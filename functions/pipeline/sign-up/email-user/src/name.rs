//! What is shown of a user name in a mail.
//!
//! Whoever signs up chooses the name *and* whom the mail goes to, so a name is an attempt to have us
//! send somebody else's words. Only what looks like a name is one: mail programs find no link, no
//! number to call and no sentence in it. To others we are as friendly, but call them nothing.

use icu_properties::CodePointMapData;
use icu_properties::props::{GeneralCategory, GeneralCategoryGroup};
use sign_in::user::composed;

/// Longer names are words.
const MAX_CHARS: usize = 40;
/// So are names of more parts: Spanish ones have up to five.
const MAX_PARTS: usize = 5;
/// As in `ada1815`; more of them are a number.
const MAX_DIGITS: usize = 4;

/// A name, as it is shown; nothing if it does not look like one.
#[must_use]
pub fn shown(name: &str) -> Option<String> {
    // Wide and ligated forms of signs become those that are looked for.
    let name = composed(name.trim());
    let digits = name.chars().filter(|c| c.is_numeric()).count();
    let is_name = name.chars().any(char::is_alphabetic)
        && name.chars().all(is_of_names)
        && name.chars().count() <= MAX_CHARS
        && name.split(' ').count() <= MAX_PARTS
        && digits <= MAX_DIGITS;
    is_name.then_some(name)
}

/// Letters, the marks that belong to them in whatever script, digits, and what joins parts.
fn is_of_names(c: char) -> bool {
    let category = CodePointMapData::<GeneralCategory>::new().get(c);
    GeneralCategoryGroup::Letter
        .union(GeneralCategoryGroup::Mark)
        .union(GeneralCategoryGroup::DecimalNumber)
        .contains(category)
        || matches!(c, ' ' | '\'' | '’' | '-' | '_')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn names_are_shown_as_they_are() {
        for name in [
            "Ada",
            "Ünal Ö",
            "O'Brien",
            "Juan Carlos Alfonso de Borbón",
            "李小龙",
            "مريم",
            "प्रिया",
            "a-b_c",
            "ada1815",
        ] {
            assert_eq!(shown(name).as_deref(), Some(name));
        }
        assert_eq!(shown(" A\u{308}da ").as_deref(), Some("Äda"));
    }

    #[test]
    fn what_is_no_name_is_not_shown() {
        for name in [
            "evil.example",
            "evil．example",
            "evil。example",
            "evil․example",
            "https://evil.example/a",
            "a@evil.example",
            "call 1 900 555 0100",
            "１９００５５５０１００",
            "account locked, call us",
            "your account is locked please answer",
            "Ada!",
            "12",
            "🎁",
            "A\u{2028}da",
            "\u{202e}adA",
            "",
            &"a".repeat(41),
        ] {
            assert_eq!(shown(name), None, "{name}");
        }
    }

    proptest! {
        #[test]
        fn nothing_but_letters_is_between_two_parts(
            name in proptest::collection::vec(any::<char>(), 0..20)
        ) {
            let Some(shown) = shown(&String::from_iter(name)) else { return Ok(()) };
            let is_joint = |c: char| c.is_ascii_punctuation() && !matches!(c, '\'' | '-' | '_');
            prop_assert!(!shown.contains(|c: char| c.is_control() || is_joint(c)), "{}", shown);
        }
    }
}
