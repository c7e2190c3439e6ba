using KgOrleans.Kernels.Dot;
using KgOrleans.Ranking.Catalogue;

namespace KgOrleans.Ranking.Recall;

/// <summary>Dot products of user vectors with the item vectors of given rows. A workspace for one caller at a time.</summary>
internal sealed class ModelScores
{
    private readonly UserPacker _packer = new();

    /// <summary>Scores of rows for a user vector, from both planes.</summary>
    public void Score(PartitionView view, float[] userVector, ReadOnlySpan<int> rows, Span<float> scores) => Score(view, view.Space!, userVector, rows, scores);

    /// <summary>Scores of rows in the model channel, from both planes.</summary>
    public void ScoreChannel(PartitionView view, RecallTask task, ReadOnlySpan<int> rows, Span<float> scores) =>
        Score(view, view.ModelSpace, task.ModelVector, rows, scores);

    private void Score(PartitionView view, SpaceColumns space, float[] userVector, ReadOnlySpan<int> rows, Span<float> scores) =>
        Int8Rescore.Gather(_packer.Padded(userVector, space.Width), space.Table(view.RowCount), rows, scores);

    /// <summary>Scores of rows from their codes alone.</summary>
    /// <returns>By how much they are off at most.</returns>
    public float RoughScore(PartitionView view, float[] userVector, ReadOnlySpan<int> rows, Span<float> scores)
    {
        var space = view.Space!;
        Int8Dot.Gather(_packer.Pack(userVector, space.Width), 0, space.Table(view.RowCount), rows, scores);
        return ErrorBound(space, userVector);
    }

    /// <summary>
    /// By how much a score from codes alone is off at most: half a step of the row's codes times |u|_1, half a step of the user's codes times the
    /// row's |x|_1, and rounding.
    /// </summary>
    public static float ErrorBound(SpaceColumns space, float[] user)
    {
        var (sum, largest) = (0f, 0f);
        foreach (var x in user)
        {
            sum += MathF.Abs(x);
            largest = MathF.Max(largest, MathF.Abs(x));
        }
        var codes = 0.5f * sum;
        var users = largest / (2 * 32767f) * 127 * user.Length;
        var rounding = (user.Length + 16) * 127 * sum / (1 << 22);
        return space.LargestScale * (codes + users + rounding);
    }
}
