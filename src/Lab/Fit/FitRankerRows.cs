using System.Runtime.InteropServices;
using KgOrleans.Inference.Factors;
using KgOrleans.Inference.Features;
using KgOrleans.Lab.Replay;

namespace KgOrleans.Lab.Fit;

/// <summary>Shown items as the ranker sees them, a row each, with what the user then did. The features are filled by the code that serves.</summary>
internal sealed class FitRankerRows(FeaturePlan plan, FactorSpace space)
{
    private readonly UserView _user = new();
    private readonly float[] _vector = new float[space.Model.Dimension];
    private readonly List<float> _values = [];
    private readonly List<float> _factorScores = [];
    private readonly List<byte[]> _labels = [];

    /// <summary>First row of each request, and the number of rows at the end.</summary>
    public List<int> Starts { get; } = [0];

    /// <summary>Columns that the ranker reads.</summary>
    public int Features { get; } = plan.Inputs.Sum(i => i.Width);

    /// <summary>Columns of a row: the features, then the logarithm of the position, which moves what users do and is not known before the ranking.</summary>
    public int Width => Features + 1;

    /// <summary>Number of rows.</summary>
    public int Count => _labels.Count;

    /// <summary>The rows, one after another.</summary>
    public ReadOnlySpan<float> Values => CollectionsMarshal.AsSpan(_values);

    /// <summary>Dot product of the vectors of user and item, by row.</summary>
    public ReadOnlySpan<float> FactorScores => CollectionsMarshal.AsSpan(_factorScores);

    /// <summary>Adds the items of a request.</summary>
    public void Add(ReplayedRequest request)
    {
        _user.Set(request.User);
        space.OfUser(request.User, _vector);
        var context = new Inference.RequestContext(request.At);
        for (var i = 0; i < request.Items.Count; i++)
        {
            ref var item = ref request.Items.Rows[i];
            var score = space.ScoreOf(_vector, in item);
            var source = new FeatureSource(_user, ref item, request.Items.ContentOf(i), context) { FactorScore = score };
            var at = _values.Count;
            CollectionsMarshal.SetCount(_values, at + Width);
            var row = CollectionsMarshal.AsSpan(_values)[at..];
            foreach (var input in plan.Inputs)
            {
                input.Fill(source, row[..input.Width]);
                row = row[input.Width..];
            }
            row[0] = request.Positions[i] < 0 ? 0 : MathF.Log(1 + request.Positions[i]);
            _factorScores.Add(score);
            _labels.Add(request.Labels[i]);
        }
        Starts.Add(Count);
    }

    /// <summary>Labels of an objective, by row.</summary>
    public bool[] LabelsOf(int objective) => [.. _labels.Select(l => l[objective] != 0)];

    /// <summary>Whether anything happened that an objective counts, by row.</summary>
    public bool[] AnyLabel() => [.. _labels.Select(l => l.AsSpan().ContainsAnyExcept((byte)0))];
}
