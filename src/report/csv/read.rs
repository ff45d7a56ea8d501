//! `summary.csv` read back: what a result tells, to the digits in which it tells it.

use super::super::number::read_plain;
use super::BYTE_ORDER_MARK;
use crate::changes::Told;
use crate::estimate::Estimate;

/// All figures of a `summary.csv`, in order.
///
/// # Errors
/// A sentence, if it is none, or not whole.
pub fn summary(bytes: &[u8]) -> Result<Vec<Told>, String> {
    let bytes = bytes.strip_prefix(BYTE_ORDER_MARK).unwrap_or(bytes);
    if !bytes.ends_with(b"\n") {
        return Err("it does not end with the end of a row".to_owned());
    }
    let mut reader = ::csv::Reader::from_reader(bytes);
    let header = reader.headers().map_err(|error| error.to_string())?.clone();
    let column = |name: &str| {
        let found = header.iter().position(|known| known == name);
        found.ok_or_else(|| format!("it has no column `{name}`"))
    };
    let [subject, metric, day] = [column("subject")?, column("metric")?, column("day")?];
    let [estimate, low, high, trials] = [
        column("estimate")?,
        column("low")?,
        column("high")?,
        column("trials")?,
    ];
    let mut figures = Vec::new();
    for (number, row) in reader.records().enumerate() {
        let row = row.map_err(|error| error.to_string())?;
        let broken = |what: &str| format!("row {} has no {what}", number + 2);
        let value = |place: usize| read_plain(&row[place]).ok_or_else(|| broken(&header[place]));
        let day = Some(&row[day]).filter(|day| !day.is_empty());
        figures.push(Told {
            subject: row[subject].to_owned(),
            metric: row[metric].to_owned(),
            day: day.map(str::parse).transpose().map_err(|_| broken("day"))?,
            figure: Estimate {
                estimate: value(estimate)?,
                low: value(low)?,
                high: value(high)?,
                trials: row[trials].parse().map_err(|_| broken("trials"))?,
            },
        });
    }
    if figures.is_empty() {
        return Err("it has no rows".to_owned());
    }
    Ok(figures)
}

#[cfg(test)]
mod tests {
    use super::super::super::sample;
    use super::*;

    #[test]
    fn what_was_written_is_read() {
        let report = sample::report();
        let bytes = super::super::bytes_of(super::super::summary, &report);
        let told = summary(&bytes).expect("it was written whole");
        let lines = bytes.iter().filter(|&&byte| byte == b'\n').count();
        assert_eq!(told.len() + 1, lines);
        let figure = |name: &str| {
            let found = told.iter().find(|told| told.name() == name);
            found.unwrap_or_else(|| panic!("there is no {name}")).figure
        };
        assert_eq!(figure("mission:time_p95").estimate, f64::INFINITY);
        assert_eq!(figure("mission:time_p25"), report.results.mission.times[2].value);
        let (found, written) = (figure("mission:ready_by@60"), report.results.mission.ready_by[60]);
        assert!((found.low - written.low).abs() < 1e-9 && found.trials == written.trials);
        let marked = [BYTE_ORDER_MARK, &bytes].concat();
        assert_eq!(summary(&marked), Ok(told));
    }

    #[test]
    fn what_is_no_summary_is_refused() {
        let bytes = super::super::bytes_of(super::super::summary, &sample::report());
        assert!(summary(b"").is_err());
        assert!(summary(b"a,b\r\n1,2\r\n").is_err());
        assert!(summary(&bytes[..bytes.len() / 2]).is_err());
        let header = bytes
            .split_inclusive(|&byte| byte == b'\n')
            .next()
            .expect("a line");
        assert!(summary(header).is_err());
    }
}
