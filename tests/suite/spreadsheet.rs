//! The CSV files in `LibreOffice`: numbers arrive as numbers and dates as dates.
//!
//! Needs `soffice`. Where that is missing the test says so and passes, unless `CEASEFIRE_REQUIRE_LIBREOFFICE` is set,
//! as `.ci/run` does after installing it.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

/// Cells of one row: the type that `LibreOffice` gave each, and its value.
type Row = Vec<(String, String)>;

#[test]
fn libreoffice_finds_numbers_and_dates() {
    if Command::new("soffice").arg("--version").output().is_err() {
        assert!(
            std::env::var_os("CEASEFIRE_REQUIRE_LIBREOFFICE").is_none(),
            "soffice is required and missing"
        );
        eprintln!("not tried: LibreOffice (soffice) is not installed");
        return;
    }
    let place = TempDir::new().expect("a temporary folder can be had");
    run(place.path(), &["new", "plan.toml"]);
    run(
        place.path(),
        &["run", "plan.toml", "--trials", "2000", "--out", "out", "--quiet"],
    );
    for (file, numbers, dates) in [
        (
            "summary.csv",
            &["estimate", "low", "high", "confidence", "trials"][..],
            &["date"][..],
        ),
        (
            "readiness.csv",
            &["day", "ready_by", "ready_by_low", "ready_at", "trials"],
            &["date"],
        ),
        ("gates.csv", &["bottleneck", "bottleneck_low", "decisive"], &[]),
        (
            "capabilities.csv",
            &["day", "mean", "p05", "p50", "p95_high"],
            &["date"],
        ),
        (
            "contributors.csv",
            &["day", "pledged_by", "low", "high"],
            &["date"],
        ),
    ] {
        let rows = open(place.path(), file);
        let columns = columns(&rows);
        for name in numbers {
            expect(&columns, file, name, "float");
        }
        for name in dates {
            expect(&columns, file, name, "date");
        }
    }
}

/// Every cell of a column that is not empty (or `beyond`) has a type.
fn expect(columns: &BTreeMap<String, Row>, file: &str, name: &str, kind: &str) {
    let cells = columns
        .get(name)
        .unwrap_or_else(|| panic!("{file} has no column {name}"));
    let filled: Vec<_> = cells
        .iter()
        .filter(|(_, value)| !value.is_empty() && value != "beyond")
        .collect();
    assert!(!filled.is_empty(), "{file}: {name} is empty");
    for (found, value) in filled {
        assert_eq!(found, kind, "{file}: {name} holds {value:?}");
    }
}

fn run(place: &Path, arguments: &[&str]) {
    let status = Command::new(env!("CARGO_BIN_EXE_ceasefire"))
        .args(arguments)
        .current_dir(place)
        .status();
    assert!(
        status.expect("the program can be started").success(),
        "{arguments:?}"
    );
}

/// The rows of a CSV file after `LibreOffice` has opened it and saved it as a flat `OpenDocument` sheet.
fn open(place: &Path, file: &str) -> Vec<Row> {
    let profile = format!("-env:UserInstallation=file://{}", place.join("profile").display());
    let output = Command::new("soffice")
        .args([&profile, "--headless", "--convert-to", "fods", "--outdir"])
        .arg(place.join("opened"))
        .arg(place.join("out").join(file))
        .output()
        .expect("soffice can be started");
    let opened = place.join("opened").join(file).with_extension("fods");
    let text = fs::read_to_string(&opened).unwrap_or_else(|error| panic!("{file}: {error}, {output:?}"));
    rows(&text)
}

/// The table of a flat `OpenDocument` sheet.
fn rows(text: &str) -> Vec<Row> {
    let table = text.split("<table:table ").nth(1).expect("a sheet");
    table
        .split("<table:table-row")
        .skip(1)
        .map(row)
        .filter(|row| row.iter().any(|(_, value)| !value.is_empty()))
        .collect()
}

fn row(text: &str) -> Row {
    let mut cells = Row::new();
    for cell in text.split("<table:table-cell").skip(1) {
        let tag = cell.split('>').next().unwrap_or_default();
        let attribute = |name: &str| {
            let start = tag.find(&format!("{name}=\""))? + name.len() + 2;
            Some(tag[start..].split('"').next().unwrap_or_default().to_owned())
        };
        let kind = attribute("office:value-type").unwrap_or_default();
        let shown = cell
            .split("<text:p>")
            .nth(1)
            .and_then(|rest| rest.split("</text:p>").next())
            .unwrap_or_default();
        let repeat: usize = attribute("table:number-columns-repeated")
            .and_then(|count| count.parse().ok())
            .unwrap_or(1);
        for _ in 0..repeat.min(64) {
            cells.push((kind.clone(), shown.to_owned()));
        }
    }
    cells
}

/// Columns by the names in the first row.
fn columns(rows: &[Row]) -> BTreeMap<String, Row> {
    let (header, body) = rows.split_first().expect("a header");
    let mut columns = BTreeMap::new();
    for (index, (_, name)) in header
        .iter()
        .enumerate()
        .filter(|(_, (_, name))| !name.is_empty())
    {
        let cells = body.iter().filter_map(|row| row.get(index).cloned()).collect();
        columns.insert(name.clone(), cells);
    }
    columns
}
