//! The mail that welcomes a user: fixed words in the user's language, and the name.

use mails::{Language, Mail};
use maud::{DOCTYPE, html};

use crate::name::shown;

/// Whom to welcome.
#[derive(Clone, Copy)]
pub(crate) struct Newcomer<'a> {
    /// The name, as its owner writes it.
    pub(crate) username: &'a str,
    /// Where the mail goes.
    pub(crate) email: &'a str,
    /// The locale, such as `de-AT`.
    pub(crate) locale: &'a str,
}

/// The words of one language.
struct Words {
    subject: &'static str,
    /// What comes before the name, without the space.
    hello: &'static str,
    /// What follows the name.
    thanks: &'static str,
    /// Why the mail comes, for somebody whose address somebody else has used.
    why: &'static str,
    unsubscribe: &'static str,
}

const fn words(language: Language) -> Words {
    match language {
        Language::English => Words {
            subject: "Welcome",
            hello: "Hello",
            thanks: ", thanks for joining.",
            why: "You get this mail because somebody signed up with your address. If it was not \
                  you, there is nothing you have to do.",
            unsubscribe: "Unsubscribe",
        },
        Language::German => Words {
            subject: "Willkommen",
            hello: "Hallo",
            thanks: ", danke für die Anmeldung.",
            why: "Sie bekommen diese E-Mail, weil sich jemand mit Ihrer Adresse angemeldet hat. \
                  Waren Sie das nicht, brauchen Sie nichts zu tun.",
            unsubscribe: "Abbestellen",
        },
        Language::Spanish => Words {
            subject: "Le damos la bienvenida",
            hello: "Hola",
            thanks: ", gracias por unirse.",
            why: "Recibe este correo porque alguien se ha registrado con su dirección. Si no ha \
                  sido usted, no tiene que hacer nada.",
            unsubscribe: "Darse de baja",
        },
        Language::French => Words {
            subject: "Bienvenue",
            hello: "Bonjour",
            thanks: ", merci de nous avoir rejoints.",
            why: "Vous recevez ce message parce que quelqu’un s’est inscrit avec votre adresse. \
                  Si ce n’est pas vous, vous n’avez rien à faire.",
            unsubscribe: "Se désabonner",
        },
    }
}

/// The mail. The subject has no name in it: nobody else's words stand where mails are listed.
pub(crate) fn welcome(
    newcomer: Newcomer<'_>,
    unsubscribe: &str,
    tags: Vec<(&'static str, String)>,
) -> Mail {
    let language = Language::of(newcomer.locale);
    let words = words(language);
    let mail = Mail {
        to: newcomer.email.to_owned(),
        subject: words.subject.to_owned(),
        text: text(&words, newcomer.username, unsubscribe),
        html: html(&words, language, newcomer.username, unsubscribe),
        headers: Vec::new(),
        tags,
    };
    mail.unsubscribed_by(unsubscribe)
}

fn text(words: &Words, username: &str, unsubscribe: &str) -> String {
    let Words { hello, thanks, why, unsubscribe: label, .. } = words;
    let name = shown(username).map(|name| format!(" {name}")).unwrap_or_default();
    format!("{hello}{name}{thanks}\n\n{why}\n\n{label}: {unsubscribe}\n")
}

fn html(words: &Words, language: Language, username: &str, unsubscribe: &str) -> String {
    let name = shown(username);
    let page = html! {
        (DOCTYPE)
        html lang=(language.code()) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { (words.subject) }
            }
            body {
                p {
                    (words.hello)
                    // In its own direction, whatever script it is written in.
                    @if let Some(name) = name { " " bdi { (name) } }
                    (words.thanks)
                }
                p { (words.why) }
                p { a href=(unsubscribe) { (words.unsubscribe) } }
            }
        }
    };
    page.into_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const LINK: &str = "https://api.example/subscriptions/unsubscribe/t-_0";

    fn mail(username: &str, locale: &str) -> Mail {
        let newcomer = Newcomer { username, email: "ada@example.com", locale };
        welcome(newcomer, LINK, vec![("step", "email-user".into())])
    }

    #[test]
    fn users_are_welcomed_by_name_in_text_and_in_html() {
        let mail = mail("Ada", "en");
        assert_eq!((mail.to.as_str(), mail.subject.as_str()), ("ada@example.com", "Welcome"));
        assert!(mail.text.starts_with("Hello Ada, thanks for joining."), "{}", mail.text);
        assert!(mail.text.ends_with(&format!("Unsubscribe: {LINK}\n")), "{}", mail.text);
        let greeting = "<p>Hello <bdi>Ada</bdi>, thanks for joining.</p>";
        assert!(mail.html.contains(greeting), "{}", mail.html);
        assert!(mail.html.contains(&format!("<a href=\"{LINK}\">Unsubscribe</a>")));
    }

    #[test]
    fn users_are_welcomed_in_their_language() {
        for (locale, greeting) in [
            ("de-AT", "Hallo Ada, danke"),
            ("es", "Hola Ada, gracias"),
            ("fr-CA", "Bonjour Ada, merci"),
            ("en-GB", "Hello Ada, thanks"),
            ("xx", "Hello Ada, thanks"),
        ] {
            let mail = mail("Ada", locale);
            assert!(mail.text.starts_with(greeting), "{}", mail.text);
            let lang = format!("<html lang=\"{}\">", Language::of(locale).code());
            assert!(mail.html.contains(&lang), "{}", mail.html);
        }
    }

    #[test]
    fn mail_programs_can_unsubscribe() {
        let names: Vec<&str> = mail("Ada", "en").headers.iter().map(|(name, _)| *name).collect();
        assert_eq!(names, ["List-Unsubscribe", "List-Unsubscribe-Post"]);
    }

    #[test]
    fn what_is_no_name_is_left_out() {
        let mail = mail("<b>call +1 900 555 0100</b>", "de");
        assert!(mail.text.starts_with("Hallo, danke"), "{}", mail.text);
        assert!(mail.html.contains("<p>Hallo, danke"), "{}", mail.html);
    }

    proptest! {
        #[test]
        fn no_name_says_anything_outside_of_its_place(
            username in proptest::collection::vec(any::<char>(), 0..20)
        ) {
            let username = String::from_iter(username);
            for language in Language::ALL {
                let (named, usual) = (mail(&username, language.code()), mail("Ada", language.code()));
                prop_assert_eq!(&named.subject, &usual.subject);
                prop_assert_eq!(&named.headers, &usual.headers);
                prop_assert_eq!(named.text.lines().count(), usual.text.lines().count());
                prop_assert_eq!(named.text.lines().skip(1).collect::<Vec<_>>(),
                    usual.text.lines().skip(1).collect::<Vec<_>>());
                let bdi = if shown(&username).is_some() { 0 } else { 2 };
                let tags = |html: &str| html.matches('<').count();
                prop_assert_eq!(tags(&named.html), tags(&usual.html) - bdi);
            }
        }
    }
}
