using KgOrleans.Kernels.TopK;
using KgOrleans.Ranking.Catalogue;

namespace KgOrleans.Ranking.Recall;

/// <summary>
/// Orders of a view's rows by popularity and by owed exposure, so a request reads the best instead of scanning all. Each is made when a view has been asked
/// for it a few times: in a catalogue that changes all the time a view lives for a request or two, too short for an order to pay off.
/// </summary>
internal sealed class ViewOrders : IMemo
{
    private const int AskedBefore = 4;
    private const int KeptFresh = 4;
    private const int KeptHot = 4;

    private readonly Lock _lock = new();
    private readonly FreshOrder[] _fresh = new FreshOrder[KeptFresh];
    private readonly HotOrder[] _hot = new HotOrder[KeptHot];
    private int _nextFresh;
    private int _nextHot;

    /// <summary>Rows of an order: enough for the quotas of wide scenes.</summary>
    public int Length { get; set; } = 32_768;

    /// <summary>The orders of a view.</summary>
    public static ViewOrders Of(PartitionView view) => view.Memo.Of<ViewOrders>();

    /// <inheritdoc />
    public IMemo AfterChange() => new ViewOrders();

    /// <summary>The order of the hot channel at a moment; null when it would not pay off yet.</summary>
    public OrderedRows? Hot(PartitionView view, HotMoment moment)
    {
        lock (_lock)
        {
            foreach (ref var kept in _hot.AsSpan())
            {
                if (kept.Asked > 0 && kept.Moment == moment)
                    return kept.Order ??= ++kept.Asked > AskedBefore ? HotOf(view, moment) : null;
            }
            _hot[_nextHot++ % KeptHot] = new HotOrder { Moment = moment, Asked = 1 };
            return null;
        }
    }

    /// <summary>The order of the fresh channel for some settings at a minute; null when it would not pay off yet.</summary>
    public OrderedRows? Fresh(PartitionView view, ColdStartSettings settings, long now)
    {
        lock (_lock)
        {
            foreach (ref var kept in _fresh.AsSpan())
            {
                if (kept.Now == now && kept.Settings == settings)
                    return kept.Order ??= ++kept.Asked > AskedBefore ? FreshOf(view, settings, now) : null;
            }
            _fresh[_nextFresh++ % KeptFresh] = new FreshOrder { Settings = settings, Now = now, Asked = 1 };
            return null;
        }
    }

    private unsafe OrderedRows HotOf(PartitionView view, HotMoment moment)
    {
        var best = new TopKStream(Length);
        for (var chunk = 0; chunk < view.ChunkCount; chunk++)
        {
            var rows = view.RowsOfChunk(chunk);
            best.Offer(HotColumn.Of(view, chunk, moment).Scores.AsSpan(0, rows), new ReadOnlySpan<ulong>(view.Rows.ColumnsOfChunk(chunk).Keys, rows),
                chunk << view.ChunkShift, view.States.Live(chunk));
        }
        return Of(best);
    }

    private unsafe OrderedRows FreshOf(PartitionView view, ColdStartSettings settings, long now)
    {
        var best = new TopKStream(Length);
        for (var chunk = 0; chunk < view.ChunkCount; chunk++)
        {
            var fresh = FreshColumn.Of(view, chunk, settings, now);
            var keys = view.Rows.ColumnsOfChunk(chunk).Keys;
            var live = view.States.Live(chunk);
            for (var i = 0; i < fresh.Rows.Length && fresh.Scores[i] >= best.Threshold; i++)
            {
                if (Eligibility.Has(live, fresh.Rows[i]))
                    best.Offer(fresh.Scores[i], (chunk << view.ChunkShift) + fresh.Rows[i], keys[fresh.Rows[i]]);
            }
        }
        return Of(best);
    }

    private static OrderedRows Of(TopKStream best)
    {
        var (rows, scores) = (new int[best.K], new float[best.K]);
        var count = best.Complete(rows, scores);
        return new OrderedRows(rows[..count], scores[..count], count < best.K);
    }

    private struct HotOrder
    {
        public HotMoment Moment;
        public int Asked;
        public OrderedRows? Order;
    }

    private struct FreshOrder
    {
        public ColdStartSettings Settings;
        public long Now;
        public int Asked;
        public OrderedRows? Order;
    }
}
