//! Memory that kernels keep between calls. Asked for anew each time, half a megabyte comes as fresh pages of the system, whose
//! first touch costs a face 0.4 ms, a fifth of its rendering.

use std::cell::RefCell;
use std::thread::LocalKey;

/// What is larger than this goes back at once, in bytes.
const KEPT: usize = 4 << 20;

/// A thread's memory for numbers of one kind.
pub type Scratch<T> = LocalKey<RefCell<Vec<T>>>;

/// Lends the thread's memory, with whatever it held last.
pub fn with_scratch<T, R>(scratch: &'static Scratch<T>, work: impl FnOnce(&mut Vec<T>) -> R) -> R {
    let mut memory = scratch.take();
    let result = work(&mut memory);
    if memory.capacity() * size_of::<T>() <= KEPT {
        scratch.set(memory);
    }
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    thread_local! {
        static BYTES: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
    }

    #[test]
    fn keeps_little_and_returns_much() {
        with_scratch(&BYTES, |memory| memory.resize(1000, 7));
        assert!(with_scratch(&BYTES, |memory| memory.capacity()) >= 1000);
        with_scratch(&BYTES, |memory| memory.resize(KEPT + 1, 7));
        assert_eq!(with_scratch(&BYTES, |memory| memory.capacity()), 0);
    }
}
