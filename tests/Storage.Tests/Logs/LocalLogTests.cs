using KgOrleans.Storage.Logs;
using Microsoft.Extensions.Logging;
using Microsoft.Win32.SafeHandles;

namespace KgOrleans.Storage.Tests.Logs;

/// <summary>The rules of logs on the local disk, and what only a disk has.</summary>
[Trait("Suite", "Unit")]
public sealed class LocalLogTests : LogRules, IDisposable
{
    private readonly LogFixture _fixture = new();

    protected override int Samples => 50;

    public void Dispose() => _fixture.Dispose();

    [Fact]
    public async Task An_append_completes_only_after_its_flush_and_many_share_one()
    {
        const int Appenders = 32, Each = 50;
        int flushes = 0;
        using var gate = new ManualResetEventSlim(initialState: true);
        await using var log = await _fixture.OpenAsync("shard-000", handle =>
        {
            gate.Wait();
            Interlocked.Increment(ref flushes);
            RandomAccess.FlushToDisk(handle);
        });
        long before = log.EndPosition;
        gate.Reset();
        var append = log.AppendAsync([new byte[5]]).AsTask();
        while (new FileInfo(_fixture.FileOf("shard-000")).Length == SegmentFormat.HeaderBytes)
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
        Assert.Equal((await append).EndPosition, log.EndPosition);

        flushes = 0;
        await Task.WhenAll(Enumerable.Range(0, Appenders).Select(_ => Task.Run(async () =>
        {
            for (int number = 0; number < Each; number++)
                await log.AppendAsync([new byte[2]]);
        })));
        Assert.InRange(flushes, 1, Appenders * Each / 2);
    }

    [Fact]
    public async Task A_log_whose_flush_failed_refuses_appends_and_heals_when_flushes_succeed_again()
    {
        bool fail = false;
        await using var log = await _fixture.OpenAsync("shard-000", handle => Flush(handle, Volatile.Read(ref fail)), segmentBytes: SegmentBytes);
        await log.AppendAsync(LogFixture.Records([1, .. new byte[3_000]]));
        long end = log.EndPosition;
        Volatile.Write(ref fail, true);
        var failure = await Assert.ThrowsAsync<StorageException>(() => log.AppendAsync(LogFixture.Records([2])).AsTask());
        Assert.True(failure.IsTransient);
        Assert.Contains("device gone", failure.Message, StringComparison.Ordinal);
        // As long as flushes fail it stays refused, and what there is can be read.
        for (int i = 0; i < 5; i++)
        {
            Assert.True((await Assert.ThrowsAsync<StorageException>(() => log.AppendAsync(LogFixture.Records([3])).AsTask())).IsTransient);
            Assert.NotNull(log.Failure);
            Assert.Equal([1], (await LogFixture.ReadAllAsync(log)).Select(p => p[0]));
            await Task.Delay(100);
        }
        Volatile.Write(ref fail, false);
        while (log.Failure is not null)
            await Task.Delay(10, TestContext.Current.CancellationToken);
        Assert.Equal(end, (await log.AppendAsync(LogFixture.Records([4]))).Positions[0]);
        Assert.Equal([1, 4], (await LogFixture.ReadAllAsync(log)).Select(p => p[0]));
        Assert.Equal([LogLevel.Error, LogLevel.Warning], _fixture.Logger.Entries.Where(e => e.Level > LogLevel.Debug).Select(e => e.Level));
        await using var next = await _fixture.OpenAsync("shard-000");
        Assert.Equal([1, 4], (await LogFixture.ReadAllAsync(next)).Select(p => p[0]));
    }

    [Fact]
    public async Task A_log_that_was_trimmed_to_its_end_uses_no_position_again_when_it_heals()
    {
        await using (var log = await _fixture.OpenAsync("shard-000", segmentBytes: 100))
            await log.AppendAsync(LogFixture.Records([1, .. new byte[200]]));
        bool fail = false;
        await using var second = await _fixture.OpenAsync("shard-000", handle =>
        {
            bool now = Volatile.Read(ref fail);
            Volatile.Write(ref fail, false);
            Flush(handle, now);
        }, segmentBytes: 100);
        long end = second.EndPosition;
        await second.TrimAsync(end);
        Assert.Equal(end, second.FirstPosition);
        Volatile.Write(ref fail, true);
        await Assert.ThrowsAsync<StorageException>(() => second.AppendAsync(LogFixture.Records([3])).AsTask());
        while (second.Failure is not null)
            await Task.Delay(10, TestContext.Current.CancellationToken);
        Assert.Equal(end, (await second.AppendAsync(LogFixture.Records([4]))).Positions[0]);
        Assert.Equal([4], (await LogFixture.ReadAllAsync(second)).Select(p => p[0]));
    }

    [Fact]
    public async Task Reads_go_on_while_a_log_heals_again_and_again()
    {
        bool fail = false;
        await using var log = await _fixture.OpenAsync("shard-000", handle =>
        {
            if (Volatile.Read(ref fail))
            {
                Volatile.Write(ref fail, false);
                throw new IOException("device gone");
            }
            RandomAccess.FlushToDisk(handle);
        });
        byte[][] records = [.. Enumerable.Range(0, 50).Select(i => new byte[] { (byte)i, 0, 0 })];
        long[] positions = (await log.AppendAsync(LogFixture.Records(records))).Positions;
        using var stop = new CancellationTokenSource();
        var readers = Enumerable.Range(0, 3).Select(reader => Task.Run(async () =>
        {
            var random = new Random(reader);
            int read = 0;
            for (; !stop.IsCancellationRequested; read++)
            {
                int at = random.Next(records.Length);
                Assert.Equal(records[at], (await log.ReadAtAsync(positions[at])).ToArray());
                Assert.Equal(records, (await LogFixture.ReadAllAsync(log)).Take(records.Length));
            }
            return read;
        })).ToArray();
        for (int round = 0; round < 10; round++)
        {
            Volatile.Write(ref fail, true);
            await Assert.ThrowsAsync<StorageException>(() => log.AppendAsync(LogFixture.Records([99])).AsTask());
            while (log.Failure is not null)
                await Task.Delay(5, TestContext.Current.CancellationToken);
        }
        await stop.CancelAsync();
        Assert.All(await Task.WhenAll(readers), read => Assert.True(read > 0));
        Assert.InRange(_fixture.FilesOf("shard-000").Length, 1, 1);
    }

    [Fact]
    public async Task A_failure_between_segments_costs_that_append_only()
    {
        bool fail = false;
        await using var log = await _fixture.OpenAsync("shard-000", handle => Flush(handle, Volatile.Read(ref fail)), segmentBytes: 100);
        await log.AppendAsync(LogFixture.Records([1, .. new byte[200]]));
        Volatile.Write(ref fail, true);
        await Assert.ThrowsAsync<StorageException>(() => log.AppendAsync(LogFixture.Records([2])).AsTask());
        Volatile.Write(ref fail, false);
        Assert.Null(log.Failure);
        await log.AppendAsync(LogFixture.Records([3]));
        Assert.Equal([1, 3], (await LogFixture.ReadAllAsync(log)).Select(p => p[0]));
    }

    [Fact]
    public async Task A_log_that_was_taken_over_while_it_was_stopped_stays_stopped()
    {
        bool fail = false;
        await using var log = await _fixture.OpenAsync("shard-000", handle => Flush(handle, Volatile.Read(ref fail)));
        await log.AppendAsync(LogFixture.Records([1]));
        Volatile.Write(ref fail, true);
        await Assert.ThrowsAsync<StorageException>(() => log.AppendAsync(LogFixture.Records([4])).AsTask());
        await using var other = await _fixture.OpenAsync("shard-000");
        await other.AppendAsync(LogFixture.Records([5]));
        Volatile.Write(ref fail, false);
        while (log.Failure?.Contains("another writer", StringComparison.Ordinal) != true)
            await Task.Delay(10, TestContext.Current.CancellationToken);
        await Assert.ThrowsAsync<LogFencedException>(() => log.AppendAsync(LogFixture.Records([6])).AsTask());
        Assert.Equal([1, 5], (await LogFixture.ReadAllAsync(other)).Select(p => p[0]));
    }

    [Fact]
    public async Task A_writer_that_is_fenced_between_its_write_and_its_answer_leaves_what_the_next_one_found()
    {
        using var isWritten = new ManualResetEventSlim();
        using var isTakenOver = new ManualResetEventSlim();
        bool hold = false;
        var first = await _fixture.OpenAsync("shard-000", handle =>
        {
            RandomAccess.FlushToDisk(handle);
            if (!Volatile.Read(ref hold))
                return;
            isWritten.Set();
            isTakenOver.Wait();
        });
        await first.AppendAsync(LogFixture.Records([1]));
        Volatile.Write(ref hold, true);
        var late = first.AppendAsync(LogFixture.Records([2])).AsTask();
        isWritten.Wait();
        await using var second = await _fixture.OpenAsync("shard-000");
        isTakenOver.Set();
        await Assert.ThrowsAsync<LogFencedException>(() => late);
        await first.DisposeAsync();
        // It was not acknowledged, and may be there: as after a crash.
        await second.AppendAsync(LogFixture.Records([3]));
        Assert.Equal([[1], [2], [3]], await LogFixture.ReadAllAsync(second));
        await using var third = await _fixture.OpenAsync("shard-000");
        Assert.Equal([[1], [2], [3]], await LogFixture.ReadAllAsync(third));
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
    public async Task Logs_are_listed_by_name()
    {
        await using (var log = await _fixture.Store.OpenAsync("shard-001"))
        await using (var other = await _fixture.Store.OpenAsync("shard-000"))
            Assert.Equal(["shard-000", "shard-001"], await _fixture.Store.ListAsync());
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

    private static void Flush(SafeFileHandle handle, bool fail)
    {
        if (fail)
            throw new IOException("device gone");
        RandomAccess.FlushToDisk(handle);
    }

    protected override Task<IRecordLog> OpenAsync(string name) => _fixture.OpenAsync(name, segmentBytes: SegmentBytes);

    protected override Task<int> SegmentsAsync(string name) => Task.FromResult(_fixture.FilesOf(name).Length);
}
