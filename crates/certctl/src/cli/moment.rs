//! A moment as people type it: an RFC 3339 time, or a date, which means its midnight in UTC.

use certctl_model::Timestamp;

/// Reads a moment.
pub(super) fn parse(text: &str) -> Result<Timestamp, String> {
    text.parse()
        .or_else(|_| format!("{text}T00:00:00Z").parse())
        .map_err(|_| "write it like 2027-01-01 or 2027-01-01T06:30:00Z".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_is_its_midnight() {
        let read = |text| parse(text).map(|at| at.to_string());
        assert_eq!(read("2027-01-01"), Ok("2027-01-01T00:00:00Z".to_owned()));
        assert_eq!(
            read("2027-01-01T06:30:00+02:00"),
            Ok("2027-01-01T04:30:00Z".to_owned())
        );
        for wrong in ["", "tomorrow", "2027-13-01", "2027-01-01T06:30", "2027"] {
            assert!(parse(wrong).is_err(), "{wrong}");
        }
    }
}
