"""Models, films and schedules that come from other libraries, or go to them."""
