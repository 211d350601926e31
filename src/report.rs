//! A report as a page, as Markdown, or as JSON. The data come from the engine; here they get their form.

mod axis;
mod charts;
mod costs;
mod course;
mod diagram;
mod frame;
mod grid;
mod html;
mod lines;
mod markdown;
mod reaches;
mod sections;
mod tables;
mod timeline;

pub(crate) use html::page;
pub(crate) use markdown::text;
pub(crate) use tables::predictions;
