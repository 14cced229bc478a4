"""What holds for every test: none is timed, since machines are slow now and then."""

import hypothesis

if hypothesis.settings.get_current_profile_name() == "default":
    hypothesis.settings.register_profile("untimed", deadline=None)
    hypothesis.settings.load_profile("untimed")
