//! The mail that asks to confirm: fixed words in the user's language, and nothing that anybody else
//! wrote. Whoever signs up with another's address cannot have a text of their own sent there.

use mails::{CONFIRM_TTL, Language, Mail};
use maud::{DOCTYPE, html};

/// What is said in one language.
struct Words {
    subject: &'static str,
    asked: &'static str,
    how: fn(u64) -> String,
    button: &'static str,
    otherwise: &'static str,
}

const fn words(language: Language) -> Words {
    match language {
        Language::English => Words {
            subject: "Confirm your subscription",
            asked: "Somebody, probably you, asked for our newsletter to be sent to this address.",
            how: |days| format!("To get it, open this link within {days} days and confirm there:"),
            button: "Confirm the subscription",
            otherwise: "If it was not you, do nothing: no newsletter will come.",
        },
        Language::German => Words {
            subject: "Bestätigen Sie Ihr Abonnement",
            asked: "Jemand, vermutlich Sie, hat unseren Newsletter für diese Adresse bestellt.",
            how: |days| {
                format!(
                    "Um ihn zu bekommen, öffnen Sie innerhalb von {days} Tagen diesen Link und \
                     bestätigen Sie dort:"
                )
            },
            button: "Abonnement bestätigen",
            otherwise: "Waren Sie es nicht, tun Sie nichts: Es kommt kein Newsletter.",
        },
        Language::Spanish => Words {
            subject: "Confirme su suscripción",
            asked: "Alguien, probablemente usted, pidió nuestro boletín para esta dirección.",
            how: |days| {
                format!(
                    "Para recibirlo, abra este enlace en un plazo de {days} días y confirme allí:"
                )
            },
            button: "Confirmar la suscripción",
            otherwise: "Si no fue usted, no haga nada: no llegará ningún boletín.",
        },
        Language::French => Words {
            subject: "Confirmez votre abonnement",
            asked: "Quelqu'un, sans doute vous, a demandé notre lettre d'information à cette \
                    adresse.",
            how: |days| {
                format!(
                    "Pour la recevoir, ouvrez ce lien dans les {days} jours et confirmez sur la \
                     page :"
                )
            },
            button: "Confirmer l'abonnement",
            otherwise: "Si ce n'était pas vous, ne faites rien : aucune lettre ne viendra.",
        },
    }
}

/// The mail with the link that confirms. Mail programs offer `unsubscribe` beside it.
#[must_use]
pub fn mail(to: &str, language: Language, confirm: &str, unsubscribe: &str) -> Mail {
    let words = words(language);
    let how = (words.how)(CONFIRM_TTL.as_secs() / (24 * 3_600));
    let html = html! {
        (DOCTYPE)
        html lang=(language.code()) {
            head { meta charset="utf-8"; title { (words.subject) } }
            body {
                p { (words.asked) }
                p { (how) }
                p { a href=(confirm) { (words.button) } }
                p { (words.otherwise) }
            }
        }
    };
    let mail = Mail {
        to: to.to_owned(),
        subject: words.subject.to_owned(),
        text: format!("{}\n\n{how}\n\n{confirm}\n\n{}\n", words.asked, words.otherwise),
        html: html.into_string(),
        headers: Vec::new(),
        tags: vec![("step", "subscribe-user".to_owned())],
    };
    mail.unsubscribed_by(unsubscribe)
}

#[cfg(test)]
mod tests {
    use super::*;

    const CONFIRM: &str = "https://api.example/subscriptions/confirm/c";
    const UNSUBSCRIBE: &str = "https://api.example/subscriptions/unsubscribe/u";

    fn mail(language: Language) -> Mail {
        super::mail("ada@example.com", language, CONFIRM, UNSUBSCRIBE)
    }

    #[test]
    fn the_mail_says_what_to_do_and_until_when() {
        assert_eq!(
            mail(Language::English).text,
            "Somebody, probably you, asked for our newsletter to be sent to this address.\n\n\
             To get it, open this link within 7 days and confirm there:\n\n\
             https://api.example/subscriptions/confirm/c\n\n\
             If it was not you, do nothing: no newsletter will come.\n"
        );
    }

    #[test]
    fn every_language_says_it_as_text_and_as_html() {
        let mut subjects = Vec::new();
        for language in Language::ALL {
            let Mail { subject, text, html, headers, .. } = mail(language);
            assert!(text.contains(CONFIRM) && text.contains(" 7 "), "{text}");
            assert!(html.contains(&format!("<a href=\"{CONFIRM}\">")), "{html}");
            assert!(html.contains(&format!("<html lang=\"{}\">", language.code())), "{html}");
            assert!(headers.iter().any(|(_, value)| value.contains(UNSUBSCRIBE)));
            assert!(!text.contains("  ") && !text.contains(UNSUBSCRIBE), "{text}");
            subjects.push(subject);
        }
        subjects.sort();
        subjects.dedup();
        assert_eq!(subjects.len(), Language::ALL.len());
    }

    #[test]
    fn a_mail_loads_nothing_from_anywhere() {
        let html = mail(Language::French).html;
        for part in ["<img", "<script", "<link", "src=", "url("] {
            assert!(!html.contains(part), "{part} is in {html}");
        }
    }
}
