//! Draws the picture, without a style of its own: classes say what is to look how.

use std::fmt::Write as _;

use common::journal::Kind;
use maud::{Markup, html};

use super::layout::{Frame, Layout, Point, Way, layout};
use crate::view::{StepView, View};
use crate::words;

/// Narrowest step.
const MIN_WIDTH: u32 = 176;
/// Width of a character of a name and of a smaller line: fonts of one width are 0.6 em wide.
const NAME_ADVANCE: u32 = 9;
const LINE_ADVANCE: u32 = 8;
/// Around the text of a step, and in front of it for the sign of its kind.
const PADDING: u32 = 16;
const SIGN: u32 = 28;
/// How long and how thick an arrow's head is, half of it.
const HEAD: (u32, u32) = (9, 5);

/// The picture of a run; nothing if its pipeline is unknown.
#[must_use]
pub(crate) fn picture(view: &View) -> Option<Markup> {
    if view.steps.iter().all(|step| step.rule.is_none()) {
        return None;
    }
    let widths: Vec<u32> = view.steps.iter().map(width).collect();
    let Layout { width, height, frames, ways } = layout(&widths, &view.edges);
    Some(html! {
        svg .picture role="img" aria-labelledby="picture-title picture-description"
            width=(width) height=(height) viewBox={ "0 0 " (width) " " (height) } {
            title #picture-title { "The steps of " (view.pipeline) ", from left to right" }
            desc #picture-description { (description(view)) }
            @for (edge, way) in view.edges.iter().zip(&ways) {
                g class={ "edge" @if edge.is_for_failure { " for-failure" } } {
                    path .line d=(line(way)) {}
                    path .head d=(head(way)) {}
                }
            }
            @for (step, frame) in view.steps.iter().zip(&frames) { (node(step, *frame)) }
        }
    })
}

fn width(step: &StepView) -> u32 {
    let length = |text: &str| u32::try_from(text.chars().count()).unwrap_or(u32::MAX);
    let name = length(step.name.as_str()).saturating_mul(NAME_ADVANCE).saturating_add(SIGN);
    let rule = length(&words::rule(step).unwrap_or_default()).saturating_mul(LINE_ADVANCE);
    let place = length(&words::place(step)).saturating_mul(LINE_ADVANCE);
    name.max(rule).max(place).saturating_add(2 * PADDING).max(MIN_WIDTH)
}

fn node(step: &StepView, frame: Frame) -> Markup {
    let Frame { x, y, width, height } = frame;
    let rule = step.rule.as_ref();
    let need = if rule.is_none_or(|rule| rule.required) { "required" } else { "optional" };
    let left = x + PADDING;
    html! {
        g class={ "node " (step.place) " " (need) } {
            rect .frame x=(x) y=(y) width=(width) height=(height) rx="8" {}
            @if let Some(rule) = rule { (sign(rule.kind, left, y + 14)) }
            text .name x=(left + SIGN) y=(y + 28) { (step.name) }
            @if let Some(rule) = words::rule(step) {
                text .rule x=(left) y=(y + 49) { (rule) }
            }
            text .place x=(left) y=(y + 70) { (words::place(step)) }
        }
    }
}

/// A sign of 18 by 18 for who does a step.
fn sign(kind: Kind, x: u32, y: u32) -> Markup {
    let at = format!("translate({x} {y})");
    let shape = match kind {
        // Braces.
        Kind::Function => "M6 1C3 1 4 8 1 9C4 10 3 17 6 17M12 1C15 1 14 8 17 9C14 10 15 17 12 17",
        // An arrow out of a box.
        Kind::Webhook => "M8 3H2V16H15V10M7 11L16 2M11 2H16V7",
        // Head and shoulders.
        Kind::Person => "M9 9A4 4 0 1 0 9 1A4 4 0 1 0 9 9M1 17C1 11 17 11 17 17",
    };
    html! { path .sign transform=(at) d=(shape) {} }
}

/// The way as a path: curves that leave and arrive level, and straight lines between them.
fn line(Way(points): &Way) -> String {
    let mut path = String::new();
    let last = points.len().saturating_sub(1);
    for (at, Point { x, y }) in points.iter().copied().enumerate() {
        // Writing to a string cannot fail.
        let _ = match at {
            0 => write!(path, "M{x} {y}"),
            at if at % 2 == 1 => {
                let from = points[at - 1];
                // The line ends within the head, which is sharper than it.
                let x = if at == last { x - HEAD.0 } else { x };
                let middle = u32::midpoint(from.x, x);
                write!(path, "C{middle} {} {middle} {y} {x} {y}", from.y)
            }
            _ => write!(path, "H{x}"),
        };
    }
    path
}

fn head(Way(points): &Way) -> String {
    let Some(Point { x, y }) = points.last() else { return String::new() };
    let (length, half) = HEAD;
    format!("M{x} {y}L{} {}V{}Z", x - length, y - half, y + half)
}

/// What the picture shows, for those who hear it.
fn description(view: &View) -> String {
    let mut sentences = Vec::new();
    for step in &view.steps {
        let rule = words::rule(step).map(|rule| format!(" ({rule})")).unwrap_or_default();
        let mut sentence = format!("{}{rule}: {}", step.name, words::place(step));
        let after = step.rule.iter().flat_map(|rule| &rule.after);
        let after: Vec<&str> = after.map(|name| name.as_str()).collect();
        if !after.is_empty() {
            let _ = write!(sentence, ", after {}", after.join(" and "));
        }
        if let Some(cause) = &step.cause {
            let _ = write!(sentence, ", only if {cause} fails");
        }
        sentences.push(format!("{sentence}."));
    }
    sentences.join(" ")
}
