using System.Collections.Concurrent;

namespace KgOrleans.Ranking.Catalogue;

/// <summary>Inverted indexes of a partition, and the names behind the keys.</summary>
internal sealed class PartitionIndexes
{
    private readonly ConcurrentDictionary<ulong, string> _names = new();

    public PostingIndex Creators { get; } = new();

    public PostingIndex Songs { get; } = new();

    public PostingIndex Tags { get; } = new();

    public string? NameOf(ulong key) => _names.GetValueOrDefault(key);

    /// <summary>Takes over the name of a key, if it has one.</summary>
    public void CopyName(ulong key, PartitionIndexes from)
    {
        if (key != 0 && from.NameOf(key) is { } name)
            Name(key, name);
    }

    public void Name(ulong key, string name) => _names.TryAdd(key, name);
}
