//! Diagnostics as text: the line itself, with the place marked, in the look of `rustc`.

use std::ops::Range;

use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};

use anstream::adapter::strip_str;

use super::{Diagnostic, Severity, Source, Sources, Span};
use crate::shown;

/// The longest line that is shown whole; a longer one is cut around the place by the renderer.
const TERMINAL_WIDTH: usize = 140;

/// One diagnostic as text, coloured if `colour`; ends without a line break.
#[must_use]
pub fn render(diagnostic: &Diagnostic, sources: &Sources, colour: bool) -> String {
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let title = level
        .primary_title(shown::line(&diagnostic.message))
        .id(diagnostic.rule.name());
    let mut group = Group::with_title(title);
    for snippet in snippets(diagnostic, sources) {
        group = group.element(snippet);
    }
    for help in &diagnostic.help {
        group = group.element(Level::HELP.message(shown::lines(help)));
    }
    let renderer = if colour {
        Renderer::styled()
    } else {
        Renderer::plain()
    };
    let drawn = renderer
        .decor_style(DecorStyle::Ascii)
        .term_width(TERMINAL_WIDTH)
        .render(&[group]);
    // The renderer takes out escapes and overrides of the lines that it quotes, but not all else that acts.
    let drawn = shown::coloured(&with_column_of(drawn, diagnostic.place.as_ref(), sources));
    let is_option = |(span, _): &(Span, String)| sources.get(*span).is_option;
    let mut places = diagnostic.place.iter().chain(&diagnostic.context);
    if places.any(is_option) {
        without_lines_of_options(&drawn, diagnostic.place.as_ref().is_some_and(is_option))
    } else {
        drawn
    }
}

/// A drawing in which options of the command line have no number of a line: they have one line each, and a number before it
/// reads like a part of them. An option has no name of a file above it; `begins` says whether the first text is one.
fn without_lines_of_options(drawn: &str, begins: bool) -> String {
    let mut is_option = begins;
    let mut lines = Vec::new();
    for line in drawn.lines() {
        let seen = strip_str(line).to_string();
        let seen = seen.trim();
        if seen == ":::" {
            is_option = true;
            continue;
        }
        if seen.starts_with("-->") || seen.starts_with(":::") {
            is_option = false;
        }
        if is_option && seen.starts_with(|letter: char| letter.is_ascii_digit()) {
            lines.push(without_number(line));
        } else {
            lines.push(line.to_owned());
        }
    }
    lines.join("\n")
}

/// A line with spaces for the number at its beginning, whatever codes of colour stand around it.
fn without_number(line: &str) -> String {
    let (mut is_code, mut is_before) = (false, true);
    let blank = |letter: char| match letter {
        '\x1b' => {
            is_code = true;
            letter
        }
        'm' if is_code => {
            is_code = false;
            letter
        }
        _ if is_code || !is_before => letter,
        ' ' => letter,
        _ if letter.is_ascii_digit() => ' ',
        _ => {
            is_before = false;
            letter
        }
    };
    line.chars().map(blank).collect()
}

type Marked<'a> = Snippet<'a, annotate_snippets::Annotation<'a>>;

/// One snippet a text, in the order in which the diagnostic names them.
fn snippets<'a>(diagnostic: &'a Diagnostic, sources: &'a Sources) -> Vec<Marked<'a>> {
    let primary = diagnostic
        .place
        .iter()
        .map(|place| (AnnotationKind::Primary, place));
    let context = diagnostic
        .context
        .iter()
        .map(|place| (AnnotationKind::Context, place));
    let places: Vec<_> = primary.chain(context).collect();
    let mut sources_in_order: Vec<usize> = Vec::new();
    for (_, (span, _)) in &places {
        if !sources_in_order.contains(&span.source) {
            sources_in_order.push(span.source);
        }
    }
    let snippet = |index: usize| {
        let own = || places.iter().filter(move |(_, (span, _))| span.source == index);
        let source = &sources.all()[index];
        let shown = own().map(|(_, (span, _))| within(source, *span));
        let lines = lines_around(&source.text, shown);
        let first = 1 + source.text[..lines.start].matches('\n').count();
        let mut snippet = Snippet::source(&source.text[lines.clone()]).line_start(first);
        for (kind, (span, label)) in own() {
            let place = within(source, *span);
            let mut annotation = kind.span(place.start - lines.start..place.end - lines.start);
            if !label.is_empty() {
                annotation = annotation.label(label.as_str());
            }
            snippet = snippet.annotation(annotation);
        }
        if source.is_option {
            snippet
        } else {
            snippet.path(source.name.as_str())
        }
    };
    sources_in_order.into_iter().map(snippet).collect()
}

/// The whole lines that some places stand in, and all between: the renderer goes through whatever it is given.
fn lines_around(text: &str, places: impl Iterator<Item = Range<usize>>) -> Range<usize> {
    let (start, end) = places.fold((text.len(), 0), |(start, end), place| {
        (start.min(place.start), end.max(place.end))
    });
    let mut before = text[..start].rfind('\n').map_or(0, |place| place + 1);
    let after = text[end..].find('\n').map_or(text.len(), |place| end + place);
    if !text[start..end].contains('\n') {
        before = before.max(floor(text, start.saturating_sub(MOST_BEHIND)));
    }
    before..floor(text, after.min(end + MOST_BEHIND))
}

/// A drawing of a place in a line whose beginning was cut, with the column that it has in the whole line.
fn with_column_of(drawn: String, place: Option<&(Span, String)>, sources: &Sources) -> String {
    let Some((span, _)) = place else { return drawn };
    let source = sources.get(*span);
    let (line, column) = sources.line_and_column(*span);
    if source.is_option || column <= MOST_BEHIND / 4 {
        return drawn;
    }
    let header = format!("{}:{line}:", source.name);
    match drawn.split_once(&header) {
        Some((before, after)) => {
            let after = after.trim_start_matches(|letter: char| letter.is_ascii_digit());
            format!("{before}{header}{column}{after}")
        }
        None => drawn,
    }
}

/// The most of a line that is given to the renderer before a place and behind it, and the most of a place that is marked, in bytes.
const MOST_BEHIND: usize = 400;

/// The last border of a letter at or before a byte.
fn floor(text: &str, mut place: usize) -> usize {
    while !text.is_char_boundary(place) {
        place -= 1;
    }
    place
}

/// The span as a range that the renderer can mark: within the text, on its characters, one line at most.
fn within(source: &Source, span: Span) -> Range<usize> {
    let text = &source.text;
    let start = floor(text, span.start.min(text.len()));
    let end = span.end.clamp(start, text.len()).min(start + MOST_BEHIND);
    let end = floor(text, end).max(start);
    let first_line = text[start..end].find('\n').map_or(end, |at| start + at);
    start..first_line.max(start)
}
