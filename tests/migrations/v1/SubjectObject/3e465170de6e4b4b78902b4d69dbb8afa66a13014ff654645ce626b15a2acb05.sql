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
INSERT INTO subject VALUES (1, '6d838f8b32fbd7cdad90c6014a51b1c5', 'active', 0, 0, 'ann@example.com', 'Ann', 'Lee');
INSERT INTO session VALUES ('558580f7ec4e6c106a6bb63ededdc7cd', 'pair', NULL, X'be63066d1d5a2ffcf269f12195ceee3b905578332c40ae4df5e10a7cf8cf4748', 1, 1795878344, 'DbiOviNWAMuABPdiGDTKuHWPWgjaI1BpLrMnuWGjro0', 1795878644, 1795964744, 1795878344, 1795878644, 1795964744, '', NULL, NULL, NULL, NULL, 1, '', 0, 1795878344);
INSERT INTO session VALUES ('f04e3e4260b981ce0dd68c6d902a6540', 'pair', NULL, X'a5793d99d689e2e84c5db68466ee1c46d1853ecf320b42f353478c1ff1fd76fe', 0, 1795878344, 'DbiOviNWAMuABPdiGDTKuHWPWgjaI1BpLrMnuWGjro0', 1795878644, 1795964744, 1795878344, 1795878644, 0, '', NULL, NULL, 1795878344, 'logout', 0, '', 0, 1795878344);
