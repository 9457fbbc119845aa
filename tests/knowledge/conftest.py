"""Settings of the property tests in this folder."""

from hypothesis import settings

# A busy machine is slow now and then; that is no mistake of what is tested.
settings.register_profile("knowledge", deadline=None)
settings.load_profile("knowledge")
