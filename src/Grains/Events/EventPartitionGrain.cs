using System.Text.Json;
using KgOrleans.Grains.Interfaces;
using KgOrleans.Ranking.Events;
using KgOrleans.Ranking.Keys;
using KgOrleans.Storage.Events;

namespace KgOrleans.Grains.Events;

/// <summary>A partition of the event log as the cluster reaches it.</summary>
public sealed class EventPartitionGrain(EventLog log) : Grain, IEventPartitionGrain
{
    private int Partition => (int)this.GetPrimaryKeyLong();

    /// <inheritdoc />
    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        if (Partition < 0 || Partition >= log.Partitions)
            throw new ArgumentOutOfRangeException(nameof(Partition), Partition, $"there are {log.Partitions} event partitions");
        return Task.CompletedTask;
    }

    /// <inheritdoc />
    public async Task<ExportReply> Export(ulong from, CancellationToken cancellationToken)
    {
        var part = new ExportPart();
        await foreach (var record in log.ReadAsync(Partition, checked((long)from), cancellationToken))
        {
            if (part.IsFull)
                return part.End((ulong)record.Position);
            // What nobody can read counts nothing either; the counters report it.
            if (Read(record.Payload) is { } e && !log.IsErased(Key64.Of(e.UserId), record.Position))
                part.Add(e.AsSent());
        }
        return part.End(null);
    }

    /// <inheritdoc />
    public Task<EventPartitionView> GetState() => Task.FromResult(
        new EventPartitionView { Partition = Partition, EndPosition = log.EndPositions[Partition], Failure = log.FailureOf(Partition) });

    private static UserEvent? Read(ReadOnlyMemory<byte> payload)
    {
        try
        {
            return JsonSerializer.Deserialize<UserEvent>(payload.Span, KgJson.Options);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
