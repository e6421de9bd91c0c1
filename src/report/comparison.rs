//! Scenarios side by side, as tables and JSON.

mod json;
mod text;
