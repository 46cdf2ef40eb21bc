//! What is texted: fixed words in the user's language, and nothing that anybody else wrote.
//!
//! Only characters of the GSM 03.38 default alphabet are used, of which 160 fit into one text
//! message; any other character would halve that, and the price would double. The last line is
//! exactly the one that phones look for to offer the code to this host and to no other
//! (WICG, "Origin-bound one-time codes delivered via SMS").

use std::time::Duration;

use sign_in::Code;

/// Characters of one text message in the default alphabet.
const ONE_MESSAGE: usize = 160;

/// Languages there are words in, the first of which is for everybody else.
const WORDS: [(&str, Words); 4] = [
    ("en", |code, minutes| {
        format!("Your sign-in code is {code}. It is valid for {minutes} min. Never share it.")
    }),
    ("de", |code, minutes| {
        format!("Ihr Anmeldecode ist {code}. Er gilt {minutes} Min. Geben Sie ihn nie weiter.")
    }),
    ("es", |code, minutes| {
        format!("Su codigo de acceso es {code}. Vale {minutes} min. Nunca lo comparta.")
    }),
    ("fr", |code, minutes| {
        format!(
            "Votre code de connexion est {code}. Il est valable {minutes} min. Gardez-le secret."
        )
    }),
];

type Words = fn(&str, u64) -> String;

/// The text message that carries a code. It says for how many whole minutes that is valid, and one
/// if it is less.
#[must_use]
pub fn message(locale: &str, code: &Code, valid: Duration, host: &str) -> String {
    let language = locale.split(['-', '_']).next().unwrap_or_default().to_ascii_lowercase();
    let (_, words) = WORDS.iter().find(|(known, _)| *known == language).unwrap_or(&WORDS[0]);
    let digits = code.digits();
    format!("{}\n\n@{host} #{digits}", words(&digits, (valid.as_secs() / 60).max(1)))
}

/// Whether every message that names this host fits into one text message.
#[must_use]
pub fn fits(host: &str) -> bool {
    let longest = WORDS.iter().map(|(_, words)| words("000000", 10).chars().count()).max();
    longest.unwrap_or_default() + host.len() + "\n\n@ #000000".len() <= ONE_MESSAGE
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const HOST: &str = "abcde12345.execute-api.eu-central-1.amazonaws.com";
    /// The default alphabet (3GPP TS 23.038, section 6.2.1), without its extension, whose
    /// characters count twice.
    const GSM_7: &str = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?\
                         ¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà";

    fn english(code: &str) -> String {
        message("en", &code.parse().unwrap(), Duration::from_secs(300), HOST)
    }

    #[test]
    fn the_last_line_is_the_one_phones_look_for() {
        assert_eq!(
            english("012345"),
            "Your sign-in code is 012345. It is valid for 5 min. Never share it.\n\n\
             @abcde12345.execute-api.eu-central-1.amazonaws.com #012345"
        );
    }

    #[test]
    fn users_are_written_to_in_their_language() {
        let start = |locale: &str| {
            let text = message(locale, &"123456".parse().unwrap(), Duration::from_secs(60), "h");
            text.split(' ').next().unwrap().to_owned()
        };
        assert_eq!(start("de"), "Ihr");
        assert_eq!(start("de-AT"), "Ihr");
        assert_eq!(start("FR_ca"), "Votre");
        assert_eq!([start("en-GB"), start("xx"), start("")], ["Your", "Your", "Your"]);
    }

    #[test]
    fn no_more_time_is_promised_than_there_is() {
        let text = |seconds| {
            message("en", &"1".repeat(6).parse().unwrap(), Duration::from_secs(seconds), "h")
        };
        assert!(text(119).contains("valid for 1 min") && text(120).contains("valid for 2 min"));
        assert!(text(5).contains("valid for 1 min"));
    }

    #[test]
    fn a_host_that_makes_two_messages_of_one_does_not_fit() {
        assert!(fits(HOST));
        assert!(!fits(&"h".repeat(100)));
    }

    proptest! {
        #[test]
        fn every_message_is_one_of_the_default_alphabet(
            at in 0..WORDS.len(), code in "[0-9]{6}", minutes in 1_u64..=10, host in "[a-z0-9.-]{1,60}"
        ) {
            let ttl = Duration::from_secs(60 * minutes);
            let text = message(WORDS[at].0, &code.parse().unwrap(), ttl, &host);
            prop_assert!(text.chars().all(|c| GSM_7.contains(c)), "{}", text);
            prop_assert!(!fits(&host) || text.chars().count() <= ONE_MESSAGE);
            let last = format!("@{} #{}", host, code);
            prop_assert_eq!(text.lines().last(), Some(last.as_str()));
        }
    }
}
