using KgOrleans.Ranking.Catalogue;

namespace KgOrleans.Ranking.Recall;

/// <summary>Rows of a chunk whose exposure is owed and not yet delivered, dead and ineligible ones included.</summary>
/// <param name="Settings">What is owed.</param>
/// <param name="Now">The time, unix milliseconds.</param>
/// <param name="Rows">Places in the chunk, in the order of their scores.</param>
/// <param name="Scores">Score of each, descending.</param>
internal sealed record FreshColumn(ColdStartSettings Settings, long Now, int[] Rows, float[] Scores)
{
    /// <summary>The column of a chunk at a time; kept until the chunk changes.</summary>
    public static FreshColumn Of(PartitionView view, int chunk, ColdStartSettings settings, long now)
    {
        var memo = view.Memos[chunk].Of<RecallMemo>();
        var fresh = memo.Fresh(settings, now);
        if (fresh is null)
        {
            fresh = Compute(view, chunk, settings, now);
            memo.Keep(fresh);
        }
        return fresh;
    }

    // Most owed first: requests read as many as can win.
    private static unsafe FreshColumn Compute(PartitionView view, int chunk, ColdStartSettings settings, long now)
    {
        var columns = view.Rows.ColumnsOfChunk(chunk);
        var (rows, scores) = (new List<int>(), new List<float>());
        for (var block = 0; block * view.States.PageRows < view.RowsOfChunk(chunk); block++)
        {
            var page = view.States.Page(chunk, block);
            var first = block * view.States.PageRows;
            var end = Math.Min(first + view.States.PageRows, view.RowsOfChunk(chunk));
            for (var place = first; place < end; place++)
            {
                if (!Exposure.IsOwed(settings, now, columns.PublishedAt[place], columns.Qualities[place]))
                    continue;
                var impressions = page.IsEmpty ? 0 : page[place - first].Impressions;
                if (impressions >= settings.Impressions)
                    continue;
                rows.Add(place);
                scores.Add(Exposure.ScoreOf(settings, impressions, columns.Qualities[place]));
            }
        }
        var (places, owed) = (rows.ToArray(), scores.ToArray());
        Array.Sort(owed, places);
        Array.Reverse(owed);
        Array.Reverse(places);
        return new FreshColumn(settings, now, places, owed);
    }
}
