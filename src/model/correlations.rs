//! Correlations: from lists of addresses and numbers to copulas that can be drawn.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use nalgebra::{DMatrix, SymmetricEigen};

use super::catalogue::Catalogue;
use super::{Correlation, Dependence};
use crate::diagnostic::{Diagnostic, Diagnostics, Rule, Span};
use crate::scenario::address::Address;
use crate::scenario::{Correlation as Written, Scenario};

/// How far below zero the smallest eigenvalue may be through rounding.
const ROUNDING: f64 = 1e-10;

/// What belongs to a correlation already: to which, by its place in the file, and the place that says so.
type Taken<'c> = HashMap<&'c Address, (usize, Span)>;

/// All correlations of a scenario; faults are reported.
pub(super) fn resolve(
    scenario: &Scenario,
    catalogue: &Catalogue,
    diagnostics: &mut Diagnostics,
) -> Vec<Correlation> {
    let mut taken = Taken::new();
    let mut correlations = Vec::new();
    for (group, written) in scenario.correlations.iter().enumerate() {
        let before = diagnostics.errors();
        let members = members((group, written), catalogue, &mut taken, diagnostics);
        let is_whole = diagnostics.errors() == before && !diagnostics.is_unread(&written.address.to_string());
        let structure = is_whole
            .then(|| structure(written, &members, diagnostics))
            .flatten();
        let members = members.into_iter().map(Address::text).collect();
        // A faulty one keeps its place, so that the others keep their index.
        let structure = structure.unwrap_or(Dependence::CommonFactor { rho: 0.0 });
        correlations.push(Correlation {
            address: written.address.to_string(),
            members,
            structure,
        });
    }
    correlations
}

/// The members of one correlation, in listed order; those that a wildcard covers in the order of their addresses.
fn members<'c>(
    (group, written): (usize, &Written),
    catalogue: &'c Catalogue,
    taken: &mut Taken<'c>,
    diagnostics: &mut Diagnostics,
) -> Vec<&'c Address> {
    let mut members = Vec::new();
    for pattern in &written.of.0 {
        for (address, kind) in catalogue.covered(pattern, diagnostics) {
            if !kind.is_drawn() {
                if pattern.value.is_pattern() {
                    continue;
                }
                let message = format!("`{address}` is the same in every trial, so it cannot be correlated");
                diagnostics.push(Diagnostic::at(Rule::WrongTarget, pattern.span, message, ""));
                continue;
            }
            match taken.entry(address) {
                Entry::Vacant(free) => {
                    free.insert((group, pattern.span));
                    members.push(address);
                }
                Entry::Occupied(by) if by.get().0 == group => {}
                Entry::Occupied(by) => {
                    let message = format!("`{address}` belongs to two correlations");
                    let fault = Diagnostic::at(Rule::CorrelatedTwice, pattern.span, message, "again here")
                        .context(by.get().1, "first here");
                    diagnostics.push(fault.help("put all that hang together into one matrix"));
                }
            }
        }
    }
    members
}

fn structure(written: &Written, members: &[&Address], diagnostics: &mut Diagnostics) -> Option<Dependence> {
    if members.is_empty() {
        let message = format!("`{}` has no member that is drawn", written.address);
        diagnostics.push(
            Diagnostic::at(Rule::WrongTarget, written.span, message, "").help("a correlation takes two"),
        );
        return None;
    }
    if let [single] = members {
        let message = format!("`{}` has one member that is drawn, `{single}`", written.address);
        diagnostics.push(
            Diagnostic::at(Rule::WrongTarget, written.span, message, "").help("a correlation takes two"),
        );
        return None;
    }
    match (&written.rho, &written.matrix) {
        (Some(rho), None) => common(rho.value, rho.span, members, diagnostics),
        (None, Some(matrix)) => cholesky(&matrix.value, matrix.span, members, diagnostics),
        (None, None) => {
            let message = format!("`{}` has neither `rho` nor `matrix`", written.address);
            diagnostics
                .push(Diagnostic::at(Rule::MissingKey, written.span, message, "").help("such as rho = 0.4"));
            None
        }
        (Some(rho), Some(matrix)) => {
            let message = format!("`{}` has both `rho` and `matrix`", written.address);
            let fault = Diagnostic::at(Rule::Contradiction, matrix.span, message, "the matrix")
                .context(rho.span, "the number");
            diagnostics.push(fault.help("keep one of them"));
            None
        }
    }
}

/// One correlation between each two members.
fn common(rho: f64, span: Span, members: &[&Address], diagnostics: &mut Diagnostics) -> Option<Dependence> {
    #[allow(clippy::cast_precision_loss, reason = "a copula has few members")]
    let least = -1.0 / (members.len().max(2) - 1) as f64;
    if (0.0..=1.0).contains(&rho) {
        return Some(Dependence::CommonFactor { rho });
    }
    if rho < 0.0 && rho >= least {
        let size = members.len();
        let matrix = DMatrix::from_fn(size, size, |row, column| if row == column { 1.0 } else { rho });
        return Some(Dependence::Cholesky {
            rows: lower_triangle(&matrix),
        });
    }
    let message = format!(
        "{} quantities cannot all have the correlation {rho} with each other",
        members.len()
    );
    let fault = Diagnostic::at(Rule::CorrelationMatrix, span, message, "");
    diagnostics.push(fault.help(format!(
        "it must lie between {least:.4} and 1; the nearest is {:.4}",
        rho.clamp(least, 1.0)
    )));
    None
}

fn cholesky(
    rows: &[Vec<f64>],
    span: Span,
    members: &[&Address],
    diagnostics: &mut Diagnostics,
) -> Option<Dependence> {
    let size = rows.len();
    let refuse = |message: String| Diagnostic::at(Rule::CorrelationMatrix, span, message, "");
    if size != members.len() || rows.iter().any(|row| row.len() != size) {
        let message = format!(
            "the matrix must have {0} rows of {0} numbers, one for each member",
            members.len()
        );
        let names: Vec<String> = members.iter().map(|member| format!("`{member}`")).collect();
        diagnostics.push(refuse(message).help(format!("the members are {}", names.join(", "))));
        return None;
    }
    let matrix = DMatrix::from_fn(size, size, |row, column| rows[row][column]);
    let is_symmetric = (0..size)
        .all(|row| (0..row).all(|column| matrix[(row, column)].to_bits() == matrix[(column, row)].to_bits()));
    let has_unit_diagonal = (0..size).all(|row| matrix[(row, row)].to_bits() == 1.0_f64.to_bits());
    let is_within = matrix.iter().all(|entry| entry.abs() <= 1.0);
    let is_shaped = has_unit_diagonal && is_symmetric && is_within;
    let smallest = if is_shaped {
        SymmetricEigen::new(matrix.clone()).eigenvalues.min()
    } else {
        0.0
    };
    let reason = if !has_unit_diagonal {
        "its diagonal must be 1".to_owned()
    } else if !is_symmetric {
        "it must be symmetric".to_owned()
    } else if !is_within {
        "its entries must lie between -1 and 1".to_owned()
    } else if smallest < -ROUNDING {
        format!("no quantities can hang together like this: its smallest eigenvalue is {smallest:.4}")
    } else {
        return Some(Dependence::Cholesky {
            rows: lower_triangle(&matrix),
        });
    };
    let help = if size > MOST_SHOWN {
        format!("the nearest one is worked out for at most {MOST_SHOWN} members")
    } else {
        format!("the nearest one is {}", in_words(&nearest(&symmetric(&matrix))))
    };
    diagnostics.push(refuse(format!("this is no correlation matrix: {reason}")).help(help));
    None
}

/// The most members for which the nearest matrix is worked out: it takes hundreds of decompositions, and a larger one can hardly
/// be read.
const MOST_SHOWN: usize = 12;

fn symmetric(matrix: &DMatrix<f64>) -> DMatrix<f64> {
    (matrix + matrix.transpose()) * 0.5
}

/// The lower triangular factor, row by row. Accepts semi-definite matrices: a pivot that rounding leaves at or below
/// zero ends its column.
///
/// Golub and Van Loan, Matrix Computations, 4th edition, algorithm 4.2.1 (plain outer-product form).
fn lower_triangle(matrix: &DMatrix<f64>) -> Vec<Vec<f64>> {
    let size = matrix.nrows();
    let mut rows: Vec<Vec<f64>> = (0..size).map(|row| vec![0.0; row + 1]).collect();
    for row in 0..size {
        for column in 0..=row {
            let known: f64 = (0..column).map(|k| rows[row][k] * rows[column][k]).sum();
            let rest = matrix[(row, column)] - known;
            rows[row][column] = if row == column {
                rest.max(0.0).sqrt()
            } else if rows[column][column] > 1e-8 {
                rest / rows[column][column]
            } else {
                0.0
            };
        }
    }
    rows
}

/// The nearest correlation matrix in the Frobenius norm, by alternating projections with Dykstra's correction.
///
/// Higham (2002), Computing the nearest correlation matrix, IMA Journal of Numerical Analysis 22, algorithm 3.3. It is
/// then shrunk a little towards the identity, so that the digits that are shown are one too.
fn nearest(matrix: &DMatrix<f64>) -> DMatrix<f64> {
    let size = matrix.nrows();
    let mut y = matrix.clone();
    let mut correction = DMatrix::zeros(size, size);
    for _ in 0..500 {
        let r = &y - &correction;
        let eigen = SymmetricEigen::new(r.clone());
        let positive = DMatrix::from_diagonal(&eigen.eigenvalues.map(|value| value.max(0.0)));
        let x = &eigen.eigenvectors * positive * eigen.eigenvectors.transpose();
        correction = &x - &r;
        y = x;
        y.fill_diagonal(1.0);
    }
    let mut shown = y.map(|entry| ((entry * 0.9995) * 1000.0).round() / 1000.0);
    shown.fill_diagonal(1.0);
    shown
}

fn in_words(matrix: &DMatrix<f64>) -> String {
    let rows: Vec<String> = matrix
        .row_iter()
        .map(|row| {
            format!(
                "[{}]",
                row.iter()
                    .map(|entry| format!("{entry}"))
                    .collect::<Vec<_>>()
                    .join(", ")
            )
        })
        .collect();
    format!("[{}]", rows.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_factor_gives_the_matrix_back() {
        let matrix = DMatrix::from_row_slice(3, 3, &[1.0, 0.5, 0.2, 0.5, 1.0, -0.3, 0.2, -0.3, 1.0]);
        let rows = lower_triangle(&matrix);
        for row in 0..3 {
            for column in 0..=row {
                let product: f64 = (0..=column).map(|k| rows[row][k] * rows[column][k]).sum();
                assert!((product - matrix[(row, column)]).abs() < 1e-12);
            }
        }
    }

    /// The example of Higham (2002), section 1: the nearest matrix to this one has 0.7607 and 0.1573 off the diagonal.
    #[test]
    fn the_nearest_matrix_is_the_published_one() {
        let matrix = DMatrix::from_row_slice(3, 3, &[1.0, 1.0, 0.0, 1.0, 1.0, 1.0, 0.0, 1.0, 1.0]);
        let near = nearest(&matrix);
        assert!((near[(0, 1)] - 0.7607).abs() < 2e-3, "{near}");
        assert!((near[(0, 2)] - 0.1573).abs() < 2e-3, "{near}");
        assert!(SymmetricEigen::new(near).eigenvalues.min() >= -ROUNDING);
    }
}
