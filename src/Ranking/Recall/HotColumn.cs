using KgOrleans.Ranking.Catalogue;

namespace KgOrleans.Ranking.Recall;

/// <summary>Scores of the hot channel of a chunk's rows at a moment, on the scale of <see cref="HotScale"/>, and priors of the index channel.</summary>
/// <param name="Moment">Half-life and time of the scores.</param>
/// <param name="Rows">Rows that have a score, dead and ineligible ones included.</param>
/// <param name="Scores">Their scores, filled up to whole words of a bitmap. Pinned, so that kernels may read it by address as long as they hold it.</param>
/// <param name="Priors">1 + log2(1 + evidence) of each row; evidence is the sum of its positive events' weights, however old. Pinned like the scores.</param>
/// <param name="Best">The largest of every block, which is a page of counters: most blocks hold nothing that can still win.</param>
/// <param name="Versions">Version of the counters that each block was computed from.</param>
internal sealed record HotColumn(HotMoment Moment, int Rows, float[] Scores, float[] Priors, float[] Best, long[] Versions)
{
    /// <summary>Whether something about the chunk has changed since.</summary>
    public bool IsOld { get; init; }

    /// <summary>Whether a block holds the scores of rows whose counters have a version.</summary>
    public bool Holds(int block, int end, long version) => end <= Rows && Versions[block] == version;

    /// <summary>
    /// Scores of every row of a chunk. Kept for some moments until an event is counted in the chunk; then pages whose counters have not changed are copied.
    /// </summary>
    public static HotColumn Of(PartitionView view, int chunk, HotMoment moment)
    {
        var memo = view.Memos[chunk].Of<RecallMemo>();
        var column = memo.Hot(moment);
        if (column is null || column.IsOld)
        {
            // Two requests may compute it at once; both columns are equal.
            column = Compute(view, chunk, moment, column);
            memo.Keep(column);
        }
        return column;
    }

    private static unsafe HotColumn Compute(PartitionView view, int chunk, HotMoment moment, HotColumn? before)
    {
        var (states, rows) = (view.States, view.RowsOfChunk(chunk));
        var qualities = view.Rows.ColumnsOfChunk(chunk).Qualities;
        var scores = GC.AllocateArray<float>((rows + 63) & ~63, pinned: true);
        var priors = GC.AllocateArray<float>(scores.Length, pinned: true);
        Array.Fill(priors, 1f);
        var blocks = (rows + states.PageRows - 1) / states.PageRows;
        var column = new HotColumn(moment, rows, scores, priors, new float[blocks], new long[blocks]);
        for (var block = 0; block < blocks; block++)
        {
            var first = block * states.PageRows;
            var count = Math.Min(states.PageRows, rows - first);
            column.Versions[block] = states.VersionOf(chunk, block);
            if (before is not null && before.Holds(block, first + count, column.Versions[block]))
            {
                before.Scores.AsSpan(first, count).CopyTo(scores.AsSpan(first));
                before.Priors.AsSpan(first, count).CopyTo(priors.AsSpan(first));
                column.Best[block] = before.Best[block];
                continue;
            }
            var page = states.Page(chunk, block);
            var best = float.NegativeInfinity;
            for (var r = 0; r < count; r++)
            {
                var quality = RowReader.QualityOf(qualities[first + r]);
                scores[first + r] = page.IsEmpty ? HotScale.OfUnmet(quality) : page[r].HotOrder(moment, quality);
                if (!page.IsEmpty && page[r].Evidence is > 0 and var evidence)
                    priors[first + r] = 1 + MathF.Log2(1 + evidence);
                best = MathF.Max(best, scores[first + r]);
            }
            column.Best[block] = best;
        }
        return column;
    }
}
