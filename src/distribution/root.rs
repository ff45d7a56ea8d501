//! Where a function that never decreases reaches zero: quantiles of laws that only know their cdf.

/// The smallest x in [`low`, `high`] with f(x) ≥ 0, for an `f` that never decreases, with f(`high`)
/// ≥ 0.
///
/// For a continuous `f` by Chandrupatla's method (1997, A new hybrid quadratic/bisection algorithm
/// for finding the zero of a nonlinear function without using derivatives, Advances in Engineering
/// Software 28), to a few units in the last place; else by bisection down to neighbouring
/// floating-point numbers, so that an atom is met exactly.
pub fn crossing(low: f64, high: f64, is_continuous: bool, f: impl Fn(f64) -> f64) -> f64 {
    if low >= high || f(low) >= 0.0 {
        return low;
    }
    if !is_continuous {
        return bisect(low, high, f);
    }
    interpolate(low, high, f)
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

/// Narrows the bracket to a few units in the last place: by a parabola through three points, with the value as
/// its argument, where they are such that it can be trusted, else by halves.
#[expect(clippy::many_single_char_names, reason = "the names of the literature")]
fn interpolate(low: f64, high: f64, f: impl Fn(f64) -> f64) -> f64 {
    /// More than halving alone takes between any two numbers.
    const MOST_STEPS: u32 = 2_200;
    // `a` is the latest point, `b` the nearest one on the other side of the root, `c` the one before.
    let (mut a, mut b) = (low, high);
    let (mut f_a, mut f_b) = (f(a), f(b));
    let mut t = 0.5;
    for _ in 0..MOST_STEPS {
        let x = a + t * (b - a);
        let f_x = f(x);
        let (c, f_c) = if (f_x >= 0.0) == (f_a >= 0.0) {
            (a, f_a)
        } else {
            let crossed = (b, f_b);
            (b, f_b) = (a, f_a);
            crossed
        };
        (a, f_a) = (x, f_x);
        let tolerance = 2.0 * f64::EPSILON * a.abs().max(b.abs()) + f64::MIN_POSITIVE;
        let least = tolerance / (b - a).abs();
        if least >= 0.5 {
            break;
        }
        let place = (a - b) / (c - b);
        let level = (f_a - f_b) / (f_c - f_b);
        let is_smooth = level * level < place && (1.0 - level) * (1.0 - level) < 1.0 - place;
        t = if is_smooth {
            let by_c = (c - a) / (b - a) * (f_a / (f_c - f_a)) * (f_b / (f_c - f_b));
            f_a / (f_b - f_a) * (f_c / (f_b - f_c)) + by_c
        } else {
            0.5
        };
        t = t.clamp(least, 1.0 - least);
    }
    if f_a >= 0.0 { a } else { b }
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
        assert!(evaluations.get() < 25, "{} evaluations", evaluations.get());
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
