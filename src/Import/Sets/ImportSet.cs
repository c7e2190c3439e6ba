using KgOrleans.Ranking.Events;
using KgOrleans.Ranking.Items;
using KgOrleans.Ranking.Users;

namespace KgOrleans.Import.Sets;

/// <summary>A data set as documents and events, valid and complete, before anything is sent.</summary>
public sealed record ImportSet
{
    /// <summary>World that its items and users belong to; empty for the own world of the cluster.</summary>
    public required string WorldId { get; init; }

    /// <summary>Items, each once.</summary>
    public required IReadOnlyList<ItemDocument> Items { get; init; }

    /// <summary>Users, each once.</summary>
    public required IReadOnlyList<UserDocument> Users { get; init; }

    /// <summary>Events, those of one user together and in time order; every one with an id that depends on the data alone.</summary>
    public required IEnumerable<UserEvent> Events { get; init; }

    /// <summary>Number of events.</summary>
    public required long EventCount { get; init; }

    /// <summary>Events set aside for an evaluation.</summary>
    public IReadOnlyList<UserEvent> HeldOut { get; init; } = [];

    /// <summary>Newest time of any document or event; null when there is none.</summary>
    public required DateTimeOffset? Newest { get; init; }

    /// <summary>What became of the rows of every file.</summary>
    public required IReadOnlyList<FileReport> Files { get; init; }

    /// <summary>What a reader of the summary should know about the mapping.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];

    /// <summary>A user with history, to try the result on.</summary>
    public required string? ExampleUser { get; init; }

    /// <summary>The same set with every time moved by one delta.</summary>
    public ImportSet ShiftedBy(TimeSpan delta) => delta == TimeSpan.Zero ? this : this with
    {
        Items = [.. Items.Select(i => i.PublishedAt is { } at ? i with { PublishedAt = at + delta } : i)],
        Events = Events.Select(e => e with { Timestamp = e.Timestamp + delta }),
        HeldOut = [.. HeldOut.Select(e => e with { Timestamp = e.Timestamp + delta })],
        Newest = Newest + delta,
    };
}
