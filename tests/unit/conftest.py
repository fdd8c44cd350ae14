"""Settings of the unit tests."""

from __future__ import annotations

from hypothesis import HealthCheck, settings

# A busy machine makes an example slow now and then; that is no failure.
settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("patient")
