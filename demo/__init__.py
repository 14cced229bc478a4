"""The main job, shown: a Region dies, and sign-in moves to the replica."""
