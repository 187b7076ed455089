//! Numbers of JSON as Python has them, told from their digits alone: the standard library's reader of
//! floats brings tables along, 13 KB when compressed.

/// The digits of the largest float: more of them, at its exponent, are infinite.
const LARGEST: &str = "17976931348623157";
const LARGEST_EXPONENT: i64 = 308;

/// The smallest float is somewhat more than this power of ten.
const SMALLEST_EXPONENT: i64 = -324;

/// The decimal exponents from which and up to which Python writes no exponent.
const PLAIN: std::ops::Range<i64> = -4..16;

/// A number that is not zero: 0.`digits` times ten to the power of `point`, where the first and the last
/// digit are none.
struct Decimal {
    digits: String,
    point: i64,
}

impl Decimal {
    /// `None`: it is zero, or so small that a float is.
    fn of(unsigned: &str) -> Option<Self> {
        let (mantissa, exponent) = unsigned.split_once(['e', 'E']).unwrap_or((unsigned, "0"));
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let all = [whole, fraction].concat();
        let digits = all.trim_start_matches('0');
        let zeros = all.len() - digits.len();
        let point = exponent_of(exponent)
            .saturating_add(places(whole.len()))
            .saturating_sub(places(zeros));
        let digits = digits.trim_end_matches('0');
        (!digits.is_empty() && point > SMALLEST_EXPONENT).then(|| Self {
            digits: digits.to_owned(),
            point,
        })
    }

    fn is_infinite(&self) -> bool {
        let exponent = self.point - 1;
        exponent > LARGEST_EXPONENT
            || exponent == LARGEST_EXPONENT && self.digits.as_str() > LARGEST
    }

    fn written(&self) -> String {
        let Self { digits, point } = self;
        let exponent = point - 1;
        if !PLAIN.contains(&exponent) {
            let (first, rest) = digits.split_at_checked(1).unwrap_or((digits, ""));
            let dot = if rest.is_empty() { "" } else { "." };
            let sign = if exponent < 0 { '-' } else { '+' };
            let exponent = exponent.unsigned_abs();
            return format!("{first}{dot}{rest}e{sign}{exponent:02}");
        }
        let zeros = |count: i64| "0".repeat(usize::try_from(count).unwrap_or(0));
        match usize::try_from(*point) {
            Ok(point @ 1..) => match digits.split_at_checked(point) {
                Some((whole, fraction)) if !fraction.is_empty() => format!("{whole}.{fraction}"),
                _ => format!("{digits}{}.0", zeros(self.point - places(digits.len()))),
            },
            Ok(0) | Err(_) => format!("0.{}{digits}", zeros(-point)),
        }
    }
}

fn places(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

/// One that is too long for a number is far beyond every float.
fn exponent_of(text: &str) -> i64 {
    let beyond = if text.starts_with('-') {
        i64::MIN / 2
    } else {
        i64::MAX / 2
    };
    text.parse().unwrap_or(beyond)
}

fn unsigned(number: &str) -> (&'static str, &str) {
    match number.strip_prefix('-') {
        Some(unsigned) => ("-", unsigned),
        None => ("", number),
    }
}

/// Whether a number is another than zero.
pub(super) fn is_truthy(number: &str) -> bool {
    Decimal::of(unsigned(number).1).is_some()
}

/// `str` of a number with a point or an exponent. Of one with more than fifteen digits, or below 2.3e-308,
/// they stay as they were sent, where Python would round them to a float's.
pub(super) fn float(number: &str) -> String {
    let (sign, unsigned) = unsigned(number);
    let written = match Decimal::of(unsigned) {
        None => "0.0".to_owned(),
        Some(decimal) if decimal.is_infinite() => "inf".to_owned(),
        Some(decimal) => decimal.written(),
    };
    format!("{sign}{written}")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_float_is_written_as_python_writes_it() {
        for (json, python) in [
            ("1.0", "1.0"),
            ("1.50", "1.5"),
            ("-0.0", "-0.0"),
            ("0e9", "0.0"),
            ("1e3", "1000.0"),
            ("1.25E2", "125.0"),
            ("0.1", "0.1"),
            ("-0.00010", "-0.0001"),
            ("0.00001", "1e-05"),
            ("123456.789", "123456.789"),
            ("1234567.5", "1234567.5"),
            ("1e15", "1000000000000000.0"),
            ("1e16", "1e+16"),
            ("1E+22", "1e+22"),
            ("2.5e-9", "2.5e-09"),
            ("12.5e-100", "1.25e-99"),
            ("1.7976931348623157e308", "1.7976931348623157e+308"),
            ("1.7976931348623159e308", "inf"),
            ("-1e309", "-inf"),
            ("1e99999999999999999999", "inf"),
            ("1e-99999999999999999999", "0.0"),
            ("-1e-400", "-0.0"),
        ] {
            assert_eq!(float(json), python, "{json}");
        }
    }

    #[test]
    fn zero_is_not_truthy_however_it_is_spelled() {
        for zero in ["0", "-0", "0.0", "-0.000", "0e5", "0.0E-9", "1e-400"] {
            assert!(!is_truthy(zero), "{zero}");
        }
        for other in ["1", "-1", "0.1", "10", "1e-300", "1e400"] {
            assert!(is_truthy(other), "{other}");
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_the_same_number(mantissa in -999_999_999_999_999_i64..999_999_999_999_999, exponent in -290_i32..290) {
            let sent = format!("{mantissa}e{exponent}");
            let bits = |text: &str| text.parse::<f64>().map(f64::to_bits);
            prop_assert_eq!(bits(&float(&sent)), bits(&sent));
        }

        #[test]
        fn no_text_panics(text in "\\PC*") {
            let _ = (float(&text), is_truthy(&text));
        }
    }
}
