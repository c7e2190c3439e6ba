using KgOrleans.Kernels;

namespace KgOrleans.Ranking.Catalogue;

/// <summary>The channels that order by popularity: hot over all rows, region over the postings of one region.</summary>
internal sealed class HotScan
{
    private const int Buffer = 1024;

    private readonly int[] _rows = new int[Buffer];
    private readonly float[] _scores = new float[Buffer];
    private readonly ulong[] _keys = new ulong[Buffer];

    /// <summary>The hot channel: chunk by chunk for all requests, so that scores and keys are read from memory once.</summary>
    public static unsafe void Hot(PartitionView view, ReadOnlySpan<RecallTask> tasks, PickZones zones)
    {
        foreach (var task in tasks)
            task.Best.Reset(Math.Max(1, task.Quota(RecallChannel.Hot)));
        for (var chunk = 0; chunk < view.ChunkCount; chunk++)
        {
            var keys = new ReadOnlySpan<ulong>(view.Rows.ColumnsOfChunk(chunk).Keys, view.RowsOfChunk(chunk));
            foreach (var task in tasks)
            {
                var picks = task.Picks[(int)RecallChannel.Hot];
                if (task.Quota(RecallChannel.Hot) <= 0 || picks.IsLate || task.IsLate(RecallChannel.Hot))
                    continue;
                OfferBlocks(view.HotOf(chunk), view.States.PageRows, keys, chunk << view.ChunkShift, task.BitsOf(view, chunk), task.Best);
            }
        }
        foreach (var task in tasks)
        {
            if (task.Quota(RecallChannel.Hot) > 0 && !task.Picks[(int)RecallChannel.Hot].IsLate)
                task.Complete(RecallChannel.Hot, zones);
        }
    }

    /// <summary>The region channel of one request.</summary>
    public unsafe void Region(PartitionView view, RecallTask task, PickZones zones)
    {
        var quota = task.Quota(RecallChannel.Region);
        if (quota <= 0 || task.Request.Region == 0 || task.IsLate(RecallChannel.Region))
            return;
        task.Best.Reset(quota);
        var index = view.Rows.Indexes.Regions;
        var (current, scores) = (-1, Array.Empty<float>());
        var count = 0;
        foreach (var rows in index.Rows(index.Find(task.Request.Region), view.RowCount))
        {
            foreach (var row in rows)
            {
                var (chunk, place) = (row >> view.ChunkShift, view.Rows.Place(row));
                // Rows of a run ascend: a chunk's column serves many of them.
                if (chunk != current)
                    (current, scores) = (chunk, view.HotOf(chunk).Scores);
                var score = scores[place];
                if (score < task.Best.Threshold || !task.IsEligible(row))
                    continue;
                (_rows[count], _scores[count], _keys[count]) = (row, score, view.Rows.ColumnsOfChunk(chunk).Keys[place]);
                if (++count < Buffer)
                    continue;
                task.Best.Offer(_scores, _keys, _rows);
                count = 0;
            }
            if (task.IsLate(RecallChannel.Region))
                return;
        }
        task.Best.Offer(_scores.AsSpan(0, count), _keys.AsSpan(0, count), _rows.AsSpan(0, count));
        task.Complete(RecallChannel.Region, zones);
    }

    /// <summary>The fresh channel of one request: works whose exposure is owed, most owed first.</summary>
    public unsafe void Fresh(PartitionView view, RecallTask task, PickZones zones)
    {
        var quota = task.Quota(RecallChannel.Fresh);
        if (quota <= 0 || task.Request.ColdStart is not { } settings || task.IsLate(RecallChannel.Fresh))
            return;
        task.Best.Reset(quota);
        for (var chunk = 0; chunk < view.ChunkCount; chunk++)
        {
            var fresh = view.FreshOf(chunk, settings, task.Request.ScoreTime);
            var keys = view.Rows.ColumnsOfChunk(chunk).Keys;
            var bits = task.BitsOf(view, chunk);
            var first = chunk << view.ChunkShift;
            for (var i = 0; i < fresh.Rows.Length; i++)
            {
                // None behind it can win either.
                if (fresh.Scores[i] < task.Best.Threshold)
                    break;
                var place = fresh.Rows[i];
                if (Eligibility.Has(bits, place))
                    task.Best.Offer(fresh.Scores[i], first + place, keys[place]);
            }
            if (task.IsLate(RecallChannel.Fresh))
                return;
        }
        task.Complete(RecallChannel.Fresh, zones);
    }

    private static void OfferBlocks(HotColumn hot, int rowsOfBlock, ReadOnlySpan<ulong> keys, int firstRow, ReadOnlySpan<ulong> bits, TopKStream best)
    {
        for (var block = 0; block < hot.Best.Length; block++)
        {
            if (hot.Best[block] < best.Threshold)
                continue;
            var from = block * rowsOfBlock;
            var count = Math.Min(rowsOfBlock, keys.Length - from);
            best.Offer(hot.Scores.AsSpan(from, count), keys.Slice(from, count), firstRow + from, bits[(from >> 6)..]);
        }
    }
}
