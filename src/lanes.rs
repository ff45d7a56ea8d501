//! Columns of one value a trial, aligned to the width of the processor's vectors.

use std::ops::{Deref, DerefMut};

/// Trials in a block: its columns stay in the second-level cache for scenarios of a few hundred signals. It belongs
/// to the plan and not to the machine, so that nothing can depend on the number of threads.
pub const BLOCK: usize = 512;

/// Values of a whole block, from the start of a cache line on: a vector that lies across two lines costs twice.
#[derive(Clone, Debug)]
#[repr(align(64))]
struct Aligned<T>([T; BLOCK]);

/// One value for each trial of a block, of which there are at most [`BLOCK`].
#[derive(Clone, Debug)]
pub struct Lanes<T> {
    /// None as long as it is empty, so that a column can be taken out of its place and put back for nothing.
    all: Option<Box<Aligned<T>>>,
    count: usize,
}

impl<T> Default for Lanes<T> {
    fn default() -> Self {
        Self { all: None, count: 0 }
    }
}

impl<T: Copy + Default> Lanes<T> {
    /// No value for no trial.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// So many trials, at most [`BLOCK`], with values that are about to be written.
    #[inline]
    pub fn lay_out(&mut self, count: usize) -> &mut [T] {
        let all = self
            .all
            .get_or_insert_with(|| Box::new(Aligned([T::default(); BLOCK])));
        self.count = count.min(BLOCK);
        &mut all.0[..self.count]
    }

    /// So many trials with the same value.
    #[inline]
    pub fn reset(&mut self, count: usize, value: T) -> &mut [T] {
        let values = self.lay_out(count);
        values.fill(value);
        values
    }

    /// Keeps the first trials only.
    pub fn shorten(&mut self, count: usize) {
        self.count = self.count.min(count);
    }

    /// All places of a block, whether or not there are so many trials: those behind the last hold anything.
    ///
    /// # Panics
    /// If the column has never been laid out.
    #[must_use]
    pub fn whole(&self) -> &[T; BLOCK] {
        &self
            .all
            .as_ref()
            .expect("a column is laid out before it is read")
            .0
    }

    /// Forgets all trials.
    pub fn clear(&mut self) {
        self.count = 0;
    }
}

impl<T> Deref for Lanes<T> {
    type Target = [T];

    #[inline]
    fn deref(&self) -> &[T] {
        match &self.all {
            Some(all) => &all.0[..self.count],
            None => &[],
        }
    }
}

impl<T> DerefMut for Lanes<T> {
    #[inline]
    fn deref_mut(&mut self) -> &mut [T] {
        match &mut self.all {
            Some(all) => &mut all.0[..self.count],
            None => &mut [],
        }
    }
}

impl<'a, T> IntoIterator for &'a Lanes<T> {
    type Item = &'a T;
    type IntoIter = std::slice::Iter<'a, T>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl<'a, T> IntoIterator for &'a mut Lanes<T> {
    type Item = &'a mut T;
    type IntoIter = std::slice::IterMut<'a, T>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter_mut()
    }
}

impl<T: PartialEq> PartialEq for Lanes<T> {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

/// Brings the values of some trials together.
///
/// # Panics
/// If a trial is not in the column.
pub fn gather<T: Copy>(column: &[T], lanes: &[u32], into: &mut [T]) {
    for (value, &lane) in into.iter_mut().zip(lanes) {
        *value = column[lane as usize];
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_begin_at_a_cache_line_and_keep_their_length() {
        let mut lanes = Lanes::<u32>::new();
        assert!(lanes.is_empty());
        lanes.reset(7, 3);
        assert_eq!(*lanes, [3; 7]);
        assert_eq!(lanes.as_ptr().align_offset(64), 0);
        let taken = std::mem::take(&mut lanes);
        assert!(lanes.is_empty() && taken.len() == 7);
        assert_eq!(lanes.lay_out(BLOCK + 1).len(), BLOCK);
    }
}
