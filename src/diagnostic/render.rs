//! Diagnostics as text: the line itself, with the place marked, in the look of `rustc`.

use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};

use anstream::adapter::strip_str;

use super::{Diagnostic, Severity, Source, Sources, Span};

/// The longest line that is shown whole; a longer one is cut around the place by the renderer.
const TERMINAL_WIDTH: usize = 140;

/// One diagnostic as text, coloured if `colour`; ends without a line break.
#[must_use]
pub fn render(diagnostic: &Diagnostic, sources: &Sources, colour: bool) -> String {
    let level = match diagnostic.rule.severity() {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let title = level
        .primary_title(diagnostic.message.as_str())
        .id(diagnostic.rule.name());
    let mut group = Group::with_title(title);
    for snippet in snippets(diagnostic, sources) {
        group = group.element(snippet);
    }
    for help in &diagnostic.help {
        group = group.element(Level::HELP.message(help.as_str()));
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
    let mut snippets: Vec<(usize, Marked<'a>)> = Vec::new();
    for (kind, (span, label)) in primary.chain(context) {
        let source = sources.get(*span);
        let mut annotation = kind.span(within(source, *span));
        if !label.is_empty() {
            annotation = annotation.label(label.as_str());
        }
        if let Some((_, snippet)) = snippets.iter_mut().find(|(index, _)| *index == span.source) {
            *snippet = std::mem::replace(snippet, Snippet::source("")).annotation(annotation);
        } else {
            let mut snippet = Snippet::source(source.text.as_str()).annotation(annotation);
            if !source.is_option {
                snippet = snippet.path(source.name.as_str());
            }
            snippets.push((span.source, snippet));
        }
    }
    snippets.into_iter().map(|(_, snippet)| snippet).collect()
}

/// The span as a range that the renderer can mark: within the text, on its characters, one line at most.
fn within(source: &Source, span: Span) -> std::ops::Range<usize> {
    let text = &source.text;
    let mut start = span.start.min(text.len());
    while !text.is_char_boundary(start) {
        start -= 1;
    }
    let mut end = span.end.clamp(start, text.len());
    while !text.is_char_boundary(end) {
        end += 1;
    }
    let first_line = text[start..end].find('\n').map_or(end, |at| start + at);
    start..first_line.max(start)
}
