"""Readings: functions that ask AWS, DNS or HTTPS for one fact each. They judge nothing."""
