//! What of a number, an address and a text may stand on a screen. As the functions mask them in
//! their logs.

/// A telephone number down to its last two digits.
pub(super) fn phone(number: &str) -> String {
    let digits: Vec<char> = number.chars().filter(char::is_ascii_digit).collect();
    match digits.as_slice() {
        [.., a, b] if digits.len() >= 6 => format!("******{a}{b}"),
        _ => "******".to_owned(),
    }
}

/// A mail address down to its first letter and its domain.
pub(super) fn email(address: &str) -> String {
    match address.rsplit_once('@') {
        Some((local, domain)) if !local.is_empty() => {
            let first: String = local.chars().take(1).collect();
            format!("{first}***@{domain}")
        }
        _ => "***".to_owned(),
    }
}

/// A text without its digits: any of them may be those of a code.
pub(super) fn digits(text: &str) -> String {
    text.chars().map(|c| if c.is_numeric() { '*' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_keep_two_digits() {
        assert_eq!(phone("+15550123"), "******23");
        assert_eq!(phone("12345"), "******");
        assert_eq!(phone(""), "******");
    }

    #[test]
    fn addresses_keep_first_letter_and_domain() {
        assert_eq!(email("ada@example.com"), "a***@example.com");
        assert_eq!(email("no address"), "***");
        assert_eq!(email("@example.com"), "***");
    }

    #[test]
    fn a_text_keeps_no_digit() {
        assert_eq!(digits("012345 is valid for 5 minutes"), "****** is valid for * minutes");
        assert_eq!(digits("٣ and ③"), "* and *");
    }
}
