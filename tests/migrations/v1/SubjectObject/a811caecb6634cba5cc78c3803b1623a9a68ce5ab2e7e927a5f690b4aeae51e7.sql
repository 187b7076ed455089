CREATE TABLE subject (
        one INTEGER PRIMARY KEY CHECK (one = 1), sub TEXT, standing TEXT NOT NULL,
        cutoff INTEGER NOT NULL, credential INTEGER NOT NULL,
        email TEXT, first_name TEXT, last_name TEXT);
CREATE TABLE session (
        sid TEXT PRIMARY KEY, form TEXT NOT NULL, adopted TEXT, key BLOB NOT NULL,
        counter INTEGER NOT NULL, rotated_at INTEGER NOT NULL, key_id TEXT,
        access_expires_at INTEGER NOT NULL, expires_at INTEGER NOT NULL,
        started_at INTEGER NOT NULL, latest_bearer_exp INTEGER NOT NULL,
        latest_spent_exp INTEGER NOT NULL, custom TEXT NOT NULL,
        own_bearer INTEGER, own_refresh INTEGER,
        ended_at INTEGER, end_reason TEXT,
        published INTEGER NOT NULL, client TEXT NOT NULL,
        reuse_noted_at INTEGER NOT NULL DEFAULT 0,
        written_at INTEGER NOT NULL DEFAULT 0) WITHOUT ROWID;
CREATE TABLE revoked (jti TEXT PRIMARY KEY, exp INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE event (
    id TEXT PRIMARY KEY, weight INTEGER NOT NULL, at INTEGER NOT NULL, body TEXT NOT NULL)
    WITHOUT ROWID;
CREATE TABLE outbox (
    key TEXT PRIMARY KEY, rank INTEGER NOT NULL, facts TEXT NOT NULL, exp INTEGER NOT NULL,
    attempts INTEGER NOT NULL, not_before INTEGER NOT NULL,
    unheard_until INTEGER NOT NULL DEFAULT 0) WITHOUT ROWID;
INSERT INTO subject VALUES (1, '4d7b84c11ada4c8d7817b41e2b605db0', 'deactivated', 0, 0, 'ben@example.com', 'Ann', 'Lee');
INSERT INTO session VALUES ('2dd2f55a8ef2701669624bd6cd296647', 'pair', NULL, X'0357c6ce4372fcf797c8920115bef3f3958bcb0cdf6fd79f501661095d95b21c', 0, 1795878345, 'DbiOviNWAMuABPdiGDTKuHWPWgjaI1BpLrMnuWGjro0', 1795878645, 1795964745, 1795878345, 1795878645, 0, '', NULL, NULL, 1795878345, 'deactivated', 0, '', 0, 1795878345);
