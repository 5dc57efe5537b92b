//! Kubernetes quantities: `500m`, `1.5Gi`, `1e3`.

/// The number of base units; none when the text is no quantity.
///
/// Source: the grammar in `k8s.io/apimachinery/pkg/api/resource`: a signed decimal number, then
/// a binary suffix, a decimal suffix or a decimal exponent.
#[must_use]
pub fn parse(text: &str) -> Option<f64> {
    let end = text
        .char_indices()
        .find(|(at, c)| !(c.is_ascii_digit() || *c == '.' || *at == 0 && matches!(c, '+' | '-')))
        .map_or(text.len(), |(at, _)| at);
    let (number, suffix) = text.split_at_checked(end)?;
    let digits = number.trim_start_matches(['+', '-']);
    if !digits.contains(|c: char| c.is_ascii_digit()) || digits.matches('.').count() > 1 {
        return None;
    }
    let number: f64 = number.parse().ok()?;
    Some(number * factor(suffix)?)
}

fn factor(suffix: &str) -> Option<f64> {
    Some(match suffix {
        "" => 1.0,
        "n" => 1e-9,
        "u" => 1e-6,
        "m" => 1e-3,
        "k" => 1e3,
        "M" => 1e6,
        "G" => 1e9,
        "T" => 1e12,
        "P" => 1e15,
        "E" => 1e18,
        "Ki" => 1024.0,
        "Mi" => 1_048_576.0,
        "Gi" => 1_073_741_824.0,
        "Ti" => 1_099_511_627_776.0,
        "Pi" => 1_125_899_906_842_624.0,
        "Ei" => 1_152_921_504_606_846_976.0,
        exponent => {
            let power = exponent.strip_prefix(['e', 'E'])?;
            let plain = power.strip_prefix(['+', '-']).unwrap_or(power);
            if plain.is_empty() || !plain.bytes().all(|b| b.is_ascii_digit()) || plain.len() > 3 {
                return None;
            }
            10_f64.powi(power.parse().ok()?)
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_forms_of_a_quantity() {
        for (text, value) in [
            ("1", 1.0),
            ("500m", 0.5),
            ("1.5Gi", 1.5 * 1_073_741_824.0),
            (".5", 0.5),
            ("1.", 1.0),
            ("1e3", 1000.0),
            ("1E", 1e18),
            ("12E-1", 1.2),
            ("-2k", -2000.0),
            ("+0", 0.0),
        ] {
            let parsed = parse(text).unwrap();
            assert!((parsed - value).abs() <= value.abs() * 1e-12, "{text}: {parsed}");
        }
    }

    #[test]
    fn what_is_none() {
        for text in ["", ".", "-", "1 Gi", "1gi", "Gi", "1e", "1.2.3", "0x10", "1K", "e3", "1ä"] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
