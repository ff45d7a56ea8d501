//! Metalogs with one end or two: the logarithm of the distance from the end, or the log-odds between two ends, is a metalog.
//!
//! Keelin (2016), Proposition 3 and Table 1 (semi-bounded and bounded metalogs): with a lower end l and an upper end h, of
//! ln(x − l), −ln(h − x) or ln((x − l)/(h − x)) the quantile function is an unbounded metalog M, and of x it is l + exp M,
//! h − exp(−M) or (l + h exp M)/(1 + exp M). It rises everywhere just if M does, and meets the same percentiles.

use crate::distribution::quantiles::{Metalog, Point};
use crate::distribution::{Arguments, Bounds, Law, integrate};

/// Where a curve ends; none is nowhere.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Ends {
    pub(super) lower: Option<f64>,
    pub(super) upper: Option<f64>,
}

impl Ends {
    /// Those that `lower` and `upper` state.
    pub(super) fn stated(arguments: &Arguments) -> Self {
        Self {
            lower: arguments.number("lower"),
            upper: arguments.number("upper"),
        }
    }

    /// The bounds that lie outside all points.
    pub(super) fn outside(points: &[Point], bounds: Bounds) -> Self {
        let is_below = |bound: &f64| bound.is_finite() && points.iter().all(|point| *bound < point.x);
        let is_above = |bound: &f64| bound.is_finite() && points.iter().all(|point| *bound > point.x);
        Self {
            lower: bounds.at_least.filter(is_below),
            upper: bounds.at_most.filter(is_above),
        }
    }

    /// These, and where there is none, that of the others.
    pub(super) fn or(self, others: Self) -> Self {
        Self {
            lower: self.lower.or(others.lower),
            upper: self.upper.or(others.upper),
        }
    }

    /// Whether the curve ends nowhere.
    pub(super) fn are_none(self) -> bool {
        self.lower.is_none() && self.upper.is_none()
    }

    /// What a metalog is of, at x: infinite at the ends and beyond.
    pub(super) fn unbounded(self, x: f64) -> f64 {
        match (self.lower, self.upper) {
            (None, None) => x,
            (Some(lower), _) if x <= lower => f64::NEG_INFINITY,
            (_, Some(upper)) if x >= upper => f64::INFINITY,
            (Some(lower), None) => libm::log(x - lower),
            (None, Some(upper)) => -libm::log(upper - x),
            (Some(lower), Some(upper)) => libm::log(x - lower) - libm::log(upper - x),
        }
    }

    /// The x of which a metalog is `y`.
    pub(super) fn bounded(self, y: f64) -> f64 {
        match (self.lower, self.upper) {
            (None, None) => y,
            (Some(lower), None) => lower + libm::exp(y),
            (None, Some(upper)) => upper - libm::exp(-y),
            (Some(lower), Some(upper)) => {
                // From the nearer end, so that no digits are lost there.
                let odds = libm::exp(-y.abs());
                let part = (upper - lower) * (odds / (1.0 + odds));
                if y > 0.0 { upper - part } else { lower + part }
            }
        }
    }
}

/// A law of which a metalog is the curve, but for its ends; there is at least one.
#[derive(Clone, Debug)]
pub(super) struct Ended {
    pub(super) metalog: Metalog,
    pub(super) ends: Ends,
}

impl Ended {
    /// Whether the moment of that order is finite: towards an open side, the distance from the other end is a power of the tail,
    /// −`s` of it, where `s` is the weight of the logarithm there.
    fn has_moment(&self, order: f64) -> bool {
        match (self.ends.lower, self.ends.upper) {
            (Some(_), None) => order * self.metalog.weight(0.5) < 1.0,
            (None, Some(_)) => order * self.metalog.weight(-0.5) < 1.0,
            _ => true,
        }
    }
}

impl Law for Ended {
    fn quantile(&self, u: f64) -> f64 {
        self.ends.bounded(self.metalog.quantile(u))
    }

    fn upper_quantile(&self, q: f64) -> f64 {
        self.ends.bounded(self.metalog.upper_quantile(q))
    }

    fn cdf(&self, x: f64) -> f64 {
        self.metalog.cdf(self.ends.unbounded(x))
    }

    fn survival(&self, x: f64) -> f64 {
        self.metalog.survival(self.ends.unbounded(x))
    }

    fn is_explicit(&self) -> bool {
        true
    }

    fn support(&self) -> (f64, f64) {
        let (lowest, highest) = self.metalog.support();
        (self.ends.bounded(lowest), self.ends.bounded(highest))
    }

    fn mean(&self) -> f64 {
        if self.has_moment(1.0) {
            integrate::mean(self)
        } else if self.ends.lower.is_some() {
            f64::INFINITY
        } else {
            f64::NEG_INFINITY
        }
    }

    fn variance(&self) -> f64 {
        if self.has_moment(2.0) {
            integrate::variance(self)
        } else {
            f64::INFINITY
        }
    }

    fn variant(&self) -> Option<&'static str> {
        Some(match (self.ends.lower, self.ends.upper) {
            (Some(_), Some(_)) => "with two ends",
            (Some(_), None) => "with a lower end",
            _ => "with an upper end",
        })
    }
}

#[cfg(test)]
mod tests {
    use crate::distribution::check::{arguments, assert_close, build, consistent, faults, refusals};
    use crate::distribution::{Distribution, Refusal, family};

    const SKEWED: [(&str, f64); 3] = [("p10", 5.0), ("p50", 12.0), ("p90", 75.0)];

    fn given(
        points: &[(&str, f64)],
        at_least: Option<f64>,
        at_most: Option<f64>,
    ) -> Result<Distribution, Vec<Refusal>> {
        let quantiles = family("quantiles").expect("registered");
        Distribution::new(quantiles, &arguments(points), at_least, at_most)
    }

    /// Keelin (2016), Proposition 3: the coefficients of three symmetric percentiles, in closed form.
    #[track_caller]
    fn in_closed_form(points: &[(&str, f64)], y: impl Fn(f64) -> f64, value: impl Fn(f64) -> f64) {
        let law = build("quantiles", points);
        let [low, middle, high] = [points[0].1, points[1].1, points[2].1].map(y);
        let a2 = (high - low) / (2.0 * libm::log(9.0));
        let a3 = (high + low - 2.0 * middle) / (0.8 * libm::log(9.0));
        for u in [0.001, 0.1, 0.25, 0.5, 0.8, 0.9, 0.999] {
            let log_odds = libm::log(u / (1.0 - u));
            let expected = value(middle + a2 * log_odds + a3 * (u - 0.5) * log_odds);
            assert_close(law.quantile(u), expected, 1e-10);
        }
        for (u, (_, x)) in [0.1, 0.5, 0.9].into_iter().zip(points) {
            assert_close(law.quantile(u), *x, 1e-12);
        }
        consistent(&**law.law());
    }

    #[test]
    fn three_percentiles_with_a_lower_end() {
        let points = [SKEWED[0], SKEWED[1], SKEWED[2], ("lower", 2.0)];
        in_closed_form(&points, |x| libm::log(x - 2.0), |y| 2.0 + libm::exp(y));
    }

    #[test]
    fn three_percentiles_with_an_upper_end() {
        let points = [("p10", 15.0), ("p50", 78.0), ("p90", 85.0), ("upper", 90.0)];
        in_closed_form(&points, |x| -libm::log(90.0 - x), |y| 90.0 - libm::exp(-y));
    }

    #[test]
    fn three_percentiles_with_two_ends() {
        let points = [SKEWED[0], SKEWED[1], SKEWED[2], ("lower", 2.0), ("upper", 90.0)];
        let value = |y: f64| (2.0 + 90.0 * libm::exp(y)) / (1.0 + libm::exp(y));
        in_closed_form(&points, |x| libm::log((x - 2.0) / (90.0 - x)), value);
    }

    /// Two percentiles with a lower end at 0 are a log-logistic law, and the logarithm of the distance from an upper end is
    /// the same on the other side.
    #[test]
    fn two_percentiles_are_loglogistic() {
        let expected = build("loglogistic", &[("p10", 10.0), ("p90", 60.0)]);
        let law = build("quantiles", &[("p10", 10.0), ("p90", 60.0), ("lower", 0.0)]);
        let mirrored = build("quantiles", &[("p10", 40.0), ("p90", 90.0), ("upper", 100.0)]);
        for u in [1e-6, 0.2, 0.5, 0.97] {
            assert_close(law.quantile(u), expected.quantile(u), 1e-11);
            assert_close(100.0 - mirrored.quantile(1.0 - u), expected.quantile(u), 1e-9);
        }
        assert_close(law.mean(), expected.mean(), 1e-8);
        assert_close(mirrored.mean(), 100.0 - expected.mean(), 1e-8);
        assert_eq!(
            (law.support(), mirrored.support()),
            ((0.0, f64::INFINITY), (f64::NEG_INFINITY, 100.0))
        );
    }

    #[test]
    fn moments_exist_where_they_should() {
        let moments = |p90| {
            let law = build("quantiles", &[("p10", 1.0), ("p90", p90), ("lower", 0.0)]);
            let other = build("loglogistic", &[("p10", 1.0), ("p90", p90)]);
            assert_eq!(law.mean().is_finite(), other.mean().is_finite());
            assert_eq!(law.variance().is_finite(), other.variance().is_finite());
            (law.mean().is_finite(), law.variance().is_finite())
        };
        // The weight of the logarithm is ln p90 / (2 ln 9).
        assert_eq!(
            [moments(8.0), moments(40.0), moments(100.0)],
            [(true, true), (true, false), (false, false)]
        );
        let falling = build("quantiles", &[("p10", -100.0), ("p90", -1.0), ("upper", 0.0)]);
        assert!(falling.mean() == f64::NEG_INFINITY);
    }

    #[test]
    fn bounds_are_ends_where_no_curve_can_be_cut() {
        let law = given(&SKEWED, Some(0.0), None).expect("with a lower end");
        let same = build("quantiles", &[SKEWED[0], SKEWED[1], SKEWED[2], ("lower", 0.0)]);
        assert_eq!(format!("{:?}", law.law()), format!("{:?}", same.law()));
        assert_eq!(
            (law.name(), law.support().0),
            ("quantiles with a lower end".to_owned(), 0.0)
        );
        let both = given(&SKEWED, Some(0.0), Some(400.0)).expect("with two ends");
        assert_eq!(both.support(), (0.0, 400.0));
        for (u, (_, x)) in [0.1, 0.5, 0.9].into_iter().zip(SKEWED) {
            assert_close(law.quantile(u), x, 1e-12);
            assert_close(both.quantile(u), x, 1e-12);
        }
        // An upper bound alone does not help; what would, is told.
        let help = given(&SKEWED, None, Some(200.0)).expect_err("too skewed")[0]
            .help
            .clone();
        assert!(help.is_some_and(|help| help.contains("add `lower = 0`")));
        // A bound between the percentiles is no end, and a curve that rises is cut as ever.
        assert!(given(&SKEWED, Some(6.0), None).is_err());
        let mild = [("p10", 20.0), ("p50", 45.0), ("p90", 90.0)];
        let cut = given(&mild, Some(0.0), None).expect("possible");
        assert_eq!(cut.name(), "quantiles");
        let plain = build("quantiles", &mild);
        let (below, u) = (plain.cdf(0.0), 0.3);
        assert_close(cut.quantile(u), plain.quantile(below + u * (1.0 - below)), 1e-12);
        // What is stated is an end in any case, and is cut by a bound above it.
        let stated = given(
            &[SKEWED[0], SKEWED[1], SKEWED[2], ("lower", -1.0)],
            Some(0.0),
            None,
        )
        .expect("possible");
        assert_eq!(
            (stated.name(), stated.support().0),
            ("quantiles with a lower end".to_owned(), 0.0)
        );
    }

    #[test]
    fn too_much_skew_is_refused_with_the_range_of_the_logarithm() {
        // Keelin (2016), Proposition 3 with equation 15: ln(x − l) of the median must be at 0.1666 to 0.8334 of the way.
        let refusal = &refusals(
            "quantiles",
            &[("p10", 1.0), ("p50", 1.4), ("p90", 100.0), ("lower", 0.0)],
        )[0];
        assert!(
            refusal.message.starts_with("no smooth curve (metalog)"),
            "{refusal:?}"
        );
        assert_eq!(
            refusal.help.as_deref(),
            Some("between `p10` and `p90`, `p50` can be from 2.154 to 46.43")
        );
        let refusal = &refusals("quantiles", &SKEWED)[0];
        let help = refusal.help.as_deref().expect("there is help");
        assert!(
            help.ends_with("; or add `lower = 0`: the curve that ends there rises everywhere"),
            "{help}"
        );
    }

    #[test]
    fn ends_lie_outside_the_percentiles() {
        let points = [("p10", 5.0), ("p90", 75.0), ("lower", 5.0), ("upper", 70.0)];
        assert_eq!(faults("quantiles", &points), ["lower", "upper"]);
        let refusal = &refusals("quantiles", &points)[0];
        assert_eq!(refusal.message, "`lower` is 5, which is not below `p10`, 5");
        assert_eq!(
            refusal.help.as_deref(),
            Some("the curve ends at `lower`, so it must be below all percentiles")
        );
    }
}
