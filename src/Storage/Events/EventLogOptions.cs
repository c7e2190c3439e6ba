using KgOrleans.Storage.Objects;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace KgOrleans.Storage.Events;

/// <summary>Settings of <see cref="EventLog"/>.</summary>
public sealed class EventLogOptions
{
    /// <summary>Default of <see cref="Partitions"/>: enough for consumers on two to four cores, few enough that group commits stay large.</summary>
    public const int DefaultPartitions = 4;

    /// <summary>Largest value of <see cref="Partitions"/>; each costs a thread and up to 10 MB for its recent ids.</summary>
    public const int MaxPartitions = 64;

    /// <summary>Default of <see cref="IdempotencyHorizon"/>: with four partitions, over an hour of retries at 200 events a second.</summary>
    public const int DefaultIdempotencyHorizon = 200_000;

    /// <summary>Largest value of <see cref="RetentionDays"/>.</summary>
    public const int MaxRetentionDays = 36_500;

    /// <summary>Number of partitions, 1 to <see cref="MaxPartitions"/>. Fixed when the log is created: opening it with another number is refused.</summary>
    public int Partitions { get; set; } = DefaultPartitions;

    /// <summary>Events of a partition, newest first, whose ids are remembered: an event repeated within them is a duplicate. At least 1.</summary>
    public int IdempotencyHorizon { get; set; } = DefaultIdempotencyHorizon;

    /// <summary>
    /// Key of the user of an event, from its payload: the key that it was appended with. Needed to know after a restart which events a user's state may lack;
    /// null for those who only read.
    /// </summary>
    public Func<ReadOnlyMemory<byte>, ulong>? UserOf { get; set; }

    /// <summary>Where checkpoints are kept, so that opening reads the newest part of the log only; null for those who only read.</summary>
    public IObjectStore? Checkpoints { get; set; }

    /// <summary>Days for which events are kept at least; 0 for ever.</summary>
    public int RetentionDays { get; set; }

    /// <summary>Events after which a partition writes a checkpoint of up to 3 MB: what a start reads of its log.</summary>
    internal int EventsPerCheckpoint { get; set; } = 50_000;

    /// <summary>Clock.</summary>
    public TimeProvider Time { get; set; } = TimeProvider.System;

    /// <summary>Takes what goes wrong with checkpoints.</summary>
    public ILogger Logger { get; set; } = NullLogger.Instance;

    internal void Validate()
    {
        var errors = new List<string>();
        if (Partitions is < 1 or > MaxPartitions)
            errors.Add($"{nameof(Partitions)} is {Partitions}; it must be 1 to {MaxPartitions}.");
        if (IdempotencyHorizon < 1)
            errors.Add($"{nameof(IdempotencyHorizon)} is {IdempotencyHorizon}; it must be at least 1.");
        if (RetentionDays is < 0 or > MaxRetentionDays)
            errors.Add($"{nameof(RetentionDays)} is {RetentionDays}; it must be 0 to {MaxRetentionDays}.");
        if (errors.Count > 0)
            throw new ArgumentException($"{nameof(EventLogOptions)}: {string.Join(' ', errors)}");
    }
}
