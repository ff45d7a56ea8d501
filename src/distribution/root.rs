//! Where a function that never decreases reaches zero: quantiles of laws that only know their cdf.

/// The smallest x in [`low`, `high`] with f(x) ≥ 0, for an `f` that never decreases, with f(`high`)
/// ≥ 0.
///
/// For a continuous `f` by the ITP method (Oliveira and Takahashi 2020, An Enhancement of the
/// Bisection Method Average Performance Preserving Minmax Optimality, ACM TOMS 47), to a few units
/// in the last place; else by bisection down to neighbouring floating-point numbers, so that an
/// atom is met exactly.
pub fn crossing(low: f64, high: f64, is_continuous: bool, f: impl Fn(f64) -> f64) -> f64 {
    if low >= high || f(low) >= 0.0 {
        return low;
    }
    if !is_continuous {
        return bisect(low, high, f);
    }
    let (mut low, mut high) = (low, high);
    for _ in 0..16 {
        let magnitude = low.abs().max(high.abs());
        let tolerance = 2.0 * f64::EPSILON * magnitude + f64::MIN_POSITIVE;
        if high - low <= 2.0 * tolerance {
            break;
        }
        (low, high) = itp(low, high, tolerance, &f);
    }
    high
}

/// Halves the bracket until its ends are neighbours.
fn bisect(mut low: f64, mut high: f64, f: impl Fn(f64) -> f64) -> f64 {
    loop {
        let middle = low + 0.5 * (high - low);
        if middle <= low || middle >= high {
            return high;
        }
        if f(middle) >= 0.0 {
            high = middle;
        } else {
            low = middle;
        }
    }
}

/// Narrows the bracket to twice the `tolerance`: regula falsi, moved towards the middle and never
/// far from it, so that it never takes more steps than bisection and one.
fn itp(mut low: f64, mut high: f64, tolerance: f64, f: &impl Fn(f64) -> f64) -> (f64, f64) {
    let (mut f_low, mut f_high) = (f(low), f(high));
    let pull = 0.2 / (high - low);
    let mut reach = tolerance * libm::exp2(libm::ceil(libm::log2((high - low) / (2.0 * tolerance))) + 1.0);
    while high - low > 2.0 * tolerance {
        let width = high - low;
        let middle = 0.5 * (low + high);
        let secant = (f_high * low - f_low * high) / (f_high - f_low);
        let side = if middle >= secant { 1.0 } else { -1.0 };
        let shift = pull * width * width;
        let drawn = if shift <= (middle - secant).abs() {
            secant + side * shift
        } else {
            middle
        };
        let radius = reach - 0.5 * width;
        let x = if (drawn - middle).abs() <= radius {
            drawn
        } else {
            middle - side * radius
        };
        let x = if x > low && x < high { x } else { middle };
        if x <= low || x >= high {
            break;
        }
        let y = f(x);
        if y >= 0.0 {
            (high, f_high) = (x, y);
        } else {
            (low, f_low) = (x, y);
        }
        reach *= 0.5;
    }
    (low, high)
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::crossing;
    use crate::distribution::check::assert_close;

    #[test]
    fn a_smooth_function_takes_few_evaluations() {
        let evaluations = Cell::new(0);
        let root = crossing(0.0, 100.0, true, |x| {
            evaluations.set(evaluations.get() + 1);
            x * x * x - 2.0
        });
        assert_close(root, libm::cbrt(2.0), 1e-14);
        assert!(evaluations.get() < 70, "{} evaluations", evaluations.get());
    }

    #[test]
    fn a_jump_is_met_exactly() {
        let step = |x: f64| if x >= 10.0 { 1.0 } else { -1.0 };
        assert!(crossing(-3.0, 1e6, false, step).to_bits() == 10.0_f64.to_bits());
    }

    #[test]
    fn roots_at_the_ends() {
        assert_close(crossing(1.0, 2.0, true, |x| x - 1.0), 1.0, 0.0);
        assert_close(crossing(1.0, 2.0, true, |x| x - 2.0), 2.0, 1e-15);
        assert_close(crossing(1e-10, 1e10, true, |x| x - 3e-9), 3e-9, 1e-13);
    }
}
