CREATE TABLE account (
    one INTEGER PRIMARY KEY CHECK (one = 1), sub TEXT NOT NULL,
    email TEXT NOT NULL, first_name TEXT NOT NULL, last_name TEXT NOT NULL,
    algorithm TEXT NOT NULL, salt BLOB NOT NULL, hash BLOB NOT NULL,
    version INTEGER NOT NULL, announced INTEGER NOT NULL);
INSERT INTO account VALUES (1, '547b8613c91eb54e8111fe2a3f71896b', 'cleo@example.com', 'Ann', 'Lee', 'argon2id', X'edff9df7552e9ce466dabf4d36af358f', X'53825911515b798ce6aa9fdeb3af5d690d25cb91b8519f82019d7e79bc9847cf', 2, 2);
