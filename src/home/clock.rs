//! The one place that asks the time. Times are stored in UTC and shown in the zone of this machine (R25).

use jiff::tz::TimeZone;
use jiff::{Timestamp, Unit};

/// Now, in whole seconds: what a person can tell apart in a history.
#[expect(clippy::disallowed_methods, reason = "everything else asks here, so that tests can hand in a time")]
pub fn now() -> Timestamp {
    let now = Timestamp::now();
    now.round(Unit::Second).unwrap_or(now)
}

/// A time as people here read it: `2026-11-22 10:14`.
pub fn local(time: Timestamp) -> String {
    in_zone(time, TimeZone::system())
}

fn in_zone(time: Timestamp, zone: TimeZone) -> String {
    time.to_zoned(zone).strftime("%Y-%m-%d %H:%M").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_shown_in_a_zone() {
        let time: Timestamp = "2026-11-22T23:30:00Z".parse().unwrap();
        let zone = TimeZone::fixed(jiff::tz::offset(1));
        assert_eq!(in_zone(time, zone), "2026-11-23 00:30");
    }
}
