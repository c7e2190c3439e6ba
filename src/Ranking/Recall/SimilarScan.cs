using KgOrleans.Ranking.Catalogue;

namespace KgOrleans.Ranking.Recall;

/// <summary>The similar channel: the neighbours of what the user likes, which the query carries; each row's own share is applied here.</summary>
internal sealed class SimilarScan
{
    private int[] _rows = [];
    private float[] _scores = [];

    /// <summary>Fills the picks of a request.</summary>
    /// <param name="view">The view.</param>
    /// <param name="task">The request.</param>
    /// <param name="items">Interests in items, whose keys are partial keys, each once.</param>
    /// <param name="picker">Chooses the best.</param>
    public void Run(PartitionView view, RecallTask task, RecallInterest[] items, RowPicker picker)
    {
        if (task.Quota(RecallChannel.Similar) <= 0 || items.Length == 0 || task.IsLate(RecallChannel.Similar))
            return;
        if (_rows.Length < items.Length)
            (_rows, _scores) = (new int[items.Length], new float[items.Length]);
        var count = 0;
        foreach (var item in items)
        {
            var row = view.FindPartial(item.Key);
            if (row < 0 || !task.IsEligible(row))
                continue;
            (_rows[count], _scores[count]) = (row, item.Weight * SimilarScore.Share(view.States.CountersOf(row).Fans));
            count++;
        }
        picker.Take(view, task, RecallChannel.Similar, _rows.AsSpan(0, count), _scores.AsSpan(0, count), isCut: false);
    }
}
