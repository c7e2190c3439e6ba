using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using KgOrleans.Ranking.Catalogue;

namespace KgOrleans.Ranking.Recall;

/// <summary>The channels that order by popularity, hot over all rows and region over those of one region, and the fresh channel.</summary>
internal static class HotScan
{
    /// <summary>The hot channel of one request.</summary>
    public static void Hot(PartitionView view, RecallTask task, RowPicker picker)
    {
        if (task.Quota(RecallChannel.Hot) <= 0)
            return;
        if (ViewOrders.Of(view).Hot(view, task.Moment) is { } order && picker.TryPick(view, task, RecallChannel.Hot, order))
            return;
        var scores = new Scores(view, task.Moment, rows: null);
        picker.Pick(view, task, RecallChannel.Hot, ref scores);
    }

    /// <summary>The region channel of one request.</summary>
    /// <param name="view">The view.</param>
    /// <param name="task">The request.</param>
    /// <param name="picker">Picks.</param>
    /// <param name="region">Workspace: rows of a region that is not common.</param>
    public static void Region(PartitionView view, RecallTask task, RowPicker picker, RowSet region)
    {
        if (task.Quota(RecallChannel.Region) <= 0 || task.Request.Region == 0 || task.IsLate(RecallChannel.Region))
            return;
        var index = view.Rows.Indexes.Regions;
        var symbol = index.Find(task.Request.Region);
        var rows = index.Dense(symbol, view.RowCount, view.BitmapWords);
        if (rows is null)
        {
            region.Clear(view.BitmapWords);
            foreach (var run in index.Rows(symbol, view.RowCount))
            {
                foreach (var row in run)
                    region.Add(row);
            }
            rows = region.Words;
        }
        var scores = new Scores(view, task.Moment, rows);
        picker.Pick(view, task, RecallChannel.Region, ref scores);
    }

    /// <summary>The fresh channel of one request: items whose exposure is owed, most owed first.</summary>
    public static void Fresh(PartitionView view, RecallTask task, RowPicker picker)
    {
        if (task.Quota(RecallChannel.Fresh) <= 0 || task.Request.Scene.Discovery.ColdStart is not { } settings)
            return;
        if (ViewOrders.Of(view).Fresh(view, settings, task.Request.ScoreTime) is not { } order || !picker.TryPick(view, task, RecallChannel.Fresh, order))
            picker.PickFresh(view, task, settings);
    }

    /// <summary>Popularity of all rows, or of some. A struct that the picker is compiled for.</summary>
    private unsafe struct Scores(PartitionView view, HotMoment moment, ulong[]? rows) : IRowScores
    {
        private const int WordShift = 6;

        // Words to a page of counters, as a power of two: pages are never smaller than a word.
        private readonly int _pageShift = BitOperations.Log2((uint)view.States.PageRows) - WordShift;
        private HotColumn? _column;
        private float* _scores;
        private int _firstWord;

        public void Enter(int chunk)
        {
            _column = HotColumn.Of(view, chunk, moment);
            _scores = (float*)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(_column.Scores));
            _firstWord = chunk << (view.ChunkShift - WordShift);
        }

        public readonly float* Of(int word, float floor, ref ulong eligible, float* scratch)
        {
            if (rows is not null)
                eligible &= rows[_firstWord + word];
            var scores = _scores + (word << WordShift);
            eligible = _column!.Best[word >> _pageShift] < floor ? 0 : eligible & ColumnMasks.AtLeast(scores, floor);
            return scores;
        }
    }
}
