using System.Buffers;
using System.Runtime.InteropServices;
using KgOrleans.Kernels;
using KgOrleans.Ranking.Filters;

namespace KgOrleans.Ranking.Catalogue;

/// <summary>Fields that an interest can name.</summary>
public enum InterestField : byte
{
    /// <summary>Tag.</summary>
    Tag = 1,

    /// <summary>Song.</summary>
    Song = 2,

    /// <summary>Creator.</summary>
    Creator = 3,
}

/// <summary>An interest as a shard sees it: 16 bytes.</summary>
/// <param name="Key">Key of the tag, song or creator.</param>
/// <param name="Weight">Positive weight.</param>
/// <param name="Field">Which of them.</param>
[StructLayout(LayoutKind.Sequential, Pack = 4, Size = 16)]
public readonly record struct RecallInterest(ulong Key, float Weight, InterestField Field);

/// <summary>What a partition is asked in round 1. Spans stay valid for the call.</summary>
public readonly ref struct RecallRequest
{
    /// <summary>Time of the request, unix milliseconds: eligibility.</summary>
    public required long Now { get; init; }

    /// <summary>Time that scores are computed as of: <see cref="Now"/>, or a little earlier so that requests of one minute agree.</summary>
    public required long ScoreTime { get; init; }

    /// <summary>Oldest eligible publishing time, unix milliseconds.</summary>
    public required long OldestPublishedAt { get; init; }

    /// <summary>World of the user: key, 0 for the cluster's own.</summary>
    public required ulong World { get; init; }

    /// <summary>Fused user vector; empty without a model.</summary>
    public ReadOnlySpan<float> UserVector { get; init; }

    /// <summary>Interests, strongest first.</summary>
    public ReadOnlySpan<RecallInterest> Interests { get; init; }

    /// <summary>Keys of items that must not come back.</summary>
    public ReadOnlySpan<ulong> ExcludedItems { get; init; }

    /// <summary>Keys of creators that must not come back.</summary>
    public ReadOnlySpan<ulong> ExcludedCreators { get; init; }

    /// <summary>Filter; null for none.</summary>
    public ItemFilter? Filter { get; init; }

    /// <summary>Quota of each channel, indexed by <see cref="RecallChannel"/>; 0 switches it off.</summary>
    public ReadOnlySpan<int> Quotas { get; init; }
}

/// <summary>What round 1 found in a partition.</summary>
/// <param name="Candidates">Distinct candidates.</param>
/// <param name="Channels">Per <see cref="RecallChannel"/> its best, score descending then key ascending.</param>
/// <param name="Counts">What the eligibility test saw.</param>
public sealed record RecallResult(RecallCandidate[] Candidates, ChannelEntry[][] Channels, EligibilityCounts Counts);

/// <summary>
/// Round 1 in one partition: eligibility, recall channels, pre-rank scores. Every channel returns its best works up to the global quota, so that merging over any number of shards gives the same answer.
/// </summary>
public static class PartitionRecall
{
    private const int ChannelCount = 3;

    // A song or creator says more about a work than one of its tags does.
    private const float SongFactor = 1.5f;
    private const float CreatorFactor = 2f;

    /// <summary>Runs round 1 over a view.</summary>
    public static RecallResult Run(PartitionView view, in RecallRequest request)
    {
        var rows = view.RowCount;
        var eligible = ArrayPool<ulong>.Shared.Rent(Math.Max(1, view.Live.Length));
        var keys = ArrayPool<ulong>.Shared.Rent(Math.Max(1, rows));
        var preRank = ArrayPool<float>.Shared.Rent(Math.Max(1, rows));
        var scores = ArrayPool<float>.Shared.Rent(Math.Max(1, rows));
        var indexOfRow = ArrayPool<int>.Shared.Rent(Math.Max(1, rows));
        var candidates = ArrayPool<RecallCandidate>.Shared.Rent(Math.Max(1, rows));
        try
        {
            var counts = Eligibility.Mark(view, request, eligible);
            for (var c = 0; c < view.Chunks.Length; c++)
                view.Chunks[c].Keys.AsSpan(0, Math.Min(PartitionChunk.Rows, rows - (c * PartitionChunk.Rows))).CopyTo(keys.AsSpan(c * PartitionChunk.Rows));
            var hasModel = Score(view, request.UserVector, preRank.AsSpan(0, rows));

            var collector = new RecallCollector(keys.AsSpan(0, rows), preRank.AsSpan(0, rows), indexOfRow.AsSpan(0, rows), candidates);
            var channels = new ChannelEntry[ChannelCount][];
            for (var channel = 0; channel < ChannelCount; channel++)
            {
                var quota = request.Quotas[channel];
                var scored = quota > 0 && counts.Eligible > 0 && (RecallChannel)channel switch
                {
                    RecallChannel.Model => hasModel && ModelScores(preRank.AsSpan(0, rows), eligible, scores.AsSpan(0, rows)),
                    RecallChannel.Index => IndexScores(view, request.Interests, eligible, scores.AsSpan(0, rows)),
                    _ => HotScores(view, request.ScoreTime, eligible, scores.AsSpan(0, rows)),
                };
                channels[channel] = scored ? collector.Take(scores.AsSpan(0, rows), quota) : [];
            }
            return new RecallResult(collector.Candidates(), channels, counts);
        }
        finally
        {
            ArrayPool<ulong>.Shared.Return(eligible);
            ArrayPool<ulong>.Shared.Return(keys);
            ArrayPool<float>.Shared.Return(preRank);
            ArrayPool<float>.Shared.Return(scores);
            ArrayPool<int>.Shared.Return(indexOfRow);
            ArrayPool<RecallCandidate>.Shared.Return(candidates);
        }
    }

    private static bool Score(PartitionView view, ReadOnlySpan<float> userVector, Span<float> preRank)
    {
        if (userVector.Length != view.EmbeddingDimension || userVector.Length == 0)
        {
            preRank.Fill(float.NaN);
            return false;
        }
        for (var c = 0; c < view.Chunks.Length; c++)
        {
            var from = c * PartitionChunk.Rows;
            var count = Math.Min(PartitionChunk.Rows, preRank.Length - from);
            DotProduct.Rows(userVector, view.Chunks[c].Embeddings.AsSpan(0, count * userVector.Length), userVector.Length, preRank.Slice(from, count));
        }
        return true;
    }

    private static bool ModelScores(ReadOnlySpan<float> preRank, ReadOnlySpan<ulong> eligible, Span<float> scores)
    {
        for (var row = 0; row < scores.Length; row++)
            scores[row] = Eligibility.Has(eligible, row) ? preRank[row] : float.NaN;
        return true;
    }

    private static bool IndexScores(PartitionView view, ReadOnlySpan<RecallInterest> interests, ReadOnlySpan<ulong> eligible, Span<float> scores)
    {
        scores.Fill(float.NaN);
        foreach (var interest in interests)
        {
            var (index, factor) = interest.Field switch
            {
                InterestField.Song => (view.Indexes.Songs, SongFactor),
                InterestField.Creator => (view.Indexes.Creators, CreatorFactor),
                _ => (view.Indexes.Tags, 1f),
            };
            foreach (var row in index.Rows(interest.Key, scores.Length))
            {
                if (Eligibility.Has(eligible, row))
                    scores[row] = (float.IsNaN(scores[row]) ? 0 : scores[row]) + (interest.Weight * factor);
            }
        }
        // Many works share their tags: quality decides among them.
        for (var c = 0; c < view.Chunks.Length; c++)
        {
            var quality = view.Chunks[c].Quality;
            var chunk = scores[(c * PartitionChunk.Rows)..];
            for (var r = 0; r < Math.Min(chunk.Length, quality.Length); r++)
                chunk[r] *= 1 + quality[r];
        }
        return true;
    }

    private static bool HotScores(PartitionView view, long now, ReadOnlySpan<ulong> eligible, Span<float> scores)
    {
        var hot = view.HotColumn(now);
        for (var row = 0; row < scores.Length; row++)
            scores[row] = Eligibility.Has(eligible, row) ? hot[row] : float.NaN;
        return true;
    }
}
