//! A small plot of the chance to be ready, over time.

use anstyle::Style;

use super::super::number::{moment, plain};
use crate::estimate::Results;

/// Lines of the plot without its axis.
const ROWS: usize = 8;

/// Blocks of one to eight eighths of a line.
const BLOCKS: [char; 9] = [' ', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/// Columns of the figures at the left, with the axis.
const MARGIN: usize = 9;

/// Columns that a date takes.
const DATE: usize = 10;

/// Where the upright axis may end.
const TOPS: [f64; 10] = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0];

/// The chance that the mission has been ready by each day, as columns of blocks; none if it is never ready, or if
/// there is but one day.
pub fn ready_by(results: &Results, width: usize, bars: Style) -> Option<String> {
    let figures = &results.mission.ready_by;
    let last = figures.len().checked_sub(1).filter(|last| *last > 0)?;
    let highest = figures[last].estimate;
    let columns = width.checked_sub(MARGIN).filter(|columns| *columns >= 3 * DATE)?;
    if highest <= 0.0 {
        return None;
    }
    let top = TOPS.into_iter().find(|top| *top >= highest).unwrap_or(1.0);
    let day = |column: usize| (column * last + (columns - 1) / 2) / (columns - 1);
    let levels: Vec<usize> = (0..columns)
        .map(|column| level(figures[day(column)].estimate / top))
        .collect();
    let mut lines: Vec<String> = (0..ROWS).map(|row| line(row, &levels, top, bars)).collect();
    lines.extend(axis(columns, |column| moment(results, day(column) as f64)));
    Some(lines.join("\n"))
}

/// The height of a column in eighths of a line.
#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "between 0 and the height of the plot"
)]
fn level(part: f64) -> usize {
    (part * (ROWS * 8) as f64).round().clamp(0.0, (ROWS * 8) as f64) as usize
}

/// One line of the plot, the topmost first.
fn line(row: usize, levels: &[usize], top: f64, bars: Style) -> String {
    let below = (ROWS - 1 - row) * 8;
    let blocks: String = levels
        .iter()
        .map(|level| BLOCKS[level.saturating_sub(below).min(8)])
        .collect();
    let (mark, edge) = match row {
        0 => (percent(top), '┤'),
        row if row == ROWS / 2 => (percent(top / 2.0), '┤'),
        _ => (String::new(), '│'),
    };
    let blocks = blocks.trim_end();
    if blocks.is_empty() {
        return format!("{mark:>7} {edge}");
    }
    format!("{mark:>7} {edge}{bars}{blocks}{bars:#}")
}

fn percent(value: f64) -> String {
    format!("{} %", plain(100.0 * value))
}

/// The level axis, and below it the dates of its marks.
fn axis(columns: usize, date: impl Fn(usize) -> String) -> [String; 2] {
    let marks = (columns / (2 * DATE)).clamp(2, 5);
    let mut line = vec!['─'; columns];
    let mut dates = String::new();
    for mark in 0..marks {
        let column = mark * (columns - 1) / (marks - 1);
        line[column] = '┬';
        let date = date(column);
        let length = date.chars().count();
        // The first date begins below its mark, the last one ends there, and those between are centred.
        let start = match mark {
            0 => 0,
            mark if mark + 1 == marks => columns.saturating_sub(length),
            _ => column.saturating_sub(length / 2),
        };
        let blank = start.saturating_sub(dates.chars().count());
        dates.extend(std::iter::repeat_n(' ', blank));
        dates.push_str(&date);
    }
    let line: String = line.into_iter().collect();
    [format!("{:>7} ┼{line}", "0 %"), format!("{:MARGIN$}{dates}", "")]
}

#[cfg(test)]
mod tests {
    use super::super::super::sample::{report, rising};
    use super::*;

    #[test]
    fn it_fits_its_width_and_has_few_lines() {
        for width in [40, 60, 80, 110] {
            let plot = ready_by(&report().results, width, Style::new()).unwrap();
            assert_eq!(plot.lines().count(), ROWS + 2);
            assert!(plot.lines().all(|line| line.chars().count() <= width), "{plot}");
            assert_eq!(plot.lines().last().unwrap().chars().count(), width);
        }
    }

    #[test]
    fn there_is_none_where_there_is_nothing_to_see() {
        let mut results = report().results;
        assert!(ready_by(&results, 20, Style::new()).is_none());
        results.mission.ready_by = rising(0.0);
        assert!(ready_by(&results, 80, Style::new()).is_none());
        results.mission.ready_by.truncate(1);
        assert!(ready_by(&results, 80, Style::new()).is_none());
    }

    #[test]
    fn a_full_column_is_full() {
        let mut results = report().results;
        results.mission.ready_by = rising(1.0);
        let plot = ready_by(&results, 80, Style::new()).unwrap();
        assert!(plot.starts_with("  100 % ┤"), "{plot}");
        assert!(plot.lines().take(ROWS).all(|line| line.ends_with('█')), "{plot}");
    }
}
