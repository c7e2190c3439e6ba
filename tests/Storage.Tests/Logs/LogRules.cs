using CsCheck;
using KgOrleans.Storage.Logs;

namespace KgOrleans.Storage.Tests.Logs;

/// <summary>What a log does, on whatever medium. Each store runs all of it.</summary>
public abstract class LogRules
{
    // Small, so that a few appends make several segments.
    protected const long SegmentBytes = 4_000;

    // Larger than a read window, and different at every offset that could be confused.
    private static readonly Gen<byte[]> LargePayload = Gen.Int[0, 100_000].Select(length => Enumerable.Range(0, length).Select(i => (byte)(i % 251)).ToArray());

    private string _name = "a-" + Guid.NewGuid().ToString("N");

    /// <summary>How often properties are tried: a disk is faster than a service.</summary>
    protected abstract int Samples { get; }

    /// <summary>Takes a log over, with segments of <see cref="SegmentBytes"/>.</summary>
    protected abstract Task<IRecordLog> OpenAsync(string name);

    /// <summary>How many segments a log has.</summary>
    protected abstract Task<int> SegmentsAsync(string name);

    [Fact]
    public async Task Records_come_back_in_order_with_the_positions_of_the_append()
    {
        await using var log = await OpenAsync(_name);
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
    public Task Any_sequence_of_appends_and_takeovers_reads_as_a_list() =>
        Gen.Select(Gen.Frequency((8, Gen.Byte.Array[0, 300]), (1, LargePayload)).List[0, 6], Gen.Int[0, 3]).List[1, 12].SampleAsync(
            async steps =>
            {
                string name = "p-" + Guid.NewGuid().ToString("N");
                var expected = new List<byte[]>();
                var positions = new List<long>();
                var log = await OpenAsync(name);
                foreach (var (payloads, then) in steps)
                {
                    positions.AddRange((await log.AppendAsync(LogFixture.Records([.. payloads]))).Positions);
                    expected.AddRange(payloads);
                    var before = log;
                    // One in four is closed before it is opened again, one is fenced while it is open.
                    if (then == 1)
                        await before.DisposeAsync();
                    if (then is 1 or 2)
                        log = await OpenAsync(name);
                    if (then == 2)
                        await before.DisposeAsync();
                    Assert.Equal(expected, await LogFixture.ReadAllAsync(log));
                }
                Assert.Equal(positions.Order(), positions);
                for (int i = 0; i < positions.Count; i++)
                    Assert.Equal(expected[i], (await log.ReadAtAsync(positions[i])).ToArray());
                await log.DisposeAsync();
            },
            iter: Samples);

    [Fact]
    public async Task Concurrent_appenders_each_find_every_record_once_and_in_their_order()
    {
        const int Appenders = 32, Each = 20;
        await using var log = await OpenAsync(_name);
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
    }

    [Fact]
    public async Task Whoever_takes_a_log_over_finds_all_that_was_acknowledged_and_the_writer_before_stops()
    {
        var first = await OpenAsync(_name);
        await first.AppendAsync(LogFixture.Records([1], [2]));
        await using var second = await OpenAsync(_name);
        Assert.Equal((first.Id, first.Epoch + 1), (second.Id, second.Epoch));
        await second.AppendAsync(LogFixture.Records([3]));
        for (int i = 0; i < 2; i++)
            await Assert.ThrowsAsync<LogFencedException>(() => first.AppendAsync(LogFixture.Records([99])).AsTask());
        Assert.NotNull(first.Failure);
        await second.AppendAsync(LogFixture.Records([4]));
        Assert.Equal([[1], [2], [3], [4]], await LogFixture.ReadAllAsync(second));
        await first.DisposeAsync();
        await second.AppendAsync(LogFixture.Records([5]));
        await using var third = await OpenAsync(_name);
        Assert.Equal([[1], [2], [3], [4], [5]], await LogFixture.ReadAllAsync(third));
    }

    [Fact]
    public async Task Of_two_live_writers_none_acknowledges_what_the_other_does_not_have()
    {
        for (int seed = 0; seed < 2 * Samples; seed++)
        {
            string name = $"w-{seed}-{Guid.NewGuid():N}";
            var random = new Random(seed);
            var acknowledged = new System.Collections.Concurrent.ConcurrentBag<(int Writer, int Number)>();
            using var start = new SemaphoreSlim(0);
            var plans = Enumerable.Range(0, 2).Select(writer => (Writer: writer, Wait: random.Next(0, 12), Count: random.Next(5, 40))).ToArray();
            var writers = plans.Select(w => Task.Run(async () =>
            {
                await start.WaitAsync();
                await Task.Delay(w.Wait);
                IRecordLog log;
                try
                {
                    log = await OpenAsync(name);
                }
                catch (LogFencedException)
                {
                    return;
                }
                for (int number = 0; number < w.Count; number++)
                {
                    try
                    {
                        await log.AppendAsync(LogFixture.Records([(byte)w.Writer, (byte)number, .. new byte[random.Next(200)]]));
                        acknowledged.Add((w.Writer, number));
                    }
                    catch (LogFencedException)
                    {
                        break;
                    }
                }
                await log.DisposeAsync();
            })).ToArray();
            start.Release(2);
            await Task.WhenAll(writers);
            await using var after = await OpenAsync(name);
            var found = (await LogFixture.ReadAllAsync(after)).ConvertAll(p => ((int)p[0], (int)p[1]));
            Assert.Equal(found.Count, found.Distinct().Count());
            Assert.Empty(acknowledged.Except(found));
            foreach (var writer in found.GroupBy(f => f.Item1))
                Assert.Equal(Enumerable.Range(0, writer.Count()), writer.Select(f => f.Item2));
        }
    }

    [Fact]
    public async Task A_log_grows_by_segments_and_is_trimmed_by_whole_ones()
    {
        var positions = new List<long>();
        await using (var log = await OpenAsync(_name))
        {
            for (int i = 0; i < 40; i++)
                positions.Add((await log.AppendAsync(LogFixture.Records([(byte)i, .. new byte[600]]))).Positions[0]);
            Assert.InRange(await SegmentsAsync(_name), 5, 8);
            await log.TrimAsync(positions[0]);
            Assert.Equal(40, (await LogFixture.ReadAllAsync(log)).Count);

            await log.TrimAsync(positions[30]);
            Assert.InRange(log.FirstPosition, positions[20], positions[30]);
            var kept = Enumerable.Range(0, 40).Where(i => positions[i] >= log.FirstPosition).Select(i => (byte)i);
            Assert.Equal(kept, (await LogFixture.ReadAllAsync(log)).Select(p => p[0]));
            Assert.Equal(30, (await log.ReadAtAsync(positions[30])).Span[0]);
            await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => log.ReadAtAsync(positions[0]).AsTask());
            await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => LogFixture.ReadAllAsync(log, positions[0]));
            Assert.InRange(await SegmentsAsync(_name), 1, 3);
            await log.TrimAsync(log.EndPosition);
        }
        await using var again = await OpenAsync(_name);
        long next = (await again.AppendAsync([new byte[] { 40 }])).Positions[0];
        Assert.True(next > positions[^1]);
        Assert.Equal(40, (await LogFixture.ReadAllAsync(again)).Last()[0]);
    }

    [Fact]
    public async Task A_log_that_is_opened_often_does_not_fall_into_crumbs()
    {
        for (int i = 0; i < 6; i++)
        {
            await using var log = await OpenAsync(_name);
            await log.AppendAsync([new byte[] { (byte)i }]);
        }
        Assert.Equal(1, await SegmentsAsync(_name));
    }

    [Fact]
    public async Task Oversized_records_and_appends_are_refused_and_change_nothing()
    {
        await using var log = await OpenAsync(_name);
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
        await using var log = await OpenAsync(_name);
        long position = (await log.AppendAsync(LogFixture.Records([1, 2, 3, 4, 5, 6, 7, 8, 9], [1]))).Positions[0];
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => log.ReadAtAsync(0).AsTask());
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => log.ReadAtAsync(log.EndPosition).AsTask());
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => LogFixture.ReadAllAsync(log, log.EndPosition + 1));
        var inside = await Assert.ThrowsAsync<LogCorruptException>(() => log.ReadAtAsync(position + 1).AsTask());
        Assert.Equal(position + 1, inside.Position);
        await Assert.ThrowsAsync<LogCorruptException>(() => LogFixture.ReadAllAsync(log, position + 1));
    }

    [Fact]
    public async Task Waiting_ends_with_the_next_append_or_with_the_close()
    {
        var log = await OpenAsync(_name);
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
}
