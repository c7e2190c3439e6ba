using System.Text.Json;
using KgOrleans.CommandLine;
using KgOrleans.Kernels.Diversity;
using KgOrleans.Ranking.Keys;

namespace KgOrleans.Lab.Diversify;

/// <summary>A selection to make, as the case file states it.</summary>
internal sealed class DiversifyCase
{
    private const int MostPicks = 100_000;


    /// <summary>Relevance of each candidate, 0..1.</summary>
    public double[]? Relevance { get; init; }

    /// <summary>Vector of each candidate, of any length but zero: they are normalised. One of zeros is equally unlike all.</summary>
    public double[][]? Vectors { get; init; }

    /// <summary>Trade-off, 0..0.98: theta of the DPP, lambda of MMR, the greatest cosine allowed by scatter.</summary>
    public double Theta { get; init; } = 0.7;

    /// <summary>Picks wanted.</summary>
    public int Picks { get; init; } = 10;

    /// <summary>Each pick looks at the newest window - 1 before it; 0 for all.</summary>
    public int Window { get; init; }

    /// <summary>dpp, mmr or scatter.</summary>
    public string Method { get; init; } = "dpp";

    /// <summary>Traffic weight of each candidate, positive; absent for none. DPP only.</summary>
    public double[]? Weights { get; init; }

    /// <summary>Kind of each candidate, 0 and up; absent when kinds do not matter.</summary>
    public int[]? Kinds { get; init; }

    /// <summary>How much of the similarity the kind takes, 0..1.</summary>
    public double KindShare { get; init; } = 0.1;

    /// <summary>Reads and checks a case.</summary>
    /// <exception cref="InputException">It cannot be used; the message says what to change.</exception>
    public static DiversifyCase Parse(Stream json)
    {
        using var utf8 = new MemoryStream();
        json.CopyTo(utf8);
        if (!InputJson.TryRead<DiversifyCase>(utf8.ToArray(), "", InputJson.Options, out var read, out var error))
            throw new InputException($"the case is not valid: {error}");
        if (read.Relevance is null || read.Vectors is null)
            throw new InputException("the case needs relevance and vectors");
        read.Require();
        return read;
    }

    /// <summary>Unit vectors, row-major, kinds included, and their dimension.</summary>
    public (double[] Vectors, int Dimension) UnitVectors()
    {
        var content = Vectors!.Length == 0 ? 1 : Vectors[0].Length;
        var kinds = Kinds is { Length: > 0 } ? Kinds.Max() + 1 : 0;
        var dimension = content + kinds;
        var unit = new double[Vectors.Length * dimension];
        for (var i = 0; i < Vectors.Length; i++)
        {
            var squares = 0d;
            foreach (var x in Vectors[i])
                squares += x * x;
            var scale = Math.Sqrt(kinds > 0 ? 1 - KindShare : 1) / Math.Max(Math.Sqrt(squares), 1e-12);
            for (var c = 0; c < content; c++)
                unit[(i * dimension) + c] = Vectors[i][c] * scale;
            if (kinds > 0)
                unit[(i * dimension) + content + Kinds![i]] = Math.Sqrt(KindShare);
        }
        return (unit, dimension);
    }

    private void Require()
    {
        var count = Relevance!.Length;
        Check(Vectors!.Length == count, $"{count} relevances and {Vectors.Length} vectors");
        Check(Vectors.All(v => v is not null && v.Length == Vectors[0].Length && v.Length > 0), "vectors must have one length, at least 1");
        Check(Vectors.All(v => v.All(x => double.IsFinite(x) && Math.Abs(x) < 1e150)), "components must be finite");
        Check(Relevance.All(r => r is >= 0 and <= 1), "relevance must be 0..1");
        Check(Theta is >= 0 and <= 0.98, "theta must be 0..0.98");
        Check(Picks is >= 0 and <= MostPicks, $"picks must be 0..{MostPicks}");
        Check(Window is >= 0 and <= MostPicks, $"window must be 0..{MostPicks}");
        Check(Method is "dpp" or "mmr" or "scatter", "method must be dpp, mmr or scatter");
        Check(Weights is null || (Weights.Length == count && Weights.All(w => w > 0 && double.IsFinite(w))), "weights must be positive, one a candidate");
        Check(Kinds is null || (Kinds.Length == count && Kinds.All(k => k is >= 0 and < 1000)), "kinds must be 0..999, one a candidate");
        Check(KindShare is >= 0 and <= 1, "kindShare must be 0..1");
    }

    private static void Check(bool right, string what)
    {
        if (!right)
            throw new InputException($"the case is not valid: {what}");
    }
}

/// <summary>What was selected.</summary>
/// <param name="Picks">Positions, in order.</param>
/// <param name="Gains">Per pick, its log determinant gain (dpp), marginal relevance (mmr), or distance from the nearest (scatter).</param>
/// <param name="Remainder">Positions that the determinant cannot choose among, by relevance: with the picks, as many as asked for. Absent when there are
/// none.</param>
internal sealed record DiversifyAnswer(int[] Picks, double[] Gains, int[]? Remainder)
{
    // Gains below are rounding noise; the limit is absolute, as the reference has it.
    private static readonly double LeastGain = Math.Log(1e-10);

    /// <summary>Makes the selection.</summary>
    public static DiversifyAnswer Of(DiversifyCase asked)
    {
        var (vectors, dimension) = asked.UnitVectors();
        var count = Math.Min(asked.Picks, asked.Relevance!.Length);
        var picked = new int[count];
        var gains = new double[count];
        if (asked.Method == "dpp")
        {
            var quality = new double[asked.Relevance.Length];
            for (var i = 0; i < quality.Length; i++)
                quality[i] = GreedyDpp64.Quality(asked.Relevance[i], asked.Theta, asked.Weights?[i] ?? 1);
            var honest = new GreedyDpp64().Select(vectors, dimension, quality, asked.Picks, asked.Window, picked, gains).Honest;
            var end = Array.FindIndex(gains, 0, honest, gain => gain < LeastGain);
            if (end < 0)
                end = honest;
            // Stable: equal qualities stay in order of position.
            int[] rest = [.. picked[end..].OrderByDescending(i => quality[i]).ThenBy(i => i)];
            return new DiversifyAnswer(picked[..end], gains[..end], rest.Length > 0 ? rest : null);
        }
        float[] single = [.. vectors.Select(x => (float)x)];
        float[] relevance = [.. asked.Relevance.Select(r => (float)r)];
        var theta = (float)asked.Theta;
        _ = asked.Method == "mmr"
            ? new MarginalRelevance().Select(single, dimension, relevance, theta, asked.Picks, asked.Window, picked, gains)
            : new EmbeddingScatter().Select(single, dimension, relevance, theta, asked.Picks, asked.Window, picked, gains);
        return new DiversifyAnswer(picked, gains, null);
    }

    /// <summary>One line of JSON.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, JsonAnswer);

    private static readonly JsonSerializerOptions JsonAnswer = new(
        JsonSerializerDefaults.Web)
    { DefaultIgnoreCondition = System.Text.Json.Serialization.JsonIgnoreCondition.WhenWritingNull };
}
