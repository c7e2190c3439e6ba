namespace KgOrleans.Lab.Evaluate;

/// <summary>How a method of ranking fared.</summary>
/// <param name="Name">Method.</param>
/// <param name="IsBaseline">Whether it is one that models have to beat.</param>
/// <param name="Ndcg">NDCG@10 of every user.</param>
/// <param name="Recall">Recall@50 of every user.</param>
internal sealed record EvaluateMethod(string Name, bool IsBaseline, double[] Ndcg, double[] Recall);

/// <summary>What an evaluation measured.</summary>
/// <param name="WorldId">World.</param>
/// <param name="Version">Version of the bundle.</param>
/// <param name="Users">Held-out users.</param>
/// <param name="Methods">Methods, in the order shown.</param>
/// <param name="Gauc">GAUC of the ranker on held-out impressions, by objective.</param>
/// <param name="RankerMicroseconds">Microseconds of one core per candidate that the ranker scored, features included.</param>
internal sealed record EvaluateResult(
    string WorldId, string Version, int Users, IReadOnlyList<EvaluateMethod> Methods, IReadOnlyDictionary<string, double> Gauc, double RankerMicroseconds);

/// <summary>A user's candidates, best first by the models.</summary>
/// <param name="Rows">Rows of the catalogue.</param>
/// <param name="Scores">Fused scores of the ranker, 0..1.</param>
/// <param name="Utilities">What showing each is worth in truth.</param>
/// <param name="Ideal">What the best possible page is worth, item by item.</param>
internal sealed record EvaluatePool(int[] Rows, float[] Scores, float[] Utilities, float[] Ideal);
