//! Tables that are longer than a sheet: a spreadsheet drops what does not fit, and hardly says so.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;

use super::terminal;

/// Rows of a sheet of Excel and `LibreOffice` Calc.
const MOST_ROWS: usize = 1_048_576;

/// Says of each table in a folder, just written, that does not fit on a sheet that it does not.
pub fn tell_long(folder: &Path) {
    let files = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut tables: Vec<_> = files.map(|entry| entry.path()).collect();
    tables.retain(|path| path.extension().is_some_and(|extension| extension == "csv"));
    tables.sort();
    for table in tables.iter().filter(|table| is_longer(table, MOST_ROWS)) {
        terminal::tell(&format!(
            "note: {} has more than the 1,048,576 rows of a spreadsheet's sheet, which drops the others; read it with a program",
            table.display()
        ));
    }
}

/// Whether a table has more rows than so many; no more of it is read than that takes.
fn is_longer(table: &Path, rows: usize) -> bool {
    let Ok(file) = File::open(table) else {
        return false;
    };
    // A row has its break at least, so most tables need not be read at all.
    let is_small = |file: &File| file.metadata().is_ok_and(|found| found.len() <= rows as u64);
    if is_small(&file) {
        return false;
    }
    let mut reader = BufReader::with_capacity(1 << 16, file);
    let mut found = 0;
    while let Ok(bytes) = reader.fill_buf()
        && !bytes.is_empty()
        && found <= rows
    {
        let length = bytes.len();
        found += bytes.iter().filter(|byte| **byte == b'\n').count();
        reader.consume(length);
    }
    found > rows
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_is_longer_than_its_rows() {
        let folder = tempfile::tempdir().expect("a folder");
        let table = folder.path().join("a.csv");
        std::fs::write(&table, "trial,x\r\n".repeat(1000)).expect("it can be written");
        assert!(is_longer(&table, 999));
        assert!(!is_longer(&table, 1000));
        assert!(!is_longer(&table, 1_000_000));
        assert!(!is_longer(&folder.path().join("none.csv"), 0));
    }
}
