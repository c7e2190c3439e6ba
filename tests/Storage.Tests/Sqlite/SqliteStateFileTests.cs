using System.Buffers.Binary;
using System.Text;
using KgOrleans.Storage.Sqlite;
using KgOrleans.Storage.Tests.Children;
using Microsoft.Data.Sqlite;
using Orleans.Storage;

namespace KgOrleans.Storage.Tests.Sqlite;

[Trait("Suite", "Unit")]
public sealed class SqliteStateFileTests : IAsyncDisposable
{
    private readonly SqliteFixture _fixture = new();

    public ValueTask DisposeAsync() => _fixture.DisposeAsync();

    [Fact]
    public async Task A_newer_schema_is_refused()
    {
        await _fixture.OpenAsync();
        await _fixture.CloseAsync();
        _fixture.ExecuteRaw("PRAGMA user_version = 99");
        await AssertRefusedAsync("version 99");
    }

    [Fact]
    public async Task A_file_of_the_first_schema_is_migrated_with_its_states_and_versions()
    {
        _fixture.ExecuteRaw("""
            PRAGMA journal_mode = WAL;
            CREATE TABLE grain_state (
                name TEXT NOT NULL, grain_id TEXT NOT NULL, payload BLOB NOT NULL, version INTEGER NOT NULL, modified INTEGER NOT NULL, PRIMARY KEY (name, grain_id));
            CREATE TABLE version_block (id INTEGER PRIMARY KEY CHECK (id = 1), next INTEGER NOT NULL);
            INSERT INTO version_block VALUES (1, 1000);
            INSERT INTO grain_state VALUES ('profile', 'user/42', '{"name":"old"}', 7, 0);
            PRAGMA application_id = 0x4B674753;
            PRAGMA user_version = 1;
            """);
        _fixture.Options.ServiceId = "kg";
        await _fixture.OpenAsync();
        var state = new Stored<Profile>();
        await _fixture.Storage.ReadStateAsync("profile", GrainId.Create("user", "42"), state);
        Assert.Equal(("old", "7"), (state.State.Name, state.ETag));
        await _fixture.Storage.WriteStateAsync("profile", GrainId.Create("user", "42"), state);
        Assert.True(long.Parse(state.ETag) >= 1000);
        await _fixture.CloseAsync();
        using var connection = SqliteStateSchema.OpenReader(_fixture.File);
        Assert.Equal(SqliteStateSchema.Version, SqliteStateSchema.Scalar(connection, "PRAGMA user_version"));
        Assert.Equal(1, SqliteStateSchema.Scalar(connection, "SELECT count(*) FROM store WHERE service_id = 'kg'"));
    }

    [Fact]
    public async Task A_second_process_is_refused_until_the_first_is_gone()
    {
        using var child = ChildProcess.Start("state", _fixture.File);
        Assert.NotNull(await child.ReadLineAsync());
        var refused = await Assert.ThrowsAsync<StorageException>(() => _fixture.OpenAsync());
        Assert.True(refused.IsTransient);
        Assert.Contains("in use by another process", refused.Message, StringComparison.Ordinal);
        await child.KillAsync();
        await _fixture.OpenAsync();
    }

    [Fact]
    public async Task A_stored_document_that_is_no_JSON_fails_the_read_and_stays()
    {
        await _fixture.OpenAsync();
        var grain = GrainId.Create("user", "42");
        await _fixture.Storage.WriteStateAsync("profile", grain, new Stored<Profile> { State = new Profile() });
        await _fixture.CloseAsync();
        _fixture.ExecuteRaw("UPDATE grain_state SET payload = CAST('{\"name\":' AS BLOB)");
        await _fixture.OpenAsync();
        var failure = await Assert.ThrowsAsync<StorageException>(() => _fixture.Storage.ReadStateAsync("profile", grain, new Stored<Profile>()));
        Assert.False(failure.IsTransient);
        await Assert.ThrowsAsync<InconsistentStateException>(
            () => _fixture.Storage.WriteStateAsync("profile", grain, new Stored<Profile> { State = new Profile() }));
    }

    [Fact]
    public async Task Another_programs_database_is_refused_and_left_alone()
    {
        _fixture.ExecuteRaw("CREATE TABLE theirs (x)");
        byte[] before = await File.ReadAllBytesAsync(_fixture.File);
        await AssertRefusedAsync("not a grain state file");
        Assert.Equal(before, await File.ReadAllBytesAsync(_fixture.File));
    }

    [Fact]
    public async Task A_file_that_is_no_database_is_refused()
    {
        await File.WriteAllTextAsync(_fixture.File, new string('x', 10_000));
        await AssertRefusedAsync("damaged");
    }

    [Fact]
    public async Task Overwritten_pages_are_refused_at_the_start()
    {
        await FillAsync(200);
        await using (var file = File.OpenWrite(_fixture.File))
        {
            file.Position = 8192 * 3;
            file.Write(Enumerable.Repeat((byte)0xEE, 8192 * 4).ToArray());
        }
        await AssertRefusedAsync("damaged");
    }

    [Fact]
    public async Task A_file_over_the_check_limit_opens_and_shows_its_damage_when_read()
    {
        await FillAsync(200);
        await using (var file = File.OpenWrite(_fixture.File))
        {
            // Behind the schema and the roots of the trees: the pages that hold states.
            file.Position = file.Length / 2;
            file.Write(Enumerable.Repeat((byte)0xEE, (int)file.Length / 2).ToArray());
        }
        _fixture.Options.MaxCheckedBytes = 0;
        var storage = await _fixture.OpenAsync();
        var failures = new List<Exception?>();
        for (int key = 0; key < 200; key++)
            failures.Add(await Record.ExceptionAsync(() => storage.ReadStateAsync("profile", GrainId.Create("user", $"{key}"), new Stored<Profile>())));
        Assert.Contains(
            failures, failure => failure is StorageException { IsTransient: false } && failure.Message.Contains(_fixture.File, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_flipped_bit_in_a_state_is_found_when_it_is_read()
    {
        await FillAsync(1);
        byte[] whole = File.ReadAllBytes(_fixture.File);
        int payload = whole.AsSpan().IndexOf("\"seen\":[0,1,2"u8);
        Assert.True(payload > 0);
        whole[payload + 9] ^= 2;
        await File.WriteAllBytesAsync(_fixture.File, whole);
        var storage = await _fixture.OpenAsync();
        var damaged = await Assert.ThrowsAsync<StorageException>(() => storage.ReadStateAsync("profile", GrainId.Create("user", "0"), new Stored<Profile>()));
        Assert.Contains("user/0", damaged.Message, StringComparison.Ordinal);
        Assert.False(damaged.IsTransient);
        using var reader = SqliteStateReader.Open(_fixture.File);
        Assert.Throws<StorageException>(() => reader.ReadAll().Count());
    }

    [Theory]
    [InlineData("deleted", "is missing")]
    [InlineData("emptied", "is empty")]
    [InlineData("made anew", "belongs to another")]
    [InlineData("older", "were acknowledged")]
    public async Task A_file_that_lacks_acknowledged_commits_is_refused_until_its_mark_is_deleted(string fault, string reason)
    {
        await FillAsync(1);
        byte[] older = await File.ReadAllBytesAsync(_fixture.File);
        var storage = await _fixture.OpenAsync();
        await storage.WriteStateAsync("profile", GrainId.Create("user", "later"), new Stored<Profile> { State = new Profile() });
        await _fixture.CloseAsync();
        string mark = Path.ChangeExtension(_fixture.File, ".mark");
        byte[] marked = await File.ReadAllBytesAsync(mark);
        switch (fault)
        {
            case "older":
                await File.WriteAllBytesAsync(_fixture.File, older);
                break;
            case "emptied":
                await File.WriteAllBytesAsync(_fixture.File, []);
                break;
            default:
                File.Delete(_fixture.File);
                break;
        }
        if (fault == "made anew")
        {
            File.Delete(mark);
            await _fixture.OpenAsync();
            await _fixture.CloseAsync();
            await File.WriteAllBytesAsync(mark, marked);
        }

        await AssertRefusedAsync(reason);
        // One damaged half of the mark changes nothing.
        marked[32 + 3] ^= 1;
        await File.WriteAllBytesAsync(mark, marked);
        await AssertRefusedAsync(reason);

        File.Delete(mark);
        await _fixture.OpenAsync();
        await _fixture.CloseAsync();
        Assert.True(File.Exists(mark));
    }

    [Fact]
    public async Task Every_acknowledged_state_survives_kill_9()
    {
        using var child = ChildProcess.Start("state", _fixture.File);
        var acknowledged = new List<string>();
        for (int i = 0; i < 300; i++)
            acknowledged.Add((await child.ReadLineAsync())!);
        acknowledged.AddRange(await child.KillAsync());
        var newest = acknowledged.Select(
            line => Array.ConvertAll(
                line.Split(':'), int.Parse)).GroupBy(pair => pair[0], pair => pair[1]).ToDictionary(group => group.Key, group => group.Max());

        using (var reader = SqliteStateReader.Open(_fixture.File))
            AssertNewest(reader.ReadAll().ToDictionary(state => state.GrainId, state => Encoding.UTF8.GetString(state.Payload)));
        await using var store = SqliteStateStore.Open(_fixture.Options, TimeProvider.System);
        var stored = new Dictionary<string, string>();
        foreach (int writer in newest.Keys)
            stored[$"g/{writer}"] = Encoding.UTF8.GetString((await store.ReadAsync("s", $"g/{writer}", CancellationToken.None))!.Value.Payload);
        AssertNewest(stored);

        void AssertNewest(Dictionary<string, string> states)
        {
            foreach (var (writer, number) in newest)
                Assert.InRange(int.Parse(states[$"g/{writer}"].Split(':')[1]), number, number + 1);
        }
    }

    [Fact]
    public async Task Writes_that_wait_together_share_transactions_and_a_conflict_fails_itself_alone()
    {
        const int Writes = 400, Batch = 64;
        _fixture.Options.MaxBatchWrites = Batch;
        await using var store = SqliteStateStore.Open(_fixture.Options, TimeProvider.System);
        Assert.True((await store.WriteAsync("s", "g/7", [1], null, CancellationToken.None)).Applied);
        int before = CountTransactions();
        ValueTask<StateWriteResult>[] writes;
        using (var connection = new SqliteConnection($"Data Source={_fixture.File};Pooling=false"))
        {
            // While a second connection holds the write lock, the writer waits and everything else queues behind its first batch.
            connection.Open();
            using var blocker = connection.BeginTransaction(deferred: false);
            writes = [.. Enumerable.Range(0, Writes).Select(key => store.WriteAsync("s", $"g/{key}", new byte[10], null, CancellationToken.None))];
        }
        for (int key = 0; key < Writes; key++)
            Assert.Equal(key != 7, (await writes[key]).Applied);
        Assert.InRange(CountTransactions() - before, 1, (Writes / Batch) + 2);
    }

    [Fact]
    public void The_writer_is_durable_at_commit()
    {
        using var connection = SqliteStateSchema.OpenWriter(_fixture.File, 0);
        const long Full = 2;
        Assert.Equal(Full, SqliteStateSchema.Scalar(connection, "PRAGMA synchronous"));
        Assert.True(File.Exists(_fixture.File + "-wal"));
    }

    /// <summary>
    /// Commits in the write-ahead log: frames whose header gives the size of the database after the commit (sqlite.org/fileformat2.html, section 4.1).
    /// </summary>
    private int CountTransactions()
    {
        const int HeaderBytes = 32, FrameHeaderBytes = 24, PageBytes = 8192;
        using var file = new FileStream(_fixture.File + "-wal", FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        byte[] bytes = new byte[file.Length];
        file.ReadExactly(bytes);
        int commits = 0;
        for (int frame = HeaderBytes; frame + FrameHeaderBytes + PageBytes <= bytes.Length; frame += FrameHeaderBytes + PageBytes)
            commits += BinaryPrimitives.ReadUInt32BigEndian(bytes.AsSpan(frame + 4)) != 0 ? 1 : 0;
        return commits;
    }

    private async Task FillAsync(int states)
    {
        var storage = await _fixture.OpenAsync();
        for (int key = 0; key < states; key++)
        {
            var state = new Stored<Profile> { State = new Profile { Seen = [.. Enumerable.Range(0, 100).Select(value => (long)value)] } };
            await storage.WriteStateAsync("profile", GrainId.Create("user", $"{key}"), state);
        }
        await _fixture.CloseAsync();
    }

    private async Task AssertRefusedAsync(string reason)
    {
        var refused = await Assert.ThrowsAsync<StorageException>(() => _fixture.OpenAsync());
        Assert.False(refused.IsTransient);
        Assert.Contains(reason, refused.Message, StringComparison.Ordinal);
        Assert.Contains(_fixture.File, refused.Message, StringComparison.Ordinal);
    }
}
