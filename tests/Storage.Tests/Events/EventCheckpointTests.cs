using KgOrleans.Storage.Events;
using KgOrleans.Storage.Logs;
using KgOrleans.Storage.Objects;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace KgOrleans.Storage.Tests.Events;

/// <summary>What a partition of the event log knows after it was opened from a checkpoint, what it gives up, and whom it has erased.</summary>
[Trait("Suite", "Unit")]
public sealed class EventCheckpointTests : IDisposable
{
    private const ulong User = 4;
    private const ulong Other = 7;

    // Whose events only make a checkpoint due.
    private const ulong Nobody = 9;

    private readonly TemporaryDirectory _directory = new();
    private readonly FakeTimeProvider _time = new(DateTimeOffset.UnixEpoch.AddYears(50));
    private readonly LocalObjectStore _objects;
    private readonly ListLogger<EventLog> _logger = new();

    public EventCheckpointTests() => _objects = new LocalObjectStore(Path.Combine(_directory.Path, "objects"));

    private static CancellationToken None => TestContext.Current.CancellationToken;

    private string Checkpoint => Path.Combine(_directory.Path, "objects", EventCheckpoint.NameOf(0));

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task Events_from_before_and_behind_the_checkpoint_are_known_after_it_was_opened_from_it()
    {
        var first = await RecordAsync(1, 250);
        Assert.True(File.Exists(Checkpoint));
        var read = await EventCheckpoint.ReadAsync(_objects, 0, None);
        Assert.InRange(read!.Ids.Length, 100, 250);
        await using var log = await OpenAsync();
        for (ulong id = 1; id <= 250; id += 7)
        {
            var again = await log.AppendAsync(User, [Event(id)], None);
            Assert.Equal((true, first[(int)id - 1]), (again.IsDuplicate(0), again.Positions[0]));
        }
        Assert.False((await log.AppendAsync(User, [Event(251)], None)).IsDuplicate(0));
    }

    [Fact]
    public async Task A_damaged_checkpoint_and_one_of_another_log_cost_nothing_but_time()
    {
        var first = await RecordAsync(1, 250);
        var whole = File.ReadAllBytes(Checkpoint);
        for (var at = 0; at < whole.Length; at += 97)
        {
            var bytes = (byte[])whole.Clone();
            bytes[at] ^= 1;
            File.WriteAllBytes(Checkpoint, bytes);
            await AssertKnownAsync(first);
        }
        Assert.Contains(_logger.Entries, e => e.Message.Contains("checkpoint of event partition 0 is damaged", StringComparison.Ordinal));
        var foreign = (await ReadWholeAsync(whole)) with { LogId = Guid.NewGuid() };
        await foreign.WriteAsync(_objects, 0, None);
        await AssertKnownAsync(first);
    }

    [Fact]
    public async Task Events_are_given_up_by_age_when_nobody_needs_them_and_reading_begins_behind()
    {
        var log = await OpenAsync(retentionDays: 10);
        var days = new List<long>();
        for (var day = 0; day < 30; day++)
        {
            for (var i = 0; i < 20; i++)
                days.Add((await log.AppendAsync(User, [Event((ulong)days.Count + 1)], None)).Positions[0]);
            log.Applied(User, days[^1]);
            _time.Advance(TimeSpan.FromDays(1));
        }
        await CheckpointedAsync(log);
        // Needed by those who count.
        await log.TrimAsync(0, days[100], None);
        Assert.InRange(log.FirstPositions[0], 1, days[100]);
        var kept = log.FirstPositions[0];
        // What is how old it knows after a restart, too.
        await log.DisposeAsync();
        log = await OpenAsync(retentionDays: 10);
        await log.TrimAsync(0, long.MaxValue, None);
        Assert.True(log.FirstPositions[0] > kept);
        // Ten days are kept, and what shares a segment with them.
        Assert.InRange(log.FirstPositions[0], days[300], days[20 * 20]);
        var read = await ReadAsync(log);
        Assert.Equal(days.Where(p => p >= log.FirstPositions[0]), read.Select(r => r.Position));
        Assert.True((await log.AppendAsync(User, [Event(590)], None)).IsDuplicate(0));
        await log.DisposeAsync();
    }

    [Fact]
    public async Task Events_that_a_users_state_lacks_are_not_given_up()
    {
        await using var log = await OpenAsync(retentionDays: 1);
        for (ulong id = 1; id <= 300; id++)
            await log.AppendAsync(id == 20 ? Other : User, [Event(id, id == 20 ? Other : User)], None);
        log.Applied(User, long.MaxValue);
        _time.Advance(TimeSpan.FromDays(3));
        await log.AppendAsync(User, [Event(301)], None);
        log.Applied(User, long.MaxValue);
        await CheckpointedAsync(log);
        _time.Advance(TimeSpan.FromDays(3));
        await log.TrimAsync(0, long.MaxValue, None);
        var lacking = Assert.Single(log.UnappliedOf(Other, 0));
        Assert.True(log.FirstPositions[0] <= lacking);
        log.Applied(Other, lacking);
        await log.TrimAsync(0, long.MaxValue, None);
        Assert.True(log.FirstPositions[0] > lacking);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_erasure_is_about_what_the_user_did_before_and_stays_known(bool isInCheckpoint)
    {
        long[] before, after;
        await using (var log = await OpenAsync())
        {
            before = [.. await AppendAsync(log, 1, 50), (await log.AppendAsync(Other, [Event(1_000, Other)], None)).Positions[0]];
            await log.EraseAsync(User, None);
            after = await AppendAsync(log, 100, isInCheckpoint ? 250 : 20);
            await CheckpointedAsync(log);
            AssertErased(log);
        }
        await using (var log = await OpenAsync())
        {
            AssertErased(log);
            Assert.Equal([.. before, .. after], (await ReadAsync(log)).Select(r => r.Position));
        }

        void AssertErased(EventLog log)
        {
            Assert.All(before[..^1], p => Assert.True(log.IsErased(User, p)));
            Assert.False(log.IsErased(Other, before[^1]));
            Assert.All(after, p => Assert.False(log.IsErased(User, p)));
        }
    }

    [Fact]
    public async Task A_checkpoint_that_is_taken_while_a_user_is_erased_does_not_miss_it()
    {
        var gate = new TaskCompletionSource();
        long[] before;
        await using (var log = await OpenAsync(store: new LateStore(NewStore(), gate.Task)))
        {
            before = await AppendAsync(log, 1, 5);
            // It stands in the log, and whoever appended it does not know yet.
            var erasing = log.EraseAsync(User, None);
            await AppendAsync(log, 100, 250);
            await CheckpointedAsync(log, isWhole: false);
            gate.SetResult();
            await erasing;
            // The next start reads no more of the log than what the checkpoint lacks.
            log.Applied(User, long.MaxValue);
        }
        await using (var log = await OpenAsync())
            Assert.All(before, p => Assert.True(log.IsErased(User, p)));
    }

    [Fact]
    public async Task A_tail_passes_over_an_erasure_and_waits_for_the_next_event()
    {
        await using var log = await OpenAsync();
        await log.EraseAsync(User, None);
        await using var tail = log.TailAsync(0, 0, None).GetAsyncEnumerator(None);
        var next = tail.MoveNextAsync();
        Assert.False(next.IsCompleted);
        var position = (await log.AppendAsync(User, [Event(1)], None)).Positions[0];
        Assert.True(await next);
        Assert.Equal(position, tail.Current.Position);
    }

    private static EventEntry Event(ulong id, ulong user = User) => new(id, BitConverter.GetBytes(user).Concat(new byte[200]).ToArray());

    private static async Task<List<EventLogRecord>> ReadAsync(EventLog log)
    {
        var records = new List<EventLogRecord>();
        await foreach (var record in log.ReadAsync(0, 0, None))
            records.Add(record);
        return records.FindAll(r => BitConverter.ToUInt64(r.Payload.Span) != Nobody);
    }

    private static async Task<long[]> AppendAsync(EventLog log, ulong first, int count)
    {
        var positions = new long[count];
        for (var i = 0; i < count; i++)
            positions[i] = (await log.AppendAsync(User, [Event(first + (ulong)i)], None)).Positions[0];
        return positions;
    }

    /// <summary>Waits for a checkpoint of everything: the next one is due when the clock has moved on.</summary>
    private async Task CheckpointedAsync(EventLog log, bool isWhole = true)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        for (ulong id = 1_000_000; ; id++)
        {
            // Not whole: what is in flight keeps the position of a checkpoint back, not its ids.
            if (await ReadCheckpointAsync() is { } checkpoint
                && (isWhole ? checkpoint.Ids.Length > 0 && checkpoint.Position + 2_000 > log.EndPositions[0] : checkpoint.Ids.Length > 200))
                return;
            _time.Advance(TimeSpan.FromHours(7));
            await log.AppendAsync(Nobody, [Event(id, Nobody)], None);
            log.Applied(Nobody, long.MaxValue);
            await Task.Delay(5, limit.Token);
        }
    }

    private async Task<EventCheckpoint?> ReadCheckpointAsync() => await EventCheckpoint.ReadAsync(_objects, 0, None);

    private async Task<EventCheckpoint> ReadWholeAsync(byte[] bytes)
    {
        File.WriteAllBytes(Checkpoint, bytes);
        return (await ReadCheckpointAsync())!;
    }

    private async Task<long[]> RecordAsync(ulong first, int count)
    {
        await using var log = await OpenAsync();
        var positions = await AppendAsync(log, first, count);
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (!File.Exists(Checkpoint) || (await ReadCheckpointAsync())!.Ids.Length < 100)
            await Task.Delay(5, limit.Token);
        return positions;
    }

    private async Task AssertKnownAsync(long[] positions)
    {
        await using var log = await OpenAsync();
        var again = await log.AppendAsync(User, [Event(1), Event((ulong)positions.Length)], None);
        Assert.Equal([positions[0], positions[^1]], again.Positions);
    }

    private LocalLogStore NewStore() => new(_directory.Path, NullLogger<LocalLogStore>.Instance) { SegmentBytes = 4_000 };

    private Task<EventLog> OpenAsync(int retentionDays = 0, ILogStore? store = null) => EventLog.OpenAsync(
        store ?? NewStore(),
        new EventLogOptions
        {
            Partitions = 1,
            UserOf = payload => BitConverter.ToUInt64(payload.Span),
            Checkpoints = _objects,
            EventsPerCheckpoint = 100,
            RetentionDays = retentionDays,
            Time = _time,
            Logger = _logger,
        });
}
