//! Tables of cubics as the wide loop reads them: where a uniform is looked up, and what is done there.
//!
//! What they stand for and how they are made is told where quantile functions are made into tables.

/// Bits of the mantissa of a floating-point number of 32 bits.
pub const MANTISSA_BITS: u32 = 23;

/// What is added to its binary exponent.
pub const BIAS: u32 = 127;

/// The bits of 1.
pub const ONE: u32 = BIAS << MANTISSA_BITS;

/// The coefficients of 1, t, t² and t³.
#[derive(Clone, Copy, Debug, PartialEq)]
#[repr(C, align(16))]
pub struct Cubic(pub [f32; 4]);

/// Where in a table a uniform is looked up.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Shape {
    /// Right shift of the bits of v.
    pub shift: u32,
    /// What is taken from them then, but not to below 0.
    pub base: u32,
    /// Segments of a side.
    pub side: u32,
}

impl Shape {
    /// The place of v on a side, and the position in the segment, from 0 to 1.
    #[inline(always)]
    #[must_use]
    pub fn place(self, v: f32, upper: bool) -> (u32, f32) {
        let bits = v.to_bits();
        let index = (bits >> self.shift).saturating_sub(self.base);
        let within = bits << (MANTISSA_BITS - self.shift) & ((1 << MANTISSA_BITS) - 1);
        let t = f32::from_bits(ONE | within) - 1.0;
        (index + if upper { self.side } else { 0 }, t)
    }
}

/// v and the side of a uniform h of 32 bits: 2³² times the distance from the nearer end.
#[inline(always)]
#[must_use]
#[allow(
    clippy::cast_precision_loss,
    clippy::cast_possible_wrap,
    reason = "31 bits, rounded to 24"
)]
pub fn distance(h: u32) -> (f32, bool) {
    let upper = h >= 1 << 31;
    let v = if upper { !h } else { h };
    (v as i32 as f32 + 0.5, upper)
}

/// The value of a cubic at `t`.
#[inline(always)]
#[must_use]
pub fn value(cubic: &Cubic, t: f32) -> f32 {
    let [c0, c1, c2, c3] = cubic.0;
    c0 + t * (c1 + t * (c2 + t * c3))
}
