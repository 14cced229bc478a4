"""What a replicated pool and its controller cost a month: counts times prices."""
