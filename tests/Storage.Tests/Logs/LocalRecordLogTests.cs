using CsCheck;
using KgOrleans.Storage.Logs;

namespace KgOrleans.Storage.Tests.Logs;

[Trait("Suite", "Unit")]
public sealed class LocalRecordLogTests : IDisposable
{
    // Larger than a read window, and different at every offset that could be confused.
    private static readonly Gen<byte[]> LargePayload = Gen.Int[0, 100_000].Select(length => Enumerable.Range(0, length).Select(i => (byte)(i % 251)).ToArray());

    private readonly LogFixture _fixture = new();

    public void Dispose() => _fixture.Dispose();

    [Fact]
    public async Task Records_come_back_in_order_with_the_positions_of_the_append()
    {
        await using var log = await _fixture.Store.OpenAsync("shard-000");
        byte[][] payloads = [[1, 2, 3], [], [4], new byte[LogLimits.MaxRecordBytes]];
        payloads[3][^1] = 9;

        var result = await log.AppendAsync(LogFixture.Records(payloads));

        var read = new List<LogRecord>();
        await foreach (var record in log.ReadAsync())
            read.Add(record);
        Assert.Equal(payloads, read.Select(record => record.Payload.ToArray()));
        Assert.Equal(result.Positions, read.Select(record => record.Position));
        Assert.Equal([.. result.Positions.Skip(1), result.EndPosition], read.Select(record => record.NextPosition));
        Assert.Equal(result.EndPosition, log.EndPosition);
        for (int i = 0; i < payloads.Length; i++)
            Assert.Equal(payloads[i], (await log.ReadAtAsync(result.Positions[i])).ToArray());
        Assert.Equal(payloads[2..], await LogFixture.ReadAllAsync(log, result.Positions[2]));
        Assert.Empty(await LogFixture.ReadAllAsync(log, log.EndPosition));
    }

    [Fact]
    public Task Any_sequence_of_appends_and_reopens_reads_as_a_list() =>
        Gen.Select(Gen.Frequency((8, Gen.Byte.Array[0, 300]), (1, LargePayload)).List[0, 6], Gen.Bool).List[1, 12].SampleAsync(
            async steps =>
            {
                using var fixture = new LogFixture();
                var expected = new List<byte[]>();
                var log = await fixture.Store.OpenAsync("p");
                foreach (var (payloads, reopen) in steps)
                {
                    await log.AppendAsync(LogFixture.Records([.. payloads]));
                    expected.AddRange(payloads);
                    if (reopen)
                    {
                        await log.DisposeAsync();
                        log = await fixture.Store.OpenAsync("p");
                    }
                    Assert.Equal(expected, await LogFixture.ReadAllAsync(log));
                }
                await log.DisposeAsync();
                Assert.Empty(fixture.Logger.Entries);
            },
            iter: 50);

    [Fact]
    public async Task Concurrent_appenders_each_find_every_record_once_and_in_their_order()
    {
        const int Appenders = 32, Each = 50;
        int flushes = 0;
        await using var log = await _fixture.Store.OpenAsync(
            "shard-000",
            handle =>
            {
                Interlocked.Increment(ref flushes);
                RandomAccess.FlushToDisk(handle);
            },
            CancellationToken.None);

        long[][] positions = await Task.WhenAll(Enumerable.Range(0, Appenders).Select(appender => Task.Run(async () =>
        {
            var own = new List<long>();
            for (int number = 0; number < Each; number++)
                own.Add((await log.AppendAsync([new byte[] { (byte)appender, (byte)number }])).Positions[0]);
            return own.ToArray();
        })));

        var read = await LogFixture.ReadAllAsync(log);
        Assert.Equal(Appenders * Each, read.Count);
        foreach (var group in read.GroupBy(payload => payload[0]))
            Assert.Equal(Enumerable.Range(0, Each), group.Select(payload => (int)payload[1]));
        Assert.All(positions, own => Assert.Equal(own.Order(), own));
        Assert.InRange(flushes, 1, Appenders * Each / 2);
    }

    [Fact]
    public async Task An_append_completes_only_after_its_flush()
    {
        using var gate = new ManualResetEventSlim();
        bool block = false;
        await using var log = await _fixture.Store.OpenAsync(
            "shard-000",
            handle =>
            {
                if (Volatile.Read(ref block))
                    gate.Wait();
                RandomAccess.FlushToDisk(handle);
            },
            CancellationToken.None);
        long before = log.EndPosition;
        Volatile.Write(ref block, true);

        var append = log.AppendAsync([new byte[5]]).AsTask();
        while (new FileInfo(_fixture.FileOf("shard-000")).Length == before)
            await Task.Yield();

        try
        {
            Assert.False(append.IsCompleted);
            Assert.Equal(before, log.EndPosition);
            Assert.Empty(await LogFixture.ReadAllAsync(log));
        }
        finally
        {
            gate.Set();
        }
        long end = (await append).EndPosition;
        Assert.Equal(end, log.EndPosition);
    }

    [Fact]
    public async Task A_failed_flush_fails_the_append_and_every_later_one_until_reopened()
    {
        bool fail = false;
        await using (var log = await _fixture.Store.OpenAsync("shard-000", _ => Throw(Volatile.Read(ref fail)), CancellationToken.None))
        {
            await log.AppendAsync([new byte[] { 1 }]);
            Volatile.Write(ref fail, true);
            var failure = await Assert.ThrowsAsync<StorageException>(() => log.AppendAsync([new byte[] { 2 }]).AsTask());
            Assert.Contains("device gone", failure.Message, StringComparison.Ordinal);
            Volatile.Write(ref fail, false);
            var later = await Assert.ThrowsAsync<StorageException>(() => log.AppendAsync([new byte[] { 3 }]).AsTask());
            Assert.False(later.IsTransient);
            Assert.Equal([[1]], await LogFixture.ReadAllAsync(log));
        }
        await using var reopened = await _fixture.Store.OpenAsync("shard-000");
        await reopened.AppendAsync([new byte[] { 4 }]);
        Assert.Equal([[1], [4]], await LogFixture.ReadAllAsync(reopened));

        static void Throw(bool fail)
        {
            if (fail)
                throw new IOException("device gone");
        }
    }

    [Fact]
    public async Task Oversized_records_and_appends_are_refused_and_change_nothing()
    {
        await using var log = await _fixture.Store.OpenAsync("shard-000");
        long end = log.EndPosition;
        await Assert.ThrowsAsync<ArgumentException>(() => log.AppendAsync([new byte[LogLimits.MaxRecordBytes + 1]]).AsTask());
        var many = Enumerable.Repeat<ReadOnlyMemory<byte>>(new byte[LogLimits.MaxRecordBytes], 17).ToArray();
        await Assert.ThrowsAsync<ArgumentException>(() => log.AppendAsync(many).AsTask());
        Assert.Equal(end, log.EndPosition);
        await log.AppendAsync(many[..16]);
        Assert.Equal(16, (await LogFixture.ReadAllAsync(log)).Count);
    }

    [Fact]
    public async Task Positions_that_are_no_record_are_refused()
    {
        await using var log = await _fixture.Store.OpenAsync("shard-000");
        long position = (await log.AppendAsync(LogFixture.Records([1, 2, 3, 4, 5, 6, 7, 8, 9], [1]))).Positions[0];
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => log.ReadAtAsync(0).AsTask());
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => log.ReadAtAsync(log.EndPosition).AsTask());
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => LogFixture.ReadAllAsync(log, log.EndPosition + 1));
        var inside = await Assert.ThrowsAsync<LogCorruptException>(() => log.ReadAtAsync(position + 1).AsTask());
        Assert.Equal(position + 1, inside.Position);
        await Assert.ThrowsAsync<LogCorruptException>(() => LogFixture.ReadAllAsync(log, position + 1));
    }

    [Theory]
    [InlineData("")]
    [InlineData("../escape")]
    [InlineData("Shard")]
    [InlineData("a/b")]
    [InlineData("a.b")]
    [InlineData("a\n")]
    public async Task Names_that_could_be_paths_are_refused(string name)
    {
        await Assert.ThrowsAsync<ArgumentException>(() => _fixture.Store.OpenAsync(name).AsTask());
        await Assert.ThrowsAsync<ArgumentException>(() => _fixture.Store.OpenAsync(new string('a', 65)).AsTask());
        await Assert.ThrowsAsync<ArgumentException>(() => _fixture.Store.ReadDocumentAsync(name).AsTask());
    }

    [Fact]
    public async Task A_log_is_open_once_and_listed_by_name()
    {
        await using (var log = await _fixture.Store.OpenAsync("shard-001"))
        await using (var other = await _fixture.Store.OpenAsync("shard-000"))
        {
            var refused = await Assert.ThrowsAsync<StorageException>(() => _fixture.Store.OpenAsync("shard-001").AsTask());
            Assert.Contains("shard-001.log", refused.Message, StringComparison.Ordinal);
        }
        Assert.Equal(["shard-000", "shard-001"], await _fixture.Store.ListAsync());
        await using var again = await _fixture.Store.OpenAsync("shard-001");
    }

    [Fact]
    public async Task Waiting_ends_with_the_next_append_or_with_the_close()
    {
        var log = await _fixture.Store.OpenAsync("shard-000");
        var first = log.WaitForAppendAsync(0).AsTask();
        Assert.False(first.IsCompleted);
        await log.AppendAsync([new byte[1]]);
        Assert.True(await first);
        Assert.True(await log.WaitForAppendAsync(0));
        var second = log.WaitForAppendAsync(log.EndPosition).AsTask();
        using var cancelled = new CancellationTokenSource();
        var third = log.WaitForAppendAsync(log.EndPosition, cancelled.Token).AsTask();
        await cancelled.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => third);
        Assert.False(second.IsCompleted);
        await log.DisposeAsync();
        Assert.False(await second);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => log.AppendAsync([new byte[1]]).AsTask());
    }

    [Fact]
    public async Task Documents_are_replaced_whole_and_leave_no_temporary_files()
    {
        Assert.Null(await _fixture.Store.ReadDocumentAsync("events"));
        await _fixture.Store.WriteDocumentAsync("events", new byte[100]);
        await _fixture.Store.WriteDocumentAsync("events", "{}"u8.ToArray());
        Assert.Equal("{}"u8.ToArray(), await _fixture.Store.ReadDocumentAsync("events"));
        Assert.Equal(["events.json"], Directory.GetFiles(_fixture.Root).Select(Path.GetFileName));
    }
}
