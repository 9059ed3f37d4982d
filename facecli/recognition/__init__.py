"""Who is it? Engines, capture quality, calibration, enrolment and matching."""
