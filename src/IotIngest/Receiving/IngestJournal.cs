using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using IotIngest.Hosting;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;
using SQLitePCL;

namespace IotIngest.Receiving;

/// <summary>Where a message of QoS 1 or 2 becomes durable. A border, so that a test can stall the commit.</summary>
internal interface IIngestJournal
{
    /// <summary>Puts the message into the next commit. Waits while the journal is full. The message may be acknowledged when <see cref="JournalBatch.Committed"/> ends.</summary>
    ValueTask<JournalBatch> AppendAsync(string topic, ReadOnlyMemory<byte> payload, DateTimeOffset receivedAt, byte qos, CancellationToken cancellation);

    /// <summary>The same where there is room at once, which is nearly always; null: it must be waited for.</summary>
    JournalBatch? TryAppend(string topic, ReadOnlySpan<byte> payload, DateTimeOffset receivedAt, byte qos) => null;
}

/// <summary>A message found in the journal at start.</summary>
internal readonly record struct JournaledMessage(string Topic, byte[] Payload, DateTimeOffset ReceivedAt, byte Qos, JournalBatch Batch);

// One SQLite file per node. A single thread commits: it takes whatever has gathered while the last commit ran, so a lone message is durable after one
// write to disk and under load a commit carries up to a thousand. Rows go together with the next commit once their messages are delivered.
internal sealed partial class IngestJournal : IIngestJournal, IDisposable
{
    public const string FileName = "ingest.db";

    /// <summary>A commit is never put off longer.</summary>
    private static readonly TimeSpan LingerMax = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan TidyAfter = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan RetryAfter = TimeSpan.FromMilliseconds(200);

    private readonly IngestOptions options;
    private readonly IngestMetrics metrics;
    private readonly ILogger<IngestJournal> log;
    private readonly SqliteConnection connection;
    private readonly string connectionText;
    private readonly List<(long Id, int Bytes)> backlog = [];
    private readonly sqlite3_stmt insert;
    private readonly SqliteCommand delete;
    private readonly Lock gate = new();
    private readonly Queue<JournalBatch> waiting = new();
    private readonly ConcurrentQueue<JournalBatch> emptied = new();
    private readonly AutoResetEvent wake = new(false);
    private readonly Thread writer;
    private JournalBatch current;
    private TaskCompletionSource room = NewSignal();
    private long bytes;
    private int pendingBytes;
    private bool writerSleeps, writerLingers;
    private volatile bool stopping;
    private volatile string? trouble;

    public IngestJournal(IngestOptions options, IngestMetrics metrics, ILogger<IngestJournal> log, long? pageCountMax = null)
    {
        (this.options, this.metrics, this.log) = (options, metrics, log);
        Directory.CreateDirectory(options.DataDirectory);
        connectionText = new SqliteConnectionStringBuilder { DataSource = Path.Combine(options.DataDirectory, FileName), Pooling = false }.ToString();
        connection = new SqliteConnection(connectionText);
        connection.Open();
        Execute("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA busy_timeout=2000;");
        Execute("CREATE TABLE IF NOT EXISTS node (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;"
            + "CREATE TABLE IF NOT EXISTS batches (id INTEGER PRIMARY KEY AUTOINCREMENT, messages INTEGER NOT NULL, body BLOB NOT NULL);");
        Node = Remember("node", held => held ?? Guid.NewGuid().ToString("N")[..12]);
        Run = long.Parse(Remember("run", held => (long.Parse(held ?? "0", CultureInfo.InvariantCulture) + 1).ToString(CultureInfo.InvariantCulture)), CultureInfo.InvariantCulture);
        if (pageCountMax is { } pages)
        {
            Execute(string.Create(CultureInfo.InvariantCulture, $"PRAGMA max_page_count={pages};"));
        }


        // Straight to the library, because a command's parameter needs an array of the row's exact length: a large object for every commit.
        Check(raw.sqlite3_prepare_v2(connection.Handle, "INSERT INTO batches (messages, body) VALUES (?, ?);", out insert));
        delete = connection.CreateCommand();
        delete.CommandText = "DELETE FROM batches WHERE id = $id;";
        delete.Parameters.Add("$id", SqliteType.Integer);
        current = NewBatch();
        ListBacklog();
        metrics.JournalBytes = () => Interlocked.Read(ref bytes);
        metrics.JournalLagMs = LagMs;
        writer = new Thread(Write) { IsBackground = true, Name = "ingest journal" };
    }

    /// <summary>The node's name, kept in the file.</summary>
    public string Node { get; }

    /// <summary>Rises by one with each start.</summary>
    public long Run { get; }

    /// <summary>Why nothing is acknowledged at the moment; null: all is well.</summary>
    public string? Trouble => trouble;

    /// <summary>Every message that was undelivered at the start, in the order of arrival; one row is in memory at a time. A row that cannot be read is left out and told of.</summary>
    public IEnumerable<JournaledMessage> ReadBacklog()
    {
        using var reading = new SqliteConnection(connectionText);
        reading.Open();
        foreach (var (id, lengthBytes) in backlog)
        {
            var messages = ReadRow(reading, id);
            if (messages is null)
            {
                Interlocked.Add(ref bytes, -lengthBytes);
                continue;
            }

            var batch = JournalBatch.Restore(id, messages.Count, lengthBytes, OnEmptied);
            foreach (var (topic, payload, receivedAt, qos) in messages)
            {
                yield return new(topic, payload, receivedAt, qos, batch);
            }
        }
    }

    /// <summary>Reads a committed batch once more. What was left of it counts as delivered when every message of the copy is.</summary>
    public IReadOnlyList<JournaledMessage> ReadAgain(JournalBatch original, int partsLeft)
    {
        using var reading = new SqliteConnection(connectionText);
        reading.Open();
        var messages = ReadRow(reading, original.RowId) ?? [];
        var copy = JournalBatch.Restore(original.RowId, messages.Count, original.Length, _ => original.Release(partsLeft));
        return [.. messages.Select(message => new JournaledMessage(message.Topic, message.Payload, message.ReceivedAt, message.Qos, copy))];
    }

    public void Start() => writer.Start();

    public JournalBatch? TryAppend(string topic, ReadOnlySpan<byte> payload, DateTimeOffset receivedAt, byte qos) => TryAppend(topic, payload, receivedAt, qos, out var batch) ? batch : null;

    public ValueTask<JournalBatch> AppendAsync(string topic, ReadOnlyMemory<byte> payload, DateTimeOffset receivedAt, byte qos, CancellationToken cancellation) =>
        TryAppend(topic, payload.Span, receivedAt, qos, out var batch) ? new(batch) : new(AppendWaitingAsync(topic, payload, receivedAt, qos, cancellation));

    /// <summary>Commits what has gathered and ends the thread.</summary>
    public void Dispose()
    {
        if (stopping)
        {
            return;
        }

        stopping = true;
        wake.Set();
        if (writer.ThreadState.HasFlag(System.Threading.ThreadState.Unstarted) || writer.Join(TimeSpan.FromSeconds(5)))
        {
            insert.Dispose();
            delete.Dispose();
            connection.Dispose();
            wake.Dispose();
        }
    }

    private bool TryAppend(string topic, ReadOnlySpan<byte> payload, DateTimeOffset receivedAt, byte qos, out JournalBatch batch)
    {
        bool sleeps;
        lock (gate)
        {
            batch = current;
            if (Interlocked.Read(ref bytes) + current.Length + payload.Length > options.JournalBytesMax
                || (pendingBytes + payload.Length > options.JournalPendingBytesMax && pendingBytes > 0))
            {
                return false;
            }

            if (current.Count == 0)
            {
                current.StartedTimestamp = Stopwatch.GetTimestamp();
            }

            var before = current.Length;
            current.Append(topic, payload, receivedAt, qos);
            pendingBytes += current.Length - before;
            if (current.Count >= options.CommitCountMax)
            {
                waiting.Enqueue(current);
                current = NewBatch();
                writerSleeps |= writerLingers;
            }

            // Only the message that ends the writer's sleep pays for waking it.
            sleeps = writerSleeps;
            writerSleeps = false;
        }

        if (sleeps)
        {
            wake.Set();
        }

        return true;
    }

    private async Task<JournalBatch> AppendWaitingAsync(string topic, ReadOnlyMemory<byte> payload, DateTimeOffset receivedAt, byte qos, CancellationToken cancellation)
    {
        while (true)
        {
            Task signal;
            lock (gate)
            {
                signal = room.Task;
            }

            if (TryAppend(topic, payload.Span, receivedAt, qos, out var batch))
            {
                return batch;
            }

            await signal.WaitAsync(cancellation).ConfigureAwait(false);
        }
    }

    private void Write()
    {
        var loaded = false;
        while (true)
        {
            if (loaded)
            {
                Linger();
            }

            var batch = TakeBatch();
            if (batch is not null)
            {
                Commit(batch);

                // Many small commits cost more than they gain: each wakes every connection that waits for it. A lone message still goes at once.
                loaded = batch.Count >= options.CommitCountMax / 16;
            }
            else if (stopping)
            {
                if (trouble is null)
                {
                    Tidy();
                }

                return;
            }
            else if (!wake.WaitOne(emptied.IsEmpty ? Timeout.InfiniteTimeSpan : TidyAfter))
            {
                Tidy();
            }
        }
    }

    /// <summary>Lets the next commit fill up, until it is full or its first message has waited long enough.</summary>
    private void Linger()
    {
        while (!stopping)
        {
            TimeSpan left;
            lock (gate)
            {
                left = LingerMax - Stopwatch.GetElapsedTime(current.StartedTimestamp);
                writerLingers = waiting.Count == 0 && current.Count > 0 && left >= TimeSpan.FromMilliseconds(1);
                if (!writerLingers)
                {
                    return;
                }
            }

            wake.WaitOne(left);
        }
    }

    private JournalBatch? TakeBatch()
    {
        lock (gate)
        {
            if (waiting.TryDequeue(out var full))
            {
                return full;
            }

            if (current.Count == 0)
            {
                writerSleeps = true;
                return null;
            }

            var batch = current;
            current = NewBatch();
            return batch;
        }
    }

    private void Commit(JournalBatch batch)
    {
        while (!TryCommit(batch))
        {
            // A full or failing disk: nothing is acknowledged, the live picture goes on, and the commit is tried until it works or the node stops.
            if (stopping)
            {
                return;
            }

            wake.WaitOne(RetryAfter);
        }

        var lengthBytes = batch.Length;
        lock (gate)
        {
            pendingBytes -= lengthBytes;
            Interlocked.Add(ref bytes, lengthBytes);
        }

        metrics.RecordAge(Stopwatch.GetElapsedTime(batch.StartedTimestamp).TotalMilliseconds, "commit");
        batch.DropBody();
        batch.Complete();
        if (batch.IsDelivered)
        {
            OnEmptied(batch);
        }

        GrantRoom();
    }

    private bool TryCommit(JournalBatch? batch)
    {
        var gone = new List<JournalBatch>();
        try
        {
            using var transaction = connection.BeginTransaction();
            while (gone.Count < 10_000 && emptied.TryDequeue(out var row))
            {
                gone.Add(row);
                delete.Transaction = transaction;
                delete.Parameters[0].Value = row.RowId;
                delete.ExecuteNonQuery();
            }

            long id = 0;
            if (batch is not null)
            {
                id = Insert(batch);
            }

            transaction.Commit();
            if (batch is not null)
            {
                batch.RowId = id;
            }
        }
        catch (SqliteException failure)
        {
            gone.ForEach(emptied.Enqueue);
            if (trouble is null)
            {
                LogCannotCommit(failure);
            }

            trouble = failure.Message;
            return false;
        }

        if (trouble is not null)
        {
            LogCommitsAgain();
            trouble = null;
        }

        foreach (var row in gone)
        {
            Interlocked.Add(ref bytes, -row.Length);
        }

        if (gone.Count > 0)
        {
            GrantRoom();
        }

        return true;
    }

    private long Insert(JournalBatch batch)
    {
        Check(raw.sqlite3_bind_int(insert, 1, batch.Count));
        Check(raw.sqlite3_bind_blob(insert, 2, batch.Body));
        var stepped = raw.sqlite3_step(insert);
        var message = stepped == raw.SQLITE_DONE ? null : raw.sqlite3_errmsg(connection.Handle).utf8_to_string();
        raw.sqlite3_reset(insert);
        return message is null ? raw.sqlite3_last_insert_rowid(connection.Handle) : throw new SqliteException(message, stepped);
    }

    private void Check(int result)
    {
        if (result != raw.SQLITE_OK)
        {
            throw new SqliteException(raw.sqlite3_errmsg(connection.Handle).utf8_to_string(), result);
        }
    }

    private void Tidy()
    {
        while (!emptied.IsEmpty && TryCommit(null))
        {
        }
    }

    private void OnEmptied(JournalBatch batch)
    {
        // Before its commit a batch has no row; the commit looks again. A batch is handed over once: by whoever sees both.
        if (batch.Committed.IsCompleted && batch.TryHandOver())
        {
            emptied.Enqueue(batch);
            bool sleeps;
            lock (gate)
            {
                sleeps = writerSleeps && !stopping;
                writerSleeps = false;
            }

            if (sleeps)
            {
                wake.Set();
            }
        }
    }

    private void GrantRoom()
    {
        TaskCompletionSource granted;
        lock (gate)
        {
            granted = room;
            room = NewSignal();
        }

        granted.TrySetResult();
    }

    private double LagMs()
    {
        lock (gate)
        {
            var oldest = waiting.TryPeek(out var first) ? first : current;
            return oldest.Count == 0 ? 0 : Stopwatch.GetElapsedTime(oldest.StartedTimestamp).TotalMilliseconds;
        }
    }

    private void ListBacklog()
    {
        using var list = connection.CreateCommand();
        list.CommandText = "SELECT id, length(body) FROM batches ORDER BY id;";
        using var rows = list.ExecuteReader();
        while (rows.Read())
        {
            backlog.Add((rows.GetInt64(0), rows.GetInt32(1)));
            bytes += rows.GetInt32(1);
        }
    }

    private List<(string Topic, byte[] Payload, DateTimeOffset ReceivedAt, byte Qos)>? ReadRow(SqliteConnection reading, long id)
    {
        using var select = reading.CreateCommand();
        select.CommandText = "SELECT body FROM batches WHERE id = $id;";
        select.Parameters.AddWithValue("$id", id);
        var row = (byte[])select.ExecuteScalar()!;
        try
        {
            return JournalBatch.Parse(row);
        }
        catch (InvalidDataException broken)
        {
            LogBrokenRow(broken, id);
            return null;
        }
    }

    private string Remember(string key, Func<string?, string> next)
    {
        using var read = connection.CreateCommand();
        read.CommandText = "SELECT value FROM node WHERE key = $key;";
        read.Parameters.AddWithValue("$key", key);
        var value = next(read.ExecuteScalar() as string);
        using var write = connection.CreateCommand();
        write.CommandText = "INSERT INTO node (key, value) VALUES ($key, $value) ON CONFLICT (key) DO UPDATE SET value = excluded.value;";
        write.Parameters.AddWithValue("$key", key);
        write.Parameters.AddWithValue("$value", value);
        write.ExecuteNonQuery();
        return value;
    }

    private void Execute(string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    private JournalBatch NewBatch() => new(OnEmptied);

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
