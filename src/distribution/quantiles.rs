//! `quantiles`: a smooth law through any percentiles.
//!
//! Meaning: an expert's percentiles as they are, without a family behind them. Formula (Keelin
//! 2016, The Metalog Distributions, Decision Analysis 13, 243–277): Q(u) = B(c) + A(c) ln(u/(1−u)),
//! with c = u − ½ and polynomials A and B, with as many coefficients in all as there are
//! percentiles: a₁ | a₂ ln | a₃ c ln | a₄ c | a₅ c² | a₆ c² ln | a₇ c³ | … Two percentiles make a
//! logistic law. With `lower`, `upper` or both the curve has ends, and is one of logarithms (`ends`).
//!
//! Limits: two to [`MOST_POINTS`] percentiles with increasing values, for which Q increases everywhere. Where it does not,
//! the bounds that lie outside the percentiles become ends; where it still does not, it is refused. Without ends it usually
//! reaches below zero: bound it for durations and amounts.

use std::sync::Arc;

use crate::distribution::arguments::Faults;
use crate::distribution::special::polynomial;
use crate::distribution::{Arguments, Bounds, Family, Law, Parameter, ParameterKind, Refusal, integrate};

mod ends;

use ends::{Ended, Ends};

/// Stands, in the registry, for every key of the form `p10`, `p50`, `p2.5` or `p2_5`.
pub const OPEN_KEY: &str = "p*";

/// The largest number of percentiles: beyond, the polynomials are ill-conditioned.
pub const MOST_POINTS: usize = 12;

/// The registry's entry. Its keys are open: [`OPEN_KEY`].
pub const FAMILY: Family = Family {
    name: "quantiles",
    summary: "A smooth curve through any percentiles, such as p10, p50 and p90 (a metalog); usually to be bounded.",
    parameters: &[
        Parameter {
            key: OPEN_KEY,
            kind: ParameterKind::Value,
            meaning: "that percentile: p10, p50, p90, p2_5 or \"p2.5\", …",
        },
        Parameter {
            key: "lower",
            kind: ParameterKind::Value,
            meaning: "where the curve ends below, under all percentiles; nowhere if absent",
        },
        Parameter {
            key: "upper",
            kind: ParameterKind::Value,
            meaning: "where the curve ends above, over all percentiles; nowhere if absent",
        },
    ],
    alternatives: &[&[OPEN_KEY]],
    optional: &["lower", "upper"],
    example: "{ quantiles = { p10 = 20, p50 = 45, p90 = 90 } }",
    build,
};

/// The probability that a key names: `p10` is 0.1, `p2.5` and `p2_5` are 0.025; none, if it is no
/// percentile between 0 and 100.
#[must_use]
pub fn probability(key: &str) -> Option<f64> {
    let digits = key.strip_prefix('p')?.replacen('_', ".", 1);
    let is_plain = digits.starts_with(|first: char| first.is_ascii_digit())
        && digits.chars().all(|c| c.is_ascii_digit() || c == '.');
    let percent: f64 = if is_plain {
        digits.parse().ok()?
    } else {
        return None;
    };
    (percent > 0.0 && percent < 100.0).then_some(percent / 100.0)
}

/// One percentile given: its key, its probability and its value.
#[derive(Clone, Debug)]
struct Point {
    key: String,
    u: f64,
    x: f64,
}

fn build(arguments: &Arguments, bounds: Bounds) -> Result<Arc<dyn Law>, Vec<Refusal>> {
    let point = |key: &String| {
        Some(Point {
            key: key.clone(),
            u: probability(key)?,
            x: arguments.number(key)?,
        })
    };
    let mut points: Vec<Point> = arguments.0.keys().filter_map(point).collect();
    points.sort_by(|a, b| a.u.total_cmp(&b.u));
    let stated = Ends::stated(arguments);
    check(&points, stated)?;
    // Bounds cut the curve; they are its ends only where there is none to cut.
    let ended = stated.or(Ends::outside(&points, bounds));
    let through = |ends| curve(&points, ends).map(|metalog| (metalog, ends));
    match through(stated).or_else(|| through(ended)) {
        Some((metalog, ends)) if ends.are_none() => Ok(Arc::new(metalog)),
        Some((metalog, ends)) => Ok(Arc::new(Ended { metalog, ends })),
        None => Err(vec![infeasible(&points, ended)]),
    }
}

/// The points as a metalog with these ends sees them.
fn seen(points: &[Point], ends: Ends) -> Vec<Point> {
    let seen = |point: &Point| Point {
        x: ends.unbounded(point.x),
        ..point.clone()
    };
    points.iter().map(seen).collect()
}

/// The metalog through all points, if it rises everywhere.
fn curve(points: &[Point], ends: Ends) -> Option<Metalog> {
    Metalog::through(&seen(points, ends)).filter(Metalog::is_feasible)
}

/// As many percentiles as it takes, all different and increasing, and between the ends.
fn check(points: &[Point], ends: Ends) -> Result<(), Vec<Refusal>> {
    if points.len() < 2 || points.len() > MOST_POINTS {
        let message = format!("there are {} percentiles", points.len());
        return Err(vec![Refusal::of_the_whole(
            message,
            format!("give two to {MOST_POINTS}, for example {}", FAMILY.example),
        )]);
    }
    let mut faults = Faults::default();
    for pair in points.windows(2) {
        let (lower, higher) = (&pair[0], &pair[1]);
        if lower.u < higher.u {
            faults.increasing((&lower.key, lower.x), (&higher.key, higher.x));
        } else {
            let message = format!("`{}` and `{}` are the same percentile", lower.key, higher.key);
            faults.require(false, &higher.key, message, "give each percentile once");
        }
    }
    let mut outside = |key: &str, end: f64, side: &str, nearest: &Point, holds: bool| {
        let (near, x) = (&nearest.key, nearest.x);
        let message = format_args!("`{key}` is {end}, which is not {side} `{near}`, {x}");
        let help = format_args!("the curve ends at `{key}`, so it must be {side} all percentiles");
        faults.require(holds, key, message, help);
    };
    let (first, last) = (&points[0], &points[points.len() - 1]);
    if let Some(end) = ends.lower {
        outside("lower", end, "below", first, end < first.x);
    }
    if let Some(end) = ends.upper {
        outside("upper", end, "above", last, end > last.x);
    }
    faults.finish()
}

/// Why there is no law through the points, and what would help.
fn infeasible(points: &[Point], ends: Ends) -> Refusal {
    let falling = Metalog::through(&seen(points, ends))
        .and_then(|law| law.first_fall())
        .map(|u| format!(": it would fall at the percentile {}", shown(100.0 * u)));
    let message = format!(
        "no smooth curve (metalog) through these percentiles rises everywhere{}",
        falling.unwrap_or_default()
    );
    let alternative = alternative(points, ends);
    let help = match points {
        [low, middle, high] => {
            let (least, most) = feasible_middle(points, ends);
            format!(
                "between `{}` and `{}`, `{}` can be from {} to {}{alternative}",
                low.key,
                high.key,
                middle.key,
                shown(least),
                shown(most)
            )
        }
        _ => format!("leave one out, or move them towards a curve that bends less{alternative}"),
    };
    Refusal::of_the_whole(message, help)
}

/// What else could be written, where there is no lower end and all values are above 0.
fn alternative(points: &[Point], ends: Ends) -> &'static str {
    let at_zero = Ends {
        lower: Some(0.0),
        ..ends
    };
    if ends.lower.is_some() || points[0].x <= 0.0 {
        ""
    } else if curve(points, at_zero).is_some() {
        "; or add `lower = 0`: the curve that ends there rises everywhere"
    } else {
        "; or use `lognormal`, whose right tail is long by nature"
    }
}

/// A number with about four digits, for a message.
fn shown(x: f64) -> f64 {
    format!("{x:.3e}").parse().unwrap_or(x)
}

/// The least and the largest feasible value of the middle one of three percentiles. Of what the metalog is of, the feasible
/// values are an interval, as density is linear in the values; the logistic law through the outer two is inside.
fn feasible_middle(points: &[Point], ends: Ends) -> (f64, f64) {
    let seen = seen(points, ends);
    let (low, middle, high) = (&seen[0], &seen[1], &seen[2]);
    let Some(logistic) = Metalog::through(&[low.clone(), high.clone()]) else {
        return (points[0].x, points[2].x);
    };
    let is_feasible = |x: f64| {
        let points = [low.clone(), Point { x, ..middle.clone() }, high.clone()];
        Metalog::through(&points).is_some_and(|law| law.is_feasible())
    };
    let boundary = |mut bad: f64| {
        let mut good = logistic.quantile(middle.u);
        for _ in 0..30 {
            let half = 0.5 * (good + bad);
            if is_feasible(half) {
                good = half;
            } else {
                bad = half;
            }
        }
        ends.bounded(good)
    };
    (boundary(low.x), boundary(high.x))
}

/// Q(u) = `level`(c) + `slope`(c) · ln(u/(1−u)), with c = u − ½.
#[derive(Clone, Debug)]
struct Metalog {
    /// The coefficients of B, constant first.
    level: Vec<f64>,
    /// The coefficients of A, constant first.
    slope: Vec<f64>,
}

/// A probability by its log-odds z, with its distance from ½.
#[derive(Clone, Copy, Debug)]
struct At {
    z: f64,
    c: f64,
    /// u (1 − u).
    spread: f64,
}

impl At {
    /// From the smaller of u and 1 − u, and whether that is 1 − u.
    fn tail(tail: f64, is_upper: bool) -> Self {
        let (z, c) = (libm::log(tail) - libm::log1p(-tail), tail - 0.5);
        let spread = tail * (1.0 - tail);
        if is_upper {
            Self { z: -z, c: -c, spread }
        } else {
            Self { z, c, spread }
        }
    }

    fn log_odds(z: f64) -> Self {
        let e = libm::exp(-z.abs());
        let tail = e / (1.0 + e);
        Self {
            z,
            c: if z > 0.0 { 0.5 - tail } else { tail - 0.5 },
            spread: tail / (1.0 + e),
        }
    }
}

/// Whether term k (from 0) has the logarithm, and which power of c: 1, ln, c ln, c, c², c² ln, c³,
/// c³ ln, …
fn term(k: usize) -> (bool, usize) {
    match k {
        0 => (false, 0),
        1 => (true, 0),
        2 => (true, 1),
        3 => (false, 1),
        _ => (k % 2 == 1, k / 2),
    }
}

impl Metalog {
    /// The one with as many terms as there are points, through all of them; none, if the equations
    /// have no precise solution.
    fn through(points: &[Point]) -> Option<Self> {
        let rows = points.iter().map(|point| {
            let at = if point.u > 0.5 {
                At::tail(1.0 - point.u, true)
            } else {
                At::tail(point.u, false)
            };
            let terms = (0..points.len()).map(|k| {
                let (has_log, power) = term(k);
                (0..power).fold(if has_log { at.z } else { 1.0 }, |product, _| product * at.c)
            });
            terms.chain([point.x]).collect()
        });
        let coefficients = solve(rows.collect())?;
        let (mut level, mut slope) = (Vec::new(), Vec::new());
        for (k, coefficient) in coefficients.into_iter().enumerate() {
            if term(k).0 {
                slope.push(coefficient);
            } else {
                level.push(coefficient);
            }
        }
        let law = Self { level, slope };
        let spread = points.last()?.x - points.first()?.x;
        let is_through = |point: &Point| (law.quantile(point.u) - point.x).abs() <= 1e-9 * spread;
        points.iter().all(is_through).then_some(law)
    }

    fn value(&self, at: At) -> f64 {
        polynomial(&self.level, at.c) + polynomial(&self.slope, at.c) * at.z
    }

    /// dQ/dz, which has the sign of the quantile density.
    fn rise(&self, at: At) -> f64 {
        let bend = derivative(&self.slope, at.c) * at.z + derivative(&self.level, at.c);
        polynomial(&self.slope, at.c) + at.spread * bend
    }

    /// The first u on a fine grid of log-odds at which the curve does not rise.
    fn first_fall(&self) -> Option<f64> {
        const STEPS: i32 = 2400;
        let grid = (-STEPS..=STEPS).map(|step| At::log_odds(f64::from(step) / 40.0));
        grid.into_iter()
            .find(|at| self.rise(*at).is_nan() || self.rise(*at) <= 0.0)
            .map(|at| at.c + 0.5)
    }

    fn is_feasible(&self) -> bool {
        self.first_fall().is_none()
    }

    /// The log-odds of P(X ≤ x), infinite beyond the ends: Newton's method, kept within a bracket that is halved where it
    /// does not help.
    fn log_odds(&self, x: f64) -> f64 {
        const FARTHEST: f64 = 700.0;
        if x <= self.end(-0.5) {
            return f64::NEG_INFINITY;
        }
        if x >= self.end(0.5) {
            return f64::INFINITY;
        }
        let (mut low, mut high, mut z) = (-FARTHEST, FARTHEST, 0.0);
        for _ in 0..200 {
            let at = At::log_odds(z);
            let excess = self.value(at) - x;
            if excess > 0.0 {
                high = z;
            } else {
                low = z;
            }
            let newton = z - excess / self.rise(at);
            let next = if newton > low && newton < high {
                newton
            } else {
                0.5 * (low + high)
            };
            if (next - z).abs() <= 1e-15 * (1.0 + z.abs()) {
                return next;
            }
            z = next;
        }
        z
    }

    /// The weight of the logarithm at an end: how heavy that tail is.
    fn weight(&self, c: f64) -> f64 {
        polynomial(&self.slope, c)
    }

    /// Q at an end: infinite, unless the logarithm has no weight there.
    fn end(&self, c: f64) -> f64 {
        if self.weight(c) > 0.0 {
            c * f64::INFINITY
        } else {
            polynomial(&self.level, c)
        }
    }
}

/// The derivative of the polynomial with these coefficients, by Horner's rule for it and its value.
fn derivative(coefficients: &[f64], c: f64) -> f64 {
    let step = |(value, slope): (f64, f64), coefficient: &f64| (value * c + coefficient, slope * c + value);
    coefficients.iter().rev().fold((0.0, 0.0), step).1
}

/// Solves linear equations, each row with its right-hand side last, by elimination with partial
/// pivoting; none, if they are singular.
fn solve(mut rows: Vec<Vec<f64>>) -> Option<Vec<f64>> {
    let n = rows.len();
    for column in 0..n {
        let pivot = (column..n).max_by(|a, b| rows[*a][column].abs().total_cmp(&rows[*b][column].abs()))?;
        rows.swap(column, pivot);
        let (done, rest) = rows.split_at_mut(column + 1);
        let pivot = &done[column];
        if pivot[column] == 0.0 {
            return None;
        }
        for row in rest {
            let factor = row[column] / pivot[column];
            row.iter_mut()
                .zip(pivot)
                .skip(column)
                .for_each(|(entry, above)| *entry -= factor * above);
        }
    }
    let mut solution = vec![0.0; n];
    for index in (0..n).rev() {
        let row = &rows[index];
        let known: f64 = (index + 1..n).map(|other| row[other] * solution[other]).sum();
        solution[index] = (row[n] - known) / row[index];
    }
    Some(solution)
}

impl Law for Metalog {
    fn quantile(&self, u: f64) -> f64 {
        if u > 0.5 {
            self.upper_quantile(1.0 - u)
        } else {
            self.value(At::tail(u, false))
        }
    }

    fn upper_quantile(&self, q: f64) -> f64 {
        if q > 0.5 {
            self.quantile(1.0 - q)
        } else {
            self.value(At::tail(q, true))
        }
    }

    fn cdf(&self, x: f64) -> f64 {
        1.0 / (1.0 + libm::exp(-self.log_odds(x)))
    }

    fn survival(&self, x: f64) -> f64 {
        1.0 / (1.0 + libm::exp(self.log_odds(x)))
    }

    fn support(&self) -> (f64, f64) {
        (self.end(-0.5), self.end(0.5))
    }

    fn mean(&self) -> f64 {
        integrate::mean(self)
    }

    fn variance(&self) -> f64 {
        integrate::variance(self)
    }
}

#[cfg(test)]
mod tests {
    use super::probability;
    use crate::distribution::check::{assert_close, build, consistent, faults, refusals};

    #[test]
    fn keys_are_percentiles() {
        assert_eq!(probability("p10"), Some(0.1));
        assert_eq!(probability("p2.5"), Some(0.025));
        assert_eq!(probability("p2_5"), Some(0.025));
        for key in ["p0", "p100", "p", "q10", "p-5", "p1e1", "pnan", "p1_2_3", "p.5"] {
            assert_eq!(probability(key), None, "{key}");
        }
    }

    #[test]
    fn all_percentiles_are_met() {
        let given = [
            ("p5", 1.0),
            ("p25", 4.0),
            ("p50", 6.0),
            ("p75", 8.5),
            ("p97.5", 14.0),
        ];
        let law = build("quantiles", &given);
        for (key, x) in given {
            assert_close(law.quantile(probability(key).expect("a percentile")), x, 1e-12);
        }
        consistent(&**law.law());
    }

    #[test]
    fn two_percentiles_make_a_logistic_law() {
        let law = build("quantiles", &[("p10", -libm::log(9.0)), ("p90", libm::log(9.0))]);
        assert_close(law.cdf(1.0), 1.0 / (1.0 + libm::exp(-1.0)), 1e-14);
        assert_close(
            law.variance(),
            std::f64::consts::PI * std::f64::consts::PI / 3.0,
            1e-9,
        );
        assert_eq!(law.support(), (f64::NEG_INFINITY, f64::INFINITY));
    }

    /// Keelin (2016), section 3.4: the mean of the three-term metalog is a₁ + a₃/2.
    #[test]
    fn the_mean_of_three_terms() {
        let (p10, p50, p90) = (20.0, 45.0, 90.0);
        let a3 = (p90 + p10 - 2.0 * p50) / (0.8 * libm::log(9.0));
        assert_close(
            build("quantiles", &[("p10", p10), ("p50", p50), ("p90", p90)]).mean(),
            p50 + 0.5 * a3,
            1e-10,
        );
    }

    #[test]
    fn skew_beyond_what_is_feasible_is_refused_with_the_range() {
        let refusal = &refusals("quantiles", &[("p10", 0.0), ("p50", 10.0), ("p90", 100.0)])[0];
        assert!(
            refusal
                .message
                .starts_with("no smooth curve (metalog) through these percentiles rises everywhere"),
            "{refusal:?}"
        );
        // Keelin (2016), equation 15: the median must be at 0.1666 to 0.8334 of the way.
        assert_eq!(
            refusal.help.as_deref(),
            Some("between `p10` and `p90`, `p50` can be from 16.66 to 83.34")
        );
        assert!(refusals("quantiles", &[("p10", 0.0), ("p50", 17.0), ("p90", 100.0)]).is_empty());
    }

    #[test]
    fn refusals_name_the_key() {
        assert_eq!(
            faults("quantiles", &[("p10", 5.0), ("p50", 4.0), ("p90", 4.0)]),
            ["p50", "p90"]
        );
        assert_eq!(faults("quantiles", &[("p2.5", 5.0), ("p2_5", 6.0)]), ["p2_5"]);
        assert_eq!(faults("quantiles", &[("p50", 5.0)]), [""]);
        assert_eq!(faults("quantiles", &[("p50", 5.0), ("p120", 6.0)]), ["p120"]);
    }
}
