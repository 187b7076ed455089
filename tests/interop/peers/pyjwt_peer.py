"""Answers each line of JSON with one: signs and verifies with PyJWT."""

import json
import sys

import jwt


def key_of(question):
    """PyJWT reads a key by the algorithm it is for."""
    return jwt.get_algorithm_by_name(question["alg"]).from_jwk(json.dumps(question["jwk"]))


def sign(question):
    return jwt.encode(question["claims"], key_of(question), question["alg"], headers=question["header"])


def verify(question):
    # Who is meant is asked for by name, or a token that names somebody is refused.
    options = {"verify_aud": False}
    return jwt.decode(question["token"], key_of(question), algorithms=[question["alg"]], options=options)


WORK = {"sign": sign, "verify": verify}

for line in sys.stdin:
    question = json.loads(line)
    try:
        answer = {"ok": WORK[question["do"]](question)}
    except Exception as error:
        answer = {"error": f"{type(error).__name__}: {error}"}
    print(json.dumps(answer), flush=True)
