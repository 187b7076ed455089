CREATE TABLE account (
    one INTEGER PRIMARY KEY CHECK (one = 1), sub TEXT NOT NULL,
    email TEXT NOT NULL, first_name TEXT NOT NULL, last_name TEXT NOT NULL,
    algorithm TEXT NOT NULL, salt BLOB NOT NULL, hash BLOB NOT NULL,
    version INTEGER NOT NULL, announced INTEGER NOT NULL);
INSERT INTO account VALUES (1, '4d7b84c11ada4c8d7817b41e2b605db0', 'ben@example.com', 'Ann', 'Lee', 'argon2id', X'cae8389d8e1c34f437118cf571adfcdc', X'c99b15398587f0a0bdfa8619f10e5e7e1b395ea95fbfea5e36b14497081ee4c5', 1, 1);
