//! Hot loops for whatever vectors the processor has, chosen at run time, with the same bits on each.
//!
//! [`wide`] runs a closure compiled for AVX-512 or AVX2 where the processor has them. The compiler then makes wide
//! loops of the plain ones inside; no operation changes its result, since each lane is rounded as a scalar would be,
//! sums are not reordered, and multiplications and additions are never fused.
//!
//! # Why `unsafe` is here, and only here
//! Calling a function that is compiled for a processor feature is undefined behaviour on a processor without it. The
//! two calls below are made only after the feature has been detected; the closures themselves are safe code.
#![allow(unsafe_code)]

/// Runs `f` compiled for the widest vectors that the processor has. `f` must be inlined to profit, so it is to hold
/// loops over slices, and not calls of large functions.
#[inline]
pub fn wide<R>(f: impl FnOnce() -> R) -> R {
    #[cfg(target_arch = "x86_64")]
    {
        if has_avx512() {
            // SAFETY: the processor has every feature that the function is compiled for.
            return unsafe { with_avx512(f) };
        }
        if std::arch::is_x86_feature_detected!("avx2") {
            // SAFETY: as above.
            return unsafe { with_avx2(f) };
        }
    }
    f()
}

#[cfg(target_arch = "x86_64")]
#[inline]
fn has_avx512() -> bool {
    std::arch::is_x86_feature_detected!("avx512f")
        && std::arch::is_x86_feature_detected!("avx512dq")
        && std::arch::is_x86_feature_detected!("avx512vl")
        && std::arch::is_x86_feature_detected!("avx512bw")
        && std::arch::is_x86_feature_detected!("avx512cd")
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f,avx512dq,avx512vl,avx512bw,avx512cd")]
fn with_avx512<R>(f: impl FnOnce() -> R) -> R {
    f()
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
fn with_avx2<R>(f: impl FnOnce() -> R) -> R {
    f()
}

#[cfg(test)]
mod tests {
    use super::wide;
    use crate::draw::{Key, State, uniform};

    /// The wide loop against the plain one, on every path that the processor of the test has.
    #[test]
    fn every_path_gives_the_same_bits() {
        let states: Vec<State> = (0..1003).map(|trial| State::of(1, trial)).collect();
        let key = Key::of("x");
        let draw = || {
            states
                .iter()
                .map(|&state| uniform(key, state) * 3.0 + 0.1)
                .collect::<Vec<f64>>()
        };
        let plain = draw();
        assert_eq!(wide(draw), plain);
        #[cfg(target_arch = "x86_64")]
        if std::arch::is_x86_feature_detected!("avx2") {
            // SAFETY: the feature has been detected.
            assert_eq!(unsafe { super::with_avx2(draw) }, plain);
        }
    }
}
