//! Memory that JavaScript's objects hold on to.

use napi::{Env, Result};

/// A value of Rust behind an object of JavaScript, until that is freed or collected. V8 is told its size: it collects garbage by
/// what it knows of, and would let gigabytes lie.
pub struct Held<T> {
    value: Option<T>,
    bytes: i64,
}

impl<T> Held<T> {
    pub fn new(env: &Env, value: T, bytes: usize) -> Result<Self> {
        let bytes = bytes as i64;
        env.adjust_external_memory(bytes)?;
        Ok(Self {
            value: Some(value),
            bytes,
        })
    }

    pub fn get(&self) -> std::result::Result<&T, String> {
        self.value.as_ref().ok_or("Expected what was not freed.".to_string())
    }

    pub fn free(&mut self, env: &Env) -> Result<()> {
        if self.value.take().is_some() {
            env.adjust_external_memory(-self.bytes)?;
        }
        Ok(())
    }
}
