using KgOrleans.Ranking.Catalogue;

namespace KgOrleans.Ranking.Recall;

/// <summary>
/// Pre-rank scores of rows: the towers' dot product plus the scene's calibration, or statistics. A score depends on the item, the user and the time
/// alone.
/// </summary>
/// <remarks>
/// Statistics: (plays + 20 x 0.3) / (n + 20) + 2 (likes + 20 x 0.05) / (n + 20) + 0.1 log2(1 + popularity), the two rates at most 1, where n is the largest of
/// impressions, plays and likes: a history that was imported without impressions has no rates, and one play of one must not pass a thousand. The priors are
/// those of an average item of the demo world over 20 impressions, so an item with one lucky impression does not lead. A like is rarer than a play and says
/// more.
/// </remarks>
internal sealed class PreRankScorer(ModelScores model)
{
    private const double DayMs = 86_400_000;
    private const float PriorImpressions = 20;
    private const float PriorPlays = 0.3f * PriorImpressions;
    private const float PriorLikes = 0.05f * PriorImpressions;
    private const float LikeWeight = 2;
    private const float HotWeight = 0.1f;

    private readonly Dictionary<int, float> _tones = [];
    private readonly Dictionary<int, float> _creators = [];
    private PreRanker _ranker;
    private PreRankCalibration _calibration = new();
    private bool _isCalibrated;
    private long _now;

    /// <summary>Prepares for one request.</summary>
    public void Start(PartitionView view, RecallTask task)
    {
        var scene = task.Request.Scene;
        (_ranker, _calibration, _now) = (task.Request.Ranker, scene.Calibration, task.Request.ScoreTime);
        _isCalibrated = !_calibration.IsNone();
        Resolve(view.Rows.Indexes.Tones, scene.Tones, _tones);
        Resolve(view.Rows.Indexes.Creators, scene.Creators, _creators);
    }

    /// <summary>Scores of rows.</summary>
    /// <param name="view">The view.</param>
    /// <param name="task">The request.</param>
    /// <param name="rows">The rows.</param>
    /// <param name="dots">Receives dot products; NaN without a model.</param>
    /// <param name="scores">Receives pre-rank scores; NaN where there are none.</param>
    public void Exact(PartitionView view, RecallTask task, ReadOnlySpan<int> rows, Span<float> dots, Span<float> scores)
    {
        if (task.HasModel)
            model.Score(view, task.Request.UserVector, rows, dots);
        else
            dots[..rows.Length].Fill(float.NaN);
        Finish(view, rows, dots, scores);
    }

    /// <summary>Scores of rows that may be off.</summary>
    /// <returns>By how much at most.</returns>
    public float Rough(PartitionView view, RecallTask task, ReadOnlySpan<int> rows, Span<float> scores)
    {
        var error = 0f;
        if (_ranker == PreRanker.Towers && task.HasCoarse && view.RecallDimension == 0)
        {
            for (var i = 0; i < rows.Length; i++)
                scores[i] = task.CoarseAt(rows[i]);
            error = ModelScores.ErrorBound(view.Space!, task.Request.UserVector);
        }
        else if (_ranker == PreRanker.Towers && task.HasModel)
            error = model.RoughScore(view, task.Request.UserVector, rows, scores);
        else
            scores[..rows.Length].Fill(float.NaN);
        Finish(view, rows, scores, scores);
        return error;
    }

    private void Finish(PartitionView view, ReadOnlySpan<int> rows, ReadOnlySpan<float> dots, Span<float> scores)
    {
        switch (_ranker)
        {
            case PreRanker.Statistics:
                for (var i = 0; i < rows.Length; i++)
                    scores[i] = Statistics(view, rows[i]);
                break;
            case PreRanker.Towers when _isCalibrated:
                for (var i = 0; i < rows.Length; i++)
                    scores[i] = dots[i] + Added(view, rows[i]);
                break;
            case PreRanker.Towers:
                dots[..rows.Length].CopyTo(scores);
                break;
            default:
                scores[..rows.Length].Fill(float.NaN);
                break;
        }
    }

    private float Statistics(PartitionView view, int row)
    {
        var counters = view.States.CountersOf(row);
        var seen = Math.Max(counters.Impressions, Math.Max(counters.Plays, counters.Likes)) + PriorImpressions;
        return MathF.Min(1, (counters.Plays + PriorPlays) / seen) + (LikeWeight * MathF.Min(1, (counters.Likes + PriorLikes) / seen))
            + (HotWeight * MathF.Log2(1 + counters.Hot(_now)));
    }

    private unsafe float Added(PartitionView view, int row)
    {
        var (columns, place) = (view.Rows.Columns(row), view.Rows.Place(row));
        var added = 0f;
        if (_calibration.Freshness != 0 && columns.PublishedAt[place] is not long.MinValue and var at)
            added = (float)_calibration.Freshness * (float)double.Exp2(-Math.Max(0, _now - at) / (_calibration.FreshnessHalfLifeDays * DayMs));
        if (_calibration.Quality != 0)
            added += (float)_calibration.Quality * (RowReader.QualityOf(columns.Qualities[place]) - RowReader.UnknownQuality);
        if (_tones.Count > 0 && _tones.TryGetValue(columns.Tones[place], out var tone))
            added += tone;
        if (_creators.Count > 0 && _creators.TryGetValue(columns.Creators[place], out var creator))
            added += creator;
        return added;
    }

    private static void Resolve(SymbolIndex index, (ulong Key, float Weight)[] weights, Dictionary<int, float> bySymbol)
    {
        bySymbol.Clear();
        foreach (var (key, weight) in weights)
        {
            // Symbol 0 is "none": a value that no item of the partition has.
            if (index.Find(key) is > 0 and var symbol)
                bySymbol[symbol] = weight;
        }
    }
}
