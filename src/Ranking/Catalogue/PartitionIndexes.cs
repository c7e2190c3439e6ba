using System.Collections.Concurrent;

namespace KgOrleans.Ranking.Catalogue;

/// <summary>Inverted indexes of a partition, and the names behind the keys.</summary>
internal sealed class PartitionIndexes
{
    private readonly ConcurrentDictionary<ulong, string> _names;

    public PartitionIndexes()
        : this(new())
    {
    }

    private PartitionIndexes(ConcurrentDictionary<ulong, string> names) => _names = names;

    public PostingIndex Creators { get; } = new();

    public PostingIndex Songs { get; } = new();

    public PostingIndex Tags { get; } = new();

    /// <summary>Empty indexes that share the names: what compaction starts from.</summary>
    public PartitionIndexes WithoutRows() => new(_names);

    public string? NameOf(ulong key) => _names.GetValueOrDefault(key);

    public void Name(ulong key, string name) => _names.TryAdd(key, name);
}
