CREATE TABLE user (
        sub TEXT PRIMARY KEY, email TEXT, email_key TEXT, first_name TEXT, last_name TEXT,
        created_at INTEGER NOT NULL, last_login_at INTEGER,
        standing TEXT NOT NULL, standing_since TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE event (
        id TEXT PRIMARY KEY, kind TEXT NOT NULL, at INTEGER NOT NULL, sub TEXT, sid TEXT,
        client TEXT, by_admin INTEGER NOT NULL,
        reuse TEXT, behind INTEGER, seconds_since_rotation INTEGER) WITHOUT ROWID;
CREATE TABLE day (
        day INTEGER, kind TEXT, reuse TEXT, count INTEGER NOT NULL,
        PRIMARY KEY (day, kind, reuse)) WITHOUT ROWID;
CREATE INDEX user_by_email ON user (email_key) WHERE email_key IS NOT NULL;
INSERT INTO user VALUES ('4d7b84c11ada4c8d7817b41e2b605db0', 'ben@example.com', 'ben@example.com', 'Ann', 'Lee', 1795878345, 1795878345, 'deactivated', '01a222b0d9b6c811caf32f2bf898ef7a');
INSERT INTO user VALUES ('547b8613c91eb54e8111fe2a3f71896b', 'cleo@example.com', 'cleo@example.com', 'Ann', 'Lee', 1795878345, 1795878346, 'active', '');
INSERT INTO user VALUES ('6d838f8b32fbd7cdad90c6014a51b1c5', 'ann@example.com', 'ann@example.com', 'Ann', 'Lee', 1795878344, 1795878344, 'active', '');
INSERT INTO event VALUES ('01a222b0d82f6971add7039b056282ab', 'login', 1795878344, '6d838f8b32fbd7cdad90c6014a51b1c5', 'f04e3e4260b981ce0dd68c6d902a6540', NULL, 0, NULL, NULL, NULL);
INSERT INTO event VALUES ('01a222b0d8b4b7c42514f2cbea0d7b28', 'login', 1795878344, '6d838f8b32fbd7cdad90c6014a51b1c5', '558580f7ec4e6c106a6bb63ededdc7cd', NULL, 0, NULL, NULL, NULL);
INSERT INTO event VALUES ('01a222b0d90e17e150c52fbe131e8816', 'logout', 1795878344, '6d838f8b32fbd7cdad90c6014a51b1c5', 'f04e3e4260b981ce0dd68c6d902a6540', NULL, 0, NULL, NULL, NULL);
INSERT INTO event VALUES ('01a222b0d99760d63835d319a9327165', 'login', 1795878345, '4d7b84c11ada4c8d7817b41e2b605db0', '2dd2f55a8ef2701669624bd6cd296647', NULL, 0, NULL, NULL, NULL);
INSERT INTO event VALUES ('01a222b0d9b6c811caf32f2bf898ef7a', 'deactivated', 1795878345, '4d7b84c11ada4c8d7817b41e2b605db0', NULL, NULL, 1, NULL, NULL, NULL);
INSERT INTO event VALUES ('01a222b0da3f1e1d285a21b0096a67a7', 'login', 1795878345, '547b8613c91eb54e8111fe2a3f71896b', '11ab477c26216b7431b391c44ceb0a47', NULL, 0, NULL, NULL, NULL);
INSERT INTO event VALUES ('01a222b0dacad6e836bd70c6d2584a57', 'password_changed', 1795878345, '547b8613c91eb54e8111fe2a3f71896b', NULL, NULL, 0, NULL, NULL, NULL);
INSERT INTO event VALUES ('01a222b0dd17618f9ceb858b11951a0f', 'login', 1795878346, '547b8613c91eb54e8111fe2a3f71896b', 'e41ceabd0d4c5268de963f80355848ff', NULL, 0, NULL, NULL, NULL);
INSERT INTO event VALUES ('01a222b0dd76c5533d04db52703229a6', 'login', 1795878346, '547b8613c91eb54e8111fe2a3f71896b', 'f92bbdb6d7524b967e1c9533808b8ecd', NULL, 0, NULL, NULL, NULL);
INSERT INTO day VALUES (1795824000, 'deactivated', '', 1);
INSERT INTO day VALUES (1795824000, 'login', '', 6);
INSERT INTO day VALUES (1795824000, 'logout', '', 1);
INSERT INTO day VALUES (1795824000, 'password_changed', '', 1);
