//! Small charts as SVG that a style sheet colours: the same drawing is light, dark and printed, which a charting library
//! with colours of its own does not give. Every mark has its figure as a title, every chart a description in words.

use maud::{Markup, PreEscaped, html};
use recipe_walk_measurements::chart::Side;
use recipe_walk_measurements::format::sentence;

/// The drawing's width: that of a phone, so that its text stays readable there.
pub(super) const WIDTH: f64 = 420.0;

/// What stands around a drawing.
pub(super) struct Frame<'a> {
    /// What it shows.
    pub(super) title: &'a str,
    /// What is on the axes, in small letters under the title.
    pub(super) about: &'a str,
    /// The chart in words: what a screen reader says.
    pub(super) words: &'a str,
    /// How high it is.
    pub(super) height: f64,
    /// Whose colours need a legend.
    pub(super) legend: &'a [Side],
}

/// A drawing with its caption, its words and its legend.
pub(super) fn figure(frame: &Frame<'_>, drawing: &Markup) -> Markup {
    let Frame { title, about, words, height, legend } = frame;
    html! {
        figure {
            figcaption { (title) span { (about) } }
            svg viewBox={ "0 0 " (WIDTH) " " (d0(*height)) } role="img" aria-label={ (title) ". " (words) } {
                (drawing)
            }
            @if !legend.is_empty() {
                ul.legend {
                    @for side in *legend {
                        li class=(class(*side)) {
                            svg viewBox="0 0 26 12" aria-hidden="true" {
                                line.line x1="1" x2="25" y1="6" y2="6" {}
                                (mark(*side, 13.0, 6.0, ""))
                            }
                            (sentence(side.name()))
                        }
                    }
                }
            }
        }
    }
}

/// A side's colour and dashes: solid lines with round marks with the cache, dashed ones with squares without.
pub(super) fn class(side: Side) -> &'static str {
    match side {
        Side::Cache => "cache",
        Side::Database => "database",
    }
}

/// A side's mark at a place.
pub(super) fn mark(side: Side, x: f64, y: f64, title: &str) -> Markup {
    html! {
        @match side {
            Side::Cache => circle.mark cx=(d1(x)) cy=(d1(y)) r="5" { title { (title) } },
            Side::Database => {
                rect.mark x=(d1(x - 4.75)) y=(d1(y - 4.75)) width="9.5" height="9.5" { title { (title) } }
            }
        }
    }
}

/// A length without decimals.
pub(super) fn d0(value: f64) -> String {
    format!("{value:.0}")
}

/// A length with one decimal.
pub(super) fn d1(value: f64) -> String {
    format!("{value:.1}")
}

/// Nothing, where a part of the page has nothing to say.
pub(super) fn nothing() -> Markup {
    PreEscaped(String::new())
}
