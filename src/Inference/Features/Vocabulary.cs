using System.Collections.Frozen;

namespace KgOrleans.Inference.Features;

/// <summary>
/// The ids that a model has learnt, with their rows in its embedding tables: the id on line n has row n, counted from 1. Row 0 is a zero vector for every other
/// id.
/// </summary>
public sealed class Vocabulary
{
    private readonly FrozenDictionary<ulong, int> _rows;

    /// <summary>A vocabulary of distinct keys in row order.</summary>
    public Vocabulary(IReadOnlyList<ulong> keys) =>
        _rows = keys.Select((key, i) => KeyValuePair.Create(key, i + 1)).ToFrozenDictionary();

    /// <summary>Number of ids; the largest row.</summary>
    public int Size => _rows.Count;

    /// <summary>Row of a key; 0 when it is unknown.</summary>
    public int RowOf(ulong key) => _rows.GetValueOrDefault(key);
}
