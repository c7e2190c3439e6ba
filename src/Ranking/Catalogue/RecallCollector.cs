using System.Buffers;
using KgOrleans.Kernels;

namespace KgOrleans.Ranking.Catalogue;

/// <summary>Collects the channels' best rows as distinct candidates, in the caller's scratch memory.</summary>
internal ref struct RecallCollector
{
    private readonly ReadOnlySpan<ulong> _keys;
    private readonly ReadOnlySpan<float> _preRank;
    private readonly Span<int> _indexOfRow;
    private readonly Span<RecallCandidate> _candidates;
    private int _count;

    /// <summary>Starts empty.</summary>
    /// <param name="keys">Key of every row.</param>
    /// <param name="preRank">Pre-rank score of every row.</param>
    /// <param name="indexOfRow">Scratch, one a row.</param>
    /// <param name="candidates">Scratch, one a row.</param>
    public RecallCollector(ReadOnlySpan<ulong> keys, ReadOnlySpan<float> preRank, Span<int> indexOfRow, Span<RecallCandidate> candidates)
    {
        _keys = keys;
        _preRank = preRank;
        _indexOfRow = indexOfRow;
        _candidates = candidates;
        indexOfRow.Fill(-1);
    }

    /// <summary>The best rows of a channel, as entries that point to candidates.</summary>
    public ChannelEntry[] Take(ReadOnlySpan<float> scores, int quota)
    {
        var picked = ArrayPool<int>.Shared.Rent(Math.Min(quota, scores.Length));
        var count = TopK.Select(scores, _keys, quota, picked);
        var entries = new ChannelEntry[count];
        for (var i = 0; i < count; i++)
        {
            var row = picked[i];
            ref var index = ref _indexOfRow[row];
            if (index < 0)
            {
                index = _count++;
                _candidates[index] = new RecallCandidate(_keys[row], row, _preRank[row]);
            }
            entries[i] = new ChannelEntry(index, scores[row]);
        }
        ArrayPool<int>.Shared.Return(picked);
        return entries;
    }

    /// <summary>Everything collected, in the order met.</summary>
    public readonly RecallCandidate[] Candidates() => _candidates[.._count].ToArray();
}
