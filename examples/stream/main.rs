//! Writes the draws of the generator to the standard output as little-endian words of 32 bits, for a battery of tests
//! that reads a stream: `stream ORDER [BYTES]`, endless without the number. `docs/statistics.md` tells how it is used.

mod orders;

use std::io::{self, ErrorKind, Write};
use std::process::ExitCode;

use orders::{ORDERS, Order};

/// Words that are written at once.
const BLOCK: u64 = 1 << 14;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let Some((order, bytes)) = read(&arguments) else {
        eprintln!("usage: stream ORDER [BYTES]");
        for (name, meaning) in ORDERS {
            eprintln!("  {name:16} {meaning}");
        }
        return ExitCode::from(2);
    };
    match write(&order, bytes) {
        // A battery that has read enough closes the pipe.
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            eprintln!("{error}");
            ExitCode::from(4)
        }
        _ => ExitCode::SUCCESS,
    }
}

/// The order, and how many bytes.
fn read(arguments: &[String]) -> Option<(Order, u64)> {
    let (name, bytes) = match arguments {
        [name] => (name, u64::MAX),
        [name, bytes] => (name, bytes.parse().ok()?),
        _ => return None,
    };
    Some((Order::named(name)?, bytes))
}

fn write(order: &Order, bytes: u64) -> io::Result<()> {
    let mut sink = io::stdout().lock();
    let (mut left, mut buffer) = (bytes, Vec::new());
    for first in (0..).step_by(1 << 14) {
        buffer.clear();
        buffer.extend((first..first + BLOCK).flat_map(|place| order.word(place).to_le_bytes()));
        let length = usize::try_from(left).unwrap_or(usize::MAX).min(buffer.len());
        sink.write_all(&buffer[..length])?;
        left -= length as u64;
        if left == 0 {
            break;
        }
    }
    sink.flush()
}
