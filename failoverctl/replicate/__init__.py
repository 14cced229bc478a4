"""From any user pool to a verified replica: what is missing is planned, and made when that is asked for.

Every step reads the world, and changes it only where it is not as wanted. There is no file with a state: a run that
was cut off is taken up by the next one.
"""
