using Orleans.Concurrency;

namespace KgOrleans.Grains.Interfaces;

/// <summary>One partition of the event log, by its number.</summary>
[Alias("kg.IEventPartitionGrain")]
public interface IEventPartitionGrain : IGrainWithIntegerKey
{
    /// <summary>A part of the partition's events for an export, in the order of the log, as callers would send them.</summary>
    /// <param name="from">0, or <see cref="ExportReply.Next"/> of the part before.</param>
    /// <param name="cancellationToken">Stops the wait.</param>
    /// <exception cref="ArgumentOutOfRangeException">The position lies outside of the log.</exception>
    [AlwaysInterleave]
    [Alias("Export")]
    Task<ExportReply> Export(ulong from, CancellationToken cancellationToken);

    /// <summary>What the Dashboard shows.</summary>
    [AlwaysInterleave]
    [Alias("GetState")]
    Task<EventPartitionView> GetState();
}

/// <summary>An event partition as the Dashboard shows it.</summary>
[GenerateSerializer, Alias("kg.EventPartitionView")]
public sealed record EventPartitionView
{
    /// <summary>Number of the partition.</summary>
    [Id(0)] public int Partition { get; init; }

    /// <summary>Where its log ends.</summary>
    [Id(1)] public long EndPosition { get; init; }

    /// <summary>Why it takes no events now; null while it does.</summary>
    [Id(2)] public string? Failure { get; init; }
}
