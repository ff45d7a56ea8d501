//! What came of a sweep: rows for a spreadsheet, and plots for the terminal.

use std::fmt::Write as _;

use comfy_table::{CellAlignment, Table, TableStyle};

use super::number::{BEYOND, endless, plain_of, read_plain};
use crate::estimate::Estimate;
use crate::shown::{self, line};

/// What all points of a sweep have in common.
#[derive(Clone, Debug)]
pub struct Head {
    /// The name of the scenario that is varied.
    pub title: String,
    /// Names of the axes.
    pub axes: Vec<String>,
    /// Names of the figures, and whether each is a part of all futures.
    pub figures: Vec<(String, bool)>,
    /// Whether each figure has a difference from the base.
    pub has_difference: Vec<bool>,
    /// Confidence of all intervals.
    pub confidence: f64,
    /// Futures of each point.
    pub trials: u64,
    /// Where their draws start from.
    pub seed: u64,
}

/// One point; number 0 is the base, the scenario as it stands.
#[derive(Clone, Debug)]
pub struct Row {
    /// Its number.
    pub number: u64,
    /// For each axis, its value; none where it is as it stands.
    pub cells: Vec<Option<String>>,
    /// Its figures.
    pub figures: Vec<Estimate>,
    /// How much each is above the base's.
    pub differences: Vec<Option<Estimate>>,
    /// The gate that most often holds the mission back, and its share.
    pub bottleneck: Option<(String, Estimate)>,
}

/// The columns that every sweep has, with their meaning; axes and figures give more their names.
pub const COLUMNS: &[(&str, &str)] = &[
    (
        "point",
        "Number of the point, from 1; 0 is the scenario as it stands.",
    ),
    (
        "main_bottleneck",
        "Address of the gate that most often holds the mission back; empty if there is no gate.",
    ),
    ("main_bottleneck_share", "Share of the futures in which it does."),
    ("trials", "Futures played at each point."),
];

/// The names of all columns, in order.
#[must_use]
pub fn header(head: &Head) -> Vec<String> {
    let mut names = vec!["point".to_owned()];
    names.extend(head.axes.iter().cloned());
    let three = |names: &mut Vec<String>, name: &str| {
        names.extend(["", "_low", "_high"].map(|end| format!("{name}{end}")));
    };
    for (name, _) in &head.figures {
        three(&mut names, name);
    }
    names.push("main_bottleneck".to_owned());
    three(&mut names, "main_bottleneck_share");
    for ((name, _), _) in head
        .figures
        .iter()
        .zip(&head.has_difference)
        .filter(|(_, has)| **has)
    {
        three(&mut names, &format!("{name}_difference"));
    }
    names.push("trials".to_owned());
    names.iter().map(|name| shown::cell(name).into_owned()).collect()
}

/// The value of an axis as a cell: a number stays one, and a text must not become a formula.
#[must_use]
pub fn written(value: Option<&str>) -> String {
    match value {
        Some(value) if value.parse::<f64>().is_ok() => value.to_owned(),
        value => shown::cell(value.unwrap_or_default()).into_owned(),
    }
}

/// The cells of a row, in the order of the header.
#[must_use]
pub fn cells(head: &Head, row: &Row) -> Vec<String> {
    let mut cells = vec![row.number.to_string()];
    cells.extend(row.cells.iter().map(|cell| written(cell.as_deref())));
    let three = |cells: &mut Vec<String>, figure: Option<&Estimate>, infinite: &str| match figure {
        Some(figure) => {
            let ends = [figure.estimate, figure.low, figure.high];
            cells.extend(ends.map(|end| plain_of(end, infinite)));
        }
        None => cells.extend(std::iter::repeat_n(String::new(), 3)),
    };
    for (figure, (name, _)) in row.figures.iter().zip(&head.figures) {
        three(&mut cells, Some(figure), endless(name));
    }
    cells.push(
        row.bottleneck
            .as_ref()
            .map_or_else(String::new, |(gate, _)| shown::cell(gate).into_owned()),
    );
    three(
        &mut cells,
        row.bottleneck.as_ref().map(|(_, share)| share),
        BEYOND,
    );
    for (difference, _) in row
        .differences
        .iter()
        .zip(&head.has_difference)
        .filter(|(_, has)| **has)
    {
        three(&mut cells, difference.as_ref(), BEYOND);
    }
    cells.push(head.trials.to_string());
    cells
}

/// A row from its cells, as far as they tell; none, if they are not those of a row with this header.
#[must_use]
pub fn row(head: &Head, cells: &csv::StringRecord) -> Option<Row> {
    if cells.len() != header(head).len() {
        return None;
    }
    let mut cells = cells.iter();
    let number = cells.next()?.parse().ok()?;
    let axes = head.axes.iter().map(|_| Some(filled(cells.next()?)));
    let axes = axes.collect::<Option<Vec<_>>>()?;
    let figures = head.figures.iter().map(|_| figure(head, &three(&mut cells)?));
    let figures = figures.collect::<Option<Vec<_>>>()?;
    let gate = filled(cells.next()?);
    let bottleneck = gate.zip(figure(head, &three(&mut cells)?));
    let differences = head.has_difference.iter().map(|has| {
        let cells = if *has { three(&mut cells)? } else { [""; 3] };
        let difference = figure(head, &cells);
        (difference.is_some() || cells.concat().is_empty()).then_some(difference)
    });
    Some(Row {
        number,
        cells: axes,
        figures,
        differences: differences.collect::<Option<Vec<_>>>()?,
        bottleneck,
    })
}

/// What stands in a cell, if anything does.
fn filled(cell: &str) -> Option<String> {
    (!cell.is_empty()).then(|| cell.to_owned())
}

/// The next three cells.
fn three<'c>(cells: &mut impl Iterator<Item = &'c str>) -> Option<[&'c str; 3]> {
    Some([cells.next()?, cells.next()?, cells.next()?])
}

/// The figure in three cells, if they hold one.
fn figure(head: &Head, cells: &[&str; 3]) -> Option<Estimate> {
    let [estimate, low, high] = cells.map(read_plain);
    Some(Estimate {
        estimate: estimate?,
        low: low?,
        high: high?,
        trials: head.trials,
    })
}

/// The most points that the terminal shows; files hold all of them.
pub const MOST_SHOWN: usize = 400;

/// Columns of the longest bar.
const BAR: usize = 40;

/// The answer for people: a bar a point, or a map of two axes, of the first figure.
#[must_use]
pub fn answer(head: &Head, base: Option<&Row>, rows: &[Row], points: u64) -> String {
    let Some((name, _)) = head.figures.first() else {
        return String::new();
    };
    let mut text = format!("{}\n\n{}", line(&head.title), line(name));
    if let Some(base) = base {
        let _ = write!(text, ": {} as it stands", shown(&base.figures[0], head));
    }
    text.push('\n');
    text += &map(head, rows, points).unwrap_or_else(|| bars(head, rows));
    if points > rows.len() as u64 {
        let _ = writeln!(text, "… and {} points more", points - rows.len() as u64);
    }
    let _ = write!(
        text,
        "\nEach of {points} points from the same {} futures (seed {}).\n",
        super::number::thousands(head.trials as f64, 0),
        head.seed
    );
    text
}

/// A figure of the first metric in few digits.
fn shown(figure: &Estimate, head: &Head) -> String {
    let (name, is_part) = &head.figures[0];
    if figure.estimate.is_infinite() {
        endless(name).to_owned()
    } else if *is_part {
        format!("{:.1} %", 100.0 * figure.estimate)
    } else {
        format!("{:.1}", figure.estimate)
    }
}

/// The longest value that is shown, from which bars and shades are measured.
fn most(rows: &[Row]) -> f64 {
    let finite = rows
        .iter()
        .map(|row| row.figures[0].estimate)
        .filter(|estimate| estimate.is_finite());
    finite.fold(0.0, f64::max)
}

/// A table with a bar a point.
fn bars(head: &Head, rows: &[Row]) -> String {
    let most = most(rows);
    let mut table = Table::new();
    table.load_style(TableStyle::new());
    let axes = head.axes.iter().map(|axis| line(axis).into_owned());
    let header = axes.chain([String::new(), String::new()]);
    table.set_header(header);
    for row in rows {
        let figure = &row.figures[0];
        let cells = row
            .cells
            .iter()
            .map(|cell| line(cell.as_deref().unwrap_or("·")).into_owned());
        let cells: Vec<String> = cells
            .chain([shown(figure, head), bar(figure.estimate, most)])
            .collect();
        table.add_row(cells);
    }
    for column in 0..=head.axes.len() {
        if let Some(column) = table.column_mut(column) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    trimmed(&table)
}

/// A bar in eighths of a column.
fn bar(value: f64, most: f64) -> String {
    const PARTS: [&str; 8] = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];
    if !value.is_finite() || most <= 0.0 {
        return String::new();
    }
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "at most the eighths of a bar"
    )]
    let eighths = (value / most * (8 * BAR) as f64).round() as usize;
    format!("{}{}", "█".repeat(eighths / 8), PARTS[eighths % 8])
}

/// A heat map, if the points are a grid of two axes: the first one downwards, the second to the right.
fn map(head: &Head, rows: &[Row], points: u64) -> Option<String> {
    let [down, right] = head.axes.as_slice() else {
        return None;
    };
    let distinct = |axis: usize| {
        let mut found: Vec<&String> = Vec::new();
        for row in rows {
            let cell = row.cells[axis].as_ref()?;
            if !found.contains(&cell) {
                found.push(cell);
            }
        }
        Some(found)
    };
    let (lines, columns) = (distinct(0)?, distinct(1)?);
    if lines.len() < 2
        || columns.len() < 2
        || lines.len() * columns.len() != rows.len()
        || rows.len() as u64 != points
    {
        return None;
    }
    let most = most(rows);
    let mut table = Table::new();
    table.load_style(TableStyle::new());
    let corner = format!("{} ↓  {} →", line(down), line(right));
    table.set_header(std::iter::once(corner).chain(columns.iter().map(|column| line(column).into_owned())));
    for (value, rows) in lines.iter().zip(rows.chunks(columns.len())) {
        let cells = rows.iter().map(|row| {
            let figure = &row.figures[0];
            format!("{} {}", shade(figure.estimate, most), shown(figure, head))
        });
        table.add_row(std::iter::once(line(value).into_owned()).chain(cells));
    }
    for column in 0..=columns.len() {
        if let Some(column) = table.column_mut(column) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    Some(trimmed(&table))
}

/// A shade for a value: the darker the larger.
fn shade(value: f64, most: f64) -> &'static str {
    const SHADES: [&str; 5] = ["   ", "░░░", "▒▒▒", "▓▓▓", "███"];
    if !value.is_finite() || most <= 0.0 {
        return SHADES[0];
    }
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 to 4")]
    let place = (value / most * 4.0).round() as usize;
    SHADES[place.min(4)]
}

/// A table without blanks at the ends of lines.
fn trimmed(table: &Table) -> String {
    let lines = table.to_string();
    let lines: Vec<&str> = lines.lines().map(str::trim_end).collect();
    lines.join("\n") + "\n"
}

/// Everything as JSON, one object a point.
#[must_use]
pub fn json(head: &Head, row: &Row) -> serde_json::Value {
    let figures = head.figures.iter().zip(row.figures.iter().zip(&row.differences));
    let figures: serde_json::Map<String, serde_json::Value> = figures
        .map(|((name, _), (figure, difference))| {
            (
                name.clone(),
                serde_json::json!({ "figure": figure, "difference": difference }),
            )
        })
        .collect();
    let axes: serde_json::Map<String, serde_json::Value> = head
        .axes
        .iter()
        .cloned()
        .zip(row.cells.iter().map(|cell| serde_json::json!(cell)))
        .collect();
    let bottleneck = row
        .bottleneck
        .as_ref()
        .map(|(gate, share)| serde_json::json!({ "gate": gate, "share": share }));
    serde_json::json!({ "point": row.number, "axes": axes, "figures": figures, "main_bottleneck": bottleneck })
}
