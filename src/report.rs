//! A report as a page, as Markdown, or as JSON. The data come from the engine; here they get their form.

mod chart;
mod costs;
mod diagram;
mod grid;
mod html;
mod markdown;
mod plots;
mod tables;
mod timeline;

pub(crate) use html::page;
pub(crate) use markdown::text;
pub(crate) use tables::predictions;

/// A figure with about three digits that mean something, and no more space than a chart has.
fn short(value: f64) -> String {
    let with = |v: f64, unit: &str| {
        let digits = usize::from(v < 9.95 && v.fract().abs() > 0.049);
        format!("{v:.digits$}{unit}")
    };
    match value.abs() {
        v if v >= 999_500.0 => with(value / 1e6, "M"),
        v if v >= 9_995.0 => with(value / 1e3, "k"),
        v if v >= 999.5 => crate::ui::text::number(value),
        v if v >= 9.95 || v == 0.0 => format!("{value:.0}"),
        v if v >= 0.995 => trimmed(format!("{value:.1}")),
        v if v >= 0.0995 => trimmed(format!("{value:.2}")),
        _ => trimmed(format!("{value:.3}")),
    }
}

fn trimmed(text: String) -> String {
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
}

#[cfg(test)]
mod tests {
    use super::short;

    #[test]
    fn figures_are_short_and_never_nothing() {
        for (value, text) in [
            (0.0, "0"),
            (0.0284, "0.028"),
            (0.5, "0.5"),
            (8.67, "8.7"),
            (12.4, "12"),
            (1234.0, "1,234"),
            (15_650.0, "16k"),
            (260_604.0, "261k"),
            (1_500_000.0, "1.5M"),
        ] {
            assert_eq!(short(value), text);
        }
    }
}
