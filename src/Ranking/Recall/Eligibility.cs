using System.Numerics;
using KgOrleans.Ranking.Catalogue;
using KgOrleans.Ranking.Filters;
using KgOrleans.Ranking.Items;

namespace KgOrleans.Ranking.Recall;

/// <summary>Which live items may be recommended: own world, visible, in time, admitted by the scene, not seen, not blocked, matching the filter.</summary>
internal static class Eligibility
{
    // Look-ups of keys wait for memory, not for each other: keys this far ahead are prefetched.
    private const int Ahead = 8;

    public static bool Has(ReadOnlySpan<ulong> bits, int row) => (bits[row >> 6] >> row & 1) != 0;

    /// <summary>Sets the bit of every eligible row and clears all others.</summary>
    /// <param name="view">View.</param>
    /// <param name="request">The request.</param>
    /// <param name="bits">Destination, one bit a row, all chunks whole.</param>
    /// <param name="scratch">Bitmaps for the filter.</param>
    public static EligibilityCounts Mark(PartitionView view, RecallRequest request, Span<ulong> bits, BitmapStack scratch)
    {
        var counts = new EligibilityCounts();
        // A world without items has no symbol; the cluster's own world is symbol 0.
        var world = request.World == 0 ? 0 : view.Rows.Indexes.Worlds.Find(request.World) is > 0 and var symbol ? symbol : -1;
        var words = 1 << (view.ChunkShift - 6);
        for (var chunk = 0; chunk < view.ChunkCount; chunk++)
        {
            var common = ChunkEligibility.Of(view, chunk, world, request.Now, request.OldestPublishedAt);
            common.Bits.CopyTo(bits[(chunk * words)..]);
            counts.Live += common.Counts.Live;
            counts.OtherWorld += common.Counts.OtherWorld;
            counts.Hidden += common.Counts.Hidden;
            counts.Expired += common.Counts.Expired;
            counts.Age += common.Counts.Age;
            counts.Eligible += common.Counts.Eligible;
        }
        if (request.Scene.CompiledAdmission is { } admission)
            Admit(view, admission, request.ScoreTime, bits, scratch, ref counts);
        var excluded = request.ExcludedItems;
        for (var i = 0; i < excluded.Length; i++)
        {
            var key = excluded[i];
            view.Rows.PrefetchKey(excluded[Math.Min(i + Ahead, excluded.Length - 1)]);
            if (view.Find(key) is >= 0 and var row && Clear(bits, row))
                counts.Excluded++;
        }
        var creators = view.Rows.Indexes.Creators;
        foreach (var creator in request.ExcludedCreators)
        {
            // A person is among the items by their own id.
            if (view.Find(creator) is >= 0 and var person && view.KindOf(person) == ItemKind.User)
                counts.Blocked += Clear(bits, person) ? 1 : 0;
            counts.Blocked += ClearAll(view, creators, creator, bits);
        }
        foreach (var tag in request.ExcludedTags)
            counts.Blocked += ClearAll(view, view.Rows.Indexes.Tags, tag, bits);
        foreach (var song in request.ExcludedSongs)
            counts.Blocked += ClearAll(view, view.Rows.Indexes.Songs, song, bits);
        counts.Eligible -= counts.Excluded + counts.Blocked;
        if (request.Filter is not null && counts.Eligible > 0)
            Filter(view, request.Filter, request.Now, bits, scratch, ref counts);
        return counts;
    }

    // A kept bitmap costs an AND. When one chunk has none, the filter runs over all chunks, which costs it hardly more.
    private static void Admit(PartitionView view, SceneAdmission admission, long scoreTime, Span<ulong> bits, BitmapStack scratch, ref EligibilityCounts counts)
    {
        var key = admission.KeyAt(scoreTime);
        var words = 1 << (view.ChunkShift - 6);
        var marked = Span<ulong>.Empty;
        for (var chunk = 0; chunk < view.ChunkCount; chunk++)
        {
            var kept = view.Memos[chunk].Of<RecallMemo>().Admission(key, view.RowsOfChunk(chunk));
            if (kept is null)
            {
                if (marked.IsEmpty)
                {
                    marked = scratch.Push(bits.Length);
                    admission.Filter.Mark(view, scoreTime, marked, scratch);
                }
                kept = new ChunkAdmission(key, view.RowsOfChunk(chunk), marked.Slice(chunk * words, words).ToArray());
                view.Memos[chunk].Of<RecallMemo>().Keep(kept);
            }
            var admitted = kept.Bits;
            var of = bits.Slice(chunk * words, words);
            for (var word = 0; word < of.Length; word++)
            {
                counts.Admission += BitOperations.PopCount(of[word] & ~admitted[word]);
                of[word] &= admitted[word];
            }
        }
        if (!marked.IsEmpty)
            scratch.Pop();
        counts.Eligible -= counts.Admission;
    }

    private static void Filter(PartitionView view, ItemFilter filter, long now, Span<ulong> bits, BitmapStack scratch, ref EligibilityCounts counts)
    {
        var matching = scratch.Push(bits.Length);
        filter.Mark(view, now, matching, scratch);
        for (var i = 0; i < bits.Length; i++)
        {
            counts.Filtered += BitOperations.PopCount(bits[i] & ~matching[i]);
            bits[i] &= matching[i];
        }
        counts.Eligible -= counts.Filtered;
        scratch.Pop();
    }

    // Rows of a symbol; a common one, as a tag may be, costs an AND-NOT of its bitmap.
    private static int ClearAll(PartitionView view, SymbolIndex index, ulong key, Span<ulong> bits)
    {
        var (symbol, cleared) = (index.Find(key), 0);
        if (index.Dense(symbol, view.RowCount, bits.Length) is { } common)
        {
            for (var word = 0; word < bits.Length; word++)
            {
                cleared += BitOperations.PopCount(bits[word] & common[word]);
                bits[word] &= ~common[word];
            }
            return cleared;
        }
        foreach (var rows in index.Rows(symbol, view.RowCount))
        {
            foreach (var row in rows)
                cleared += Clear(bits, row) ? 1 : 0;
        }
        return cleared;
    }

    private static bool Clear(Span<ulong> bits, int row)
    {
        var bit = 1UL << row;
        if ((bits[row >> 6] & bit) == 0)
            return false;
        bits[row >> 6] &= ~bit;
        return true;
    }
}
