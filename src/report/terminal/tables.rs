//! The tables of the answer.

use comfy_table::{CellAlignment, ColumnConstraint, ContentArrangement, LineStyle, Table, TableStyle, Width};

use super::super::median;
use super::super::number::{amount, moment, percent, percent_alone, thousands, total};
use crate::estimate::{Capability, Gate, Quantile, Results, Subject};
use crate::shown::cut;

/// Longer names are cut; shorter ones may take several lines.
const LONGEST_NAME: usize = 80;

/// The same beside other names.
const SHORT_NAME: usize = 40;

/// Names have at least so many columns.
const NARROWEST_NAME: u16 = 14;

/// Blank columns between two columns of a table.
const GAP: u16 = 2;

/// Gates beyond this many, those with the smallest shares, are left to `gates.csv`.
const MOST_GATES: usize = 15;

/// A line below the header, and no other.
const LOOK: TableStyle = TableStyle::new().header_separator(LineStyle::none().fill('─'));

/// The last day of the results.
pub fn last_day(results: &Results) -> f64 {
    results.mission.ready_by.len().saturating_sub(1) as f64
}

/// All tables that have rows, each with its heading.
pub fn all(results: &Results, width: usize) -> Vec<(String, String)> {
    let last = moment(results, last_day(results));
    let mut tables = vec![("Objectives".to_owned(), objectives(results, &last, width))];
    if !results.gates.is_empty() {
        tables.push(("Gates".to_owned(), gates(results, width)));
    }
    if !results.capabilities.is_empty() {
        tables.push((format!("Capabilities on {last}"), capabilities(results, width)));
    }
    tables
}

/// Several scenarios, by name, with the gate that holds each back most.
pub fn batch(scenarios: &[(String, &Results, Option<&Gate>)], width: usize) -> String {
    let header = [
        "",
        "ready by the\nlast day",
        "ready\n(median)",
        "main\nbottleneck",
    ]
    .map(str::to_owned);
    let row = |(scenario, results, gate): &(String, &Results, Option<&Gate>)| {
        vec![
            scenario.clone(),
            results.mission.ready_by.last().map(percent).unwrap_or_default(),
            median(&results.mission)
                .map(|median| moment(results, median.estimate))
                .unwrap_or_default(),
            gate.map(|gate| cut(&gate.open.label, SHORT_NAME))
                .unwrap_or_default(),
        ]
    };
    lay_out(header, scenarios.iter().map(row).collect(), width)
}

fn objectives(results: &Results, last: &str, width: usize) -> String {
    let header = [
        "",
        &format!("ready by\n{last}"),
        "first ready\n(median)",
        "days\nready",
        "lost\nagain",
    ]
    .map(str::to_owned);
    let row = |subject: &Subject| {
        vec![
            cut(&subject.label, LONGEST_NAME),
            subject.ready_by.last().map(percent).unwrap_or_default(),
            median(subject)
                .map(|median| moment(results, median.estimate))
                .unwrap_or_default(),
            amount(&subject.days_ready),
            percent_alone(&subject.lost),
        ]
    };
    let rows = results
        .objectives
        .iter()
        .chain([&results.mission])
        .map(row)
        .collect();
    lay_out(header, rows, width)
}

fn gates(results: &Results, width: usize) -> String {
    let header = [
        "",
        "ever\nopen",
        "missing\nor last",
        "ready\nif granted",
        "\ndecisive",
    ]
    .map(str::to_owned);
    let mut gates: Vec<&Gate> = results.gates.iter().collect();
    gates.sort_by(|one, other| other.bottleneck.estimate.total_cmp(&one.bottleneck.estimate));
    let row = |gate: &&Gate| {
        vec![
            cut(&gate.open.label, LONGEST_NAME),
            gate.open.ready_by.last().map(percent_alone).unwrap_or_default(),
            percent(&gate.bottleneck),
            gate.ready_if_granted.last().map(percent).unwrap_or_default(),
            percent_alone(&gate.decisive),
        ]
    };
    let blank = String::new;
    let mut rows: Vec<Vec<String>> = gates.iter().take(MOST_GATES).map(row).collect();
    if let Some(more) = gates.len().checked_sub(MOST_GATES).filter(|more| *more > 0) {
        let more = format!("… and {} more in gates.csv", thousands(more as f64, 0));
        rows.push([more, blank(), blank(), blank(), blank()].to_vec());
    }
    let never_together = "(all open, but never together)".to_owned();
    let never = percent(&results.never_together);
    rows.push([never_together, blank(), never, blank(), blank()].to_vec());
    lay_out(header, rows, width)
}

fn capabilities(results: &Results, width: usize) -> String {
    let header = ["", "median", "5–95 %", "unit"].map(str::to_owned);
    let row = |capability: &Capability| {
        let last = capability.quantiles.last().map_or(&[][..], Vec::as_slice);
        let at = |wanted: f64| {
            let is_wanted = |quantile: &&Quantile| (quantile.quantile - wanted).abs() < 1e-9;
            last.iter()
                .find(is_wanted)
                .map(|quantile| total(&quantile.value))
                .unwrap_or_default()
        };
        vec![
            cut(&capability.label, LONGEST_NAME),
            at(0.5),
            format!("{}–{}", at(0.05), at(0.95)),
            cut(&capability.unit, LONGEST_NAME),
        ]
    };
    lay_out(header, results.capabilities.iter().map(row).collect(), width)
}

/// A table with names in the first column, which gives way where it must, and figures in all others.
fn lay_out<const COLUMNS: usize>(header: [String; COLUMNS], rows: Vec<Vec<String>>, width: usize) -> String {
    let mut table = Table::new();
    table
        .load_style(LOOK)
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_header(header)
        .add_rows(rows);
    for (index, column) in table.column_iter_mut().enumerate() {
        let is_last = index + 1 == COLUMNS;
        column.set_padding((0, if is_last { 0 } else { GAP }));
        if index > 0 {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    let widths = table.column_max_content_widths();
    let figures: u16 = widths.iter().skip(1).map(|width| width + GAP).sum();
    let left = u16::try_from(width).unwrap_or(u16::MAX).saturating_sub(figures);
    let most = ColumnConstraint::UpperBoundary(Width::Fixed(left.max(NARROWEST_NAME) + GAP));
    if let Some(names) = table.column_mut(0) {
        names.set_constraint(most);
    }
    table.trim_fmt()
}
