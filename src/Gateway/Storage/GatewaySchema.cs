namespace XLLM.Gateway.Storage;

/// <summary>Tables. Times are seconds since 1970, leases milliseconds; sequence numbers give the order of creation.</summary>
internal static class GatewaySchema
{
    public const string Version1 = """
        CREATE TABLE files (
            seq INTEGER PRIMARY KEY AUTOINCREMENT,
            id TEXT NOT NULL UNIQUE,
            owner TEXT NOT NULL,
            created INTEGER NOT NULL,
            expires INTEGER,
            bytes INTEGER NOT NULL,
            name TEXT NOT NULL,
            purpose TEXT NOT NULL
        ) STRICT;
        CREATE INDEX files_of_owner ON files (owner, seq);
        CREATE INDEX files_expiring ON files (expires) WHERE expires IS NOT NULL;
        CREATE TABLE batches (
            seq INTEGER PRIMARY KEY AUTOINCREMENT,
            id TEXT NOT NULL UNIQUE,
            owner TEXT NOT NULL,
            created INTEGER NOT NULL,
            endpoint TEXT NOT NULL,
            input_file TEXT NOT NULL,
            window TEXT NOT NULL,
            expires INTEGER NOT NULL,
            metadata TEXT,
            output_lifetime INTEGER,
            status TEXT NOT NULL,
            errors TEXT,
            output_file TEXT,
            error_file TEXT,
            total INTEGER NOT NULL DEFAULT 0,
            completed INTEGER NOT NULL DEFAULT 0,
            failed INTEGER NOT NULL DEFAULT 0,
            in_progress_at INTEGER,
            finalizing_at INTEGER,
            completed_at INTEGER,
            failed_at INTEGER,
            expired_at INTEGER,
            cancelling_at INTEGER,
            cancelled_at INTEGER,
            epoch INTEGER NOT NULL DEFAULT 0,
            runner TEXT,
            lease INTEGER NOT NULL DEFAULT 0
        ) STRICT;
        CREATE INDEX batches_of_owner ON batches (owner, seq);
        CREATE INDEX batches_open ON batches (seq) WHERE status IN ('validating', 'in_progress', 'finalizing', 'cancelling');
        CREATE INDEX batches_of_input ON batches (input_file);
        CREATE TABLE responses (
            seq INTEGER PRIMARY KEY AUTOINCREMENT,
            id TEXT NOT NULL UNIQUE,
            owner TEXT NOT NULL,
            expires INTEGER NOT NULL,
            bytes INTEGER NOT NULL,
            background INTEGER NOT NULL,
            runner TEXT,
            cancel INTEGER NOT NULL DEFAULT 0,
            json TEXT NOT NULL,
            input TEXT NOT NULL,
            transcript TEXT NOT NULL
        ) STRICT;
        CREATE INDEX responses_of_owner ON responses (owner, seq);
        CREATE INDEX responses_expiring ON responses (expires);
        CREATE INDEX responses_running ON responses (runner) WHERE runner IS NOT NULL;
        """;
}
