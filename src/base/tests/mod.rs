//! Tests of the base as a whole: what holds for every engine, what a crash leaves, what undo restores.

mod whole;
