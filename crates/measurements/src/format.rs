//! How figures are written: each in one way, wherever it is shown.

/// What stands where nothing was measured.
pub const MISSING: &str = "-";

/// A whole number with its thousands apart: `12,345`. Fractions are rounded away.
pub fn grouped(value: f64) -> String {
    let digits = format!("{:.0}", value.abs());
    let mut out = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    if value <= -0.5 { format!("-{out}") } else { out }
}

/// A count with its thousands apart.
pub fn count(value: u64) -> String {
    grouped(value as f64)
}

/// A measured figure with about three digits that mean something: `0.213`, `4.68`, `12.5`, `431`, `5,574`.
pub fn figure(value: f64) -> String {
    match value.abs() {
        v if v >= 1000.0 => grouped(value),
        v if v >= 100.0 => format!("{value:.0}"),
        v if v >= 10.0 => format!("{value:.1}"),
        v if v >= 1.0 => format!("{value:.2}"),
        _ => format!("{value:.3}"),
    }
}

/// A figure that is whole where it counts something.
pub fn figure_or_count(value: f64) -> String {
    if value.fract() == 0.0 { grouped(value) } else { figure(value) }
}

/// A figure with its unit (`ms`, `%`, `/s`, or none).
pub fn with_unit(value: f64, unit: &str) -> String {
    let figure = figure_or_count(value);
    match unit {
        "" => figure,
        "/s" => format!("{figure}/s"),
        unit => format!("{figure} {unit}"),
    }
}

/// A percentage, with one decimal.
pub fn percent(value: f64) -> String {
    format!("{value:.1}%")
}

/// How many times as much.
pub fn times(ratio: f64) -> String {
    if ratio < 9.95 { format!("{ratio:.1}×") } else { format!("{ratio:.0}×") }
}

/// A figure with no more space than a chart has: `0.028`, `8.7`, `1,234`, `16k`, `1.5M`.
pub fn short(value: f64) -> String {
    let with = |v: f64, unit: &str| {
        let digits = usize::from(v < 9.95 && v.fract().abs() > 0.049);
        format!("{v:.digits$}{unit}")
    };
    match value.abs() {
        v if v >= 999_500.0 => with(value / 1e6, "M"),
        v if v >= 9_995.0 => with(value / 1e3, "k"),
        v if v >= 999.5 => grouped(value),
        v if v >= 9.95 || v == 0.0 => format!("{value:.0}"),
        v if v >= 0.995 => trimmed(format!("{value:.1}")),
        v if v >= 0.0995 => trimmed(format!("{value:.2}")),
        _ => trimmed(format!("{value:.3}")),
    }
}

fn trimmed(text: String) -> String {
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
}

/// The text with its first letter as a capital.
pub fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// A figure that may be missing.
pub(crate) fn or_missing(value: Option<f64>, write: fn(f64) -> String) -> String {
    value.map_or_else(|| MISSING.to_owned(), write)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_are_kept_apart() {
        assert_eq!([0.0, 999.0, 1_000.0, 1_234_567.0].map(grouped), ["0", "999", "1,000", "1,234,567"]);
        assert_eq!([-0.4, -1_234.0, 12_345.6].map(grouped), ["0", "-1,234", "12,346"]);
    }

    #[test]
    fn figures_have_three_digits_that_mean_something() {
        assert_eq!(
            [0.2134, 4.678, 12.34, 431.4, 5574.2].map(figure),
            ["0.213", "4.68", "12.3", "431", "5,574"]
        );
        assert_eq!([7.0, 7.5].map(figure_or_count), ["7", "7.50"]);
        assert_eq!(with_unit(3.5, "/s") + &with_unit(3.0, " ms"), "3.50/s3  ms");
    }

    #[test]
    fn short_figures_never_become_nothing() {
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
