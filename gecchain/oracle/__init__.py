"""Files and pushes into readings: parse, check, refuse with reasons. Knows neither chain nor SQL."""
