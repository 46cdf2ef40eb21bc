//! What the functions are to achieve.

use crate::contestants::{ALONE, Group};
use crate::measure::Figures;

/// A limit and what was measured.
#[derive(Debug)]
pub(crate) struct Target {
    pub(crate) about: String,
    pub(crate) limit: f64,
    pub(crate) measured: f64,
    is_lower_bound: bool,
}

impl Target {
    fn at_most(about: impl Into<String>, limit: f64, measured: Option<f64>) -> Option<Self> {
        Some(Self { about: about.into(), limit, measured: measured?, is_lower_bound: false })
    }

    fn at_least(about: impl Into<String>, limit: f64, measured: Option<f64>) -> Option<Self> {
        Some(Self { about: about.into(), limit, measured: measured?, is_lower_bound: true })
    }

    pub(crate) fn is_met(&self) -> bool {
        if self.is_lower_bound { self.measured >= self.limit } else { self.measured <= self.limit }
    }

    pub(crate) const fn relation(&self) -> &'static str {
        if self.is_lower_bound { "≥ " } else { "≤ " }
    }
}

/// Millions of instructions: start, first invocation, warm invocation.
fn instructions(figures: &Figures) -> Option<[f64; 3]> {
    figures.instructions.map(::tests::callgrind::Instructions::in_millions)
}

/// All targets of which both sides were measured.
pub(crate) fn all(groups: &[Group], figures: &[Vec<Figures>]) -> Vec<Target> {
    let find = |group: &str, name: &str| {
        let at = groups.iter().position(|g| g.name == group)?;
        let contestant = groups[at].contestants.iter().position(|c| c.name == name)?;
        Some(&figures[at][contestant])
    };
    let raw = find("add-defaults", "bare proxy, hyper");
    let proxy = find("add-defaults", "add-defaults");
    let widgets = find("widget-api", "widget-api");
    let once = find("widget-api-once", "widget-api");
    let boto3 = find("widget-api", "Python, boto3");
    let count = |figures: Option<&Figures>| figures.and_then(instructions);
    let ratio = |above: Option<f64>, below: Option<f64>| Some(above? / below?);
    // What a start opens takes TLS; the bare function does not, so it is compared with ours alone.
    let start_alone = |name| {
        let start = |name| find("hello", name).map(|figures| figures.start);
        ratio(start(name), start("lambda_http"))
    };
    let cold = |figures| count(figures).map(|[start, first, _]| start + first);
    let start = |figures| count(figures).map(|[start, ..]| start);
    let warm = |figures| count(figures).map(|[.., warm]| warm);
    let of = |figures: Option<&Figures>, value: fn(&Figures) -> f64| figures.map(value);

    let mut targets = vec![
        Target::at_most("add-defaults: start alone, × `lambda_http`", 1.3, start_alone(ALONE[0])),
        Target::at_most("add-defaults: Minstr, start + first", 3.6, cold(proxy)),
        Target::at_most(
            "add-defaults: warm instructions, × bare proxy",
            1.5,
            ratio(warm(proxy), warm(raw)),
        ),
        Target::at_most("add-defaults: zip, MB", 2.6, of(proxy, |f| f.zip / 1e6)),
        Target::at_most("add-defaults: memory, MB", 7.0, of(proxy, |f| f.memory / 1e6)),
        Target::at_most("add-defaults: on 128 MB, ms", 15.0, of(proxy, |f| f.at_128_mb * 1e3)),
        Target::at_most("widget-api: start alone, × `lambda_http`", 1.4, start_alone(ALONE[1])),
        Target::at_most("widget-api: Minstr, start + first", 5.0, cold(widgets)),
        Target::at_most("widget-api: Minstr, a warm call", 0.65, warm(widgets)),
        Target::at_most(
            "widget-api: Minstr, a warm call of three",
            0.65,
            warm(once).map(|all| all / 3.0),
        ),
        Target::at_most("widget-api: zip, MB", 3.2, of(widgets, |f| f.zip / 1e6)),
        Target::at_most("widget-api: memory, MB", 9.0, of(widgets, |f| f.memory / 1e6)),
        Target::at_most("widget-api: on 128 MB, ms", 15.0, of(widgets, |f| f.at_128_mb * 1e3)),
        Target::at_least(
            "widget-api: warm, × faster than boto3",
            5.0,
            ratio(of(boto3, |f| f.warm), of(widgets, |f| f.warm)),
        ),
    ];
    let code = find("login-code", "login");
    let text = find("two-factor", "two-factor");
    targets.extend([
        // It opens three connections, and the other function four.
        Target::at_most(
            "login: Minstr, start, by the connection",
            4.0,
            start(code).map(|all| all / 3.0),
        ),
        Target::at_most("login: Minstr, a warm call of two", 0.65, warm(code).map(|all| all / 2.0)),
        Target::at_most("login: zip, MB", 3.2, of(code, |f| f.zip / 1e6)),
        Target::at_most(
            "two-factor: Minstr, start, by the connection",
            4.0,
            start(text).map(|all| all / 4.0),
        ),
        Target::at_most(
            "two-factor: Minstr, a warm call of four",
            0.65,
            warm(text).map(|all| all / 4.0),
        ),
        Target::at_most("two-factor: zip, MB", 3.2, of(text, |f| f.zip / 1e6)),
        Target::at_most("two-factor: memory, MB", 9.0, of(text, |f| f.memory / 1e6)),
    ]);
    for (about, group, ours) in [
        ("login: warm, × faster than boto3", "login-code", code),
        ("two-factor: warm, × faster than boto3", "two-factor", text),
    ] {
        let boto3 = find(group, "Python, boto3");
        targets.push(Target::at_least(
            about,
            5.0,
            ratio(of(boto3, |f| f.warm), of(ours, |f| f.warm)),
        ));
    }
    let starts = [
        (75.0, "add-defaults", proxy, "Python, Powertools"),
        (100.0, "widget-api", widgets, "Python, boto3"),
        (60.0, "widget-api", widgets, "Node.js, AWS SDK"),
        (100.0, "login-code", code, "Python, boto3"),
        (100.0, "two-factor", text, "Python, boto3"),
    ];
    for (limit, group, ours, theirs) in starts {
        let theirs_figures = find(group, theirs);
        for (what, value) in [
            ("start", (|f| f.start) as fn(&Figures) -> f64),
            ("start + first", |f| f.cold),
            ("start + first on 128 MB", |f| f.at_128_mb),
        ] {
            targets.push(Target::at_least(
                format!("{group}: {what}, × faster than {theirs}"),
                limit,
                ratio(of(theirs_figures, value), of(ours, value)),
            ));
        }
    }
    targets.into_iter().flatten().collect()
}
