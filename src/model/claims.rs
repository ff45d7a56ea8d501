//! Claims about the results: each names a metric, a subject and a time that the results will have.

use super::{CapabilityId, Claim, Model};
use crate::diagnostic::{Diagnostic, Diagnostics, Rule, suggest};
use crate::metric::{Argument, METRICS, Metric, SubjectKind, metric, spelled};
use crate::scenario::{Expect, Scenario};

/// All claims of a scenario; faults are reported.
pub(super) fn check(scenario: &Scenario, model: &Model, diagnostics: &mut Diagnostics) -> Vec<Claim> {
    if scenario.expect.is_empty() {
        return Vec::new();
    }
    // Where other things have faults, the list of subjects is not whole.
    let is_whole = !diagnostics.has_errors();
    let subjects = is_whole.then(|| model.subjects());
    let mut claims = Vec::new();
    for written in &scenario.expect {
        if !diagnostics.is_unread(&written.address.to_string()) {
            claims.extend(claim(written, model, subjects.as_deref(), diagnostics));
        }
    }
    claims
}

fn claim(
    written: &Expect,
    model: &Model,
    subjects: Option<&[String]>,
    diagnostics: &mut Diagnostics,
) -> Option<Claim> {
    let before = diagnostics.found();
    let subject = subject(written, subjects, diagnostics);
    let mut refuse = |span, message: String, help: Option<String>| {
        diagnostics.push(Diagnostic::at(Rule::ImpossibleClaim, span, message, "").maybe_help(help));
    };
    let known = metric(&written.metric.value);
    if known.is_none() {
        let names = METRICS.iter().map(|metric| metric.name);
        refuse(
            written.metric.span,
            format!("there is no metric `{}`", written.metric.value),
            suggest(&written.metric.value, names),
        );
    }
    let (metric, named) = known?;
    if SubjectKind::of(subject).is_some_and(|kind| !metric.subjects.contains(&kind)) {
        refuse(
            written.metric.span,
            format!("`{}` is no figure of `{subject}`", metric.name),
            Some(metric.meaning.to_owned()),
        );
    }
    let day = day(written, model, &mut refuse);
    check_arguments(written, metric, day, named, &mut refuse);
    check_comparison(written, metric, &mut refuse);
    check_total(written, metric, subject, model, &mut refuse);
    let (at_least, at_most) = bounds(written, &mut refuse);
    check_bounds(written, metric, [at_least, at_most], &mut refuse);
    if let Some(confidence) = written
        .confidence
        .as_ref()
        .filter(|confidence| !(confidence.value > 0.0 && confidence.value < 1.0))
    {
        refuse(
            confidence.span,
            "a confidence lies between 0 and 1, such as 0.95".to_owned(),
            None,
        );
    }
    if diagnostics.found() > before {
        return None;
    }
    let claim = Claim {
        address: written.address.to_string(),
        metric: metric.name.to_owned(),
        subject: subject.to_owned(),
        day,
        quantile: named.or(written.quantile.as_ref().map(|quantile| quantile.value)),
        at_least,
        at_most,
        confidence: written.confidence.as_ref().map(|confidence| confidence.value),
        compared_with: written.compared_with.as_ref().map(|file| file.value.clone()),
        note: written.remarks.note.clone(),
        span: written.span,
    };
    doubt(&claim, metric, model, diagnostics);
    Some(claim)
}

/// Warns of a claim that all values within its figure's range fulfil.
fn doubt(claim: &Claim, metric: &Metric, model: &Model, diagnostics: &mut Diagnostics) {
    let Some((low, high)) = range(claim, metric, model) else {
        return;
    };
    let can_fail =
        claim.at_least.is_some_and(|least| low < least) || claim.at_most.is_some_and(|most| most < high);
    if !can_fail {
        let of = if claim.compared_with.is_some() {
            "a difference of "
        } else {
            ""
        };
        let help = match (low, high) {
            (low, f64::INFINITY) => format!("{of}`{}` is at least {low} here, whatever happens", metric.name),
            (low, high) => format!(
                "{of}`{}` lies between {low} and {high} here, whatever happens",
                metric.name
            ),
        };
        let warning = Diagnostic::at(Rule::CertainClaim, claim.span, "this claim cannot fail", "");
        diagnostics.push(warning.help(help));
    }
}

/// Between which ends the figure of a claim lies, whatever happens; a time may lie beyond the horizon. None, if that is not known.
fn range(claim: &Claim, metric: &Metric, model: &Model) -> Option<(f64, f64)> {
    let own = match (metric.unit, metric.name) {
        ("probability" | "share", _) => (0.0, 1.0),
        (_, "days_ready") => (0.0, model.horizon),
        (_, "time") => (0.0, f64::INFINITY),
        // Another scenario has other totals.
        _ if claim.compared_with.is_some() => return None,
        _ => model.range_of_total(capability(&claim.subject, model)?),
    };
    Some(match claim.compared_with {
        Some(_) => (own.0 - own.1, own.1 - own.0),
        None => own,
    })
}

/// What a claim is about, in the spelling of results; one that they do not have is reported. Where other things have faults,
/// only those are that results never have.
fn subject<'s>(
    written: &'s Expect,
    subjects: Option<&'s [String]>,
    diagnostics: &mut Diagnostics,
) -> &'s str {
    let Some(placed) = &written.subject else {
        return "mission";
    };
    let subject = placed.value.as_str();
    let (found, help) = match subjects {
        Some(subjects) => {
            let found = spelled(subject, subjects);
            let suggested = found
                .is_none()
                .then(|| diagnostics.suggest(subject, subjects.iter().map(String::as_str)));
            (found, suggested.flatten())
        }
        None => {
            let help = "a subject is written as in `objectives.NAME` or `capabilities.NAME`";
            (SubjectKind::of(subject).map(|_| subject), Some(help.to_owned()))
        }
    };
    if found.is_none() {
        let message = format!("results tell nothing of `{subject}`");
        diagnostics.push(Diagnostic::at(Rule::ImpossibleClaim, placed.span, message, "").maybe_help(help));
    }
    found.unwrap_or(subject)
}

/// The capability that a subject names.
fn capability(subject: &str, model: &Model) -> Option<CapabilityId> {
    let name = subject.strip_prefix("capabilities.")?;
    model
        .capabilities
        .iter()
        .position(|capability| capability.name == name)
}

type Refuse<'a> = dyn FnMut(crate::diagnostic::Span, String, Option<String>) + 'a;

/// Two scenarios are compared trial by trial, which quantiles cannot be.
fn check_comparison(written: &Expect, metric: &Metric, refuse: &mut Refuse<'_>) {
    if let Some(file) = &written.compared_with
        && metric.argument == Argument::Quantile
    {
        refuse(
            file.span,
            format!("`{}` of two scenarios cannot be compared", metric.name),
            Some(
                "compare how likely it is to be ready by a day, with `ready_by`, or means, with `total_mean`"
                    .to_owned(),
            ),
        );
    }
}

/// A mean can be judged only if what it is the mean of has bounds, or a variance at least.
fn check_total(written: &Expect, metric: &Metric, subject: &str, model: &Model, refuse: &mut Refuse<'_>) {
    if metric.name == "total_mean"
        && let Some(capability) = capability(subject, model)
        && !model.has_spread(capability)
    {
        refuse(
            written.metric.span,
            format!("the mean of `{subject}` cannot be judged, since its total has no finite variance"),
            Some(
                "give such an amount an `at_most`, or claim something of `total` with a `quantile`"
                    .to_owned(),
            ),
        );
    }
}

/// Bounds of a probability or a share lie between 0 and 1, those of a difference of two between -1 and 1.
fn check_bounds(written: &Expect, metric: &Metric, bounds: [Option<f64>; 2], refuse: &mut Refuse<'_>) {
    if !matches!(metric.unit, "probability" | "share") {
        return;
    }
    let (lowest, of) = match written.compared_with {
        Some(_) => (-1.0, "a difference of "),
        None => (0.0, ""),
    };
    if bounds
        .into_iter()
        .flatten()
        .any(|bound| !(lowest..=1.0).contains(&bound))
    {
        let name = metric.name;
        refuse(
            written.span,
            format!("{of}`{name}` lies between {lowest} and 1"),
            Some("20 % is written 0.2".to_owned()),
        );
    }
}

/// The day of a claim, from `day` or `date`, within the horizon.
fn day(written: &Expect, model: &Model, refuse: &mut Refuse<'_>) -> Option<f64> {
    if let (Some(day), Some(_)) = (&written.day, &written.date) {
        refuse(day.span, "a claim has a day or a date, not both".to_owned(), None);
    }
    let (day, span) = match (&written.day, &written.date) {
        (Some(day), _) => (day.value, day.span),
        (None, Some(date)) => (f64::from((date.value - model.start).get_days()), date.span),
        (None, None) => return None,
    };
    if day < 0.0 || day > model.horizon {
        let last = model.horizon;
        refuse(
            span,
            format!("day {day} does not lie within the horizon"),
            Some(format!("days run from 0 to {last}")),
        );
    } else if day.fract() != 0.0 {
        refuse(
            span,
            format!("day {day} is not a whole day"),
            Some("results have one row a day".to_owned()),
        );
    }
    Some(day)
}

/// A metric gets the day and the quantile that it needs, and none that it does not.
fn check_arguments(
    written: &Expect,
    metric: &Metric,
    day: Option<f64>,
    named: Option<f64>,
    refuse: &mut Refuse<'_>,
) {
    let needs_day = metric.argument == Argument::Day || metric.name == "total";
    match (needs_day, day) {
        (true, None) => refuse(
            written.metric.span,
            format!("`{}` needs a `day` or a `date`", metric.name),
            None,
        ),
        (false, Some(_)) => {
            let span = written
                .day
                .as_ref()
                .map(|day| day.span)
                .or(written.date.as_ref().map(|date| date.span));
            refuse(
                span.unwrap_or(written.span),
                format!("`{}` is not a figure of a day", metric.name),
                None,
            );
        }
        _ => {}
    }
    let needs_quantile = metric.argument == Argument::Quantile && named.is_none();
    match (needs_quantile, &written.quantile) {
        (true, None) => refuse(
            written.metric.span,
            format!("`{}` needs a `quantile`, such as 0.5", metric.name),
            None,
        ),
        (true, Some(quantile)) if !(quantile.value > 0.0 && quantile.value < 1.0) => {
            refuse(
                quantile.span,
                "a quantile lies between 0 and 1".to_owned(),
                Some("the median is 0.5".to_owned()),
            );
        }
        (false, Some(quantile)) => refuse(
            quantile.span,
            format!("`{}` takes no `quantile`", written.metric.value),
            None,
        ),
        _ => {}
    }
}

/// The lowest and the highest value that a claim allows.
fn bounds(written: &Expect, refuse: &mut Refuse<'_>) -> (Option<f64>, Option<f64>) {
    let given = [
        written.at_least.is_some(),
        written.at_most.is_some(),
        written.between.is_some(),
    ];
    if given.iter().filter(|is_given| **is_given).count() != 1 {
        let help = "give it one of `at_least`, `at_most` and `between = [low, high]`".to_owned();
        refuse(written.span, "a claim needs one bound".to_owned(), Some(help));
    }
    if let Some(between) = &written.between {
        return match between.value.as_slice() {
            [low, high] if low <= high => (Some(*low), Some(*high)),
            _ => {
                refuse(
                    between.span,
                    "`between` takes two numbers, the lower first".to_owned(),
                    None,
                );
                (None, None)
            }
        };
    }
    (
        written.at_least.as_ref().map(|bound| bound.value),
        written.at_most.as_ref().map(|bound| bound.value),
    )
}
