using System.Text;
using KgOrleans.Storage.Events;
using KgOrleans.Storage.Logs;
using KgOrleans.Storage.Tests.Children;
using KgOrleans.Storage.Tests.Logs;

namespace KgOrleans.Storage.Tests.Events;

[Trait("Suite", "Unit")]
public sealed class EventLogTests : IDisposable
{
    private readonly LogFixture _fixture = new();

    public void Dispose() => _fixture.Dispose();

    [Fact]
    public async Task Events_of_a_user_stay_in_order_in_the_users_partition()
    {
        await using var log = await OpenAsync();
        for (ulong user = 0; user < 8; user++)
        {
            var first = await log.AppendAsync(user, [Event(user * 10), Event(user * 10 + 1)]);
            var second = await log.AppendAsync(user, [Event(user * 10 + 2)]);
            Assert.Equal(log.PartitionOf(user), first.Partition);
            Assert.False(first.IsDuplicate(0) || first.IsDuplicate(1) || second.IsDuplicate(0));
        }
        for (int partition = 0; partition < 4; partition++)
        {
            var read = await ReadAsync(log, partition);
            ulong[] expected = [.. new[] { (ulong)partition, (ulong)partition + 4 }.SelectMany(user => new[] { user * 10, user * 10 + 1, user * 10 + 2 })];
            Assert.Equal(expected, read.Select(record => record.IdHash));
            Assert.All(read, record => Assert.Equal($"event {record.IdHash}", Encoding.UTF8.GetString(record.Payload.Span)));
            Assert.Equal(log.EndPositions[partition], read[^1].NextPosition);
        }
    }

    [Fact]
    public async Task A_repeated_event_is_a_duplicate_with_its_first_position_in_the_call_later_and_after_reopening()
    {
        // Of events 1 and 3.
        long[] positions = new long[2];
        await using (var log = await OpenAsync())
        {
            var result = await log.AppendAsync(0, [Event(1), Event(2), Event(1)]);
            Assert.Equal([false, false, true], Enumerable.Range(0, 3).Select(result.IsDuplicate));
            Assert.Equal(result.Positions[0], result.Positions[2]);
            positions[0] = result.Positions[0];
            result = await log.AppendAsync(0, [Event(2), Event(3)]);
            positions[1] = result.Positions[1];
            Assert.Equal([true, false], Enumerable.Range(0, 2).Select(result.IsDuplicate));
        }
        await using (var log = await OpenAsync())
        {
            long[] end = log.EndPositions;
            var result = await log.AppendAsync(0, [Event(3), Event(1)]);
            Assert.Equal([true, true], result.Duplicates);
            Assert.Equal([positions[1], positions[0]], result.Positions);
            Assert.Equal(end, log.EndPositions);
            Assert.Equal([1, 2, 3], (await ReadAsync(log, 0)).Select(record => record.IdHash));
        }
    }

    [Fact]
    public async Task Only_the_newest_ids_are_remembered_also_after_reopening()
    {
        for (int round = 0; round < 2; round++)
        {
            await using var log = await OpenAsync(horizon: 3);
            if (round == 0)
                await log.AppendAsync(0, [Event(1), Event(2), Event(3), Event(4)]);
            Assert.True((await log.AppendAsync(0, [Event(2)])).IsDuplicate(0));
            Assert.True((await log.AppendAsync(0, [Event(4)])).IsDuplicate(0));
        }
        await using var last = await OpenAsync(horizon: 3);
        Assert.False((await last.AppendAsync(0, [Event(1)])).IsDuplicate(0));
        Assert.False((await last.AppendAsync(0, [Event(2)])).IsDuplicate(0));
    }

    [Fact]
    public async Task Of_racing_appends_of_one_event_one_writes_and_all_wait_for_it()
    {
        await using var log = await OpenAsync();
        var results = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => Task.Run(async () =>
        {
            var result = await log.AppendAsync(0, [Event(7)]);
            // Whoever is told "duplicate" finds the event readable.
            Assert.Single(await ReadAsync(log, 0));
            return result.IsDuplicate(0);
        })));
        Assert.Single(results, duplicate => !duplicate);
    }

    [Fact]
    public async Task A_failed_append_is_no_duplicate_when_retried()
    {
        var store = new FailingStore(_fixture.Store);
        await using (var log = await EventLog.OpenAsync(store, new EventLogOptions()))
        {
            store.Fail = true;
            var both = await Task.WhenAll(Enumerable.Range(0, 2).Select(_ => Record.ExceptionAsync(() => log.AppendAsync(0, [Event(1)]).AsTask()).AsTask()));
            Assert.All(both, exception => Assert.IsType<StorageException>(exception));
        }
        store.Fail = false;
        await using var reopened = await EventLog.OpenAsync(store, new EventLogOptions());
        Assert.False((await reopened.AppendAsync(0, [Event(1)])).IsDuplicate(0));
    }

    [Fact]
    public async Task A_tail_yields_what_exists_then_what_comes_and_ends_with_the_log()
    {
        const int Before = 100, After = 400;
        var log = await OpenAsync();
        await AppendAsync(0, Before);
        var seen = new List<ulong>();
        long checkpoint = 0;
        var reachedLive = new TaskCompletionSource();
        var tail = Task.Run(async () =>
        {
            await foreach (var record in log.TailAsync(0, 0))
            {
                seen.Add(record.IdHash);
                checkpoint = record.NextPosition;
                if (seen.Count == Before)
                    reachedLive.SetResult();
                if (seen.Count == Before + After)
                    break;
            }
        });
        await reachedLive.Task;
        await AppendAsync(Before, After);
        await tail;
        Assert.Equal(Enumerable.Range(0, Before + After).Select(id => (ulong)id), seen);

        await using var resumed = log.TailAsync(0, checkpoint).GetAsyncEnumerator();
        var next = resumed.MoveNextAsync();
        Assert.False(next.IsCompleted);
        await log.DisposeAsync();
        Assert.False(await next);

        async Task AppendAsync(int from, int count)
        {
            for (int id = from; id < from + count; id++)
                await log.AppendAsync(0, [Event((ulong)id)]);
        }
    }

    [Fact]
    public async Task The_number_of_partitions_cannot_change_silently()
    {
        await using (await OpenAsync())
        {
        }
        var refused = await Assert.ThrowsAsync<StorageException>(() => EventLog.OpenAsync(_fixture.Store, new EventLogOptions { Partitions = 8 }));
        Assert.Contains("4 partitions", refused.Message, StringComparison.Ordinal);
        File.Delete(Path.Combine(_fixture.Root, "events.json"));
        await Assert.ThrowsAsync<StorageException>(() => EventLog.OpenAsync(_fixture.Store, new EventLogOptions { Partitions = 8 }));
    }

    [Theory]
    [InlineData("""{"qartitions":4}""")]
    [InlineData("""{"partitions":-4}""")]
    [InlineData("null")]
    public async Task A_damaged_number_of_partitions_is_refused_by_the_name_of_its_document(string manifest)
    {
        await using (await OpenAsync())
        {
        }
        await File.WriteAllTextAsync(Path.Combine(_fixture.Root, "events.json"), manifest);
        var refused = await Assert.ThrowsAsync<StorageException>(() => OpenAsync());
        Assert.Contains("events.json", refused.Message, StringComparison.Ordinal);
        Assert.Contains("damaged", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Bad_options_are_refused_together()
    {
        var refused = await Assert.ThrowsAsync<ArgumentException>(
            () => EventLog.OpenAsync(_fixture.Store, new EventLogOptions { Partitions = 0, IdempotencyHorizon = 0 }));
        Assert.Contains(nameof(EventLogOptions.Partitions), refused.Message, StringComparison.Ordinal);
        Assert.Contains(nameof(EventLogOptions.IdempotencyHorizon), refused.Message, StringComparison.Ordinal);
        Assert.Equal((4, 200_000), (new EventLogOptions().Partitions, new EventLogOptions().IdempotencyHorizon));
    }

    [Fact]
    public async Task Acknowledged_events_survive_kill_9_and_are_duplicates_afterwards()
    {
        using var child = ChildProcess.Start("events", _fixture.Root);
        var acknowledged = new List<string>();
        for (int i = 0; i < 300; i++)
            acknowledged.Add((await child.ReadLineAsync())!);
        acknowledged.AddRange(await child.KillAsync());

        await using var log = await OpenAsync();
        foreach (string line in acknowledged)
        {
            int[] parts = [.. line.Split(':').Select(int.Parse)];
            var result = await log.AppendAsync((ulong)parts[0], [new EventEntry(ChildPrograms.IdOf(parts[0], parts[1]), default)]);
            Assert.True(result.IsDuplicate(0), line);
        }
    }

    private static EventEntry Event(ulong id) => new(id, Encoding.UTF8.GetBytes($"event {id}"));

    private static async Task<List<EventLogRecord>> ReadAsync(EventLog log, int partition)
    {
        var records = new List<EventLogRecord>();
        await foreach (var record in log.ReadAsync(partition, 0))
            records.Add(record);
        return records;
    }

    private Task<EventLog> OpenAsync(int horizon = EventLogOptions.DefaultIdempotencyHorizon) =>
        EventLog.OpenAsync(_fixture.Store, new EventLogOptions { IdempotencyHorizon = horizon });

    /// <summary>The store under test, with flushes that fail on demand.</summary>
    private sealed class FailingStore(LocalLogStore inner) : ILogStore
    {
        public bool Fail { get; set; }

        public async ValueTask<IRecordLog> OpenAsync(string name, CancellationToken cancellationToken = default) => await inner.OpenAsync(
            name, 1 << 20,
            _ =>
            {
                if (Fail)
                    throw new IOException("device gone");
            },
            cancellationToken);

        public ValueTask<IReadOnlyList<string>> ListAsync(CancellationToken cancellationToken = default) => inner.ListAsync(cancellationToken);

        public ValueTask<bool> HasRecordsAsync(CancellationToken cancellationToken = default) => inner.HasRecordsAsync(cancellationToken);

        public ValueTask<byte[]?> ReadDocumentAsync(string name, CancellationToken cancellationToken = default) =>
            inner.ReadDocumentAsync(name, cancellationToken);

        public ValueTask WriteDocumentAsync(string name, ReadOnlyMemory<byte> content, CancellationToken cancellationToken = default) =>
            inner.WriteDocumentAsync(name, content, cancellationToken);
    }
}
