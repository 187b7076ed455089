CREATE TABLE account (
    one INTEGER PRIMARY KEY CHECK (one = 1), sub TEXT NOT NULL,
    email TEXT NOT NULL, first_name TEXT NOT NULL, last_name TEXT NOT NULL,
    algorithm TEXT NOT NULL, salt BLOB NOT NULL, hash BLOB NOT NULL,
    version INTEGER NOT NULL, announced INTEGER NOT NULL);
INSERT INTO account VALUES (1, '6d838f8b32fbd7cdad90c6014a51b1c5', 'ann@example.com', 'Ann', 'Lee', 'argon2id', X'aea54c84bb415c6953d42bf35102df7f', X'58bb01b95e30e4f63cab3bd9ff98b192a5da997f4f87e95269a8d9c5c7e6006a', 1, 1);
